package convergence_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/edit"
	"aura.example/integrations/shared/googlesim"
	sim "aura.example/integrations/shared/googlesim/calendarv3"
	"aura.example/integrations/shared/integration"
)

// refusingWrites makes Google refuse whatever would change an event.
func (w *world) refusingWrites() {
	w.fail(func(r *http.Request) googlesim.Decision {
		if r.Method != http.MethodGet && strings.Contains(r.URL.Path, "/events") {
			return googlesim.Decision{Answer: googlesim.Refusal(400, "global", "invalid", "no")}
		}
		return googlesim.Decision{}
	})
}

// TestTakenBackWhereEditsOnlyGoThere: an edit of a series that Google refuses takes
// occurrences along in Aura, and where edits only go there no list brings them again.
// Whoever takes it back has them as they were.
func TestTakenBackWhereEditsOnlyGoThere(t *testing.T) {
	t.Parallel()
	later := nth(0)
	later.At = later.At.Add(24 * time.Hour)
	none := []string{}
	for name, do := range map[string]func(w *world, id string){
		"moved":    func(w *world, id string) { w.change(target(id), movedTo(later, time.Hour)) },
		"ended":    func(w *world, id string) { w.remove(one(id, nth(2), edit.Following)) },
		"divided":  func(w *world, id string) { w.change(one(id, nth(2), edit.Following), titled("tail")) },
		"made one": func(w *world, id string) { w.change(target(id), edit.Patch{Recurrence: &none}) },
		"moved twice": func(w *world, id string) {
			w.change(target(id), movedTo(later, time.Hour))
			at := later
			at.At = at.At.Add(24 * time.Hour)
			w.change(target(id), movedTo(at, time.Hour))
		},
		"moved, then deleted": func(w *world, id string) {
			w.change(target(id), movedTo(later, time.Hour))
			w.remove(target(id))
		},
		"an occurrence edited, then moved": func(w *world, id string) {
			w.change(one(id, nth(4), edit.This), titled("X again"))
			w.remove(one(id, nth(5), edit.This))
			w.change(one(id, nth(7), edit.This), titled("new"))
			w.change(target(id), movedTo(later, time.Hour))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := connected(t)
			w.there(weekly("S"))
			w.rest(1)
			id := w.row("S").ID
			w.change(one(id, nth(4), edit.This), titled("X"))
			at := nth(5)
			at.At = at.At.Add(3 * time.Hour)
			w.change(one(id, nth(5), edit.This), movedTo(at, time.Hour))
			w.remove(one(id, nth(6), edit.This))
			w.settle()
			w.rest(1)
			before := w.shownHere()
			w.direction(integration.ToProvider)
			w.queue.msgs = nil
			do(w, id)
			w.refusingWrites()
			w.settle()
			w.rest(1)
			w.discard(id)
			w.fail(nil)
			w.rest(2)
			w.same("in Aura", w.shownHere(), before...)
			w.wantSame("taken back", []string{text(nth(4), "X"), text(at, "S")}, []string{text(nth(6), "S")})
			if got := w.outbox(); len(got) != 0 {
				t.Errorf("still waits: %q", got)
			}
			// What came back is what Google has: it can be edited.
			w.change(one(id, nth(4), edit.This), titled("Y"))
			w.remove(one(id, nth(5), edit.This))
			w.rest(2)
			w.wantSame("edited then", []string{text(nth(4), "Y")}, []string{text(at, "S")})
			w.same("set aside in the end", w.aside())
		})
	}
}

// TestManyOccurrencesAreTakenBack: more than one transaction takes, with a process that
// ends between two of them.
func TestManyOccurrencesAreTakenBack(t *testing.T) {
	t.Parallel()
	const many = calendar.MostPairs + 10
	begin := func(t *testing.T) (*world, []string) {
		w := newWorld(t)
		e := timed("S", 2)
		e["recurrence"] = []any{"RRULE:FREQ=DAILY;COUNT=70"}
		pid := w.there(e)
		w.connect()
		for n := range many {
			at := nth(0)
			at.At = at.At.AddDate(0, 0, n)
			w.patchOne(pid, at, sim.Event{"summary": fmt.Sprint("X", n)}, sim.SpanThis)
		}
		w.rest(1)
		before := w.shownHere()
		w.direction(integration.ToProvider)
		w.refusingWrites()
		w.queue.msgs = nil
		at := nth(0)
		at.At = at.At.Add(time.Hour)
		id := w.row("S").ID
		w.change(target(id), movedTo(at, time.Hour))
		w.settle()
		w.rest(1)
		w.must(w.me.service.DiscardEvent(context.Background(), w.caller, w.rec(), id))
		return w, before
	}
	for _, dies := range []bool{false, true} {
		t.Run(fmt.Sprint("dies ", dies), func(t *testing.T) {
			t.Parallel()
			w, before := begin(t)
			p := w.process(1)
			writes := 0
			p.after = func(_ int, c crossing) bool {
				if strings.Contains(c.what, "TransactWriteItems") {
					writes++
				}
				return dies && writes == 2 // the mark, and then the first of those that come back
			}
			p.work(context.Background())
			if p.gone() != dies {
				t.Fatalf("the process is gone: %v", p.gone())
			}
			w.pass(integration.Visibility)
			w.fail(nil)
			w.rest(3)
			w.same("in Aura", w.shownHere(), before...)
			w.wantSame("taken back", nil, nil)
			if got := w.outbox(); len(got) != 0 {
				t.Errorf("still waits: %q", got)
			}
		})
	}
}

// TestTakenBackWhilePaused: it waits for the first sync after that, as its person is
// told, and stays set aside until then.
func TestTakenBackWhilePaused(t *testing.T) {
	t.Parallel()
	w := connected(t, timed("a", 24))
	ctx := context.Background()
	w.refusingWrites()
	w.must(w.me.retitle(ctx, w.row("a").ID, "a here"))
	w.settle()
	w.fail(nil)
	_, err := w.me.service.Pause(ctx, w.caller, w.key.Provider)
	w.must(err)
	w.must(w.me.service.DiscardEvent(ctx, w.caller, w.rec(), w.row("a here").ID))
	w.settle()
	w.same("set aside while it is paused", w.aside(), "event_refused a here")
	w.same("here while it is paused", w.titlesHere(), "a here")
	_, err = w.me.service.Resume(ctx, w.caller, w.key.Provider)
	w.must(err)
	w.settle()
	w.rest(1)
	w.same("set aside in the end", w.aside())
	w.wantTitles("in the end", "a")
	w.wantConverged("in the end")
}

// TestARestorationTakenBackDeletes: what was to be put back at Google is deleted in Aura
// too, and what is set aside says that it is of that kind.
func TestARestorationTakenBackDeletes(t *testing.T) {
	t.Parallel()
	w := connected(t, timed("a", 24), timed("b", 26))
	ctx := context.Background()
	w.refusingWrites()
	id := w.row("a").ID
	w.must(w.me.retitle(ctx, id, "a here"))
	w.deleteThere(w.row("a here").Link.ProviderID)
	w.rest(2)
	q := w.quarantined()
	if len(q) != 1 || q[0].EventID != id || q[0].Op != calendar.OpRestore {
		t.Fatalf("set aside %+v, want the restoration of a", q)
	}
	w.discard(id)
	w.fail(nil)
	w.rest(2)
	w.same("here", w.titlesHere(), "b")
	w.same("set aside in the end", w.aside())
	w.wantConverged("in the end")
}
