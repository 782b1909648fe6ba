package fleet_test

import (
	"testing"
	"time"

	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
)

// An outage of the provider for three hours: twelve windows, of which five
// would deactivate. Every second integration has a live channel, so that it is
// polled once an hour, and notifications and edits of a tenth of them fail beside
// the polls. Nobody is deactivated, and all are fresh when the interval at which
// they are polled has passed. Who connects in the midst of it is told that it
// didn't work, and who connects at its end is verified when it ends.
func TestAnOutageDeactivatesNobody(t *testing.T) {
	t.Parallel()
	const n, midst, late = 1000, 20, 20
	every := 15 * time.Minute
	if long() {
		every = 5 * time.Minute
	}
	inVirtualTime(t, 100, func(t *testing.T, f *fleet) {
		lives := map[string]bool{}
		for i := range n {
			lives[keyOf(i).Account] = i%2 == 0
		}
		f.watched().only = func(account string) bool { return lives[account] }
		f.authorize(0, n, every)
		pass(every+17*time.Minute, nil) // in the middle of a window
		for i := range n {
			if rec := f.get(i); rec.Status != integration.Active || rec.FreshAsOf.IsZero() || rec.Channel.Live(time.Now()) != (i%2 == 0) {
				t.Fatalf("before the outage %d is %s, fresh as of %s, channel %+v", i, rec.Status, rec.FreshAsOf, rec.Channel)
			}
		}
		f.down.Store(true)
		most, minute := 0, 0
		look := func() {
			for i := range n {
				most = max(most, f.get(i).Failures)
			}
			for i := minute % 10; i < n/10; i += 10 { // each of them six times an hour
				rec := f.get(i)
				for _, trigger := range []integration.Trigger{integration.TriggerNotification, integration.TriggerAuraEdit} {
					f.must(f.worker.Queue.Send(t.Context(), job.Message{Job: job.Job{
						Kind: job.Sync, Account: rec.Account, Provider: rec.Provider, Generation: rec.ID, Trigger: trigger, Due: time.Now(),
					}}))
				}
			}
			minute++
		}
		pass(time.Hour, look)
		f.authorize(n, n+midst, every)
		pass(110*time.Minute, look)
		f.authorize(n+midst, n+midst+late, every)
		pass(10*time.Minute, look)
		f.down.Store(false)
		ended := time.Now()
		stale := func(from, to, step int) (k int) {
			for i := from; i < to; i += step {
				rec := f.get(i)
				if rec.Status != integration.Active {
					t.Errorf("%d is %s", i, rec.Status)
				}
				if rec.FreshAsOf.Before(ended) || rec.Failures != 0 {
					k++
				}
			}
			return k
		}
		// A run that is under way then has failed a call already and ends by itself.
		pass(every+time.Minute, nil)
		if k := stale(1, n, 2); k > 0 {
			t.Errorf("an interval after the outage %d of those without a channel are stale", k)
		}
		if k := stale(n+midst, n+midst+late, 1); k > 0 {
			t.Errorf("an interval after the outage %d who connected at its end are stale", k)
		}
		for i := n; i < n+midst; i++ {
			if rec := f.get(i); rec.Status != integration.Error || rec.Reason.Code != integration.ReasonVerificationFailed {
				t.Errorf("%d, who connected in the midst of it, is %s: %+v", i, rec.Status, rec.Reason)
			}
		}
		pass(integration.SafetyInterval-every, nil)
		if k := stale(0, n, 2); k > 0 || f.broke.Load() > 0 {
			t.Errorf("a safety interval after the outage %d of those with a channel are stale; %d breakers opened", k, f.broke.Load())
		}
		if most > 2 || f.froze.Load() == 0 {
			t.Errorf("the outage was counted %d times against somebody; %d runs froze the breaker", most, f.froze.Load())
		}
		t.Logf("%d integrations at %s, half of them with a channel: %d runs, %d with the breaker frozen, counted %d times at most", n, every, f.runs.Load(), f.froze.Load(), most)
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

// One in five has trouble of its own, and shows it by notifications, many more
// than there are polls: with channels only a quarter of the fleet is polled in a
// window. That is no outage: those are deactivated, and nobody's breaker freezes.
func TestNotificationsThatFailAreNoOutage(t *testing.T) {
	t.Parallel()
	const n, broken = 100, 20
	inVirtualTime(t, 50, func(t *testing.T, f *fleet) {
		f.watched()
		f.authorize(0, n, 5*time.Minute)
		pass(70*time.Minute, nil)
		ill := func(account string) bool { return account < keyOf(broken).Account }
		f.ill.Store(&ill)
		pass(100*time.Minute, func() {
			for i := range broken {
				rec := f.get(i)
				f.must(f.worker.Queue.Send(t.Context(), job.Message{Job: job.Job{
					Kind: job.Sync, Account: rec.Account, Provider: rec.Provider, Generation: rec.ID, Trigger: integration.TriggerNotification, Due: time.Now(),
				}}))
			}
		})
		for i := range n {
			want := integration.Active
			if i < broken {
				want = integration.Error
			}
			if rec := f.get(i); rec.Status != want {
				t.Errorf("%d is %s with %d failures, want %s", i, rec.Status, rec.Failures, want)
			}
		}
		if f.froze.Load() > 0 {
			t.Errorf("%d runs froze the breaker", f.froze.Load())
		}
	})
}
