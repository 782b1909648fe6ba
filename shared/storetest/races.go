package storetest

import (
	"fmt"
	"sync"
	"sync/atomic"
	"testing"

	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// race starts n callers at the same moment and waits for them all.
func race(n int, call func(i int)) {
	var ready, done sync.WaitGroup
	start := make(chan struct{})
	for i := range n {
		ready.Add(1)
		done.Add(1)
		go func() {
			defer done.Done()
			ready.Done()
			<-start
			call(i)
		}()
	}
	ready.Wait()
	close(start)
	done.Wait()
}

func testRaces(t *testing.T, open Open) {
	each(t, open, map[string]func(*world){
		"creates of one place: exactly one": func(w *world) {
			drafts := make([]*integration.Integration, 20)
			for i := range drafts {
				drafts[i] = w.draft(w.key)
			}
			var won atomic.Int32
			race(len(drafts), func(i int) {
				err := w.Store.Apply(w.ctx, integration.Change{After: drafts[i], Limit: 50})
				if err == nil {
					won.Add(1)
				} else if fault.CodeOf(err) != "provider_exists" {
					w.t.Errorf("a loser got %v", err)
				}
			})
			if won.Load() != 1 {
				w.t.Errorf("%d creates won one place", won.Load())
			}
			w.untouched(nil, 1, 0)
		},
		"creates at the limit: exactly as many as fit": func(w *world) {
			const limit = 5
			drafts := make([]*integration.Integration, 20)
			for i := range drafts {
				drafts[i] = w.draft(integration.Key{Account: w.key.Account, Provider: fmt.Sprintf("p%02d", i)})
			}
			var won atomic.Int32
			race(len(drafts), func(i int) {
				err := w.Store.Apply(w.ctx, integration.Change{After: drafts[i], Limit: limit})
				if err == nil {
					won.Add(1)
				} else if fault.CodeOf(err) != "plan_limit_reached" {
					w.t.Errorf("a loser got %v", err)
				}
			})
			if won.Load() != limit {
				w.t.Errorf("%d creates won %d places", won.Load(), limit)
			}
			w.counted()
		},
		"100 creates and deletes: the count is the records": func(w *world) {
			race(100, func(i int) {
				k := integration.Key{Account: w.key.Account, Provider: fmt.Sprintf("p%02d", i%10)}
				if rec, err := w.Store.Get(w.ctx, k); err == nil {
					w.tolerate(w.Store.Apply(w.ctx, integration.Change{Before: rec}))
					return
				}
				rec, _, err := integration.Move(integration.New(k, w.id(), noon), integration.Create, integration.Moving{Now: noon})
				if err == nil {
					err = w.Store.Apply(w.ctx, integration.Change{After: rec, Limit: 7})
				}
				w.tolerate(err)
			})
			w.counted()
		},
		"plan changes: each version once": func(w *world) {
			var won atomic.Int32
			race(10, func(i int) {
				_, err := w.Accounts.SetPlan(w.ctx, integration.Account{ID: w.key.Account, Plan: "same", Limit: 3})
				if err == nil {
					won.Add(1)
				}
			})
			if won.Load() != 1 {
				w.t.Errorf("%d equal plan changes of one version passed", won.Load())
			}
		},
		"equal settings of one version: exactly one": func(w *world) {
			rec := w.record()
			after := rec.Clone()
			after.Version++
			after.Settings.CalendarName = "the same for all"
			var won atomic.Int32
			race(10, func(int) {
				if w.Store.Apply(w.ctx, integration.Change{Before: rec, After: after}) == nil {
					won.Add(1)
				}
			})
			if won.Load() != 1 {
				w.t.Errorf("%d equal changes of one version passed", won.Load())
			}
		},
		"a flow is consumed once": func(w *world) {
			flow := integration.Flow{StateHash: w.id(), Key: w.key, Expires: at(600)}
			w.must(w.Store.Note(w.ctx, w.record(), &flow, nil))
			var won atomic.Int32
			race(10, func(int) {
				err := w.Flows.Consume(w.ctx, flow.StateHash)
				if err == nil {
					won.Add(1)
				} else if !fault.Is(err, fault.NotFound) {
					w.t.Errorf("a loser got %v", err)
				}
			})
			if won.Load() != 1 {
				w.t.Errorf("%d consumed one flow", won.Load())
			}
		},
		"refreshes of one version: exactly one": func(w *world) {
			w.credential("s-" + w.key.Account)
			c, err := w.Credentials.Credential(w.ctx, w.key, "01A")
			w.must(err)
			var won atomic.Int32
			race(50, func(i int) {
				mine := *c
				mine.Sealed.Data = []byte(fmt.Sprintf("token %d", i))
				_, err := w.Credentials.Refresh(w.ctx, mine)
				if err == nil {
					won.Add(1)
				} else if !fault.Is(err, fault.Stale) {
					w.t.Errorf("a loser got %v", err)
				}
			})
			now, err := w.Credentials.Credential(w.ctx, w.key, "01A")
			w.must(err)
			if won.Load() != 1 || now.Version != c.Version+1 {
				w.t.Errorf("%d refreshes of version %d passed, it is at %d now", won.Load(), c.Version, now.Version)
			}
		},
		"a lease is taken once, fresh": func(w *world) {
			w.oneTaker(func(*integration.Integration) {}, func(i int, c *integration.Claim) {})
		},
		"a lease is taken once, by Sync now": func(w *world) {
			w.oneTaker(func(*integration.Integration) {}, func(i int, c *integration.Claim) { c.Queue = true })
		},
		"a lease is taken once, by workers and Sync now": func(w *world) {
			w.oneTaker(func(*integration.Integration) {}, func(i int, c *integration.Claim) { c.Queue = i%10 == 0 })
		},
		"a lease is taken once, adopting": func(w *world) {
			w.oneTaker(func(r *integration.Integration) {
				r.Lease = integration.QueuedRun("promised", "theirs", integration.TriggerSyncNow, noon)
			}, func(i int, c *integration.Claim) {
				if i%2 == 0 {
					c.RunID = "promised"
				}
			})
		},
		"a lease is taken once, taking over": func(w *world) {
			w.oneTaker(func(r *integration.Integration) {
				r.Lease = &integration.Lease{RunID: "dead", Attempt: "theirs", State: integration.RunRunning, Started: at(-100), Until: at(-50)}
			}, func(i int, c *integration.Claim) {})
		},
	})
}

// tolerate allows the refusals that a race may bring.
func (w *world) tolerate(err error) {
	if err != nil && !fault.Is(err, fault.NotFound, fault.Conflict, fault.Stale) {
		w.t.Errorf("refused with %v", err)
	}
}

// counted fails the test unless the account's count is the number of records.
func (w *world) counted() {
	w.t.Helper()
	list, err := w.Store.List(w.ctx, w.key.Account)
	w.must(err)
	a, err := w.Accounts.Account(w.ctx, w.key.Account)
	w.must(err)
	if a.Used != len(list) {
		w.t.Errorf("the account counts %d, there are %d records", a.Used, len(list))
	}
}

// oneTaker races 30 claims for one lease. A queued lease that Sync now took may
// be adopted by a worker of the same race: that is two takings of one run, in
// order, so what must be single is the runs and the holder at the end.
func (w *world) oneTaker(prepare func(*integration.Integration), vary func(int, *integration.Claim)) {
	w.t.Helper()
	rec := w.record(prepare)
	var mu sync.Mutex
	runs, fences := map[string]int{}, map[int64]bool{}
	race(30, func(i int) {
		c := integration.Claim{
			Key: w.key, Generation: rec.ID, NewRunID: fmt.Sprintf("run%02d", i), Attempt: fmt.Sprintf("attempt%02d", i),
			Due: at(0), Now: at(0), Trigger: integration.TriggerSchedule,
		}
		vary(i, &c)
		got, verdict, err := w.Leases.Take(w.ctx, c)
		mu.Lock()
		defer mu.Unlock()
		switch {
		case err != nil:
			w.t.Errorf("claim %d: %v", i, err)
		case verdict == integration.Taken:
			runs[got.Lease.RunID]++
			if fences[got.Fence] {
				w.t.Errorf("two takings have fence %d", got.Fence)
			}
			fences[got.Fence] = true
			if got.Lease.Attempt != c.Attempt {
				w.t.Errorf("claim %d was told it holds the lease of %s", i, got.Lease.Attempt)
			}
		case verdict != integration.Busy && (verdict != integration.Acknowledge || c.RunID == ""): // a copy of the taker's own job is done
			w.t.Errorf("claim %d: %s", i, verdict)
		}
	})
	if len(runs) != 1 || len(fences) > 2 {
		w.t.Errorf("takings by run: %v, want one run", runs)
	}
	if got := w.get(); got.Fence != rec.Fence+int64(len(fences)) || got.Lease == nil || runs[got.Lease.RunID] == 0 {
		w.t.Errorf("after %d takings from fence %d: %+v, lease %+v", len(fences), rec.Fence, got, got.Lease)
	}
}
