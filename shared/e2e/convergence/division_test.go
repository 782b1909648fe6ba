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
)

// "This and following" of a series with more exceptions than one transaction
// takes: whole whatever comes in between.
func TestASplitOfManyExceptionsWithASyncInBetween(t *testing.T) {
	t.Parallel()
	for _, mishap := range []string{"none", "a sync in between", "dead in between", "dead, and a sync next"} {
		t.Run(mishap, func(t *testing.T) {
			t.Parallel()
			w := connected(t)
			e := timed("S", 2)
			e["recurrence"] = []any{"RRULE:FREQ=DAILY;COUNT=32"}
			pid := w.there(e)
			w.sync()
			w.pass(time.Minute)
			id := w.row("S").ID
			day := func(n int) calendar.Time {
				return calendar.Time{At: start.Add(2*time.Hour).AddDate(0, 0, n), Zone: "Europe/Madrid"}
			}
			for n := 3; n < 30; n++ {
				w.patchOne(pid, day(n), sim.Event{"summary": fmt.Sprint("x", n)}, sim.SpanThis)
			}
			w.rest(1)
			p := w.process(3)
			k, busy := 0, false
			p.meet = func(_ int, c crossing) {
				if c.what != "dynamodb TransactWriteItems" || busy || mishap != "a sync in between" {
					return
				}
				if k++; k == 2 && mishap == "a sync in between" {
					busy = true
					for n := 3; n < 30; n++ {
						w.patchOne(pid, day(n), sim.Event{"location": fmt.Sprint("hall ", n)}, sim.SpanThis)
					}
					w.sync()
				}
			}
			if strings.HasPrefix(mishap, "dead") {
				p.before = func(_ int, c crossing) bool {
					if c.what == "dynamodb TransactWriteItems" {
						k++
					}
					return k == 2
				}
			}
			_, err := p.editor.Change(context.Background(), w.by, one(id, day(2), edit.Following), titled("Y"))
			w.must(err)
			if mishap == "dead in between" { // nor does asking again divide it again
				if _, err = w.me.editor.Change(context.Background(), w.by, one(id, day(2), edit.Following), titled("Y")); err == nil {
					t.Error("divided twice")
				}
			}
			w.settle()
			w.rest(3)
			var want []string
			for n := 3; n < 30; n++ {
				want = append(want, text(day(n), fmt.Sprint("x", n)))
			}
			want = append(want, text(day(31), "Y"), text(day(2), "Y"))
			for _, s := range want {
				if !slices.Contains(w.shownThere(), s) {
					t.Errorf("Google doesn't show %q", s)
				}
			}
			if !slices.Equal(w.shownThere(), w.shownHere()) {
				t.Error("the two sides show something else")
			}
			if n := len(w.shownThere()); n != 32 || len(w.shownHere()) != 32 {
				t.Errorf("%d are shown at Google, %d here, want 32", n, len(w.shownHere()))
			}
			w.wantConverged("in the end")
		})
	}
}

// Series that change their kind, are divided and ended, while the other side edits.
func TestSeriesThatChangeOnBothSides(t *testing.T) {
	t.Parallel()
	none := []string(nil)
	place := "Room 7"
	for _, c := range []struct {
		name        string
		days        bool
		born        bool
		rule        string
		do          func(w *world, id, pid string)
		then        func(w *world, id, pid string)
		want, never []string
	}{
		{name: "becomes a single event here, with exceptions", do: func(w *world, id, _ string) {
			w.change(one(id, nth(3), edit.This), titled("X"))
			w.remove(one(id, nth(4), edit.This))
		}, then: func(w *world, id, _ string) {
			w.change(target(id), edit.Patch{Recurrence: &none})
		}, want: []string{text(nth(0), "S")}, never: []string{text(nth(1), "S"), text(nth(3), "X")}},
		{name: "timed to all-day here, with exceptions", do: func(w *world, id, _ string) {
			w.change(one(id, nth(3), edit.This), titled("X"))
			w.remove(one(id, nth(4), edit.This))
		}, then: func(w *world, id, _ string) {
			w.change(target(id), movedTo(nthDay(0), 24*time.Hour))
		}, want: []string{text(nthDay(1), "S")}},
		{name: "timed to all-day there, with exceptions", do: func(w *world, id, _ string) {
			w.change(one(id, nth(3), edit.This), titled("X"))
			w.remove(one(id, nth(4), edit.This))
		}, then: func(w *world, _, pid string) {
			w.patchThere(pid, sim.Event{"start": map[string]any{"date": "2031-05-05", "dateTime": nil, "timeZone": nil}, "end": map[string]any{"date": "2031-05-06", "dateTime": nil, "timeZone": nil}})
		}, want: []string{text(nthDay(1), "S")}},
		{name: "all-day to timed here, with exceptions", days: true, do: func(w *world, id, _ string) {
			w.change(one(id, nthDay(3), edit.This), titled("X"))
			w.remove(one(id, nthDay(4), edit.This))
		}, then: func(w *world, id, _ string) {
			w.change(target(id), movedTo(nth(0), time.Hour))
		}, want: []string{text(nth(1), "S")}},
		{name: "following at the first", do: func(w *world, id, _ string) { w.change(one(id, nth(0), edit.Following), titled("Y")) },
			want: []string{text(nth(0), "Y"), text(nth(9), "Y")}},
		{name: "following at the last", do: func(w *world, id, _ string) { w.change(one(id, nth(9), edit.Following), titled("Y")) },
			want: []string{text(nth(8), "S"), text(nth(9), "Y")}},
		{name: "deletion of following at the first", do: func(w *world, id, _ string) { w.remove(one(id, nth(0), edit.Following)) }, never: []string{text(nth(0), "S")}},
		{name: "deletion of following at the last", do: func(w *world, id, _ string) { w.remove(one(id, nth(9), edit.Following)) }, want: []string{text(nth(8), "S")}, never: []string{text(nth(9), "S")}},
		{name: "following of days", days: true, do: func(w *world, id, _ string) {
			w.remove(one(id, nthDay(6), edit.This))
			w.change(one(id, nthDay(7), edit.This), titled("late"))
			w.change(one(id, nthDay(4), edit.Following), titled("Y"))
		}, want: []string{text(nthDay(3), "S"), text(nthDay(4), "Y"), text(nthDay(7), "late")}, never: []string{text(nthDay(6), "Y"), text(nthDay(6), "S")}},
		{name: "following of days, to a time", days: true, do: func(w *world, id, _ string) {
			w.change(one(id, nthDay(7), edit.This), titled("late"))
			w.change(one(id, nthDay(4), edit.Following), movedTo(nth(4), time.Hour))
		}, want: []string{text(nthDay(3), "S"), text(nth(4), "S"), text(nth(7), "late")}},
		{name: "following, an hour later, with late exceptions", do: func(w *world, id, _ string) {
			w.remove(one(id, nth(6), edit.This))
			w.change(one(id, nth(7), edit.This), titled("late"))
			at := nth(4)
			at.At = at.At.Add(time.Hour)
			w.change(one(id, nth(4), edit.Following), movedTo(at, time.Hour))
		}, want: []string{text(nth(3), "S"), text(calendar.Time{At: nth(5).At.Add(time.Hour)}, "S"), text(calendar.Time{At: nth(7).At.Add(time.Hour)}, "late")}},
		{name: "following, with a late one that lasts longer", do: func(w *world, id, _ string) {
			w.change(one(id, nth(7), edit.This), movedTo(nth(7), 3*time.Hour))
			w.change(one(id, nth(4), edit.Following), titled("Y"))
		}, then: func(w *world, id, _ string) {
			if x := w.byID(calendar.ExceptionID(w.row("Y").ID, nth(7))); x == nil || x.Lasts() != 3*time.Hour {
				w.Errorf("it lasts no longer than the others: %+v", x)
			}
		}, want: []string{text(nth(6), "Y")}},
		{name: "over a change of clocks, following", rule: "RRULE:FREQ=WEEKLY;COUNT=40", do: func(w *world, id, _ string) {
			w.change(one(id, nth(30), edit.This), titled("late"))
			w.change(one(id, nth(24), edit.Following), titled("Y"))
		}, want: []string{text(nth(23), "S"), text(nth(24), "Y"), text(nth(26), "Y"), text(nth(30), "late")}},
		{name: "another zone here, with exceptions", do: func(w *world, id, _ string) {
			w.change(one(id, nth(3), edit.This), titled("X"))
			w.remove(one(id, nth(4), edit.This))
		}, then: func(w *world, id, _ string) {
			at := nth(0)
			at.Zone = "America/New_York"
			w.change(target(id), movedTo(at, time.Hour))
		}},
		{name: "another zone over a change of clocks", rule: "RRULE:FREQ=WEEKLY;COUNT=40", do: func(w *world, id, _ string) {
			w.change(one(id, nth(3), edit.This), titled("X"))
			w.change(one(id, nth(30), edit.This), titled("W"))
		}, then: func(w *world, id, _ string) {
			at := nth(0)
			at.Zone = "America/New_York"
			w.change(target(id), movedTo(at, time.Hour))
		}},
		{name: "EXDATE and RDATE set here", do: func(w *world, id, _ string) {
			lines := []string{"RRULE:FREQ=WEEKLY;COUNT=10", "EXDATE;TZID=Europe/Madrid:" + madridText(nth(3)), "RDATE;TZID=Europe/Madrid:20310507T100000"}
			w.change(target(id), edit.Patch{Recurrence: &lines})
		}, then: func(w *world, id, _ string) {
			w.change(one(id, calendar.Time{At: time.Date(2031, 5, 7, 8, 0, 0, 0, time.UTC)}, edit.This), titled("extra"))
			w.change(one(id, nth(5), edit.Following), edit.Patch{Location: &place})
		}, want: []string{"2031-05-07T08:00:00Z extra"}, never: []string{text(nth(3), "S")}},
		{name: "an EXDATE here for an occurrence that was edited there", do: func(w *world, id, pid string) {
			w.patchOne(pid, nth(3), sim.Event{"summary": "X"}, sim.SpanThis)
			lines := []string{"RRULE:FREQ=WEEKLY;COUNT=10", "EXDATE;TZID=Europe/Madrid:" + madridText(nth(3))}
			w.change(target(id), edit.Patch{Recurrence: &lines})
		}},
		{name: "divided twice and ended before any push", do: func(w *world, id, _ string) {
			out := w.change(one(id, nth(3), edit.Following), titled("Y"))
			out = w.change(one(out.Row.ID, nth(6), edit.Following), titled("Z"))
			w.remove(one(out.Row.ID, nth(8), edit.Following))
		}, want: []string{text(nth(2), "S"), text(nth(3), "Y"), text(nth(6), "Z"), text(nth(7), "Z")}, never: []string{text(nth(8), "Z"), text(nth(8), "S")}},
		{name: "divided here, the whole renamed there", do: func(w *world, id, pid string) {
			w.change(one(id, nth(4), edit.Following), edit.Patch{Location: &place})
			w.patchThere(pid, sim.Event{"summary": "T"})
		}, want: []string{text(nth(3), "T"), text(nth(4), "T"), text(nth(8), "T")}},
		{name: "the whole renamed here, divided there", do: func(w *world, id, pid string) {
			w.change(target(id), titled("T"))
			w.patchOne(pid, nth(4), sim.Event{"location": "Hall"}, sim.SpanFollowing)
		}, want: []string{text(nth(3), "T"), text(nth(4), "T"), text(nth(8), "T")}},
		{name: "a late one edited here, divided there", do: func(w *world, id, pid string) {
			w.change(one(id, nth(7), edit.This), titled("X"))
			w.patchOne(pid, nth(4), sim.Event{"location": "Hall"}, sim.SpanFollowing)
		}, want: []string{text(nth(7), "X")}, never: []string{text(nth(7), "S")}},
		{name: "a late one deleted here, divided there", do: func(w *world, id, pid string) {
			w.remove(one(id, nth(7), edit.This))
			w.patchOne(pid, nth(4), sim.Event{"location": "Hall"}, sim.SpanFollowing)
		}, never: []string{text(nth(7), "S")}},
		{name: "a series here and there at once of a single event", rule: "-", do: func(w *world, id, pid string) {
			lines := []string{"RRULE:FREQ=DAILY;COUNT=3"}
			w.change(target(id), edit.Patch{Recurrence: &lines})
			w.patchThere(pid, sim.Event{"recurrence": []any{"RRULE:FREQ=WEEKLY;COUNT=3"}})
		}},
		{name: "an occurrence moved onto another's place", do: func(w *world, id, _ string) {
			w.change(one(id, nth(2), edit.This), movedTo(nth(3), time.Hour))
			w.remove(one(id, nth(3), edit.This))
		}, want: []string{text(nth(3), "S")}, never: []string{text(nth(2), "S")}},
		{name: "ended here, a late one edited there", do: func(w *world, id, pid string) {
			w.remove(one(id, nth(4), edit.Following))
			w.patchOne(pid, nth(7), sim.Event{"summary": "X"}, sim.SpanThis)
		}},
		{name: "deleted there, the whole edited here", do: func(w *world, id, pid string) {
			w.change(one(id, nth(2), edit.This), titled("X"))
			w.settle()
			w.rest(1)
			w.change(target(id), edit.Patch{Location: &place})
			w.deleteThere(pid)
		}, want: []string{text(nth(0), "S"), text(nth(2), "X")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			series := weekly("S")
			if c.days {
				series = allDays("S")
			}
			switch c.rule {
			case "":
			case "-":
				delete(series, "recurrence")
			default:
				series["recurrence"] = []any{c.rule}
			}
			w := connected(t)
			pid := w.there(series)
			w.sync()
			w.pass(time.Minute)
			id := w.row("S").ID
			c.do(w, id, pid)
			if c.then != nil {
				w.settle()
				w.rest(1)
				c.then(w, id, pid)
			}
			w.settle()
			w.rest(1)
			w.wantSame("after one sync", c.want, c.never)
			if q := w.quarantined(); len(q) > 0 {
				t.Logf("quarantine %+v", q)
			}
			w.wantConverged("at rest")
		})
	}
}

// A whole series with more exceptions than one transaction takes is deleted or
// moved, while somebody edits them there, or by a process that dies in between.
func TestAWholeSeriesWithManyExceptions(t *testing.T) {
	t.Parallel()
	for _, what := range []string{"deleted", "moved"} {
		for _, dies := range []bool{false, true} {
			t.Run(fmt.Sprint(what, ", dies ", dies), func(t *testing.T) {
				t.Parallel()
				w := connected(t)
				e := timed("S", 2)
				e["recurrence"] = []any{"RRULE:FREQ=DAILY;COUNT=58"}
				pid := w.there(e)
				w.sync()
				w.pass(time.Minute)
				id := w.row("S").ID
				day := func(n int) calendar.Time {
					return calendar.Time{At: start.Add(2*time.Hour).AddDate(0, 0, n), Zone: "Europe/Madrid"}
				}
				for n := 3; n < 55; n++ {
					w.patchOne(pid, day(n), sim.Event{"summary": fmt.Sprint("x", n)}, sim.SpanThis)
				}
				w.rest(1)
				p := w.process(3)
				k, busy := 0, false
				if dies {
					p.before = func(_ int, c crossing) bool {
						if c.what == "dynamodb TransactWriteItems" {
							k++
						}
						return k == 2
					}
				} else {
					p.meet = func(_ int, c crossing) {
						if c.what != "dynamodb TransactWriteItems" || busy {
							return
						}
						if k++; k == 2 {
							busy = true
							for n := 3; n < 55; n++ {
								w.patchOne(pid, day(n), sim.Event{"location": fmt.Sprint("hall ", n)}, sim.SpanThis)
							}
							w.sync()
						}
					}
				}
				if what == "deleted" {
					w.must(p.editor.Delete(context.Background(), w.by, target(id)))
				} else {
					at := day(0)
					at.At = at.At.Add(time.Hour)
					_, err := p.editor.Change(context.Background(), w.by, target(id), movedTo(at, time.Hour))
					w.must(err)
				}
				w.settle()
				w.rest(3)
				here, there := w.shownHere(), w.shownThere()
				if !slices.Equal(here, there) {
					t.Errorf("Aura shows %d, Google %d", len(here), len(there))
				}
				if what == "deleted" && dies && len(here) != 0 {
					t.Errorf("the deletion came to nothing: %q", here)
				}
				w.wantConverged("in the end")
			})
		}
	}
}

// "This and following" at an occurrence that has something of its own changes that
// one too.
func TestFollowingAtAnEditedOccurrence(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name   string
		at     int
		pushed bool
		title  string
	}{
		{"before a push", 4, false, "new"},
		{"after it", 4, true, "new"},
		{"at the first", 0, true, "new"},
		{"as the series has it", 4, true, "S"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := connected(t)
			w.there(weekly("S"))
			w.sync()
			w.pass(time.Minute)
			id := w.row("S").ID
			w.change(one(id, nth(c.at), edit.This), titled("late"))
			if c.pushed {
				w.settle()
				w.rest(1)
			}
			w.change(one(id, nth(c.at), edit.Following), titled(c.title))
			w.settle()
			w.rest(2)
			w.wantSame("in the end", []string{text(nth(c.at), c.title), text(nth(c.at+1), c.title)}, []string{text(nth(c.at), "late")})
			w.wantConverged("in the end")
		})
	}
}

// Where a division and an edit of the whole change the same field, the newer holds
// in the second half, and the other is named.
func TestADivisionAgainstAnEditOfTheWholeIsNamed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name string
		do   func(w *world, id, pid string)
		want []string
	}{
		{"divided here, then the whole renamed there", func(w *world, id, pid string) {
			w.change(one(id, nth(4), edit.Following), titled("Y"))
			w.pass(time.Minute)
			w.patchThere(pid, sim.Event{"summary": "T"})
		}, []string{text(nth(3), "T"), text(nth(4), "T")}},
		{"the whole renamed there, then divided here", func(w *world, id, pid string) {
			w.patchThere(pid, sim.Event{"summary": "T"})
			w.pass(time.Minute)
			w.change(one(id, nth(4), edit.Following), titled("Y"))
		}, []string{text(nth(3), "T"), text(nth(4), "Y")}},
		{"divided there, then the whole renamed here", func(w *world, id, pid string) {
			w.patchOne(pid, nth(4), sim.Event{"summary": "Y"}, sim.SpanFollowing)
			w.pass(time.Minute)
			w.change(target(id), titled("T"))
		}, []string{text(nth(3), "T"), text(nth(4), "T")}},
		{"the whole renamed here, then divided there", func(w *world, id, pid string) {
			w.change(target(id), titled("T"))
			w.pass(time.Minute)
			w.patchOne(pid, nth(4), sim.Event{"summary": "Y"}, sim.SpanFollowing)
		}, []string{text(nth(3), "T"), text(nth(4), "Y")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := connected(t)
			pid := w.there(weekly("S"))
			w.sync()
			w.pass(time.Minute)
			c.do(w, w.row("S").ID, pid)
			w.settle()
			w.rest(1)
			w.wantSame("in the end", c.want, nil)
			if !slices.ContainsFunc(w.told(), func(s string) bool { return strings.HasPrefix(s, "conflict") }) {
				t.Errorf("the value that lost is named nowhere: %q", w.told())
			}
			w.wantConverged("in the end")
		})
	}
}
