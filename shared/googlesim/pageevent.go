package googlesim

import (
	"cmp"
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"time"

	"aura.example/integrations/shared/googlesim/calendarv3"
)

// eventPage shows the form for an event or an occurrence, or for a new event.
func (s *Sim) eventPage(w http.ResponseWriter, r *http.Request) error {
	account, entry, all, err := s.entryOf(r)
	if err != nil {
		return err
	}
	id := r.Form.Get("id")
	if id == "" {
		day, err := time.Parse(time.DateOnly, r.Form.Get("day"))
		if err != nil {
			day = s.Clock.Now().In(zoneOf(entry))
		}
		date := day.Format(time.DateOnly)
		return s.renderEvent(w, http.StatusOK, account, entry, all, nil, eventForm{
			StartDate: date, StartTime: "10:00", EndDate: date, EndTime: "11:00", Zone: cmp.Or(entry.TimeZone, "UTC"), Show: "opaque"}, "")
	}
	e, err := s.Calendar.Event(account, entry.ID, id)
	if err != nil {
		return err
	}
	return s.renderEvent(w, http.StatusOK, account, entry, all, e, formOf(e, zoneOf(entry)), "")
}

func (s *Sim) renderEvent(w http.ResponseWriter, status int, account string, entry calendarv3.Entry, all []calendarv3.Entry, e calendarv3.Event, f eventForm, problem string) error {
	view := map[string]any{
		"Title": "New event", "Account": account, "Calendar": entry, "Form": f, "Problem": problem,
		"Writable": entry.Role == calendarv3.RoleWriter || entry.Role == calendarv3.RoleOwner,
		"Month":    f.month(),
		// In the order in which Google's own menus have them.
		"Answers":      []string{"needsAction", "accepted", "tentative", "declined"},
		"Visibilities": []string{"public", "private", "confidential"},
	}
	if e != nil {
		raw, err := json.MarshalIndent(e, "", "  ")
		if err != nil {
			return err
		}
		var targets []calendarv3.Entry
		for _, c := range all {
			if c.ID != entry.ID && (c.Role == calendarv3.RoleWriter || c.Role == calendarv3.RoleOwner) {
				targets = append(targets, c)
			}
		}
		view["Title"] = cmp.Or(text(e, "summary"), "(no title)")
		view["ID"], view["Raw"], view["Targets"] = text(e, "id"), string(raw), targets
		view["Master"] = text(e, "recurringEventId")
		view["Series"] = e["recurrence"] != nil
		view["Guests"] = e["attendees"]
		view["Organizer"] = e["organizer"]
	}
	return s.render(w, status, "event.html", view)
}

// saveEvent creates an event, or changes what the form changed: fields that
// come back as they were shown are left alone, so editing a title does not
// touch a time that the form shows without its seconds.
func (s *Sim) saveEvent(w http.ResponseWriter, r *http.Request) error {
	account, entry, all, err := s.entryOf(r)
	if err != nil {
		return err
	}
	id, f := r.Form.Get("id"), readForm(r.Form)
	var before calendarv3.Event
	shown := eventForm{Show: "opaque"}
	if id != "" {
		if before, err = s.Calendar.Event(account, entry.ID, id); err != nil {
			return err
		}
		shown = formOf(before, zoneOf(entry))
		if text(before, "recurringEventId") != "" {
			f.Rules = shown.Rules // an occurrence has none, and the form no field
		}
	}
	patch, err := f.changes(shown, before)
	if err == nil && id == "" {
		dropNulls(patch)
		_, err = s.Calendar.Insert(account, entry.ID, patch)
	} else if err == nil && len(patch) > 0 {
		_, err = s.Calendar.Patch(account, entry.ID, id, patch, spanOf(r))
	}
	if err != nil { // once more, with what was typed
		return s.renderEvent(w, http.StatusUnprocessableEntity, account, entry, all, before, f, err.Error())
	}
	return toMonth(w, r, account, entry, f.month())
}

func (s *Sim) deleteEvent(w http.ResponseWriter, r *http.Request) error {
	account, entry, _, err := s.entryOf(r)
	if err != nil {
		return err
	}
	if err := s.Calendar.Delete(account, entry.ID, r.Form.Get("id"), spanOf(r)); err != nil {
		return err
	}
	return toMonth(w, r, account, entry, r.Form.Get("month"))
}

func (s *Sim) moveEvent(w http.ResponseWriter, r *http.Request) error {
	account, entry, _, err := s.entryOf(r)
	if err != nil {
		return err
	}
	if _, err := s.Calendar.MoveTo(account, entry.ID, r.Form.Get("id"), r.Form.Get("to")); err != nil {
		return err
	}
	return toMonth(w, r, account, entry, r.Form.Get("month"))
}

func spanOf(r *http.Request) calendarv3.Span {
	switch span := calendarv3.Span(r.Form.Get("span")); span {
	case calendarv3.SpanFollowing, calendarv3.SpanAll:
		return span
	}
	return calendarv3.SpanThis
}

func toMonth(w http.ResponseWriter, r *http.Request, account string, entry calendarv3.Entry, month string) error {
	return back(w, r, "/ui/calendar", url.Values{"account": {account}, "calendar": {entry.ID}, "month": {month}})
}

// dropNulls takes out what a new event has no use for.
func dropNulls(m map[string]any) {
	for k, v := range m {
		if inner, ok := v.(map[string]any); ok {
			dropNulls(inner)
		}
		if v == nil || v == "" {
			delete(m, k)
		}
	}
}

// month is where the form's event begins, as the month page is addressed.
func (f eventForm) month() string {
	if len(f.StartDate) < 7 {
		return ""
	}
	return strings.TrimSpace(f.StartDate[:7])
}
