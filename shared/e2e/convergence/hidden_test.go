package convergence_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"aura.example/integrations/shared/edit"
	"aura.example/integrations/shared/integration"
)

// A series is deleted in Aura at each step of the run that pushes an edit of one of
// its occurrences, or of the next one, which is told of that edit. Nothing of it
// shows in Aura from then on, whatever a run brings in, and it goes at Google.
func TestASeriesDeletedBesideAnEditOfItsOccurrenceStaysHidden(t *testing.T) {
	t.Parallel()
	begin := func(t *testing.T) *world {
		w := connected(t)
		w.there(weekly("S"))
		w.sync()
		w.sync()
		w.queue.msgs = nil
		w.pass(time.Minute)
		w.change(one(w.row("S").ID, nth(6), edit.This), titled("X"))
		return w
	}
	probe := begin(t)
	p := probe.process(3)
	for range 2 {
		probe.must(p.worker.Handle(context.Background(), probe.job(integration.TriggerAuraEdit)))
		probe.pass(time.Minute)
	}
	for n, c := range p.crossings() {
		for _, how := range []string{"lives", "dies", "the index is late"} {
			t.Run(fmt.Sprint(n, " ", c.what, " ", how), func(t *testing.T) {
				t.Parallel()
				w := begin(t)
				deleted := false
				look := func(when string) {
					if deleted {
						if here := w.shownHere(); len(here) > 0 {
							t.Errorf("%s: Aura shows %q", when, here)
						}
					}
				}
				p := w.process(3)
				p.meet = func(i int, c crossing) {
					look(fmt.Sprint("before step ", i, ", ", c.what))
					if i == n+1 {
						store := w.me.editor.Store
						if how == "the index is late" {
							w.me.editor.Store = late{w.me.db.Events}
						}
						w.remove(target(w.row("S").ID))
						w.me.editor.Store = store
						deleted = true
						look("once it is deleted")
					}
				}
				if how == "dies" {
					p.after = func(i int, _ crossing) bool { return i == n+1 }
				}
				for range 2 {
					err := p.worker.Handle(context.Background(), w.job(integration.TriggerAuraEdit))
					if how != "dies" {
						w.must(err)
					}
					look("after a run")
					w.pass(time.Minute)
				}
				p.meet = nil
				if how == "dies" {
					w.heal()
					look("after the next")
				}
				for range 3 {
					w.rest(1)
					look("after another run")
				}
				w.wantSame("in the end", nil, []string{text(nth(0), "S"), text(nth(6), "X"), text(nth(6), "S")})
				w.wantConverged("at rest")
			})
		}
	}
}

// What a series' own edit changed of its occurrences at Google comes back as
// though somebody had edited those there.
func TestASeriesDeletedRightAfterItWasEditedStaysHidden(t *testing.T) {
	t.Parallel()
	room := "Room 7"
	later := nth(0)
	later.At = later.At.Add(time.Hour)
	for name, do := range map[string]func(w *world, id string){
		"renamed":               func(w *world, id string) { w.change(target(id), titled("T")) },
		"moved":                 func(w *world, id string) { w.change(target(id), movedTo(later, time.Hour)) },
		"another place":         func(w *world, id string) { w.change(target(id), edit.Patch{Location: &room}) },
		"the occurrence itself": func(w *world, id string) { w.change(one(id, nth(6), edit.This), edit.Patch{Location: &room}) },
		"another occurrence":    func(w *world, id string) { w.change(one(id, nth(3), edit.This), edit.Patch{Location: &room}) },
		"as it was":             func(w *world, id string) { w.change(one(id, nth(6), edit.This), titled("S")) },
		"divided":               func(w *world, id string) { w.remove(one(id, nth(8), edit.Following)) },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := connected(t)
			w.there(weekly("S"))
			w.sync()
			id := w.row("S").ID
			w.pass(time.Minute)
			w.change(one(id, nth(6), edit.This), titled("X"))
			w.settle()
			w.rest(1)
			do(w, id)
			w.settle() // it is pushed, and nobody has pulled since
			w.remove(target(id))
			p := w.process(3)
			p.meet = func(i int, c crossing) {
				if shown := w.shownHere(); len(shown) > 0 {
					t.Errorf("before step %d, %s: Aura shows %q", i, c.what, shown)
				}
			}
			w.pass(time.Minute)
			w.must(p.worker.Handle(context.Background(), w.job(integration.TriggerAuraEdit)))
			w.settle()
			w.rest(1)
			if here, there := w.shownHere(), w.shownThere(); len(here)+len(there) > 0 {
				t.Errorf("Aura shows %q, Google %q", here, there)
			}
			w.wantConverged("at rest")
		})
	}
}
