package convergence_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/edit"
	"aura.example/integrations/shared/googlesim"
	sim "aura.example/integrations/shared/googlesim/calendarv3"
	"aura.example/integrations/shared/integration"
)

// What was edited in a calendar since Aura last looked is not lost by leaving it.

// TestAnEditThereBeforeASwitchIsNotLost: the edit was never pulled, and the cursor
// that would have told of it is gone with the switch.
func TestAnEditThereBeforeASwitchIsNotLost(t *testing.T) {
	t.Parallel()
	for _, remove := range []bool{false, true} {
		t.Run(fmt.Sprint("removing ", remove), func(t *testing.T) {
			t.Parallel()
			w, team := twoCalendars(t)
			w.patchThere(w.row("mine").Link.ProviderID, sim.Event{"location": "moved to Room 9"})
			w.deleteThere(w.row("ours").Link.ProviderID)
			w.choose(team, remove, false)
			w.settle()
			w.rest(2)
			if row := w.row("mine"); row == nil || row.Location != "moved to Room 9" {
				t.Errorf("what was edited at Google before the switch is lost: here %+v, told %q", row, w.told())
			}
			w.same("in the chosen one", w.titlesIn(team), "mine", "t")
			w.same("in Aura", w.titlesHere(), "mine", "t")
			kept := []string{"a", "b", "mine"}
			if remove {
				kept = kept[:2]
			}
			w.same("in the calendar that was left", w.titlesIn(w.email), kept...)
			w.quiet("after the switch")
		})
	}
}

// TestAnOccurrenceEditedThereBeforeASwitchIsNotLost: of a series of Aura's.
func TestAnOccurrenceEditedThereBeforeASwitchIsNotLost(t *testing.T) {
	t.Parallel()
	for _, remove := range []bool{false, true} {
		t.Run(fmt.Sprint("removing ", remove), func(t *testing.T) {
			t.Parallel()
			w, team := twoCalendars(t)
			c := content("ser", 2)
			c.Recurrence = []string{"RRULE:FREQ=WEEKLY;COUNT=10"}
			row, _, err := w.me.editor.Create(context.Background(), w.by, c, "")
			w.must(err)
			w.settle()
			w.change(one(row.ID, nth(2), edit.This), titled("X"))
			w.settle()
			w.rest(1)
			row = w.row("ser")
			w.patchOne(row.Link.ProviderID, nth(2), sim.Event{"summary": "X there"}, sim.SpanThis)
			w.patchOne(row.Link.ProviderID, nth(3), sim.Event{"summary": "Y there"}, sim.SpanThis)
			w.deleteOne(row.Link.ProviderID, nth(5), sim.SpanThis)
			w.choose(team, remove, false)
			w.settle()
			w.rest(3)
			here, there := strings.Join(w.shownHere(), "\n"), strings.Join(w.titlesIn(team), "\n")
			for _, want := range []string{text(nth(2), "X there"), text(nth(3), "Y there"), text(nth(4), "ser")} {
				if !strings.Contains(here, want) {
					t.Errorf("nobody shows %q:\n%s", want, here)
				}
			}
			if !strings.Contains(there, "X there") || !strings.Contains(there, "Y there") || strings.Contains(here, text(nth(5), "ser")) {
				t.Errorf("in the chosen one %s; here %s", there, here)
			}
			w.quiet("after the switch")
		})
	}
}

// TestAnEditThereInTheMomentOfALeavingIsNotLost: after Aura's last look, right
// before the copy is deleted.
func TestAnEditThereInTheMomentOfALeavingIsNotLost(t *testing.T) {
	t.Parallel()
	for _, disconnect := range []bool{false, true} {
		t.Run(fmt.Sprint("disconnecting ", disconnect), func(t *testing.T) {
			t.Parallel()
			w, team := twoCalendars(t)
			pid, edited := w.row("mine").Link.ProviderID, false
			w.fail(func(r *http.Request) googlesim.Decision {
				if r.Method == http.MethodDelete && !edited {
					edited = true
					w.patchThere(pid, sim.Event{"location": "moved to Room 9"})
				}
				return googlesim.Decision{}
			})
			if disconnect {
				_, err := w.me.service.Disconnect(context.Background(), w.caller, w.key.Provider, true)
				w.must(err)
				w.settle()
				w.wound()
			} else {
				w.choose(team, true, false)
				w.settle()
				w.rest(2)
				w.same("in the chosen one", w.titlesIn(team), "mine", "ours", "t")
			}
			if !edited {
				t.Fatal("nothing was deleted there")
			}
			w.same("in the calendar that was left", w.titlesIn(w.email), "a", "b")
			if row := w.row("mine"); row == nil || row.Location != "moved to Room 9" {
				row = w.row("mine+")
				t.Errorf("what was edited at Google is lost with its copy: here %+v, told %q", row, w.told())
			}
		})
	}
}

// TestAnEditThereBeforeADisconnectThatRemovesIsNotLost: there is no pull any more.
func TestAnEditThereBeforeADisconnectThatRemovesIsNotLost(t *testing.T) {
	t.Parallel()
	w := mixed(t)
	w.patchThere(w.row("mine").Link.ProviderID, sim.Event{"location": "moved to Room 9"})
	_, err := w.me.service.Disconnect(context.Background(), w.caller, w.key.Provider, true)
	w.must(err)
	w.settle()
	w.wound()
	w.same("at Google", w.titlesIn(w.email), "a", "b")
	if row := w.row("mine"); row == nil || row.Location != "moved to Room 9" {
		t.Errorf("what was edited at Google is lost with its copy: %+v", row)
	}
}

// TestAnEditGoesAlongThatCantBeSentWhereItGoes: another calendar is chosen, which can
// only be read, with an edit that waits, while Google takes no writes. The copy in the
// calendar that is left is removed once it does; what was edited goes along, and nobody
// is told that it is set aside.
func TestAnEditGoesAlongThatCantBeSentWhereItGoes(t *testing.T) {
	t.Parallel()
	w := connected(t)
	ctx := context.Background()
	team := w.shared(sim.RoleReader)
	w.choose("primary", false, false)
	w.direction(integration.TwoWay)
	w.settle()
	w.must(w.me.create(ctx, content("mine", 30), ""))
	w.settle()
	w.rest(1)
	w.refusing(http.MethodPatch, nil, 403, "usageLimits", "quotaExceeded")
	w.must(w.me.retitle(ctx, w.row("mine").ID, "mine x"))
	w.settle()
	w.choose(team, true, true)
	w.settle()
	w.rest(1)
	w.same("in the calendar that is left, while writes rest", w.titlesIn(w.email), "mine")
	w.same("set aside", w.aside())
	w.fail(nil)
	w.pass(3 * time.Hour)
	w.rest(2)
	w.same("in the calendar that was left", w.titlesIn(w.email))
	w.same("in Aura", w.titlesHere(), "a", "b", "c", "mine x+")
	w.same("set aside in the end", w.aside())
	w.quiet("in the end")
}
