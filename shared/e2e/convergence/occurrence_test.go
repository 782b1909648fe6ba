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

// daily is a series at Google, five days long unless its rule says otherwise.
func daily(title string, hour int, rule ...string) sim.Event {
	e := timed(title, hour)
	e["recurrence"] = []any{"RRULE:FREQ=DAILY;COUNT=5"}
	if len(rule) > 0 {
		e["recurrence"] = []any{rule[0]}
	}
	return e
}

// nth is the original start of a series' n-th occurrence.
func (w *world) nth(series *calendar.Row, n int) calendar.Time {
	w.Helper()
	spans, _ := recurrence.Reckoner{}.Occurrences(series, series.Start.Instant(), series.Start.Instant().AddDate(0, 1, 0))
	if n >= len(spans) {
		w.Fatalf("%s has %d occurrences", series.Title, len(spans))
	}
	return spans[n].Start
}

// at aims at the n-th occurrence of a series in Aura.
func (w *world) at(title string, n int, scope edit.Scope) edit.Target {
	w.Helper()
	row := w.series(title)
	original, no := w.nth(row, n), false
	return edit.Target{ID: row.ID, Original: &original, Scope: scope, Unchanged: func(*calendar.Row) bool { return true }, Notify: &no}
}

// series is the series with a title, and not an exception that has it too.
func (w *world) series(title string) *calendar.Row {
	w.Helper()
	for _, it := range w.items() {
		sk, _ := it["sk"].(string)
		if it["ti"] == title && it["m"] == nil && strings.HasPrefix(sk, "E#") {
			rows, err := w.me.db.Events.Rows(context.Background(), w.account, []string{sk[2:]})
			w.must(err)
			return rows[sk[2:]]
		}
	}
	w.Fatalf("there is no series %q", title)
	return nil
}

func (w *world) changeHere(t edit.Target, p edit.Patch) {
	w.Helper()
	_, err := w.me.editor.Change(context.Background(), w.by, t, p)
	w.must(err)
}

func (w *world) deleteHere(t edit.Target) {
	w.Helper()
	w.must(w.me.editor.Delete(context.Background(), w.by, t))
}

// instanceOf is the id at Google of the n-th occurrence of a series as it began.
func (w *world) instanceOf(title string, n int) string {
	w.Helper()
	row := w.row(title)
	at := w.nth(row, n)
	form := "20060102T150405Z"
	if at.IsDate() {
		form = "20060102"
	}
	return row.Link.ProviderID + "_" + at.Instant().Format(form)
}

func (w *world) changeThere(id string, span sim.Span, patch sim.Event) {
	w.Helper()
	_, err := w.sim.Calendar.Patch(w.email, w.email, id, patch, span)
	w.must(err)
}

// days is what the calendar shows at Google, each occurrence by title and start.
func (w *world) days() []string {
	w.Helper()
	var out []string
	events, err := w.sim.Calendar.Events(w.email, w.email, start, start.AddDate(0, 8, 0))
	w.must(err)
	for _, e := range events {
		begin, _ := e["start"].(map[string]any)
		at, _ := begin["dateTime"].(string)
		if at == "" {
			at, _ = begin["date"].(string)
		}
		title, _ := e["summary"].(string)
		out = append(out, title+" "+at[:min(len(at), 13)])
	}
	slices.Sort(out)
	return out
}

// here is the same in Aura.
func (w *world) daysHere() []string {
	w.Helper()
	from, to := start, start.AddDate(0, 2, 0)
	rows, err := w.me.db.Events.Range(context.Background(), w.account, from, to)
	w.must(err)
	zone, _ := time.LoadLocation("Europe/Madrid")
	var out []string
	for _, o := range recurrence.Expand(rows, recurrence.Range{From: from, To: to, Zone: "Europe/Madrid"}).Occurrences {
		at := o.Start.Date
		if at == "" {
			at = o.Start.At.In(zone).Format(time.RFC3339)
		}
		out = append(out, o.Row.Title+" "+at[:min(len(at), 13)])
	}
	slices.Sort(out)
	return out
}

// TestOccurrencesFollowTheirSeries edits occurrences that are no exceptions yet
// while their series changes on the other side: what an occurrence wasn't given of
// its own follows the series, what it was given stays, and a hole stays a hole.
func TestOccurrencesFollowTheirSeries(t *testing.T) {
	t.Parallel()
	title := func(s string) edit.Patch { return edit.Patch{Title: &s} }
	for _, c := range []struct {
		name string
		of   sim.Event // "s" at Google; nil: born in Aura
		do   func(w *world)
		want string // titles of the five days, "-" for none, in the order of the days
	}{
		{"one is renamed twice here", daily("s", 25), func(w *world) {
			w.changeHere(w.at("s", 1, edit.This), title("x"))
			w.settle()
			w.changeHere(w.at("s", 1, edit.This), title("y"))
		}, "s y s s s"},
		{"all are renamed here, one before", daily("s", 25), func(w *world) {
			w.changeHere(w.at("s", 1, edit.This), title("x"))
			w.changeHere(w.at("s", 0, edit.All), title("z"))
		}, "z x z z z"},
		{"one is renamed here, the series there", daily("s", 25), func(w *world) {
			w.changeHere(w.at("s", 1, edit.This), title("x"))
			w.changeThere(w.row("s").Link.ProviderID, sim.SpanAll, sim.Event{"summary": "t"})
		}, "t x t t t"},
		{"one is deleted here, the series renamed there", daily("s", 25), func(w *world) {
			w.deleteHere(w.at("s", 1, edit.This))
			w.changeThere(w.row("s").Link.ProviderID, sim.SpanAll, sim.Event{"summary": "t"})
		}, "t - t t t"},
		{"one is renamed here, the series' place changed there", daily("s", 25), func(w *world) {
			w.changeHere(w.at("s", 1, edit.This), title("x"))
			w.changeThere(w.row("s").Link.ProviderID, sim.SpanAll, sim.Event{"location": "there"})
		}, "s x s s s"},
		{"one here, then following there before it is pushed", daily("s", 25), func(w *world) {
			id := w.instanceOf("s", 1)
			w.changeHere(w.at("s", 0, edit.This), title("x"))
			w.changeThere(id, sim.SpanFollowing, sim.Event{"summary": "t"})
		}, "x t t t t"},
		{"born here: renamed and deleted before it was ever pushed", nil, func(w *world) {
			c := content("s", 25)
			c.Recurrence = []string{"RRULE:FREQ=DAILY;COUNT=5"}
			w.must(w.me.create(context.Background(), c, "k"))
			w.changeHere(w.at("s", 1, edit.This), title("x"))
			w.deleteHere(w.at("s", 3, edit.This))
		}, "s x s - s"},
		{"the series is moved there and back again, over a hole", daily("s", 25), func(w *world) {
			series := w.row("s").Link.ProviderID
			w.must(w.sim.Calendar.Delete(w.email, w.email, w.instanceOf("s", 1), sim.SpanThis))
			w.settle()
			w.sync()
			for _, hour := range []int{27, 25} {
				e := timed("s", hour)
				w.changeThere(series, sim.SpanAll, sim.Event{"start": e["start"], "end": e["end"]})
				w.pass(time.Minute)
				w.sync()
			}
		}, ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			var w *world
			if c.of != nil {
				w = connected(t, c.of)
			} else {
				w = connected(t)
			}
			w.pass(time.Minute)
			c.do(w)
			w.settle()
			w.pass(time.Minute)
			w.sync()
			w.settle()
			w.wantConverged(c.name)
			there, here := w.days(), w.daysHere()
			if !slices.Equal(there, here) {
				t.Errorf("Google shows %q, Aura %q", there, here)
			}
			if c.want == "" { // whatever Google makes of it
				return
			}
			var want []string
			for i, s := range strings.Fields(c.want) {
				if s != "-" {
					want = append(want, s+" "+start.AddDate(0, 0, i+1).Format(time.DateOnly))
				}
			}
			slices.Sort(want)
			for i := range there {
				there[i] = strings.SplitN(there[i], "T", 2)[0]
			}
			if !slices.Equal(there, want) {
				t.Errorf("shown: %q, want %q", there, want)
			}
		})
	}
}

// TestAHopelessEditIsNotTriedForEver sets an edit aside whose occurrence left
// while it waited.
func TestAHopelessEditIsNotTriedForEver(t *testing.T) {
	t.Parallel()
	w := connected(t, daily("s", 25))
	w.pass(time.Minute)
	series := w.row("s").Link.ProviderID
	x := "x"
	w.changeHere(w.at("s", 3, edit.This), edit.Patch{Title: &x})
	w.changeThere(series, sim.SpanAll, sim.Event{"recurrence": []any{"RRULE:FREQ=DAILY;COUNT=2"}})
	w.settle()
	if w.row("x") == nil {
		t.Fatal("the edit is gone")
	}
	p := w.process(3)
	w.pass(time.Minute)
	w.must(p.worker.Handle(context.Background(), w.job(integration.TriggerSchedule)))
	if n := p.writes("/calendar/") + p.writes(w.site.names.Events); n > 0 {
		t.Errorf("a hopeless edit is written again: %v", p.crossings())
	}
}
