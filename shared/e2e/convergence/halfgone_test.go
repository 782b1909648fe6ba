package convergence_test

import (
	"context"
	"encoding/json"
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

// TestR11DividedThereAndThenDeleted: an edit of a series waits in Aura while Google
// divides the series and then deletes one of the halves, or both. The edit survives
// the deletion, but only as far as the half goes that was deleted: what came of the
// division is beside it, or was deleted for itself.
func TestR11DividedThereAndThenDeleted(t *testing.T) {
	t.Parallel()
	place := "Room 7"
	later := func(n, hours int) calendar.Time {
		at := nth(n)
		at.At = at.At.Add(time.Duration(hours) * time.Hour)
		return at
	}
	rename := func(w *world, id string) { w.change(target(id), titled("T")) }
	divide := func(w *world, pid string) { w.patchOne(pid, nth(4), sim.Event{"location": "Hall"}, sim.SpanFollowing) }
	head := func(w *world, pid string) { w.deleteThere(pid) }
	tail := func(w *world, _ string) {
		e := w.showsThere(nth(4))
		w.deleteThere(e["recurringEventId"].(string))
	}
	for _, c := range []struct {
		name        string
		before      func(w *world, id, pid string) // and both sides agree
		edit        func(w *world, id string)
		there       []func(w *world, pid string)
		heard       bool // Aura's pull comes between the division and the deletion
		want, never []string
		count       int
		aside       string
	}{
		{name: "the whole renamed, the head deleted", edit: rename, there: []func(*world, string){divide, head},
			want: []string{text(nth(0), "T"), text(nth(3), "T"), text(nth(4), "T"), text(nth(9), "T")}, count: 10},
		{name: "the whole renamed, both halves deleted", edit: rename, there: []func(*world, string){divide, tail, head},
			want: []string{text(nth(0), "T"), text(nth(3), "T")}, count: 4},
		{name: "the whole renamed, the second half deleted", edit: rename, there: []func(*world, string){divide, tail},
			want: []string{text(nth(0), "T"), text(nth(3), "T")}, count: 4},
		{name: "a place for the whole, the head deleted, the halves divided again", edit: func(w *world, id string) {
			w.change(target(id), edit.Patch{Location: &place})
		}, there: []func(*world, string){func(w *world, pid string) {
			w.patchOne(pid, nth(4), sim.Event{"summary": "Y"}, sim.SpanFollowing)
			w.patchOne(w.showsThere(nth(6))["recurringEventId"].(string), nth(6), sim.Event{"summary": "Z"}, sim.SpanFollowing)
		}, head}, want: []string{text(nth(3), "S"), text(nth(4), "Y"), text(nth(6), "Z")}, count: 10},
		{name: "the whole moved, the head deleted", edit: func(w *world, id string) {
			w.change(target(id), movedTo(later(0, 5), time.Hour))
		}, there: []func(*world, string){divide, head}, want: []string{text(later(0, 5), "S"), text(later(3, 5), "S"), text(nth(4), "S"), text(nth(9), "S")}, count: 10},
		{name: "the whole moved beyond the end that the division gave it, the head deleted", edit: func(w *world, id string) {
			w.change(target(id), movedTo(later(5, 5), time.Hour))
		}, there: []func(*world, string){divide, head}, want: []string{text(later(5, 5), "S"), text(later(14, 5), "S"), text(nth(4), "S"), text(nth(9), "S")}, count: 16},
		{name: "the whole ended earlier, the head deleted", edit: func(w *world, id string) {
			w.remove(one(id, nth(2), edit.Following))
		}, there: []func(*world, string){divide, head}, want: []string{text(nth(0), "S"), text(nth(1), "S"), text(nth(4), "S")}, never: []string{text(nth(2), "S"), text(nth(3), "S")}, count: 8},
		{name: "the whole goes on for longer, the head deleted", edit: func(w *world, id string) {
			lines := []string{"RRULE:FREQ=WEEKLY;COUNT=12"}
			w.change(target(id), edit.Patch{Recurrence: &lines})
		}, there: []func(*world, string){divide, head}, want: []string{text(nth(4), "S"), text(nth(9), "S")}, never: []string{text(nth(11), "S")}},
		{name: "an occurrence of the second half renamed, the head deleted", edit: func(w *world, id string) {
			w.change(one(id, nth(6), edit.This), titled("X"))
		}, there: []func(*world, string){divide, head}, want: []string{text(nth(4), "S"), text(nth(6), "X")}, never: []string{text(nth(6), "S"), text(nth(0), "S")}, count: 6},
		{name: "the whole and an occurrence of the second half renamed, the head deleted", edit: func(w *world, id string) {
			w.change(target(id), titled("T"))
			w.change(one(id, nth(6), edit.This), titled("X"))
		}, there: []func(*world, string){divide, head}, want: []string{text(nth(0), "T"), text(nth(5), "T"), text(nth(6), "X")}, never: []string{text(nth(6), "T")}, count: 10},
		{name: "an occurrence of the first half renamed, the head deleted", edit: func(w *world, id string) {
			w.change(one(id, nth(2), edit.This), titled("X"))
		}, there: []func(*world, string){divide, head}, aside: "series_gone"},
		{name: "renamed there too before it was deleted", edit: func(w *world, id string) {
			w.change(target(id), edit.Patch{Location: &place})
		}, there: []func(*world, string){func(w *world, pid string) { w.patchThere(pid, sim.Event{"summary": "theirs"}) }, divide, head},
			want: []string{text(nth(0), "theirs"), text(nth(4), "theirs")}, count: 10},
		{name: "with exceptions in both halves", before: func(w *world, id, _ string) {
			w.change(one(id, nth(2), edit.This), titled("early"))
			w.change(one(id, nth(7), edit.This), titled("late"))
			w.remove(one(id, nth(8), edit.This))
		}, edit: rename, there: []func(*world, string){divide, head},
			want: []string{text(nth(0), "T"), text(nth(2), "early"), text(nth(6), "T"), text(nth(7), "late")}, never: []string{text(nth(8), "T")}, count: 9},
		{name: "of days", before: func(w *world, _, pid string) {
			w.patchThere(pid, sim.Event{"start": map[string]any{"date": "2031-05-05", "dateTime": nil, "timeZone": nil}, "end": map[string]any{"date": "2031-05-06", "dateTime": nil, "timeZone": nil}})
		}, edit: rename, there: []func(*world, string){func(w *world, pid string) {
			w.patchOne(pid, nthDay(4), sim.Event{"location": "Hall"}, sim.SpanFollowing)
		}, head}, want: []string{text(nthDay(0), "T"), text(nthDay(3), "T"), text(nthDay(4), "T")}, count: 10},
		{name: "ended there before it was deleted, with a late exception", before: func(w *world, id, _ string) {
			w.change(one(id, nth(7), edit.This), titled("late"))
		}, edit: rename, there: []func(*world, string){func(w *world, pid string) {
			w.patchThere(pid, sim.Event{"recurrence": []any{"RRULE:FREQ=WEEKLY;COUNT=4"}})
		}, head}, want: []string{text(nth(0), "T"), text(nth(3), "T")}, never: []string{text(nth(7), "late")}, count: 4},
		{name: "ended here, with a late exception that Aura had not seen", edit: func(w *world, id string) {
			w.remove(one(id, nth(4), edit.Following))
			w.patchOne(w.byID(id).Link.ProviderID, nth(7), sim.Event{"summary": "late"}, sim.SpanThis)
			w.settle()
			w.pass(time.Minute)
			rename(w, id)
		}, there: []func(*world, string){head}, want: []string{text(nth(0), "T"), text(nth(3), "T")}, never: []string{text(nth(7), "late")}, count: 4},
		{name: "the whole renamed, the head deleted, heard of in between", edit: rename, there: []func(*world, string){divide, head}, heard: true,
			want: []string{text(nth(0), "T"), text(nth(4), "T")}, count: 10},
		{name: "the whole renamed, both deleted, heard of in between", edit: rename, there: []func(*world, string){divide, tail, head}, heard: true,
			want: []string{text(nth(0), "T"), text(nth(3), "T")}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := connected(t)
			pid := w.there(weekly("S"))
			w.sync()
			id := w.row("S").ID
			if c.before != nil {
				c.before(w, id, pid)
				w.settle()
				w.sync()
			}
			w.pass(time.Minute)
			c.edit(w, id)
			w.pass(time.Minute)
			for i, do := range c.there {
				do(w, pid)
				if i == 0 && c.heard {
					w.queue.msgs = nil
					w.pullsOnly()
				}
				w.pass(time.Minute)
			}
			w.settle()
			w.rest(2)
			if list := w.quarantined(); c.aside != "" {
				if len(list) != 1 || list[0].Code != c.aside {
					t.Errorf("set aside: %+v, want %s", list, c.aside)
				}
				return
			} else if len(list) > 0 {
				t.Errorf("set aside: %+v", list)
			}
			w.wantSame("in the end", c.want, c.never)
			shown := w.shownThere()
			if c.count > 0 && len(shown) != c.count {
				t.Errorf("%d are shown, want %d:\n%s", len(shown), c.count, strings.Join(shown, "\n"))
			}
			w.wantOnce(shown)
			w.wantConverged("at rest")
		})
	}
}

// TestR11DividedAndDeletedWhileItIsPushed divides the series and deletes its first
// half at each step of the run that pushes an edit of the whole, which dies there or
// goes on.
func TestR11DividedAndDeletedWhileItIsPushed(t *testing.T) {
	t.Parallel()
	interrupted{
		edit: func(w *world, id string) { w.change(target(id), titled("T")) },
		there: func(w *world, pid string) {
			w.patchOne(pid, nth(4), sim.Event{"location": "Hall"}, sim.SpanFollowing)
			w.deleteThere(pid)
		},
		want: func(_ *testing.T, w *world, steps []crossing, step int) {
			sent := slices.IndexFunc(steps, func(c crossing) bool { return c.what == "google PATCH" })
			want, never := []string{text(nth(0), "T"), text(nth(3), "T"), text(nth(4), "T"), text(nth(9), "T")}, []string(nil)
			if step > sent { // whoever deleted it had seen the edit
				want, never = []string{text(nth(4), "T"), text(nth(9), "T")}, []string{text(nth(0), "T"), text(nth(0), "S")}
			}
			w.wantSame("in the end", want, never)
			w.wantOnce(w.shownThere())
			w.wantConverged("at rest")
		},
	}.atEachStep(t)
}

// TestR11DividedAndDeletedThereWithoutATrace: where Google doesn't say any more what
// the series was that it divided and deleted, the edit is set aside with its reason:
// nothing is doubled, and what was edited is kept. Where no half of it lives, it
// comes back whole.
func TestR11DividedAndDeletedThereWithoutATrace(t *testing.T) {
	t.Parallel()
	const bare = `{"summary":null,"start":null,"end":null,"recurrence":null,"location":null}`
	for _, c := range []struct {
		name    string
		divided bool
		says    googlesim.Decision
		late    bool // the index doesn't know of the half yet
		shown   int
	}{
		{"of the deleted no more than its id", true, googlesim.Decision{Edit: json.RawMessage(bare)}, false, 6},
		{"of the deleted no more than its id, the index late", true, googlesim.Decision{Edit: json.RawMessage(bare)}, true, 6},
		{"nothing at all", true, googlesim.Decision{Answer: googlesim.Refusal(http.StatusNotFound, "global", "notFound", "Not Found")}, false, 6},
		{"no more than its id, and it wasn't divided", false, googlesim.Decision{Edit: json.RawMessage(bare)}, false, 10},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			w := connected(t)
			pid := w.there(weekly("S"))
			w.sync()
			w.pass(time.Minute)
			w.change(target(w.row("S").ID), titled("T"))
			if c.divided {
				w.patchOne(pid, nth(4), sim.Event{"location": "Hall"}, sim.SpanFollowing)
			}
			w.deleteThere(pid)
			w.fail(func(r *http.Request) googlesim.Decision {
				if r.Method == http.MethodGet && strings.HasSuffix(r.URL.Path, "/events/"+pid) {
					return c.says
				}
				return googlesim.Decision{}
			})
			if c.late {
				w.me.worker.Events = lagging{w.me.db.Events}
			}
			w.settle()
			w.rest(2)
			w.fail(nil)
			if shown := w.shownThere(); len(shown) != c.shown {
				t.Errorf("Google shows %d, want %d:\n%s", len(shown), c.shown, strings.Join(shown, "\n"))
			}
			list := w.quarantined()
			if !c.divided {
				if len(list) > 0 || !slices.Contains(w.shownThere(), text(nth(9), "T")) {
					t.Errorf("set aside: %+v; Google shows %q", list, w.shownThere())
				}
				return
			}
			if len(list) != 1 || list[0].Code != "series_gone" || list[0].Title != "T" || !slices.Contains(w.shownHere(), text(nth(0), "T")) {
				t.Errorf("set aside: %+v; Aura shows %q", list, w.shownHere())
			}
		})
	}
}

// TestR11DeletedWhileItWaitsToBePutBack: an event that was deleted at Google was to be
// put back for an edit, and is deleted in Aura before it is: then nothing is left to do.
func TestR11DeletedWhileItWaitsToBePutBack(t *testing.T) {
	t.Parallel()
	w := connected(t)
	var pids, ids []string
	for n := range 6 { // of some, a list says no more than the id
		pids = append(pids, w.there(timed(fmt.Sprint("e", n), 30+n)))
		ids = append(ids, w.idHere(pids[n]))
	}
	w.there(timed("stays", 50))
	w.sync()
	for n := range 2 {
		w.change(target(ids[n]), titled(fmt.Sprint("T", n)))
		w.deleteThere(pids[n])
	}
	w.pullsOnly()
	for n := range 2 {
		w.remove(target(ids[n]))
	}
	for n := 2; n < 6; n++ {
		w.pass(time.Minute)
		w.change(target(ids[n]), titled(fmt.Sprint("T", n)))
		w.deleteThere(pids[n])
		w.pullsOnly()
		w.remove(target(ids[n]))
	}
	w.heal()
	w.wantTitles("in the end", "stays")
	w.wantConverged("in the end")
}

// wantOnce fails where anything is shown twice.
func (w *world) wantOnce(shown []string) {
	w.Helper()
	if len(slices.Compact(slices.Clone(shown))) != len(shown) {
		w.Errorf("shown twice:\n%s", strings.Join(shown, "\n"))
	}
}

// showsThere is what Google shows at an occurrence's time.
func (w *world) showsThere(at calendar.Time) sim.Event {
	w.Helper()
	events, err := w.sim.Calendar.Events(w.email, w.email, at.At, at.At.Add(time.Hour))
	w.must(err)
	if len(events) != 1 {
		w.Fatalf("Google shows %d at %s: %v", len(events), at.Text(), events)
	}
	return events[0]
}

// pullsOnly lets a run come round that is dead before it writes to Google.
func (w *world) pullsOnly() {
	w.Helper()
	w.pass(time.Minute)
	p := w.process(3)
	p.before = func(_ int, c crossing) bool { return c.write && strings.HasPrefix(c.what, "google") }
	_ = p.worker.Handle(context.Background(), w.job(integration.TriggerSchedule))
	w.pass(integration.Visibility)
}
