package convergence_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/edit"
	"aura.example/integrations/shared/googlesim"
	"aura.example/integrations/shared/integration"
)

// An edit of an occurrence that was set aside, since its series was deleted at
// Google, goes there once the series is back, whatever comes in between.
func TestAnEditWhoseSeriesWasGoneFollowsOnceItIsBack(t *testing.T) {
	t.Parallel()
	for name, back := range map[string]func(w *world, bring func()){
		"plainly": func(_ *world, bring func()) { bring() },
		"everything is listed": func(w *world, bring func()) {
			bring()
			w.must(w.sim.Calendar.ExpireSyncTokens(w.email))
		},
		"while the push rests": func(w *world, bring func()) {
			w.fail(func(r *http.Request) googlesim.Decision {
				if r.Method != http.MethodGet && strings.Contains(r.URL.Path, "/events") {
					return googlesim.Decision{Answer: googlesim.Refusal(403, "usageLimits", "quotaExceeded", "no")}
				}
				return googlesim.Decision{}
			})
			w.must(w.me.create(context.Background(), content("mine", 30), "mine"))
			w.settle()
			bring()
			w.rest(1)
			w.fail(nil)
			w.pass(3 * time.Hour)
		},
		"and the run dies before it pushes": func(w *world, bring func()) {
			bring()
			p := w.process(3)
			p.after = func(_ int, c crossing) bool { return c.what == "dynamodb PutItem" }
			_ = p.worker.Handle(context.Background(), w.job(integration.TriggerSchedule))
			w.heal()
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := connected(t)
			pid := w.there(weekly("S"))
			w.sync()
			id := w.row("S").ID
			w.pass(time.Minute)
			w.change(one(id, nth(2), edit.This), titled("X"))
			w.deleteThere(pid)
			w.settle()
			if list := w.quarantined(); len(list) != 1 || list[0].Code != "series_gone" {
				t.Fatalf("set aside: %+v", list)
			}
			w.rest(1)
			back(w, func() {
				e := weekly("S")
				e["id"] = pid
				_, err := w.sim.Calendar.PutEvent(w.email, e)
				w.must(err)
			})
			w.rest(2)
			if list := w.quarantined(); len(list) != 0 {
				t.Errorf("set aside: %+v", list)
			}
			if x := w.byID(calendar.ExceptionID(id, nth(2))); x == nil || x.Pending != "" {
				t.Errorf("the edit: %+v", x)
			}
			w.wantSame("in the end", []string{text(nth(1), "S"), text(nth(2), "X")}, []string{text(nth(2), "S")})
			w.wantConverged("at rest")
		})
	}
}
