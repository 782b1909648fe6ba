package calendartest

import (
	"slices"
	"testing"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
)

func testCalendars(t *testing.T, w World) {
	team := w.AddCalendar("Team", calendar.RoleReader)
	busy := w.AddCalendar("Busy", calendar.RoleFreeBusyReader)
	r := w.Open(w.Access())
	list, err := r.Calendars(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	roles := map[string]calendar.Role{}
	primaries := 0
	for _, c := range list {
		if _, twice := roles[c.ID]; twice || c.ID == "" || c.Name == "" {
			t.Errorf("listed: %+v", c)
		}
		if roles[c.ID] = c.Role; c.Primary {
			primaries++
		}
		// What is listed can be read by the id that it is listed with.
		p, err := r.Changes(t.Context(), calendar.Query{Calendar: c.ID})
		if err != nil || p.Role != c.Role {
			t.Errorf("%s is listed as %s and read as %q: %v", c.ID, c.Role, p.Role, err)
		}
	}
	if len(list) != 3 || primaries != 1 {
		t.Errorf("%d calendars, %d primary", len(list), primaries)
	}
	// The primary calendar goes by that name: its real id can change.
	if roles[Primary] != calendar.RoleOwner || roles[team] != calendar.RoleReader || roles[busy] != calendar.RoleFreeBusyReader {
		t.Errorf("roles %v", roles)
	}
}

func testLostCalendar(t *testing.T, w World) {
	other := w.AddCalendar("Other", calendar.RoleOwner)
	w.Create(other, Given{Content: meeting("a", 0)})
	r := w.Open(w.Access())
	_, cursor := read(t, r, calendar.Query{Calendar: other})
	w.DropCalendar(other)
	for name, q := range map[string]calendar.Query{
		"from the beginning": {Calendar: other},
		"with a cursor":      {Calendar: other, Cursor: cursor},
		"never there":        {Calendar: "nobody@example.com"},
	} {
		if _, err := r.Changes(t.Context(), q); !fault.Is(err, fault.CalendarLost) {
			t.Errorf("%s: %v", name, err)
		}
	}
	if events, _ := read(t, r, calendar.Query{}); len(events) != 0 {
		t.Errorf("the primary calendar holds %s", titles(events))
	}
}

func testContent(t *testing.T, w World) {
	rich := meeting("Rich, with “quotes” & ünïcode", 1)
	rich.Description, rich.Location = "Line one\nline two", "Room 3; second floor"
	rich.Status, rich.Busy, rich.Visibility = calendar.Tentative, false, calendar.Private
	public := meeting("Public", 2)
	public.Visibility = calendar.Public
	allDay := meeting("All day", 0)
	allDay.Start, allDay.End = on(3), on(5) // the end is not part of it
	everyDay := meeting("Every day", 0)
	everyDay.Start, everyDay.End, everyDay.Recurrence = on(6), on(7), []string{"RRULE:FREQ=DAILY;COUNT=3"}
	night := meeting("Over the change of clocks", 12)
	night.End = at(13, 4)
	untitled := meeting("", 8)

	r := w.Open(w.Access())
	for _, want := range []calendar.Content{meeting("Plain", 0), rich, public, allDay, everyDay, night, untitled, weekly("Series")} {
		id := w.Create(Primary, Given{Content: want})
		events, _ := read(t, r, calendar.Query{})
		got := find(t, events, id)
		if !same(got.Content, want) {
			t.Errorf("%q was made as\n%+v and read as\n%+v", want.Title, want, got.Content)
		}
		if got.Deleted || got.MasterID != "" || !got.OriginalStart.IsZero() || got.Created.IsZero() || got.Stamp != "" {
			t.Errorf("%q: %+v", want.Title, got)
		}
	}
}

func testMirror(t *testing.T, w World) {
	r := w.Open(w.Access())
	guests := []calendar.Guest{
		{Self: true, Response: "declined"},
		{Email: "ben@example.com", Name: "Ben", Response: "accepted", Optional: true},
	}
	id := w.Create(Primary, Given{Content: meeting("Invited", 0), Guests: guests, Foreign: true, Stamp: "a-stamp"})
	own := w.Create(Primary, Given{Content: meeting("Own", 1)})
	events, _ := read(t, r, calendar.Query{})
	got := find(t, events, id)
	if got.MyResponse != "declined" || !got.Busy || got.Organizer || got.Stamp != "a-stamp" {
		// Whether a declined event counts as busy is for whoever asks: busy itself
		// travels both ways and stays what the event says.
		t.Errorf("%+v", got)
	}
	if len(got.Guests) != 2 || !slices.ContainsFunc(got.Guests, func(g calendar.Guest) bool {
		return g.Email == "ben@example.com" && g.Name == "Ben" && g.Response == "accepted" && g.Optional && !g.Self
	}) || !slices.ContainsFunc(got.Guests, func(g calendar.Guest) bool { return g.Self && g.Email != "" }) {
		t.Errorf("guests %+v", got.Guests)
	}
	if e := find(t, events, own); !e.Organizer || e.Kind != "default" || len(e.Guests) != 0 || e.MyResponse != "" {
		t.Errorf("%+v", e)
	}
}

func testKinds(t *testing.T, w World) {
	r := w.Open(w.Access())
	plain := w.Create(Primary, Given{Content: meeting("Plain", 0)})
	for _, kind := range w.Kinds() {
		c := meeting("A "+kind, 1)
		c.Start, c.End, c.Visibility = on(1), on(2), calendar.Public
		id := w.Create(Primary, Given{Content: c, Kind: kind})
		without, cursor := read(t, r, calendar.Query{})
		if has(without, id) || !has(without, plain) {
			t.Errorf("not asked for %s: %s", kind, titles(without))
		}
		if changes, _ := read(t, r, calendar.Query{Cursor: cursor}); len(changes) != 0 {
			t.Errorf("%s comes as a change: %s", kind, titles(changes))
		}
		with, _ := read(t, r, calendar.Query{Kinds: []string{kind}})
		if got := find(t, with, id); got.Kind != kind || !has(with, plain) {
			t.Errorf("asked for %s: %+v", kind, got)
		}
	}
}

func testEvent(t *testing.T, w World) {
	r := w.Open(w.Access())
	id := w.Create(Primary, Given{Content: meeting("One", 0)})
	events, _ := read(t, r, calendar.Query{})
	listed := find(t, events, id)
	got, err := r.Event(t.Context(), Primary, id)
	if err != nil || got.ETag != listed.ETag || !same(got.Content, listed.Content) || !got.Updated.Equal(listed.Updated) {
		t.Errorf("listed as %+v, got as %+v: %v", listed, got, err)
	}
	w.Delete(Primary, id)
	if got, err = r.Event(t.Context(), Primary, id); err != nil || !got.Deleted || got.ProviderID != id {
		t.Errorf("deleted: %+v %v", got, err)
	}
	if _, err = r.Event(t.Context(), Primary, "neverwas"); !fault.Is(err, fault.Gone) {
		t.Errorf("never there: %v", err)
	}
}
