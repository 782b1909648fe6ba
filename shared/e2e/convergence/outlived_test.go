package convergence_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"aura.example/integrations/shared/edit"
	sim "aura.example/integrations/shared/googlesim/calendarv3"
	"aura.example/integrations/shared/integration"
)

// Where edits travel to Google only, a deletion there takes nothing from Aura,
// nor where it came after a push whose answer was lost.
func TestADeletionAtGoogleOfWhatWasSentIsNotAppliedOneWay(t *testing.T) {
	t.Parallel()
	w, e := linked(t)
	w.direction(integration.ToProvider)
	w.auraSets(e, "1")
	run := w.begins()
	run.to(done(patch))
	w.googleDeletes(e)
	run.vanishes()
	w.heal()
	w.rest(2)
	if w.byID(e.id) == nil {
		t.Fatalf("an event was deleted in Aura because it was deleted at Google: told %q", w.told())
	}
	// The next edit puts it back.
	w.auraSets(e, "2")
	w.settle()
	w.rest(1)
	w.wantTitles("after another edit", "2")
}

// What somebody else organizes by now is said to be read only, also where an edit
// waited for it.
func TestAnEventThatBecomesReadOnlyUnderAnEditSaysSo(t *testing.T) {
	t.Parallel()
	w, e := linked(t)
	w.auraSets(e, "1")
	ev := timed("0", 30)
	ev["id"], ev["organizer"] = e.pid, map[string]any{"email": "boss@example.com"}
	ev["attendees"] = []any{map[string]any{"email": w.email, "self": true}}
	_, err := w.sim.Calendar.PutEvent(w.email, ev)
	w.must(err)
	w.settle()
	w.rest(2)
	if row := w.byID(e.id); !row.ReadOnly {
		t.Error("Google takes no edit of it any more, and Aura says that it may be edited")
	}
}

// An edit that outlives the other side's deletion is a conflict as any other:
// named, with both values and the winner.
func TestEditAgainstDeletionIsNamedAsAConflict(t *testing.T) {
	t.Parallel()
	for _, what := range []string{"deleted here, edited there", "edited here, deleted there"} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			w, e := linked(t)
			if what == "deleted here, edited there" {
				w.auraDeletes(e)
				w.googleSets(e, "2")
			} else {
				w.auraSets(e, "2")
				w.googleDeletes(e)
			}
			w.settle()
			w.rest(1)
			w.wantTitles("in the end", "2")
			runs, _, err := w.me.db.Integrations.Runs(context.Background(), w.key, integration.Page{Limit: 9}, w.now())
			w.must(err)
			n := 0
			for _, r := range runs {
				n += r.Conflicts
			}
			if n == 0 || len(w.conflicts()) == 0 {
				t.Errorf("named as a conflict %d times, decisions %+v", n, w.decisions())
			}
		})
	}
}

// What somebody at Google changed of a single event before they deleted it isn't put
// back as it was before by the edit that outlives the deletion.
func TestASingleEventChangedThereAndDeletedIsPutBackAsItWas(t *testing.T) {
	t.Parallel()
	for _, said := range []bool{false, true} {
		w := connected(t, timed("a", 24))
		row := w.row("a")
		at := target(row.ID)
		if !said {
			at.Notify = nil
		}
		w.change(at, titled("a here"))
		w.queue.msgs = nil
		w.pass(time.Minute)
		w.patchThere(row.Link.ProviderID, sim.Event{"location": "Hall"})
		w.deleteThere(row.Link.ProviderID)
		w.rest(3)
		w.wantTitles("in the end", "a here")
		if got := w.row("a here"); got == nil || got.Location != "Hall" {
			t.Errorf("said of guests %v: it came back as %+v, and the runs say %q", said, got, w.told())
		}
		w.wantConverged("in the end")
	}
}

// TestARuleThatGoogleWritesInItsOwnWayIsNobodysEdit: a rule is sent, the answer is
// lost, and Google has put its parts into its own order. What its person does next
// stands against nobody: it isn't overruled, nor named as a conflict.
func TestARuleThatGoogleWritesInItsOwnWayIsNobodysEdit(t *testing.T) {
	t.Parallel()
	rule := func(n int) edit.Patch {
		lines := []string{fmt.Sprintf("RRULE:COUNT=%d;FREQ=WEEKLY", n)}
		return edit.Patch{Recurrence: &lines}
	}
	for _, c := range []struct {
		name  string
		then  func(w *world, id string)
		shown int
	}{
		{"given another rule in the very moment", func(w *world, id string) { w.change(target(id), rule(5)) }, 5},
		{"deleted", func(w *world, id string) { w.remove(target(id)) }, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := connected(t)
			w.there(weekly("S"))
			w.rest(1)
			id := w.row("S").ID
			w.change(target(id), rule(7))
			p := w.process(1)
			p.meet = func(_ int, x crossing) {
				if x.what == "google PATCH" {
					c.then(w, id) // before Google takes the first, and dates it
					w.pass(time.Second)
				}
			}
			p.after = func(_ int, x crossing) bool { return x.what == "google PATCH" }
			_ = p.worker.Handle(context.Background(), w.job(integration.TriggerAuraEdit))
			if !p.gone() {
				t.Fatal("nobody died")
			}
			w.heal()
			w.rest(1)
			if here := w.shownHere(); len(here) != c.shown {
				t.Errorf("Aura shows %d, want %d: %q", len(here), c.shown, here)
			}
			if named := w.conflicts(); len(named) > 0 {
				t.Errorf("named as conflicts: %+v", named)
			}
			w.wantConverged("in the end")
		})
	}
}

// TestADividedSeriesWhoseFirstHalfIsDeletedHere: Aura divides a series and
// deletes its first half, and somebody at Google hasn't heard of either. An edit of
// the whole outlives the deletion, but not the division: the first half comes back as
// far as it went, and no date is there twice. What was made of an occurrence that is
// the second half's is found there, and the first half goes.
func TestADividedSeriesWhoseFirstHalfIsDeletedHere(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name        string
		edited      bool // the whole
		there       func(w *world, pid string)
		want, never []string
		count       int
	}{
		{"edited", true, func(w *world, pid string) { w.patchThere(pid, sim.Event{"location": "G"}) }, []string{text(nth(3), "S"), text(nth(4), "Y")}, []string{text(nth(4), "S")}, 10},
		{"edited, and one of the second half taken out", true, func(w *world, pid string) {
			w.patchThere(pid, sim.Event{"location": "G"})
			w.deleteOne(pid, nth(6), sim.SpanThis)
		}, []string{text(nth(3), "S"), text(nth(4), "Y")}, []string{text(nth(6), "S"), text(nth(6), "Y")}, 9},
		{"one of the second half taken out", false, func(w *world, pid string) { w.deleteOne(pid, nth(6), sim.SpanThis) }, []string{text(nth(4), "Y")}, []string{text(nth(3), "S"), text(nth(6), "S"), text(nth(6), "Y")}, 5},
		{"one of the second half edited", false, func(w *world, pid string) { w.patchOne(pid, nth(6), sim.Event{"summary": "X"}, sim.SpanThis) }, []string{text(nth(4), "Y"), text(nth(6), "X")}, []string{text(nth(6), "S"), text(nth(6), "Y")}, 6},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := connected(t)
			pid := w.there(weekly("S"))
			w.sync()
			id := w.row("S").ID
			w.pass(time.Minute)
			w.change(one(id, nth(4), edit.Following), titled("Y"))
			w.remove(target(id))
			w.pass(time.Minute)
			c.there(w, pid)
			w.settle()
			w.rest(1)
			w.wantConverged("at rest")
			w.wantSame("at rest", c.want, c.never)
			shown := w.shownThere()
			w.wantOnce(shown)
			for _, title := range []string{"S", "Y"} {
				if row := w.row(title); c.edited && (row == nil || row.Location != "G") {
					t.Errorf("%s hasn't the edit: %+v", title, row)
				}
			}
			if len(shown) != c.count {
				t.Errorf("%d are shown, want %d: %q", len(shown), c.count, shown)
			}
		})
	}
}

// TestWhatComesBackIsAsItWasThere: Aura moves a series, which takes its exceptions
// along, and deletes it; somebody at Google who had heard of neither edits the whole,
// or an occurrence. What comes back is what Google has, with all its exceptions: moved,
// it would lose the very edit that it came back for.
func TestWhatComesBackIsAsItWasThere(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		there func(w *world, pid string)
		want  []string
	}{
		{"the whole is edited", func(w *world, pid string) { w.patchThere(pid, sim.Event{"summary": "G"}) }, []string{text(nth(1), "G"), text(nth(2), "X"), text(nth(5), "G")}},
		{"an occurrence is edited", func(w *world, pid string) { w.patchOne(pid, nth(5), sim.Event{"summary": "G"}, sim.SpanThis) }, []string{text(nth(1), "S"), text(nth(2), "X"), text(nth(5), "G")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := connected(t)
			pid := w.there(weekly("S"))
			w.sync()
			w.patchOne(pid, nth(2), sim.Event{"summary": "X"}, sim.SpanThis)
			w.rest(1)
			id := w.row("S").ID
			at := nth(0)
			at.At = at.At.Add(50 * time.Hour)
			w.change(target(id), movedTo(at, time.Hour))
			w.remove(target(id))
			w.pass(time.Minute)
			c.there(w, pid)
			w.settle()
			w.wantConverged("at rest")
			w.wantSame("at rest", c.want, nil)
			if shown := w.shownThere(); len(shown) != 10 {
				t.Errorf("%d are shown, want 10: %q", len(shown), shown)
			}
		})
	}
}

// TestWhatComesBackHasItsGaps: Aura takes an occurrence out of a series and deletes the
// whole, before Google hears of either; there another occurrence is edited. The series
// comes back for that one, without the one that was taken out before.
func TestWhatComesBackHasItsGaps(t *testing.T) {
	t.Parallel()
	w := connected(t)
	pid := w.there(weekly("S"))
	w.sync()
	id := w.row("S").ID
	w.remove(one(id, nth(7), edit.This))
	w.remove(target(id))
	w.pass(time.Minute)
	w.patchOne(pid, nth(6), sim.Event{"summary": "X"}, sim.SpanThis)
	w.settle()
	w.wantConverged("at rest")
	w.wantSame("at rest", []string{text(nth(5), "S"), text(nth(6), "X"), text(nth(8), "S")}, []string{text(nth(7), "S")})
}
