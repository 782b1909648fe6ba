package convergence_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"aura.example/integrations/shared/integration"
)

// interrupted is a run that pushes an edit of a weekly series, into which somebody
// at Google comes.
type interrupted struct {
	edit  func(w *world, id string)  // in Aura, of a series at rest
	as    func(p *process)           // how the process is that pushes it; may be nil
	there func(w *world, pid string) // what happens at Google meanwhile
	// want judges after everything healed; steps are those of a run that nobody comes
	// into, and step is the one that somebody came before.
	want func(t *testing.T, w *world, steps []crossing, step int)
}

// atEachStep lets it happen before each step of the run, which dies after that step or
// goes on.
func (c interrupted) atEachStep(t *testing.T) {
	t.Helper()
	begin := func(t *testing.T) (*world, string) {
		w := connected(t)
		pid := w.there(weekly("S"))
		w.sync()
		w.sync()
		w.queue.msgs = nil
		w.pass(time.Minute)
		c.edit(w, w.row("S").ID)
		return w, pid
	}
	probe, _ := begin(t)
	p := probe.process(3)
	probe.must(p.worker.Handle(context.Background(), probe.job(integration.TriggerAuraEdit)))
	steps := p.crossings()
	for n, step := range steps {
		for _, dies := range []bool{false, true} {
			t.Run(fmt.Sprintf("%d %s dies %v", n+1, step.what, dies), func(t *testing.T) {
				t.Parallel()
				w, pid := begin(t)
				p := w.process(3)
				if c.as != nil {
					c.as(p)
				}
				p.meet = func(i int, _ crossing) {
					if i == n+1 {
						c.there(w, pid)
					}
				}
				if dies {
					p.after = func(i int, _ crossing) bool { return i == n+1 }
				}
				j := w.job(integration.TriggerAuraEdit)
				w.queue.msgs = nil
				_ = p.worker.Handle(context.Background(), j)
				w.queue.msgs = append(w.queue.msgs, message{job: j, at: w.now()})
				w.heal()
				c.want(t, w, steps, n)
			})
		}
	}
}
