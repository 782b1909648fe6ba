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
	"aura.example/integrations/shared/integration"
)

// TestAnEditAfterTheDirectionIsBackIsKept: a run that began while edits only came in,
// what waited having been given up long ago, still goes on when the direction is turned
// back and an edit is made.
func TestAnEditAfterTheDirectionIsBackIsKept(t *testing.T) {
	t.Parallel()
	w := connected(t, timed("a", 24), timed("b", 26))
	w.must(w.only(true))
	w.settle()
	w.rest(2)
	w.pass(24 * time.Hour)
	id := w.row("a").ID
	run := w.begins()
	w.direction(integration.TwoWay)
	w.must(w.me.retitle(context.Background(), id, "a new"))
	w.must(run.ends())
	w.settle()
	w.rest(2)
	w.wantTitles("in the end", "a new", "b")
	w.wantConverged("in the end")
}

// TestWhatWasGivenUpIsNotSentAfterAll: the direction is turned back before a run has
// come; but what is edited again since then is sent.
func TestWhatWasGivenUpIsNotSentAfterAll(t *testing.T) {
	t.Parallel()
	w := connected(t, timed("a", 24), timed("b", 26), timed("c", 28))
	ctx := context.Background()
	w.must(w.me.retitle(ctx, w.row("a").ID, "a here"))
	w.must(w.me.delete(ctx, w.row("b").ID))
	c := w.row("c").ID
	w.must(w.me.retitle(ctx, c, "c here"))
	w.queue.msgs = nil
	w.must(w.only(true))
	w.queue.msgs = nil
	w.direction(integration.TwoWay)
	w.pass(time.Minute)
	w.must(w.me.retitle(ctx, c, "c again"))
	w.rest(2)
	w.wantTitles("in the end", "a", "b", "c again")
	w.wantConverged("in the end")
}

// TestASeriesDividedTwiceIsTakenBackWhole: A series divided twice in Aura before anything was sent, then given up: nothing of it is left.
func TestASeriesDividedTwiceIsTakenBackWhole(t *testing.T) {
	t.Parallel()
	w := connected(t)
	w.there(weekly("S"))
	w.rest(1)
	id := w.row("S").ID
	tail := w.change(one(id, nth(3), edit.Following), titled("tail"))
	w.change(one(tail.Row.ID, nth(6), edit.Following), titled("tail2"))
	w.queue.msgs = nil
	w.must(w.only(true))
	w.settle()
	w.rest(2)
	w.wantSame("taken back", []string{text(nth(3), "S"), text(nth(6), "S")}, []string{text(nth(3), "tail"), text(nth(6), "tail2")})
	w.direction(integration.TwoWay)
	w.rest(2)
	if n := len(w.shownThere()); n != 10 {
		t.Errorf("Google shows %d of 10: %q", n, w.shownThere())
	}
}

// TestWhatIsGivenUpWithAHalfIsNamed: Given up edits of occurrences that had gone over to the second half are named.
func TestWhatIsGivenUpWithAHalfIsNamed(t *testing.T) {
	t.Parallel()
	w := connected(t)
	w.there(weekly("S"))
	w.rest(1)
	id := w.row("S").ID
	w.change(one(id, nth(5), edit.This), titled("mine"))
	w.change(one(id, nth(3), edit.Following), titled("tail"))
	w.queue.msgs = nil
	w.must(w.only(true))
	w.settle()
	w.rest(2)
	if !slices.ContainsFunc(w.told(), func(s string) bool { return strings.Contains(s, "mine") }) {
		t.Errorf("no run names %q: %q", "mine", w.told())
	}
}

// TestADivisionGivenUpHalfway: A division is given up; the process that takes it back dies, and its person turns
// the direction back: all of the series is somewhere, once.
func TestADivisionGivenUpHalfway(t *testing.T) {
	t.Parallel()
	begin := func(t *testing.T) (*world, *process) {
		w := connected(t)
		w.there(weekly("S"))
		w.rest(1)
		w.change(one(w.row("S").ID, nth(3), edit.Following), titled("tail"))
		w.queue.msgs = nil
		w.must(w.only(true))
		w.pass(time.Minute)
		return w, w.process(1)
	}
	probe, p := begin(t)
	j := probe.job(integration.TriggerAuraEdit)
	probe.must(p.worker.Handle(context.Background(), j))
	for n, c := range p.crossings() {
		if !strings.Contains(c.what, "TransactWriteItems") {
			continue
		}
		t.Run(fmt.Sprint(n+1, " ", c.what), func(t *testing.T) {
			t.Parallel()
			w, p := begin(t)
			p.after = func(i int, _ crossing) bool { return i == n+1 }
			_ = p.worker.Handle(context.Background(), w.job(integration.TriggerAuraEdit))
			w.queue.msgs = nil
			w.pass(integration.LeaseFor + 5*time.Second)
			w.direction(integration.TwoWay)
			w.heal()
			w.rest(2)
			if here, there := w.shownHere(), w.shownThere(); len(here) != 10 || !slices.Equal(here, there) {
				t.Errorf("Aura\n%q\nGoogle\n%q", here, there)
			}
		})
	}
}

// TestTakenBackWhileThePushRests: A refused edit is taken back while the push rests, since nothing has to be sent for that.
func TestTakenBackWhileThePushRests(t *testing.T) {
	t.Parallel()
	w := connected(t, timed("a", 24), timed("b", 26))
	ctx := context.Background()
	w.refusing("PATCH", nil, 400, "global", "invalid")
	w.must(w.me.retitle(ctx, w.row("a").ID, "a here"))
	w.settle()
	w.refusing("PATCH", nil, 403, "usageLimits", "quotaExceeded")
	w.must(w.me.retitle(ctx, w.row("b").ID, "b here"))
	w.settle()
	w.same("set aside", w.aside(), "event_refused a here")
	w.discard(w.row("a here").ID)
	w.same("here", w.titlesHere(), "a", "b here")
}

// TestAnOccurrenceOfASeriesInAuraOnlyIsNotTakenBack: there is nothing at Google that it
// could be made again, and its person is told so.
func TestAnOccurrenceOfASeriesInAuraOnlyIsNotTakenBack(t *testing.T) {
	t.Parallel()
	w := connected(t)
	ctx := context.Background()
	w.refusing("POST", nil, 400, "global", "invalid")
	c := calendar.Content{Title: "S", Busy: true, Start: nth(0), End: calendar.Time{At: nth(0).At.Add(time.Hour), Zone: nth(0).Zone}, Recurrence: []string{"RRULE:FREQ=WEEKLY;COUNT=5"}}
	row, _, err := w.me.editor.Create(ctx, w.by, c, "")
	w.must(err)
	w.change(one(row.ID, nth(2), edit.This), titled("X"))
	w.settle()
	w.rest(1)
	w.same("set aside", w.aside(), "event_refused S", "series_quarantined X")
	w.refused("taking it back", w.me.service.DiscardEvent(ctx, w.caller, w.rec(), w.row("X").ID), "not_discardable")
}
