package calendartest

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
)

func testPages(t *testing.T, w World) {
	r := w.Open(w.Access())
	if events, _ := read(t, r, calendar.Query{}); len(events) != 0 {
		t.Errorf("an empty calendar holds %s", titles(events))
	}
	const n = 7
	want := map[string]bool{}
	for i := range n {
		want[w.Create(Primary, Given{Content: meeting(fmt.Sprint("event", i), i)})] = true
	}
	for _, size := range []int{0, 1, 2, n - 1, n, n + 1, 1 << 20} {
		events, _ := read(t, r, calendar.Query{MaxResults: size})
		got := map[string]bool{}
		for _, e := range events {
			got[e.ProviderID] = want[e.ProviderID]
		}
		if len(events) != n || len(got) != n {
			t.Errorf("pages of %d: %s", size, titles(events))
		}
	}
}

func testChanges(t *testing.T, w World) {
	r := w.Open(w.Access())
	kept := w.Create(Primary, Given{Content: meeting("kept", 0)})
	changed := w.Create(Primary, Given{Content: meeting("old", 1)})
	deleted := w.Create(Primary, Given{Content: meeting("deleted", 2)})
	first, cursor := read(t, r, calendar.Query{})
	was := find(t, first, changed)

	if quiet, _ := read(t, r, calendar.Query{Cursor: cursor}); len(quiet) != 0 {
		t.Errorf("nothing happened, and yet: %s", titles(quiet))
	}
	made := w.Create(Primary, Given{Content: meeting("made", 3)})
	w.Change(Primary, changed, meeting("new", 4))
	w.Delete(Primary, deleted)
	brief := w.Create(Primary, Given{Content: meeting("brief", 5)})
	w.Delete(Primary, brief)

	changes, next := read(t, r, calendar.Query{Cursor: cursor})
	if find(t, changes, made).Title != "made" || has(changes, kept) {
		t.Errorf("made one event: %s", titles(changes))
	}
	now := find(t, changes, changed)
	if now.Title != "new" || !now.Start.Equal(at(4, 10)) || now.ETag == was.ETag || now.Updated.Before(was.Updated) {
		t.Errorf("changed\n%+v into\n%+v", was, now)
	}
	if e := find(t, changes, deleted); !e.Deleted {
		t.Errorf("deleted: %+v", e)
	}
	// An event that came and went between two lists may be listed as deleted, or
	// not at all, but never as alive.
	if has(changes, brief) && !find(t, changes, brief).Deleted {
		t.Error("an event that went is listed")
	}
	if quiet, _ := read(t, r, calendar.Query{Cursor: next}); len(quiet) != 0 {
		t.Errorf("changes come twice: %s", titles(quiet))
	}
	if whole, _ := read(t, r, calendar.Query{}); has(whole, deleted) || has(whole, brief) || len(whole) != 3 {
		t.Errorf("a fresh list: %s", titles(whole))
	}
}

// testSameCursor: whoever dies after reading a list and before storing its
// cursor reads from the old one again.
func testSameCursor(t *testing.T, w World) {
	r := w.Open(w.Access())
	_, cursor := read(t, r, calendar.Query{})
	for i := range 5 {
		w.Create(Primary, Given{Content: meeting(fmt.Sprint("event", i), i)})
	}
	want := "event0 event1 event2 event3 event4"
	for _, size := range []int{2, 0, 2} {
		if got, _ := read(t, r, calendar.Query{Cursor: cursor, MaxResults: size}); titles(got) != want {
			t.Errorf("pages of %d from the same cursor: %s", size, titles(got))
		}
	}
}

// testChangesMeanwhile: what happens between two pages is in this list or in
// the next, wherever in the list it happens.
func testChangesMeanwhile(t *testing.T, w World) {
	r := w.Open(w.Access())
	var ids []string
	for i := range 6 {
		ids = append(ids, w.Create(Primary, Given{Content: meeting(fmt.Sprint("event", i), i)}))
	}
	known := replica{}
	q := calendar.Query{Calendar: Primary, MaxResults: 2}
	for page := 0; ; page++ {
		p, err := r.Changes(t.Context(), q)
		if err != nil {
			t.Fatal(err)
		}
		known.apply(p.Events)
		if p.Cursor != "" {
			q.Cursor = p.Cursor
			break
		}
		q.PageToken = p.NextPage
		switch page {
		case 0: // on whichever page each of them stands
			w.Change(Primary, ids[0], meeting("changed first", 0))
			w.Change(Primary, ids[5], meeting("changed last", 5))
			w.Create(Primary, Given{Content: meeting("made", 7)})
		case 1:
			w.Delete(Primary, ids[1])
			w.Delete(Primary, ids[4])
		}
	}
	changes, _ := read(t, r, calendar.Query{Cursor: q.Cursor})
	known.apply(changes)
	compare(t, r, known, "after a list that was disturbed")
}

// compare holds a replica to a fresh list.
func compare(t *testing.T, r calendar.Reader, known replica, when string) {
	t.Helper()
	whole, _ := read(t, r, calendar.Query{})
	truth := replica{}
	truth.apply(whole)
	if known.String() != truth.String() {
		t.Fatalf("%s, the changes make\n%s\nand a fresh list makes\n%s", when, known, truth)
	}
}

func testForgottenCursors(t *testing.T, w World) {
	r := w.Open(w.Access())
	for i := range 4 {
		w.Create(Primary, Given{Content: meeting(fmt.Sprint("event", i), i)})
	}
	_, cursor := read(t, r, calendar.Query{})
	w.ForgetCursors(Primary)
	for name, q := range map[string]calendar.Query{
		"forgotten":          {Calendar: Primary, Cursor: cursor},
		"never one":          {Calendar: Primary, Cursor: "rubbish"},
		"a page never given": {Calendar: Primary, PageToken: "rubbish"},
	} {
		if _, err := r.Changes(t.Context(), q); !fault.Is(err, fault.Resync) {
			t.Errorf("%s: %v", name, err)
		}
	}
	events, cursor := read(t, r, calendar.Query{})
	if len(events) != 4 {
		t.Errorf("a fresh list after that: %s", titles(events))
	}
	if _, err := r.Changes(t.Context(), calendar.Query{Calendar: Primary, Cursor: cursor}); err != nil {
		t.Errorf("a fresh cursor after that: %v", err)
	}
}

// testAnything edits at random and follows the changes: at every stop they must
// have led to what a fresh list says. Seeds are fixed, so that a failure can be
// met again.
func testAnything(t *testing.T, w World) {
	r := w.Open(w.Access())
	rnd := rand.New(rand.NewPCG(20261122, 1))
	known := replica{}
	var single, series []string
	events, cursor := read(t, r, calendar.Query{})
	known.apply(events)
	pick := func(from []string) string { return from[rnd.IntN(len(from))] }
	drop := func(from *[]string) string {
		i := rnd.IntN(len(*from))
		id := (*from)[i]
		*from = append((*from)[:i:i], (*from)[i+1:]...)
		return id
	}
	// Occurrences of distinct weeks, so that none is deleted twice.
	week := map[string]int{}
	for step := range 120 {
		title := fmt.Sprint("step", step)
		switch op := rnd.IntN(9); {
		case op < 2 || len(single) == 0:
			single = append(single, w.Create(Primary, Given{Content: meeting(title, rnd.IntN(30))}))
		case op == 2 || len(series) == 0:
			series = append(series, w.Create(Primary, Given{Content: weekly(title)}))
		case op == 3:
			w.Change(Primary, pick(single), meeting(title, rnd.IntN(30)))
		case op == 4:
			w.Delete(Primary, drop(&single))
		case op == 5 && rnd.IntN(3) == 0:
			w.Delete(Primary, drop(&series))
		case op == 6 && rnd.IntN(2) == 0:
			id := pick(series)
			if week[id]++; week[id] < 10 {
				w.DeleteOne(Primary, id, at(7*week[id], 10))
			}
		default:
			id := pick(series)
			if week[id]++; week[id] < 10 {
				w.ChangeOne(Primary, id, at(7*week[id], 10), meeting(title, 7*week[id]+1))
			}
		}
		if rnd.IntN(5) == 0 {
			var changes []calendar.Remote
			changes, cursor = read(t, r, calendar.Query{Cursor: cursor, MaxResults: 1 + rnd.IntN(4)})
			known.apply(changes)
			compare(t, r, known, "at "+title)
		}
	}
}
