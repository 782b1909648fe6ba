package googlesim

import (
	"net/url"
	"slices"
	"strings"
	"time"

	"aura.example/integrations/shared/googlesim/calendarv3"
)

// eventForm is an event as the form shows it and sends it back.
type eventForm struct {
	Summary, Location, Description string
	AllDay                         bool
	StartDate, StartTime           string
	EndDate, EndTime               string // of an all-day event the last day, not the one after
	Zone                           string
	Rules                          string // RRULE and the like, a line each
	Status                         string // confirmed or tentative
	Show                           string // opaque or transparent
	Visibility                     string
	Guests                         string // an address a line
	Answer                         string // the account's own, where it is a guest
}

func readForm(v url.Values) eventForm {
	get := func(name string) string {
		return strings.TrimSpace(strings.ReplaceAll(v.Get(name), "\r\n", "\n"))
	}
	return eventForm{
		Summary: get("summary"), Location: get("location"), Description: get("description"),
		AllDay:    v.Get("allday") != "",
		StartDate: get("start_date"), StartTime: get("start_time"), EndDate: get("end_date"), EndTime: get("end_time"),
		Zone: get("zone"), Rules: get("rules"), Status: get("status"), Show: get("show"),
		Visibility: get("visibility"), Guests: get("guests"), Answer: get("answer"),
	}
}

// formOf shows an event's times by its own zone, or the calendar's.
func formOf(e calendarv3.Event, loc *time.Location) eventForm {
	f := eventForm{
		Summary: strings.TrimSpace(text(e, "summary")), Location: strings.TrimSpace(text(e, "location")),
		Description: strings.TrimSpace(text(e, "description")),
		Status:      text(e, "status"), Show: text(e, "transparency"), Visibility: text(e, "visibility"),
		Zone: loc.String(),
	}
	if f.Show == "" {
		f.Show = "opaque"
	}
	at, _ := e["start"].(map[string]any)
	if zone := text(at, "timeZone"); zone != "" {
		if own, err := time.LoadLocation(zone); err == nil {
			f.Zone, loc = zone, own
		}
	}
	start, allDay, _ := instant(e["start"], loc)
	end, _, _ := instant(e["end"], loc)
	if f.AllDay = allDay; allDay {
		end = end.AddDate(0, 0, -1)
	} else {
		f.StartTime, f.EndTime = start.Format("15:04"), end.Format("15:04")
	}
	f.StartDate, f.EndDate = start.Format(time.DateOnly), end.Format(time.DateOnly)
	rules, _ := e["recurrence"].([]any)
	var lines []string
	for _, r := range rules {
		if line, ok := r.(string); ok {
			lines = append(lines, line)
		}
	}
	f.Rules = strings.Join(lines, "\n")
	var guests []string
	for _, g := range guestsOf(e) {
		guests = append(guests, text(g, "email"))
		if g["self"] == true {
			f.Answer = text(g, "responseStatus")
		}
	}
	f.Guests = strings.Join(guests, "\n")
	return f
}

func guestsOf(e calendarv3.Event) []map[string]any {
	list, _ := e["attendees"].([]any)
	var out []map[string]any
	for _, g := range list {
		if guest, ok := g.(map[string]any); ok {
			out = append(out, guest)
		}
	}
	return out
}

// changes is the patch from what was shown to what came back.
func (f eventForm) changes(shown eventForm, before calendarv3.Event) (calendarv3.Event, error) {
	patch := calendarv3.Event{}
	set := func(name, now, then string) {
		if now != then {
			patch[name] = now
		}
	}
	set("summary", f.Summary, shown.Summary)
	set("location", f.Location, shown.Location)
	set("description", f.Description, shown.Description)
	set("transparency", f.Show, shown.Show)
	if f.Status != "" {
		set("status", f.Status, shown.Status)
	}
	if f.Visibility != shown.Visibility {
		patch["visibility"] = "default"
		if f.Visibility != "" {
			patch["visibility"] = f.Visibility
		}
	}
	if f.AllDay != shown.AllDay || f.Zone != shown.Zone || f.StartDate != shown.StartDate || f.StartTime != shown.StartTime ||
		f.EndDate != shown.EndDate || f.EndTime != shown.EndTime {
		if err := f.times(patch); err != nil {
			return nil, err
		}
	}
	if f.Rules != shown.Rules {
		patch["recurrence"] = nil
		if f.Rules != "" {
			var rules []any
			for line := range strings.Lines(f.Rules) {
				if line = strings.TrimSpace(line); line != "" {
					rules = append(rules, line)
				}
			}
			patch["recurrence"] = rules
		}
	}
	if f.Guests != shown.Guests || f.Answer != shown.Answer {
		patch["attendees"] = f.guests(before)
	}
	return patch, nil
}

// guests keeps what is known about those who stay: an array in a patch
// replaces the whole one.
func (f eventForm) guests(before calendarv3.Event) []any {
	known := guestsOf(before)
	out := []any{}
	for _, address := range strings.Fields(f.Guests) {
		guest := map[string]any{"email": address}
		if i := slices.IndexFunc(known, func(g map[string]any) bool { return strings.EqualFold(text(g, "email"), address) }); i >= 0 {
			guest = known[i]
		}
		if guest["self"] == true && f.Answer != "" {
			guest["responseStatus"] = f.Answer
		}
		out = append(out, guest)
	}
	return out
}

// times writes start and end. Going from a day to a time or back needs the
// other member as null, or both would be there.
func (f eventForm) times(patch calendarv3.Event) error {
	loc, err := time.LoadLocation(f.Zone)
	if err != nil || f.Zone == "" || f.Zone == "Local" {
		return complain("“" + f.Zone + "” is not a time zone; one is Europe/Madrid.")
	}
	write := func(date, clock string, plusDays int) (map[string]any, time.Time, error) {
		if f.AllDay {
			t, err := time.Parse(time.DateOnly, date)
			t = t.AddDate(0, 0, plusDays)
			return map[string]any{"date": t.Format(time.DateOnly), "dateTime": nil, "timeZone": nil}, t, err
		}
		t, err := time.ParseInLocation("2006-01-02 15:04", date+" "+clock, loc)
		return map[string]any{"dateTime": t.Format(time.RFC3339), "timeZone": f.Zone, "date": nil}, t, err
	}
	start, from, err := write(f.StartDate, f.StartTime, 0)
	if err != nil {
		return complain("The start needs a date, and a time unless it is all day.")
	}
	end, to, err := write(f.EndDate, f.EndTime, 1)
	if err != nil {
		return complain("The end needs a date, and a time unless it is all day.")
	}
	if to.Before(from) {
		return complain("The event ends before it starts.")
	}
	patch["start"], patch["end"] = start, end
	return nil
}
