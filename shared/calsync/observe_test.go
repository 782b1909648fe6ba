package calsync_test

import (
	"context"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/calsync"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// What is told of runs is what is measured: one that ended once each, with what
// it took over, and the breaker only where it opened.
func TestEveryRunThatEndsIsObserved(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var seen []calsync.Observed
	w.worker.Observe = func(_ context.Context, o calsync.Observed) { seen = append(seen, o) }
	last := func(n int) calsync.Observed {
		t.Helper()
		if len(seen) != n {
			t.Fatalf("%d runs were observed, want %d", len(seen), n)
		}
		return seen[n-1]
	}
	w.remote.put("id-a", "a")
	w.sync() // verifies, hands on to itself, and pulls
	if o := last(1); o.Report.State != integration.RunSucceeded || o.Report.Pulled.Created != 1 || !o.FreshAsOf.IsZero() || o.TookOver || o.Broke {
		t.Errorf("the first sync is told as %+v", o)
	}
	fresh := w.rec().FreshAsOf
	w.clock.Advance(time.Hour)
	w.sync()
	if o := last(2); o.Report.State != integration.RunSucceeded || !o.FreshAsOf.Equal(fresh) {
		t.Errorf("the next is told as %+v", o)
	}
	w.remote.before = func(int, calendar.Query) error { return fault.New(fault.Transient, "down", "Google is down.") }
	for range 5 { // a failure counts once a window; the fifth opens the breaker
		w.clock.Advance(time.Hour)
		w.sync()
	}
	if o := last(7); o.Report.State != integration.RunFailed || o.Report.Error.Class != "transient" || !o.Broke || !o.FreshAsOf.Equal(w.rec().FreshAsOf) {
		t.Errorf("the failure that opened the breaker is told as %+v", o)
	}
	for _, o := range seen[2:6] {
		if o.Broke {
			t.Errorf("a failure before is told as the breaker's: %+v", o)
		}
	}
}

// A run that takes over from a vanished one says so.
func TestATakeoverIsObserved(t *testing.T) {
	t.Parallel()
	w := connected(t, "a")
	var seen []calsync.Observed
	w.worker.Observe = func(_ context.Context, o calsync.Observed) { seen = append(seen, o) }
	_, verdict, err := w.db.Integrations.Take(context.Background(), integration.Claim{
		Key: key, Generation: w.gen, NewRunID: "vanishing", Attempt: "vanishing", Due: w.clock.Now(), Now: w.clock.Now(), Trigger: integration.TriggerSchedule,
	})
	w.must(err)
	if verdict == integration.Acknowledge || verdict == integration.Busy {
		t.Fatalf("the lease was not taken: %v", verdict)
	}
	w.clock.Advance(integration.LeaseFor + 5*time.Minute)
	w.sync()
	if len(seen) != 1 || !seen[0].TookOver || seen[0].Report.State != integration.RunSucceeded {
		t.Errorf("told as %+v", seen)
	}
}
