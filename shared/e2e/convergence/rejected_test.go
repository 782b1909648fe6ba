package convergence_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"aura.example/integrations/shared/integration"
)

// A rejected deletion: what Aura shows stays, and both sides agree again.

// reject rejects the deletions that are held, and lets everything come to rest.
func (w *world) reject() {
	w.Helper()
	if rec := w.rec(); rec.Status != integration.Error || rec.Reason == nil || rec.Reason.Code != integration.ReasonMassDeletionHeld {
		w.Fatalf("nobody is asked: %s %+v, the runs say %q", rec.Status, rec.Reason, w.told())
	}
	_, err := w.me.service.RejectDeletions(context.Background(), w.caller, w.key.Provider)
	w.must(err)
	w.settle()
	w.rest(3)
	if rec := w.rec(); rec.Status != integration.Active {
		w.Errorf("after the rejection: %s %+v", rec.Status, rec.Reason)
	}
}

// TestARejectedDeletionOfADividedSeries: somebody divides a series at Google and
// deletes all there is, or all but the second half.
func TestARejectedDeletionOfADividedSeries(t *testing.T) {
	t.Parallel()
	for _, lives := range []bool{false, true} {
		t.Run(fmt.Sprintf("the second half lives %v", lives), func(t *testing.T) {
			t.Parallel()
			w := connected(t)
			var ids []string
			for i := range 5 {
				ids = append(ids, w.there(timed(fmt.Sprint("e", i), 30+i)))
			}
			pid := w.there(weekly("S"))
			w.rest(1)
			before := w.shownHere()
			w.divideThere(pid, 4)
			half := w.showsThere(nth(4))["recurringEventId"].(string)
			if ids = append(ids, pid); !lives {
				ids = append(ids, half)
			}
			for _, id := range ids {
				w.deleteThere(id)
			}
			w.rest(1)
			w.reject()
			if got := w.shownHere(); !slices.Equal(got, before) {
				t.Errorf("before the rejection Aura showed\n%s\nand after it\n%s\nthe runs say %q", strings.Join(before, "\n"), strings.Join(got, "\n"), w.told())
			}
			w.wantSame("after all", nil, nil)
			w.quiet("after all")
		})
	}
}
