package googlesim_test

import (
	"net/http"
	"net/url"
	"reflect"
	"slices"
	"strings"
	"testing"

	"aura.example/integrations/shared/googlesim/calendarv3"
)

const viewings = "c_viewings0000000000000000@group.calendar.google.com"

func (b *browser) edit(e calendarv3.Event, change ...string) {
	b.Helper()
	doc := b.open("/ui/event", "account", ana, "calendar", ana, "id", e["id"].(string))
	b.submit("/ui/event", b.form(doc, "/ui/event"), change...)
}

func starts(events []calendarv3.Event) []string {
	var out []string
	for _, e := range events {
		at := e["start"].(map[string]any)
		if d, ok := at["date"].(string); ok {
			out = append(out, d)
		} else {
			out = append(out, at["dateTime"].(string)[:16])
		}
	}
	return out
}

func TestEventIsCreatedOnThePage(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	doc := b.open("/ui/event", "account", ana, "calendar", viewings, "day", "2027-01-05")
	b.submit("/ui/event", b.form(doc, "/ui/event"), "summary", "New <one>", "start_time", "09:30", "end_time", "10:15",
		"rules", "RRULE:FREQ=DAILY;COUNT=3", "guests", "kim@example.org\njo@example.org", "location", "Here", "show", "transparent")
	got := b.find(viewings, "New <one>", "2027-01-01", "2027-01-31")
	if want := []string{"2027-01-05T09:30", "2027-01-06T09:30", "2027-01-07T09:30"}; !slices.Equal(starts(got), want) {
		t.Fatalf("starts %q", starts(got))
	}
	e := got[0]
	if e["location"] != "Here" || e["transparency"] != "transparent" || e["description"] != nil || len(e["attendees"].([]any)) != 2 {
		t.Errorf("%v", e)
	}
	if at := e["start"].(map[string]any); at["timeZone"] != "Europe/Madrid" || !strings.HasSuffix(at["dateTime"].(string), "+01:00") {
		t.Errorf("start %v", at)
	}

	doc = b.open("/ui/event", "account", ana, "calendar", viewings, "day", "2027-02-01")
	b.submit("/ui/event", b.form(doc, "/ui/event"), "summary", "Days", "allday", "on", "start_time", "", "end_time", "", "end_date", "2027-02-03")
	e = b.find(viewings, "Days", "2027-02-01", "2027-02-10")[0]
	if e["start"].(map[string]any)["date"] != "2027-02-01" || e["end"].(map[string]any)["date"] != "2027-02-04" {
		t.Errorf("three days: %v to %v", e["start"], e["end"])
	}
}

func TestEditingTouchesOnlyWhatWasEdited(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	created, err := b.sim.Calendar.Insert(ana, ana, calendarv3.Event{
		"summary": "Odd", "description": "  kept <i>as is</i>\n",
		"start":     map[string]any{"dateTime": "2027-01-05T09:15:30+01:00", "timeZone": "Europe/Madrid"},
		"end":       map[string]any{"dateTime": "2027-01-05T09:45:40+01:00", "timeZone": "Europe/Madrid"},
		"attendees": []any{map[string]any{"email": "kim@example.org", "displayName": "Kim", "responseStatus": "accepted"}, map[string]any{"email": "jo@example.org"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	b.edit(created, "summary", "Odder")
	got, err := b.sim.Calendar.Event(ana, ana, created["id"].(string))
	if err != nil {
		t.Fatal(err)
	}
	for _, k := range []string{"start", "end", "description", "attendees"} {
		if !reflect.DeepEqual(got[k], created[k]) {
			t.Errorf("%s: %v became %v", k, created[k], got[k])
		}
	}
	if got["summary"] != "Odder" {
		t.Errorf("summary %v", got["summary"])
	}

	// Nothing edited: nothing written.
	b.edit(got)
	same, err := b.sim.Calendar.Event(ana, ana, created["id"].(string))
	if err != nil || same["etag"] != got["etag"] {
		t.Errorf("saving without a change wrote (%v)", err)
	}

	// A guest leaves; the other keeps name and answer.
	b.edit(got, "guests", "kim@example.org")
	got, err = b.sim.Calendar.Event(ana, ana, created["id"].(string))
	if err != nil {
		t.Fatal(err)
	}
	guests := got["attendees"].([]any)
	if kim := guests[0].(map[string]any); len(guests) != 1 || kim["displayName"] != "Kim" || kim["responseStatus"] != "accepted" {
		t.Errorf("guests %v", guests)
	}

	// From a time to a day, and back.
	b.edit(got, "allday", "on")
	got, err = b.sim.Calendar.Event(ana, ana, created["id"].(string))
	if err != nil || !reflect.DeepEqual(got["start"], map[string]any{"date": "2027-01-05"}) {
		t.Errorf("start %v (%v)", got["start"], err)
	}
	b.edit(got, "allday", "", "start_time", "08:00", "end_time", "09:00", "zone", "America/New_York")
	got, err = b.sim.Calendar.Event(ana, ana, created["id"].(string))
	if at := got["start"].(map[string]any); err != nil || at["timeZone"] != "America/New_York" || at["date"] != nil {
		t.Errorf("start %v (%v)", at, err)
	}
}

func TestOneOccurrenceAllThatFollowAndTheWholeSeries(t *testing.T) {
	t.Parallel()
	const from, to = "2027-01-01", "2027-02-28"
	make := func(b *browser) []calendarv3.Event {
		if _, err := b.sim.Calendar.Insert(ana, ana, calendarv3.Event{
			"summary": "Series", "recurrence": []any{"RRULE:FREQ=WEEKLY;COUNT=5"},
			"start": map[string]any{"dateTime": "2027-01-05T09:00:00+01:00", "timeZone": "Europe/Madrid"},
			"end":   map[string]any{"dateTime": "2027-01-05T10:00:00+01:00", "timeZone": "Europe/Madrid"},
		}); err != nil {
			t.Fatal(err)
		}
		return b.find(ana, "Series", from, to)
	}
	t.Run("edit", func(t *testing.T) {
		t.Parallel()
		for span, want := range map[string][]string{
			"this":      {"2027-01-05T09:00", "2027-01-12T09:00", "2027-01-19T11:00", "2027-01-26T09:00", "2027-02-02T09:00"},
			"following": {"2027-01-05T09:00", "2027-01-12T09:00", "2027-01-19T11:00", "2027-01-26T11:00", "2027-02-02T11:00"},
			"all":       {"2027-01-05T11:00", "2027-01-12T11:00", "2027-01-19T11:00", "2027-01-26T11:00", "2027-02-02T11:00"},
		} {
			b := newBrowser(t)
			b.edit(make(b)[2], "span", span, "start_time", "11:00", "end_time", "12:00")
			if got := starts(b.find(ana, "Series", from, to)); !slices.Equal(got, want) {
				t.Errorf("%s: %q", span, got)
			}
		}
	})
	t.Run("delete", func(t *testing.T) {
		t.Parallel()
		for span, want := range map[string][]string{
			"this":      {"2027-01-05T09:00", "2027-01-12T09:00", "2027-01-26T09:00", "2027-02-02T09:00"},
			"following": {"2027-01-05T09:00", "2027-01-12T09:00"},
			"all":       nil,
		} {
			b := newBrowser(t)
			doc := b.open("/ui/event", "account", ana, "id", make(b)[2]["id"].(string))
			b.submit("/ui/event/delete", b.form(doc, "/ui/event/delete"), "span", span)
			if got := starts(b.find(ana, "Series", from, to)); !slices.Equal(got, want) {
				t.Errorf("%s: %q", span, got)
			}
		}
	})
	t.Run("rule", func(t *testing.T) {
		t.Parallel()
		b := newBrowser(t)
		doc := b.open("/ui/event", "account", ana, "id", make(b)[0]["recurringEventId"].(string))
		b.submit("/ui/event", b.form(doc, "/ui/event"), "rules", "RRULE:FREQ=WEEKLY;COUNT=2")
		if got := b.find(ana, "Series", from, to); len(got) != 2 {
			t.Errorf("%q", starts(got))
		}
	})
}

func TestEventIsMovedToAnotherCalendar(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	e := b.find(ana, "Dentist", "2026-12-09", "2026-12-10")[0]
	doc := b.open("/ui/event", "account", ana, "id", e["id"].(string))
	b.submit("/ui/event/move", b.form(doc, "/ui/event/move"), "to", viewings)
	if len(b.find(ana, "Dentist", "2026-12-09", "2026-12-10")) != 0 || len(b.find(viewings, "Dentist", "2026-12-09", "2026-12-10")) != 1 {
		t.Error("it was not moved")
	}
}

func TestOwnAnswerToAnInvitation(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	e := b.find(ana, "Accountant's seminar", "2026-12-02", "2026-12-03")[0]
	b.edit(e, "answer", "accepted")
	for _, g := range b.find(ana, "Accountant's seminar", "2026-12-02", "2026-12-03")[0]["attendees"].([]any) {
		if guest := g.(map[string]any); guest["self"] == true && guest["responseStatus"] != "accepted" {
			t.Errorf("%v", guest)
		}
	}
}

func TestWhatGoogleRefusesIsSaidAndWhatWasTypedIsKept(t *testing.T) {
	t.Parallel()
	b := newBrowser(t)
	blank := func() url.Values {
		return b.form(b.open("/ui/event", "account", ana, "calendar", ana, "day", "2027-01-05"), "/ui/event")
	}
	invited := b.find(ana, "Accountant's seminar", "2026-12-02", "2026-12-03")[0]
	for name, c := range map[string]struct {
		form url.Values
		want string
	}{
		"end first":    {with(blank(), "end_date", "2027-01-04"), "ends before it starts"},
		"no time":      {with(blank(), "start_time", ""), "needs a date, and a time"},
		"no zone":      {with(blank(), "zone", "Mars/Olympus"), "is not a time zone"},
		"bad rule":     {with(blank(), "rules", "RRULE:FREQ=NEVER"), "400"},
		"others event": {with(b.form(b.open("/ui/event", "account", ana, "id", invited["id"].(string)), "/ui/event"), "start_time", "08:00"), "forbiddenForNonOrganizer"},
		"reader": {url.Values{"account": {ana}, "calendar": {"en.example#holiday@group.v.calendar.google.com"}, "summary": {"typed"},
			"start_date": {"2027-01-05"}, "end_date": {"2027-01-05"}, "allday": {"on"}, "zone": {"UTC"}}, "requiredAccessLevel"},
	} {
		c.form.Set("summary", "what was typed")
		rec := b.post("/ui/event", c.form)
		if rec.Code != http.StatusUnprocessableEntity || !strings.Contains(rec.Body.String(), c.want) || !strings.Contains(rec.Body.String(), "what was typed") {
			t.Errorf("%s: %d, want %q in %s", name, rec.Code, c.want, rec.Body)
		}
	}
	for name, path := range map[string]string{
		"account": "/ui/calendar?account=nobody@example.com", "calendar": "/ui/calendar?account=" + ana + "&calendar=none",
		"event": "/ui/event?account=" + ana + "&id=none", "role": "/ui/event/delete",
	} {
		method, want := "GET", http.StatusNotFound
		if name == "event" {
			want = http.StatusUnprocessableEntity
		}
		if name == "role" {
			method = "POST"
		}
		r, err := http.NewRequest(method, path, strings.NewReader(""))
		if err != nil {
			t.Fatal(err)
		}
		if rec := b.send(r); rec.Code != want {
			t.Errorf("%s: %d, want %d", name, rec.Code, want)
		}
	}
}

func with(v url.Values, name, value string) url.Values {
	v.Set(name, value)
	return v
}
