package convergence_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/edit"
	"aura.example/integrations/shared/integration"
)

// TestLeavingACalendarWatchesItsDeadline: the copies of many events are to be
// removed, and Google is slow. The run hands itself on before its time is up, and
// the next ones go on where it stopped.
func TestLeavingACalendarWatchesItsDeadline(t *testing.T) {
	t.Parallel()
	w, team := twoCalendars(t)
	const more = 20
	for i := range more {
		w.must(w.me.create(context.Background(), content(fmt.Sprint("e", i), 50+i), ""))
	}
	w.settle()
	before := len(w.titlesIn(w.email))
	w.choose(team, true, true)
	w.queue.msgs = nil
	w.pass(time.Minute)
	p := w.process(3)
	deadline := w.now().Add(integration.FunctionLimit)
	ctx, stop := context.WithDeadline(context.Background(), deadline)
	defer stop()
	removed, over := 0, false
	p.meet = func(_ int, c crossing) {
		if c.what == "google DELETE" {
			removed++
			w.pass(integration.FunctionLimit / 16)
		}
		over = over || w.now().After(deadline)
	}
	w.must(p.worker.Handle(ctx, w.job(integration.TriggerSchedule)))
	if rec := w.rec(); over || removed == 0 || removed >= more || rec.Failures != 0 || rec.Lease == nil {
		t.Errorf("past its deadline: %v, %d of %d removed, failures %d, lease %+v", over, removed, before, rec.Failures, rec.Lease)
	}
	w.settle()
	w.rest(1)
	for i := range more {
		title := fmt.Sprint("e", i)
		if n := strings.Count(strings.Join(w.titlesIn(w.email), "\n")+"\n", title+"\n"); n != 0 {
			t.Errorf("%s is still in the calendar that was left", title)
		}
		if n := strings.Count(strings.Join(w.titlesIn(team), "\n")+"\n", title+"\n"); n == 0 {
			t.Errorf("%s isn't in the chosen calendar", title)
		}
	}
}

// TestAnEventWhoseAttemptsNoLongerFitIsSetAside: a large event is edited again and
// again while Google answers nothing that could be told from a write. What was tried
// is kept with what it started from; before that is too much for one record the
// event is set aside with its reason, and the others go on.
func TestAnEventWhoseAttemptsNoLongerFitIsSetAside(t *testing.T) {
	t.Parallel()
	e := timed("large", 30)
	e["description"] = strings.Repeat("x", 290<<10)
	w := connected(t, e, timed("other", 40))
	large, other := w.row("large").ID, w.row("other").ID
	w.refusing(http.MethodPatch, nil, 503, "global", "backendError")
	for _, c := range []string{"🎉", "🎈", "🎁"} { // 32 KB each
		text := strings.Repeat(c, 8192)
		w.change(target(large), edit.Patch{Description: &text})
		w.queue.msgs = nil
		w.pass(10 * time.Minute)
		_ = w.me.worker.Handle(context.Background(), w.job(integration.TriggerSyncNow)) // Google fails, and so does the run
	}
	w.fail(nil)
	w.change(target(other), titled("other x"))
	w.rest(2)
	w.settle()
	aside := w.quarantined()
	if len(aside) != 1 || aside[0].EventID != large || aside[0].Code != "event_too_large" || aside[0].Reason != "The event is too large to be sent." {
		t.Errorf("set aside: %+v", aside)
	}
	if rec := w.rec(); rec.Status != integration.Active || rec.Failures != 0 {
		t.Errorf("%s, %d failures, %+v", rec.Status, rec.Failures, rec.Reason)
	}
	if !strings.HasPrefix(w.byID(large).Description, "🎁") {
		t.Error("the edit isn't kept")
	}
	w.same("at Google", w.titlesIn(w.email), "large", "other x")
}
