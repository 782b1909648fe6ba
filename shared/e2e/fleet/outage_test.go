package fleet_test

import (
	"testing"
	"time"

	"aura.example/integrations/shared/integration"
)

// An outage of the provider for three hours: twelve windows, of which five
// would deactivate. Nobody is deactivated, and one interval after it ends all are
// fresh.
func TestAnOutageDeactivatesNobody(t *testing.T) {
	t.Parallel()
	const n = 1000
	every := 15 * time.Minute
	if long() {
		every = 5 * time.Minute
	}
	inVirtualTime(t, 100, func(t *testing.T, f *fleet) {
		f.authorize(0, n, every)
		pass(every+17*time.Minute, nil) // in the middle of a window
		for i := range n {
			if rec := f.get(i); rec.Status != integration.Active || rec.FreshAsOf.IsZero() {
				t.Fatalf("before the outage %d is %s, fresh as of %s", i, rec.Status, rec.FreshAsOf)
			}
		}
		f.down.Store(true)
		most := 0
		pass(3*time.Hour, func() {
			for i := range n {
				most = max(most, f.get(i).Failures)
			}
		})
		f.down.Store(false)
		ended := time.Now()
		stale := 0
		// A run that is under way then has failed a call already and ends by itself.
		pass(every+time.Minute, nil)
		for i := range n {
			rec := f.get(i)
			if rec.Status != integration.Active {
				t.Errorf("%d is %s", i, rec.Status)
			}
			if rec.FreshAsOf.Before(ended) || rec.Failures != 0 {
				stale++
			}
		}
		if stale > 0 || f.broke.Load() > 0 {
			t.Errorf("an interval after the outage %d are stale; %d breakers opened", stale, f.broke.Load())
		}
		if most > 2 || f.froze.Load() == 0 {
			t.Errorf("the outage was counted %d times against somebody; %d runs froze the breaker", most, f.froze.Load())
		}
		t.Logf("%d integrations at %s: %d runs, %d with the breaker frozen, counted %d times at most", n, every, f.runs.Load(), f.froze.Load(), most)
	})
}

// One in five has trouble of its own: those are deactivated, nobody else is.
func TestTroubleOfOnesOwnDeactivates(t *testing.T) {
	t.Parallel()
	const n, broken = 100, 20
	inVirtualTime(t, 50, func(t *testing.T, f *fleet) {
		f.authorize(0, n, 15*time.Minute)
		pass(20*time.Minute, nil)
		ill := func(account string) bool { return account < keyOf(broken).Account }
		f.ill.Store(&ill)
		pass(100*time.Minute, nil)
		for i := range n {
			want := integration.Active
			if i < broken {
				want = integration.Error
			}
			if rec := f.get(i); rec.Status != want {
				t.Errorf("%d is %s with %d failures, want %s", i, rec.Status, rec.Failures, want)
			}
		}
		f.ill.Store(nil)
		pass(5*time.Hour, nil)
		for i := range broken {
			if rec := f.get(i); rec.Status != integration.Active || rec.Failures != 0 {
				t.Errorf("%d hasn't recovered: %s, %d failures, probe at %s", i, rec.Status, rec.Failures, rec.RetryAt)
			}
		}
	})
}
