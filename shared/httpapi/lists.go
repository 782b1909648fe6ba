package httpapi

import (
	"fmt"
	"net/http"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/integration"
)

type calendarDoc struct {
	ID         string  `json:"id"`
	Name       string  `json:"name"`
	Role       string  `json:"access_role"`
	Primary    bool    `json:"primary"`
	TimeZone   *string `json:"time_zone"`
	Selectable bool    `json:"selectable"`
	Note       *string `json:"note"`
	Selected   bool    `json:"selected"`
}

type calendarsDoc struct {
	list[calendarDoc]
	FetchedAt *string `json:"fetched_at"`
}

// calendars gives the account's calendars as the worker last saw them; none,
// fetched never, before it did.
func (h *Status) calendars(w http.ResponseWriter, r *http.Request) error {
	q := readQuery(r, "limit", "cursor")
	page := q.page()
	rec, err := h.record(r, q)
	if err != nil {
		return err
	}
	seen, err := h.Lists.Calendars(r.Context(), rec.Key)
	if err != nil {
		return fmt.Errorf("reading the calendar list: %w", err)
	}
	var doc calendarsDoc
	var docs []calendarDoc
	if seen != nil {
		doc.FetchedAt = stamp(seen.FetchedAt)
		for _, c := range seen.Calendars {
			docs = append(docs, showCalendar(c, rec.Settings.CalendarID))
		}
	}
	docs, next, err := paginate(docs, page, func(d calendarDoc) string { return d.ID })
	if err != nil {
		return err
	}
	doc.list = listOf(docs, next)
	return answer(w, http.StatusOK, doc)
}

// showCalendar says of a calendar whether it may be chosen, and why not or
// what choosing it means.
func showCalendar(c integration.ListedCalendar, chosen string) calendarDoc {
	if c.Primary { // stored and shown as such: its real id is an address that can change
		c.ID = integration.PrimaryCalendar
	}
	doc := calendarDoc{
		ID: c.ID, Name: c.Name, Role: c.Role, Primary: c.Primary, TimeZone: text(c.TimeZone),
		Selectable: calendar.Role(c.Role).CanRead(),
		Selected:   chosen != "" && c.ID == chosen,
	}
	switch {
	case !doc.Selectable:
		doc.Note = text("Only busy times are shared with you, so there is nothing to sync.")
	case !calendar.Role(c.Role).CanWrite():
		doc.Note = text("Shared with you for reading: its events are only brought in.")
	}
	return doc
}

type quarantineDoc struct {
	EventID         string        `json:"event_id"`
	Title           *string       `json:"title"`
	ProviderEventID *string       `json:"provider_event_id"`
	Operation       *string       `json:"operation"`
	Reason          itemReasonDoc `json:"reason"`
	Since           *string       `json:"since"`
}

type itemReasonDoc struct {
	Code    string `json:"code"`
	Message string `json:"message"`
}

func (h *Status) quarantine(w http.ResponseWriter, r *http.Request) error {
	q := readQuery(r, "limit", "cursor")
	page := q.page()
	rec, err := h.record(r, q)
	if err != nil {
		return err
	}
	all, err := h.Quarantines.Quarantined(r.Context(), rec.Account)
	if err != nil {
		return fmt.Errorf("reading the quarantine: %w", err)
	}
	var docs []quarantineDoc
	for _, q := range all {
		if q.Provider == rec.Provider {
			docs = append(docs, quarantineDoc{
				EventID: q.EventID, Title: text(q.Title), ProviderEventID: text(q.ProviderID), Operation: text(string(q.Op)),
				Reason: itemReasonDoc{q.Code, q.Reason}, Since: stamp(q.Since),
			})
		}
	}
	docs, next, err := paginate(docs, page, func(d quarantineDoc) string { return d.EventID })
	if err != nil {
		return err
	}
	return answer(w, http.StatusOK, listOf(docs, next))
}
