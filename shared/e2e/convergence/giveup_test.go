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
	"aura.example/integrations/shared/oracle"
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

// TestAnEditMadeAfterAnotherWasTakenBackIsKept: a person takes a refused edit back and
// edits the event again, before a run comes to it. What they gave up is the first.
func TestAnEditMadeAfterAnotherWasTakenBackIsKept(t *testing.T) {
	t.Parallel()
	w := connected(t, timed("a", 24))
	ctx := context.Background()
	w.refusing("PATCH", nil, 400, "global", "invalid")
	id := w.row("a").ID
	w.must(w.me.retitle(ctx, id, "a here"))
	w.settle()
	w.same("set aside", w.aside(), "event_refused a here")
	w.fail(nil)
	w.must(w.me.service.DiscardEvent(ctx, w.caller, w.rec(), id))
	w.must(w.me.retitle(ctx, id, "a again"))
	w.settle()
	w.rest(1)
	w.wantTitles("in the end", "a again")
	w.wantConverged("in the end")
}

// TestAnEditOfWhatWasDeletedThereIsTakenBack: Google refuses to put it back, and its
// person gives the edit up. It is gone on both sides then, an occurrence's place is
// empty, and a series takes its occurrences along.
func TestAnEditOfWhatWasDeletedThereIsTakenBack(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name  string
		edit  func(w *world, id string)
		there func(w *world, pid string)
		left  int // of the ten
	}{
		{"a series with an occurrence of its own", func(w *world, id string) { w.change(target(id), titled("T")) }, (*world).deleteThere, 0},
		{"an occurrence", func(w *world, id string) { w.change(one(id, nth(4), edit.This), titled("later")) },
			func(w *world, pid string) { w.deleteOne(pid, nth(4), sim.SpanThis) }, 9},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := connected(t)
			pid := w.there(weekly("S"))
			w.rest(1)
			id := w.row("S").ID
			w.change(one(id, nth(4), edit.This), titled("late"))
			w.settle()
			w.rest(1)
			c.edit(w, id)
			w.pass(time.Minute)
			c.there(w, pid)
			w.refusing("PUT", nil, 400, "global", "invalid")
			w.settle()
			list := w.quarantined()
			if len(list) != 1 {
				t.Fatalf("set aside: %+v", list)
			}
			w.discard(list[0].EventID)
			w.fail(nil)
			w.rest(2)
			if here := w.shownHere(); len(here) != c.left {
				t.Errorf("Aura shows %d, want %d: %q", len(here), c.left, here)
			}
			w.wantConverged("taken back")
			if rows := w.items(); c.left == 0 && slices.ContainsFunc(rows, func(d oracle.Doc) bool { return d["ti"] == "late" }) {
				t.Errorf("of a series that went, an occurrence is stored still: %+v", rows)
			}
		})
	}
}

// TestAnOccurrenceGoesWithItsSeriesOnceEditsGo: both were set aside while the calendar
// could only be read. The first sync that may send takes both, whichever comes first.
func TestAnOccurrenceGoesWithItsSeriesOnceEditsGo(t *testing.T) {
	t.Parallel()
	w := connected(t)
	team := w.shared(sim.RoleWriter)
	s, id := weekly("S"), ""
	for n := 0; id == "" || id < calendar.ExceptionID(id, nth(2)); n++ { // the outbox is in the order of ids
		s["id"] = fmt.Sprint("teameventss", n)
		id = calendar.ImportedID(w.key.Provider, w.rec().Subject, team, fmt.Sprint(s["id"]))
	}
	_, err := w.sim.Calendar.PutEvent(team, s)
	w.must(err)
	w.rest(1)
	w.change(target(id), titled("T"))
	w.change(one(id, nth(2), edit.This), titled("X"))
	w.queue.msgs = nil
	w.must(w.sim.Calendar.Share(w.email, team, sim.RoleReader))
	w.rest(2)
	w.same("set aside", w.aside(), "direction_read_only T", "direction_read_only X")
	w.must(w.sim.Calendar.Share(w.email, team, sim.RoleWriter))
	w.sync()
	w.same("after one sync that may send, waits", w.outbox())
	w.same("set aside in the end", w.aside())
	w.same("in the calendar", w.titlesIn(team), "T", "X", "a", "b", "c")
}

// TestWhoseClockSaysWhatWasGivenUp: the requests that edit and the one that gives up are
// taken by processes whose clocks differ. What was given up is what was edited before.
func TestWhoseClockSaysWhatWasGivenUp(t *testing.T) {
	t.Parallel()
	skew := func(w *world, d time.Duration) {
		w.mu.Lock()
		defer w.mu.Unlock()
		w.skewed = d
	}
	begin := func(t *testing.T) *world {
		w := connected(t, timed("a", 24), timed("b", 26))
		w.there(weekly("S"))
		w.rest(1)
		return w
	}
	edits := func(w *world) {
		ctx := context.Background()
		w.must(w.me.retitle(ctx, w.row("a").ID, "a here"))
		w.must(w.me.delete(ctx, w.row("b").ID))
		w.change(one(w.row("S").ID, nth(2), edit.This), titled("X here"))
		w.queue.msgs = nil
	}
	t.Run("edited before, by a clock that is ahead", func(t *testing.T) {
		t.Parallel()
		w := begin(t)
		skew(w, 20*time.Second)
		edits(w)
		skew(w, -20*time.Second)
		w.must(w.only(true))
		w.queue.msgs = nil
		w.direction(integration.TwoWay)
		skew(w, 0)
		w.rest(2)
		w.wantTitles("in the end", "S", "a", "b")
		w.wantConverged("in the end")
	})
	t.Run("edited after, by a clock that is behind", func(t *testing.T) {
		t.Parallel()
		w := begin(t)
		skew(w, 20*time.Second)
		w.must(w.only(true))
		w.direction(integration.TwoWay)
		skew(w, -20*time.Second)
		edits(w)
		skew(w, 0)
		w.rest(2)
		w.wantSame("in the end", []string{text(nth(2), "X here")}, nil)
		w.wantTitles("in the end", "S", "X here", "a here")
		w.wantConverged("in the end")
	})
	t.Run("edited before and again after, by a clock that is behind", func(t *testing.T) {
		t.Parallel()
		w := begin(t)
		skew(w, 20*time.Second)
		edits(w)
		w.must(w.only(true))
		w.queue.msgs = nil
		w.direction(integration.TwoWay)
		skew(w, -20*time.Second)
		w.must(w.me.retitle(context.Background(), w.row("a here").ID, "a again"))
		skew(w, 0)
		w.rest(2)
		w.wantTitles("in the end", "S", "a again", "b")
		w.wantConverged("in the end")
	})
}

// TestAnOccurrenceOfASeriesOfAurasIsGivenUp, where somebody at Google changes the series
// before a run comes; one of a series that isn't there yet goes with that.
func TestAnOccurrenceOfASeriesOfAurasIsGivenUp(t *testing.T) {
	t.Parallel()
	for _, there := range []bool{true, false} {
		t.Run(fmt.Sprint("there ", there), func(t *testing.T) {
			t.Parallel()
			w := connected(t)
			c := calendar.Content{Title: "S", Busy: true, Start: nth(0), End: calendar.Time{At: nth(0).At.Add(time.Hour), Zone: nth(0).Zone}, Recurrence: []string{"RRULE:FREQ=WEEKLY;COUNT=5"}}
			row, _, err := w.me.editor.Create(context.Background(), w.by, c, "")
			w.must(err)
			if there {
				w.settle()
				w.rest(1)
			}
			w.change(one(row.ID, nth(2), edit.This), titled("X here"))
			w.queue.msgs = nil
			w.must(w.only(true))
			w.queue.msgs = nil
			w.pass(time.Minute)
			if there {
				w.patchThere(w.byID(row.ID).Link.ProviderID, sim.Event{"location": "Room 7"})
			}
			w.direction(integration.TwoWay)
			w.rest(3)
			if there {
				w.wantSame("in the end", []string{text(nth(2), "S")}, []string{text(nth(2), "X here")})
			} else {
				w.wantSame("in the end", []string{text(nth(2), "X here")}, nil)
			}
			w.wantConverged("in the end")
		})
	}
}

// TestAnEditStaysThatWasntGivenUpWhereItsSeriesIsChangedThere: a series and the edit of
// its occurrence live in Aura only while what waits is given up, and so aren't. The run
// that sends the series dies before the occurrence, and somebody at Google changes it.
func TestAnEditStaysThatWasntGivenUpWhereItsSeriesIsChangedThere(t *testing.T) {
	t.Parallel()
	w := connected(t)
	c := calendar.Content{Title: "S", Busy: true, Start: nth(0), End: calendar.Time{At: nth(0).At.Add(time.Hour), Zone: nth(0).Zone}, Recurrence: []string{"RRULE:FREQ=WEEKLY;COUNT=5"}}
	row, _, err := w.me.editor.Create(context.Background(), w.by, c, "")
	w.must(err)
	w.change(one(row.ID, nth(2), edit.This), titled("X here"))
	w.must(w.only(true))
	w.pass(time.Minute)
	w.direction(integration.TwoWay)
	w.queue.msgs = nil
	p, sent, dead := w.process(3), false, false
	p.before = func(_ int, c crossing) bool {
		dead = dead || sent && strings.HasPrefix(c.what, "google")
		sent = sent || c.what == "google POST"
		return dead
	}
	_ = p.worker.Handle(context.Background(), w.job(integration.TriggerSchedule))
	if !dead {
		t.Fatal("the run sent nothing")
	}
	w.patchThere(w.byID(row.ID).Link.ProviderID, sim.Event{"location": "Room 7"})
	w.heal()
	w.rest(1)
	w.wantSame("in the end", []string{text(nth(1), "S"), text(nth(2), "X here")}, nil)
	w.wantConverged("in the end")
}
