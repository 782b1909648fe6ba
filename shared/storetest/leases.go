package storetest

import (
	"fmt"
	"reflect"
	"testing"

	"aura.example/integrations/shared/integration"
)

// option changes a record into one of the states that a claim may meet.
type option struct {
	name string
	set  func(*integration.Integration)
}

// The states of each part that Judge looks at. Claims are made at noon+100 for
// jobs due at noon+90.
var (
	statusStates = []option{
		{"active", func(r *integration.Integration) {}},
		{"testing", func(r *integration.Integration) { r.Status = integration.Testing }},
		{"paused", func(r *integration.Integration) { r.Status = integration.Paused }},
		{"probe due", func(r *integration.Integration) { deactivated(r, 100) }},
		{"probe not due", func(r *integration.Integration) { deactivated(r, 101) }},
		{"other error", func(r *integration.Integration) {
			deactivated(r, 50)
			r.Reason.Code = integration.ReasonCredentialsExpired
		}},
	}
	leaseStates = []option{
		{"no lease", func(r *integration.Integration) {}},
		{"promised", func(r *integration.Integration) { lease(r, integration.RunQueued, -1, 400) }},
		{"promised in a vanished run's place", func(r *integration.Integration) {
			lease(r, integration.RunQueued, -1, 400)
			r.Lease.Instead = &integration.Vanished{RunID: "gone", Started: at(10), Trigger: integration.TriggerSchedule}
		}},
		{"promise expired", func(r *integration.Integration) { lease(r, integration.RunQueued, -1, 50) }},
		{"checkpointed", func(r *integration.Integration) { lease(r, integration.RunQueued, 50, 400) }},
		{"checkpointed, covering", func(r *integration.Integration) { lease(r, integration.RunQueued, 95, 400) }},
		{"checkpoint expired", func(r *integration.Integration) { lease(r, integration.RunQueued, 50, 60) }},
		{"running", func(r *integration.Integration) { lease(r, integration.RunRunning, 50, 120) }},
		{"running, covering", func(r *integration.Integration) { lease(r, integration.RunRunning, 95, 120) }},
		{"running, within the skew", func(r *integration.Integration) { lease(r, integration.RunRunning, 50, 98) }},
		{"vanished", func(r *integration.Integration) { lease(r, integration.RunRunning, 50, 97) }},
		{"its own attempt", func(r *integration.Integration) {
			lease(r, integration.RunRunning, 99, 129)
			r.Lease.Attempt = "ours"
		}},
		{"its own run", func(r *integration.Integration) {
			lease(r, integration.RunRunning, 99, 129)
			r.Lease.RunID = "mine"
		}},
	}
	pastStates = []option{
		{"", func(r *integration.Integration) {}},
		{"its run completed", func(r *integration.Integration) { completed(r, "job", 50) }},
		{"its run completed, and another failed since", func(r *integration.Integration) {
			completed(r, "job", 50)
			failed(r, "other", 60)
		}},
		{"its run failed", func(r *integration.Integration) { failed(r, "job", 60) }},
		{"covered", func(r *integration.Integration) { completed(r, "other", 93) }},
		{"not quite covered", func(r *integration.Integration) { completed(r, "other", 92) }},
		{"backing off", func(r *integration.Integration) { r.RetryNotBefore = at(101) }},
		{"backed off", func(r *integration.Integration) { r.RetryNotBefore = at(100) }},
		{"dirty", func(r *integration.Integration) { r.Dirty = true }},
		{"verifying later", func(r *integration.Integration) { r.VerifyAfter = at(500) }},
	}
	claims = []struct {
		name string
		set  func(*integration.Claim)
	}{
		{"a job", func(c *integration.Claim) {}},
		{"the lease's own job", func(c *integration.Claim) { c.RunID = "held" }},
		{"a run's job", func(c *integration.Claim) { c.RunID = "job" }},
		{"an old job", func(c *integration.Claim) { c.Due = at(10) }},
		{"a full one", func(c *integration.Claim) { c.Full = true }},
		{"Sync now", func(c *integration.Claim) { c.Queue, c.Due, c.Trigger = true, c.Now, integration.TriggerSyncNow }},
		{"Sync now, naming the lease's run", func(c *integration.Claim) { c.Queue, c.Due, c.RunID = true, c.Now, "held" }},
		{"Sync now, full", func(c *integration.Claim) {
			c.Queue, c.Due, c.Trigger, c.Full = true, c.Now, integration.TriggerSyncNow, true
		}},
	}
)

func deactivated(r *integration.Integration, retryAt int) {
	r.Status, r.RetryAt = integration.Error, at(retryAt)
	r.Reason = &integration.Reason{Code: integration.ReasonRepeatedFailures, Message: integration.InfoOf(integration.ReasonRepeatedFailures).Message, Since: at(0)}
}

func lease(r *integration.Integration, state integration.RunState, started, until int) {
	r.Lease = &integration.Lease{RunID: "held", Attempt: "theirs", State: state, Until: at(until), Trigger: integration.TriggerSyncNow, Phase: integration.PhaseQueued}
	if started >= 0 {
		r.Lease.Started, r.Lease.Phase, r.Lease.Pages, r.Lease.Events = at(started), integration.PhasePushing, 2, 9
	}
}

func completed(r *integration.Integration, run string, started int) {
	r.LastRun = &integration.LastRun{ID: run, Started: at(started), Ended: at(started + 1), Trigger: integration.TriggerSchedule, Outcome: integration.RunSucceeded}
	r.LastStarted = at(started)
}

func failed(r *integration.Integration, run string, started int) {
	r.LastRun = r.Failed(integration.Run{ID: run, StartedAt: at(started), EndedAt: at(started + 1), Trigger: integration.TriggerSchedule})
}

// testLeases holds Take to its specification by difference: whatever the record
// and the claim, the store does what the domain's Judge and Take say.
func testLeases(t *testing.T, open Open) {
	t.Run("no record", func(t *testing.T) {
		t.Parallel()
		w := newWorld(t, open)
		rec, verdict, err := w.Leases.Take(w.ctx, integration.Claim{Key: w.key, Generation: "01A", NewRunID: "mine", Attempt: "ours", Due: at(90), Now: at(100)})
		if rec != nil || verdict != integration.Acknowledge || err != nil {
			t.Errorf("got %+v, %s, %v", rec, verdict, err)
		}
	})
	for _, l := range leaseStates {
		t.Run(l.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, open)
			n := 0
			for i, s := range statusStates {
				for _, p := range pastStates {
					if p.name != "" && (i > 0 || w.Brief) { // one status does for the pasts
						continue
					}
					rec := w.draft(integration.Key{Account: w.key.Account, Provider: fmt.Sprintf("p%d", n)})
					rec.Status, rec.Version, rec.Fence = integration.Active, 3, 7
					s.set(rec)
					l.set(rec)
					p.set(rec)
					w.must(w.Store.Apply(w.ctx, integration.Change{After: rec, Limit: 1000}))
					for _, c := range claims {
						w.differ(rec, c.set, fmt.Sprintf("%s, %s, %s: %s", l.name, s.name, p.name, c.name))
					}
					w.differ(rec, func(c *integration.Claim) { c.Generation = "01OTHER" }, l.name+": another generation")
					if now, err := w.Store.Get(w.ctx, rec.Key); err != nil || !reflect.DeepEqual(now, rec) {
						w.t.Errorf("%s, %s, %s: a refused claim left its mark: %+v, %v", l.name, s.name, p.name, now, err)
					}
					n++
				}
			}
		})
	}
}

// differ makes one claim on a record that is stored as given, compares, and
// puts the record back.
func (w *world) differ(rec *integration.Integration, set func(*integration.Claim), name string) {
	w.t.Helper()
	c := integration.Claim{
		Key: rec.Key, Generation: rec.ID, NewRunID: "mine", Attempt: "ours", Due: at(90), Now: at(100), Trigger: integration.TriggerNotification,
	}
	set(&c)
	verdict, how := integration.Judge(rec, c)
	want, stored := rec, rec
	if verdict == integration.Retake {
		verdict, want = integration.Taken, integration.Take(rec, c, how)
		stored = want.Clone()
		stored.Vanished = nil
	}
	got, v, err := w.Leases.Take(w.ctx, c)
	w.must(err)
	if v != verdict {
		w.t.Errorf("%s: %s, want %s", name, v, verdict)
	}
	if !reflect.DeepEqual(got, want) {
		w.t.Errorf("%s: got\n%+v %+v\nwant\n%+v %+v", name, got, got.Lease, want, want.Lease)
	}
	if stored == rec {
		return
	}
	now, err := w.Store.Get(w.ctx, rec.Key)
	w.must(err)
	if !reflect.DeepEqual(now, stored) {
		w.t.Errorf("%s: stored\n%+v %+v\nwant\n%+v %+v", name, now, now.Lease, stored, stored.Lease)
	}
	w.must(w.Store.Apply(w.ctx, integration.Change{Before: now, After: rec}))
}
