package storetest

import (
	"reflect"
	"slices"
	"testing"
	"time"

	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// entry stores one history entry through a change of settings.
func (w *world) entry(e integration.Entry) {
	w.t.Helper()
	rec := w.get()
	w.must(w.Store.Note(w.ctx, rec, nil, &e))
}

// runs gives a full report; n tells it from others.
func (w *world) run(n int) integration.Run {
	return integration.Run{
		Key: w.key, ID: w.id(), Generation: "01A", Trigger: integration.TriggerSyncNow, State: integration.RunFailed,
		StartedAt: w.Clock.Now(), EndedAt: w.Clock.Now().Add(time.Minute), Progress: integration.Progress{Phase: integration.PhasePulling, Pages: n, Events: 2},
		Pulled: integration.Pulled{Created: 1, Updated: 2, Deleted: 3, Unchanged: 4}, Pushed: integration.Pushed{Created: 5, Updated: 6, Deleted: 7},
		Conflicts: 8, Quarantined: 9, ProviderCalls: 10, Units: integration.Units{Read: 1.5, Write: 2}, Retries: 11,
		Error: &integration.RunError{Class: "transient", Code: "rate_limited", Message: "The provider asked to slow down."}, CorrelationID: "c",
	}
}

func testJournal(t *testing.T, open Open) {
	each(t, open, map[string]func(*world){
		"history comes newest first, page by page": func(w *world) {
			w.record()
			var want []string
			for range 7 {
				w.Clock.Advance(time.Second)
				e := integration.Entry{ID: w.id(), Key: w.key, Generation: "01A", At: w.Clock.Now(), Transition: integration.Pause, From: integration.Active, To: integration.Paused}
				w.entry(e)
				want = append([]string{e.ID}, want...)
			}
			for _, limit := range []int{0, 1, 3, 7, 100} {
				var got []string
				pages, cursor := 0, ""
				for {
					list, next, err := w.Journal.Entries(w.ctx, w.key, integration.Page{Limit: limit, Cursor: cursor}, w.Clock.Now())
					w.must(err)
					if limit > 0 && len(list) > limit {
						w.t.Errorf("a page of %d has %d", limit, len(list))
					}
					for _, e := range list {
						got = append(got, e.ID)
					}
					pages++
					if cursor = next; next == "" {
						break
					}
				}
				if !slices.Equal(got, want) {
					w.t.Errorf("by %d: got %v, want %v", limit, got, want)
				}
				if wantPages := map[int]int{0: 1, 1: 7, 3: 3, 7: 1, 100: 1}[limit]; pages != wantPages {
					w.t.Errorf("by %d: %d pages, want %d", limit, pages, wantPages)
				}
			}
		},
		"history of one provider only": func(w *world) {
			w.record()
			w.entry(integration.Entry{ID: w.id(), Key: w.key, At: noon})
			other := integration.Key{Account: w.key.Account, Provider: w.key.Provider + "2"}
			list, _, err := w.Journal.Entries(w.ctx, other, integration.Page{}, noon)
			w.must(err)
			if len(list) != 0 {
				w.t.Errorf("another provider's history shows: %+v", list)
			}
		},
		"history outlives deletion, and expires": func(w *world) {
			ch := w.move(w.record(), integration.Delete)
			ch.After = nil
			w.must(w.Store.Apply(w.ctx, ch))
			for after, want := range map[time.Duration]int{integration.Retention - time.Second: 1, integration.Retention + time.Second: 0} {
				list, _, err := w.Journal.Entries(w.ctx, w.key, integration.Page{Limit: 5}, noon.Add(after))
				w.must(err)
				if len(list) != want {
					w.t.Errorf("after %s there are %d entries, want %d", after, len(list), want)
				}
			}
		},
		"a run comes back, in place of its earlier report": func(w *world) {
			r := w.run(1)
			r.State, r.EndedAt, r.Error = integration.RunRunning, time.Time{}, nil
			w.must(w.Journal.PutRun(w.ctx, r))
			full := w.run(2)
			full.ID = r.ID
			full.Decisions = []integration.Decision{{What: "created"}} // stored apart
			w.must(w.Journal.PutRun(w.ctx, full))
			got, err := w.Journal.Run(w.ctx, w.key, r.ID, noon)
			w.must(err)
			full.Decisions = nil
			if !reflect.DeepEqual(*got, full) {
				w.t.Errorf("got  %+v\nwant %+v", *got, full)
			}
			_, err = w.Journal.Run(w.ctx, w.key, "01UNKNOWN", noon)
			w.refuses(err, fault.NotFound, "")
		},
		"runs come newest first, and expire": func(w *world) {
			var want []string
			for i := range 5 {
				w.Clock.Advance(24 * time.Hour)
				r := w.run(i)
				w.must(w.Journal.PutRun(w.ctx, r))
				want = append([]string{r.ID}, want...)
			}
			ids := func(now time.Time) (got []string) {
				cursor := ""
				for {
					list, next, err := w.Journal.Runs(w.ctx, w.key, integration.Page{Limit: 2, Cursor: cursor}, now)
					w.must(err)
					for _, r := range list {
						got = append(got, r.ID)
					}
					if cursor = next; next == "" {
						return got
					}
				}
			}
			if got := ids(w.Clock.Now()); !slices.Equal(got, want) {
				w.t.Errorf("got %v, want %v", got, want)
			}
			// The first was kept for long enough; it is there yet, since TTL deletes late.
			now := noon.Add(24*time.Hour + integration.Retention + time.Second)
			if got := ids(now); !slices.Equal(got, want[:4]) {
				w.t.Errorf("later: got %v, want %v", got, want[:4])
			}
			_, err := w.Journal.Run(w.ctx, w.key, want[4], now)
			w.refuses(err, fault.NotFound, "")
		},
		"decisions come in the order of their chunks": func(w *world) {
			run := w.id()
			expires := noon.Add(time.Hour)
			var want []integration.Decision
			for n := range 12 { // more than one digit
				d := integration.Decision{At: noon, Event: "evt_1", Title: "t", What: "conflict", Why: "both", Field: "title", Ours: "a", Their: "b", Rule: "newer", Won: string(rune('a' + n))}
				want = append(want, d)
			}
			for n := 11; n >= 0; n-- {
				w.must(w.Journal.PutDecisions(w.ctx, w.key, run, n, want[n:n+1], expires))
			}
			w.must(w.Journal.PutDecisions(w.ctx, w.key, run, 3, want[3:4], expires)) // its acknowledgement was lost
			w.refuses(w.Journal.PutDecisions(w.ctx, w.key, run, 3, want[:1], expires), fault.Stale, "stale")
			got, err := w.Journal.Decisions(w.ctx, w.key, run)
			w.must(err)
			if !reflect.DeepEqual(got, want) {
				w.t.Errorf("got  %+v\nwant %+v", got, want)
			}
			w.Clock.Advance(time.Hour + 2*time.Second)
			if got, err = w.Journal.Decisions(w.ctx, w.key, run); len(got) != 0 || err != nil {
				w.t.Errorf("expired decisions show: %+v, %v", got, err)
			}
		},
	})
}
