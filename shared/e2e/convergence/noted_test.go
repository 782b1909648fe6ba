package convergence_test

import (
	"context"
	"errors"
	"testing"
	"time"

	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
)

// deaf is a queue that takes nothing.
type deaf struct{}

func (deaf) Send(context.Context, ...job.Message) error { return errors.New("the queue is down") }

// TestANoteThatEditsWaitOutlivesARunThatDidNotSeeThem: the job of an edit is lost, which
// is noted; a run sends that edit, and while it does so the job of another is lost. The
// note stays until that one is sent too. A run that began within the clocks' difference
// of a note leaves it to the next, for its list may not have had the edit.
func TestANoteThatEditsWaitOutlivesARunThatDidNotSeeThem(t *testing.T) {
	t.Parallel()
	w := connected(t)
	w.rest(1)
	w.me.editor.Queue = deaf{}
	edit := func(title string) {
		w.must(w.me.create(context.Background(), content(title, 30), title))
	}
	noted := func(what string, want bool) {
		t.Helper()
		if at := w.rec().EditsWait; at.IsZero() == want {
			t.Errorf("%s: noted as of %s, want noted %t", what, at, want)
		}
	}
	edit("a")
	noted("a job is lost", true)
	w.pass(time.Minute)
	p, during := w.process(3), false
	p.before = func(_ int, c crossing) bool {
		if c.what == "google POST" && !during {
			during = true
			edit("b")
		}
		return false
	}
	w.must(p.worker.Handle(context.Background(), w.job(integration.TriggerSchedule)))
	if !during {
		t.Fatal("nothing was edited while a was sent")
	}
	noted("b's job is lost while a is sent", true)
	w.sync()
	noted("b is sent", false)
	w.wantTitles("b is sent", "a", "b")

	w.pass(time.Minute)
	j := w.job(integration.TriggerSchedule)
	w.pass(10 * time.Second) // its burst is over
	edit("c")
	w.must(w.me.worker.Handle(context.Background(), j))
	noted("a run begins right after c", true)
	w.sync()
	noted("the next run", false)
	w.wantConverged("in the end")
}
