package calendarv3_test

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/teambition/rrule-go"
	"pgregory.net/rapid"

	"aura.example/integrations/shared/googlesim/calendarv3"
)

// TestPlainAndExpandedListingsTellTheSame: a client that reads masters, exceptions and holes and works the occurrences
// out by itself (here with a library, not with the simulator's own expansion) must come to what singleEvents=true
// shows, whatever was written before: series moved and moved back, split, deleted, undeleted, carried to another
// calendar. Every occurrence can also be read by its id, and says there what it says in the listing.
func TestPlainAndExpandedListingsTellTheSame(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t)
		w.handler = w.Server // the guard sees these answers elsewhere
		_, err := w.Server.AddCalendar(owner, calendarv3.Calendar{ID: otherCalendar, TimeZone: "Europe/Madrid"}, calendarv3.RoleOwner)
		w.must(err)
		made := 0
		for range rapid.IntRange(3, 25).Draw(rt, "steps") {
			if made = w.randomWrite(rt, made); made == 0 {
				continue
			}
			w.randomSeriesChange(rt, made)
		}
		for _, calendar := range []string{owner, otherCalendar} {
			plain := w.owner().do("GET", on(calendar, "maxResults=2500"), nil).ok()
			shown := w.owner().do("GET", on(calendar, "maxResults=2500", "singleEvents=true"), nil).ok()
			got := map[string]string{}
			for _, i := range shown.items() {
				got[occurrence(i)] += fmt.Sprint(dig(i, "start", "dateTime"))
				id := i["id"].(string)
				one := w.owner().do("GET", on(calendar, id), nil).ok()
				if one.text("status") != "confirmed" || one.text("etag") != i["etag"] || one.get("recurringEventId") != i["recurringEventId"] {
					rt.Fatalf("%s is listed as\n%v\nand read as\n%s", id, i, one.raw)
				}
			}
			if want := understood(rt, plain.items()); !maps.Equal(got, want) {
				rt.Fatalf("%s: expanded\n%v\nunderstood\n%v\nfrom %s", calendar, got, want, plain.raw)
			}
		}
	})
}

// TestAMirrorOfExpandedListingsIsTheFullListing: whoever follows a calendar instance by instance is told of each that
// comes and of each that goes, whatever happens to the series behind them.
func TestAMirrorOfExpandedListingsIsTheFullListing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t)
		w.handler = w.Server
		_, err := w.Server.AddCalendar(owner, calendarv3.Calendar{ID: otherCalendar, TimeZone: "Europe/Madrid"}, calendarv3.RoleOwner)
		w.must(err)
		m, page, made := newMirror(w), "", 0
		m.asks = []string{"singleEvents=true"}
		for range rapid.IntRange(3, 15).Draw(rt, "steps") {
			if rapid.IntRange(0, 3).Draw(rt, "read?") == 0 {
				page, _ = m.page(rapid.IntRange(1, 40).Draw(rt, "size"), page)
			}
			if made = w.randomWrite(rt, made); made > 0 {
				w.randomSeriesChange(rt, made)
			}
		}
		for range 2 { // what was begun, and then once more
			for done := false; !done; {
				page, done = m.page(100, page)
			}
		}
		full := newMirror(w)
		full.asks = m.asks
		for done := false; !done; {
			page, done = full.page(100, page)
		}
		if !maps.Equal(m.seen, full.seen) {
			rt.Fatalf("mirror\n%v\nfull\n%v", m.seen, full.seen)
		}
	})
}

// occurrence names what a row stands for, whatever its id.
func occurrence(i map[string]any) string {
	if master, ok := i["recurringEventId"].(string); ok {
		return master + " " + instant(dig(i, "originalStartTime", "dateTime"))
	}
	return i["id"].(string)
}

// instant brings two spellings of one time together.
func instant(v any) string {
	s, _ := v.(string)
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return "no time: " + s
	}
	return t.UTC().Format(time.RFC3339)
}

// understood is a client's reading of an unexpanded listing: occurrence to start.
func understood(rt *rapid.T, items []map[string]any) map[string]string {
	rt.Helper()
	madrid, err := time.LoadLocation("Europe/Madrid")
	if err != nil {
		rt.Fatal(err)
	}
	out := map[string]string{}
	for _, i := range items {
		lines, _ := i["recurrence"].([]any)
		if i["status"] == "cancelled" || len(lines) == 0 {
			continue
		}
		begin, err := time.Parse(time.RFC3339, dig(i, "start", "dateTime").(string))
		if err != nil {
			rt.Fatal(err)
		}
		rule, err := rrule.StrToROption(strings.TrimPrefix(lines[0].(string), "RRULE:"))
		if err != nil {
			rt.Fatal(err)
		}
		rule.Dtstart = begin.In(madrid)
		r, err := rrule.NewRRule(*rule)
		if err != nil {
			rt.Fatal(err)
		}
		for _, at := range r.All() {
			out[i["id"].(string)+" "+at.UTC().Format(time.RFC3339)] = at.In(madrid).Format(time.RFC3339)
		}
	}
	for _, i := range items {
		switch _, exception := i["recurringEventId"].(string); {
		case i["status"] == "cancelled" && exception:
			delete(out, occurrence(i))
		case i["status"] != "cancelled" && i["recurrence"] == nil:
			out[occurrence(i)] = fmt.Sprint(dig(i, "start", "dateTime"))
		}
	}
	return out
}

// randomSeriesChange does to a series what leaves its exceptions behind.
func (w *world) randomSeriesChange(rt *rapid.T, made int) {
	c, id := w.owner(), fmt.Sprintf("event%02d", rapid.IntRange(0, made-1).Draw(rt, "series"))
	hour := rapid.IntRange(10, 11).Draw(rt, "hour")
	switch rapid.IntRange(0, 5).Draw(rt, "change") {
	case 0:
		c.do("PATCH", events(id), obj{"start": at(1, hour), "end": at(1, hour+1)})
	case 1: // longer again, or shorter; but not into what a split made a series of its own
		if w.wasSplit(id) {
			return
		}
		c.do("PATCH", events(id), obj{"recurrence": []string{fmt.Sprintf("RRULE:FREQ=WEEKLY;COUNT=%d", rapid.IntRange(2, 10).Draw(rt, "count"))}})
	case 2:
		c.do("PATCH", events(id), obj{"recurrence": nil})
	case 3: // the second half of a split goes as a whole, and may come back
		if a := c.do("GET", events(), nil).ok(); len(a.items()) > 0 {
			some := a.items()[rapid.IntRange(0, len(a.items())-1).Draw(rt, "some")]
			c.do("DELETE", events(some["id"].(string)), nil)
		}
	case 4: // whatever is deleted comes back by its status
		gone := c.do("GET", events("showDeleted=true", "maxResults=2500"), nil).ok()
		for _, i := range gone.items() {
			if i["status"] == "cancelled" && !strings.Contains(i["id"].(string), "_R") && rapid.IntRange(0, 3).Draw(rt, "revive?") == 0 {
				c.do("PATCH", events(i["id"].(string)), obj{"status": "confirmed"})
			}
		}
	case 5: // an import over what is there
		if w.wasSplit(id) {
			return
		}
		c.do("POST", events("import"), obj{"iCalUID": id + "@google.com", "sequence": 99, "start": at(1, hour), "end": at(1, hour+1),
			"recurrence": []string{"RRULE:FREQ=WEEKLY;COUNT=3"}})
	}
}

// wasSplit says whether a series ever gave its second half away.
func (w *world) wasSplit(id string) bool {
	w.t.Helper()
	all := w.owner().do("GET", events("showDeleted=true", "maxResults=2500"), nil).ok()
	return slices.ContainsFunc(all.ids(), func(x string) bool { return strings.HasPrefix(x, id+"_R") })
}
