package fleet_test

import (
	"context"
	"runtime"
	"testing"
	"time"

	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
)

// R15: 10,000 integrations at 60 minutes for a virtual week (quick: 500 for half
// a day). Each is synced once an interval by one call, nothing grows with time,
// and nobody is forgotten.
func TestR15AWeekOfAFleet(t *testing.T) {
	t.Parallel()
	n, hours := 500, 12
	if long() {
		n, hours = 10000, 7*24
	}
	inVirtualTime(t, 100, func(t *testing.T, f *fleet) {
		f.authorize(0, n, time.Hour)
		pass(2*time.Hour, nil) // verified, first sync, and once more
		f.calls.Store(0)
		f.runs.Store(0)
		goroutines, first := runtime.NumGoroutine(), heap()
		half := uint64(0)
		for h := range hours {
			pass(time.Hour, nil)
			if h+1 == hours/2 {
				half = heap()
			}
		}
		last := heap()
		calls, runs := f.calls.Load(), f.runs.Load()
		oldest := time.Duration(0)
		for i := range n {
			oldest = max(oldest, time.Since(f.get(i).FreshAsOf))
		}
		slope := (float64(last) - float64(half)) / float64(hours-hours/2)
		t.Logf("R15: %d integrations, %d hours: %d runs, %.3f calls a run; oldest view %s; heap %.1f MB at first, %.1f at half time, %.1f at the end (%.0f bytes an hour in the second half); goroutines %d, then %d",
			n, hours, runs, float64(calls)/float64(runs), oldest, mb(first), mb(half), mb(last), slope, goroutines, runtime.NumGoroutine())
		if want := int64(n * hours); runs != want || calls != want {
			t.Errorf("%d runs and %d calls, want %d of each", runs, calls, want)
		}
		if oldest > time.Hour+time.Minute {
			t.Errorf("somebody's view is %s old", oldest)
		}
		// Another test of this package may run beside this one, in quick form only.
		if long() && last > half+half/20 {
			t.Errorf("the heap grows: %.1f MB at half time, %.1f at the end", mb(half), mb(last))
		}
	})
}

func mb(bytes uint64) float64 { return float64(bytes) / (1 << 20) }

// R14, the polls' part: every push is lost for 30 virtual days, and no view is
// ever older than the interval, a minute of the dispatcher's and a run's start.
func TestR14WithoutAnyPush(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, 20, func(t *testing.T, f *fleet) {
		intervals := []time.Duration{5 * time.Minute, 15 * time.Minute, time.Hour}
		const each = 2
		for i, every := range intervals {
			f.authorize(i*each, (i+1)*each, every)
		}
		pass(2*time.Hour, nil)
		oldest := make([]time.Duration, len(intervals))
		pass(30*24*time.Hour, func() {
			for i := range intervals {
				for k := range each {
					oldest[i] = max(oldest[i], time.Since(f.get(i*each+k).FreshAsOf))
				}
			}
		})
		for i, every := range intervals {
			if oldest[i] > every+time.Minute {
				t.Errorf("at %s somebody's view was %s old", every, oldest[i])
			}
		}
		t.Logf("R14: 30 days at %v without a push: views at most %v old", intervals, oldest)
	})
}

// One account's first sync that never ends, each page of it slow beyond measure,
// takes one worker and nobody else's time, and goes on from checkpoint to
// checkpoint.
func TestAHugeFirstSyncHoldsNobodyUp(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, 4, func(t *testing.T, f *fleet) {
		const n = 40
		f.authorize(0, n, time.Minute)
		pass(3*time.Minute, nil)
		huge := keyOf(n).Account
		slow := func(account string) time.Duration {
			if account == huge {
				return 25 * time.Second // a call; the lease is kept by commits between them
			}
			return 0
		}
		f.slow.Store(&slow)
		f.huge.Store(&huge)
		f.authorize(n, n+1, time.Minute)
		oldest := time.Duration(0)
		pass(time.Hour, func() {
			for i := range n {
				oldest = max(oldest, time.Since(f.get(i).FreshAsOf))
			}
		})
		if oldest > 2*time.Minute+10*time.Second {
			t.Errorf("beside a huge first sync somebody's view was %s old", oldest)
		}
		if f.pages.Load() < 100 {
			t.Errorf("the huge sync came to page %d in an hour", f.pages.Load())
		}
		t.Logf("beside an endless first sync (page %d after an hour) whose every call takes 25 s, views of %d others at a minute were at most %s old, with 4 workers", f.pages.Load(), n, oldest)
	})
}

// R6's counting side: jobs delivered several times, late and in any order make
// no run more than the moments that they stand for.
func TestDoubledJobsMakeNoRun(t *testing.T) {
	t.Parallel()
	inVirtualTime(t, 8, func(t *testing.T, f *fleet) {
		const n = 20
		f.authorize(0, n, 5*time.Minute)
		pass(11*time.Minute, nil)
		f.runs.Store(0)
		due := time.Now()
		var jobs []job.Message
		for i := range n {
			rec := f.get(i)
			for k := range 5 {
				jobs = append(jobs, job.Message{Job: job.Job{
					Kind: job.Sync, Account: rec.Account, Provider: rec.Provider, Generation: rec.ID, Trigger: integration.TriggerSchedule, Due: due, CorrelationID: "c",
				}, Delay: time.Duration((k*7+i)%5) * 11 * time.Second})
			}
		}
		f.must(f.worker.Queue.Send(context.Background(), jobs...))
		<-time.After(59 * time.Second)
		// Scheduled runs of the same minute may come in between: those cover too.
		if runs := f.runs.Load(); runs < n || runs > n+n/2 {
			t.Errorf("%d jobs for %d moments made %d runs", len(jobs), n, runs)
		}
	})
}
