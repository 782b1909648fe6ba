package convergence_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/edit"
	"aura.example/integrations/shared/googlesim"
	sim "aura.example/integrations/shared/googlesim/calendarv3"
	"aura.example/integrations/shared/integration"
)

// A series that is gone at Google without a trace (its deletion is listed, and 404 is
// all that is said of it) is made anew there from what Aura has: where somebody has
// edited it in Aura, and where somebody rejected its deletion.

// lostSeries is a world with a series of so many exceptions, every second of them a
// hole, and six other events. Google has forgotten the series: forgotten is its id.
func lostSeries(t tb, exceptions int) (w *world, id, forgotten string, shown []string) {
	t.Helper()
	w = connected(t)
	s := weekly("S")
	s["recurrence"] = []any{fmt.Sprintf("RRULE:FREQ=WEEKLY;COUNT=%d", exceptions+4)}
	forgotten = w.there(s)
	for i := range 6 {
		w.there(timed(fmt.Sprint("e", i), 30+i))
	}
	w.sync()
	w.pass(time.Minute)
	id = w.row("S").ID
	for n := range exceptions {
		if n%2 == 0 {
			w.patchOne(forgotten, nth(n+1), sim.Event{"summary": fmt.Sprint("X", n)}, sim.SpanThis)
		} else {
			w.deleteOne(forgotten, nth(n+1), sim.SpanThis)
		}
	}
	w.rest(1)
	shown = w.shownHere()
	w.fail(func(r *http.Request) googlesim.Decision {
		if strings.Contains(r.URL.Path, forgotten) {
			return googlesim.Decision{Answer: googlesim.Refusal(404, "global", "notFound", "Not Found")}
		}
		return googlesim.Decision{}
	})
	return w, id, forgotten, shown
}

// lose has the series made anew, in the one way or the other: what is left is a
// process's to do.
func (w *world) lose(how, id, forgotten string) {
	w.Helper()
	w.pass(time.Minute)
	if how == "edited" {
		place := "Room"
		w.change(target(id), edit.Patch{Location: &place})
		w.deleteThere(forgotten)
		return
	}
	for i := range 6 {
		w.deleteThere(w.row(fmt.Sprint("e", i)).Link.ProviderID)
	}
	w.deleteThere(forgotten)
	w.rest(1)
	if w.rec().Status != integration.Error {
		w.Fatalf("most of a calendar is gone, and nobody is asked: %s", w.rec().Status)
	}
	_, err := w.me.service.RejectDeletions(context.Background(), w.caller, w.key.Provider)
	w.must(err)
}

// wantRemade demands that both sides show what was shown before, after a list of
// everything too.
func (w *world) wantRemade(shown []string) {
	w.Helper()
	if here, there := w.shownHere(), w.shownThere(); !slices.Equal(here, shown) || !slices.Equal(there, shown) {
		w.Errorf("was\n%q\nAura\n%q\nGoogle\n%q\ntold %q, left %q", shown, here, there, w.told(), w.outbox())
		return
	}
	w.quiet("made anew")
	if here, there := w.shownHere(), w.shownThere(); !slices.Equal(here, shown) || !slices.Equal(there, shown) {
		w.Errorf("after a list of everything: was\n%q\nAura\n%q\nGoogle\n%q", shown, here, there)
	}
}

// TestASeriesIsMadeAnewWithItsExceptions, and its holes.
func TestASeriesIsMadeAnewWithItsExceptions(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"edited", "rejected"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			w, id, forgotten, shown := lostSeries(t, 2)
			w.lose(how, id, forgotten)
			w.settle()
			w.rest(2)
			w.wantRemade(shown)
			if how == "edited" && w.byID(id).Location != "Room" {
				t.Errorf("the edit is lost: %+v", w.byID(id))
			}
		})
	}
}

// TestASeriesIsMadeAnewWhereverItsProcessDies: after each of its boundaries, in the
// quick form after each transaction. Who takes over lists everything, and what isn't
// there yet is on no list.
func TestASeriesIsMadeAnewWhereverItsProcessDies(t *testing.T) {
	t.Parallel()
	for _, how := range []string{"edited", "rejected"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			w, id, forgotten, _ := lostSeries(t, 2)
			w.lose(how, id, forgotten)
			p := w.process(1)
			p.work(context.Background())
			all := p.crossings()
			for k := range all {
				if !long() && (!strings.Contains(all[k].what, "TransactWriteItems") || how == "rejected" && k%3 != 0) {
					continue
				}
				t.Run(fmt.Sprintf("%02d %s", k+1, all[k].what), func(t *testing.T) {
					t.Parallel()
					w, id, forgotten, shown := lostSeries(t, 2)
					w.lose(how, id, forgotten)
					p := w.process(1)
					p.after = func(n int, _ crossing) bool { return n == k+1 }
					p.work(context.Background())
					if !p.gone() {
						t.Fatal("nobody died")
					}
					if how == "edited" {
						w.pass(integration.Visibility)
						j := w.job(integration.TriggerSchedule)
						j.Full = true
						w.must(w.me.worker.Handle(context.Background(), j))
					}
					w.heal()
					w.rest(2)
					w.wantRemade(shown)
				})
			}
		})
	}
}

// TestASeriesOfManyExceptionsIsMadeAnew: of more than one transaction takes. Each
// process dies after its first, until the exceptions are with the new order; which
// one it was can't be told apart afterwards.
func TestASeriesOfManyExceptionsIsMadeAnew(t *testing.T) {
	t.Parallel()
	w, id, forgotten, shown := lostSeries(t, 51)
	w.lose("edited", id, forgotten)
	for range 4 {
		p := w.process(1)
		transacted := false
		p.after = func(_ int, c crossing) bool {
			transacted = transacted || strings.Contains(c.what, "TransactWriteItems")
			return transacted
		}
		w.pass(integration.Visibility)
		_ = p.worker.Handle(context.Background(), w.job(integration.TriggerSchedule))
		if !p.gone() {
			t.Fatal("nobody died")
		}
	}
	w.heal()
	w.rest(3)
	w.wantRemade(shown)
}

// TestTheDeletionOfTheOldCopyIsHeardOnceMore: an event is made anew under Aura's own id,
// and the process dies before the cursor is stored. The next one is told again that the
// old copy was deleted, by nothing but its id.
func TestTheDeletionOfTheOldCopyIsHeardOnceMore(t *testing.T) {
	t.Parallel()
	for _, known := range []bool{false, true} { // here, what became of the new copy
		t.Run(fmt.Sprint("the answer is known ", known), func(t *testing.T) {
			t.Parallel()
			w := connected(t, timed("a", 24), timed("b", 26))
			w.google = idsOfTheDeleted(w.google)
			w.me = w.process(3)
			a := w.row("a")
			w.change(target(a.ID), titled("a here"))
			w.queue.msgs = nil
			w.deleteThere(a.Link.ProviderID)
			w.fail(func(r *http.Request) googlesim.Decision {
				if strings.HasSuffix(r.URL.Path, "/events/"+a.Link.ProviderID) {
					return googlesim.Decision{Answer: googlesim.Refusal(404, "global", "notFound", "Not Found")}
				}
				return googlesim.Decision{}
			})
			p := w.process(1)
			made := false
			p.after = func(_ int, c crossing) bool {
				made = made || c.what == "google POST"
				return made && (!known || c.what == "dynamodb TransactWriteItems")
			}
			w.pass(time.Minute)
			_ = p.worker.Handle(context.Background(), w.job(integration.TriggerSchedule))
			if !p.gone() {
				t.Fatal("nobody died")
			}
			w.heal()
			w.wantTitles("after another run", "a here", "b")
			w.rest(2)
			w.wantTitles("in the end", "a here", "b")
			w.wantConverged("in the end")
		})
	}
}

// idsOfTheDeleted is a Google whose lists say of a deleted event no more than its id,
// which is all that it promises.
func idsOfTheDeleted(to http.RoundTripper) http.RoundTripper {
	return listing(to, func(e map[string]any) map[string]any {
		if e["status"] == "cancelled" && e["recurringEventId"] == nil {
			return map[string]any{"id": e["id"], "status": e["status"]}
		}
		return e
	})
}

// listing is a Google whose lists say of each event what is made of it.
func listing(to http.RoundTripper, says func(e map[string]any) map[string]any) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		resp, err := to.RoundTrip(r)
		if err != nil || r.Method != http.MethodGet || !strings.HasSuffix(r.URL.Path, "/events") || resp.StatusCode != http.StatusOK {
			return resp, err
		}
		var list map[string]any
		if err := json.NewDecoder(resp.Body).Decode(&list); err != nil {
			return nil, err
		}
		items, _ := list["items"].([]any)
		for i := range items {
			e, _ := items[i].(map[string]any)
			items[i] = says(e)
		}
		raw, err := json.Marshal(list)
		resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(raw)), int64(len(raw))
		resp.Header.Del("Content-Length")
		return resp, err
	})
}
