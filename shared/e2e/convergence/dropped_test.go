package convergence_test

import (
	"context"
	"slices"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/edit"
	sim "aura.example/integrations/shared/googlesim/calendarv3"
	"aura.example/integrations/shared/integration"
)

// TestAnOccurrenceEditedThereWhileItsSeriesGetsOtherDatesHere: Google takes an
// exception away with the date that it stood on, and whoever changed the dates in
// Aura hadn't seen it. What it said is named in the run before it goes.
func TestAnOccurrenceEditedThereWhileItsSeriesGetsOtherDatesHere(t *testing.T) {
	t.Parallel()
	changes := map[string]func(w *world, id string){
		"divided, and the rest moved": func(w *world, id string) {
			at := nth(4)
			at.At = at.At.Add(time.Hour)
			w.change(one(id, nth(4), edit.Following), movedTo(at, time.Hour))
		},
		"ended": func(w *world, id string) { w.remove(one(id, nth(4), edit.Following)) },
		"moved": func(w *world, id string) {
			at := nth(0)
			at.At = at.At.Add(time.Hour)
			w.change(target(id), movedTo(at, time.Hour))
		},
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := connected(t)
			pid := w.there(weekly("S"))
			w.sync()
			id := w.row("S").ID
			w.patchOne(pid, nth(6), sim.Event{"summary": "X"}, sim.SpanThis)
			w.deleteOne(pid, nth(7), sim.SpanThis)
			change(w, id)
			w.settle()
			w.sync()
			w.settle()
			w.wantConverged("at rest")
			w.wantSame("at rest", nil, []string{text(nth(6), "X")})
			for _, want := range []struct{ event, field, theirs string }{
				{calendar.ExceptionID(id, nth(6)), "title", "X"}, {calendar.ExceptionID(id, nth(7)), "status", "cancelled"},
			} {
				if !slices.ContainsFunc(w.conflicts(), func(d integration.Decision) bool {
					return d.Event == want.event && d.Field == want.field && strings.Contains(d.Their, want.theirs)
				}) {
					t.Errorf("nobody names %+v: %+v", want, w.conflicts())
				}
			}
		})
	}
}

// TestASeriesMovedThereAndEndedEarlierHere: both together would leave a series that
// ends before it begins, and nothing of it on either side. One side's dates hold,
// and the other's are named.
func TestASeriesMovedThereAndEndedEarlierHere(t *testing.T) {
	t.Parallel()
	for _, hereFirst := range []bool{false, true} {
		w := connected(t)
		pid := w.there(weekly("S"))
		w.sync()
		id := w.row("S").ID
		if hereFirst {
			w.remove(one(id, nth(4), edit.Following))
		}
		w.pass(time.Minute)
		late := timed("S", 24*200)
		w.patchThere(pid, sim.Event{"start": late["start"], "end": late["end"]})
		if w.pass(time.Minute); !hereFirst {
			w.remove(one(id, nth(4), edit.Following))
		}
		w.settle()
		w.sync()
		w.wantConverged("at rest")
		want, field := text(nth(3), "S"), calendar.FieldWhen // the newer one's dates
		if hereFirst {
			want, field = text(calendar.Time{At: start.Add(24 * 200 * time.Hour)}, "S"), calendar.FieldRecurrence
		}
		w.wantSame("at rest", []string{want}, nil)
		if !slices.ContainsFunc(w.conflicts(), func(d integration.Decision) bool { return d.Event == id && d.Field == string(field) }) {
			t.Errorf("ended here first %v: nobody names what was lost of %s: %+v", hereFirst, field, w.conflicts())
		}
	}
}

// TestAnEditOfAnOccurrenceHoldsAgainstItsSeries: an occurrence is edited in Aura, and its
// series at Google in the same field, and moved, which takes the exception away there.
// The series' dates in Aura are newer and go back; nobody at Google gave that occurrence
// another name than its series, so the one that it has in Aura goes there.
func TestAnEditOfAnOccurrenceHoldsAgainstItsSeries(t *testing.T) {
	t.Parallel()
	w := connected(t)
	pid := w.there(weekly("S"))
	w.sync()
	id := w.row("S").ID
	w.patchOne(pid, nth(2), sim.Event{"description": "D"}, sim.SpanThis)
	w.rest(1)
	w.pass(time.Minute)
	w.change(one(id, nth(2), edit.This), titled("Y"))
	w.pass(time.Minute)
	late := timed("G", 24*200)
	w.patchThere(pid, sim.Event{"summary": "G", "start": late["start"], "end": late["end"]})
	w.pass(time.Minute)
	w.remove(one(id, nth(8), edit.Following))
	w.settle()
	w.wantConverged("at rest")
	w.wantSame("at rest", []string{text(nth(2), "Y"), text(nth(3), "G")}, []string{text(nth(2), "G")})
}

// TestAnOccurrenceThatLeftByItselfIsNamed: an occurrence is deleted here, and its
// date taken away there. Nothing is left to delete, and the run that finds that out
// is kept, although it changed nothing.
func TestAnOccurrenceThatLeftByItselfIsNamed(t *testing.T) {
	t.Parallel()
	w := connected(t)
	pid := w.there(weekly("S"))
	w.sync()
	id := w.row("S").ID
	w.remove(one(id, nth(8), edit.This))
	w.queue.msgs = nil
	w.patchThere(pid, sim.Event{"recurrence": []any{"RRULE:FREQ=WEEKLY;COUNT=5"}})
	p := w.process(3)
	p.after = func(_ int, c crossing) bool {
		return c.what == "dynamodb PutItem" && strings.Contains(c.to, w.site.names.Events)
	} // the series is stored
	_ = p.worker.Handle(context.Background(), w.job(integration.TriggerSchedule))
	w.heal()
	w.wantConverged("at rest")
	if !slices.ContainsFunc(w.decisions(), func(d integration.Decision) bool {
		return d.Event == calendar.ExceptionID(id, nth(8)) && strings.Contains(d.Why, "no longer has it")
	}) {
		t.Errorf("nobody says what became of the deletion: %+v", w.decisions())
	}
}

// TestAnEditOfAnOccurrenceOutlivesItsSeries: somebody at Google deletes a series,
// having seen the edit of it that Aura's answer was lost of. The deletion holds,
// and an edit of one of its occurrences, which nobody there saw, is set aside.
func TestAnEditOfAnOccurrenceOutlivesItsSeries(t *testing.T) {
	t.Parallel()
	w := connected(t)
	pid := w.there(weekly("S"))
	w.sync()
	id := w.row("S").ID
	w.change(target(id), titled("Y"))
	p := w.process(3)
	p.after = func(_ int, c crossing) bool { return c.what == "google PATCH" }
	p.work(context.Background())
	w.change(one(id, nth(2), edit.This), titled("X"))
	w.pass(time.Minute)
	w.deleteThere(pid)
	w.heal()
	if aside := w.setAside(); !aside[calendar.ExceptionID(id, nth(2))] || w.row("X") == nil {
		t.Errorf("the edit is neither there nor set aside: %v, %+v", aside, w.decisions())
	}
	if w.row("Y") != nil {
		t.Error("the series came back, though its edit had been seen")
	}
}

// TestAConflictIsFoundThoughItsRunWasNeverReported: a run names a conflict, merges
// and vanishes, and its person disconnects before anybody takes over from it.
func TestAConflictIsFoundThoughItsRunWasNeverReported(t *testing.T) {
	t.Parallel()
	w := connected(t, timed("a", 24))
	w.pass(time.Minute)
	row := w.row("a")
	w.must(w.me.retitle(context.Background(), row.ID, "here"))
	w.pass(time.Minute)
	w.patchThere(row.Link.ProviderID, sim.Event{"summary": "there"})
	p := w.process(3)
	p.after = func(_ int, c crossing) bool { return strings.Contains(c.what, "Transact") } // the merge
	p.work(context.Background())
	if !p.gone() || w.row("there") == nil {
		t.Fatalf("it should have died after the merge: %v", p.crossings())
	}
	_, err := w.me.service.Disconnect(context.Background(), w.caller, w.key.Provider, false)
	w.must(err)
	w.queue.msgs = nil
	w.wound()
	w.must(w.me.authorize(context.Background()))
	w.heal()
	if c := w.conflicts(); len(c) != 1 || c[0].Ours != "here" {
		t.Errorf("conflicts: %+v", c)
	}
	w.wantConverged("connected again")
}

// TestAnOccurrenceStaysWhereItsSeriesKeepsTheDate: Aura ends a series before what
// somebody edits of it at Google, who gives the series another end in the very moment
// in which that is pushed. Theirs is the newer, and the edit is nobody's loss.
func TestAnOccurrenceStaysWhereItsSeriesKeepsTheDate(t *testing.T) {
	t.Parallel()
	w := connected(t)
	pid := w.there(weekly("S"))
	w.sync()
	w.remove(one(w.row("S").ID, nth(4), edit.Following))
	w.pass(time.Minute)
	w.patchOne(pid, nth(6), sim.Event{"summary": "X"}, sim.SpanThis)
	p := w.process(3)
	p.meet = func(_ int, c crossing) {
		if c.what == "google PATCH" && w.now().Before(start.Add(time.Hour)) {
			w.pass(time.Hour)
			w.patchThere(pid, sim.Event{"recurrence": []any{"RRULE:FREQ=WEEKLY;COUNT=9"}})
		}
	}
	_ = p.worker.Handle(context.Background(), w.job(integration.TriggerAuraEdit))
	w.heal()
	w.rest(1)
	w.wantSame("in the end", []string{text(nth(5), "S"), text(nth(6), "X"), text(nth(8), "S")}, nil)
	w.wantConverged("in the end")
}
