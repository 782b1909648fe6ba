package convergence_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/edit"
	"aura.example/integrations/shared/googlesim"
	sim "aura.example/integrations/shared/googlesim/calendarv3"
	"aura.example/integrations/shared/integration"
)

// TestR11WhatIsEditedThereOfTheSecondHalfGoesOverToIt: Aura divides a series, and
// before Google hears of that somebody there edits occurrences of what is the second
// half now, or takes them out; then deletes the whole, or doesn't. The second half
// has what was edited, and not what was taken out.
func TestR11WhatIsEditedThereOfTheSecondHalfGoesOverToIt(t *testing.T) {
	t.Parallel()
	hole := func(n int) func(w *world, pid string) {
		return func(w *world, pid string) { w.deleteOne(pid, nth(n), sim.SpanThis) }
	}
	edited := func(w *world, pid string) { w.patchOne(pid, nth(6), sim.Event{"summary": "X"}, sim.SpanThis) }
	whole := func(w *world, pid string) { w.deleteThere(pid) }
	expired := func(w *world, _ string) { w.must(w.sim.Calendar.ExpireSyncTokens(w.email)) }
	for _, c := range []struct {
		name        string
		there       []func(w *world, pid string)
		before      bool // and not after Aura divided it
		again       bool // an occurrence of the first half is edited in Aura, too
		want, never []string
		count       int
	}{
		{name: "taken out", there: []func(*world, string){hole(6)}, want: []string{text(nth(3), "S"), text(nth(4), "Y"), text(nth(7), "Y")}, never: []string{text(nth(6), "Y")}, count: 9},
		{name: "the first of it taken out", there: []func(*world, string){hole(4)}, want: []string{text(nth(3), "S"), text(nth(5), "Y")}, never: []string{text(nth(4), "Y")}, count: 9},
		{name: "taken out, before it was divided", before: true, there: []func(*world, string){hole(4)}, want: []string{text(nth(5), "Y")}, never: []string{text(nth(4), "Y")}, count: 9},
		{name: "edited", there: []func(*world, string){edited}, want: []string{text(nth(5), "Y"), text(nth(6), "X")}, never: []string{text(nth(6), "Y")}, count: 10},
		{name: "edited, and the whole deleted", there: []func(*world, string){edited, whole}, want: []string{text(nth(5), "Y"), text(nth(6), "X")}, never: []string{text(nth(6), "Y")}, count: 10},
		{name: "taken out, the whole deleted, and the cursor lost", there: []func(*world, string){hole(6), whole, expired}, want: []string{text(nth(3), "S"), text(nth(4), "Y")}, never: []string{text(nth(6), "Y")}, count: 9},
		{name: "taken out, and the whole deleted", there: []func(*world, string){hole(6), whole}, want: []string{text(nth(3), "S"), text(nth(4), "Y")}, never: []string{text(nth(6), "Y")}, count: 9},
		{name: "the first taken out, and the whole deleted", there: []func(*world, string){hole(4), whole}, want: []string{text(nth(3), "S"), text(nth(5), "Y")}, never: []string{text(nth(4), "Y")}, count: 9},
		{name: "taken out, the whole deleted, the cursor lost, and the first half edited", again: true, there: []func(*world, string){hole(6), whole, expired}, want: []string{text(nth(3), "Z"), text(nth(4), "Y")}, never: []string{text(nth(6), "Y")}, count: 9},
		{name: "taken out, before it was divided, and the whole deleted", before: true, there: []func(*world, string){hole(4), whole}, want: []string{text(nth(5), "Y")}, never: []string{text(nth(4), "Y")}, count: 9},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := connected(t)
			pid := w.there(weekly("S"))
			w.sync()
			id := w.row("S").ID
			divide := func() {
				w.pass(time.Minute)
				w.change(one(id, nth(4), edit.Following), titled("Y"))
			}
			if !c.before {
				divide()
			}
			for i, do := range c.there {
				if i == 1 && c.before {
					divide()
				}
				w.pass(time.Minute)
				do(w, pid)
			}
			if c.before && len(c.there) == 1 {
				divide()
			}
			if c.again {
				w.change(one(id, nth(3), edit.This), titled("Z"))
			}
			w.settle()
			w.rest(2)
			w.wantSame("in the end", c.want, c.never)
			shown := w.shownThere()
			if len(shown) != c.count {
				t.Errorf("%d are shown, want %d:\n%s", len(shown), c.count, strings.Join(shown, "\n"))
			}
			w.wantOnce(shown)
			w.wantConverged("at rest")
			if list := w.quarantined(); len(list) > 0 {
				t.Errorf("set aside: %+v", list)
			}
			if !slices.Contains(w.whats(), "carried_over") {
				t.Errorf("no run says so: %v", w.whats())
			}
		})
	}
}

// TestR11ItGoesOverToTheSecondHalfWhereverTheRunDies: the run that pushes the division
// dies at each of its steps, before what it was about to do and after that.
func TestR11ItGoesOverToTheSecondHalfWhereverTheRunDies(t *testing.T) {
	t.Parallel()
	begin := func(t *testing.T, deleted bool) *world {
		w := connected(t)
		pid := w.there(weekly("S"))
		w.sync()
		w.sync()
		w.pass(time.Minute)
		w.change(one(w.row("S").ID, nth(4), edit.Following), titled("Y"))
		w.pass(time.Minute)
		w.deleteOne(pid, nth(6), sim.SpanThis)
		if w.pass(time.Minute); deleted {
			w.deleteThere(pid)
		}
		w.queue.msgs = nil
		return w
	}
	for _, deleted := range []bool{false, true} {
		w := begin(t, deleted)
		probe := w.process(3)
		w.must(probe.worker.Handle(context.Background(), w.job(integration.TriggerAuraEdit)))
		for n, c := range probe.crossings() {
			if !c.write {
				continue
			}
			t.Run(fmt.Sprintf("deleted %v, %d %s", deleted, n+1, c.what), func(t *testing.T) {
				t.Parallel()
				w := begin(t, deleted)
				p := w.process(3)
				p.after = func(i int, _ crossing) bool { return i == n+1 }
				j := w.job(integration.TriggerAuraEdit)
				w.queue.msgs = nil
				_ = p.worker.Handle(context.Background(), j)
				w.queue.msgs = append(w.queue.msgs, message{job: j, at: w.now()})
				w.heal()
				w.rest(2) // of what the first half lost with its dates, the next pull tells
				w.wantSame("in the end", []string{text(nth(3), "S"), text(nth(4), "Y"), text(nth(7), "Y")}, []string{text(nth(6), "Y"), text(nth(6), "S")})
				w.wantOnce(w.shownThere())
				w.wantConverged("at rest")
			})
		}
	}
}

// TestASecondHalfThatIsNotSentTakesWhatWasPassedOnAlong: Google refuses the second
// half, and what was edited there goes over to it all the same. Whoever deletes the
// half before the index knows of that occurrence takes it along.
func TestASecondHalfThatIsNotSentTakesWhatWasPassedOnAlong(t *testing.T) {
	t.Parallel()
	w := connected(t)
	pid := w.there(weekly("S"))
	w.sync()
	w.pass(time.Minute)
	tail := w.change(one(w.row("S").ID, nth(4), edit.Following), titled("Y")).Row
	w.pass(time.Minute)
	w.patchOne(pid, nth(6), sim.Event{"summary": "X"}, sim.SpanThis)
	w.fail(func(r *http.Request) googlesim.Decision {
		if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/events") {
			return googlesim.Decision{Answer: googlesim.Refusal(400, "global", "invalid", "no")}
		}
		return googlesim.Decision{}
	})
	w.settle()
	w.fail(nil)
	x := calendar.ExceptionID(tail.ID, nth(6))
	if row := w.byID(x); row == nil || row.Title != "X" || w.byID(tail.ID).Link != nil {
		t.Fatalf("passed on: %+v, to %+v", row, w.byID(tail.ID))
	}
	w.me.editor.Store = late{w.me.db.Events}
	w.remove(target(tail.ID))
	if row := w.byID(x); row != nil {
		t.Errorf("left behind: %+v", row)
	}
	w.rest(2)
	w.same("waits", w.outbox())
	w.wantSame("in the end", []string{text(nth(3), "S")}, []string{text(nth(4), "S"), text(nth(6), "X")})
	w.wantConverged("at rest")
}

// whats gives what the runs decided, in a word each.
func (w *world) whats() (out []string) {
	w.Helper()
	for _, d := range w.decisions() {
		out = append(out, d.What)
	}
	return out
}

// TestWhatCantGoOverToTheSecondHalf: an occurrence that got guests there, who can't go
// along, and is named; and one that fell out when Google ended the series before it,
// whichever way it lists that, which says nothing about the second half's.
func TestWhatCantGoOverToTheSecondHalf(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		there func(w *world, pid string)
		named string // "" for what nobody is told of
	}{
		{"with a guest", func(w *world, pid string) {
			w.patchOne(pid, nth(8), sim.Event{"summary": "X", "attendees": []any{map[string]any{"email": "guest@example.com"}}}, sim.SpanThis)
		}, "conflict X title"},
		{"fell out", func(w *world, pid string) {
			w.patchOne(pid, nth(8), sim.Event{"summary": "X"}, sim.SpanThis)
			w.patchThere(pid, sim.Event{"recurrence": []any{"RRULE:FREQ=WEEKLY;COUNT=7"}})
			w.google = listing(w.google, func(e map[string]any) map[string]any {
				if id, _ := e["id"].(string); e["status"] == "cancelled" && e["recurringEventId"] == nil && strings.HasPrefix(id, pid+"_") {
					e["recurringEventId"], e["originalStartTime"] = pid, map[string]any{"dateTime": nth(8).At.Format(time.RFC3339), "timeZone": nth(8).Zone}
				}
				return e
			})
			w.me = w.process(3)
		}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := connected(t)
			pid := w.there(weekly("S"))
			w.sync()
			w.pass(time.Minute)
			c.there(w, pid)
			w.pass(time.Minute)
			w.change(one(w.row("S").ID, nth(4), edit.Following), titled("Y"))
			w.settle()
			w.rest(2)
			w.wantSame("in the end", []string{text(nth(3), "S"), text(nth(7), "Y"), text(nth(8), "Y"), text(nth(9), "Y")}, []string{text(nth(8), "X")})
			w.wantOnce(w.shownThere())
			if c.named == "" {
				return // a place that is empty on both sides is stored until everything is listed
			}
			w.wantConverged("at rest")
			if !slices.Contains(w.told(), c.named) {
				t.Errorf("no run says %q: %q", c.named, w.told())
			}
		})
	}
}

// TestADivisionOfWhatWasDeletedThereGoesOnceOneWay: where edits only go to Google, what
// was changed there doesn't matter, so the first half is put back as it is to be, and
// not whole beside the second.
func TestADivisionOfWhatWasDeletedThereGoesOnceOneWay(t *testing.T) {
	t.Parallel()
	w := connected(t)
	pid := w.there(weekly("S"))
	w.sync()
	w.direction(integration.ToProvider)
	w.settle()
	w.change(one(w.row("S").ID, nth(4), edit.Following), titled("Y"))
	w.deleteThere(pid)
	w.settle()
	if shown := w.shownThere(); len(shown) != 10 {
		t.Errorf("after one sync Google shows %d, want 10:\n%s", len(shown), strings.Join(shown, "\n"))
	}
	w.rest(1)
	w.wantSame("in the end", []string{text(nth(3), "S"), text(nth(4), "Y")}, []string{text(nth(4), "S")})
	w.wantOnce(w.shownThere())
}

// TestWhatCameInBeforeTheDirectionWasTurnedGoesOver: an occurrence's edit at Google came
// in while Aura's division of its series waited; then edits only go there. It is Aura's.
func TestWhatCameInBeforeTheDirectionWasTurnedGoesOver(t *testing.T) {
	t.Parallel()
	w := connected(t)
	pid := w.there(weekly("S"))
	w.sync()
	w.change(one(w.row("S").ID, nth(4), edit.Following), titled("Y"))
	w.queue.msgs = nil
	w.pass(time.Minute)
	w.patchOne(pid, nth(6), sim.Event{"summary": "X"}, sim.SpanThis)
	w.pullsOnly()
	w.direction(integration.ToProvider)
	w.heal()
	w.rest(4) // a run had vanished, and all is verified
	w.wantSame("in the end", []string{text(nth(3), "S"), text(nth(5), "Y"), text(nth(6), "X")}, []string{text(nth(6), "Y")})
	w.wantOnce(w.shownThere())
}
