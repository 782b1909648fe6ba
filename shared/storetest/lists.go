package storetest

import (
	"reflect"
	"testing"

	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

func testLists(t *testing.T, open Open) {
	each(t, open, map[string]func(*world){
		"checkpoint": func(w *world) {
			if c, err := w.Checkpoints.Checkpoint(w.ctx, w.key); c != nil || err != nil {
				w.t.Errorf("before: %+v, %v", c, err)
			}
			c := integration.Checkpoint{Key: w.key, Generation: "01A", Fence: 7, CalendarID: "primary", Filter: "workingLocation", PageToken: "token", Pages: 2, Events: 5000, At: at(1)}
			w.must(w.Checkpoints.PutCheckpoint(w.ctx, c))
			c.PageToken, c.Pages = "token3", 3
			w.must(w.Checkpoints.PutCheckpoint(w.ctx, c))
			got, err := w.Checkpoints.Checkpoint(w.ctx, w.key)
			w.must(err)
			if !reflect.DeepEqual(got, &c) {
				w.t.Errorf("got %+v, want %+v", got, c)
			}
			late, older, newer := c, c, c
			late.Fence, late.PageToken = 6, "late"
			older.Generation, older.Fence, older.PageToken = "00Z", 99, "older"
			w.refuses(w.Checkpoints.PutCheckpoint(w.ctx, late), fault.Stale, "stale")
			w.refuses(w.Checkpoints.PutCheckpoint(w.ctx, older), fault.Stale, "stale")
			if got, err = w.Checkpoints.Checkpoint(w.ctx, w.key); err != nil || got.PageToken != "token3" {
				w.t.Errorf("after a late holder: %+v, %v", got, err)
			}
			newer.Generation, newer.Fence = "01B", 1
			w.must(w.Checkpoints.PutCheckpoint(w.ctx, newer))
			w.must(w.Checkpoints.DropCheckpoint(w.ctx, w.key))
			w.must(w.Checkpoints.DropCheckpoint(w.ctx, w.key))
			if c, err := w.Checkpoints.Checkpoint(w.ctx, w.key); c != nil || err != nil {
				w.t.Errorf("after: %+v, %v", c, err)
			}
		},
		"calendar list": func(w *world) {
			if l, err := w.Lists.Calendars(w.ctx, w.key); l != nil || err != nil {
				w.t.Errorf("before: %+v, %v", l, err)
			}
			l := integration.CalendarList{Key: w.key, FetchedAt: at(1), Calendars: []integration.ListedCalendar{
				{ID: "me@example.com", Name: "Me", Role: "owner", Primary: true, TimeZone: "Europe/Berlin"}, {ID: "x", Name: "X", Role: "reader"},
			}}
			w.must(w.Lists.PutCalendars(w.ctx, l))
			got, err := w.Lists.Calendars(w.ctx, w.key)
			w.must(err)
			if !reflect.DeepEqual(got, &l) {
				w.t.Errorf("got %+v, want %+v", got, l)
			}
			older := l
			older.FetchedAt, older.Calendars = at(0), nil
			w.must(w.Lists.PutCalendars(w.ctx, older))
			if got, err = w.Lists.Calendars(w.ctx, w.key); err != nil || len(got.Calendars) != 2 {
				w.t.Errorf("an older list came later: %+v, %v", got, err)
			}
			younger := older
			younger.FetchedAt = at(2)
			w.must(w.Lists.PutCalendars(w.ctx, younger))
			if got, err = w.Lists.Calendars(w.ctx, w.key); err != nil || len(got.Calendars) != 0 {
				w.t.Errorf("a younger list: %+v, %v", got, err)
			}
		},
		"held deletions": func(w *world) {
			if h, err := w.Lists.Held(w.ctx, w.key); h != nil || err != nil {
				w.t.Errorf("before: %+v, %v", h, err)
			}
			h := integration.HeldDeletions{Key: w.key, Count: 600, Of: 900, Titles: []string{"a", "<b>"}, At: at(1)}
			w.must(w.Lists.PutHeld(w.ctx, h))
			got, err := w.Lists.Held(w.ctx, w.key)
			w.must(err)
			if !reflect.DeepEqual(got, &h) {
				w.t.Errorf("got %+v, want %+v", got, h)
			}
			late := h
			late.Count, late.At = 5, at(0)
			w.must(w.Lists.PutHeld(w.ctx, late))
			if got, err = w.Lists.Held(w.ctx, w.key); err != nil || got.Count != 600 {
				w.t.Errorf("what an earlier run held came later: %+v, %v", got, err)
			}
			w.must(w.Lists.DropHeld(w.ctx, w.key))
			w.must(w.Lists.DropHeld(w.ctx, w.key))
			if h, err := w.Lists.Held(w.ctx, w.key); h != nil || err != nil {
				w.t.Errorf("after: %+v, %v", h, err)
			}
		},
	})
}
