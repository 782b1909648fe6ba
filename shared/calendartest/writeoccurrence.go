package calendartest

import (
	"testing"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
)

func (d *desk) occurrence(series string, original calendar.Time) calendar.Remote {
	d.t.Helper()
	o, err := d.p.Occurrence(d.t.Context(), Primary, series, original)
	if err != nil {
		d.t.Fatalf("the occurrence at %s: %v", original.Instant(), err)
	}
	if o.MasterID != series || !o.OriginalStart.SameMoment(original) || o.ProviderID == "" || o.ETag == "" || len(o.Recurrence) > 0 {
		d.t.Fatalf("the occurrence at %s is %+v", original.Instant(), o)
	}
	return o
}

func testOccurrence(t *testing.T, d *desk) {
	series := d.made(weekly("Series")).ProviderID
	d.ChangeOne(Primary, series, at(7, 10), meeting("Moved", 9))
	d.DeleteOne(Primary, series, at(14, 10)) // beyond a change of clocks
	if o := d.occurrence(series, at(0, 10)); o.Deleted || o.Title != "Series" || !o.Start.Equal(at(0, 10)) {
		t.Errorf("the first: %+v", o)
	}
	if o := d.occurrence(series, at(21, 10)); o.Deleted || !o.Start.Equal(at(21, 10)) || !o.End.Equal(at(21, 11)) {
		t.Errorf("an ordinary one: %+v", o)
	}
	if o := d.occurrence(series, at(7, 10)); o.Deleted || o.Title != "Moved" || !o.Start.Equal(at(9, 10)) {
		t.Errorf("one that was moved: %+v", o)
	}
	if o := d.occurrence(series, at(14, 10)); !o.Deleted {
		t.Errorf("a cancelled one: %+v", o)
	}
	days := meeting("Days", 0)
	days.Start, days.End, days.Recurrence = on(1), on(2), []string{"RRULE:FREQ=DAILY;COUNT=3"}
	if o := d.occurrence(d.made(days).ProviderID, on(2)); !o.Start.Equal(on(2)) {
		t.Errorf("a day: %+v", o)
	}

	gone := d.made(weekly("Gone")).ProviderID
	d.Delete(Primary, gone)
	single := d.made(meeting("Single", 0)).ProviderID
	for name, tc := range map[string]struct {
		series   string
		original calendar.Time
	}{
		"no occurrence then":    {series, at(7, 11)},
		"a day, of moments":     {series, on(7)},
		"after the end":         {series, at(70, 10)},
		"a deleted series":      {gone, at(7, 10)},
		"an event that's alone": {single, at(0, 10)},
		"never there":           {"neverwas", at(0, 10)},
	} {
		if o, err := d.p.Occurrence(t.Context(), Primary, tc.series, tc.original); !fault.Is(err, fault.Gone) {
			t.Errorf("%s: %+v, %v", name, o, err)
		}
	}
}

// testOccurrenceOfSplit: after "this and following" nobody can tell from an id
// which series an occurrence belongs to.
func testOccurrenceOfSplit(t *testing.T, d *desk) {
	old := d.made(weekly("before")).ProviderID
	d.ChangeOne(Primary, old, at(42, 10), meeting("late exception", 43))
	d.Split(Primary, old, at(28, 10), "after")
	events, _ := read(t, d.r, calendar.Query{})
	var tail string
	for _, e := range events {
		if e.MasterID == "" && e.ProviderID != old {
			tail = e.ProviderID
		}
	}
	if o := d.occurrence(tail, at(42, 10)); o.Title != "late exception" {
		t.Errorf("the exception: %+v", o)
	}
	o := d.occurrence(tail, at(35, 10))
	if got := d.patched(o, other(35), calendar.FieldTitle); got.Title != "Other" || got.MasterID != tail {
		t.Errorf("changed: %+v", got)
	}
	if _, err := d.p.Occurrence(t.Context(), Primary, old, at(35, 10)); !fault.Is(err, fault.Gone) {
		t.Errorf("of the first half: %v", err)
	}
	stranger := d.made(weekly("another")).ProviderID
	for _, c := range []struct {
		a, b string
		want bool
	}{{old, tail, true}, {tail, old, true}, {old, old, false}, {old, stranger, false}, {tail, stranger, false}} {
		if got := d.p.Divided(c.a, c.b); got != c.want {
			t.Errorf("%s and %s came of one division: %v", c.a, c.b, got)
		}
	}
}

func testWriteOccurrence(t *testing.T, d *desk) {
	master := d.made(weekly("Series"))
	series := master.ProviderID
	events, cursor := read(t, d.r, calendar.Query{})
	known := replica{}
	known.apply(events)

	moved := d.occurrence(series, at(7, 10))
	got := d.patched(moved, other(8), calendar.FieldTitle, calendar.FieldWhen)
	if got.Title != "Other" || !got.Start.Equal(at(8, 15)) || got.MasterID != series || !got.OriginalStart.SameMoment(at(7, 10)) || got.Stamp != "changed" {
		t.Errorf("changed into %+v", got)
	}
	if _, err := d.p.Patch(t.Context(), edit(moved, other(8), calendar.FieldLocation)); !fault.Is(err, fault.Stale) {
		t.Errorf("from the state before: %v", err)
	}
	dropped := d.occurrence(series, at(14, 10))
	if err := d.p.Delete(t.Context(), edit(dropped, dropped.Content)); err != nil {
		t.Fatal(err)
	}
	gone := d.occurrence(series, at(14, 10))
	if !gone.Deleted {
		t.Errorf("deleted: %+v", gone)
	}
	if err := d.p.Delete(t.Context(), edit(gone, gone.Content)); !fault.Is(err, fault.Gone) {
		t.Errorf("deleted twice: %v", err)
	}
	if m := d.event(series); m.Title != "Series" || !m.Start.Equal(at(0, 10)) || m.Deleted {
		t.Errorf("the series is %+v", m)
	}
	back, err := d.p.Restore(t.Context(), edit(gone, other(15)))
	if err != nil || back.Deleted || back.Title != "Other" || back.MasterID != series || !back.OriginalStart.SameMoment(at(14, 10)) {
		t.Errorf("restored as %+v, %v", back, err)
	}

	changes, _ := read(t, d.r, calendar.Query{Cursor: cursor})
	known.apply(changes)
	compare(t, d.r, known, "after three writes to occurrences")

	// Between the lookup and the write somebody edits the series.
	late := d.occurrence(series, at(21, 10))
	c := weekly("Renamed")
	d.Change(Primary, series, c)
	if _, err := d.p.Patch(t.Context(), edit(late, other(21), calendar.FieldLocation)); !fault.Is(err, fault.Stale) {
		t.Errorf("over somebody's edit of the series: %v", err)
	}
}

// testOccurrenceVisibility: a stricter visibility of one occurrence would change
// the whole series, so it doesn't travel.
func testOccurrenceVisibility(t *testing.T, d *desk) {
	master := d.made(weekly("Series"))
	o := d.occurrence(master.ProviderID, at(7, 10))
	private := other(7)
	private.Visibility = calendar.Private
	d.patched(o, private, calendar.Fields()...)
	deleted := d.occurrence(master.ProviderID, at(14, 10))
	if err := d.p.Delete(t.Context(), edit(deleted, deleted.Content)); err != nil {
		t.Fatal(err)
	}
	if _, err := d.p.Restore(t.Context(), edit(d.occurrence(master.ProviderID, at(14, 10)), private)); err != nil {
		t.Fatal(err)
	}
	if m := d.event(master.ProviderID); m.Visibility != calendar.DefaultVisibility || m.ETag != master.ETag {
		t.Errorf("the series is %+v, and was %+v", m, master)
	}
}
