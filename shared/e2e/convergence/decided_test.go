package convergence_test

import (
	"context"
	"fmt"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/edit"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/googlesim"
	sim "aura.example/integrations/shared/googlesim/calendarv3"
)

// Guests who were invited after an edit or a deletion was made: nobody could decide about them.
func TestDeletionOfAnEventThatGotAGuestMeanwhile(t *testing.T) {
	t.Parallel()
	w, e := linked(t)
	var asked atomic.Int64
	w.fail(func(r *http.Request) googlesim.Decision {
		if r.Method == http.MethodDelete {
			asked.Add(1)
		}
		return googlesim.Decision{}
	})
	w.pass(time.Second)
	row := w.byID(e.id)
	w.must(w.me.editor.Delete(context.Background(), w.by, edit.Target{ID: row.ID, Scope: edit.All, Unchanged: func(*calendar.Row) bool { return true }}))
	w.patchThere(e.pid, sim.Event{"attendees": []any{map[string]any{"email": "guest@example.com"}}})
	w.settle()
	w.rest(1)
	if n := asked.Load(); n != 0 {
		t.Errorf("an event with a guest was deleted though nobody decided whether the guest is told; told %q", w.told())
	}
	// It is there again, to be deleted with a decision.
	if row := w.byID(e.id); row == nil || row.Hidden() || row.Invited() != 1 || len(w.quarantined()) != 0 {
		t.Fatalf("%+v, quarantine %+v", row, w.quarantined())
	}
	w.must(w.me.editor.Delete(context.Background(), w.by, target(e.id)))
	w.settle()
	w.rest(1)
	if n := asked.Load(); n != 1 || w.byID(e.id) != nil {
		t.Errorf("decided, and deleted %d times", n)
	}
	w.wantConverged("in the end")
}

// To say the same once more, with a decision, is an answer.
func TestAMoveOfAnEventThatGotAGuestMeanwhile(t *testing.T) {
	t.Parallel()
	w, e := linked(t)
	at := calendar.Time{At: start.Add(50 * time.Hour), Zone: "Europe/Madrid"}
	p := movedTo(at, time.Hour)
	_, err := w.me.editor.Change(context.Background(), w.by, edit.Target{ID: e.id, Scope: edit.All, Unchanged: func(*calendar.Row) bool { return true }}, p)
	w.must(err)
	w.patchThere(e.pid, sim.Event{"attendees": []any{map[string]any{"email": "guest@example.com"}}})
	w.settle()
	w.rest(1)
	q := w.quarantined()
	if len(q) != 1 || q[0].Code != "guests_decision_required" {
		t.Fatalf("quarantine: %+v", q)
	}
	// Now the person decides, by saying the same again with notify_guests.
	no := false
	_, err = w.me.editor.Change(context.Background(), w.by, edit.Target{ID: e.id, Scope: edit.All, Unchanged: func(*calendar.Row) bool { return true }, Notify: &no}, p)
	w.must(err)
	w.settle()
	w.rest(1)
	if q := w.quarantined(); len(q) != 0 {
		t.Errorf("decided, and still in quarantine: %+v", q)
	}
}

// Guests are told of the edits for which somebody said so, and of no other.
func TestADecisionAboutGuestsHoldsForItsOwnEdit(t *testing.T) {
	t.Parallel()
	w := connected(t)
	g := timed("g", 30)
	g["attendees"] = []any{map[string]any{"email": "guest@example.com"}}
	w.there(g)
	w.sync()
	w.pass(time.Minute)
	id := w.row("g").ID
	var mu sync.Mutex
	var said []string
	w.fail(func(r *http.Request) googlesim.Decision {
		if r.Method == http.MethodPatch {
			mu.Lock()
			said = append(said, r.URL.Query().Get("sendUpdates"))
			mu.Unlock()
		}
		return googlesim.Decision{}
	})
	yes, no := true, false
	mv := func(h int, notify *bool) {
		_, err := w.me.editor.Change(context.Background(), w.by, edit.Target{ID: id, Scope: edit.All, Unchanged: anyhow, Notify: notify},
			movedTo(calendar.Time{At: start.Add(time.Duration(h) * time.Hour), Zone: "Europe/Madrid"}, time.Hour))
		w.must(err)
	}
	mv(50, &yes)
	run := w.begins()
	run.to(patch)
	mv(60, &no) // while the first is on its way
	_ = run.ends()
	w.rest(2)
	if fmt.Sprint(said) != "[all none]" {
		t.Errorf("the guests were told: %v, want [all none]", said)
	}
}

// Nor is an event with a guest put back without asking.
func TestRestoringAnEventThatGotAGuestMeanwhile(t *testing.T) {
	t.Parallel()
	w, e := linked(t)
	title := "1"
	_, err := w.me.editor.Change(context.Background(), w.by, edit.Target{ID: e.id, Scope: edit.All, Unchanged: anyhow}, edit.Patch{Title: &title})
	w.must(err)
	w.patchThere(e.pid, sim.Event{"attendees": []any{map[string]any{"email": "guest@example.com"}}})
	w.deleteThere(e.pid)
	w.settle()
	w.rest(1)
	got, err := w.sim.Calendar.Event(w.email, w.email, e.pid)
	w.must(err)
	if got["status"] != "cancelled" {
		t.Errorf("a meeting with a guest came back though nobody decided about the guest: attendees %v, quarantine %+v", got["attendees"], w.quarantined())
	}
}

// The guests of an occurrence may be others than its series’.
func TestGuestsOfAnOccurrenceAreAskedAbout(t *testing.T) {
	t.Parallel()
	for _, scope := range []string{"all", "following", "moved"} {
		t.Run(scope, func(t *testing.T) {
			t.Parallel()
			w := connected(t)
			pid := w.there(weekly("S"))
			w.sync()
			w.pass(time.Minute)
			id := w.row("S").ID
			w.patchOne(pid, nth(7), sim.Event{"attendees": []any{map[string]any{"email": "guest@example.com"}}}, sim.SpanThis)
			w.rest(2)
			var err error
			switch scope {
			case "all":
				err = w.me.editor.Delete(context.Background(), w.by, edit.Target{ID: id, Scope: edit.All, Unchanged: anyhow})
			case "following":
				n := nth(4)
				err = w.me.editor.Delete(context.Background(), w.by, edit.Target{ID: id, Original: &n, Scope: edit.Following, Unchanged: anyhow})
			case "moved":
				at := nth(0)
				at.At = at.At.Add(time.Hour)
				_, err = w.me.editor.Change(context.Background(), w.by, edit.Target{ID: id, Scope: edit.All, Unchanged: anyhow}, movedTo(at, time.Hour))
			}
			if fault.CodeOf(err) != "guests_decision_required" {
				t.Errorf("an occurrence with a guest goes, and nobody is asked: %v", err)
				w.settle()
				w.rest(1)
				got, err := w.sim.Calendar.Events(w.email, w.email, start, start.AddDate(1, 0, 0))
				w.must(err)
				for _, e := range got {
					if e["attendees"] != nil {
						return
					}
				}
				t.Error("and the occurrence with the guest is gone at Google")
			}
		})
	}
}

// anyhow is for edits of whatever is there.
func anyhow(*calendar.Row) bool { return true }

// A whole series is not edited by what was seen of one occurrence, once it changed.
func TestAllByAnExceptionsTagIsStaleWhenTheSeriesChanged(t *testing.T) {
	t.Parallel()
	w := connected(t)
	w.there(weekly("S"))
	w.sync()
	w.pass(time.Minute)
	id := w.row("S").ID
	x := w.change(one(id, nth(2), edit.This), titled("X"))
	w.settle()
	saw, sawSeries := w.byID(x.Row.ID).Version, w.byID(id).Version
	place := "other window"
	w.change(target(id), edit.Patch{Location: &place})
	mine := "this window"
	tg := one(id, nth(2), edit.All)
	tg.Unchanged = func(r *calendar.Row) bool { return r.Version == saw }
	tg.SeriesUnchanged = func(r *calendar.Row) bool { return r.Version == sawSeries }
	_, err := w.me.editor.Change(context.Background(), w.by, tg, edit.Patch{Location: &mine})
	if err == nil {
		t.Errorf("the series was changed in another window, and this one passes over it: %q", w.byID(id).Location)
	}
	tg.Scope = edit.This // of this one nothing has changed
	if _, err = w.me.editor.Change(context.Background(), w.by, tg, edit.Patch{Location: &mine}); err != nil {
		t.Error(err)
	}
}
