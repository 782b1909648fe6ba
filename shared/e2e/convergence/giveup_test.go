package convergence_test

import (
	"context"
	"testing"
	"time"

	"aura.example/integrations/shared/integration"
)

// TestAnEditAfterTheDirectionIsBackIsKept: a run that began while edits only came in,
// what waited having been given up long ago, still goes on when the direction is turned
// back and an edit is made.
func TestAnEditAfterTheDirectionIsBackIsKept(t *testing.T) {
	t.Parallel()
	w := connected(t, timed("a", 24), timed("b", 26))
	w.must(w.only(true))
	w.settle()
	w.rest(2)
	w.pass(24 * time.Hour)
	id := w.row("a").ID
	run := w.begins()
	w.direction(integration.TwoWay)
	w.must(w.me.retitle(context.Background(), id, "a new"))
	w.must(run.ends())
	w.settle()
	w.rest(2)
	w.wantTitles("in the end", "a new", "b")
	w.wantConverged("in the end")
}

// TestWhatWasGivenUpIsNotSentAfterAll: the direction is turned back before a run has
// come; but what is edited again since then is sent.
func TestWhatWasGivenUpIsNotSentAfterAll(t *testing.T) {
	t.Parallel()
	w := connected(t, timed("a", 24), timed("b", 26), timed("c", 28))
	ctx := context.Background()
	w.must(w.me.retitle(ctx, w.row("a").ID, "a here"))
	w.must(w.me.delete(ctx, w.row("b").ID))
	c := w.row("c").ID
	w.must(w.me.retitle(ctx, c, "c here"))
	w.queue.msgs = nil
	w.must(w.only(true))
	w.queue.msgs = nil
	w.direction(integration.TwoWay)
	w.pass(time.Minute)
	w.must(w.me.retitle(ctx, c, "c again"))
	w.rest(2)
	w.wantTitles("in the end", "a", "b", "c again")
	w.wantConverged("in the end")
}
