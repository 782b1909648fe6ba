package seed_test

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/googlesim"
	"aura.example/integrations/shared/googlesim/calendarv3"
	"aura.example/integrations/shared/googlesim/discovery"
	"aura.example/integrations/shared/googlesim/icsfile"
	"aura.example/integrations/shared/googlesim/seed"
)

func planted(t *testing.T, calendars []icsfile.Calendar) *googlesim.Sim {
	t.Helper()
	sim := googlesim.New(googlesim.Options{Around: discovery.Around(t, true)})
	t.Cleanup(sim.Close)
	if err := seed.Into(sim, calendars); err != nil {
		t.Fatal(err)
	}
	return sim
}

func defaults(t *testing.T) []icsfile.Calendar {
	t.Helper()
	calendars, err := seed.Default()
	if err != nil {
		t.Fatal(err)
	}
	return calendars
}

func text(t *testing.T, files ...string) []icsfile.Calendar {
	t.Helper()
	var paths []string
	for i, f := range files {
		path := filepath.Join(t.TempDir(), string(rune('a'+i))+".ics")
		if err := os.WriteFile(path, []byte(f), 0o600); err != nil {
			t.Fatal(err)
		}
		paths = append(paths, path)
	}
	calendars, err := seed.Read(paths...)
	if err != nil {
		t.Fatal(err)
	}
	return calendars
}

func ids(t *testing.T, sim *googlesim.Sim, email string) map[string]calendarv3.Role {
	t.Helper()
	entries, err := sim.Calendar.Calendars(email)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string]calendarv3.Role{}
	for _, e := range entries {
		out[e.ID] = e.Role
	}
	return out
}

func TestDefaultCalendarsHoldWhatASynchronisationStumblesOver(t *testing.T) {
	t.Parallel()
	sim := planted(t, defaults(t))
	if got := sim.Calendar.Accounts(); !slices.Equal(got, []string{ana, ben}) {
		t.Errorf("accounts %q", got)
	}
	const holidays, viewings = "en.example#holiday@group.v.calendar.google.com", "c_viewings0000000000000000@group.calendar.google.com"
	want := map[string]calendarv3.Role{ana: "owner", holidays: "reader", viewings: "owner", ben: "freeBusyReader"}
	if got := ids(t, sim, ana); !reflect.DeepEqual(got, want) {
		t.Errorf("ana's calendars %v, want %v", got, want)
	}
	if stored, err := sim.Calendar.Stored(viewings); err != nil || len(stored) != 0 {
		t.Errorf("the empty calendar holds %d events (%v)", len(stored), err)
	}

	// Counted in the file, before the simulator: a deleted event is not in
	// anybody's list, but it is in a first synchronisation.
	count := map[string]int{}
	for _, e := range defaults(t)[0].Events {
		start := e["start"].(map[string]any)
		summary, _ := e["summary"].(string)
		attendees, _ := e["attendees"].([]any)
		note := func(name string, is bool) {
			if is {
				count[name]++
			}
		}
		note("events", true)
		note("recurring", e["recurrence"] != nil)
		note("exceptions", e["recurringEventId"] != nil)
		note("excluded dates", strings.Contains(joined(e["recurrence"]), "EXDATE"))
		note("all day", start["date"] != nil)
		note("several days", days(e) >= 2)
		note("cancelled", e["status"] == "cancelled" && e["recurringEventId"] == nil)
		note("cancelled occurrences", e["status"] == "cancelled" && e["recurringEventId"] != nil)
		note("tentative", e["status"] == "tentative")
		note("guests", len(attendees) > 0)
		note("free", e["transparency"] == "transparent")
		note("markup", strings.Contains(summary, "<"))
		note("untitled", summary == "")
		note("private", e["visibility"] == "private")
		note("across a change of clocks", crossesClockChange(t, e))
		for _, a := range attendees {
			one := a.(map[string]any)
			note("declined by ana", one["email"] == ana && one["responseStatus"] == "declined")
		}
		if zone, ok := start["timeZone"].(string); ok {
			note("zone "+zone, true)
		}
	}
	for name, least := range map[string]int{
		"events": 190, "recurring": 12, "exceptions": 5, "excluded dates": 4, "all day": 8, "several days": 4, "cancelled": 4,
		"cancelled occurrences": 2, "tentative": 10, "guests": 30, "free": 8, "markup": 1, "untitled": 1, "private": 3,
		"across a change of clocks": 3, "declined by ana": 1, "zone Europe/Madrid": 100, "zone America/New_York": 2,
		"zone Asia/Tokyo": 2, "zone Europe/London": 1, "zone UTC": 2,
	} {
		if count[name] < least {
			t.Errorf("%s: %d, at least %d are wanted", name, count[name], least)
		}
	}
	if count["events"] > 230 {
		t.Errorf("%d events, some 200 are wanted", count["events"])
	}
}

func joined(v any) string {
	var b strings.Builder
	lines, _ := v.([]any)
	for _, l := range lines {
		b.WriteString(l.(string))
	}
	return b.String()
}

func moment(v any) time.Time {
	m := v.(map[string]any)
	if d, ok := m["date"].(string); ok {
		t, _ := time.Parse(time.DateOnly, d)
		return t
	}
	t, _ := time.Parse(time.RFC3339, m["dateTime"].(string))
	return t
}

func days(e icsfile.Event) int { return int(moment(e["end"]).Sub(moment(e["start"])).Hours() / 24) }

func crossesClockChange(t *testing.T, e icsfile.Event) bool {
	zone, ok := e["start"].(map[string]any)["timeZone"].(string)
	if !ok {
		return false
	}
	loc, err := time.LoadLocation(zone)
	if err != nil {
		t.Fatal(err)
	}
	_, before := moment(e["start"]).In(loc).Zone()
	_, after := moment(e["end"]).In(loc).Zone()
	return before != after
}

// Whatever file the times came from, the simulator lists them unshifted.
func TestSeedingShiftsNothing(t *testing.T) {
	t.Parallel()
	calendars := defaults(t)
	sim := planted(t, calendars)
	for _, c := range calendars[:3] {
		stored, err := sim.Calendar.Stored(c.ID)
		if err != nil {
			t.Fatal(err)
		}
		byID := map[any]calendarv3.Event{}
		for _, e := range stored {
			byID[e["id"]] = e
		}
		for _, e := range c.Events {
			got := byID[e["id"]]
			if got == nil {
				if e["status"] != "cancelled" {
					t.Errorf("%v (%v) is missing", e["summary"], e["id"])
				}
				continue
			}
			for _, k := range []string{"start", "end"} {
				if e["status"] != "cancelled" && !moment(got[k]).Equal(moment(e[k])) {
					t.Errorf("%v: %s is %v, was %v", e["summary"], k, got[k], e[k])
				}
			}
		}
	}
	// The call with New York is at 16:00 in Madrid, and at 15:00 in the week
	// between the two changes of clocks.
	from := time.Date(2026, 10, 19, 0, 0, 0, 0, time.UTC)
	events, err := sim.Calendar.Events(ana, ana, from, from.AddDate(0, 0, 21))
	if err != nil {
		t.Fatal(err)
	}
	madrid, err := time.LoadLocation("Europe/Madrid")
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range events {
		if e["summary"] == "Call with New York" {
			got = append(got, moment(map[string]any(e["start"].(map[string]any))).In(madrid).Format("01-02 15:04"))
		}
	}
	if want := []string{"10-22 16:00", "10-29 15:00", "11-05 16:00"}; !slices.Equal(got, want) {
		t.Errorf("calls at %q, want %q", got, want)
	}
}

// Google decides by self who may change an event; no file says it.
func TestPeopleKnowWhichCalendarTheyAre(t *testing.T) {
	t.Parallel()
	sim := planted(t, defaults(t))
	stored, err := sim.Calendar.Stored(ana)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]int{}
	for _, e := range stored {
		people := []any{e["organizer"], e["creator"]}
		if guests, ok := e["attendees"].([]any); ok {
			people = append(people, guests...)
		}
		for _, p := range people {
			person := p.(map[string]any)
			if is := person["email"] == ana; is != (person["self"] == true) {
				t.Errorf("%v: %v", e["summary"], person)
			}
			seen[person["email"].(string)]++
		}
	}
	if seen[ana] < 100 || seen[ben] == 0 || seen["pat@example.org"] == 0 {
		t.Errorf("people %v", seen)
	}
	invited := slices.IndexFunc(stored, func(e calendarv3.Event) bool { return e["summary"] == "Accountant's seminar" })
	if _, err := sim.Calendar.Patch(ana, ana, stored[invited]["id"].(string), calendarv3.Event{"location": "Elsewhere"}, calendarv3.SpanThis); err == nil {
		t.Error("a guest moved somebody else's event")
	}
	mine := slices.IndexFunc(stored, func(e calendarv3.Event) bool { return e["summary"] == "Photographer" })
	if _, err := sim.Calendar.Patch(ana, ana, stored[mine]["id"].(string), calendarv3.Event{"location": "Elsewhere"}, calendarv3.SpanThis); err != nil {
		t.Errorf("the organizer could not move her event: %v", err)
	}
}

func TestAnybodysFileBecomesTheFirstAccountsPrimaryCalendar(t *testing.T) {
	t.Parallel()
	cal := func(props string) string {
		return "BEGIN:VCALENDAR\n" + props + "BEGIN:VEVENT\nUID:1\nDTSTART:20261101T090000Z\nSUMMARY:one\nEND:VEVENT\nEND:VCALENDAR\n"
	}
	for name, c := range map[string]struct {
		file  string
		first string
		want  int
	}{
		"nameless":         {cal(""), ana, 1},
		"Google's primary": {cal("X-WR-CALNAME:me@gmail.example.com\n"), "me@gmail.example.com", 1},
		"named":            {cal("X-WR-CALNAME:My @ work\n"), ana, 1},
		"two calendars":    {cal("X-WR-CALNAME:First\n") + cal("X-WR-CALNAME:Second\n"), ana, 2},
	} {
		sim := planted(t, text(t, c.file))
		accounts := sim.Calendar.Accounts()
		if len(accounts) != 2 || accounts[0] != c.first {
			t.Errorf("%s: accounts %q", name, accounts)
		}
		if stored, err := sim.Calendar.Stored(c.first); err != nil || len(stored) != 1 {
			t.Errorf("%s: %d events in the primary calendar (%v)", name, len(stored), err)
		}
		if got := ids(t, sim, c.first); len(got) != c.want {
			t.Errorf("%s: calendars %v", name, got)
		}
	}
}

func TestBrokenFileNamesLineAndReasonAndNothingIsPlanted(t *testing.T) {
	t.Parallel()
	good := "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\nDTSTART:20261101T090000Z\nEND:VEVENT\nEND:VCALENDAR\n"
	dir := t.TempDir()
	for name, data := range map[string]string{"good.ics": good, "broken.ics": strings.Replace(good, "20261101T090000Z", "soon", 1)} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	calendars, err := seed.Read(filepath.Join(dir, "good.ics"), filepath.Join(dir, "broken.ics"))
	var bad *icsfile.Error
	if !errors.As(err, &bad) || bad.Line != 4 || !strings.HasPrefix(err.Error(), "broken.ics:4: DTSTART") || calendars != nil {
		t.Errorf("%v %v", calendars, err)
	}
	if _, err := seed.Read(filepath.Join(dir, "none.ics")); err == nil || !strings.Contains(err.Error(), "none.ics") {
		t.Errorf("missing file: %v", err)
	}
}

func TestWhatTheSimulatorRefusesNamesFileAndCalendar(t *testing.T) {
	t.Parallel()
	sim := googlesim.New(googlesim.Options{Around: discovery.Around(t, true)})
	t.Cleanup(sim.Close)
	calendars := text(t, "BEGIN:VCALENDAR\nX-WR-CALNAME:Mine\nX-GOOGLESIM-ROLE:king\nEND:VCALENDAR\n")
	err := seed.Into(sim, calendars)
	if err == nil || !strings.Contains(err.Error(), `a.ics: calendar "Mine"`) || !strings.Contains(err.Error(), "king") {
		t.Errorf("%v", err)
	}
}

func TestExportedSimulatorIsASeedOfItself(t *testing.T) {
	t.Parallel()
	sim := planted(t, defaults(t))
	exported, err := sim.Export()
	if err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := icsfile.Export(&b, exported); err != nil {
		t.Fatal(err)
	}
	again, err := icsfile.Parse("exported.ics", &b)
	if err != nil {
		t.Fatal(err)
	}
	second := planted(t, again)
	for _, email := range []string{ana, ben} {
		if a, b := ids(t, sim, email), ids(t, second, email); !reflect.DeepEqual(a, b) {
			t.Errorf("%s: %v became %v", email, a, b)
		}
	}
	from, to := time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC), time.Date(2027, 12, 31, 0, 0, 0, 0, time.UTC)
	for _, id := range []string{ana, ben, "en.example#holiday@group.v.calendar.google.com"} {
		owner := ana
		if id == ben {
			owner = ben
		}
		first, err := sim.Calendar.Events(owner, id, from, to)
		if err != nil {
			t.Fatal(err)
		}
		then, err := second.Calendar.Events(owner, id, from, to)
		if err != nil {
			t.Fatal(err)
		}
		if len(first) != len(then) || len(first) < 10 {
			t.Fatalf("%s: %d occurrences became %d", id, len(first), len(then))
		}
		for i := range first {
			for _, k := range []string{"start", "end", "summary", "description", "location", "status", "transparency", "attendees", "visibility", "id"} {
				if !reflect.DeepEqual(first[i][k], then[i][k]) {
					t.Errorf("%s: %s of %v: %v became %v", id, k, first[i]["summary"], first[i][k], then[i][k])
				}
			}
		}
	}
}
