package storetest

import (
	"fmt"
	"math"
	"reflect"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
)

// timed is an event of this test's account, an hour long.
func (w *world) timed(id string, start time.Time) *calendar.Row {
	return &calendar.Row{
		Account: w.key.Account, ID: "evt_" + id, Version: 1, Origin: calendar.BornAtProvider,
		Content: calendar.Content{
			Title: "Event " + id, Status: calendar.Confirmed, Busy: true,
			Start: calendar.Time{At: start, Zone: "Europe/Berlin"}, End: calendar.Time{At: start.Add(time.Hour), Zone: "Europe/Berlin"},
		},
		Link: &calendar.Link{Provider: w.key.Provider, Calendar: "primary", ProviderID: "p" + id, ETag: "e1", Updated: at(1)},
	}
}

// brimmingRow has every field set.
func (w *world) brimmingRow() *calendar.Row {
	yes := w.timed("full", at(3600))
	yes.MasterID, yes.OriginalStart = "evt_master", calendar.Time{Date: "2026-11-23"}
	yes.Description, yes.Location = "<p>Größe</p>\n", "Räume 1–3"
	yes.Recurrence = []string{"RRULE:FREQ=DAILY;COUNT=2", "EXDATE;TZID=Europe/Berlin:20261124T130000"}
	yes.Visibility = calendar.Private
	yes.Mirror = calendar.Mirror{
		Kind: "focusTime", MyResponse: "tentative", Conference: "https://meet.example/x", Organizer: true,
		Guests: []calendar.Guest{{Email: "a@example.com", Name: "A", Response: "accepted", Optional: true, Organizer: true, Self: true}, {Email: "b@example.com"}},
	}
	yes.Edited = map[string]time.Time{"title": at(5), "when": at(6)}
	yes.Link.Generation, yes.Link.Fence, yes.Link.Under = "01A", 4, 7
	yes.Pending, yes.Odd, yes.ReadOnly = calendar.PendingEdit, "unknown zone", true
	yes.CreatedAt, yes.UpdatedAt, yes.CreateHash = at(7), at(8).Add(123*time.Millisecond), "hash"
	return yes
}

// write is a run's write of a row: generation and fence as given.
func write(r *calendar.Row, expect int64, generation string, fence int64) calendar.Write {
	return calendar.Write{Row: r, Expect: expect, Generation: generation, Fence: fence}
}

// put stores a row as a first sync does.
func (w *world) put(r *calendar.Row) {
	w.t.Helper()
	_, err := w.Events.Put(w.ctx, write(r, 0, "01A", 4))
	w.must(err)
}

// row reads one back; nil where there is none.
func (w *world) row(id string) *calendar.Row {
	w.t.Helper()
	got, err := w.Events.Rows(w.ctx, w.key.Account, []string{id})
	w.must(err)
	return got[id]
}

func testEvents(t *testing.T, open Open) {
	each(t, open, map[string]func(*world){
		"every field comes back": func(w *world) {
			r := w.brimmingRow()
			w.put(r)
			if got := w.row(r.ID); !reflect.DeepEqual(got, r) {
				w.t.Errorf("got  %+v\nwant %+v", got, r)
			}
			v := reflect.ValueOf(*r)
			for i := range v.NumField() {
				if v.Field(i).IsZero() {
					w.t.Errorf("the test leaves %s empty", v.Type().Field(i).Name)
				}
			}
			got := w.row(r.ID)
			got.Guests[0].Name, got.Edited["title"], got.Link.ETag, got.Recurrence[0] = "x", at(99), "x", "x"
			if again := w.row(r.ID); !reflect.DeepEqual(again, r) {
				w.t.Errorf("somebody's copy shows in the store: %+v", again)
			}
		},
		"an empty row comes back": func(w *world) {
			r := &calendar.Row{Account: w.key.Account, ID: "evt_empty", Version: 1}
			w.put(r)
			if got := w.row(r.ID); !reflect.DeepEqual(got, r) {
				w.t.Errorf("got  %+v\nwant %+v", got, r)
			}
		},
		"many at once": func(w *world) {
			var ids []string
			for i := range 230 { // more than two batches
				r := w.timed(fmt.Sprintf("n%03d", i), at(i))
				w.put(r)
				ids = append(ids, r.ID)
			}
			ids = append(ids, "evt_unknown", ids[0], ids[229]) // and some twice
			got, err := w.Events.Rows(w.ctx, w.key.Account, ids)
			w.must(err)
			if len(got) != 230 || got["evt_n229"] == nil || got["evt_n229"].Title != "Event n229" {
				w.t.Errorf("got %d rows", len(got))
			}
			got, err = w.Events.Rows(w.ctx, w.key.Account+"-other", ids[:3])
			if len(got) != 0 || err != nil {
				w.t.Errorf("another account sees %d rows, %v", len(got), err)
			}
			got, err = w.Events.Rows(w.ctx, w.key.Account, nil)
			if len(got) != 0 || err != nil {
				w.t.Errorf("asked for nothing: %d rows, %v", len(got), err)
			}
		},
		"a put is conditional": func(w *world) {
			first := w.timed("x", at(0))
			w.put(first) // by 01A, fence 4
			stored := w.row(first.ID)
			for _, x := range []struct {
				name   string
				expect int64
				gen    string
				fence  int64
				ok     bool
			}{
				{"must not exist, but does", 0, "01A", 4, false},
				{"another version", 2, "01A", 4, false},
				{"a lower fence", 1, "01A", 3, false},
				{"an older generation, whatever its fence", 1, "019", 99, false},
				{"the same fence", 1, "01A", 4, true},
				{"a higher fence", 2, "01A", 5, true},
				{"the fence before that", 3, "01A", 4, false},
				{"a newer generation, whatever its fence", 3, "01B", 1, true},
				{"the older generation again", 4, "01A", 99, false},
			} {
				next := w.timed("x", at(0))
				next.Version, next.Title = x.expect+1, x.name
				got, err := w.Events.Put(w.ctx, write(next, x.expect, x.gen, x.fence))
				if x.ok {
					if err != nil {
						w.t.Errorf("%s: %v", x.name, err)
					}
					stored = w.row(first.ID)
					if stored.Title != x.name || stored.Link.Generation != x.gen || stored.Link.Fence != x.fence {
						w.t.Errorf("%s: stored %+v %+v", x.name, stored, stored.Link)
					}
					continue
				}
				if !fault.Is(err, fault.Stale) || !reflect.DeepEqual(got, stored) {
					w.t.Errorf("%s: got %+v, %v; want stale and what is stored", x.name, got, err)
				}
			}
		},
		"a put of what is gone": func(w *world) {
			got, err := w.Events.Put(w.ctx, write(w.timed("x", at(0)), 3, "01A", 4))
			if got != nil || !fault.Is(err, fault.Stale) {
				w.t.Errorf("got %+v, %v", got, err)
			}
		},
		"a delete is conditional": func(w *world) {
			r := w.timed("x", at(0))
			w.put(r)
			stored := w.row(r.ID)
			for name, d := range map[string]calendar.Write{
				"another version":     write(r, 2, "01A", 4),
				"a lower fence":       write(r, 1, "01A", 3),
				"an older generation": write(r, 1, "019", math.MaxInt64),
			} {
				if got, err := w.Events.Delete(w.ctx, d); !fault.Is(err, fault.Stale) || !reflect.DeepEqual(got, stored) {
					w.t.Errorf("%s: got %+v, %v; want stale and what is stored", name, got, err)
				}
			}
			bare := &calendar.Row{Account: w.key.Account, ID: r.ID}
			if got, err := w.Events.Delete(w.ctx, write(bare, 1, "01A", math.MaxInt64)); got != nil || err != nil {
				w.t.Errorf("got %+v, %v", got, err)
			}
			if w.row(r.ID) != nil {
				w.t.Error("it is there yet")
			}
			if got, err := w.Events.Delete(w.ctx, write(r, 1, "01A", 4)); got != nil || err != nil {
				w.t.Errorf("again: %+v, %v; it is gone, as was wanted", got, err)
			}
		},
		"no delete under a pending edit": func(w *world) {
			r := w.timed("x", at(0))
			r.Pending = calendar.PendingEdit
			w.put(r)
			if got, err := w.Events.Delete(w.ctx, write(r, 1, "01A", 4)); !fault.Is(err, fault.Stale) || got == nil {
				w.t.Errorf("got %+v, %v", got, err)
			}
		},
	})
}

func testQuarantine(t *testing.T, open Open) {
	each(t, open, map[string]func(*world){
		"kept by event": func(w *world) {
			q := calendar.Quarantine{Account: w.key.Account, EventID: "evt_2", Provider: w.key.Provider, ProviderID: "p2", Title: "<b>", Op: calendar.OpRestore, Code: "bad_rule",
				Reason: "The rule can't be read.", ETag: "e", Since: at(1)}
			w.must(w.Quarantines.PutQuarantine(w.ctx, q))
			q.Reason = "The rule can't be read, again."
			w.must(w.Quarantines.PutQuarantine(w.ctx, q))
			other := calendar.Quarantine{Account: w.key.Account, EventID: "evt_1"}
			w.must(w.Quarantines.PutQuarantine(w.ctx, other))
			w.put(w.timed("x", at(0)))
			got, err := w.Events.Quarantined(w.ctx, w.key.Account)
			w.must(err)
			if want := []calendar.Quarantine{other, q}; !reflect.DeepEqual(got, want) {
				w.t.Errorf("got  %+v\nwant %+v", got, want)
			}
			w.must(w.Quarantines.DropQuarantine(w.ctx, w.key.Account, "evt_2"))
			w.must(w.Quarantines.DropQuarantine(w.ctx, w.key.Account, "evt_2"))
			if got, err = w.Events.Quarantined(w.ctx, w.key.Account); err != nil || len(got) != 1 {
				w.t.Errorf("got %+v, %v", got, err)
			}
		},
	})
}
