package convergence_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/edit"
	sim "aura.example/integrations/shared/googlesim/calendarv3"
	"aura.example/integrations/shared/integration"
)

// Deleting a series must not take along what somebody edited of it on the other
// side meanwhile: the condition of a series' etag says nothing about its
// occurrences.

// TestR11AnEditOfAnOccurrenceSurvivesItsSeriesDeletion deletes a series in Aura
// while an occurrence is edited at Google, before the pull sees it: the series
// comes back as it is there, with every exception and hole that it had. What
// nobody edited there lets the series go.
func TestR11AnEditOfAnOccurrenceSurvivesItsSeriesDeletion(t *testing.T) {
	t.Parallel()
	place := "Room 7"
	for _, c := range []struct {
		name        string
		before      func(w *world, id, pid string) // and both sides agree
		do          func(w *world, id, pid string)
		want, never []string
		why         string // of the decision that names it, "" for a series that goes
	}{
		{name: "one that was as its series", do: func(w *world, id, pid string) {
			w.remove(target(id))
			w.patchOne(pid, nth(2), sim.Event{"summary": "X"}, sim.SpanThis)
		}, want: []string{text(nth(0), "S"), text(nth(2), "X")}, why: nth(2).Text()},
		{name: "edited there first", do: func(w *world, id, pid string) {
			w.patchOne(pid, nth(2), sim.Event{"summary": "X"}, sim.SpanThis)
			w.remove(target(id))
		}, want: []string{text(nth(0), "S"), text(nth(2), "X")}, why: nth(2).Text()},
		{name: "an exception, beside others and a hole", before: func(w *world, id, pid string) {
			w.change(one(id, nth(2), edit.This), titled("early"))
			w.change(one(id, nth(7), edit.This), titled("late"))
			w.remove(one(id, nth(5), edit.This))
			w.patchOne(pid, nth(4), sim.Event{"summary": "theirs"}, sim.SpanThis)
		}, do: func(w *world, id, pid string) {
			w.remove(target(id))
			w.patchOne(pid, nth(2), sim.Event{"summary": "X"}, sim.SpanThis)
		}, want: []string{text(nth(0), "S"), text(nth(2), "X"), text(nth(4), "theirs"), text(nth(7), "late")}, never: []string{text(nth(5), "S")}, why: nth(2).Text()},
		{name: "with an edit and a deletion that wait here", before: func(w *world, id, _ string) {
			w.change(one(id, nth(7), edit.This), titled("late"))
		}, do: func(w *world, id, pid string) {
			w.change(one(id, nth(7), edit.This), edit.Patch{Location: &place})
			w.remove(one(id, nth(5), edit.This))
			w.remove(target(id))
			w.patchOne(pid, nth(2), sim.Event{"summary": "X"}, sim.SpanThis)
		}, want: []string{text(nth(2), "X"), text(nth(7), "late")}, why: nth(2).Text()},
		{name: "the series itself is edited, with exceptions", before: func(w *world, id, _ string) {
			w.change(one(id, nth(7), edit.This), titled("late"))
		}, do: func(w *world, id, pid string) {
			w.remove(target(id))
			w.patchThere(pid, sim.Event{"location": "Hall"})
		}, want: []string{text(nth(0), "S"), text(nth(7), "late")}, why: "edited at the provider"},
		{name: "divided there", before: func(w *world, id, _ string) {
			w.change(one(id, nth(2), edit.This), titled("early"))
			w.change(one(id, nth(7), edit.This), titled("late"))
		}, do: func(w *world, id, pid string) {
			w.remove(target(id))
			w.patchOne(pid, nth(4), sim.Event{"summary": "Y"}, sim.SpanFollowing)
		}, want: []string{text(nth(2), "early"), text(nth(4), "Y"), text(nth(7), "late")}, why: "edited at the provider"},
		{name: "an occurrence is deleted there: both are of one mind", before: func(w *world, id, _ string) {
			w.change(one(id, nth(7), edit.This), titled("late"))
		}, do: func(w *world, id, pid string) {
			w.remove(target(id))
			w.deleteOne(pid, nth(7), sim.SpanThis)
			w.deleteOne(pid, nth(2), sim.SpanThis)
		}, never: []string{text(nth(0), "S")}},
		{name: "the last edit was our own, and its echo comes now", do: func(w *world, id, _ string) {
			w.change(one(id, nth(7), edit.This), titled("late"))
			w.settle()
			w.remove(target(id))
		}, never: []string{text(nth(0), "S"), text(nth(7), "late")}},
		{name: "our own edit's answer was lost", do: func(w *world, id, _ string) {
			w.change(one(id, nth(7), edit.This), titled("late"))
			p := w.process(1)
			p.lose = func(_ int, c crossing) bool { return c.what == "google PATCH" }
			p.after = func(_ int, c crossing) bool { return c.what == "google PATCH" }
			_ = p.worker.Handle(context.Background(), w.job(integration.TriggerAuraEdit))
			w.pass(10 * time.Minute)
			w.remove(target(id))
		}, never: []string{text(nth(0), "S"), text(nth(7), "late")}},
		{name: "only its reminders changed there", before: func(w *world, id, _ string) {
			w.change(one(id, nth(7), edit.This), titled("late"))
		}, do: func(w *world, id, pid string) {
			w.remove(target(id))
			w.patchOne(pid, nth(7), sim.Event{"colorId": "7"}, sim.SpanThis)
		}, never: []string{text(nth(0), "S"), text(nth(7), "late")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := connected(t)
			pid := w.there(weekly("S"))
			w.sync()
			id := w.row("S").ID
			if c.before != nil {
				c.before(w, id, pid)
				w.settle()
				w.sync()
			}
			w.pass(time.Minute)
			c.do(w, id, pid)
			w.settle()
			w.sync()
			w.settle()
			w.wantSame("after one sync", c.want, c.never)
			w.wantConverged("at rest")
			if list := w.quarantined(); len(list) > 0 {
				t.Errorf("set aside: %+v", list)
			}
			named := ""
			for _, d := range w.decisions() {
				if d.What == "restored" {
					named += d.Why + "; "
				}
			}
			if c.why == "" && named != "" || !strings.Contains(named, c.why) {
				t.Errorf("restored: %q, want %q", named, c.why)
			}
		})
	}
}

// TestR11AnEditBetweenPullAndDeletionSurvives edits an occurrence at Google at each
// step of the run that deletes its series, and lets the run die there or go on. What
// comes before the last look survives. After the deletion there is nothing that
// could be edited: there the run only dies.
func TestR11AnEditBetweenPullAndDeletionSurvives(t *testing.T) {
	t.Parallel()
	begin := func(t *testing.T) (*world, string) {
		w := connected(t)
		pid := w.there(weekly("S"))
		w.sync()
		id := w.row("S").ID
		w.change(one(id, nth(7), edit.This), titled("late"))
		w.settle()
		w.sync()
		w.sync()
		w.queue.msgs = nil
		w.pass(time.Minute)
		w.remove(target(id))
		return w, pid
	}
	probe, _ := begin(t)
	p := probe.process(3)
	probe.must(p.worker.Handle(context.Background(), probe.job(integration.TriggerAuraEdit)))
	steps := p.crossings()
	at := slices.IndexFunc(steps, func(c crossing) bool { return c.what == "google DELETE" })
	if at < 2 || steps[at-1].what != "google GET" || steps[at-2].what != "google GET" {
		t.Fatalf("no look between the pull and the deletion: %v", steps)
	}
	for n := 1; n <= len(steps); n++ {
		want := []string{text(nth(0), "S"), text(nth(2), "X"), text(nth(7), "late")}
		if n > at {
			want = nil
		}
		for _, dies := range []bool{false, true} {
			if n > at && !dies {
				continue
			}
			t.Run(fmt.Sprintf("%d %s dies %v", n, steps[n-1].what, dies), func(t *testing.T) {
				t.Parallel()
				w, pid := begin(t)
				p := w.process(3)
				p.meet = func(i int, _ crossing) {
					if i == n && n <= at {
						w.patchOne(pid, nth(2), sim.Event{"summary": "X"}, sim.SpanThis)
					}
				}
				if dies {
					p.after = func(i int, _ crossing) bool { return i == n }
				}
				j := w.job(integration.TriggerAuraEdit)
				w.queue.msgs = nil
				_ = p.worker.Handle(context.Background(), j)
				w.queue.msgs = append(w.queue.msgs, message{job: j, at: w.now()})
				w.heal()
				w.wantSame("in the end", want, nil)
				if want == nil && len(w.shownHere()) > 0 {
					t.Errorf("still shown: %q", w.shownHere())
				}
				w.wantConverged("at rest")
			})
		}
	}
}

// late is a database whose index is behind with everything.
type late struct{ calendar.Edits }

func (late) Exceptions(context.Context, string, string) ([]*calendar.Row, error) { return nil, nil }

// TestR11TheIndexMayBeLate brings the edit in and deletes the series in one run, in
// which the index doesn't know of the occurrence yet.
func TestR11TheIndexMayBeLate(t *testing.T) {
	t.Parallel()
	w := connected(t)
	pid := w.there(weekly("S"))
	w.sync()
	w.remove(target(w.row("S").ID))
	w.patchOne(pid, nth(2), sim.Event{"summary": "X"}, sim.SpanThis)
	w.me.worker.Edits = late{w.me.db.Events}
	w.settle()
	w.sync()
	w.wantSame("after one sync", []string{text(nth(0), "S"), text(nth(2), "X")}, nil)
	w.wantConverged("at rest")
}
