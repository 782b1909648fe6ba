package calendartest

import (
	"slices"
	"testing"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
)

// other is a content that differs from an ordinary meeting in every field.
func other(n int) calendar.Content {
	return calendar.Content{
		Title: "Other", Description: "Another text", Location: "Elsewhere", Start: at(n, 15), End: at(n, 17),
		Status: calendar.Tentative, Busy: false, Visibility: calendar.Private,
	}
}

func testInsert(t *testing.T, d *desk) {
	allDay, public := meeting("All day", 0), meeting("Public", 2)
	allDay.Start, allDay.End = on(3), on(5)
	public.Visibility = calendar.Public
	everyDay := meeting("Every day", 0)
	everyDay.Start, everyDay.End, everyDay.Recurrence = on(6), on(7), []string{"RRULE:FREQ=DAILY;COUNT=3"}
	night := meeting("Over the change of clocks", 12)
	night.End = at(13, 4)
	_, cursor := read(t, d.r, calendar.Query{})
	for _, want := range []calendar.Content{meeting("Plain", 0), other(1), allDay, public, everyDay, night, meeting("", 8), weekly("Series")} {
		i := d.insertion(want)
		got, err := d.p.Insert(t.Context(), i)
		if err != nil {
			t.Fatalf("inserting %q: %v", want.Title, err)
		}
		if !same(got.Content, want) || got.ProviderID != i.ID || got.Stamp != "made" || !got.Organizer || got.Deleted {
			t.Errorf("inserted\n%+v and answered\n%+v", want, got)
		}
		d.stands(got)
		var changes []calendar.Remote
		changes, cursor = read(t, d.r, calendar.Query{Cursor: cursor})
		if len(changes) != 1 || changes[0].ETag != got.ETag || changes[0].Stamp != "made" {
			t.Errorf("%q comes back as %+v, so it would be taken for somebody's edit", want.Title, changes)
		}
	}
}

func testDuplicate(t *testing.T, d *desk) {
	e := d.made(meeting("First", 0))
	again := calendar.Insertion{Calendar: Primary, ID: e.ProviderID, Content: meeting("Second", 1), Stamp: "again"}
	if _, err := d.p.Insert(t.Context(), again); !fault.Is(err, fault.Duplicate) {
		t.Errorf("a live event's id: %v", err)
	}
	if now := d.event(e.ProviderID); now.Title != "First" || now.Stamp != "made" {
		t.Errorf("it is now %+v", now)
	}
	d.Delete(Primary, e.ProviderID)
	if _, err := d.p.Insert(t.Context(), again); !fault.Is(err, fault.Duplicate) {
		t.Errorf("a deleted event's id: %v", err)
	}
	if now := d.event(e.ProviderID); !now.Deleted {
		t.Errorf("it is now %+v", now)
	}
}

// testPatch changes one field at a time, with a content that differs in all of
// them: what isn't named must not travel.
func testPatch(t *testing.T, d *desk) {
	for i, f := range calendar.Fields() {
		want := meeting("Before", i)
		c := other(i)
		c.Recurrence = []string{"RRULE:FREQ=DAILY;COUNT=2"}
		e := d.made(want)
		got := d.patched(e, c, f)
		want.Take(f, c)
		if !same(got.Content, want) || got.Stamp != "changed" || got.ETag == e.ETag || got.Updated.Before(e.Updated) {
			t.Errorf("patched %s into\n%+v, want\n%+v", f, got, want)
		}
	}
	e := d.made(meeting("Before", 20))
	if got := d.patched(e, other(21), calendar.Fields()...); !same(got.Content, other(21)) {
		t.Errorf("patched everything into %+v", got)
	}
}

func testEmptied(t *testing.T, d *desk) {
	rich := meeting("Rich", 0)
	rich.Description, rich.Location, rich.Recurrence = "Words", "Room 3", []string{"RRULE:FREQ=DAILY;COUNT=3"}
	bare := rich
	bare.Title, bare.Description, bare.Location, bare.Recurrence = "", "", "", nil
	for _, fields := range [][]calendar.Field{
		{calendar.FieldTitle}, {calendar.FieldDescription}, {calendar.FieldLocation}, {calendar.FieldRecurrence},
		{calendar.FieldTitle, calendar.FieldDescription, calendar.FieldLocation, calendar.FieldRecurrence},
	} {
		got := d.patched(d.made(rich), bare, fields...)
		want := rich
		for _, f := range fields {
			want.Take(f, bare)
		}
		if !same(got.Content, want) {
			t.Errorf("emptied %v: %+v", fields, got)
		}
	}
}

// testForms: what was a day becomes a moment and the other way round, whatever
// else is said.
func testForms(t *testing.T, d *desk) {
	timed, allDay := meeting("One", 1), meeting("One", 1)
	allDay.Start, allDay.End = on(4), on(6)
	series := timed
	series.Recurrence = []string{"RRULE:FREQ=WEEKLY;COUNT=4"}
	days := allDay
	days.Recurrence = series.Recurrence
	for _, tc := range []struct{ from, to calendar.Content }{{timed, allDay}, {allDay, timed}, {series, days}, {days, series}} {
		e := d.made(tc.from)
		got := d.patched(e, tc.to, calendar.FieldWhen)
		if !same(got.Content, tc.to) {
			t.Errorf("from\n%+v to\n%+v", tc.from, got.Content)
		}
		if back := d.patched(got, tc.from, calendar.FieldWhen); !same(back.Content, tc.from) {
			t.Errorf("and back to\n%+v", back.Content)
		}
	}
}

func testPatchSeries(t *testing.T, d *desk) {
	e := d.made(weekly("Series"))
	c := weekly("Series")
	c.Recurrence = []string{"RRULE:FREQ=WEEKLY;UNTIL=20260406T075959Z", "EXDATE;TZID=Europe/Madrid:20260323T100000"}
	got := d.patched(e, c, calendar.FieldRecurrence)
	if len(got.Recurrence) != 2 || !got.Start.Equal(e.Start) {
		t.Errorf("shortened: %+v", got)
	}
	single := d.made(meeting("Single", 0))
	if got := d.patched(single, weekly("x"), calendar.FieldRecurrence); len(got.Recurrence) != 1 || got.Title != "Single" {
		t.Errorf("made to repeat: %+v", got)
	}
}

func testConditions(t *testing.T, d *desk) {
	e := d.made(meeting("Mine", 0))
	d.Change(Primary, e.ProviderID, meeting("Theirs", 0))
	if _, err := d.p.Patch(t.Context(), edit(e, other(0), calendar.FieldLocation)); !fault.Is(err, fault.Stale) {
		t.Errorf("a patch over somebody's edit: %v", err)
	}
	if err := d.p.Delete(t.Context(), edit(e, e.Content)); !fault.Is(err, fault.Stale) {
		t.Errorf("a deletion over somebody's edit: %v", err)
	}
	if _, err := d.p.Restore(t.Context(), edit(e, other(0))); !fault.Is(err, fault.Stale) {
		t.Errorf("a restoration over somebody's edit: %v", err)
	}
	if now := d.event(e.ProviderID); now.Title != "Theirs" || now.Location != "" || now.Deleted || now.Stamp != "made" {
		t.Errorf("it is now %+v", now)
	}
	fresh := d.event(e.ProviderID)
	if err := d.p.Delete(t.Context(), edit(fresh, fresh.Content)); err != nil {
		t.Errorf("with the etag that is there: %v", err)
	}
	if !d.event(e.ProviderID).Deleted {
		t.Error("not deleted")
	}
}

func testGone(t *testing.T, d *desk) {
	never := calendar.Remote{ProviderID: "neverwas", ETag: `"1"`}
	gone := d.made(meeting("Gone", 0))
	d.Delete(Primary, gone.ProviderID)
	for name, e := range map[string]calendar.Remote{"never there": never, "deleted": d.event(gone.ProviderID)} {
		if _, err := d.p.Patch(t.Context(), edit(e, other(0), calendar.FieldTitle)); !fault.Is(err, fault.Gone) {
			t.Errorf("a patch of what was %s: %v", name, err)
		}
		if err := d.p.Delete(t.Context(), edit(e, e.Content)); !fault.Is(err, fault.Gone) {
			t.Errorf("a deletion of what was %s: %v", name, err)
		}
	}
	if _, err := d.p.Restore(t.Context(), edit(never, other(0))); !fault.Is(err, fault.Gone) {
		t.Errorf("a restoration of what was never there: %v", err)
	}
	lost := d.insertion(meeting("Lost", 0))
	lost.Calendar = d.AddCalendar("Other", calendar.RoleOwner)
	d.DropCalendar(lost.Calendar)
	if _, err := d.p.Insert(t.Context(), lost); !fault.Is(err, fault.CalendarLost) {
		t.Errorf("into a calendar that isn't there: %v", err)
	}
}

func testRestore(t *testing.T, d *desk) {
	e := d.made(meeting("Mine", 0))
	d.Decorate(Primary, e.ProviderID)
	before := d.Decoration(Primary, e.ProviderID)
	d.Delete(Primary, e.ProviderID)
	gone := d.event(e.ProviderID)
	c := other(3)
	c.Recurrence = []string{"RRULE:FREQ=DAILY;COUNT=2"}
	got, err := d.p.Restore(t.Context(), edit(gone, c))
	if err != nil {
		t.Fatal(err)
	}
	if got.Deleted || !same(got.Content, c) || got.Stamp != "changed" {
		t.Errorf("restored as %+v", got)
	}
	d.stands(got)
	if after := d.Decoration(Primary, e.ProviderID); after != before {
		t.Errorf("it had\n%s and has\n%s", before, after)
	}
	if _, err := d.p.Restore(t.Context(), edit(gone, c)); !fault.Is(err, fault.Stale) {
		t.Errorf("again, from the same state: %v", err)
	}
	d.Delete(Primary, e.ProviderID)
	blind := edit(gone, meeting("Again", 4))
	blind.ETag = "" // whatever is there
	if got, err = d.p.Restore(t.Context(), blind); err != nil || got.Title != "Again" {
		t.Errorf("without an etag: %+v, %v", got, err)
	}
}

func testRestoreSeries(t *testing.T, d *desk) {
	e := d.made(weekly("Series"))
	d.Delete(Primary, e.ProviderID)
	got, err := d.p.Restore(t.Context(), edit(d.event(e.ProviderID), weekly("Back")))
	if err != nil || !slices.Equal(got.Recurrence, e.Recurrence) || got.Title != "Back" {
		t.Fatalf("%+v, %v", got, err)
	}
	if o, err := d.p.Occurrence(t.Context(), Primary, e.ProviderID, at(7, 10)); err != nil || o.Title != "Back" {
		t.Errorf("its occurrence: %+v, %v", o, err)
	}
}

func testDecoration(t *testing.T, d *desk) {
	for name, e := range map[string]calendar.Remote{"own": d.made(meeting("Own", 0)), "with guests": d.event(d.Create(Primary, Given{
		Content: meeting("Guests", 1), Guests: []calendar.Guest{{Email: "ben@example.com", Response: "accepted"}},
	}))} {
		d.Decorate(Primary, e.ProviderID)
		before := d.Decoration(Primary, e.ProviderID)
		c := other(2)
		c.Recurrence = []string{"RRULE:FREQ=DAILY;COUNT=2"}
		d.patched(d.event(e.ProviderID), c, calendar.Fields()...)
		if after := d.Decoration(Primary, e.ProviderID); before == "" || after != before {
			t.Errorf("%s: it had\n%s and has\n%s", name, before, after)
		}
	}
}

// testTold: nobody is written to unless it was asked for, whatever the write.
func testTold(t *testing.T, d *desk) {
	for _, told := range []bool{false, true} {
		id := d.Create(Primary, Given{Content: meeting("Guests", 1), Guests: []calendar.Guest{{Email: "ben@example.com"}}})
		i := d.insertion(meeting("New", 0))
		i.Notify = told
		before := d.Told()
		_, err := d.p.Insert(t.Context(), i)
		change := edit(d.event(id), other(1), calendar.FieldWhen)
		change.Notify = told
		_, err2 := d.p.Patch(t.Context(), change)
		change.ETag = ""
		err3 := d.p.Delete(t.Context(), change)
		_, err4 := d.p.Restore(t.Context(), change)
		for _, err := range []error{err, err2, err3, err4} {
			if err != nil {
				t.Fatal(err)
			}
		}
		want := map[bool]int{false: 0, true: 4}[told]
		if got := d.Told() - before; got != want {
			t.Errorf("asked to tell: %v; told %d times, want %d", told, got, want)
		}
	}
}

// testItems: what no second try mends is the event's own fault, and others go on.
func testItems(t *testing.T, d *desk) {
	foreign := d.event(d.Create(Primary, Given{Content: meeting("Theirs", 0), Foreign: true, Guests: []calendar.Guest{{Self: true}}}))
	readable := d.AddCalendar("Team", calendar.RoleReader)
	into := d.insertion(meeting("Intruder", 0))
	into.Calendar = readable
	broken := d.insertion(meeting("Broken", 0))
	broken.Content.Recurrence = []string{"RRULE:FREQ=SOMETIMES"}
	backwards := d.insertion(meeting("Backwards", 0))
	backwards.Content.Start, backwards.Content.End = at(1, 11), at(1, 10)
	for name, do := range map[string]func() error{
		"somebody else's event": func() error {
			_, err := d.p.Patch(t.Context(), edit(foreign, other(0), calendar.FieldTitle))
			return err
		},
		"a calendar that may only be read":    func() error { _, err := d.p.Insert(t.Context(), into); return err },
		"a rule that isn't one":               func() error { _, err := d.p.Insert(t.Context(), broken); return err },
		"an event that ends before it begins": func() error { _, err := d.p.Insert(t.Context(), backwards); return err },
	} {
		err := do()
		if f := fault.Of(err); f == nil || f.Kind != fault.Item || f.Code == "" || f.Message == "" {
			t.Errorf("%s: %v", name, err)
		}
	}
	for _, kind := range d.Kinds() {
		c := meeting("A "+kind, 1)
		c.Start, c.End, c.Visibility = on(1), on(2), calendar.Public
		e := d.event(d.Create(Primary, Given{Content: c, Kind: kind}))
		if _, err := d.p.Patch(t.Context(), edit(e, other(0), calendar.FieldTitle)); !fault.Is(err, fault.Item) {
			t.Errorf("a %s: %v", kind, err)
		}
	}
	d.made(meeting("Healthy", 2))
}
