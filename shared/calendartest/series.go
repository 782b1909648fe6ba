package calendartest

import (
	"testing"

	"aura.example/integrations/shared/calendar"
)

func testSeries(t *testing.T, w World) {
	r := w.Open(w.Access())
	master := w.Create(Primary, Given{Content: weekly("series")})
	events, cursor := read(t, r, calendar.Query{})
	if len(events) != 1 || find(t, events, master).Recurrence == nil {
		t.Fatalf("a series was expanded: %s", titles(events))
	}

	w.ChangeOne(Primary, master, at(7, 10), meeting("moved", 9))
	w.DeleteOne(Primary, master, at(14, 10)) // beyond a change of clocks
	changes, next := read(t, r, calendar.Query{Cursor: cursor})
	whole, _ := read(t, r, calendar.Query{})
	for name, list := range map[string][]calendar.Remote{"as changes": changes, "in a fresh list": whole} {
		moved := exception(t, list, master, at(7, 10))
		if moved.Deleted || moved.Title != "moved" || !moved.Start.Equal(at(9, 10)) {
			t.Errorf("%s, the moved one: %+v", name, moved)
		}
		if gone := exception(t, list, master, at(14, 10)); !gone.Deleted {
			t.Errorf("%s, the cancelled one: %+v", name, gone)
		}
	}
	if m := find(t, whole, master); m.Deleted || !m.Start.Equal(at(0, 10)) || len(m.Recurrence) != 1 {
		t.Errorf("the series itself: %+v", m)
	}

	w.Delete(Primary, master)
	changes, _ = read(t, r, calendar.Query{Cursor: next})
	if !find(t, changes, master).Deleted {
		t.Errorf("a deleted series: %s", titles(changes))
	}
	whole, _ = read(t, r, calendar.Query{})
	for _, e := range whole {
		if !e.Deleted {
			t.Errorf("alive after the series was deleted: %+v", e)
		}
	}
}

// exception finds the one that stands for an occurrence, by what identifies it:
// series and original start. Its own id says nothing.
func exception(t *testing.T, events []calendar.Remote, master string, original calendar.Time) calendar.Remote {
	t.Helper()
	var found []calendar.Remote
	for _, e := range events {
		if e.MasterID == master && e.OriginalStart.SameMoment(original) {
			found = append(found, e)
		}
	}
	if len(found) != 1 {
		t.Fatalf("%d exceptions at %s of %s among %s", len(found), original.Instant(), master, titles(events))
	}
	return found[0]
}

// testSplit: after "this and following" there are two series, and an exception
// of the later part belongs to the new one, whatever it is called.
func testSplit(t *testing.T, w World) {
	r := w.Open(w.Access())
	old := w.Create(Primary, Given{Content: weekly("before")})
	w.ChangeOne(Primary, old, at(7, 10), meeting("early exception", 8))
	w.ChangeOne(Primary, old, at(42, 10), meeting("late exception", 43))
	known := replica{}
	events, cursor := read(t, r, calendar.Query{})
	known.apply(events)

	w.Split(Primary, old, at(28, 10), "after")
	changes, _ := read(t, r, calendar.Query{Cursor: cursor})
	known.apply(changes)
	compare(t, r, known, "after the split")

	masters := map[string]calendar.Remote{} // by title
	for _, e := range known {
		if e.MasterID == "" {
			masters[e.Title] = e
		}
	}
	before, after := masters["before"], masters["after"]
	if len(masters) != 2 || before.ProviderID != old || after.ProviderID == old || !after.Start.SameMoment(at(28, 10)) {
		t.Fatalf("the series are now\n%s", known)
	}
	for _, e := range known {
		if e.MasterID == "" || e.Deleted {
			continue
		}
		want := before
		if !e.OriginalStart.Instant().Before(at(28, 10).Instant()) {
			want = after
		}
		if e.MasterID != want.ProviderID {
			t.Errorf("%q of %s belongs to %s, want %s", e.Title, e.OriginalStart.Instant(), e.MasterID, want.ProviderID)
		}
	}
}
