package connect

import (
	"slices"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/integration"
)

// When things happened: the last sync, and what came after it.
var (
	synced = time.Date(2031, 5, 5, 9, 0, 0, 0, time.UTC)
	later  = synced.Add(time.Hour)
	latest = later.Add(time.Hour)
)

func called(title string) calendar.Content {
	at := synced.AddDate(0, 0, 7)
	return calendar.Content{
		Title: title, Busy: true, Status: calendar.Confirmed,
		Start: calendar.Time{At: at, Zone: "UTC"}, End: calendar.Time{At: at.Add(time.Hour), Zone: "UTC"},
	}
}

// TestWhatAListSaysOfAnOccurrenceWhoseCopyGoes: what of it is news, what it becomes, and
// how that is named. Each case differs in one thing from one that is brought in.
func TestWhatAListSaysOfAnOccurrenceWhoseCopyGoes(t *testing.T) {
	t.Parallel()
	series := &calendar.Row{Account: "a", ID: "evt_s", Origin: calendar.BornInAura, Content: called("S")}
	o := &integration.Order{Key: integration.Key{Account: "a", Provider: "google"}, Generation: "02", Subject: "sub", Look: &integration.Look{Calendar: "primary"}}
	w := &WindDown{Now: func() time.Time { return latest }}
	type state struct {
		row    *calendar.Row
		item   *calendar.Item
		theirs calendar.Remote
		series *calendar.Row
	}
	// linked is an exception as both sides knew it, edited there since.
	linked := func() state {
		return state{series: series, row: &calendar.Row{
			Account: "a", ID: "evt_x", MasterID: "evt_s", Origin: calendar.BornInAura, Version: 3, Content: called("X"), Edited: map[string]time.Time{},
			Link: &calendar.Link{Provider: "google", Calendar: "primary", ProviderID: "x", ETag: "1", Updated: synced, Generation: "02"},
		}, theirs: calendar.Remote{ProviderID: "x", ETag: "2", MasterID: "s", OriginalStart: called("").Start, Content: called("there"), Updated: later}}
	}
	// waits is the same, edited here after the last sync.
	waits := func() state {
		s := linked()
		base := s.row.Content
		s.row.Pending, s.row.Edited["title"], s.row.Title = calendar.PendingEdit, synced.Add(time.Minute), "here"
		s.item = &calendar.Item{Account: "a", EventID: "evt_x", Op: calendar.OpChange, Version: 3, Base: &base}
		return s
	}
	// unlinked is the exception once its series' copy was let go.
	unlinked := func() state {
		s := linked()
		s.row.Link, s.row.Pending = nil, calendar.PendingEdit
		s.item = &calendar.Item{
			Account: "a", EventID: "evt_x", Op: calendar.OpChange, Version: 3,
			Former: &calendar.Former{Provider: "google", Subject: "sub", Calendar: "primary", Updated: synced},
		}
		return s
	}
	// settled is what was edited here and has been sent, with its order left over.
	settled := func() state {
		s := waits()
		base := called("before")
		s.row.Pending, s.row.Title, s.item.Base = "", "X", &base
		return s
	}
	tombstone := func(s state) state {
		base := s.row.Content
		s.row.Pending = calendar.PendingDelete
		if s.item == nil {
			s.item = &calendar.Item{Account: "a", EventID: "evt_x", Version: 3, Base: &base}
		}
		s.item.Op = calendar.OpDelete
		return s
	}
	gone := func(s state) state {
		s.theirs.Deleted, s.theirs.Content = true, calendar.Content{}
		return s
	}
	with := func(s state, do func(*state)) state { do(&s); return s }
	for _, c := range []struct {
		name  string
		state state
		title string             // "" for what is left as it is
		op    calendar.Operation // of its order
		named []string
	}{
		{"edited there", linked(), "there", "", []string{"updated"}},
		{"another connection's by now", with(linked(), func(s *state) { s.row.Link.Generation = "03" }), "", "", nil},
		{"as it was", with(linked(), func(s *state) { s.theirs.ETag = "1" }), "", "", nil},
		{"taken out there", gone(linked()), "cancelled X", "", []string{"occurrence_removed"}},
		{"taken out there, known so", gone(with(linked(), func(s *state) { s.row.Status = calendar.Cancelled })), "", "", nil},
		{"edited on both sides", waits(), "there", calendar.OpChange, []string{"conflict"}},
		{"edited on both sides, here the later", with(waits(), func(s *state) { s.row.Edited["title"] = latest }), "here", calendar.OpChange, []string{"conflict"}},
		{"edited here, taken out there", gone(waits()), "", "", []string{"conflict"}},
		{"deleted here, edited there", tombstone(linked()), "there", calendar.OpChange, []string{"conflict"}},
		{"deleted here, taken out there", gone(tombstone(linked())), "", "", nil},
		{"deleted here, as it was there", with(tombstone(linked()), func(s *state) { s.theirs.Content = called("X") }), "", "", nil},
		{"taken out there, who knows when", gone(with(linked(), func(s *state) { s.theirs.Updated = time.Time{} })), "cancelled X", "", []string{"occurrence_removed"}},
		{"an order is left over, edited there", settled(), "there", calendar.OpChange, []string{"updated"}},
		{"an order is left over, taken out there", gone(settled()), "cancelled X", calendar.OpDelete, []string{"occurrence_removed"}},
		{"edited here and never sent, as its series has it there, with a place", with(waits(), func(s *state) {
			was := called("as the series was")
			s.row.Link, s.item.Base = nil, &was
			s.theirs.Title, s.theirs.Location = "S", "Hall"
		}), "here", calendar.OpChange, []string{"merged"}},
		{"let go, edited there since", unlinked(), "there", calendar.OpChange, []string{"updated"}},
		{"let go, listed once more as it was", with(unlinked(), func(s *state) { s.theirs.Updated = synced }), "", "", nil},
		{"let go, taken out there, who knows when", gone(with(unlinked(), func(s *state) { s.theirs.Updated = time.Time{} })), "cancelled X", calendar.OpDelete, []string{"occurrence_removed"}},
		{"let go, and nothing waits", with(unlinked(), func(s *state) { s.item = nil }), "", "", nil},
		{"let go, edited here before what is there", with(unlinked(), func(s *state) { s.row.Edited["title"] = synced.Add(-time.Minute) }), "there", calendar.OpChange, []string{"updated"}},
		{"new there", with(linked(), func(s *state) { s.row = nil }), "there", calendar.OpChange, []string{"updated"}},
		{"taken out there, new", gone(with(linked(), func(s *state) { s.row = nil })), "cancelled ", calendar.OpDelete, []string{"occurrence_removed"}},
		{"taken out there, of a series that is deleted here", gone(with(linked(), func(s *state) {
			deleted := *series
			s.row, deleted.Pending = nil, calendar.PendingDelete
			s.series = &deleted
		})), "", "", nil},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			pair, met := w.occurrence(o, c.state.series, c.state.row, c.state.item, c.state.theirs)
			var named []string
			for _, d := range met {
				named = append(named, d.What)
			}
			if !slices.Equal(named, c.named) {
				t.Errorf("named %q, want %q", named, c.named)
			}
			title, op := "", calendar.Operation("")
			if pair != nil {
				if title = pair.Row.Title; pair.Row.Status == calendar.Cancelled {
					title = "cancelled " + title
				}
				for _, it := range []*calendar.Item{pair.Item.Put, pair.Item.Update} {
					if it != nil {
						op = it.Op
					}
				}
				if pair.Row.Start.IsZero() || pair.Row.Pending == calendar.PendingDelete {
					t.Errorf("it begins %s, and waits as %q", pair.Row.Start.Text(), pair.Row.Pending)
				}
				if l := pair.Row.Link; l != nil && l.Updated.Before(synced) {
					t.Errorf("its link goes back to %s", l.Updated)
				}
				if f := pair.Item.Update; f != nil && f.Former != nil && f.Former.Updated.Before(synced) {
					t.Errorf("its order goes on from a state of %s", f.Former.Updated)
				}
			}
			if title != c.title || op != c.op {
				t.Errorf("it becomes %q with the order %q, want %q with %q", title, op, c.title, c.op)
			}
		})
	}
}
