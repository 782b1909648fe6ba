package convergence_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"aura.example/integrations/shared/googlesim"
	"aura.example/integrations/shared/integration"
)

// spent makes Google refuse a method for hours, and counts how often it is asked.
func (w *world) spent(method string) *atomic.Int64 {
	var asked atomic.Int64
	w.fail(func(r *http.Request) googlesim.Decision {
		if r.Method == method && strings.Contains(r.URL.Path, "/events") {
			asked.Add(1)
			return googlesim.Decision{Answer: googlesim.Refusal(403, "usageLimits", "quotaExceeded", "no")}
		}
		return googlesim.Decision{}
	})
	return &asked
}

// While the quota for writes stays spent, each rest is twice as long as the one
// before; once a write was taken, the next time begins with an hour again.
func TestTheRestOfThePushDoublesAndBeginsAnew(t *testing.T) {
	t.Parallel()
	w := connected(t, timed("a", 24))
	w.spent(http.MethodPatch)
	w.must(w.me.retitle(context.Background(), w.row("a").ID, "a x"))
	rested := func() time.Duration {
		w.sync()
		w.queue.msgs = nil
		until := w.rec().PushPausedUntil
		rest := until.Sub(w.now()).Round(time.Hour)
		w.pass(until.Sub(w.now()) + time.Minute)
		return rest
	}
	got := []time.Duration{rested(), rested(), rested(), rested()}
	if want := "[1h0m0s 2h0m0s 4h0m0s 8h0m0s]"; fmt.Sprint(got) != want {
		t.Errorf("the push rested %v, want %s", got, want)
	}
	w.fail(nil)
	w.rest(1)
	w.wantTitles("after the rest", "a x")
	if rec := w.rec(); rec.PushRest != 0 || !rec.PushPausedUntil.IsZero() {
		t.Errorf("a write was taken, and the record still says %v until %v", rec.PushRest, rec.PushPausedUntil)
	}
	w.spent(http.MethodPatch)
	w.must(w.me.retitle(context.Background(), w.row("a x").ID, "a y"))
	if got := rested(); got != time.Hour {
		t.Errorf("after a write was taken the push rested %v, want an hour", got)
	}
}

// The rest holds in the next round of the run that was told of it.
func TestTheRestHoldsInTheNextRound(t *testing.T) {
	t.Parallel()
	w := connected(t, timed("a", 24))
	w.must(w.me.retitle(context.Background(), w.row("a").ID, "a x"))
	w.queue.msgs = nil
	p := w.process(3)
	busy := false
	p.meet = func(_ int, c crossing) {
		if c.what == "google PATCH" && !busy {
			busy = true
			w.pass(10 * time.Second)
			_ = w.me.worker.Handle(context.Background(), w.job(integration.TriggerNotification))
		}
	}
	asked := w.spent(http.MethodPatch)
	w.pass(time.Minute)
	w.must(p.worker.Handle(context.Background(), w.job(integration.TriggerSchedule)))
	if n := asked.Load(); n != 1 {
		t.Errorf("asked %d times in one run", n)
	}
}

// Where the copies can't be removed for hours, the chosen calendar is read all the
// same; they go once the rest is over.
func TestASwitchGoesOnWhileItsCopiesCantBeRemoved(t *testing.T) {
	t.Parallel()
	w, team := twoCalendars(t)
	asked := w.spent(http.MethodDelete)
	w.choose(team, true, false)
	w.settle()
	w.rest(2)
	if n := asked.Load(); n != 1 {
		t.Errorf("asked %d times while the writes rest", n)
	}
	if w.row("t") == nil {
		rec := w.rec()
		t.Errorf("the chosen calendar isn't read: %s, last run %+v, paused until %v", rec.Status, rec.LastRun, rec.PushPausedUntil)
	}
	w.fail(nil)
	w.pass(time.Hour)
	w.rest(2)
	w.same("in the calendar that was left", w.titlesIn(w.email), "a", "b")
	w.same("in the chosen one", w.titlesIn(team), "mine", "ours", "t")
	w.same("in Aura", w.titlesHere(), "mine", "ours", "t")
}

// A push that comes near its time limit hands the rest on: nothing fails, and
// nothing is made twice.
func TestThePushWatchesItsDeadline(t *testing.T) {
	t.Parallel()
	w := connected(t)
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	const events = 30
	for i := range events {
		w.must(w.me.create(ctx, content(fmt.Sprint("e", i), 24+i), ""))
	}
	w.queue.msgs = nil
	w.pass(time.Minute)
	p := w.process(3)
	deadline := w.now().Add(integration.FunctionLimit)
	p.meet = func(_ int, c crossing) {
		if c.what == "google POST" {
			w.pass(15 * time.Second) // Google is slow, or paces
		}
		if w.now().After(deadline) {
			cancel() // the function's time limit
		}
	}
	dctx, stop := context.WithDeadline(ctx, deadline)
	defer stop()
	w.must(p.worker.Handle(dctx, w.job(integration.TriggerSchedule)))
	if rec := w.rec(); ctx.Err() != nil || rec.Failures != 0 || rec.Lease == nil || rec.LastRun.Outcome != integration.RunSucceeded {
		t.Errorf("the push went past its deadline: failures %d, lease %+v, last run %+v", rec.Failures, rec.Lease, rec.LastRun)
	}
	if n := len(w.resources()); n == 0 || n == events {
		t.Errorf("%d events at Google when the time was up", n)
	}
	w.settle()
	if n := len(w.resources()); n != events {
		t.Errorf("%d at Google in the end", n)
	}
	w.wantConverged("in the end")
}

// A run that begins with its deadline near sends one edit all the same: otherwise
// such runs would hand on to each other for ever, and nothing would be sent.
func TestARunThatBeginsLateSendsOneEdit(t *testing.T) {
	t.Parallel()
	w := connected(t)
	for i := range 3 {
		w.must(w.me.create(context.Background(), content(fmt.Sprint("e", i), 24+i), ""))
	}
	w.queue.msgs = nil
	w.pass(time.Minute)
	ctx, stop := context.WithDeadline(context.Background(), w.now().Add(15*time.Second))
	defer stop()
	w.must(w.me.worker.Handle(ctx, w.job(integration.TriggerSchedule)))
	if n := len(w.resources()); n != 1 {
		t.Errorf("%d events at Google after a run that began late", n)
	}
	w.settle()
	w.wantConverged("in the end")
}

// So does the rejection of many deletions: each of them is looked up.
func TestARejectionWatchesItsDeadline(t *testing.T) {
	t.Parallel()
	const events = 20
	w := connected(t)
	var ids []string
	for i := range events {
		ids = append(ids, w.there(timed(fmt.Sprint("e", i), 30+i)))
	}
	w.rest(1)
	for _, id := range ids {
		w.deleteThere(id)
	}
	w.rest(1)
	_, err := w.me.service.RejectDeletions(context.Background(), w.caller, w.key.Provider)
	w.must(err)
	w.queue.msgs = nil
	w.pass(time.Minute)
	p := w.process(3)
	deadline := w.now().Add(integration.FunctionLimit)
	ctx, stop := context.WithDeadline(context.Background(), deadline)
	defer stop()
	asked, over := 0, false
	p.meet = func(_ int, c crossing) {
		if c.what == "google GET" && strings.Contains(c.to, "/events/") {
			asked++
			w.pass(integration.FunctionLimit / 16) // Google is slow
		}
		over = over || w.now().After(deadline)
	}
	w.must(p.worker.Handle(ctx, w.job(integration.TriggerSchedule)))
	if rec := w.rec(); over || asked == 0 || asked >= events || rec.Failures != 0 || rec.Lease == nil {
		t.Errorf("past its deadline: %v, %d looked up, failures %d, lease %+v", over, asked, rec.Failures, rec.Lease)
	}
	w.settle()
	w.rest(1)
	if n := len(w.titlesIn(w.email)); n != events {
		t.Errorf("%d events at Google in the end", n)
	}
	w.wantConverged("in the end")
}
