package storetest

import (
	"reflect"
	"testing"
	"time"

	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// held is this test's record with a run that took the lease at noon.
func (w *world) held(options ...func(*integration.Integration)) (*integration.Integration, integration.Hold) {
	w.t.Helper()
	rec := w.record(options...)
	taken, verdict, err := w.Leases.Take(w.ctx, integration.Claim{
		Key: w.key, Generation: rec.ID, NewRunID: "r1", Attempt: "a1", Due: at(0), Now: at(0), Trigger: integration.TriggerSchedule,
	})
	w.must(err)
	if verdict != integration.Taken {
		w.t.Fatalf("the lease wasn't given: %s", verdict)
	}
	return taken, integration.Hold{Key: w.key, Generation: rec.ID, Fence: taken.Fence}
}

// is fails the test unless the record is as wanted.
func (w *world) is(want *integration.Integration) {
	w.t.Helper()
	if got := w.get(); !reflect.DeepEqual(got, want) {
		w.t.Errorf("got  %+v %+v\nwant %+v %+v", got, got.Lease, want, want.Lease)
	}
}

func ptr[T any](v T) *T { return &v }

func testRuns(t *testing.T, open Open) {
	each(t, open, map[string]func(*world){
		"a commit stores what it gives": func(w *world) {
			want, hold := w.held()
			w.must(w.Leases.Commit(w.ctx, hold, integration.Commit{Until: at(50), Phase: integration.PhasePushing, Pages: 2, Events: 5000, Email: "new@example.com"}))
			want.Lease.Until, want.Lease.Phase, want.Lease.Pages, want.Lease.Events = at(50), integration.PhasePushing, 2, 5000
			want.Email = "new@example.com"
			w.is(want)
			ch, slot := integration.Channel{ID: "ch", Resource: "r", Expires: at(9000), Next: "nx", NotBefore: at(8000)}, "60#1#1"
			w.must(w.Leases.Commit(w.ctx, hold, integration.Commit{Channel: &ch, Slot: &slot}))
			want.Channel, want.Slot = &ch, slot
			w.is(want)
			w.must(w.Leases.Commit(w.ctx, hold, integration.Commit{Channel: &integration.Channel{}}))
			want.Channel = nil
			w.is(want)
			w.must(w.Leases.Commit(w.ctx, hold, integration.Commit{ForgetCursor: true}))
			want.Cursor = ""
			w.is(want)
			w.must(w.Leases.Commit(w.ctx, hold, integration.Commit{Until: at(60)}))
			want.Lease.Until = at(60)
			w.is(want)
			w.must(w.Leases.Commit(w.ctx, hold, integration.Commit{})) // asks only whether the run still holds
			w.is(want)
			lost := hold
			lost.Fence++
			w.refuses(w.Leases.Commit(w.ctx, lost, integration.Commit{}), fault.Stale, "")
		},
		"a commit checkpoints": func(w *world) {
			want, hold := w.held()
			w.must(w.Leases.SetDirty(w.ctx, w.key, want.ID, "a1"))
			w.must(w.Leases.Commit(w.ctx, hold, integration.Commit{Until: at(300), State: integration.RunQueued, Pages: 3}))
			want.Lease.State, want.Lease.Until, want.Lease.Pages, want.Dirty = integration.RunQueued, at(300), 3, true
			w.is(want)
		},
		"a commit begins another round": func(w *world) {
			want, hold := w.held()
			w.must(w.Leases.SetDirty(w.ctx, w.key, want.ID, "a1"))
			w.must(w.Leases.Commit(w.ctx, hold, integration.Commit{Until: at(50), Started: at(20)}))
			want.Lease.Started, want.Lease.Until = at(20), at(50)
			w.is(want)
			// Another one in the very same moment is another one all the same.
			w.must(w.Leases.SetDirty(w.ctx, w.key, want.ID, "a1"))
			w.must(w.Leases.Commit(w.ctx, hold, integration.Commit{Until: at(50), Started: at(20)}))
			w.is(want)
		},
		"a commit is refused": func(w *world) {
			want, hold := w.held()
			for name, h := range map[string]integration.Hold{
				"a lower fence":      {Key: w.key, Generation: hold.Generation, Fence: hold.Fence - 1},
				"a higher fence":     {Key: w.key, Generation: hold.Generation, Fence: hold.Fence + 1},
				"another generation": {Key: w.key, Generation: "01OTHER", Fence: hold.Fence},
				"another provider":   {Key: integration.Key{Account: w.key.Account, Provider: "x"}, Generation: hold.Generation, Fence: hold.Fence},
			} {
				if err := w.Leases.Commit(w.ctx, h, integration.Commit{Until: at(99), Started: at(9)}); !fault.Is(err, fault.Stale) {
					w.t.Errorf("%s: %v, want stale", name, err)
				}
				if err := w.Leases.End(w.ctx, h, integration.Ending{Outcome: integration.RunSucceeded}); !fault.Is(err, fault.Stale) {
					w.t.Errorf("end with %s: %v, want stale", name, err)
				}
			}
			w.is(want)
			w.must(w.Leases.End(w.ctx, hold, integration.Ending{Outcome: integration.RunFailed}))
			w.refuses(w.Leases.Commit(w.ctx, hold, integration.Commit{Until: at(99)}), fault.Stale, "")
		},
		"superseded by a transition": func(w *world) {
			taken, hold := w.held()
			w.must(w.Store.Apply(w.ctx, w.move(taken, integration.Pause)))
			now := w.get()
			w.refuses(w.Leases.Commit(w.ctx, hold, integration.Commit{Until: at(99)}), fault.Stale, "")
			w.refuses(w.Leases.End(w.ctx, hold, integration.Ending{Outcome: integration.RunSucceeded, Cursor: ptr("x")}), fault.Stale, "")
			w.refuses(w.Leases.SetDirty(w.ctx, w.key, taken.ID, "a1"), fault.Stale, "")
			w.is(now)
		},
		"superseded by a takeover": func(w *world) {
			_, hold := w.held()
			c := integration.Claim{Key: w.key, Generation: hold.Generation, NewRunID: "r2", Attempt: "a2", Due: at(0), Now: at(40)}
			now, verdict, err := w.Leases.Take(w.ctx, c)
			w.must(err)
			if verdict != integration.Taken || now.Vanished == nil || now.Vanished.RunID != "r1" {
				w.t.Errorf("%s, vanished %+v; want taken over from r1", verdict, now.Vanished)
			}
			now.Vanished = nil
			w.refuses(w.Leases.Commit(w.ctx, hold, integration.Commit{Until: at(99)}), fault.Stale, "")
			w.refuses(w.Leases.End(w.ctx, hold, integration.Ending{Outcome: integration.RunSucceeded, LastRun: &integration.LastRun{ID: "r1"}}), fault.Stale, "")
			w.is(now)
		},
		"an end gives everything up": func(w *world) {
			want, hold := w.held(func(r *integration.Integration) {
				r.Slot = integration.SlotName(5, 1, 1)
				r.VerifyAfter, r.DeletionsDecision = at(-5), integration.DeletionsConfirmed
				r.CalendarSwitch = &integration.CalendarSwitch{OldCalendar: "old"}
				r.Failures, r.FailureWindow, r.RetryNotBefore, r.RetryAt, r.PushPausedUntil, r.PushRest, r.ReadOnly, r.EditsWait, r.Unreadable = 3, 5, at(-1), at(-2), at(-3), time.Hour, true, at(-4), true
			})
			last := integration.LastRun{ID: "r1", Started: at(0), Ended: at(9), Trigger: integration.TriggerSchedule, Outcome: integration.RunSucceeded, Created: 1}
			w.must(w.Leases.End(w.ctx, hold, integration.Ending{
				Outcome: integration.RunSucceeded, LastRun: &last, Started: at(0), Cursor: ptr("c2"), LinkedCount: ptr(5), FreshAsOf: at(1),
				ClearVerify: true, ClearDecision: true, ClearSwitch: true, Failures: ptr(0), FailureWindow: ptr(int64(0)),
				RetryNotBefore: ptr(time.Time{}), RetryAt: ptr(time.Time{}), PushPausedUntil: ptr(time.Time{}), PushRest: ptr(time.Duration(0)), ReadOnly: ptr(false), EditsSent: at(-4), Unreadable: ptr(false), Slot: ptr(integration.SlotName(60, 2, 2)),
			}))
			want.Lease, want.LastRun, want.LastStarted, want.Cursor, want.LinkedCount, want.FreshAsOf = nil, &last, at(0), "c2", 5, at(1)
			want.VerifyAfter, want.DeletionsDecision, want.CalendarSwitch = time.Time{}, "", nil
			want.Failures, want.FailureWindow, want.RetryNotBefore, want.RetryAt, want.PushPausedUntil = 0, 0, time.Time{}, time.Time{}, time.Time{}
			want.PushRest, want.ReadOnly, want.EditsWait, want.Unreadable = 0, false, time.Time{}, false
			want.Slot = integration.SlotName(60, 2, 2)
			w.is(want)
		},
		"an end of nothing keeps everything": func(w *world) {
			want, hold := w.held(func(r *integration.Integration) {
				r.VerifyAfter, r.DeletionsDecision, r.Cursor, r.LinkedCount = at(-5), integration.DeletionsConfirmed, "c1", 3
				r.LastRun, r.LastStarted, r.FreshAsOf, r.Failures = &integration.LastRun{ID: "r0"}, at(-50), at(-49), 2
			})
			w.must(w.Leases.End(w.ctx, hold, integration.Ending{Outcome: integration.RunFailed, Started: at(0), RetryNotBefore: ptr(at(70)), FailureWindow: ptr(int64(6))}))
			want.Lease, want.RetryNotBefore, want.FailureWindow = nil, at(70), 6
			w.is(want) // a failed run covers nothing: LastStarted stays
		},
		"a failed end shows beside the run that completed, until the next that does": func(w *world) {
			want, hold := w.held(func(r *integration.Integration) { completed(r, "r0", -50) })
			last := want.Failed(integration.Run{ID: "r1", StartedAt: at(0), EndedAt: at(9), Trigger: integration.TriggerSchedule})
			e := integration.Ending{Outcome: integration.RunFailed, LastRun: last, Started: at(0)}
			w.must(w.Leases.End(w.ctx, hold, e))
			want.Lease, want.LastRun = nil, last
			w.is(want)
			if got := w.get(); got.LastRun.ID != "r1" || got.Completed() != "r0" || !got.LastStarted.Equal(at(-50)) {
				w.t.Errorf("the last run is %+v, completed %q as of %s", got.LastRun, got.Completed(), got.LastStarted)
			}
			next, _, err := w.Leases.Take(w.ctx, integration.Claim{Key: w.key, Generation: hold.Generation, NewRunID: "r2", Attempt: "a2", Due: at(5), Now: at(10)})
			w.must(err)
			w.must(w.Leases.End(w.ctx, hold, e)) // it took effect already
			w.is(next)
			hold.Fence = next.Fence
			good := &integration.LastRun{ID: "r2", Started: at(10), Ended: at(11), Trigger: integration.TriggerSchedule, Outcome: integration.RunSucceeded}
			w.must(w.Leases.End(w.ctx, hold, integration.Ending{Outcome: integration.RunSucceeded, LastRun: good, Started: at(10)}))
			if got := w.get(); !reflect.DeepEqual(got.LastRun, good) || got.Completed() != "r2" {
				w.t.Errorf("after the next: %+v, completed %q", got.LastRun, got.Completed())
			}
		},
		"an end may leave who asked to the slot": func(w *world) {
			_, hold := w.held(func(r *integration.Integration) { r.Dirty = true })
			w.must(w.Leases.End(w.ctx, hold, integration.Ending{Outcome: integration.RunFailed, ClearDirty: true}))
			if got := w.get(); got.Dirty || got.Lease != nil || got.Fence != hold.Fence {
				w.t.Errorf("left %+v", got)
			}
		},
		"an end is refused while dirty": func(w *world) {
			want, hold := w.held()
			w.must(w.Leases.SetDirty(w.ctx, w.key, want.ID, "a1"))
			w.refuses(w.Leases.End(w.ctx, hold, integration.Ending{Outcome: integration.RunSucceeded, Cursor: ptr("x")}), fault.Conflict, "dirty")
			want.Dirty = true
			w.is(want)
		},
		"an end hands over": func(w *world) {
			want, hold := w.held()
			w.must(w.Leases.SetDirty(w.ctx, w.key, want.ID, "a1"))
			next := integration.QueuedRun("r2", "n1", integration.TriggerContinuation, at(9))
			e := integration.Ending{Outcome: integration.RunSucceeded, Started: at(0), Next: next, LastRun: &integration.LastRun{ID: "r1"}}
			w.must(w.Leases.End(w.ctx, hold, e))
			want.Lease, want.LastStarted, want.LastRun, want.Fence = next, at(0), &integration.LastRun{ID: "r1"}, hold.Fence+1
			w.is(want)
			w.must(w.Leases.End(w.ctx, hold, e)) // it took effect already
			w.refuses(w.Leases.Commit(w.ctx, hold, integration.Commit{Until: at(999)}), fault.Stale, "")
			w.is(want)
		},
		"an end that took effect is no error, and takes none again": func(w *world) {
			_, hold := w.held()
			e := integration.Ending{Outcome: integration.RunSucceeded, Started: at(0), Cursor: ptr("c2"), LastRun: &integration.LastRun{ID: "r1"}}
			w.must(w.Leases.End(w.ctx, hold, e))
			ended := w.get()
			e.Cursor = ptr("c3")
			w.must(w.Leases.End(w.ctx, hold, e))
			w.is(ended)
			next, _, err := w.Leases.Take(w.ctx, integration.Claim{Key: w.key, Generation: hold.Generation, NewRunID: "r2", Attempt: "a2", Due: at(5), Now: at(10)})
			w.must(err)
			w.must(w.Leases.End(w.ctx, hold, e))
			w.is(next)
		},
		"dirty is for the holder that was seen": func(w *world) {
			want, _ := w.held()
			w.refuses(w.Leases.SetDirty(w.ctx, w.key, want.ID, "another"), fault.Stale, "")
			w.refuses(w.Leases.SetDirty(w.ctx, w.key, "01OTHER", "a1"), fault.Stale, "")
			w.is(want)
			w.must(w.Leases.SetDirty(w.ctx, w.key, want.ID, "a1"))
			w.must(w.Leases.SetDirty(w.ctx, w.key, want.ID, "a1"))
			want.Dirty = true
			w.is(want)
		},
		"dirty is not for a queued lease, nor for none": func(w *world) {
			rec := w.record(func(r *integration.Integration) {
				r.Lease = integration.QueuedRun("r1", "a1", integration.TriggerSyncNow, noon)
			})
			w.refuses(w.Leases.SetDirty(w.ctx, w.key, rec.ID, "a1"), fault.Stale, "")
			w.must(w.Leases.Drop(w.ctx, w.key, rec.ID, "a1"))
			w.refuses(w.Leases.SetDirty(w.ctx, w.key, rec.ID, "a1"), fault.Stale, "")
		},
		"a queued lease is dropped by its own attempt": func(w *world) {
			want := w.record(func(r *integration.Integration) {
				r.Lease = integration.QueuedRun("r1", "a1", integration.TriggerSyncNow, noon)
			})
			w.refuses(w.Leases.Drop(w.ctx, w.key, want.ID, "another"), fault.Stale, "")
			w.refuses(w.Leases.Drop(w.ctx, w.key, "01OTHER", "a1"), fault.Stale, "")
			w.is(want)
			w.must(w.Leases.Drop(w.ctx, w.key, want.ID, "a1"))
			want.Lease = nil
			w.is(want)
			w.refuses(w.Leases.Drop(w.ctx, w.key, want.ID, "a1"), fault.Stale, "")
		},
		"a lease that runs isn't dropped": func(w *world) {
			want, _ := w.held()
			w.refuses(w.Leases.Drop(w.ctx, w.key, want.ID, "a1"), fault.Stale, "")
			w.is(want)
		},
	})
}
