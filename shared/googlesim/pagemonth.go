package googlesim

import (
	"net/http"
	"slices"
	"strings"
	"time"

	"aura.example/integrations/shared/googlesim/calendarv3"
)

// dayView is one day of the month's grid.
type dayView struct {
	Date    time.Time
	Outside bool // of the month
	Today   bool
	Events  []chip
}

// chip is an event on one of its days.
type chip struct {
	ID, Time, Title string
	Class           string // for the stylesheet
}

// monthPage shows one calendar's month, in the calendar's own time zone.
func (s *Sim) monthPage(w http.ResponseWriter, r *http.Request) error {
	account, entry, all, err := s.entryOf(r)
	if err != nil {
		return err
	}
	loc := zoneOf(entry)
	now := s.Clock.Now().In(loc)
	month, err := time.ParseInLocation("2006-01", r.Form.Get("month"), loc)
	if err != nil {
		month = time.Date(now.Year(), now.Month(), 1, 0, 0, 0, 0, loc)
	}
	days := grid(month, now)
	from, to := days[0].Date, days[len(days)-1].Date.AddDate(0, 0, 1)
	events, err := s.Calendar.Events(account, entry.ID, from, to)
	if err != nil {
		return err
	}
	for _, e := range events {
		place(days, e, loc)
	}
	for i := range days { // all-day events on top, the rest by time
		slices.SortStableFunc(days[i].Events, func(a, b chip) int { return strings.Compare(a.Time, b.Time) })
	}
	return s.render(w, http.StatusOK, "month.html", map[string]any{
		"Title":     entry.Summary,
		"Account":   account,
		"Calendar":  entry,
		"Calendars": all,
		"Month":     month,
		"Prev":      month.AddDate(0, -1, 0).Format("2006-01"),
		"Next":      month.AddDate(0, 1, 0).Format("2006-01"),
		"Days":      days,
		"Events":    len(events),
		"Writable":  entry.Role == calendarv3.RoleWriter || entry.Role == calendarv3.RoleOwner,
		"Expired":   r.Form.Get("done") == "expired",
		"Roles":     []calendarv3.Role{calendarv3.RoleOwner, calendarv3.RoleWriter, calendarv3.RoleReader, calendarv3.RoleFreeBusy},
	})
}

// grid is the month in whole weeks from Monday on.
func grid(month, now time.Time) []dayView {
	first := month.AddDate(0, 0, -(int(month.Weekday())+6)%7)
	var days []dayView
	for d := first; d.Before(month.AddDate(0, 1, 0)) || len(days)%7 != 0; d = d.AddDate(0, 0, 1) {
		days = append(days, dayView{
			Date:    d,
			Outside: d.Month() != month.Month(),
			Today:   d.Format(time.DateOnly) == now.Format(time.DateOnly),
		})
	}
	return days
}

// place puts an event on each of its days. A day is found by its date and not
// by dividing hours, since some have 23 or 25.
func place(days []dayView, e calendarv3.Event, loc *time.Location) {
	start, allDay, ok := instant(e["start"], loc)
	end, _, ok2 := instant(e["end"], loc)
	if !ok || !ok2 {
		return
	}
	c := chip{ID: text(e, "id"), Title: text(e, "summary"), Class: strings.Join(looks(e, allDay), " ")}
	if c.Title == "" {
		c.Title = "(no title)"
		if _, visible := e["summary"]; !visible && e["attendees"] == nil && e["creator"] == nil {
			c.Title = "Busy" // all that a freeBusyReader is told
		}
	}
	first, last := start.Format(time.DateOnly), end.Add(-time.Nanosecond).Format(time.DateOnly)
	last = max(first, last) // no length: on its day all the same
	for i := range days {
		date := days[i].Date.Format(time.DateOnly)
		if date < first || date > last {
			continue
		}
		c.Time = ""
		switch {
		case allDay:
		case date == first:
			c.Time = start.Format("15:04")
		default:
			c.Time = "00:00"
		}
		days[i].Events = append(days[i].Events, c)
	}
}

// looks names what an event's appearance says about it.
func looks(e calendarv3.Event, allDay bool) []string {
	var out []string
	add := func(name string, is bool) {
		if is {
			out = append(out, name)
		}
	}
	add("allday", allDay)
	add("tentative", text(e, "status") == "tentative")
	add("free", text(e, "transparency") == "transparent")
	add("series", text(e, "recurringEventId") != "")
	guests, _ := e["attendees"].([]any)
	for _, g := range guests {
		guest, _ := g.(map[string]any)
		add("declined", guest["self"] == true && guest["responseStatus"] == "declined")
	}
	return out
}

// instant reads start or end: a date is midnight in the calendar's zone.
func instant(v any, loc *time.Location) (t time.Time, allDay, ok bool) {
	m, _ := v.(map[string]any)
	if date, is := m["date"].(string); is {
		t, err := time.ParseInLocation(time.DateOnly, date, loc)
		return t, true, err == nil
	}
	at, _ := m["dateTime"].(string)
	t, err := time.Parse(time.RFC3339, at)
	return t.In(loc), false, err == nil
}

// text is a string member of an event.
func text(e map[string]any, name string) string {
	s, _ := e[name].(string)
	return s
}
