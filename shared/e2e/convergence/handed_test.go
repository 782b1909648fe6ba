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

// divideThere divides a series at Google, which gives the second half a place.
func (w *world) divideThere(pid string, at int) {
	w.Helper()
	w.patchOne(pid, nth(at), sim.Event{"location": "Hall"}, sim.SpanFollowing)
}

// TestTheWholeReachesBothHalvesWhereverARunDies kills the run that learns of a
// division, under an edit of the whole that waits, at each of its steps.
func TestTheWholeReachesBothHalvesWhereverARunDies(t *testing.T) {
	t.Parallel()
	begin := func(t *testing.T) (*world, *process) {
		w := connected(t)
		pid := w.there(weekly("S"))
		w.sync()
		w.sync()
		w.queue.msgs = nil
		w.pass(time.Minute)
		w.change(target(w.row("S").ID), titled("T"))
		w.divideThere(pid, 4)
		p := w.process(3)
		p.worker.Events = unlinked{p.db.Events}
		return w, p
	}
	probe, p := begin(t)
	probe.must(p.worker.Handle(context.Background(), probe.job(integration.TriggerAuraEdit)))
	for n, c := range p.crossings() {
		for _, when := range []string{"before", "after"} {
			t.Run(fmt.Sprint(n, " ", c.what, " ", when), func(t *testing.T) {
				t.Parallel()
				w, p := begin(t)
				die := func(i int, _ crossing) bool { return i == n+1 }
				if when == "before" {
					p.before = die
				} else {
					p.after = die
				}
				j := w.job(integration.TriggerAuraEdit)
				w.queue.msgs = nil
				_ = p.worker.Handle(context.Background(), j)
				w.queue.msgs = append(w.queue.msgs, message{job: j, at: w.now()})
				w.heal()
				w.wantBothHalves("T")
			})
		}
	}
}

// unlinked is a store whose index of links is behind with everything.
type unlinked struct{ calendar.Store }

func (unlinked) Links(context.Context, string, string, string, string) ([]calendar.LinkRow, string, error) {
	return nil, "", nil
}

// TestTheWholeIsDividedWhileItIsPushed divides the series at each step of the run
// that pushes an edit of the whole, which dies there or goes on.
func TestTheWholeIsDividedWhileItIsPushed(t *testing.T) {
	t.Parallel()
	interrupted{
		edit:  func(w *world, id string) { w.change(target(id), titled("T")) },
		there: func(w *world, pid string) { w.divideThere(pid, 4) },
		want:  func(_ *testing.T, w *world, _ []crossing, _ int) { w.wantBothHalves("T") },
	}.atEachStep(t)
}

func (w *world) wantBothHalves(title string) {
	w.Helper()
	w.wantSame("in the end", []string{text(nth(3), title), text(nth(4), title), text(nth(9), title)}, []string{text(nth(3), "S"), text(nth(4), "S")})
	if got := w.resourcesIn("Hall"); got != 1 {
		w.Errorf("%d series at Google have the place that the division gave, want one", got)
	}
	w.wantConverged("at rest")
}

func (w *world) resourcesIn(place string) (n int) {
	for _, r := range w.resources() {
		if r["location"] == place {
			n++
		}
	}
	return n
}

// The push may rest, or be refused, when the division is pulled, and be made by a
// later run that hears nothing of it any more.
func TestTheWholeReachesBothHalvesInALaterRun(t *testing.T) {
	t.Parallel()
	note := "of the second half"
	for _, c := range []struct {
		name           string
		again          bool // the whole is edited once more, after it was divided
		before, during func(w *world, id, pid string)
		want, never    []string
	}{
		{name: "plainly"},
		{name: "an older half is another's", before: func(w *world, _, pid string) {
			w.divideThere(pid, 7)
			w.rest(1)
		}, want: []string{text(nth(7), "S")}},
		{name: "the half is edited here meanwhile", during: func(w *world, id, _ string) {
			w.pass(time.Minute)
			w.change(target(w.half(id)), titled("newer"))
		}, want: []string{text(nth(3), "T"), text(nth(4), "newer")}, never: []string{text(nth(4), "T")}},
		{name: "the half is edited here meanwhile, the whole was after its division", again: true, during: func(w *world, id, _ string) {
			w.pass(time.Minute)
			w.change(target(w.half(id)), titled("newer"))
		}, want: []string{text(nth(3), "T"), text(nth(4), "newer")}, never: []string{text(nth(4), "T")}},
		{name: "something else of the half is edited here meanwhile", during: func(w *world, id, _ string) {
			w.change(target(w.half(id)), edit.Patch{Description: &note})
		}, want: []string{text(nth(4), "T")}},
		{name: "the half is deleted here meanwhile", during: func(w *world, id, _ string) {
			w.remove(target(w.half(id)))
		}, want: []string{text(nth(3), "T")}, never: []string{text(nth(4), "T"), text(nth(4), "S")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := connected(t)
			pid := w.there(weekly("S"))
			w.sync()
			w.pass(time.Minute)
			id := w.row("S").ID
			if c.before != nil {
				c.before(w, w.idHere(pid), pid)
				w.pass(time.Minute)
				id = w.idHere(pid)
			}
			w.change(target(id), titled("T"))
			w.fail(func(r *http.Request) googlesim.Decision { // no write is taken
				if r.Method != http.MethodGet && strings.Contains(r.URL.Path, "/events") {
					return googlesim.Decision{Answer: googlesim.Refusal(403, "usageLimits", "quotaExceeded", "no")}
				}
				return googlesim.Decision{}
			})
			w.settle()
			w.divideThere(pid, 4)
			if c.again {
				w.pass(time.Minute)
				w.change(target(id), titled("T2"))
				w.change(target(id), titled("T"))
			}
			w.rest(1)
			if c.during != nil {
				c.during(w, id, pid)
			}
			w.fail(nil)
			w.pass(5 * time.Hour)
			w.rest(2)
			want := c.want
			if want == nil {
				want = []string{text(nth(3), "T"), text(nth(4), "T"), text(nth(9), "T")}
			}
			w.wantSame("in the end", want, append(c.never, text(nth(3), "S")))
			w.wantConverged("at rest")
		})
	}
}

// TestTheWholeReachesMoreHalvesThanOneTransactionTakes: a series is divided into very
// many parts, and the run that hands the edit on goes on or dies between the
// transactions that this takes.
func TestTheWholeReachesMoreHalvesThanOneTransactionTakes(t *testing.T) {
	t.Parallel()
	const halves = calendar.MostPairs + 5
	day := func(n int) calendar.Time { return calendar.Time{At: nth(0).At.AddDate(0, 0, n), Zone: nth(0).Zone} }
	for _, dies := range []bool{false, true} {
		t.Run(fmt.Sprintf("dies %v", dies), func(t *testing.T) {
			t.Parallel()
			w := connected(t)
			e := weekly("S")
			e["recurrence"] = []any{fmt.Sprintf("RRULE:FREQ=DAILY;COUNT=%d", halves+1)}
			pid := w.there(e)
			w.sync()
			w.pass(time.Minute)
			id := w.row("S").ID
			w.change(target(id), titled("T"))
			w.queue.msgs = nil
			w.pass(time.Minute)
			for n := halves; n > 0; n-- {
				w.patchOne(pid, day(n), sim.Event{"location": "Hall"}, sim.SpanFollowing)
			}
			if dies {
				p := w.process(3)
				p.after = func(_ int, c crossing) bool {
					if c.what != "dynamodb TransactWriteItems" {
						return false
					}
					shown := slices.DeleteFunc(w.shownHere(), func(s string) bool { return !strings.HasSuffix(s, "T") })
					return len(shown) > 2
				}
				_ = p.worker.Handle(context.Background(), w.job(integration.TriggerAuraEdit))
				w.pass(integration.Visibility)
			}
			w.rest(3)
			var want, never []string
			for n := range halves + 1 {
				want, never = append(want, text(day(n), "T")), append(never, text(day(n), "S"))
			}
			w.wantSame("in the end", want, never)
			w.wantConverged("at rest")
		})
	}
}

// half gives the id of the series that a division made of another.
func (w *world) half(of string) string {
	w.Helper()
	for _, r := range w.resources() {
		if pid, _ := r["id"].(string); r["location"] == "Hall" {
			if id := w.idHere(pid); id != of {
				return id
			}
		}
	}
	w.Fatal("there is no second half")
	return ""
}

// A series that is moved on one side and divided on the other isn't moved in its
// second half: when each half is, is its own. It is named.
func TestAMoveOfTheWholeAgainstADivisionIsNamed(t *testing.T) {
	t.Parallel()
	later := nth(0)
	later.At = later.At.Add(time.Hour)
	w := connected(t)
	pid := w.there(weekly("S"))
	w.sync()
	w.pass(time.Minute)
	w.change(target(w.row("S").ID), movedTo(later, time.Hour))
	w.divideThere(pid, 4)
	w.settle()
	w.rest(1)
	moved := calendar.Time{At: nth(3).At.Add(time.Hour)}
	w.wantSame("in the end", []string{text(moved, "S"), text(nth(4), "S")}, []string{text(nth(3), "S")})
	if !slices.ContainsFunc(w.conflicts(), func(d integration.Decision) bool { return d.Field == string(calendar.FieldWhen) }) {
		t.Errorf("nothing says that the second half isn't moved: %+v", w.conflicts())
	}
	w.wantConverged("at rest")
}
