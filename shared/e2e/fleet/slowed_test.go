package fleet_test

import (
	"testing"
	"time"

	"golang.org/x/time/rate"

	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
)

// Nearly three times as much is due as the project's quota allows. Calls stay
// within it in every minute, everybody is fresh within three intervals, an edit is
// out within the minute, and when the quota is raised everybody is back at the
// interval that they chose.
func TestAFleetBeyondItsQuota(t *testing.T) {
	t.Parallel()
	const quota = 60
	every := []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute}
	each := []int{60, 200, 960}
	inVirtualTime(t, 20, func(t *testing.T, f *fleet) {
		f.scheduler.Quota = quota
		pace := rate.NewLimiter(rate.Inf, 1) // while they connect there is none: that is another test's
		f.worker.Pace = pace
		n := 0
		place := func(i int) time.Duration { // the interval of the i-th
			for k, m := range each {
				if i -= m; i < 0 {
					return every[k]
				}
			}
			return 0
		}
		for k, m := range each {
			f.authorize(n, n+m, every[k])
			n += m
		}
		pass(31*time.Minute, nil)
		pace.SetLimit(rate.Limit(float64(quota) / 60))
		pass(60*time.Minute, nil)
		most, total, worst, slowest := int64(0), int64(0), 0.0, time.Duration(0)
		const minutes = 90
		for minute := range minutes {
			f.calls.Store(0)
			asked := time.Now()
			who := minute % n
			rec := f.get(who)
			f.must(f.worker.Queue.Send(t.Context(), job.Message{Delay: 8 * time.Second, Job: job.Job{
				Kind: job.Sync, Account: rec.Account, Provider: rec.Provider, Generation: rec.ID, Trigger: integration.TriggerAuraEdit, Due: asked,
			}}))
			pass(time.Minute, nil)
			if rec := f.get(who); rec.FreshAsOf.Before(asked) {
				slowest = max(slowest, time.Since(asked))
			}
			total, most = total+f.calls.Load(), max(most, f.calls.Load())
			for i := range n {
				worst = max(worst, float64(time.Since(f.get(i).FreshAsOf)-time.Minute)/float64(place(i))) // a minute for its turn in the queue
			}
		}
		t.Logf("%d integrations, 164 polls due a minute, a quota of %d: %.1f calls a minute, %d at most; the oldest view was %.2f intervals old, and a minute", n, quota, float64(total)/minutes, most, worst)
		if most > quota+1 || total < minutes*quota*8/10 {
			t.Errorf("%d calls in %d minutes, %d in one at most; the quota is %d", total, minutes, most, quota)
		}
		if worst > 3 {
			t.Errorf("somebody's view was %.2f intervals old", worst)
		}
		if slowest > 0 {
			t.Errorf("an edit wasn't out after %s", slowest)
		}
		f.scheduler.Quota = 4 * quota
		pace.SetLimit(rate.Inf)
		pass(46*time.Minute, nil)
		for i := range n {
			if age := time.Since(f.get(i).FreshAsOf); age > place(i)+time.Minute {
				t.Errorf("with a greater quota the view of one at %s is %s old", place(i), age)
				break
			}
		}
	})
}
