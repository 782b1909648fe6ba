package fleet_test

import (
	"testing"
	"time"

	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
)

// While the provider is down a verification is tried about once a minute, however
// many jobs come for it meanwhile (its slot's, each minute, and a burst of others),
// and after a quarter of an hour it has failed. An outage that ends before is
// noticed within two minutes.
func TestAVerificationIsTriedOnceAMinute(t *testing.T) {
	t.Parallel()
	for _, ends := range []bool{false, true} {
		inVirtualTime(t, 4, func(t *testing.T, f *fleet) {
			const n = 10
			f.down.Store(true)
			f.authorize(0, n, time.Minute)
			pass(9*time.Minute, func() {
				rec := f.get(0)
				for range 3 {
					f.must(f.worker.Queue.Send(t.Context(), job.Message{Job: job.Job{
						Kind: job.Sync, Account: rec.Account, Provider: rec.Provider, Generation: rec.ID, Trigger: integration.TriggerNotification, Due: time.Now(),
					}}))
				}
			})
			if ends {
				f.down.Store(false)
				pass(3*time.Minute, nil)
				for i := range n {
					if rec := f.get(i); rec.Status != integration.Active || rec.FreshAsOf.IsZero() {
						t.Errorf("three minutes after the outage %d is %s, fresh as of %s", i, rec.Status, rec.FreshAsOf)
					}
				}
				return
			}
			pass(9*time.Minute, nil)
			for i := range n {
				if rec := f.get(i); rec.Status != integration.Error || rec.Reason.Code != integration.ReasonVerificationFailed {
					t.Errorf("after a quarter of an hour %d is %s", i, rec.Status)
				}
			}
			each := float64(f.runs.Load()) / n
			if each > 17 {
				t.Errorf("a verification was tried %.1f times in a quarter of an hour", each)
			}
			t.Logf("%.1f tries of a verification in the quarter of an hour that it has", each)
		})
	}
}
