package convergence_test

import (
	"context"
	"testing"
	"time"

	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
)

// TestReplacedTwice: the wind-down of the second connection, which never synced, lets go
// what the first had linked, whose own isn't done. What is deleted at Google meanwhile
// stays deleted where the same account is connected then.
func TestReplacedTwice(t *testing.T) {
	t.Parallel()
	w := mixed(t)
	ctx := context.Background()
	replace := func() {
		_, err := w.me.service.Disconnect(ctx, w.caller, w.key.Provider, false)
		w.must(err)
		_, err = w.me.service.Create(ctx, w.caller, w.key.Provider)
		w.must(err)
		w.queue.msgs = nil
	}
	replace()
	w.must(w.me.authorize(ctx))
	w.queue.msgs = nil
	second := w.rec().ID
	replace()
	for range 5 {
		w.pass(integration.Visibility)
		w.must(w.me.worker.Handle(ctx, job.Job{Kind: job.WindDown, Account: w.account, Provider: w.key.Provider, Generation: second}))
	}
	if row := w.row("mine"); row == nil || row.Link != nil {
		t.Fatalf("the second wind-down hasn't let go of what the first connection linked: %+v", row)
	}
	for _, r := range w.resources() {
		if id, _ := r["id"].(string); r["summary"] == "mine" {
			w.deleteThere(id)
		}
	}
	w.must(w.me.authorize(ctx))
	w.settle()
	w.pass(time.Minute)
	w.rest(2)
	w.wound()
	w.rest(1)
	w.wantTitles("in the end", "a", "b", "ours")
	w.wantConverged("in the end")
}
