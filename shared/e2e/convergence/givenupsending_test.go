package convergence_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"

	"aura.example/integrations/shared/edit"
	"aura.example/integrations/shared/integration"
)

// TestGivenUpWhileItIsBeingSent: edits are given up with the direction while a run is
// sending them, wherever it stands, goes on later or vanishes. Each has either been
// sent, then both sides have it and a run says so; or it is taken back, a run names it,
// and it is never sent.
func TestGivenUpWhileItIsBeingSent(t *testing.T) {
	t.Parallel()
	type moment struct {
		name string
		at   step
	}
	sends := []moment{
		{"before it is recorded", record}, {"recorded", done(record)}, {"before the call", patch}, {"after the call", done(patch)},
		{"before it settles", settle},
	}
	for _, c := range []struct {
		what    string
		do      func(w *world)
		moments []moment
		was, is string // what both sides show of it, in the one case and in the other
	}{
		{"a title", func(w *world) { w.must(w.me.retitle(context.Background(), w.row("a").ID, "a here")) }, sends, " a", " a here"},
		{"a deletion", func(w *world) { w.must(w.me.delete(context.Background(), w.row("a").ID)) },
			[]moment{{"before the call", remove}, {"after the call", done(remove)}, {"before it settles", settle}}, " a", ""},
		{"a series", func(w *world) { w.change(target(w.row("S").ID), titled("S here")) }, sends, " S", " S here"},
		{"an occurrence", func(w *world) { w.change(one(w.row("S").ID, nth(2), edit.This), titled("X here")) }, sends[:4], text(nth(2), "S"), " X here"},
	} {
		for _, m := range c.moments {
			for _, then := range []string{"goes on", "goes on after the next run", "vanishes"} {
				for _, back := range []bool{false, true} {
					if back && then == "goes on" {
						continue
					}
					if !long() && (back != (then == "vanishes") || c.what != "a title" && m.at != c.moments[len(c.moments)-2].at && m.at != c.moments[0].at) {
						continue
					}
					t.Run(fmt.Sprintf("%s, %s, %s, back %v", c.what, m.name, then, back), func(t *testing.T) {
						t.Parallel()
						w := connected(t, timed("a", 24))
						w.there(weekly("S"))
						w.rest(1)
						before := w.shownHere()
						c.do(w)
						w.queue.msgs = nil
						run := w.begins()
						run.to(m.at)
						w.must(w.only(true))
						if back {
							w.direction(integration.TwoWay)
						}
						if then == "vanishes" {
							run.vanishes()
						}
						if then != "goes on" {
							w.settle()
						}
						if then != "vanishes" {
							_ = run.ends()
						}
						w.heal()
						w.rest(2)
						w.wantSame("in the end", nil, nil)
						w.wantConverged("in the end")
						taken, sent := slices.Equal(w.shownHere(), before), shows(w.shownHere(), c.is) && c.is != "" || c.is == "" && !shows(w.shownHere(), c.was)
						discarded := slices.ContainsFunc(w.told(), func(s string) bool { return strings.HasPrefix(s, "discarded") })
						if taken == sent || taken != discarded {
							t.Errorf("taken back %v, sent %v, and the runs say %q", taken, sent, w.told())
						}
						if m.name == "before it is recorded" && !taken && then != "goes on" {
							t.Errorf("sent after it was taken back: %q", w.told())
						}
						if m.name == "after the call" && !sent {
							t.Errorf("it was sent, and the runs say %q", w.told())
						}
						if c.what == "a title" && m.name == "after the call" && then == "vanishes" &&
							!slices.Contains(w.reasons(), "it had been sent before it was given up, so both sides have it") {
							t.Errorf("nobody says that it had been sent: %q", w.reasons())
						}
						for _, q := range w.outbox() {
							t.Errorf("still waits: %s", q)
						}
					})
				}
			}
		}
	}
}

// TestTakingBackAndSendingAtOnce: one run is about to take an edit back when another one
// records that it is sending it. The one whose write comes first has it.
func TestTakingBackAndSendingAtOnce(t *testing.T) {
	t.Parallel()
	w := connected(t, timed("a", 24))
	w.rest(1)
	w.must(w.me.retitle(context.Background(), w.row("a").ID, "a here"))
	w.queue.msgs = nil
	sends := w.begins()
	sends.to(record)
	w.must(w.only(true))
	takes := w.begins()
	takes.to(merge)
	sends.to(done(patch))
	w.must(takes.ends())
	sends.vanishes()
	w.heal()
	w.rest(2)
	w.wantTitles("in the end", "a here")
	w.wantConverged("in the end")
	if !slices.ContainsFunc(w.reasons(), func(s string) bool { return strings.Contains(s, "had been sent before it was given up") }) {
		t.Errorf("nobody says that it was sent: %q", w.reasons())
	}
}

// reasons gives why the kept runs decided what they did.
func (w *world) reasons() []string {
	w.Helper()
	ctx := context.Background()
	runs, _, err := w.me.db.Integrations.Runs(ctx, w.key, integration.Page{Limit: 100}, w.now())
	w.must(err)
	var out []string
	for _, r := range runs {
		decisions, err := w.me.db.Integrations.Decisions(ctx, w.key, r.ID)
		w.must(err)
		for _, d := range decisions {
			out = append(out, d.Why)
		}
	}
	return out
}

// shows reports whether a side shows something under a title, or at a time.
func shows(shown []string, what string) bool {
	return slices.ContainsFunc(shown, func(s string) bool { return strings.HasSuffix(s, what) })
}
