package calendarv3

import (
	"errors"
	"net/http"
	"slices"
	"strings"
)

// settle checks a resource that is about to be written through the API and
// brings it into the form that Google stores. What a client reads back is
// therefore not what it sent.
func (c *calendar) settle(d Event) *Error {
	for _, step := range []func(Event) *Error{c.settleTimes, c.settleRecurrence, settleChoices, c.settleAttendees, settleReminders} {
		if err := step(d); err != nil {
			return err
		}
	}
	settleProperties(d)
	settleTexts(d)
	dropDefaults(d)
	return nil
}

// settleTimes holds the rules for start and end. That one is missing is noticed
// first, the end's absence before the start's, as Google does.
func (c *calendar) settleTimes(d Event) *Error {
	for _, name := range []string{"end", "start"} {
		if _, err := readMoment(d.object(name), c.zone); errors.Is(err, errNoMoment) {
			return errRequired("Missing %s time.", name)
		}
	}
	ends := map[string]moment{}
	for _, name := range []string{"start", "end"} {
		m, err := c.settleTime(name, d.object(name), len(d.list("recurrence")) > 0)
		if err != nil {
			return err
		}
		ends[name] = m
	}
	start, end := ends["start"], ends["end"]
	if start.dated != end.dated {
		return errInvalid("The start and end times must either both be dates or both be date-times.")
	}
	if end.at.Before(start.at) || start.dated && !end.at.After(start.at) {
		return refuseCalendar(http.StatusBadRequest, "timeRangeEmpty", "The specified time range is empty.")
	}
	d["start"], d["end"] = start.write(c.zone, c.meta.TimeZone), end.write(c.zone, c.meta.TimeZone)
	return nil
}

// settleTime checks one end of an event. A zone is looked up even where an
// offset makes it needless for the instant: Google refuses names that it
// doesn't know.
func (c *calendar) settleTime(name string, from map[string]any, repeats bool) (moment, *Error) {
	m, err := readMoment(from, c.zone)
	if err == nil && m.zone != "" {
		_, err = loadZone(m.zone)
	}
	noZone := err == nil && repeats && !m.dated && m.zone == ""
	switch y := m.at.Year(); {
	case noZone, errors.Is(err, errNoZone):
		return m, errRequired("Missing time zone definition for %s time.", name)
	case errors.Is(err, errBadZone):
		return m, errInvalid("Invalid time zone definition for %s time.", name)
	case err != nil, y < 1, y > 9998:
		return m, errInvalid("Invalid %s time.", name)
	}
	return m, nil
}

// settleRecurrence rewrites every line in Google's own form. Whether a rule
// ever happens is not asked.
func (c *calendar) settleRecurrence(d Event) *Error {
	lines := d.list("recurrence")
	if len(lines) == 0 {
		delete(d, "recurrence")
		return nil
	}
	if d.text("recurringEventId") != "" {
		return errInvalid("An instance of a recurring event cannot have a recurrence of its own.")
	}
	out := make([]any, 0, len(lines))
	for _, l := range lines {
		line, _ := l.(string)
		normal, err := normalizeLine(line)
		if err != nil {
			return errInvalid("Invalid recurrence rule: %s", clip(line))
		}
		out = append(out, normal)
	}
	d["recurrence"] = out
	return nil
}

// choices are the members whose values are enumerated.
var choices = []struct {
	name string
	of   []string
}{
	{"status", []string{"confirmed", "tentative", "cancelled"}},
	{"transparency", []string{"opaque", "transparent"}},
	{"visibility", []string{"default", "public", "private", "confidential"}},
	{"colorId", strings.Fields("1 2 3 4 5 6 7 8 9 10 11")},
}

// settleChoices refuses what isn't listed and fills in the status.
func settleChoices(d Event) *Error {
	for _, ch := range choices {
		if v, ok := d[ch.name]; ok && v != nil && !slices.Contains(ch.of, d.text(ch.name)) {
			return errInvalid("Invalid %s value: %s", ch.name, clip(d.text(ch.name)))
		}
	}
	if d.text("status") == "" {
		d["status"] = statusConfirmed
	}
	if s := d.object("source"); s != nil {
		url := Event(s).text("url")
		if !strings.HasPrefix(url, "https://") && !strings.HasPrefix(url, "http://") {
			return errInvalid("Invalid source url.")
		}
	}
	return nil
}

// settleReminders: useDefault and overrides exclude each other; at most five,
// up to four weeks ahead.
func settleReminders(d Event) *Error {
	r := d.object("reminders")
	if r == nil {
		d["reminders"] = map[string]any{"useDefault": true}
		return nil
	}
	overrides := Event(r).list("overrides")
	useDefault, _ := r["useDefault"].(bool)
	if useDefault && len(overrides) > 0 {
		return refuseCalendar(http.StatusBadRequest, "cannotUseDefaultRemindersAndSpecifyOverride",
			"Cannot specify both default reminders and overrides at the same time.")
	}
	if len(overrides) > 5 {
		return errInvalid("Too many override reminders: at most 5.")
	}
	for _, o := range overrides {
		m := Event(asObject(o))
		minutes, ok := wholeNumber(m["minutes"], false)
		if how := m.text("method"); !ok || minutes < 0 || minutes > 40320 || how != "email" && how != "popup" {
			return errInvalid("Invalid reminder.")
		}
	}
	out := map[string]any{"useDefault": useDefault}
	if len(overrides) > 0 {
		out["overrides"] = overrides
	}
	d["reminders"] = out
	return nil
}

// settleAttendees needs an address of everybody and says who of them is the
// organizer and who the calendar itself.
func (c *calendar) settleAttendees(d Event) *Error {
	guests := d.list("attendees")
	if len(guests) == 0 {
		delete(d, "attendees")
		return nil
	}
	out := make([]any, 0, len(guests))
	for _, g := range guests {
		a := Event(asObject(g))
		email := strings.ToLower(a.text("email"))
		if name, host, ok := strings.Cut(email, "@"); !ok || name == "" || !strings.Contains(host, ".") || strings.ContainsAny(email, " \t\r\n<>,") {
			return errInvalid("Invalid attendee email.")
		}
		kept := map[string]any{"email": email, "responseStatus": "needsAction"}
		for _, name := range []string{"displayName", "comment", "optional", "additionalGuests", "resource", "responseStatus"} {
			if v, ok := a[name]; ok && v != nil && v != false && v != "" {
				kept[name] = v
			}
		}
		if !slices.Contains([]string{"needsAction", "declined", "tentative", "accepted"}, Event(kept).text("responseStatus")) {
			return errInvalid("Invalid attendee response status.")
		}
		if strings.EqualFold(email, c.meta.ID) {
			kept["self"] = true
		}
		if strings.EqualFold(email, Event(d.object("organizer")).text("email")) {
			kept["organizer"] = true
		}
		out = append(out, kept)
	}
	d["attendees"] = out
	return nil
}
