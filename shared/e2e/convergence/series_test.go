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
	"aura.example/integrations/shared/recurrence"
)

// Series: occurrences edited and deleted on either side, divided, and changed as
// a whole while one of their occurrences is edited on the other.

// weekly is a series of ten at Google, from the first day on.
func weekly(title string) sim.Event {
	e := timed(title, 2)
	e["recurrence"] = []any{"RRULE:FREQ=WEEKLY;COUNT=10"}
	return e
}

func allDays(title string) sim.Event {
	return sim.Event{
		"summary": title, "recurrence": []any{"RRULE:FREQ=WEEKLY;COUNT=10"},
		"start": map[string]any{"date": "2031-05-05"}, "end": map[string]any{"date": "2031-05-06"},
	}
}

// nth is the original start of an occurrence of weekly, in weeks from the first.
func nth(n int) calendar.Time {
	madrid, _ := time.LoadLocation("Europe/Madrid")
	at := start.Add(2*time.Hour).In(madrid).AddDate(0, 0, 7*n)
	return calendar.Time{At: at.UTC(), Zone: "Europe/Madrid"}
}

func nthDay(n int) calendar.Time {
	return calendar.Time{Date: start.AddDate(0, 0, 7*n).Format(time.DateOnly)}
}

// one is a target: one occurrence of a series, and what of it.
func one(master string, original calendar.Time, scope edit.Scope) edit.Target {
	t := target(master)
	t.Original, t.Scope = &original, scope
	return t
}

func (w *world) change(t edit.Target, p edit.Patch) edit.Result {
	w.Helper()
	out, err := w.me.editor.Change(context.Background(), w.by, t, p)
	w.must(err)
	return out
}

func (w *world) remove(t edit.Target) {
	w.Helper()
	w.must(w.me.editor.Delete(context.Background(), w.by, t))
}

func titled(s string) edit.Patch { return edit.Patch{Title: &s} }

func movedTo(at calendar.Time, lasts time.Duration) edit.Patch {
	end := at
	if at.IsDate() {
		end.Date = at.Instant().Add(lasts).Format(time.DateOnly)
	} else {
		end.At = at.At.Add(lasts)
	}
	return edit.Patch{Start: &at, End: &end}
}

// instance gives Google's id of an occurrence, as a person finds it in the page.
func (w *world) instance(pid string, original calendar.Time) string {
	w.Helper()
	events, err := w.sim.Calendar.Events(w.email, w.email, start, start.AddDate(1, 0, 0))
	w.must(err)
	for _, e := range events {
		o, _ := e["originalStartTime"].(map[string]any)
		if e["recurringEventId"] != pid {
			continue
		}
		if original.IsDate() && o["date"] == original.Date {
			return e["id"].(string)
		}
		s, _ := o["dateTime"].(string)
		if at, err := time.Parse(time.RFC3339, s); err == nil && at.Equal(original.At) && !original.IsDate() {
			return e["id"].(string)
		}
	}
	w.Fatalf("Google has no occurrence of %s at %s", pid, original.Instant())
	return ""
}

func (w *world) patchOne(pid string, original calendar.Time, patch sim.Event, span sim.Span) {
	w.Helper()
	_, err := w.sim.Calendar.Patch(w.email, w.email, w.instance(pid, original), patch, span)
	w.must(err)
}

func (w *world) deleteOne(pid string, original calendar.Time, span sim.Span) {
	w.Helper()
	w.must(w.sim.Calendar.Delete(w.email, w.email, w.instance(pid, original), span))
}

// shownThere and shownHere give what people see in a year, on either side.
func (w *world) shownThere() []string {
	w.Helper()
	events, err := w.sim.Calendar.Events(w.email, w.email, start, start.AddDate(1, 0, 0))
	w.must(err)
	var out []string
	for _, e := range events {
		begin := e["start"].(map[string]any)
		at, _ := begin["date"].(string)
		if s, ok := begin["dateTime"].(string); ok {
			when, err := time.Parse(time.RFC3339, s)
			w.must(err)
			at = when.UTC().Format(time.RFC3339)
		}
		title, _ := e["summary"].(string)
		out = append(out, at+" "+title)
	}
	slices.Sort(out)
	return out
}

func (w *world) shownHere() []string {
	w.Helper()
	from, to := start, start.AddDate(1, 0, 0)
	rows, _, err := calendar.Shown(context.Background(), w.me.db.Events, w.account, from, to)
	w.must(err)
	var out []string
	for _, o := range recurrence.Expand(rows, recurrence.Range{From: from, To: to, Zone: "Europe/Madrid"}).Occurrences {
		at := o.Start.Date
		if at == "" {
			at = o.Start.At.UTC().Format(time.RFC3339)
		}
		out = append(out, at+" "+o.Row.Title)
	}
	slices.Sort(out)
	return out
}

// wantSame fails unless both sides show the same, all of want among it, and
// nothing that is unwanted.
func (w *world) wantSame(what string, want, never []string) {
	w.Helper()
	here, there := w.shownHere(), w.shownThere()
	if !slices.Equal(here, there) {
		w.Errorf("%s: Aura shows\n%s\nand Google\n%s", what, strings.Join(here, "\n"), strings.Join(there, "\n"))
	}
	for _, s := range want {
		if !slices.Contains(there, s) {
			w.Errorf("%s: nobody shows %q:\n%s", what, s, strings.Join(there, "\n"))
		}
	}
	for _, s := range never {
		if slices.Contains(there, s) {
			w.Errorf("%s: %q still shows", what, s)
		}
	}
}

func text(at calendar.Time, title string) string {
	if at.IsDate() {
		return at.Date + " " + title
	}
	return at.At.UTC().Format(time.RFC3339) + " " + title
}

func TestR11SeriesConvergeWhoeverEditsWhat(t *testing.T) {
	t.Parallel()
	place := "Room 7"
	for _, c := range []struct {
		name        string
		days        bool
		do          func(w *world, id, pid string) // both sides, before any sync
		then        func(w *world, id, pid string) // and after one
		want, never []string
	}{
		{name: "an occurrence changed here", do: func(w *world, id, _ string) { w.change(one(id, nth(2), edit.This), titled("X")) },
			want: []string{text(nth(2), "X"), text(nth(3), "S")}, never: []string{text(nth(2), "S")}},
		{name: "an occurrence moved across a change of clocks", do: func(w *world, id, _ string) {
			w.change(one(id, nth(2), edit.This), movedTo(calendar.Time{At: nth(2).At.AddDate(0, 6, 0), Zone: "Europe/Madrid"}, time.Hour))
		}, want: []string{text(calendar.Time{At: nth(2).At.AddDate(0, 6, 0)}, "S")}, never: []string{text(nth(2), "S")}},
		{name: "an occurrence moved across a change of clocks there", do: func(w *world, _, pid string) {
			w.patchOne(pid, nth(2), sim.Event{"start": timed("", 24*200)["start"], "end": timed("", 24*200)["end"]}, sim.SpanThis)
		}, never: []string{text(nth(2), "S")}},
		{name: "an occurrence deleted here", do: func(w *world, id, _ string) { w.remove(one(id, nth(2), edit.This)) },
			want: []string{text(nth(3), "S")}, never: []string{text(nth(2), "S")}},
		{name: "changed, then deleted, then synced again", do: func(w *world, id, _ string) { w.change(one(id, nth(2), edit.This), titled("X")) },
			then: func(w *world, id, _ string) { w.remove(one(id, nth(2), edit.This)) }, never: []string{text(nth(2), "S"), text(nth(2), "X")}},
		{name: "of a series of days", days: true, do: func(w *world, id, _ string) {
			w.change(one(id, nthDay(2), edit.This), titled("X"))
			w.remove(one(id, nthDay(4), edit.This))
		}, want: []string{text(nthDay(2), "X")}, never: []string{text(nthDay(4), "S")}},
		{name: "a day moved to a time", days: true, do: func(w *world, id, _ string) {
			w.change(one(id, nthDay(2), edit.This), movedTo(nth(3), time.Hour))
		}, want: []string{text(nth(3), "S")}, never: []string{text(nthDay(2), "S")}},
		{name: "here one, there the whole series", do: func(w *world, id, pid string) {
			w.change(one(id, nth(2), edit.This), titled("X"))
			w.patchThere(pid, sim.Event{"location": "Hall"})
		}, want: []string{text(nth(2), "X")}},
		{name: "there one, here the whole series", do: func(w *world, id, pid string) {
			w.patchOne(pid, nth(2), sim.Event{"summary": "X"}, sim.SpanThis)
			w.change(target(id), edit.Patch{Location: &place})
		}, want: []string{text(nth(2), "X")}},
		{name: "both the same occurrence, another field", do: func(w *world, id, pid string) {
			w.change(one(id, nth(2), edit.This), edit.Patch{Location: &place})
			w.patchOne(pid, nth(2), sim.Event{"summary": "X"}, sim.SpanThis)
		}, want: []string{text(nth(2), "X")}},
		{name: "changed here, deleted there: the edit survives", do: func(w *world, id, pid string) {
			w.change(one(id, nth(2), edit.This), titled("X"))
			w.deleteOne(pid, nth(2), sim.SpanThis)
		}, want: []string{text(nth(2), "X")}},
		{name: "deleted here, changed there: the edit survives", do: func(w *world, id, pid string) {
			w.remove(one(id, nth(2), edit.This))
			w.patchOne(pid, nth(2), sim.Event{"summary": "X"}, sim.SpanThis)
		}, want: []string{text(nth(2), "X")}},
		{name: "deleted on both sides", do: func(w *world, id, pid string) {
			w.remove(one(id, nth(2), edit.This))
			w.deleteOne(pid, nth(2), sim.SpanThis)
		}, never: []string{text(nth(2), "S")}},
		{name: "deleted here, and its date taken out of the rule there", do: func(w *world, id, pid string) {
			w.remove(one(id, nth(8), edit.This))
			w.patchThere(pid, sim.Event{"recurrence": []any{"RRULE:FREQ=WEEKLY;COUNT=5"}})
		}, never: []string{text(nth(8), "S")}},
		{name: "deleted there and restored there", do: func(w *world, _, pid string) {
			inst := w.instance(pid, nth(2))
			w.must(w.sim.Calendar.Delete(w.email, w.email, inst, sim.SpanThis))
			w.sync()
			w.patchThere(pid, sim.Event{"recurrence": []any{"RRULE:FREQ=WEEKLY;COUNT=9"}})
		}, never: []string{text(nth(2), "S")}},
		{name: "an EXDATE there beside a hole here", do: func(w *world, id, pid string) {
			w.remove(one(id, nth(2), edit.This))
			w.patchThere(pid, sim.Event{"recurrence": []any{"RRULE:FREQ=WEEKLY;COUNT=10", "EXDATE;TZID=Europe/Madrid:" + madridText(nth(3))}})
		}, never: []string{text(nth(2), "S"), text(nth(3), "S")}},
		{name: "divided here", do: func(w *world, id, _ string) {
			w.change(one(id, nth(7), edit.This), titled("late"))
			w.change(one(id, nth(4), edit.Following), titled("Y"))
		}, want: []string{text(nth(3), "S"), text(nth(4), "Y"), text(nth(7), "late")}, never: []string{text(nth(4), "S")}},
		{name: "divided here after a late occurrence was pushed", do: func(w *world, id, _ string) { w.change(one(id, nth(7), edit.This), titled("late")) },
			then: func(w *world, id, _ string) { w.change(one(id, nth(4), edit.Following), titled("Y")) },
			want: []string{text(nth(3), "S"), text(nth(4), "Y"), text(nth(7), "late")}},
		{name: "divided there with an exception on each half", do: func(w *world, _, pid string) {
			w.patchOne(pid, nth(2), sim.Event{"summary": "early"}, sim.SpanThis)
			w.patchOne(pid, nth(7), sim.Event{"summary": "late"}, sim.SpanThis)
			w.sync()
			w.patchOne(pid, nth(4), sim.Event{"summary": "Y"}, sim.SpanFollowing)
		}, want: []string{text(nth(2), "early"), text(nth(4), "Y"), text(nth(7), "late")}},
		{name: "divided there, then one of the new half edited here", do: func(w *world, _, pid string) {
			w.patchOne(pid, nth(4), sim.Event{"summary": "Y"}, sim.SpanFollowing)
		}, then: func(w *world, _, _ string) {
			tail := w.row("Y")
			w.change(one(tail.ID, nth(6), edit.This), titled("X"))
		}, want: []string{text(nth(6), "X"), text(nth(5), "Y")}},
		{name: "ended here", do: func(w *world, id, _ string) { w.remove(one(id, nth(4), edit.Following)) },
			want: []string{text(nth(3), "S")}, never: []string{text(nth(4), "S"), text(nth(9), "S")}},
		{name: "ended there, with a late exception", do: func(w *world, id, pid string) {
			w.change(one(id, nth(7), edit.This), titled("late"))
			w.sync()
			w.deleteOne(pid, nth(4), sim.SpanFollowing)
		}, never: []string{text(nth(4), "S"), text(nth(7), "late")}},
		{name: "the whole series deleted here, with exceptions", do: func(w *world, id, _ string) { w.change(one(id, nth(7), edit.This), titled("late")) },
			then: func(w *world, id, _ string) { w.remove(target(id)) }, never: []string{text(nth(7), "late"), text(nth(0), "S")}},
		{name: "the whole series deleted there, with exceptions", do: func(w *world, id, _ string) { w.change(one(id, nth(7), edit.This), titled("late")) },
			then: func(w *world, _, pid string) { w.deleteThere(pid) }, never: []string{text(nth(7), "late"), text(nth(0), "S")}},
		{name: "the whole series moved here, with an exception", do: func(w *world, id, _ string) {
			w.change(one(id, nth(7), edit.This), titled("late"))
			w.sync()
			at := nth(0)
			at.At = at.At.Add(time.Hour)
			w.change(target(id), movedTo(at, time.Hour))
		}, never: []string{text(nth(7), "late"), text(nth(0), "S")}},
		{name: "an occurrence of a series that isn't pushed yet", do: func(w *world, _, _ string) {
			c := content("mine", 50)
			c.Recurrence = []string{"RRULE:FREQ=DAILY;COUNT=5"}
			row, _, err := w.me.editor.Create(context.Background(), w.by, c, "")
			w.must(err)
			at := c.Start
			at.At = at.At.AddDate(0, 0, 1)
			w.change(one(row.ID, at, edit.This), titled("mine, too"))
			at.At = at.At.AddDate(0, 0, 1)
			w.remove(one(row.ID, at, edit.This))
		}, want: []string{text(calendar.Time{At: start.Add(74 * time.Hour)}, "mine, too")}, never: []string{text(calendar.Time{At: start.Add(98 * time.Hour)}, "mine")}},
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
			c.do(w, id, pid)
			if c.then != nil {
				w.settle()
				w.sync()
				c.then(w, id, pid)
			}
			w.settle()
			w.sync()
			w.wantSame("after one sync", c.want, c.never)
			w.wantConverged("at rest")
		})
	}
}

func madridText(t calendar.Time) string {
	madrid, _ := time.LoadLocation("Europe/Madrid")
	return t.At.In(madrid).Format("20060102T150405")
}

// TestAnOccurrenceThatCantBeWrittenIsSetAsideWithItsReason: an edit that has no
// place at Google any more is kept and named, and goes where the user deletes it.
func TestAnOccurrenceThatCantBeWrittenIsSetAsideWithItsReason(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, code string
		there      func(w *world, pid string)
	}{
		{"its date is no more", "occurrence_gone", func(w *world, pid string) {
			w.patchThere(pid, sim.Event{"recurrence": []any{"RRULE:FREQ=WEEKLY;COUNT=5"}})
		}},
		{"its series is no more", "series_gone", func(w *world, pid string) { w.deleteThere(pid) }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := connected(t)
			pid := w.there(weekly("S"))
			w.sync()
			id := w.row("S").ID
			made := w.change(one(id, nth(8), edit.This), titled("X"))
			c.there(w, pid)
			w.settle()
			w.sync()
			list, err := w.me.db.Events.Quarantined(context.Background(), w.account)
			w.must(err)
			if len(list) != 1 || list[0].Code != c.code || list[0].EventID != made.Row.ID || list[0].Reason == "" {
				t.Fatalf("set aside: %+v, want %s", list, c.code)
			}
			if here := w.shownHere(); !slices.Contains(here, text(nth(8), "X")) {
				t.Errorf("the edit isn't kept: %q", here)
			}
			calls := w.process(3)
			w.pass(time.Minute)
			w.must(calls.worker.Handle(context.Background(), w.job(integration.TriggerSchedule)))
			if n := calls.writes("/calendar/"); n > 0 {
				t.Errorf("what is set aside is tried again: %d writes", n)
			}
			w.remove(target1(made.Row.ID))
			w.settle()
			w.sync()
			w.wantConverged("after the user deleted it")
		})
	}
}

// target1 is one occurrence by its own id.
func target1(id string) edit.Target {
	t := target(id)
	t.Scope = edit.This
	return t
}

// TestADeletedOccurrenceVanishesAtOnce from a range, before any sync.
func TestADeletedOccurrenceVanishesAtOnce(t *testing.T) {
	t.Parallel()
	w := connected(t)
	w.there(weekly("S"))
	w.sync()
	id := w.row("S").ID
	w.change(one(id, nth(3), edit.This), titled("X"))
	w.settle()
	w.remove(one(id, nth(2), edit.This))
	w.remove(one(id, nth(3), edit.This))
	here := w.shownHere()
	if slices.Contains(here, text(nth(2), "S")) || slices.Contains(here, text(nth(3), "X")) || slices.Contains(here, text(nth(3), "S")) || len(here) != 8 {
		t.Errorf("still shown: %q", here)
	}
}

// TestACancelledOccurrenceIsNamedAfterItsSeries: Google says of it no more than when
// it would have been, and a decision without a title says nothing to anybody. A
// first sync names none: those are as much of the calendar as all the rest.
func TestACancelledOccurrenceIsNamedAfterItsSeries(t *testing.T) {
	t.Parallel()
	titles := func(w *world, what string) (out []string) {
		for _, d := range w.decisions() {
			if d.What == what {
				out = append(out, d.Title)
			}
		}
		return out
	}
	w := connected(t)
	pid := w.there(weekly("S"))
	w.sync()
	w.deleteOne(pid, nth(2), sim.SpanThis)
	w.sync()
	w.deleteOne(pid, nth(3), sim.SpanThis)
	j := w.job(integration.TriggerSchedule)
	j.Full = true
	w.pass(time.Minute)
	w.must(w.me.worker.Handle(context.Background(), j))
	if got := titles(w, "occurrence_removed"); !slices.Equal(got, []string{"S", "S"}) {
		t.Errorf("named %q", got)
	}
	w.deleteThere(pid)
	w.sync()
	if got := titles(w, "deleted"); len(got) < 2 || slices.Contains(got, "") {
		t.Errorf("with the series went %q", got)
	}

	late := newWorld(t)
	pid = late.there(weekly("S"))
	late.deleteOne(pid, nth(2), sim.SpanThis)
	_, err := late.me.service.Create(context.Background(), late.caller, late.key.Provider)
	late.must(err)
	late.must(late.me.authorize(context.Background()))
	late.settle()
	if got := late.decisions(); len(got) != 0 {
		t.Errorf("a first sync decides %+v", got)
	}
}
