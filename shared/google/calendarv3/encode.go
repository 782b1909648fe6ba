package calendarv3

import (
	"time"

	api "google.golang.org/api/calendar/v3"

	"aura.example/integrations/shared/calendar"
)

// form is how a resource is written, which decides how something empty is said.
type form int

const (
	asWhole form = iota // insert and PUT: what is left out is empty
	asPatch             // PATCH: what is left out stays, so emptying needs a null
)

// write puts the named fields of a content into a resource. Whatever isn't one
// of the synced fields is never touched here: reminders, colour, label,
// conference, guests.
//
// Of one occurrence recurrence and visibility are passed over: it has none of
// the former, and since July 2026 a stricter visibility of one occurrence
// changes the whole series.
func write(e *api.Event, fields []calendar.Field, c calendar.Content, occurrence bool, as form) {
	for _, f := range fields {
		switch f {
		case calendar.FieldTitle:
			e.Summary = c.Title
			emptied(e, "Summary", c.Title == "", as)
		case calendar.FieldDescription:
			e.Description = c.Description
			emptied(e, "Description", c.Description == "", as)
		case calendar.FieldLocation:
			e.Location = c.Location
			emptied(e, "Location", c.Location == "", as)
		case calendar.FieldWhen:
			e.Start, e.End = point(c.Start, as), point(c.End, as)
		case calendar.FieldRecurrence:
			if !occurrence {
				e.Recurrence = c.Recurrence
				emptied(e, "Recurrence", len(c.Recurrence) == 0, as)
			}
		case calendar.FieldStatus:
			e.Status = string(c.Status)
		case calendar.FieldBusy:
			e.Transparency = "opaque"
			if !c.Busy {
				e.Transparency = "transparent"
			}
		case calendar.FieldVisibility:
			if !occurrence {
				e.Visibility = string(c.Visibility)
			}
		}
	}
}

// emptied says in a patch that a field is empty now.
func emptied(e *api.Event, name string, empty bool, as form) {
	if empty && as == asPatch {
		e.NullFields = append(e.NullFields, name)
	}
}

// point writes one end of an event. A patch merges inside objects too, so it
// names the other form's keys as null: both forms at once are refused as
// "Invalid start time."
//
// A moment is sent in UTC: its zone is said by name, and an offset beside it
// could only contradict that. A moment without a zone says nothing of one, and
// a patch then leaves the event's own alone.
func point(t calendar.Time, as form) *api.EventDateTime {
	var p api.EventDateTime
	var other []string
	if t.IsDate() {
		p.Date = t.Date
		other = []string{"DateTime", "TimeZone"}
	} else {
		p.DateTime, p.TimeZone = t.At.UTC().Format(time.RFC3339), t.Zone
		other = []string{"Date"}
	}
	if as == asPatch {
		p.NullFields = other
	}
	return &p
}

// leave puts a write's stamp among the event's private properties and leaves
// the others there alone.
func leave(e *api.Event, stamp string) {
	if e.ExtendedProperties == nil {
		e.ExtendedProperties = &api.EventExtendedProperties{}
	}
	if e.ExtendedProperties.Private == nil {
		e.ExtendedProperties.Private = map[string]string{}
	}
	e.ExtendedProperties.Private[stampKey] = stamp
}

// tell is the parameter that decides who is written to. It is always sent: its
// default has changed over time, and a storm of mail can't be taken back.
func tell(guests bool) string {
	if guests {
		return "all"
	}
	return "none"
}
