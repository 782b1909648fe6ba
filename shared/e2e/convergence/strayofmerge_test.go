package convergence_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/edit"
	sim "aura.example/integrations/shared/googlesim/calendarv3"
)

// TestAMergeLeavesASeriesInStep: Aura's person moves a series to another day of the
// week, and somebody at Google shortens it meanwhile. Of the two the later stays, with
// start and rule together, so that both sides show the same; what lost is named.
func TestAMergeLeavesASeriesInStep(t *testing.T) {
	t.Parallel()
	for name, later := range map[string]string{"Google's is the later": "provider", "Aura's is the later": "aura"} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := connected(t)
			w.sim.Calendar.TreatStrays(sim.StrayLeftOut)
			e := timed("S", 2)
			e["recurrence"] = []any{"RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=10"}
			pid := w.there(e)
			w.rest(1)
			move := func() {
				at := nth(0)
				at.At = at.At.Add(24 * time.Hour)
				w.change(one(w.row("S").ID, nth(0), edit.All), movedTo(at, time.Hour))
				w.queue.msgs = nil
			}
			shorten := func() {
				w.patchThere(pid, sim.Event{"recurrence": []any{"RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=6"}})
			}
			first, second, want := move, shorten, 6
			if later == "aura" {
				first, second, want = shorten, move, 10
			}
			first()
			w.pass(time.Minute)
			second()
			w.rest(3)
			if row := w.row("S"); row.Odd != "" {
				t.Errorf("the merge made %s %q: %s", row.Start.Text(), row.Recurrence, row.Odd)
			}
			if here := w.shownHere(); len(here) != want {
				t.Errorf("Aura shows %d: %q", len(here), here)
			}
			w.wantSame("in the end", nil, nil)
			fields := map[string]string{}
			for _, c := range w.conflicts() {
				if fields[c.Field] != "" {
					t.Errorf("%s is named twice", c.Field)
				}
				fields[c.Field] = c.Won
			}
			if later == "provider" && (fields["when"] != "provider" || fields["recurrence"] != "provider") || fields["recurrence"] != later {
				t.Errorf("named: %v", fields)
			}
		})
	}
}

// TestAStrayStartThatAMergeBringsIsMarked: somebody at Google gives a series a rule
// that doesn't give its start, while an edit of its title waits in Aura. The row says
// so, as it does where nothing waited, and no longer once its rule is in step.
func TestAStrayStartThatAMergeBringsIsMarked(t *testing.T) {
	t.Parallel()
	w := connected(t)
	e := timed("S", 2)
	e["recurrence"] = []any{"RRULE:FREQ=WEEKLY;BYDAY=MO;COUNT=10"}
	pid := w.there(e)
	w.rest(1)
	for _, c := range []struct {
		day, title string
		stray      bool
	}{{"FR", "a", true}, {"MO", "b", false}} {
		w.must(w.me.retitle(context.Background(), w.series(w.titlesHere()[0]).ID, c.title))
		w.queue.msgs = nil
		w.pass(time.Minute)
		w.patchThere(pid, sim.Event{"recurrence": []any{"RRULE:FREQ=WEEKLY;BYDAY=" + c.day + ";COUNT=6"}})
		w.rest(3)
		if row := w.series(c.title); strings.Contains(row.Odd, "isn't a date that its rule gives") != c.stray {
			t.Errorf("%s %q is marked %q", row.Start.Text(), row.Recurrence, row.Odd)
		}
	}
}
