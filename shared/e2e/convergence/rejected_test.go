package convergence_test

import (
	"context"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/googlesim"
	sim "aura.example/integrations/shared/googlesim/calendarv3"
	"aura.example/integrations/shared/integration"
)

// A rejected deletion: what Aura shows stays, and both sides agree again.

// reject rejects the deletions that are held, and lets everything come to rest.
func (w *world) reject() {
	w.Helper()
	if rec := w.rec(); rec.Status != integration.Error || rec.Reason == nil || rec.Reason.Code != integration.ReasonMassDeletionHeld {
		w.Fatalf("nobody is asked: %s %+v, the runs say %q", rec.Status, rec.Reason, w.told())
	}
	_, err := w.me.service.RejectDeletions(context.Background(), w.caller, w.key.Provider)
	w.must(err)
	w.settle()
	w.rest(3)
	if rec := w.rec(); rec.Status != integration.Active {
		w.Errorf("after the rejection: %s %+v", rec.Status, rec.Reason)
	}
}

// TestARejectedDeletionOfADividedSeries: somebody divides a series at Google, twice
// perhaps, and deletes all there is, or all but its last part.
func TestARejectedDeletionOfADividedSeries(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ lives, twice bool }{{false, false}, {true, false}, {false, true}, {true, true}} {
		t.Run(fmt.Sprintf("the last part lives %v, divided twice %v", c.lives, c.twice), func(t *testing.T) {
			t.Parallel()
			w := connected(t)
			var ids []string
			for i := range 5 {
				ids = append(ids, w.there(timed(fmt.Sprint("e", i), 30+i)))
			}
			pid := w.there(weekly("S"))
			w.rest(1)
			before := w.shownHere()
			w.divideThere(pid, 4)
			half := w.showsThere(nth(4))["recurringEventId"].(string)
			ids = append(ids, pid)
			if c.twice {
				ids = append(ids, half)
				w.divideThere(half, 7)
				half = w.showsThere(nth(7))["recurringEventId"].(string)
			}
			if !c.lives {
				ids = append(ids, half)
			}
			for _, id := range ids {
				w.deleteThere(id)
			}
			w.rest(1)
			w.reject()
			if got := w.shownHere(); !slices.Equal(got, before) {
				t.Errorf("before the rejection Aura showed\n%s\nand after it\n%s\nthe runs say %q", strings.Join(before, "\n"), strings.Join(got, "\n"), w.told())
			}
			w.wantSame("after all", nil, nil)
			w.quiet("after all")
		})
	}
}

// moveThere moves a whole series at Google by a day: all that its occurrences had of
// their own falls out.
func (w *world) moveThere(pid string) {
	w.Helper()
	at := nth(0).At.Add(24 * time.Hour)
	when := func(at time.Time) map[string]any {
		return map[string]any{"dateTime": at.Format(time.RFC3339), "timeZone": "Europe/Madrid"}
	}
	w.patchThere(pid, sim.Event{"start": when(at), "end": when(at.Add(time.Hour))})
}

// TestOccurrencesThatFellOutOfAMovedSeriesAreNobodysDeletion: they go and are named,
// and nobody is asked whether they are to be deleted, whether they alone are gone or
// most of a calendar was deleted too.
func TestOccurrencesThatFellOutOfAMovedSeriesAreNobodysDeletion(t *testing.T) {
	t.Parallel()
	for _, full := range []bool{false, true} {
		for _, held := range []bool{false, true} {
			t.Run(fmt.Sprintf("everything listed %v, a deletion rejected %v", full, held), func(t *testing.T) {
				t.Parallel()
				w := connected(t)
				pid := w.there(weekly("S"))
				var ids, titles []string
				for i := range 8 {
					titles = append(titles, fmt.Sprint("e", i))
					ids = append(ids, w.there(timed(titles[i], 30+i)))
				}
				w.rest(1)
				for n := 1; n < 8; n++ {
					w.patchOne(pid, nth(n), sim.Event{"summary": fmt.Sprint("X", n)}, sim.SpanThis)
				}
				w.rest(1)
				w.moveThere(pid)
				if full {
					w.must(w.sim.Calendar.ExpireSyncTokens(w.email))
				}
				if held {
					for _, id := range ids {
						w.deleteThere(id)
					}
					w.rest(1)
					w.reject()
				} else {
					w.rest(2)
				}
				if rec := w.rec(); rec.Status != integration.Active {
					t.Errorf("%s %+v", rec.Status, rec.Reason)
				}
				named := 0
				for _, d := range w.decisions() {
					if d.What == "deleted" && strings.Contains(d.Why, "goes on at Google without it") {
						named++
					}
				}
				if named != 7 {
					t.Errorf("%d of 7 are named: %q", named, w.told())
				}
				w.wantSame("in the end", nil, nil)
				if n := len(w.shownHere()); n != 18 {
					t.Errorf("Aura shows %d, not ten occurrences and eight events: %q", n, w.shownHere())
				}
				w.quiet("in the end")
			})
		}
	}
}

// TestWhatTheLastRoundPutsBackIsComparedByTheNextRun: a series is put back by the last
// round of a run, and which of its exceptions came with it only a list of everything
// says. The next run makes it.
func TestWhatTheLastRoundPutsBackIsComparedByTheNextRun(t *testing.T) {
	t.Parallel()
	w := connected(t)
	pid := w.there(weekly("S"))
	w.rest(1)
	id := w.row("S").ID
	lists, whole, busy := 0, 0, false
	w.fail(func(r *http.Request) googlesim.Decision {
		if busy || r.Method != http.MethodGet || !strings.HasSuffix(r.URL.Path, "/events") {
			return googlesim.Decision{}
		}
		busy = true
		defer func() { busy = false }()
		switch lists++; {
		case lists < integration.MaxRounds: // somebody asks for another round
			w.pass(time.Second)
			w.must(w.me.worker.Handle(context.Background(), w.job(integration.TriggerSchedule)))
		case lists == integration.MaxRounds:
			w.change(target(id), titled("T"))
			w.deleteThere(pid)
		case r.URL.Query().Get("syncToken") == "":
			whole++
		}
		return googlesim.Decision{}
	})
	w.pass(time.Minute)
	w.must(w.me.worker.Handle(context.Background(), w.job(integration.TriggerSchedule)))
	if lists != integration.MaxRounds {
		t.Fatalf("the run listed %d times", lists)
	}
	w.settle()
	if whole != 1 {
		t.Errorf("%d of %d lists after it are of everything", whole, lists-integration.MaxRounds)
	}
	w.fail(nil)
	w.wantSame("in the end", []string{text(nth(0), "T")}, nil)
}

// TestWhatWasPutBackIsComparedThoughItsRunFails: a series is put back, for an edit or as
// its deletion was rejected, and the run fails before it has listed everything, or its
// process dies, or somebody pauses the integration then. Whoever comes next makes the list.
func TestWhatWasPutBackIsComparedThoughItsRunFails(t *testing.T) {
	t.Parallel()
	fails := func(w *world) { _ = w.me.worker.Handle(context.Background(), w.job(integration.TriggerAuraEdit)) }
	for name, ends := range map[string]func(w *world, refuse func()){
		"the run fails": func(w *world, refuse func()) { refuse(); fails(w) },
		"its process dies": func(w *world, _ func()) {
			p := w.process(3)
			p.after = func(_ int, c crossing) bool { return strings.HasPrefix(c.what, "google PUT") }
			_ = p.worker.Handle(context.Background(), w.job(integration.TriggerAuraEdit))
			w.pass(integration.Visibility)
		},
		"the run fails, and it is paused": func(w *world, refuse func()) {
			refuse()
			fails(w)
			_, err := w.me.service.Pause(context.Background(), w.caller, w.key.Provider)
			w.must(err)
			_, err = w.me.service.Resume(context.Background(), w.caller, w.key.Provider)
			w.must(err)
		},
		"the answer is lost, and the run goes on": func(w *world, _ func()) {
			lost := false
			w.fail(func(r *http.Request) googlesim.Decision {
				if r.Method == http.MethodPut && !lost {
					lost = true
					return googlesim.Decision{Drop: true}
				}
				return googlesim.Decision{}
			})
			fails(w)
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := connected(t)
			pid := w.there(weekly("S"))
			w.rest(1)
			w.patchOne(pid, nth(2), sim.Event{"summary": "X"}, sim.SpanThis)
			w.deleteOne(pid, nth(3), sim.SpanThis)
			w.rest(2)
			w.pass(time.Minute)
			w.change(target(w.row("S").ID), titled("T"))
			w.queue.msgs = nil
			w.moveThere(pid)
			w.deleteThere(pid)
			w.fail(func(r *http.Request) googlesim.Decision { // what says so is listed before
				if r.Method != http.MethodGet && strings.Contains(r.URL.Path, "/events") {
					return googlesim.Decision{Answer: googlesim.Refusal(403, "usageLimits", "quotaExceeded", "no")}
				}
				return googlesim.Decision{}
			})
			w.rest(1)
			w.fail(nil)
			w.pass(3 * time.Hour)
			ends(w, func() {
				put := false
				w.fail(func(r *http.Request) googlesim.Decision {
					if put {
						return googlesim.Decision{Answer: googlesim.Refusal(503, "global", "backendError", "no")}
					}
					put = r.Method == http.MethodPut
					return googlesim.Decision{}
				})
			})
			w.fail(nil)
			w.settle()
			w.rest(3)
			w.wantSame("in the end", nil, nil)
			w.quiet("in the end")
			w.wantConverged("in the end")
		})
	}
}
