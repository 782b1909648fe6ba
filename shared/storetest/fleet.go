package storetest

import (
	"fmt"
	"hash/fnv"
	"testing"
	"time"

	"aura.example/integrations/shared/integration"
)

// window gives one that no other test counts in.
func (w *world) window() int64 {
	h := fnv.New32a()
	_, _ = h.Write([]byte(w.key.Account))
	return 1e9 + int64(h.Sum32()%1e8)*10
}

func testFleet(t *testing.T, open Open) {
	each(t, open, map[string]func(*world){
		"failures are counted by window, over all shards": func(w *world) {
			count := func(i int, window int64) integration.FleetTally {
				w.t.Helper()
				got, err := w.Fleet.CountFailure(w.ctx, integration.Key{Account: fmt.Sprintf("%s-%d", w.key.Account, i), Provider: w.key.Provider}, window)
				w.must(err)
				return got
			}
			window := w.window()
			for i := range 20 { // of accounts enough to meet every shard
				count(i, window)
			}
			if got, want := count(20, window), (integration.FleetTally{Failed: 21}); got != want {
				w.t.Errorf("the window has %+v, want %+v", got, want)
			}
			for range 2 { // looking counts nobody
				if got, err := w.Fleet.Tally(w.ctx, window); got.Failed != 21 || err != nil {
					w.t.Errorf("the window is seen with %+v, %v", got, err)
				}
			}
			count(0, window+1)
			if got, want := count(1, window+1), (integration.FleetTally{Failed: 2, FailedBefore: 21}); got != want {
				w.t.Errorf("the next has %+v, want %+v", got, want)
			}
			if got, want := count(2, window+3), (integration.FleetTally{Failed: 1}); got != want {
				w.t.Errorf("a later one has %+v, want %+v", got, want)
			}
		},
		"it is told beside what was due": func(w *world) {
			window := w.window()
			for shard, m := range []integration.Mark{
				{Pacing: integration.Pacing{Minute: at(0), Window: window}, Due: 30, DueBefore: 300},
				{Pacing: integration.Pacing{Minute: at(-900), Window: window - 1}, Due: 450, DueBefore: 9999}, // behind
				{Pacing: integration.Pacing{Minute: at(-1800), Window: window - 2}, Due: 9999, DueBefore: 9999},
			} {
				w.must(w.Slots.SetWatermark(w.ctx, shard, time.Time{}, m))
			}
			got, err := w.Fleet.CountFailure(w.ctx, w.key, window)
			w.must(err)
			if want := (integration.FleetTally{Failed: 1, Due: 2, DueBefore: 50}); got != want {
				w.t.Errorf("got %+v, want %+v", got, want)
			}
		},
		"whoever counts at once is counted": func(w *world) {
			window := w.window()
			race(10, func(int) {
				if _, err := w.Fleet.CountFailure(w.ctx, w.key, window); err != nil {
					w.t.Error(err)
				}
			})
			// A repeated write beside others may count twice: that is all it may be off by.
			if got, err := w.Fleet.CountFailure(w.ctx, w.key, window); got.Failed < 11 || err != nil {
				w.t.Errorf("got %+v, %v", got, err)
			}
		},
	})
}
