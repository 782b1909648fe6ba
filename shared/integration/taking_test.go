package integration_test

import (
	"reflect"
	"testing"
	"time"

	"aura.example/integrations/shared/integration"
)

// The table below is the order of a refused acquire, line by line, and the
// ways of taking. Times are seconds from noon; the claim is made at noon+100 for
// a job due at noon+90.

func at(seconds int) time.Time { return noon.Add(time.Duration(seconds) * time.Second) }

// state is an active record of generation 01A, changed by the options.
func state(options ...func(*integration.Integration)) *integration.Integration {
	rec := integration.New(integration.Key{Account: "a", Provider: "p"}, "01A", noon)
	rec.Status, rec.Version, rec.Fence = integration.Active, 3, 7
	for _, o := range options {
		o(rec)
	}
	return rec
}

type option = func(*integration.Integration)

func status(s integration.Status) option { return func(r *integration.Integration) { r.Status = s } }

func deactivated(retryAt int) option {
	return func(r *integration.Integration) {
		r.Status = integration.Error
		r.Reason = &integration.Reason{Code: integration.ReasonRepeatedFailures}
		r.RetryAt = at(retryAt)
	}
}

// running is a lease that began and ends at those seconds; queued one that has
// not begun; checkpointed one that has and waits.
func running(started, until int) option {
	return func(r *integration.Integration) {
		r.Lease = &integration.Lease{RunID: "held", Attempt: "theirs", State: integration.RunRunning, Started: at(started), Until: at(until),
			Trigger: integration.TriggerSchedule, Phase: integration.PhasePushing, Pages: 2, Events: 9}
	}
}

func queued(until int) option {
	return func(r *integration.Integration) {
		r.Lease = integration.QueuedRun("held", "theirs", integration.TriggerSyncNow, at(until).Add(-integration.QueuedFor))
	}
}

func checkpointed(started, until int) option {
	return func(r *integration.Integration) {
		running(started, until)(r)
		r.Lease.State = integration.RunQueued
	}
}

func completed(run string, started int) option {
	return func(r *integration.Integration) {
		r.LastRun = &integration.LastRun{ID: run, Started: at(started), Outcome: integration.RunSucceeded}
		r.LastStarted = at(started)
	}
}

func failed(run string, ended int) option {
	return func(r *integration.Integration) { r.LastRun = r.Failed(integration.Run{ID: run, EndedAt: at(ended)}) }
}

func dirty(r *integration.Integration) { r.Dirty = true }

func backOff(until int) option {
	return func(r *integration.Integration) { r.RetryNotBefore = at(until) }
}

func claim(options ...func(*integration.Claim)) integration.Claim {
	c := integration.Claim{
		Key: integration.Key{Account: "a", Provider: "p"}, Generation: "01A", NewRunID: "mine", Attempt: "ours",
		Due: at(90), Now: at(100), Trigger: integration.TriggerNotification,
	}
	for _, o := range options {
		o(&c)
	}
	return c
}

func ofRun(id string) func(*integration.Claim) { return func(c *integration.Claim) { c.RunID = id } }

func syncNow(c *integration.Claim) {
	c.Queue, c.Trigger, c.Due = true, integration.TriggerSyncNow, c.Now
}

func TestJudgeInSyncMdsOrder(t *testing.T) {
	t.Parallel()
	wrongGeneration := func(c *integration.Claim) { c.Generation = "01B" }
	attempt := func(a string) func(*integration.Claim) { return func(c *integration.Claim) { c.Attempt = a } }
	for _, x := range []struct {
		name    string
		rec     *integration.Integration
		claim   integration.Claim
		verdict integration.Verdict
		taking  integration.Taking
	}{
		// Refused for good.
		{"no record", nil, claim(), integration.Acknowledge, ""},
		{"other generation, before anything else", state(running(95, 120)), claim(wrongGeneration), integration.Acknowledge, ""},
		{"draft doesn't sync", state(status(integration.Draft)), claim(), integration.Acknowledge, ""},
		{"paused doesn't sync, though a lease were free to adopt", state(status(integration.Paused), queued(200)), claim(ofRun("held")), integration.Acknowledge, ""},
		{"disconnected doesn't sync for Sync now either", state(status(integration.Disconnected)), claim(syncNow), integration.Acknowledge, ""},
		{"deactivated, probe not due", state(deactivated(101)), claim(), integration.Acknowledge, ""},
		{"deactivated, probe due", state(deactivated(100)), claim(), integration.Retake, integration.TakeFresh},
		{"testing syncs", state(status(integration.Testing)), claim(), integration.Retake, integration.TakeFresh},

		// One's own write, whose acknowledgement was lost.
		{"own attempt holds it", state(running(95, 120)), claim(attempt("theirs")), integration.Taken, ""},
		{"Sync now: own attempt, queued", state(queued(400)), claim(syncNow, attempt("theirs")), integration.Taken, ""},
		{"Sync now: own run, adopted by a worker meanwhile", state(running(100, 130)), claim(syncNow, func(c *integration.Claim) { c.NewRunID = "held" }), integration.Taken, ""},

		// A queued lease: any job adopts it, covered or not, expired or not.
		{"queued, unbegun: adopted by its own job", state(queued(400)), claim(ofRun("held")), integration.Retake, integration.TakeAdopt},
		{"queued, unbegun: adopted by any job", state(queued(400)), claim(), integration.Retake, integration.TakeAdopt},
		{"queued, unbegun, expired: adopted all the same", state(queued(50)), claim(), integration.Retake, integration.TakeAdopt},
		{"queued, unbegun, while backing off: adopted", state(queued(400), backOff(500)), claim(), integration.Retake, integration.TakeAdopt},
		{"checkpointed: continued by any job", state(checkpointed(10, 300)), claim(), integration.Retake, integration.TakeContinue},
		{"checkpointed, expired: continued", state(checkpointed(10, 20)), claim(), integration.Retake, integration.TakeContinue},

		// Covered, or its run is over or at work.
		{"covered by a completed run", state(completed("r0", 93)), claim(), integration.Acknowledge, ""},
		{"a run that began within the skew bound covers nothing", state(completed("r0", 92)), claim(), integration.Retake, integration.TakeFresh},
		{"covered by the live holder", state(running(93, 120)), claim(), integration.Acknowledge, ""},
		{"an expired holder covers nothing", state(running(93, 97)), claim(), integration.Retake, integration.TakeOver},
		{"its own run has completed", state(completed("r1", 50)), claim(ofRun("r1")), integration.Acknowledge, ""},
		{"its own run has completed, another failed since", state(completed("r1", 50), failed("r2", 60)), claim(ofRun("r1")), integration.Acknowledge, ""},
		{"its own run has failed", state(completed("r1", 50), failed("r2", 60)), claim(ofRun("r2")), integration.Retake, integration.TakeFresh},
		{"another run has completed, too early to cover it", state(completed("r1", 50)), claim(ofRun("r2")), integration.Retake, integration.TakeFresh},
		{"a second copy of the live holder's own job", state(running(50, 120)), claim(ofRun("held")), integration.Acknowledge, ""},

		// A live holder that began earlier.
		{"busy", state(running(50, 120)), claim(), integration.Busy, ""},
		{"busy within the skew bound after its end", state(running(50, 98)), claim(), integration.Busy, ""},
		{"busy beats backing off: the round that follows serves it", state(running(50, 120), backOff(500)), claim(), integration.Busy, ""},

		// Backing off, but not for a person.
		{"retry_not_before ahead", state(backOff(101)), claim(), integration.Acknowledge, ""},
		{"retry_not_before reached", state(backOff(100)), claim(), integration.Retake, integration.TakeFresh},
		{"retry_not_before ahead, holder vanished", state(running(50, 60), backOff(101)), claim(), integration.Acknowledge, ""},
		{"Sync now ignores it", state(backOff(500)), claim(syncNow), integration.Retake, integration.TakeFresh},

		// Free, or vanished.
		{"free", state(), claim(), integration.Retake, integration.TakeFresh},
		{"vanished", state(running(50, 97)), claim(), integration.Retake, integration.TakeOver},

		// Sync now: nothing covers it, nobody shares with it.
		{"Sync now after a run that began just now", state(completed("r0", 100)), claim(syncNow), integration.Retake, integration.TakeFresh},
		{"Sync now meets a queued run", state(queued(400)), claim(syncNow), integration.Busy, ""},
		{"Sync now meets a running one", state(running(99, 130)), claim(syncNow), integration.Busy, ""},
		{"Sync now meets an expired queued one", state(queued(97)), claim(syncNow), integration.Retake, integration.TakeOver},
		{"Sync now meets a vanished one", state(running(50, 97)), claim(syncNow), integration.Retake, integration.TakeOver},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			verdict, taking := integration.Judge(x.rec, x.claim)
			if verdict != x.verdict || taking != x.taking {
				t.Errorf("judged %s %s, want %s %s", verdict, taking, x.verdict, x.taking)
			}
		})
	}
}

func TestTakeWrites(t *testing.T) {
	t.Parallel()
	verify := at(100).Add(integration.FunctionLimit + integration.Skew)
	mine := func(r *integration.Integration) {
		r.Lease = &integration.Lease{RunID: "mine", Attempt: "ours", State: integration.RunRunning, Started: at(100), Until: at(130),
			Trigger: integration.TriggerNotification, Phase: integration.PhasePulling}
	}
	promised := func(r *integration.Integration) {
		r.Lease = &integration.Lease{RunID: "mine", Attempt: "ours", State: integration.RunQueued, Until: at(400),
			Trigger: integration.TriggerSyncNow, Phase: integration.PhaseQueued}
	}
	// continued is the checkpointed lease as its adoption leaves it: only holder and end move.
	continued := func(r *integration.Integration) {
		running(10, 130)(r)
		r.Lease.Attempt = "ours"
	}
	fence := func(f int64) option { return func(r *integration.Integration) { r.Fence = f } }
	verifies := func(r *integration.Integration) { r.VerifyAfter = verify }
	vanished := func(o option) option {
		return func(r *integration.Integration) {
			held := state(o)
			r.Vanished = held.Lease
		}
	}
	instead := func(o option) option { // left to the worker that adopts the run
		return func(r *integration.Integration) {
			l := state(o).Lease
			r.Lease.Instead = &integration.Vanished{RunID: l.RunID, Started: l.Started, Trigger: l.Trigger}
		}
	}
	full := func(c *integration.Claim) { c.Full = true }
	fullLease := func(r *integration.Integration) { r.Lease.Full = true }
	for _, x := range []struct {
		name  string
		rec   *integration.Integration
		claim integration.Claim
		how   integration.Taking
		want  *integration.Integration
	}{
		{"fresh", state(), claim(), integration.TakeFresh, state(mine, fence(8))},
		{"fresh clears a dirty that a dead run left", state(dirty), claim(), integration.TakeFresh, state(mine, fence(8))},
		{"fresh carries what was asked for", state(), claim(full), integration.TakeFresh, state(mine, fullLease, fence(8))},
		{"Sync now promises, and its run has no start", state(), claim(syncNow), integration.TakeFresh, state(promised, fence(8))},
		{"Sync now keeps its full listing for the worker", state(), claim(syncNow, full), integration.TakeFresh, state(promised, fullLease, fence(8))},
		{"adopting starts the run, which keeps its id and trigger", state(queued(400), dirty), claim(), integration.TakeAdopt,
			state(fence(8), func(r *integration.Integration) {
				mine(r)
				r.Lease.RunID, r.Lease.Trigger = "held", integration.TriggerSyncNow
			})},
		{"continuing with the run's own job", state(checkpointed(10, 300)), claim(ofRun("held")), integration.TakeContinue, state(continued, fence(8))},
		{"continuing keeps a dirty that was set before", state(checkpointed(10, 300), dirty), claim(ofRun("held")), integration.TakeContinue, state(continued, dirty, fence(8))},
		{"continuing with another job asks for a round for it", state(checkpointed(10, 300)), claim(), integration.TakeContinue, state(continued, dirty, fence(8))},
		{"continuing with another job that the start covers", state(checkpointed(10, 300)), claim(func(c *integration.Claim) { c.Due = at(7) }),
			integration.TakeContinue, state(continued, fence(8))},
		{"continuing just within the skew bound", state(checkpointed(10, 300)), claim(func(c *integration.Claim) { c.Due = at(8) }),
			integration.TakeContinue, state(continued, dirty, fence(8))},
		{"taking over verifies and names whom", state(running(50, 60), dirty), claim(), integration.TakeOver,
			state(mine, fence(8), verifies, vanished(running(50, 60)))},
		{"Sync now taking over verifies too", state(running(50, 60)), claim(syncNow), integration.TakeOver,
			state(promised, fence(8), verifies, instead(running(50, 60)))},
		{"Sync now over an abandoned checkpoint verifies", state(checkpointed(10, 60)), claim(syncNow), integration.TakeOver,
			state(promised, fence(8), verifies, instead(checkpointed(10, 60)))},
		{"Sync now keeps what an earlier one left to report", state(queued(60), instead(running(10, 20))), claim(syncNow), integration.TakeOver,
			state(promised, fence(8), instead(running(10, 20)))},
		{"adopting names whom Sync now took over from", state(queued(400), instead(running(10, 20))), claim(ofRun("held")), integration.TakeAdopt,
			state(fence(8), func(r *integration.Integration) {
				mine(r)
				r.Lease.RunID, r.Lease.Trigger = "held", integration.TriggerSyncNow
				l := state(running(10, 20)).Lease
				r.Vanished = &integration.Lease{RunID: l.RunID, Started: l.Started, Trigger: l.Trigger}
			})},
		{"Sync now over a promise that nobody took has nothing to verify", state(queued(60)), claim(syncNow), integration.TakeOver,
			state(promised, fence(8))},
	} {
		t.Run(x.name, func(t *testing.T) {
			t.Parallel()
			before := x.rec.Clone()
			got := integration.Take(x.rec, x.claim, x.how)
			if !reflect.DeepEqual(got, x.want) {
				t.Errorf("wrote %+v\nlease %+v\nwant  %+v\nlease %+v", got, got.Lease, x.want, x.want.Lease)
			}
			if !reflect.DeepEqual(x.rec, before) {
				t.Error("the record that was judged has changed")
			}
			if _, how := integration.Judge(x.rec, x.claim); how != x.how {
				t.Errorf("the case is not what Judge says: %q", how)
			}
			if verdict, _ := integration.Judge(got, x.claim); verdict != integration.Taken {
				t.Errorf("judged again, the taker finds %s, want taken: its acknowledgement may have been lost", verdict)
			}
		})
	}
}

func TestAnEndKnowsItself(t *testing.T) {
	t.Parallel()
	hold := integration.Hold{Key: integration.Key{Account: "a", Provider: "p"}, Generation: "01A", Fence: 7}
	last := &integration.LastRun{ID: "r1", Ended: at(50)}
	handover := integration.QueuedRun("r2", "n", integration.TriggerContinuation, at(50))
	ended := func(id string, second int) option {
		return func(r *integration.Integration) {
			r.LastRun = &integration.LastRun{ID: id, Ended: at(second)}
		}
	}
	moved := func(r *integration.Integration) { r.Fence = 8 }
	replaced := func(r *integration.Integration) { r.ID = "01B" }
	for _, x := range []struct {
		name string
		rec  *integration.Integration
		end  integration.Ending
		want bool
	}{
		{"no record", nil, integration.Ending{LastRun: last}, false},
		{"still running", state(running(50, 120)), integration.Ending{LastRun: last}, false},
		{"ended, and nobody came since", state(), integration.Ending{}, true},
		{"a failed run's end, and somebody came since", state(moved, running(60, 120)), integration.Ending{}, false},
		{"ended, and the next one runs", state(moved, running(60, 120), ended("r1", 50)), integration.Ending{LastRun: last}, true},
		{"failed, and the next one runs", state(moved, ended("r0", 40), failed("r1", 50), running(60, 120)), integration.Ending{LastRun: last}, true},
		{"another run has ended since", state(moved, ended("r0", 50)), integration.Ending{LastRun: last}, false},
		{"its run was checkpointed, and ended by who adopted it", state(moved, ended("r1", 60)), integration.Ending{LastRun: last}, false},
		{"handed over", state(moved, func(r *integration.Integration) { r.Lease = handover }), integration.Ending{Next: handover}, true},
		{"superseded before it could hand over", state(moved, running(60, 120)), integration.Ending{Next: handover}, false},
		{"replaced", state(replaced, ended("r1", 50)), integration.Ending{LastRun: last}, false},
	} {
		if got := x.end.TookEffect(x.rec, hold); got != x.want {
			t.Errorf("%s: took effect %v, want %v", x.name, got, x.want)
		}
	}
}
