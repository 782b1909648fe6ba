package calsync_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/calsync"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
)

// turn is one scheduled run and what it must leave.
type turn struct {
	wait     time.Duration // before it
	err      error         // of the provider; nil: it answers
	failures int
	status   integration.Status
	probe    time.Duration // until retry_at, from the run's end; 0: none
}

var down = fault.New(fault.Transient, "backend_error", "The provider doesn't answer.")

// failing are n windows in a row with a failure that leave the breaker closed.
func failing(n int) []turn {
	var out []turn
	for i := range n {
		out = append(out, turn{integration.FailureWindow, down, i + 1, integration.Active, 0})
	}
	return out
}

func broken(then ...turn) []turn {
	return append(append(failing(4), turn{integration.FailureWindow, down, 5, integration.Error, time.Hour}), then...)
}

var breakerTable = map[string][]turn{
	"five windows in a row":          broken(),
	"two failures in one window":     {{15 * time.Minute, down, 1, integration.Active, 0}, {time.Minute, down, 1, integration.Active, 0}, {time.Minute, down, 1, integration.Active, 0}},
	"a success resets":               append(failing(4), turn{15 * time.Minute, nil, 0, integration.Active, 0}, turn{15 * time.Minute, down, 1, integration.Active, 0}),
	"a success within the window":    {{15 * time.Minute, down, 1, integration.Active, 0}, {time.Minute, nil, 0, integration.Active, 0}, {time.Minute, down, 1, integration.Active, 0}},
	"windows need not be neighbours": {{15 * time.Minute, down, 1, integration.Active, 0}, {5 * time.Hour, down, 2, integration.Active, 0}},
	"what isn't transient":           {{15 * time.Minute, fault.New(fault.Refused, "odd", ""), 0, integration.Active, 0}, {15 * time.Minute, fault.New(fault.Operator, "invalid_client", ""), 0, integration.Active, 0}},
	"a spent quota":                  {{15 * time.Minute, fault.New(fault.QuotaExceeded, "quota_exceeded", ""), 0, integration.Active, 0}},
	"nothing before the probe":       broken(turn{30 * time.Minute, nil, 5, integration.Error, time.Hour}),
	"a probe that succeeds":          broken(turn{61 * time.Minute, nil, 0, integration.Active, 0}, turn{15 * time.Minute, down, 1, integration.Active, 0}),
	"probes that fail, doubling to a day": broken(
		turn{61 * time.Minute, down, 6, integration.Error, 2 * time.Hour}, turn{121 * time.Minute, down, 7, integration.Error, 4 * time.Hour},
		turn{5 * time.Hour, down, 8, integration.Error, 8 * time.Hour}, turn{9 * time.Hour, down, 9, integration.Error, 16 * time.Hour},
		turn{17 * time.Hour, down, 10, integration.Error, 24 * time.Hour}, turn{25 * time.Hour, down, 11, integration.Error, 24 * time.Hour},
		turn{25 * time.Hour, nil, 0, integration.Active, 0}),
	"probes double whatever they fail with": broken(
		turn{61 * time.Minute, fault.New(fault.Refused, "odd", ""), 6, integration.Error, 2 * time.Hour},
		turn{121 * time.Minute, fault.New(fault.Operator, "invalid_client", ""), 7, integration.Error, 4 * time.Hour}),
	"advice that is longer than the rest": append(failing(4), turn{integration.FailureWindow, down.After(3 * time.Hour), 5, integration.Error, 3 * time.Hour}),
}

func TestBreaker(t *testing.T) {
	t.Parallel()
	for name, steps := range breakerTable {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.breaks(steps)
		})
	}
}

func TestBreakerInDynamoDB(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"five windows in a row", "a probe that succeeds", "probes double whatever they fail with"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			newWorldIn(t, inDynamoDB).breaks(breakerTable[name])
		})
	}
}

// breaks runs the steps, from an integration that works.
func (w *world) breaks(steps []turn) {
	w.t.Helper()
	w.sync()
	completed := w.rec().Completed()
	for i, s := range steps {
		w.clock.Advance(s.wait)
		w.remote.before = func(int, calendar.Query) error { return s.err }
		asked := w.remote.calls
		w.sync()
		rec := w.rec()
		if rec.Failures != s.failures || rec.Status != s.status {
			w.t.Fatalf("step %d: %d failures, %s; want %d, %s", i+1, rec.Failures, rec.Status, s.failures, s.status)
		}
		if rec.Lease != nil {
			w.t.Errorf("step %d leaves a lease: %+v", i+1, rec.Lease)
		}
		if w.remote.calls > asked {
			completed = w.lastRunIs(rec, s.err == nil, completed)
		}
		if w.remote.calls == asked { // refused: it rests
			if !rec.RetryAt.After(w.clock.Now()) {
				w.t.Errorf("step %d asked nothing", i+1)
			}
			continue
		}
		if got := rec.RetryAt.Sub(w.clock.Now()); s.probe == 0 && rec.RetryAt.After(w.clock.Now()) || s.probe > 0 && (got > s.probe || got < s.probe-time.Minute) {
			w.t.Errorf("step %d: the next probe is in %s, want %s", i+1, got, s.probe)
		}
		if s.status == integration.Error && (rec.Reason == nil || rec.Reason.Code != integration.ReasonRepeatedFailures || rec.Slot == "") {
			w.t.Errorf("step %d: reason %+v, slot %q", i+1, rec.Reason, rec.Slot)
		}
	}
}

// lastRunIs checks that the record's last run is the one that just ended, how,
// and that one that failed doesn't hide the last that completed, which it gives.
func (w *world) lastRunIs(rec *integration.Integration, good bool, completed string) string {
	w.t.Helper()
	l, want := rec.LastRun, integration.RunFailed
	if good {
		want = integration.RunSucceeded
	}
	if l == nil || l.Outcome != want || !l.Ended.Equal(w.clock.Now()) {
		w.t.Fatalf("the last run is %+v, want %s at %s", l, want, w.clock.Now())
	}
	if good {
		completed = l.ID
	} else if run := w.run(l.ID); run.State != want || !run.StartedAt.Equal(l.Started) || !l.Started.After(rec.LastStarted) {
		w.t.Errorf("the last run is %+v, its report %+v; the last that completed started at %s", l, run, rec.LastStarted)
	}
	if rec.Completed() != completed {
		w.t.Errorf("completed is %q, want %q", rec.Completed(), completed)
	}
	return completed
}

// A user's reconnect starts anew.
func TestAReconnectResetsTheBreaker(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.breaks(broken())
	rec := w.rec()
	after, entry, err := integration.Move(rec, integration.Authorized, integration.Moving{Now: w.clock.Now(), EntryID: "01E", Run: integration.QueuedRun("01R", "a", integration.TriggerConnected, w.clock.Now())})
	w.must(err)
	w.must(w.db.Integrations.Apply(context.Background(), integration.Change{Before: rec, After: after, Entry: &entry}))
	w.remote.before = nil
	w.sync()
	if rec = w.rec(); rec.Status != integration.Active || rec.Failures != 0 || !rec.RetryAt.IsZero() {
		t.Fatalf("after the reconnect: %s, %d failures, retry at %s", rec.Status, rec.Failures, rec.RetryAt)
	}
	w.breaks(failing(4))
}

// While most of the fleet fails nothing is counted, and a probe's rest stays.
func TestAFrozenBreaker(t *testing.T) {
	t.Parallel()
	for name, fleet := range map[string]fixed{
		"most fail":           {tally: integration.FleetTally{Failed: 600, Due: 1000}},
		"it can't be counted": {err: errors.New("no table")},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.breaks(failing(4))
			var seen []calsync.Observed
			w.worker.Observe = func(_ context.Context, o calsync.Observed) { seen = append(seen, o) }
			counting := w.worker.Fleet
			w.worker.Fleet = fleet
			still := turn{integration.FailureWindow, down, 4, integration.Active, 0}
			w.worker.Fleet = fleet
			w.breaksOn(still, still, still)
			w.worker.Fleet = counting
			w.breaksOn(turn{integration.FailureWindow, down, 5, integration.Error, time.Hour})
			w.worker.Fleet = fleet
			w.breaksOn(turn{61 * time.Minute, down, 5, integration.Error, time.Hour})
			frozen := 0
			for _, o := range seen {
				if o.Froze {
					frozen++
				}
			}
			if frozen != 4 {
				t.Errorf("%d runs tell that the breaker stood still, want 4", frozen)
			}
		})
	}
}

// breaksOn goes on where breaks ended, without a run that works first.
func (w *world) breaksOn(steps ...turn) {
	w.t.Helper()
	for _, s := range steps {
		w.clock.Advance(s.wait)
		w.remote.before = func(int, calendar.Query) error { return s.err }
		w.sync()
		rec := w.rec()
		if got := rec.RetryAt.Sub(w.clock.Now()); rec.Failures != s.failures || rec.Status != s.status || s.probe > 0 && (got > s.probe || got < s.probe-time.Minute) {
			w.t.Fatalf("%d failures, %s, next probe in %s; want %+v", rec.Failures, rec.Status, got, s)
		}
	}
}

type fixed struct {
	tally integration.FleetTally
	err   error
}

func (f fixed) Tally(context.Context, int64) (integration.FleetTally, error) { return f.tally, f.err }

func (f fixed) CountFailure(context.Context, integration.Key, int64) (integration.FleetTally, error) {
	return f.tally, f.err
}

// counting counts as the store does, and notes who was counted.
type counting struct {
	integration.Fleet
	counted, asked *int
}

func (c counting) CountFailure(ctx context.Context, key integration.Key, window int64) (integration.FleetTally, error) {
	*c.counted++
	return c.Fleet.CountFailure(ctx, key, window)
}

func (c counting) Tally(ctx context.Context, window int64) (integration.FleetTally, error) {
	*c.asked++
	return c.Fleet.Tally(ctx, window)
}

// What the dispatcher sent for is held against what it sent for: runs of any other
// origin that fail, and probes, ask how the fleet is and aren't counted in it.
func TestOnlyPollsAreCountedInTheFleet(t *testing.T) {
	t.Parallel()
	for trigger, want := range map[integration.Trigger]int{
		integration.TriggerSchedule: 1, integration.TriggerAuraEdit: 0, integration.TriggerNotification: 0, integration.TriggerSyncNow: 0,
	} {
		w := newWorld(t)
		w.sync()
		counted, asked := 0, 0
		w.worker.Fleet = counting{w.worker.Fleet, &counted, &asked}
		w.remote.before = func(int, calendar.Query) error { return down }
		w.clock.Advance(integration.FailureWindow)
		w.must(w.worker.Handle(context.Background(), w.job(trigger)))
		if counted != want || counted+asked != 1 || w.rec().Failures != 1 {
			t.Errorf("%s: counted %d, asked %d times, %d failures", trigger, counted, asked, w.rec().Failures)
		}
	}
	w := newWorld(t)
	w.breaks(broken())
	counted, asked := 0, 0
	w.worker.Fleet = counting{w.worker.Fleet, &counted, &asked}
	w.breaksOn(turn{61 * time.Minute, down, 6, integration.Error, 2 * time.Hour})
	if counted != 0 || asked != 1 {
		t.Errorf("a probe: counted %d, asked %d times", counted, asked)
	}
}

// Advice that is longer than the queue can wait stands in the record, and
// whoever asked while the run failed doesn't come before it; up to the queue's
// longest delay, a job follows.
func TestLongAdviceStandsInTheRecord(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		advice time.Duration
		jobs   int
	}{{10 * time.Minute, 1}, {time.Hour, 0}} {
		w := newWorld(t)
		w.sync()
		w.queue.take()
		w.remote.before = func(int, calendar.Query) error {
			rec := w.rec()
			w.must(w.db.Integrations.SetDirty(context.Background(), key, w.gen, rec.Lease.Attempt))
			return down.After(c.advice)
		}
		w.clock.Advance(time.Minute)
		w.sync()
		rec := w.rec()
		if got := rec.RetryNotBefore.Sub(w.clock.Now()); got > c.advice || got < c.advice-time.Minute {
			t.Errorf("advice of %s: not before %s", c.advice, got)
		}
		sent := w.queue.take()
		if len(sent) != c.jobs || (rec.Lease != nil) != (c.jobs > 0) || rec.Dirty {
			t.Errorf("advice of %s: %d jobs, lease %+v", c.advice, len(sent), rec.Lease)
		}
		for _, m := range sent {
			if m.Delay < c.advice || m.Delay > job.MaxDelay {
				t.Errorf("a job comes after %s, advice was %s", m.Delay, c.advice)
			}
		}
		w.remote.before = func(int, calendar.Query) error { t.Error("asked before the advice has passed"); return down }
		if c.jobs == 0 {
			w.clock.Advance(c.advice - 2*time.Minute)
			w.sync()
		}
		w.remote.before = nil
		w.clock.Advance(3 * time.Minute)
		if c.jobs > 0 {
			w.clock.Advance(c.advice)
		}
		w.sync()
		if rec := w.rec(); !rec.RetryNotBefore.IsZero() || rec.Failures != 0 {
			t.Errorf("after the advice: %+v", rec)
		}
	}
}
