package httpapi

import (
	"cmp"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/recurrence"
)

// eventDoc is an event as the API shows it: a single one, a master, or one
// occurrence of a series.
type eventDoc struct {
	ID               string     `json:"id"`
	ETag             string     `json:"etag"`
	Title            string     `json:"title"`
	Description      string     `json:"description"`
	Location         string     `json:"location"`
	Start            timeDoc    `json:"start"`
	End              timeDoc    `json:"end"`
	Recurrence       []string   `json:"recurrence"`
	RecurringEventID *string    `json:"recurring_event_id"`
	OriginalStart    *timeDoc   `json:"original_start"`
	Status           string     `json:"status"`
	Busy             bool       `json:"busy"`
	CountsAsBusy     bool       `json:"counts_as_busy"`
	Visibility       string     `json:"visibility"`
	MyResponse       *string    `json:"my_response"`
	Guests           []guestDoc `json:"guests"`
	Conference       *string    `json:"conference"`
	Origin           string     `json:"origin"`
	ReadOnly         bool       `json:"read_only"`
	Sync             syncDoc    `json:"sync"`
	Note             *string    `json:"note"`
	CreatedAt        *string    `json:"created_at"`
	UpdatedAt        *string    `json:"updated_at"`
}

// timeDoc is a day, or a moment with its zone.
type timeDoc struct {
	Date     string `json:"date,omitempty"`
	DateTime string `json:"date_time,omitempty"`
	TimeZone string `json:"time_zone,omitempty"`
}

type guestDoc struct {
	Email     *string `json:"email"`
	Name      *string `json:"name"`
	Response  string  `json:"response"`
	Optional  bool    `json:"optional"`
	Organizer bool    `json:"organizer"`
	Self      bool    `json:"self"`
}

type syncDoc struct {
	State  string         `json:"state"`
	Reason *itemReasonDoc `json:"reason"`
}

// eventView renders events: what is set aside, and zones that were looked up
// already (looking one up reads and parses a file).
type eventView struct {
	zone  string                         // of the calendar, "" is UTC
	aside map[string]calendar.Quarantine // by event id
	zones map[string]*time.Location
	// series has the versions of the series at hand, by id.
	series map[string]int64
	here   func(*calendar.Row) bool // born in Aura, and at no provider
	kept   bool                     // such events stay in Aura, since edits only come in
}

// occurrence renders one thing of an expanded range. An exception is addressed
// like the occurrence that it stands for, whatever id its row has.
func (v *eventView) occurrence(o recurrence.Occurrence) eventDoc {
	row := o.Row
	doc := v.row(row)
	doc.ID, doc.Start, doc.End, doc.Note = o.ID, v.moment(o.Start), v.moment(o.End), text(o.Odd)
	doc.Recurrence = []string{}
	if o.OriginalStart.IsZero() {
		return doc
	}
	master := cmp.Or(row.MasterID, row.ID)
	original := v.moment(o.OriginalStart)
	doc.ID = recurrence.Address(master, o.OriginalStart)
	doc.RecurringEventID, doc.OriginalStart = &master, &original
	return doc
}

// row renders a row as it stands: a master with its recurrence.
func (v *eventView) row(row *calendar.Row) eventDoc {
	created, updated := row.CreatedAt, row.UpdatedAt
	if created.IsZero() {
		created = updated
	}
	if updated.IsZero() {
		updated = created
	}
	doc := eventDoc{
		ID: row.ID, ETag: etag(row.Version, row.ID), Title: row.Title, Description: row.Description, Location: row.Location,
		Start: v.moment(row.Start), End: v.moment(row.End), Recurrence: append([]string{}, row.Recurrence...),
		Status: string(cmp.Or(row.Status, calendar.Confirmed)), Busy: row.Busy, CountsAsBusy: row.Busy && row.MyResponse != "declined",
		Visibility: string(cmp.Or(row.Visibility, calendar.DefaultVisibility)), MyResponse: text(row.MyResponse), Guests: []guestDoc{},
		Conference: text(row.Conference), Origin: string(row.Origin), ReadOnly: row.ReadOnly, Sync: v.sync(row),
		Note: text(row.Odd), CreatedAt: stamp(created), UpdatedAt: stamp(updated),
	}
	if series, known := v.series[row.MasterID]; known && row.IsException() {
		doc.ETag = exceptionTag(row, series)
	}
	for _, g := range row.Guests {
		doc.Guests = append(doc.Guests, guestDoc{
			Email: text(g.Email), Name: text(g.Name), Response: cmp.Or(g.Response, "needsAction"),
			Optional: g.Optional, Organizer: g.Organizer, Self: g.Self,
		})
	}
	return doc
}

func (v *eventView) sync(row *calendar.Row) syncDoc {
	if q, ok := v.aside[row.ID]; ok {
		return syncDoc{State: "quarantined", Reason: &itemReasonDoc{q.Code, q.Reason}}
	}
	switch {
	case v.kept && v.here(row):
		return syncDoc{State: "unlinked"}
	case row.Pending != "":
		return syncDoc{State: "pending"}
	case row.Link == nil:
		return syncDoc{State: "unlinked"}
	}
	return syncDoc{State: "synced"}
}

// moment renders a time in its own zone. A zone that this machine doesn't know
// keeps its name, and the moment is written in the calendar's; the event's note
// says so.
func (v *eventView) moment(t calendar.Time) timeDoc {
	if t.IsDate() {
		return timeDoc{Date: t.Date}
	}
	name := cmp.Or(t.Zone, v.zone, "UTC")
	zone := v.load(name)
	if zone == nil {
		zone = v.load(v.zone)
	}
	if zone == nil {
		zone = time.UTC
	}
	return timeDoc{DateTime: t.At.In(zone).Format(time.RFC3339), TimeZone: name}
}

// load gives a zone by its name, nil where there is none. "Local" would be the
// server's own, which means nothing to anybody.
func (v *eventView) load(name string) *time.Location {
	zone, seen := v.zones[name]
	if seen {
		return zone
	}
	if loaded, err := time.LoadLocation(name); err == nil && name != "" && name != "Local" {
		zone = loaded
	}
	if v.zones == nil {
		v.zones = map[string]*time.Location{}
	}
	v.zones[name] = zone
	return zone
}
