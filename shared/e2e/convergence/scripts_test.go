package convergence_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"aura.example/integrations/shared/edit"
	"aura.example/integrations/shared/fault"
	sim "aura.example/integrations/shared/googlesim/calendarv3"
	"aura.example/integrations/shared/integration"
)

// scripts are what R1 and R4 disturb.
func scripts() []script {
	three := func(t *testing.T) *world {
		w := connected(t, timed("a", 24), timed("b", 26), timed("c", 28))
		w.pass(time.Minute)
		return w
	}
	series := func(t *testing.T) *world {
		w := connected(t, daily("s", 25))
		w.pass(time.Minute)
		return w
	}
	named := func(p *process, title string) string {
		if row := p.world.row(title); row != nil {
			return row.ID
		}
		return ""
	}
	return []script{
		{
			name: "a pull", world: func(t *testing.T) *world {
				w := three(t)
				w.there(timed("new", 30))
				w.patchThere(w.row("b").Link.ProviderID, map[string]any{"summary": "b changed"})
				w.deleteThere(w.row("c").Link.ProviderID)
				return w
			},
			do: func(ctx context.Context, p *process) error {
				_ = p.worker.Handle(ctx, p.world.job(integration.TriggerSchedule))
				return nil
			},
			want: []string{"a", "b changed", "new"},
		},
		{
			name: "a push of a creation", world: three, whole: true, want: []string{"a", "b", "c", "new"},
			do: func(ctx context.Context, p *process) error {
				err := p.create(ctx, content("new", 30), "key")
				p.work(ctx)
				return err
			},
		},
		{
			name: "a push of a change", world: three, whole: true, want: []string{"a", "b changed", "c"},
			do: func(ctx context.Context, p *process) error {
				var err error
				if id := named(p, "b"); id != "" { // not there any more: done already
					err = p.retitle(ctx, id, "b changed")
				}
				p.work(ctx)
				return err
			},
		},
		{
			name: "a push of a deletion", world: three, whole: true, want: []string{"a", "c"},
			do: func(ctx context.Context, p *process) error {
				var err error
				if id := named(p, "b"); id != "" {
					err = p.delete(ctx, id)
				}
				p.work(ctx)
				if fault.Is(err, fault.NotFound) {
					return nil
				}
				return err
			},
		},
		{
			name: "a push of many, and a pull", want: []string{"a changed", "b changed there", "d", "e"},
			world: func(t *testing.T) *world {
				w := three(t)
				w.patchThere(w.row("b").Link.ProviderID, map[string]any{"summary": "b changed there"})
				return w
			},
			do: func(ctx context.Context, p *process) error {
				errs := []error{p.create(ctx, content("d", 30), "d"), p.create(ctx, content("e", 31), "e")}
				if id := named(p, "a"); id != "" {
					errs = append(errs, p.retitle(ctx, id, "a changed"))
				}
				if id := named(p, "c"); id != "" {
					if err := p.delete(ctx, id); !fault.Is(err, fault.NotFound) {
						errs = append(errs, err)
					}
				}
				p.work(ctx)
				return first(errs)
			},
		},
		{
			name: "edits of occurrences", world: series, want: []string{"s", "s", "x"},
			do: func(ctx context.Context, p *process) error {
				err := p.editOccurrences(ctx, edit.This)
				p.work(ctx)
				return err
			},
		},
		{
			name: "edits of this and following", world: series, whole: true, want: []string{"s", "x"},
			do: func(ctx context.Context, p *process) error {
				err := p.editOccurrences(ctx, edit.Following)
				p.work(ctx)
				return err
			},
		},
		{
			name: "a series edited here, an occurrence there", want: []string{"s here", "there"},
			world: func(t *testing.T) *world {
				w := series(t)
				w.changeThere(w.instanceOf("s", 1), sim.SpanThis, sim.Event{"summary": "there"})
				return w
			},
			do: func(ctx context.Context, p *process) error {
				var err error
				if id := named(p, "s"); id != "" {
					err = p.retitle(ctx, id, "s here")
				}
				p.work(ctx)
				return err
			},
		},
		{
			name: "a series divided there, with a late exception", whole: true, want: []string{"s", "late", "tail"},
			world: func(t *testing.T) *world {
				w := series(t)
				w.changeThere(w.instanceOf("s", 3), sim.SpanThis, sim.Event{"summary": "late"})
				w.sync()
				w.changeThere(w.instanceOf("s", 2), sim.SpanFollowing, sim.Event{"summary": "tail"})
				return w
			},
			do: func(ctx context.Context, p *process) error {
				_ = p.worker.Handle(ctx, p.world.job(integration.TriggerSchedule))
				return nil
			},
		},
		{
			name: "a first sync", want: []string{"a", "b", "c", "mine"},
			world: func(t *testing.T) *world {
				w := newWorld(t, timed("a", 24), timed("b", 26), timed("c", 28))
				w.must(w.me.create(context.Background(), content("mine", 30), "mine")) // waits for an integration
				return w
			},
			do: connectAnew,
		},
		{
			name: "a reconnect", want: []string{"a", "b changed there", "c changed", "mine"},
			world: func(t *testing.T) *world {
				w := three(t)
				_, err := w.me.service.Disconnect(context.Background(), w.caller, w.key.Provider, false)
				w.must(err)
				w.pass(time.Minute)
				w.settle()
				w.must(w.me.create(context.Background(), content("mine", 30), "mine"))
				w.must(w.me.retitle(context.Background(), w.row("c").ID, "c changed"))
				w.patchThere(w.row("b").Link.ProviderID, map[string]any{"summary": "b changed there"})
				return w
			},
			do: connectAnew,
		},
	}
}

// editOccurrences renames the second day of the series "s", alone or with all
// that follow, and takes the fourth away where it was alone. Done again, it does
// what is left.
func (p *process) editOccurrences(ctx context.Context, scope edit.Scope) error {
	w, x := p.world, "x"
	if w.row("x") == nil {
		if _, err := p.editor.Change(ctx, w.by, w.at("s", 1, scope), edit.Patch{Title: &x}); err != nil {
			return err
		}
	}
	if scope == edit.Following {
		return nil
	}
	err := p.editor.Delete(ctx, w.by, w.at("s", 3, edit.This))
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	return err
}

// chosen are the scripts that this form goes over.
func chosen() []script {
	return slices.DeleteFunc(scripts(), func(s script) bool { return s.whole && !long() })
}

// connectAnew is what a person does until the page says active: the sign-in, and
// the first run.
func connectAnew(ctx context.Context, p *process) error {
	w := p.world
	if _, err := p.service.Create(ctx, w.caller, w.key.Provider); err != nil && !fault.Is(err, fault.Conflict) {
		return err
	}
	rec, err := p.db.Integrations.Get(ctx, w.key)
	if err != nil {
		return err
	}
	if rec.Status != integration.Testing && rec.Status != integration.Active {
		if err := p.authorize(ctx); err != nil {
			return err
		}
	}
	p.work(ctx)
	return nil
}

func first(errs []error) error {
	for _, err := range errs {
		if err != nil {
			return err
		}
	}
	return nil
}
