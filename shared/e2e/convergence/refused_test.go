package convergence_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	"aura.example/integrations/shared/integration"
)

// What a large event's edit leaves behind stays far under what one item may
// weigh: it goes through, and holds nothing else back.
func TestAnEditOfALargeEvent(t *testing.T) {
	t.Parallel()
	w := connected(t)
	e := timed("large", 30)
	e["description"] = strings.Repeat("x", 220<<10)
	w.there(e)
	w.there(timed("other", 40))
	w.rest(1)
	w.must(w.me.retitle(context.Background(), w.row("large").ID, "large x"))
	w.must(w.me.retitle(context.Background(), w.row("other").ID, "other x"))
	w.settle()
	w.rest(1)
	rec := w.rec()
	if rec.LastRun == nil || rec.LastRun.Outcome != integration.RunSucceeded || rec.Failures != 0 || rec.Status != integration.Active {
		t.Errorf("one large event: %+v failures %d status %s", rec.LastRun, rec.Failures, rec.Status)
	}
	w.wantTitles("in the end", "large x", "other x")
	w.wantConverged("in the end")
}

// However often an edit is refused, its line of the outbox doesn't grow: what the
// provider refused outright never landed.
func TestRefusedEditsLeaveNoAttempts(t *testing.T) {
	t.Parallel()
	w := connected(t)
	e := timed("e", 30)
	w.there(e)
	w.rest(1)
	id := w.row("e").ID
	w.refusing(http.MethodPatch, nil, 400, "global", "invalid")
	for i := range 4 {
		w.must(w.me.retitle(context.Background(), id, fmt.Sprint("e ", i)))
		w.settle()
	}
	_, item, err := w.me.db.Events.Pair(context.Background(), w.account, id)
	w.must(err)
	if item == nil || item.Refused == nil || len(item.Sent) != 0 {
		t.Errorf("after refused edits the outbox holds %+v", item)
	}
	w.fail(nil)
	w.must(w.me.retitle(context.Background(), id, "e taken"))
	w.settle()
	w.rest(1)
	w.wantTitles("in the end", "e taken")
	w.wantConverged("in the end")
	if q := w.quarantined(); len(q) != 0 {
		t.Errorf("in quarantine: %+v", q)
	}
}
