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

// poisons are the ways in which Google refuses one event for good.
var poisons = []struct {
	status         int
	domain, reason string
}{
	{400, "global", "invalid"},
	{400, "calendar", "eventTypeRestriction"},
	{403, "calendar", "forbiddenForNonOrganizer"},
	{403, "calendar", "requiredAccessLevel"},
}

// TestR10OneRefusedEventDelaysNoOther has Google refuse one of many edits, in
// each way it knows: the others arrive in the same run, the refused one is set
// aside with its reason and not tried again, until its person changes it.
func TestR10OneRefusedEventDelaysNoOther(t *testing.T) {
	t.Parallel()
	var healthy, delayed atomic.Int64
	t.Cleanup(func() {
		t.Logf("R10: %d healthy events beside a refused one, %d delayed", healthy.Load(), delayed.Load())
	})
	for _, method := range []string{http.MethodPost, http.MethodPatch, http.MethodDelete} {
		for _, p := range poisons {
			t.Run(method+" "+p.reason, func(t *testing.T) {
				t.Parallel()
				ctx := context.Background()
				w := connected(t, timed("kept", 20), timed("poison", 24), timed("b", 26), timed("c", 28))
				w.pass(time.Minute)
				bad := w.row("poison")
				cursor := w.rec().Cursor
				// The poison is the oldest of the edits: it comes first.
				var refusals atomic.Int64
				w.fail(func(r *http.Request) googlesim.Decision {
					if r.Method != method || method != http.MethodPost && !strings.HasSuffix(r.URL.Path, bad.Link.ProviderID) {
						return googlesim.Decision{}
					}
					if method == http.MethodPost && refusals.Load() > 0 {
						return googlesim.Decision{}
					}
					refusals.Add(1)
					return googlesim.Decision{Answer: googlesim.Refusal(p.status, p.domain, p.reason, "no")}
				})
				want := []string{"b changed", "new", "kept", "there"}
				switch method {
				case http.MethodPost:
					w.must(w.me.create(ctx, content("one of two", 30), "1"))
					w.must(w.me.create(ctx, content("one of two", 31), "2"))
					want = append(want, "poison", "one of two")
				case http.MethodPatch:
					w.must(w.me.retitle(ctx, bad.ID, "poison changed"))
					want = append(want, "poison")
				case http.MethodDelete:
					w.must(w.me.delete(ctx, bad.ID))
					want = append(want, "poison")
				}
				if method != http.MethodPost {
					w.must(w.me.create(ctx, content("new", 32), "new"))
				} else {
					want = append(want[:1], want[2:]...)
				}
				w.must(w.me.retitle(ctx, w.row("b").ID, "b changed"))
				w.must(w.me.delete(ctx, w.row("c").ID))
				w.there(timed("there", 33))
				w.sync() // one run, and no other

				healthy.Add(3)
				w.wantTitles("after one run", want...)
				if w.Failed() {
					delayed.Add(1)
				}
				rec := w.rec()
				if rec.Cursor == cursor || rec.Failures != 0 || rec.Status != integration.Active {
					t.Errorf("the poison held the run up: %s, failures %d, cursor moved %v", rec.Status, rec.Failures, rec.Cursor != cursor)
				}
				q, err := w.me.db.Events.Quarantined(ctx, w.account)
				w.must(err)
				if len(q) != 1 || q[0].Reason == "" || q[0].Since.IsZero() || refusals.Load() != 1 {
					t.Fatalf("in quarantine %+v after %d refusals", q, refusals.Load())
				}
				// Left alone, it costs nothing more.
				quiet := w.process(3)
				w.pass(time.Minute)
				w.must(quiet.worker.Handle(ctx, w.job(integration.TriggerSchedule)))
				w.queue.msgs = nil
				if n := len(quiet.crossings()); n != 3 {
					t.Errorf("a further sync made %d writes and calls, want the lease's two and one list: %v", n, quiet.crossings())
				}
				// Mended, and changed by its person, it goes.
				w.fail(nil)
				if method == http.MethodDelete {
					w.patchThere(bad.Link.ProviderID, map[string]any{"location": "there"})
				} else {
					w.must(w.me.retitle(ctx, q[0].EventID, fmt.Sprint(q[0].Title, " mended")))
				}
				w.settle()
				w.sync()
				w.wantConverged("mended")
				if q, err := w.me.db.Events.Quarantined(ctx, w.account); err != nil || len(q) != 0 {
					t.Errorf("mended, it stays in quarantine: %+v, %v", q, err)
				}
			})
		}
	}
}
