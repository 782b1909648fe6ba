package convergence_test

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/edit"
	"aura.example/integrations/shared/google"
	"aura.example/integrations/shared/googlesim/accounts"
	sim "aura.example/integrations/shared/googlesim/calendarv3"
	"aura.example/integrations/shared/integration"
)

// Somebody disconnects, keeping the copies, begins anew and signs in to the same
// account again. What was deleted at Google in between is deleted.

// startOver disconnects and begins anew. The wind-down is done at once, or late: its
// slot brings it.
func (w *world) startOver(wound bool) {
	w.Helper()
	ctx := context.Background()
	_, err := w.me.service.Disconnect(ctx, w.caller, google.Key, false)
	w.must(err)
	_, err = w.me.service.Create(ctx, w.caller, google.Key)
	w.must(err)
	if wound {
		w.wound()
	} else {
		w.queue.msgs = nil
	}
}

// signIn is the other half of it; then everything comes to rest.
func (w *world) signIn() {
	w.Helper()
	w.must(w.me.authorize(context.Background()))
	w.settle()
	w.wound()
	w.rest(2)
}

func eachWinding(t *testing.T, do func(t *testing.T, wound bool)) {
	t.Helper()
	t.Parallel()
	for _, wound := range []bool{false, true} {
		t.Run(fmt.Sprint("wound down ", wound), func(t *testing.T) {
			t.Parallel()
			do(t, wound)
		})
	}
}

// TestADeletionThereWhileTheIntegrationIsMadeAnew: whenever it is.
func TestADeletionThereWhileTheIntegrationIsMadeAnew(t *testing.T) {
	t.Parallel()
	for _, when := range []string{
		"before signing in", "after the wind-down", "before the wind-down", "after the first sync, before the purge", "after the purge",
	} {
		t.Run(when, func(t *testing.T) {
			t.Parallel()
			w := mixed(t)
			pid := w.row("mine").Link.ProviderID
			if when == "before the wind-down" {
				_, err := w.me.service.Disconnect(context.Background(), w.caller, google.Key, false)
				w.must(err)
				w.deleteThere(pid)
				_, err = w.me.service.Create(context.Background(), w.caller, google.Key)
				w.must(err)
				w.wound()
			} else {
				w.startOver(when == "after the wind-down")
			}
			if when == "before signing in" || when == "after the wind-down" {
				w.deleteThere(pid)
			}
			w.must(w.me.authorize(context.Background()))
			w.settle()
			if when == "after the first sync, before the purge" {
				w.rest(1)
				w.deleteThere(pid)
				w.rest(1)
			}
			w.wound()
			w.rest(2)
			if when == "after the purge" {
				w.deleteThere(pid)
				w.rest(2)
			}
			w.same("at Google", w.titlesIn(w.email), "a", "b", "ours")
			w.same("in Aura", w.titlesHere(), "a", "b", "ours")
			w.wantConverged("in the end")
			w.quiet("in the end")
		})
	}
}

// TestAnEditOutlivesADeletionThereWhileTheIntegrationIsMadeAnew, and is named.
func TestAnEditOutlivesADeletionThereWhileTheIntegrationIsMadeAnew(t *testing.T) {
	eachWinding(t, func(t *testing.T, wound bool) {
		w := mixed(t)
		w.startOver(wound)
		w.deleteThere(w.pidOf("mine"))
		w.pass(time.Minute)
		w.must(w.me.retitle(context.Background(), w.idOf("mine"), "mine v2"))
		w.signIn()
		w.same("at Google", w.titlesIn(w.email), "a", "b", "mine v2", "ours")
		w.same("in Aura", w.titlesHere(), "a", "b", "mine v2", "ours")
		if told := fmt.Sprint(w.told()); strings.Count(told, "conflict") != 1 {
			t.Errorf("an edit against a deletion is named once: %s", told)
		}
		w.quiet("in the end")
	})
}

// TestADeletionThereStaysOneWhereverTheFirstSyncDies: after each boundary of the sync
// that follows the new sign-in, in the quick form at samples.
func TestADeletionThereStaysOneWhereverTheFirstSyncDies(t *testing.T) {
	eachWinding(t, func(t *testing.T, wound bool) {
		ready := func(t *testing.T) (*world, *process) {
			w := mixed(t)
			w.startOver(wound)
			w.deleteThere(w.pidOf("mine"))
			w.must(w.me.authorize(context.Background()))
			return w, w.process(1)
		}
		_, p := ready(t)
		p.work(context.Background())
		for k, c := range p.crossings() {
			if !long() && k%6 != 2 {
				continue
			}
			t.Run(fmt.Sprintf("%02d %s", k+1, c.what), func(t *testing.T) {
				t.Parallel()
				w, p := ready(t)
				p.after = func(n int, _ crossing) bool { return n == k+1 }
				p.work(context.Background())
				if !p.gone() {
					t.Fatal("nobody died")
				}
				w.heal()
				w.wound()
				w.rest(2)
				w.same("at Google", w.titlesIn(w.email), "a", "b", "ours")
				w.same("in Aura", w.titlesHere(), "a", "b", "ours")
				w.quiet("in the end")
			})
		}
	})
}

// TestADeletedIntegrationLeavesAurasEvents: whoever deletes it, keeping the copies, is
// told that what was created in Aura stays there. Copies that are tidied away at Google
// take nothing from Aura when somebody connects again.
func TestADeletedIntegrationLeavesAurasEvents(t *testing.T) {
	eachWinding(t, func(t *testing.T, wound bool) {
		w := mixed(t)
		pid, ctx := w.pidOf("mine"), context.Background()
		w.must(w.me.service.Delete(ctx, w.caller, google.Key, false))
		if wound {
			w.settle()
			w.wound()
		} else {
			w.queue.msgs = nil
		}
		w.deleteThere(pid)
		_, err := w.me.service.Create(ctx, w.caller, google.Key)
		w.must(err)
		w.signIn()
		w.same("in Aura", w.titlesHere(), "a", "b", "mine", "ours")
		w.same("at Google", w.titlesIn(w.email), "a", "b", "mine", "ours")
		w.quiet("in the end")
	})
}

// idOf finds an event of Aura's by title, linked or not; pidOf is its id at Google.
func (w *world) idOf(title string) string {
	w.Helper()
	for _, it := range w.items() {
		if sk, _ := it["sk"].(string); strings.HasPrefix(sk, "E#") && it["ti"] == title {
			return strings.TrimPrefix(sk, "E#")
		}
	}
	w.Fatalf("no event is called %q", title)
	return ""
}

func (w *world) pidOf(title string) string { return strings.TrimPrefix(w.idOf(title), "evt_") }

// TestMostDeletedThereWhileTheIntegrationIsMadeAnewIsHeld: nobody's calendar goes
// because of a sign-in.
func TestMostDeletedThereWhileTheIntegrationIsMadeAnewIsHeld(t *testing.T) {
	eachWinding(t, func(t *testing.T, wound bool) {
		w := connected(t)
		var all []string
		for i := range 8 {
			all = append(all, fmt.Sprint("e", i))
			w.must(w.me.create(context.Background(), content(all[i], 28+i), all[i]))
		}
		w.settle()
		w.pass(time.Minute)
		w.startOver(wound)
		for _, title := range all[:6] {
			w.deleteThere(w.pidOf(title))
		}
		w.must(w.me.authorize(context.Background()))
		w.settle()
		w.wound()
		if rec := w.rec(); rec.Status != integration.Error || rec.Reason == nil || rec.Reason.Code != integration.ReasonMassDeletionHeld {
			t.Fatalf("nobody is asked: %s %+v, at Google %q", rec.Status, rec.Reason, w.titlesIn(w.email))
		}
		w.same("in Aura while it is held", w.titlesHere(), slices.Clone(all)...)
		_, err := w.me.service.ConfirmDeletions(context.Background(), w.caller, google.Key)
		w.must(err)
		w.settle()
		w.rest(1)
		w.same("at Google", w.titlesIn(w.email), all[6:]...)
		w.same("in Aura", w.titlesHere(), all[6:]...)
		w.quiet("in the end")
	})
}

// TestAnotherAccountTakesNothingForDeleted: there is nothing of the earlier one's in
// it, and that says nothing.
func TestAnotherAccountTakesNothingForDeleted(t *testing.T) {
	eachWinding(t, func(t *testing.T, wound bool) {
		w := mixed(t)
		w.startOver(wound)
		w.deleteThere(w.pidOf("mine"))
		first := w.email
		w.email = "second-" + w.account + "@example.com"
		_, err := w.sim.Accounts.AddAccount(accounts.Account{Email: w.email})
		w.must(err)
		w.must(w.sim.Calendar.AddAccount(w.email, "Europe/Madrid"))
		w.signIn()
		w.same("at the first", w.titlesIn(first), "a", "b", "ours")
		w.same("at the second", w.titlesIn(w.email), "mine", "ours")
		w.same("in Aura", w.titlesHere(), "mine", "ours")
	})
}

// TestAnotherCalendarTakesNothingForDeleted: the same account's, to which Aura's
// events go.
func TestAnotherCalendarTakesNothingForDeleted(t *testing.T) {
	eachWinding(t, func(t *testing.T, wound bool) {
		w, team := twoCalendars(t)
		w.choose(team, true, false)
		w.settle()
		w.same("in the first one", w.titlesIn(team), "mine", "ours", "t")
		w.startOver(wound)
		w.must(w.sim.Calendar.Delete(w.email, team, w.pidOf("mine"), sim.SpanAll))
		w.signIn()
		w.same("in the calendar that was left", w.titlesIn(team), "ours", "t")
		w.same("in the chosen one", w.titlesIn(w.email), "a", "b", "mine", "ours")
		w.same("in Aura", w.titlesHere(), "a", "b", "mine", "ours")
		w.quiet("in the end")
	})
}

// TestASeriesIsRegainedWithItsOccurrences: an exception that stayed, one that is
// deleted at Google meanwhile, and a hole.
func TestASeriesIsRegainedWithItsOccurrences(t *testing.T) {
	eachWinding(t, func(t *testing.T, wound bool) {
		w := connected(t)
		c := content("S", 2)
		c.Recurrence = []string{"RRULE:FREQ=WEEKLY;COUNT=8"}
		row, _, err := w.me.editor.Create(context.Background(), w.by, c, "")
		w.must(err)
		w.settle()
		w.change(one(row.ID, nth(2), edit.This), titled("X"))
		w.change(one(row.ID, nth(4), edit.This), titled("Y"))
		w.remove(one(row.ID, nth(3), edit.This))
		w.settle()
		w.rest(1)
		pid := w.byID(row.ID).Link.ProviderID
		w.startOver(wound)
		w.deleteOne(pid, nth(4), sim.SpanThis)
		w.patchOne(pid, nth(5), sim.Event{"summary": "Z"}, sim.SpanThis)
		w.signIn()
		here, there := w.shownHere(), w.shownThere()
		if !slices.Equal(here, there) || len(here) != 6 || !slices.Contains(here, text(nth(2), "X")) || !slices.Contains(here, text(nth(5), "Z")) {
			t.Errorf("Aura\n%q\nGoogle\n%q\ntold %q", here, there, w.told())
		}
		w.quiet("in the end")
	})
}

// TestWhatWasToBePutBackIsAlsoWhereTheIntegrationIsMadeAnew: an event of Aura's is
// deleted at Google and edited in Aura, and the run that is to put it back dies before
// it does. Then the integration is made anew.
func TestWhatWasToBePutBackIsAlsoWhereTheIntegrationIsMadeAnew(t *testing.T) {
	eachWinding(t, func(t *testing.T, wound bool) {
		w := mixed(t)
		row := w.row("mine")
		w.deleteThere(row.Link.ProviderID)
		place := "Room"
		w.change(target(row.ID), edit.Patch{Location: &place})
		p, dead := w.process(3), false
		p.before = func(_ int, c crossing) bool {
			dead = dead || c.what == "google PUT"
			return dead
		}
		_ = p.worker.Handle(context.Background(), w.job(integration.TriggerSchedule))
		if !dead {
			t.Fatal("nothing was to be put back")
		}
		w.startOver(wound)
		w.signIn()
		if row := w.row("mine"); row == nil || row.Location != place || row.Link == nil || row.Pending != "" {
			t.Errorf("it isn't back: %+v", row)
		}
		w.wantConverged("at rest")
	})
}
