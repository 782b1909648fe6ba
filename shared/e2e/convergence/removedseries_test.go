package convergence_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"aura.example/integrations/shared/edit"
	sim "aura.example/integrations/shared/googlesim/calendarv3"
	"aura.example/integrations/shared/integration"
)

// What somebody edited at Google of one occurrence of a series of Aura's, since the
// last sync, isn't lost when the series' copy is removed there.

// seriesOfOurs is a world with a series of Aura's at Google, of which one occurrence
// was edited here before.
func seriesOfOurs(t *testing.T) (w *world, id, pid string) {
	w = mixed(t)
	c := content("ser", 2)
	c.Recurrence = []string{"RRULE:FREQ=WEEKLY;COUNT=10"}
	row, _, err := w.me.editor.Create(context.Background(), w.by, c, "")
	w.must(err)
	w.settle()
	w.change(one(row.ID, nth(2), edit.This), titled("X"))
	w.settle()
	w.rest(1)
	return w, row.ID, w.row("ser").Link.ProviderID
}

// editedThere is what somebody does at Google, and what shows in Aura then.
type editedThere struct {
	name        string
	do          func(w *world, id, pid string)
	shown, gone []string
	named       string // what a run says
}

func editsThere() []editedThere {
	patch := func(n int, title string) func(*world, string, string) {
		return func(w *world, _, pid string) { w.patchOne(pid, nth(n), sim.Event{"summary": title}, sim.SpanThis) }
	}
	return []editedThere{
		{"a title", patch(3, "Y there"), []string{text(nth(3), "Y there"), text(nth(2), "X"), text(nth(4), "ser")}, []string{text(nth(3), "ser")}, "updated Y there"},
		{"a title of what is known", patch(2, "X there"), []string{text(nth(2), "X there")}, []string{text(nth(2), "X")}, "updated X there"},
		{"cancelled", func(w *world, _, pid string) { w.deleteOne(pid, nth(5), sim.SpanThis) }, []string{text(nth(2), "X"), text(nth(4), "ser")}, []string{text(nth(5), "ser")}, "occurrence_removed ser"},
		{"cancelled of what is known", func(w *world, _, pid string) { w.deleteOne(pid, nth(2), sim.SpanThis) }, []string{text(nth(4), "ser")}, []string{text(nth(2), "X"), text(nth(2), "ser")}, "occurrence_removed X"},
		{"both sides", func(w *world, id, pid string) {
			w.change(one(id, nth(2), edit.This), titled("X here"))
			w.queue.msgs = nil
			w.pass(time.Minute)
			w.patchOne(pid, nth(2), sim.Event{"summary": "X there"}, sim.SpanThis)
		}, []string{text(nth(2), "X there")}, []string{text(nth(2), "X here")}, "conflict X here title"},
		{"a deleted series", func(w *world, id, pid string) {
			w.remove(target(id))
			w.queue.msgs = nil
			w.pass(time.Minute)
			w.patchOne(pid, nth(3), sim.Event{"summary": "Y there"}, sim.SpanThis)
		}, []string{text(nth(3), "Y there"), text(nth(2), "X"), text(nth(4), "ser")}, nil, "updated Y there"},
		{"nothing of a deleted series", func(w *world, id, _ string) {
			w.remove(target(id))
			w.queue.msgs = nil
		}, nil, []string{text(nth(2), "X"), text(nth(4), "ser")}, ""},
	}
}

func (e editedThere) check(w *world, how string) {
	w.Helper()
	w.same(how+": at Google", w.titlesIn(w.email), "a", "b")
	here := "\n" + strings.Join(w.shownHere(), "\n") + "\n"
	for _, want := range e.shown {
		if strings.Count(here, "\n"+want+"\n") != 1 {
			w.Errorf("%s: Aura doesn't show %q once:%s", how, want, here)
		}
	}
	for _, bad := range e.gone {
		if strings.Contains(here, "\n"+bad+"\n") {
			w.Errorf("%s: Aura shows %q:%s", how, bad, here)
		}
	}
	if told := "\n" + strings.Join(w.told(), "\n") + "\n"; e.named != "" && !strings.Contains(told, "\n"+e.named+"\n") {
		w.Errorf("%s: no run says %q:%s", how, e.named, told)
	}
}

// again connects anew: what came in is at Google too.
func (e editedThere) again(w *world) {
	w.Helper()
	w.must(connectAnew(context.Background(), w.me))
	w.settle()
	w.rest(2)
	w.wantConverged("connected again")
	here, there := strings.Join(w.shownHere(), "\n"), strings.Join(w.shownThere(), "\n")
	for _, want := range e.shown {
		if !strings.Contains(here, want) || !strings.Contains(there, want) {
			w.Errorf("connected again, %q isn't on both sides:\n%s\nand\n%s", want, here, there)
		}
	}
}

func TestAnOccurrenceEditedThereOutlivesTheRemovalOfItsCopy(t *testing.T) {
	t.Parallel()
	for i, e := range editsThere() {
		for k, l := range letgoes()[1:] {
			if !long() && (i+k)%2 == 0 {
				continue
			}
			t.Run(e.name+", "+l.name, func(t *testing.T) {
				t.Parallel()
				w, id, pid := seriesOfOurs(t)
				e.do(w, id, pid)
				w.must(l.do(context.Background(), w.me))
				w.settle()
				w.wound()
				e.check(w, "once")
				if l.name == "disconnect, removing" { // and once more
					w.must(w.me.service.Delete(context.Background(), w.caller, w.key.Provider, true))
					w.settle()
					w.wound()
					e.check(w, "twice")
				}
				e.again(w)
			})
		}
	}
}

// The process dies at its boundaries, before or after; whoever comes next ends it.
func TestAnOccurrenceEditedThereOutlivesADeathInTheRemoval(t *testing.T) {
	t.Parallel()
	var runs atomic.Int64
	t.Cleanup(func() { t.Logf("%d runs", runs.Load()) })
	disconnect := letgoes()[2]
	for i, e := range editsThere()[:6] {
		if !long() && i != 0 && i != 3 && i != 5 {
			continue
		}
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			w, id, pid := seriesOfOurs(t)
			e.do(w, id, pid)
			p := w.process(1)
			w.must(disconnect.do(context.Background(), p))
			w.wound()
			all := p.crossings()
			for k := range all {
				if !long() && k%9 != 4 {
					continue
				}
				for _, after := range []bool{false, true} {
					if !after && k > 0 && !long() {
						continue
					}
					t.Run(fmt.Sprintf("%02d %s, after %v", k+1, all[k].what, after), func(t *testing.T) {
						t.Parallel()
						w, id, pid := seriesOfOurs(t)
						e.do(w, id, pid)
						p := w.process(1)
						at := func(n int, _ crossing) bool { return n == k+1 }
						if after {
							p.after = at
						} else {
							p.before = at
						}
						_ = disconnect.do(context.Background(), p)
						w.pass(integration.Visibility)
						w.must(disconnect.do(context.Background(), w.me))
						w.wound()
						e.check(w, "after a death")
						runs.Add(1)
					})
				}
			}
		})
	}
}

// Somebody edits an occurrence while the removal is under way: its series and what
// is known of it are unlinked by then.
func TestAnOccurrenceEditedThereDuringTheRemovalIsNotLost(t *testing.T) {
	t.Parallel()
	for _, e := range editsThere()[:4] {
		t.Run(e.name, func(t *testing.T) {
			t.Parallel()
			w, id, pid := seriesOfOurs(t)
			p := w.process(1)
			p.before = func(_ int, c crossing) bool { return c.what == "google DELETE" }
			_ = letgoes()[2].do(context.Background(), p)
			if !p.gone() || w.byID(id).Link != nil {
				t.Fatal("nobody died once the series was unlinked")
			}
			w.pass(time.Minute)
			e.do(w, id, pid)
			w.pass(integration.Visibility)
			w.wound()
			e.check(w, "edited in between")
			e.again(w)
		})
	}
}
