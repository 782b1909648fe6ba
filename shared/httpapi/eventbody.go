package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"net/http"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/edit"
	"aura.example/integrations/shared/fault"
)

// readEvent reads the body of a creation or a change. What its fields may hold
// is for the use case to say; here it is only whether they can be read.
func readEvent(r *http.Request, creates bool) (edit.Patch, error) {
	var p edit.Patch
	var start, end *eventTime
	var status, visibility *string
	when := optional
	if creates {
		when = required
	}
	err := readBody(r, map[string]field{
		"title": optional(&p.Title), "description": optional(&p.Description), "location": optional(&p.Location),
		"start": when(&start), "end": when(&end), "recurrence": optional(&p.Recurrence),
		"status": optional(&status), "busy": optional(&p.Busy), "visibility": optional(&visibility),
	})
	if err != nil {
		return p, err
	}
	var bad []fault.Field
	for _, t := range []struct {
		name string
		from *eventTime
		to   **calendar.Time
	}{{"start", start, &p.Start}, {"end", end, &p.End}} {
		if t.from == nil {
			continue
		}
		if t.from.wrong != nil {
			bad = append(bad, fault.Field{Field: t.name + t.from.member, Message: t.from.wrong.Error()})
		}
		*t.to = &t.from.at
	}
	if len(bad) > 0 {
		return p, fault.Fields(bad...)
	}
	if status != nil {
		s := calendar.EventStatus(*status)
		p.Status = &s
	}
	if visibility != nil {
		v := calendar.Visibility(*visibility)
		p.Visibility = &v
	}
	if p == (edit.Patch{}) {
		return p, fault.Fields(fault.Field{Field: "body", Message: "names no field"})
	}
	return p, nil
}

// content is a creation's, with the contract's defaults.
func content(p edit.Patch) calendar.Content {
	c := calendar.Content{Busy: true, Status: calendar.Confirmed, Visibility: calendar.DefaultVisibility}
	return p.Apply(c)
}

// eventTime reads {"date"} or {"date_time", "time_zone"}. It never fails to
// decode an object: what is wrong with it is named by member, with the others'
// findings.
type eventTime struct {
	at     calendar.Time
	member string // ".date", ".date_time", ".time_zone"; "" for the whole
	wrong  error
}

// UnmarshalJSON implements json.Unmarshaler.
func (t *eventTime) UnmarshalJSON(raw []byte) error {
	var doc struct {
		Date     *string `json:"date"`
		DateTime *string `json:"date_time"`
		TimeZone *string `json:"time_zone"`
	}
	d := json.NewDecoder(bytes.NewReader(raw))
	d.DisallowUnknownFields()
	if err := d.Decode(&doc); err != nil {
		t.wrong = errors.New(`must be {"date"} or {"date_time", "time_zone"}`)
		return nil
	}
	switch {
	case doc.Date != nil && doc.DateTime == nil && doc.TimeZone == nil:
		if _, err := time.Parse(time.DateOnly, *doc.Date); err != nil {
			t.member, t.wrong = ".date", errors.New("must be a day such as 2026-11-25")
		}
		t.at = calendar.Time{Date: *doc.Date}
	case doc.Date == nil && doc.DateTime != nil && doc.TimeZone != nil:
		at, err := time.Parse(time.RFC3339, *doc.DateTime)
		if err != nil {
			t.member, t.wrong = ".date_time", errors.New("must be a time such as 2026-11-25T10:00:00+01:00")
		}
		t.at = calendar.Time{At: at.UTC(), Zone: *doc.TimeZone}
	default:
		t.wrong = errors.New(`must be {"date"} or {"date_time", "time_zone"}`)
	}
	return nil
}
