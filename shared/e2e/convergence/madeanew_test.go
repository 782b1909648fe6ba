package convergence_test

import (
	"context"
	"strings"
	"testing"

	"aura.example/integrations/shared/edit"
)

// What waits, or is let go late, when an integration is made anew for the same account.

// TestADeletionThereStaysOneWhenTheWindDownComesIntoTheFirstSync: right before the
// list that the first sync compares with, what it reads of the earlier connection is
// as it was before. The wind-down lets the event go, and its copy isn't listed.
func TestADeletionThereStaysOneWhenTheWindDownComesIntoTheFirstSync(t *testing.T) {
	t.Parallel()
	w := mixed(t)
	w.startOver(false)
	w.deleteThere(w.pidOf("mine"))
	w.must(w.me.authorize(context.Background()))
	p := w.process(3)
	wound := false
	p.meet = func(_ int, c crossing) {
		if wound || c.what != "google GET" || !strings.HasSuffix(c.to, "/events") {
			return
		}
		wound = true
		for range 9 {
			for _, o := range w.orders() {
				w.must(w.me.worker.Handle(context.Background(), windDownJob(o)))
			}
		}
	}
	p.work(context.Background())
	if !wound || len(w.orders()) > 0 {
		t.Fatalf("no wind-down came in between: %+v", w.orders())
	}
	w.settle()
	w.rest(2)
	w.same("at Google", w.titlesIn(w.email), "a", "b", "ours")
	w.same("in Aura", w.titlesHere(), "a", "b", "ours")
	w.quiet("in the end")
}

// TestAnEditOfAnOccurrenceIsSentByTheIntegrationMadeAnew: of an exception that both
// sides knew, and which is at Google as it was before that edit.
func TestAnEditOfAnOccurrenceIsSentByTheIntegrationMadeAnew(t *testing.T) {
	eachWinding(t, func(t *testing.T, wound bool) {
		w, id, _ := seriesOfOurs(t)
		w.change(one(id, nth(2), edit.This), titled("X2"))
		w.queue.msgs = nil
		w.startOver(wound)
		w.signIn()
		w.wantSame("in the end", []string{text(nth(2), "X2"), text(nth(3), "ser")}, []string{text(nth(2), "X")})
		w.wantConverged("in the end")
		w.quiet("in the end")
	})
}
