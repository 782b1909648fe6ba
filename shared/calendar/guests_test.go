package calendar_test

import (
	"testing"

	"aura.example/integrations/shared/calendar"
)

func TestWhichCopiesStay(t *testing.T) {
	t.Parallel()
	yes, link := true, &calendar.Link{Provider: "google", Calendar: "primary"}
	guest := calendar.Mirror{Organizer: true, Guests: []calendar.Guest{{Email: "me@example.com", Self: true}, {Email: "guest@example.com"}}}
	me := calendar.Mirror{Organizer: true, Guests: guest.Guests[:1]}
	left := &calendar.Former{Provider: "google", Calendar: "primary", Mirror: guest}
	for _, c := range []struct {
		name string
		row  *calendar.Row
		item *calendar.Item
		want string
	}{
		{"nobody but its person", &calendar.Row{Link: link, Mirror: me}, nil, ""},
		{"a guest", &calendar.Row{Link: link, Mirror: guest}, nil, calendar.StaysForGuests},
		{"organized by somebody else", &calendar.Row{Link: link, Mirror: me, ReadOnly: true}, nil, calendar.StaysForOthers},
		{"in another calendar", &calendar.Row{Link: &calendar.Link{Provider: "google", Calendar: "team"}, Mirror: guest}, nil, ""},
		{"moved, with the guests told", &calendar.Row{Link: link, Mirror: guest, Pending: calendar.PendingEdit}, &calendar.Item{Op: calendar.OpChange, NotifyGuests: &yes}, calendar.StaysForGuests},
		{"deleted, with the guests told", &calendar.Row{Link: link, Mirror: guest, Pending: calendar.PendingDelete}, &calendar.Item{Op: calendar.OpDelete, NotifyGuests: &yes}, ""},
		{"deleted before anybody was invited", &calendar.Row{Link: link, Mirror: guest, Pending: calendar.PendingDelete}, &calendar.Item{Op: calendar.OpDelete}, calendar.StaysForGuests},
		{"an occurrence that was taken out", &calendar.Row{MasterID: "evt_s", Link: link, Mirror: guest, Content: calendar.Content{Status: calendar.Cancelled}}, nil, ""},
		{"unlinked already", &calendar.Row{Pending: calendar.PendingEdit}, &calendar.Item{Op: calendar.OpCreate, Former: left}, calendar.StaysForGuests},
		{"unlinked from another calendar", &calendar.Row{Pending: calendar.PendingEdit}, &calendar.Item{Op: calendar.OpCreate, Former: &calendar.Former{Provider: "google", Calendar: "team", Mirror: guest}}, ""},
		{"in Aura only", &calendar.Row{}, nil, ""},
	} {
		if got := calendar.Stays(c.row, c.item, "google", "primary"); got != c.want {
			t.Errorf("%s: %q, want %q", c.name, got, c.want)
		}
	}
}

// What is unlinked forgets its copy's guests, and its order remembers them; whoever
// links it with that copy again has them back.
func TestWhatIsUnlinkedForgetsItsGuests(t *testing.T) {
	t.Parallel()
	guest := calendar.Mirror{Kind: "default", Guests: []calendar.Guest{{Email: "guest@example.com"}}, Conference: "https://meet.example/x"}
	row := &calendar.Row{ID: "evt_x", Mirror: guest, ReadOnly: true, Version: 3, Link: &calendar.Link{Provider: "google", Calendar: "primary", ProviderID: "x", ETag: "e"}}
	p := calendar.Unlink(row, nil, "sub", day).Keep(row, nil)
	if p.Row.ReadOnly || p.Row.Invited() != 0 || p.Row.Conference != "" || !p.Row.Organizer {
		t.Errorf("unlinked: %+v", p.Row)
	}
	if row.Invited() != 1 || !row.ReadOnly {
		t.Errorf("what was read has changed: %+v", row)
	}
	back, ok := calendar.Regain(p.Row, p.Item.Put, "google", "sub", "primary")
	if !ok || back.Row.Invited() != 1 || !back.Row.ReadOnly || back.Row.Conference != guest.Conference {
		t.Errorf("linked again %v: %+v", ok, back.Row)
	}
	hole := &calendar.Row{ID: "evt_y", MasterID: "evt_s", Mirror: guest, Link: row.Link, Content: calendar.Content{Status: calendar.Cancelled}}
	if it := calendar.Unlink(hole, nil, "sub", day).Item.Put; it.Former.Mirror.Invited() != 0 {
		t.Errorf("the guests of what was taken out: %+v", it.Former)
	}
}
