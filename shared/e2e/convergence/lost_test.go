package convergence_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"sync/atomic"
	"testing"

	"aura.example/integrations/shared/integration"
)

// conflicts gives every conflict that any run has named.
func (w *world) conflicts() []integration.Decision {
	w.Helper()
	var out []integration.Decision
	for _, d := range w.decisions() {
		if d.What == "conflict" {
			out = append(out, d)
		}
	}
	return out
}

// decisions gives what all runs of the integration decided.
func (w *world) decisions() []integration.Decision {
	w.Helper()
	ctx := context.Background()
	var out []integration.Decision
	for page := (integration.Page{Limit: 100}); ; {
		runs, next, err := w.me.db.Integrations.Runs(ctx, w.key, page, w.now())
		w.must(err)
		for _, r := range runs {
			ds, err := w.me.db.Integrations.Decisions(ctx, w.key, r.ID)
			w.must(err)
			out = append(out, ds...)
		}
		if next == "" {
			return out
		}
		page.Cursor = next
	}
}

// TestR4EveryAcknowledgementIsLostOnce lets each write to the database and each
// call to Google take effect and loses its answer, once. Nobody may notice: no
// failed edit, no failed run, no conflict that no person made, nothing twice,
// and all of it without any healing.
func TestR4EveryAcknowledgementIsLostOnce(t *testing.T) {
	t.Parallel()
	var runs atomic.Int64
	t.Cleanup(func() { t.Logf("R4: %d answers lost", runs.Load()) })
	for _, s := range chosen() {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			all, days := boundaries(t, s)
			for k, c := range all {
				if c.what == "queue send" { // an edit's job that is lost is the schedule's (R1)
					continue
				}
				t.Run(fmt.Sprintf("%02d %s", k+1, c.what), func(t *testing.T) {
					t.Parallel()
					w := s.world(t)
					p := w.process(3) // the SDK tries again, as it does
					p.lose = func(n int, _ crossing) bool { return n == k+1 }
					err := s.do(context.Background(), p)
					signIn := !strings.HasPrefix(c.to, "/calendar/") && strings.HasPrefix(c.what, "google")
					switch {
					case signIn: // a code is good for one exchange: the person signs in again
						w.again(s)
					case err != nil:
						t.Errorf("somebody was told that it failed: %v", err)
					}
					w.settle()
					if rec := w.rec(); rec.Failures != 0 || !rec.VerifyAfter.IsZero() && !signIn {
						t.Errorf("taken for a failure: %d, to be verified after %v", rec.Failures, rec.VerifyAfter)
					}
					if runs, _, err := w.me.db.Integrations.Runs(context.Background(), w.key, integration.Page{Limit: 100}, w.now()); err != nil || slices.ContainsFunc(runs, func(r integration.Run) bool { return r.State == integration.RunFailed }) && !signIn {
						t.Errorf("a run failed: %+v, %v", runs, err)
					}
					if c := w.conflicts(); len(c) > 0 {
						t.Errorf("a phantom conflict: %+v", c)
					}
					if bad := w.wrongReasons(); len(bad) > 0 { // no script has both sides change one event
						t.Errorf("said to be changed on both sides: %q", bad)
					}
					w.wantConverged("without healing")
					w.wantTitles("without healing", s.want...)
					w.same("shown without healing", w.days(), days...)
					runs.Add(1)
				})
			}
		})
	}
}
