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
)

// Aura's copies are removed where a person asks for it, and that says nothing about
// the guests of any of them. So a copy with guests stays, and is named.

func invited(emails ...string) sim.Event {
	list := []any{}
	for _, e := range emails {
		list = append(list, map[string]any{"email": e})
	}
	return sim.Event{"attendees": list}
}

// deletions notes each deletion that Google is asked for, with what it says of guests.
func (w *world) deletions() func() []string {
	said := make(chan string, 1000)
	w.fail(func(r *http.Request) googlesim.Decision {
		if r.Method == http.MethodDelete && strings.Contains(r.URL.Path, "/events/") {
			said <- r.URL.Path[strings.LastIndex(r.URL.Path, "/")+1:] + " " + r.URL.Query().Get("sendUpdates")
		}
		return googlesim.Decision{}
	})
	return func() (all []string) {
		for len(said) > 0 {
			all = append(all, <-said)
		}
		return all
	}
}

// removing is how a person has Aura's copies removed.
var removing = []struct {
	name string
	do   func(w *world, team string)
}{
	{"switch", func(w *world, team string) {
		w.choose(team, true, false)
		w.settle()
		w.rest(2)
	}},
	{"disconnect", func(w *world, _ string) {
		_, err := w.me.service.Disconnect(context.Background(), w.caller, w.key.Provider, true)
		w.must(err)
		w.settle()
		w.wound()
	}},
	{"delete", func(w *world, _ string) {
		w.must(w.me.service.Delete(context.Background(), w.caller, w.key.Provider, true))
		w.settle()
		w.wound()
	}},
}

// TestCopiesWithGuestsStay: an event with guests, a series of which one occurrence has
// some, and one without any.
func TestCopiesWithGuestsStay(t *testing.T) {
	t.Parallel()
	for _, how := range removing {
		t.Run(how.name, func(t *testing.T) {
			t.Parallel()
			w, team := twoCalendars(t)
			mine := bornHere(w.row("mine").ID)
			series, _, err := w.me.editor.Create(context.Background(), w.by, calendar.Content{
				Title: "dance", Busy: true, Start: nth(0), End: calendar.Time{At: nth(0).At.Add(time.Hour), Zone: nth(0).Zone}, Recurrence: []string{"RRULE:FREQ=WEEKLY;COUNT=5"},
			}, "")
			w.must(err)
			w.must(w.me.create(context.Background(), content("alone", 70), "k"))
			w.settle()
			w.rest(1)
			alone, dance := bornHere(w.row("alone").ID), bornHere(series.ID)
			w.patchThere(mine.pid, invited("guest@example.com"))
			w.patchOne(dance.pid, nth(1), invited("dancer@example.com"), sim.SpanThis)
			w.settle()
			w.rest(1)
			if w.byID(mine.id).Invited() != 1 {
				t.Fatal("no guest")
			}
			said := w.deletions()
			how.do(w, team)
			got := said()
			if !slices.Contains(got, alone.pid+" none") {
				t.Errorf("the copy without guests stays: %q", got)
			}
			for _, d := range got {
				if strings.HasPrefix(d, mine.pid) || strings.HasPrefix(d, dance.pid) {
					t.Errorf("a copy with guests was removed: %q", got)
				}
			}
			if said := w.told(); how.name != "delete" && (!slices.Contains(said, "copy_left mine") || !slices.Contains(said, "copy_left dance") || slices.Contains(said, "copy_left alone")) {
				t.Errorf("told: %q", said)
			}
			for _, h := range []handle{mine, dance} {
				if row := w.byID(h.id); row == nil || row.Invited() != 0 {
					t.Errorf("in Aura: %+v", row)
				}
			}
			// Nobody is asked about guests who aren't there.
			row := w.byID(mine.id)
			later := calendar.Time{At: row.Start.At.Add(time.Hour), Zone: row.Start.Zone}
			end := calendar.Time{At: row.End.At.Add(time.Hour), Zone: row.End.Zone}
			to := target(mine.id)
			to.Notify = nil
			if _, err := w.me.editor.Change(context.Background(), w.by, to, edit.Patch{Start: &later, End: &end}); err != nil {
				t.Errorf("moved: %v", err)
			}
		})
	}
}

// TestWhatOnlyAuraHasCanBeChanged: its organizer became somebody else, at Google, and
// there is no such copy any more, or none that Aura could change.
func TestWhatOnlyAuraHasCanBeChanged(t *testing.T) {
	t.Parallel()
	for _, remove := range []bool{false, true} {
		t.Run(fmt.Sprint("copies removed ", remove), func(t *testing.T) {
			t.Parallel()
			w, e := auraBorn(t)
			w.settle()
			w.rest(1)
			theirs := timed("0", 30)
			theirs["id"] = e.pid
			theirs["attendees"] = []any{map[string]any{"email": w.email, "self": true}}
			theirs["organizer"] = map[string]any{"email": "boss@example.com"}
			_, err := w.sim.Calendar.PutEvent(w.email, theirs)
			w.must(err)
			w.rest(1)
			if !w.byID(e.id).ReadOnly {
				t.Fatal("nothing shows: Aura may change it")
			}
			said := w.deletions()
			_, err = w.me.service.Disconnect(context.Background(), w.caller, w.key.Provider, remove)
			w.must(err)
			w.settle()
			w.wound()
			if remove && !slices.Contains(w.told(), "copy_left 0") {
				t.Errorf("told: %q", w.told())
			}
			w.must(w.me.service.Delete(context.Background(), w.caller, w.key.Provider, false))
			w.settle()
			w.wound()
			if got := said(); len(got) != 0 {
				t.Errorf("somebody else's event was deleted at Google: %q", got)
			}
			if err := w.me.retitle(context.Background(), e.id, "mine again"); err != nil {
				t.Errorf("edited: %v", err)
			}
			if err := w.me.delete(context.Background(), e.id); err != nil {
				t.Errorf("deleted: %v", err)
			}
		})
	}
}

// TestACopyThatGotAGuestSinceStays: its etag says that Aura hasn't seen it so.
func TestACopyThatGotAGuestSinceStays(t *testing.T) {
	t.Parallel()
	w, _ := twoCalendars(t)
	mine := bornHere(w.row("mine").ID)
	w.patchThere(mine.pid, invited("guest@example.com"))
	removing[1].do(w, "")
	if !slices.Contains(w.titlesIn(w.email), "mine") {
		t.Error("a copy with a guest was removed")
	}
	if !slices.Contains(w.told(), "copy_left mine") {
		t.Errorf("told: %q", w.told())
	}
	if row := w.byID(mine.id); row == nil || row.Hidden() || row.Invited() != 0 {
		t.Errorf("in Aura: %+v", row)
	}
}

// TestGuestsComeBackWithTheirCopy: the same calendar is connected again, and what was
// moved in between waits for a decision about them.
func TestGuestsComeBackWithTheirCopy(t *testing.T) {
	t.Parallel()
	for _, moved := range []bool{false, true} {
		t.Run(fmt.Sprint("moved ", moved), func(t *testing.T) {
			t.Parallel()
			w := mixed(t)
			mine := bornHere(w.row("mine").ID)
			w.patchThere(mine.pid, invited("guest@example.com"))
			w.settle()
			w.rest(1)
			w.startOver(true)
			if row := w.byID(mine.id); row.Link != nil || row.Invited() != 0 {
				t.Fatalf("in Aura only: %+v", row)
			}
			if moved {
				at := calendar.Time{At: start.Add(90 * time.Hour), Zone: "Europe/Madrid"}
				to := target(mine.id)
				to.Notify = nil
				_, err := w.me.editor.Change(context.Background(), w.by, to, movedTo(at, time.Hour))
				w.must(err)
			}
			w.signIn()
			row, aside := w.byID(mine.id), w.quarantined()
			if row.Link == nil || row.Invited() != 1 {
				t.Errorf("linked again: %+v", row)
			}
			if undecided := len(aside) == 1 && aside[0].Code == "guests_decision_required"; undecided != moved {
				t.Errorf("set aside: %+v", aside)
			}
		})
	}
}

// TestADeletionThatTheGuestsAreToHearOf goes with the calendar that is left, and as its
// person decided.
func TestADeletionThatTheGuestsAreToHearOf(t *testing.T) {
	t.Parallel()
	for _, how := range removing[:2] {
		t.Run(how.name, func(t *testing.T) {
			t.Parallel()
			w, team := twoCalendars(t)
			mine := bornHere(w.row("mine").ID)
			w.patchThere(mine.pid, invited("guest@example.com"))
			w.settle()
			w.rest(1)
			yes := true
			to := target(mine.id)
			to.Notify = &yes
			w.must(w.me.editor.Delete(context.Background(), w.by, to))
			w.queue.msgs = nil
			said := w.deletions()
			if how.name == "switch" {
				w.must(w.me.choose(context.Background(), team, true, true))
				w.settle()
				w.rest(2)
			} else {
				how.do(w, team)
			}
			if got := said(); !slices.Contains(got, mine.pid+" all") {
				t.Errorf("asked to delete: %q", got)
			}
		})
	}
}
