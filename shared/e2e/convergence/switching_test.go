package convergence_test

import (
	"context"
	"fmt"
	"testing"
	"time"

	"aura.example/integrations/shared/edit"
	"aura.example/integrations/shared/google"
	"aura.example/integrations/shared/googlesim/accounts"
	sim "aura.example/integrations/shared/googlesim/calendarv3"
)

// A copy that stayed in a calendar that was left, or in another account's, is met
// again where that calendar is connected once more. By then Aura has what came
// since from elsewhere.

// TestAnOldCopyDoesNotOverwriteWhatWasEditedSince: in Aura, or in the calendar that
// was chosen meanwhile. Both values are named.
func TestAnOldCopyDoesNotOverwriteWhatWasEditedSince(t *testing.T) {
	t.Parallel()
	for _, by := range []string{"Aura", "Google"} {
		t.Run(by, func(t *testing.T) {
			t.Parallel()
			w, team := twoCalendars(t)
			ctx := context.Background()
			id := w.row("mine").ID
			w.choose(team, false, false)
			w.settle()
			w.rest(1)
			w.pass(24 * time.Hour)
			if by == "Aura" {
				w.must(w.me.retitle(ctx, id, "mine v2"))
			} else {
				_, err := w.sim.Calendar.Patch(w.email, team, bornHere(id).pid, sim.Event{"summary": "mine v2"}, sim.SpanAll)
				w.must(err)
			}
			w.settle()
			w.rest(2)
			w.same("in the team's calendar", w.titlesIn(team), "mine v2", "ours", "t")
			w.choose("primary", false, false)
			w.settle()
			w.rest(2)
			if row := w.byID(id); row == nil || row.Title != "mine v2" {
				t.Errorf("back again Aura says %q; conflicts %+v; told %q", row.Title, w.conflicts(), w.told())
			}
			w.same("back again", w.titlesIn(w.email), "a", "b", "mine v2", "ours")
			if said := w.conflicts(); len(said) != 1 || said[0].Ours != "mine v2" || said[0].Their != "mine" || said[0].Won != "aura" {
				t.Errorf("the value that lost is named as %+v", said)
			}
		})
	}
}

// TestAnOldCopyThatWasEditedSinceWins: the other way round, by somebody who still
// looks at the calendar that was left.
func TestAnOldCopyThatWasEditedSinceWins(t *testing.T) {
	t.Parallel()
	w, team := twoCalendars(t)
	id := w.row("mine").ID
	w.choose(team, false, false)
	w.settle()
	w.rest(1)
	w.must(w.me.retitle(context.Background(), id, "mine v2"))
	w.settle()
	w.pass(24 * time.Hour)
	w.patchThere(bornHere(id).pid, sim.Event{"summary": "mine v3"})
	w.choose("primary", false, false)
	w.settle()
	w.rest(2)
	w.same("back again", w.titlesIn(w.email), "a", "b", "mine v3", "ours")
	if said := w.conflicts(); len(said) != 1 || said[0].Ours != "mine v2" || said[0].Won != "provider" {
		t.Errorf("the value that lost is named as %+v", said)
	}
}

// TestADeletionHoldsAgainstAnOldCopy: what was deleted here while another calendar
// was synced, and had not been sent, doesn't come back by an older copy.
func TestADeletionHoldsAgainstAnOldCopy(t *testing.T) {
	t.Parallel()
	w, team := twoCalendars(t)
	ctx := context.Background()
	id := w.row("mine").ID
	w.choose(team, false, false)
	w.settle()
	w.rest(1)
	w.pass(time.Hour)
	w.must(w.me.retitle(ctx, id, "mine v2"))
	w.settle()
	w.rest(1)
	w.must(w.me.delete(ctx, id))
	w.queue.msgs = nil
	w.choose("primary", false, true)
	w.settle()
	w.rest(2)
	w.same("back again", w.titlesIn(w.email), "a", "b", "ours")
	w.same("in Aura", w.titlesHere(), "a", "b", "ours")
}

// TestACopyThatWasToStayComesInAgain: an event is deleted in Aura while another calendar
// is chosen, and that calendar hears of it. The copy that was to stay in the one that was
// left is that calendar's own: choosing it again brings it in as everything there, with
// what somebody edited of it, and deletes nothing there unasked. Deleted now, it goes.
func TestACopyThatWasToStayComesInAgain(t *testing.T) {
	t.Parallel()
	for _, edited := range []bool{false, true} {
		t.Run(fmt.Sprintf("edited there %v", edited), func(t *testing.T) {
			t.Parallel()
			w, team := twoCalendars(t)
			ctx := context.Background()
			id, title := w.row("mine").ID, "mine"
			w.choose(team, false, false)
			w.settle()
			w.rest(1)
			w.must(w.me.delete(ctx, id))
			w.settle()
			w.rest(1)
			w.same("in the team's calendar", w.titlesIn(team), "ours", "t")
			w.same("in the one that was left", w.titlesIn(w.email), "a", "b", "mine", "ours")
			if edited {
				title = "mine v2"
				w.patchThere(bornHere(id).pid, sim.Event{"summary": title})
			}
			w.choose("primary", false, false)
			w.settle()
			w.rest(2)
			w.same("back again", w.titlesIn(w.email), "a", "b", title, "ours")
			w.same("in Aura", w.titlesHere(), "a", "b", title, "ours")
			w.quiet("back again")
			w.must(w.me.delete(ctx, w.row(title).ID))
			w.settle()
			w.rest(1)
			w.same("deleted there", w.titlesIn(w.email), "a", "b", "ours")
			w.same("deleted in Aura", w.titlesHere(), "a", "b", "ours")
			w.quiet("deleted")
		})
	}
}

// TestAnOldCopyInTheFirstAccountDoesNotOverwrite: there and back between accounts.
func TestAnOldCopyInTheFirstAccountDoesNotOverwrite(t *testing.T) {
	t.Parallel()
	w := mixed(t)
	ctx := context.Background()
	id := w.row("mine").ID
	first := w.email
	second := "second-" + w.account + "@example.com"
	_, err := w.sim.Accounts.AddAccount(accounts.Account{Email: second})
	w.must(err)
	w.must(w.sim.Calendar.AddAccount(second, "Europe/Madrid"))
	for i, email := range []string{second, first} {
		w.must(w.me.service.Delete(ctx, w.caller, google.Key, false))
		w.settle()
		w.wound()
		w.email = email
		w.must(connectAnew(ctx, w.me))
		w.settle()
		w.rest(2)
		if i == 0 {
			w.pass(24 * time.Hour)
			w.must(w.me.retitle(ctx, id, "mine v2"))
			w.settle()
			w.rest(1)
			w.same("at the second", w.titlesIn(second), "mine v2", "ours")
		}
	}
	w.same("at the first again", w.titlesIn(first), "a", "b", "mine v2", "ours")
}

// TestAnOldCopyOfASeriesDoesNotOverwrite: nor what was edited of single occurrences.
func TestAnOldCopyOfASeriesDoesNotOverwrite(t *testing.T) {
	t.Parallel()
	w, team := twoCalendars(t)
	ctx := context.Background()
	c := content("ser", 2)
	c.Recurrence = []string{"RRULE:FREQ=WEEKLY;COUNT=10"}
	row, _, err := w.me.editor.Create(ctx, w.by, c, "")
	w.must(err)
	w.settle()
	w.rest(1)
	w.change(one(row.ID, nth(2), edit.This), titled("X"))
	w.settle()
	w.choose(team, false, false)
	w.settle()
	w.rest(1)
	w.pass(24 * time.Hour)
	w.change(one(row.ID, nth(2), edit.This), titled("X v2"))
	w.remove(one(row.ID, nth(3), edit.This))
	w.settle()
	w.rest(2)
	w.choose("primary", false, false)
	w.settle()
	w.rest(3)
	w.wantSame("back again", []string{text(nth(2), "X v2")}, []string{text(nth(3), "ser")})
}

// TestErasedStampAndBackAgain: somebody erases the mark that Aura left in an event,
// as a PUT of any other program does. The deletion of its copies still isn't taken
// for its own when the calendar comes back.
func TestErasedStampAndBackAgain(t *testing.T) {
	t.Parallel()
	w, team := twoCalendars(t)
	pid := w.row("mine").Link.ProviderID
	w.patchThere(pid, sim.Event{"extendedProperties": nil})
	w.rest(1)
	w.choose(team, true, false)
	w.settle()
	w.rest(1)
	w.same("in the chosen one", w.titlesIn(team), "mine", "ours", "t")
	w.choose("primary", true, false)
	w.settle()
	w.rest(2)
	w.same("back again", w.titlesIn(w.email), "a", "b", "mine", "ours")
	w.same("in Aura", w.titlesHere(), "a", "b", "mine", "ours")
}

func TestErasedStampDisconnectRemovingAndReconnect(t *testing.T) {
	t.Parallel()
	w := mixed(t)
	ctx := context.Background()
	pid := w.row("mine").Link.ProviderID
	w.patchThere(pid, sim.Event{"extendedProperties": nil})
	w.rest(1)
	_, err := w.me.service.Disconnect(ctx, w.caller, w.key.Provider, true)
	w.must(err)
	w.settle()
	w.wound()
	w.must(connectAnew(ctx, w.me))
	w.settle()
	w.rest(2)
	w.same("at Google", w.titlesIn(w.email), "a", "b", "mine", "ours")
	w.same("in Aura", w.titlesHere(), "a", "b", "mine", "ours")
}
