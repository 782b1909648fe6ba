package convergence_test

import (
	"context"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/edit"
	"aura.example/integrations/shared/integration"
)

// TestBothSidesDivideWhileItIsPushed has Google's person divide the series at each step
// of the run that pushes Aura's division: one half has been sent by then, or both, or
// it wasn't heard whether they were. The run goes on or dies there. The quick form takes the
// steps that write to Google.
func TestBothSidesDivideWhileItIsPushed(t *testing.T) {
	t.Parallel()
	for _, first := range []string{"the second half", "the first half"} {
		for _, later := range []bool{true, false} {
			begin := func(t *testing.T) (w *world, pid string, here, there int) {
				w = connected(t)
				pid = w.there(weekly("S"))
				w.sync()
				w.sync()
				w.queue.msgs = nil
				w.pass(time.Minute)
				here = w.sendsFirst(w.row("S"), first == "the second half")
				w.change(one(w.row("S").ID, nth(here), edit.Following), titled("Y"))
				if later {
					return w, pid, here, here + 2
				}
				return w, pid, here, here - 2
			}
			probe, _, _, _ := begin(t)
			p := probe.process(3)
			probe.must(p.worker.Handle(context.Background(), probe.job(integration.TriggerAuraEdit)))
			for n, step := range p.crossings() {
				if !long() && (!step.write || !strings.HasPrefix(step.what, "google")) {
					continue
				}
				for _, dies := range []bool{false, true} {
					t.Run(fmt.Sprintf("%s first, later there %v, %d %s dies %v", first, later, n+1, step.what, dies), func(t *testing.T) {
						t.Parallel()
						w, pid, here, there := begin(t)
						p := w.process(3)
						hall := 0 // how far the person's edit goes
						p.meet = func(i int, _ crossing) {
							if i == n+1 {
								hall = w.divideWhatShows(pid, there, here)
							}
						}
						if dies {
							p.after = func(i int, _ crossing) bool { return i == n+1 }
						}
						j := w.job(integration.TriggerAuraEdit)
						w.queue.msgs = nil
						_ = p.worker.Handle(context.Background(), j)
						w.queue.msgs = append(w.queue.msgs, message{job: j, at: w.now()})
						w.heal()
						w.rest(2)
						var want []string
						for n := range 10 {
							s := "S"
							if n >= here {
								s = "Y"
							}
							if n >= there && n < hall {
								s += " Hall"
							}
							want = append(want, s)
						}
						w.wantWeeks(want...)
						w.wantSame("in the end", nil, nil)
						w.wantConverged("in the end")
					})
				}
			}
		}
	}
}

// sendsFirst gives an occurrence where the series is divided so that its second half is
// sent first, or last: the outbox goes by ids. Where none is so, any is.
func (w *world) sendsFirst(series *calendar.Row, second bool) int {
	w.Helper()
	for n := 3; n < 7; n++ {
		tail := calendar.DerivedID("following", series.ID, calendar.OccurrenceKey(nth(n)), strconv.FormatInt(series.Version, 10))
		if (tail < series.ID) == second {
			return n
		}
	}
	return 3
}

// divideWhatShows divides the series, or the half that Aura sent, by what Google shows
// at an occurrence, and says up to which one the edit is meant.
func (w *world) divideWhatShows(pid string, there, here int) int {
	w.Helper()
	shows := func(n int, s string) bool { return slices.Contains(w.shownThere(), text(nth(n), s)) }
	switch {
	case shows(there, "S"):
		whole := shows(9, "S")
		w.divideThere(pid, there)
		if !whole {
			return here
		}
	case shows(there, "Y"):
		for _, r := range w.resources() {
			if r["summary"] == "Y" {
				w.divideThere(r["id"].(string), there)
			}
		}
	default:
		return 0
	}
	return 10
}
