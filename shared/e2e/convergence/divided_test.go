package convergence_test

import (
	"context"
	"slices"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/edit"
	sim "aura.example/integrations/shared/googlesim/calendarv3"
	"aura.example/integrations/shared/integration"
)

// TestR11AnEditGoesOverToTheSeriesThatItsOwnWasDividedInto: an occurrence is edited
// in Aura, and before that is pushed its series is divided at Google, so that the
// date is another series'. The edit isn't lost, nor the division.
func TestR11AnEditGoesOverToTheSeriesThatItsOwnWasDividedInto(t *testing.T) {
	t.Parallel()
	place := "Room 7"
	following := func(n int, title string) func(w *world, pid string) {
		return func(w *world, pid string) { w.patchOne(pid, nth(n), sim.Event{"summary": title}, sim.SpanFollowing) }
	}
	for _, c := range []struct {
		name        string
		days        bool
		before      func(w *world, id, pid string)
		edit        func(w *world, id string)
		divide      func(w *world, pid string)
		want, never []string
		aside       string // why it is set aside instead
	}{
		{name: "renamed", edit: func(w *world, id string) { w.change(one(id, nth(6), edit.This), titled("X")) }, divide: following(4, "Y"),
			want: []string{text(nth(3), "S"), text(nth(5), "Y"), text(nth(6), "X"), text(nth(7), "Y")}, never: []string{text(nth(6), "Y"), text(nth(6), "S")}},
		{name: "the first of the new half", edit: func(w *world, id string) { w.change(one(id, nth(4), edit.This), titled("X")) }, divide: following(4, "Y"),
			want: []string{text(nth(3), "S"), text(nth(4), "X"), text(nth(5), "Y")}},
		{name: "deleted", edit: func(w *world, id string) { w.remove(one(id, nth(6), edit.This)) }, divide: following(4, "Y"),
			want: []string{text(nth(5), "Y"), text(nth(7), "Y")}, never: []string{text(nth(6), "Y"), text(nth(6), "S")}},
		{name: "moved", edit: func(w *world, id string) {
			w.change(one(id, nth(6), edit.This), movedTo(calendar.Time{At: nth(6).At.Add(5 * time.Hour), Zone: "Europe/Madrid"}, time.Hour))
		}, divide: following(4, "Y"), want: []string{text(calendar.Time{At: nth(6).At.Add(5 * time.Hour)}, "Y")}, never: []string{text(nth(6), "Y")}},
		{name: "of days", days: true, edit: func(w *world, id string) { w.change(one(id, nthDay(6), edit.This), titled("X")) }, divide: func(w *world, pid string) {
			w.patchOne(pid, nthDay(4), sim.Event{"summary": "Y"}, sim.SpanFollowing)
		}, want: []string{text(nthDay(3), "S"), text(nthDay(5), "Y"), text(nthDay(6), "X")}},
		{name: "an exception already", before: func(w *world, id, _ string) { w.change(one(id, nth(6), edit.This), titled("X")) },
			edit: func(w *world, id string) { w.change(one(id, nth(6), edit.This), titled("XX")) }, divide: following(4, "Y"),
			want: []string{text(nth(5), "Y"), text(nth(6), "XX")}, never: []string{text(nth(6), "X"), text(nth(6), "Y")}},
		{name: "an exception, edited there too", before: func(w *world, id, _ string) { w.change(one(id, nth(6), edit.This), titled("X")) },
			edit: func(w *world, id string) { w.change(one(id, nth(6), edit.This), edit.Patch{Location: &place}) }, divide: func(w *world, pid string) {
				w.patchOne(pid, nth(6), sim.Event{"summary": "theirs"}, sim.SpanThis)
				w.patchOne(pid, nth(4), sim.Event{"description": "Y"}, sim.SpanFollowing)
			}, want: []string{text(nth(6), "theirs")}},
		{name: "divided twice", edit: func(w *world, id string) { w.change(one(id, nth(8), edit.This), titled("X")) }, divide: func(w *world, pid string) {
			w.patchOne(pid, nth(4), sim.Event{"summary": "Y"}, sim.SpanFollowing)
			events, err := w.sim.Calendar.Events(w.email, w.email, nth(6).At, nth(6).At.Add(time.Hour))
			w.must(err)
			w.patchOne(events[0]["recurringEventId"].(string), nth(6), sim.Event{"summary": "Z"}, sim.SpanFollowing)
		}, want: []string{text(nth(3), "S"), text(nth(5), "Y"), text(nth(7), "Z"), text(nth(8), "X")}},
		{name: "the new half keeps another time", edit: func(w *world, id string) { w.change(one(id, nth(6), edit.This), titled("X")) }, divide: func(w *world, pid string) {
			at := timed("", 24*28+7)
			w.patchOne(pid, nth(4), sim.Event{"start": at["start"], "end": at["end"]}, sim.SpanFollowing)
		}, aside: "occurrence_gone"},
		{name: "a stranger has the date", edit: func(w *world, id string) { w.change(one(id, nth(6), edit.This), titled("X")) }, divide: func(w *world, pid string) {
			w.patchThere(pid, sim.Event{"recurrence": []any{"RRULE:FREQ=WEEKLY;COUNT=4"}})
			w.there(weekly("stranger"))
		}, aside: "occurrence_gone"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			series := weekly("S")
			if c.days {
				series = allDays("S")
			}
			w := connected(t)
			pid := w.there(series)
			w.sync()
			id := w.row("S").ID
			if c.before != nil {
				c.before(w, id, pid)
				w.settle()
				w.sync()
			}
			w.pass(time.Minute)
			c.edit(w, id)
			c.divide(w, pid)
			w.settle()
			if list := w.quarantined(); c.aside != "" {
				if len(list) != 1 || list[0].Code != c.aside || list[0].Title != "X" {
					t.Errorf("set aside: %+v, want %s", list, c.aside)
				}
				return
			}
			w.wantSame("after one sync", c.want, c.never)
			if list := w.quarantined(); len(list) > 0 {
				t.Errorf("set aside: %+v", list)
			}
			if !slices.ContainsFunc(w.decisions(), func(d integration.Decision) bool { return d.What == "carried_over" }) {
				t.Errorf("nothing says that it went over: %+v", w.decisions())
			}
			w.wantConverged("at rest")
		})
	}
}

// TestR11DividedWhileItIsPushed divides the series at each step of the run that
// pushes the edit, which dies there or goes on, also where the index is late.
func TestR11DividedWhileItIsPushed(t *testing.T) {
	t.Parallel()
	interrupted{
		edit:  func(w *world, id string) { w.change(one(id, nth(6), edit.This), titled("X")) },
		as:    func(p *process) { p.worker.Events = lagging{p.db.Events} },
		there: func(w *world, pid string) { w.patchOne(pid, nth(4), sim.Event{"summary": "Y"}, sim.SpanFollowing) },
		want: func(t *testing.T, w *world, _ []crossing, _ int) {
			w.wantSame("in the end", []string{text(nth(3), "S"), text(nth(5), "Y"), text(nth(6), "X")}, nil)
			if list := w.quarantined(); len(list) > 0 {
				t.Errorf("set aside: %+v", list)
			}
			w.wantConverged("at rest")
		},
	}.atEachStep(t)
}

// lagging is a store whose index by time is behind with everything.
type lagging struct{ calendar.Store }

func (lagging) Range(context.Context, string, time.Time, time.Time) ([]*calendar.Row, error) {
	return nil, nil
}
