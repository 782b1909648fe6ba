package calendarv3_test

import (
	"fmt"
	"maps"
	"slices"
	"sync"
	"testing"

	"pgregory.net/rapid"

	"aura.example/integrations/shared/googlesim/calendarv3"
)

// mirror is a client that knows a calendar only by its listings.
type mirror struct {
	w     *world
	token string
	asks  []string // further parameters of each of its requests
	// seen is what it believes: id to etag of live events, and to "master id" of cancelled exceptions.
	seen map[string]string
	hole map[string]string
}

// page reads one page of an incremental (or first) listing; done says whether it was the last.
func (m *mirror) page(size int, page string) (next string, done bool) {
	m.w.t.Helper()
	parts := append([]string{fmt.Sprintf("maxResults=%d", size)}, m.asks...)
	if m.token != "" {
		parts = append(parts, "syncToken="+m.token)
	}
	if page != "" {
		parts = append(parts, "pageToken="+page)
	}
	a := m.w.owner().do("GET", events(parts...), nil).ok()
	for _, i := range a.items() {
		m.take(i)
	}
	if next = a.text("nextPageToken"); next == "" {
		m.token = a.text("nextSyncToken")
		return "", true
	}
	return next, false
}

func (m *mirror) take(i map[string]any) {
	id, _ := i["id"].(string)
	delete(m.seen, id)
	delete(m.hole, id)
	if i["status"] != "cancelled" {
		m.seen[id], _ = i["etag"].(string)
		return
	}
	if master, ok := i["recurringEventId"].(string); ok {
		m.hole[id] = master
	}
}

// believes is the mirror's picture: holes count only while their series lives.
func (m *mirror) believes() map[string]string {
	out := maps.Clone(m.seen)
	for id, master := range m.hole {
		if _, alive := m.seen[master]; alive {
			out[id] = "hole"
		}
	}
	return out
}

func newMirror(w *world) *mirror {
	return &mirror{w: w, seen: map[string]string{}, hole: map[string]string{}}
}

// TestAMirrorOfIncrementalListingsIsTheFullListing: whatever is written, however the listings are paged and whenever
// writes fall between their pages, a client that follows the tokens ends up with what a full listing shows.
func TestAMirrorOfIncrementalListingsIsTheFullListing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(rt *rapid.T) {
		w := newWorld(t, func(o *calendarv3.Options) {
			o.PageRows = func(n int) int { return max(1, n-n/3) }
		})
		w.handler = w.Server // the guard sees these answers elsewhere
		_, err := w.Server.AddCalendar(owner, calendarv3.Calendar{ID: otherCalendar}, calendarv3.RoleOwner)
		w.must(err)
		m := newMirror(w)
		page := ""
		made := 0
		for range rapid.IntRange(5, 40).Draw(rt, "steps") {
			if rapid.IntRange(0, 3).Draw(rt, "read?") == 0 {
				page, _ = m.page(rapid.IntRange(1, 4).Draw(rt, "size"), page)
				continue
			}
			made = w.randomWrite(rt, made)
		}
		for done := false; !done; { // what was begun, and then once more
			page, done = m.page(3, page)
		}
		for done := false; !done; {
			page, done = m.page(3, page)
		}
		full := newMirror(w)
		for done := false; !done; {
			page, done = full.page(5, page)
		}
		if got, want := m.believes(), full.believes(); !maps.Equal(got, want) {
			rt.Fatalf("mirror\n%v\nfull\n%v", got, want)
		}
	})
}

// randomWrite does something to one of the events there are; refusals are fine.
func (w *world) randomWrite(rt *rapid.T, made int) int {
	pick := func() string { return fmt.Sprintf("event%02d", rapid.IntRange(0, max(0, made-1)).Draw(rt, "event")) }
	instance := func() string {
		return pick() + rapid.SampledFrom([]string{"_20261201T090000Z", "_20261208T090000Z", "_20261215T090000Z", "_20261222T090000Z"}).Draw(rt, "instance")
	}
	span := rapid.SampledFrom([]calendarv3.Span{calendarv3.SpanThis, calendarv3.SpanFollowing, calendarv3.SpanAll})
	c := w.owner()
	switch rapid.IntRange(0, 9).Draw(rt, "write") {
	case 0:
		c.do("POST", events(), meeting(fmt.Sprintf("event%02d", made), 1, 10)).ok()
		return made + 1
	case 1, 2:
		c.do("POST", events(), weekly(fmt.Sprintf("event%02d", made))).ok()
		return made + 1
	case 3:
		c.do("PATCH", events(pick()), obj{"summary": "changed"})
	case 4:
		c.do("DELETE", events(pick()), nil)
	case 5: // undelete, or change everything
		if a := c.do("GET", events(pick()), nil); a.status == 200 {
			a.doc["status"] = "confirmed"
			c.do("PUT", events(a.text("id")), a.doc)
		}
	case 6:
		c.do("PATCH", events(instance()), obj{"summary": "exception"})
	case 7:
		_ = w.Server.Delete(owner, owner, instance(), span.Draw(rt, "span")) // refusals are fine
	case 8:
		patch := calendarv3.Event{"summary": "split"}
		if rapid.Bool().Draw(rt, "move") {
			patch["start"] = map[string]any{"dateTime": "2026-12-08T15:00:00+01:00"}
			patch["end"] = map[string]any{"dateTime": "2026-12-08T16:00:00+01:00"}
		}
		_, _ = w.Server.Patch(owner, owner, instance(), patch, span.Draw(rt, "span"))
	case 9:
		from, to := owner, otherCalendar
		if rapid.Bool().Draw(rt, "back") {
			from, to = to, from
		}
		_, _ = w.Server.MoveTo(owner, from, pick(), to)
	}
	return made
}

func TestConcurrentCallsAreConsistent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.handler = w.Server
	m := newMirror(w)
	var writers sync.WaitGroup
	const each = 40
	for n := range 4 {
		writers.Add(1)
		go func() {
			defer writers.Done()
			for i := range each {
				id := fmt.Sprintf("from%d%03d", n, i)
				c := w.owner()
				if a := c.do("POST", events(), meeting(id, 1, 10)); a.status != 200 {
					t.Errorf("insert: %s", a.raw)
				}
				c.do("PATCH", events(id), obj{"summary": "x"})
				if i%3 == 0 {
					c.do("DELETE", events(id), nil)
				}
				c.do("POST", events("watch"), channel(id))
				w.Server.Channels()
				w.Server.Snapshot()
			}
		}()
	}
	finished := make(chan struct{})
	go func() { writers.Wait(); close(finished) }()
	for page, stop := "", false; !stop; {
		select {
		case <-finished:
			stop = page == ""
		default:
		}
		page, _ = m.page(7, page)
	}
	for done, page := false, ""; !done; {
		page, done = m.page(100, page)
	}
	full := newMirror(w)
	for done, page := false, ""; !done; {
		page, done = full.page(50, page)
	}
	if got, want := m.believes(), full.believes(); !maps.Equal(got, want) || len(want) != 4*(each-each/3-1) {
		t.Errorf("mirror has %d, full listing %d: missing %v", len(got), len(want), slices.DeleteFunc(slices.Sorted(maps.Keys(want)), func(id string) bool { return got[id] == want[id] }))
	}
}
