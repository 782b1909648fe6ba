package convergence_test

import (
	"context"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/edit"
	"aura.example/integrations/shared/googlesim"
	"aura.example/integrations/shared/googlesim/accounts"
	sim "aura.example/integrations/shared/googlesim/calendarv3"
	"aura.example/integrations/shared/integration"
)

// What nothing links goes with what it belongs to, all the same.

// An edit of one occurrence of an imported series that was never sent: it holds a
// title of the account that is gone.

func TestPendingOccurrenceOfAnImportedSeriesAndAnotherAccount(t *testing.T) {
	t.Parallel()
	w := connected(t)
	ctx := context.Background()
	w.there(weekly("S"))
	w.sync()
	w.pass(time.Minute)
	id := w.row("S").ID
	w.change(one(id, nth(2), edit.This), titled("secret"))
	w.queue.msgs = nil
	_, err := w.me.service.Disconnect(ctx, w.caller, w.key.Provider, false)
	w.must(err)
	second := "second-" + w.account + "@example.com"
	_, err = w.sim.Accounts.AddAccount(accounts.Account{Email: second})
	w.must(err)
	w.must(w.sim.Calendar.AddAccount(second, "Europe/Madrid"))
	_, err = w.me.service.Create(ctx, w.caller, w.key.Provider)
	w.must(err)
	w.email = second
	w.must(w.me.authorize(ctx))
	w.settle()
	w.wound()
	w.rest(3)
	if got := w.titlesHere(); len(got) != 0 {
		t.Errorf("left of the first account in Aura: %q; outbox %q", got, w.outbox())
	}
	if q := w.quarantined(); len(q) != 0 {
		t.Errorf("in quarantine of the second account: %+v", q)
	}
}

func TestPendingOccurrenceOfAnImportedSeriesAndDelete(t *testing.T) {
	t.Parallel()
	w := connected(t)
	ctx := context.Background()
	w.there(weekly("S"))
	w.sync()
	w.pass(time.Minute)
	w.change(one(w.row("S").ID, nth(2), edit.This), titled("secret"))
	w.queue.msgs = nil
	w.must(w.me.service.Delete(ctx, w.caller, w.key.Provider, false))
	w.settle()
	w.wound()
	if got := w.titlesHere(); len(got) != 0 {
		t.Errorf("left in Aura of a deleted integration: %q; outbox %q", got, w.outbox())
	}
}

func TestPendingOccurrenceOfAnImportedSeriesAndASwitchWithDiscard(t *testing.T) {
	t.Parallel()
	w, team := twoCalendars(t)
	w.there(weekly("S"))
	w.sync()
	w.pass(time.Minute)
	w.change(one(w.row("S").ID, nth(2), edit.This), titled("X"))
	w.queue.msgs = nil
	w.choose(team, false, true)
	w.settle()
	w.rest(3)
	w.same("in Aura", w.titlesHere(), "mine", "ours", "t")
	if q := w.quarantined(); len(q) != 0 {
		t.Errorf("in quarantine: %+v", q)
	}
	if o := w.outbox(); len(o) != 0 {
		t.Errorf("outbox: %q", o)
	}
}

// TestAnswerLostThenASwitchRemovingCopies: an insert that nobody knows to have
// landed leaves a copy too.
func TestAnswerLostThenASwitchRemovingCopies(t *testing.T) {
	t.Parallel()
	w, team := twoCalendars(t)
	w.must(w.me.create(context.Background(), content("new", 33), "new"))
	run := w.begins()
	run.to(done(insert))
	run.vanishes()
	w.queue.msgs = nil
	w.pass(integration.LeaseFor + 2*integration.Skew)
	w.choose(team, true, true)
	w.settle()
	w.heal()
	w.rest(3)
	w.same("in the calendar that was left", w.titlesIn(w.email), "a", "b")
	w.same("in the chosen one", w.titlesIn(team), "mine", "new", "ours", "t")
	w.same("in Aura", w.titlesHere(), "mine", "new", "ours", "t")
}

// TestQuarantineAfterASwitchWithDiscard: what was refused in the calendar that was
// left says nothing of the one that was chosen.
func TestQuarantineAfterASwitchWithDiscard(t *testing.T) {
	t.Parallel()
	for _, title := range []string{"a", "mine"} {
		t.Run(title, func(t *testing.T) {
			t.Parallel()
			w, team := twoCalendars(t)
			ctx := context.Background()
			w.fail(func(r *http.Request) googlesim.Decision {
				if r.Method == http.MethodPatch {
					return googlesim.Decision{Answer: googlesim.Refusal(400, "global", "invalid", "no")}
				}
				return googlesim.Decision{}
			})
			w.must(w.me.retitle(ctx, w.row(title).ID, title+" x"))
			w.settle()
			w.rest(1)
			if q := w.quarantined(); len(q) != 1 {
				t.Fatalf("quarantine %+v", q)
			}
			w.fail(nil)
			w.choose(team, false, true)
			w.settle()
			w.rest(2)
			if q := w.quarantined(); len(q) != 0 {
				t.Errorf("still in quarantine: %+v; there %q, here %q, outbox %q", q, w.titlesIn(team), w.titlesHere(), w.outbox())
			}
		})
	}
}

// What could never be read leaves the quarantine when it leaves the calendar, its
// calendar is left, or its integration is gone.

// huge is an event that is too large to be stored here.
func huge(title string) sim.Event {
	e := timed(title, 30)
	e["description"] = strings.Repeat("x", 320<<10)
	return e
}

// TestUnreadableDeletedAtGoogleLeavesTheQuarantine with the very next sync, of the
// first sync's or a later one's, one of two or the last; and where nothing is set
// aside, the echo of a deletion of Aura's costs what it did.
func TestUnreadableDeletedAtGoogleLeavesTheQuarantine(t *testing.T) {
	t.Parallel()
	w := connected(t, timed("a", 24), timed("b", 25), huge("first"))
	first := w.quarantined()[0].ProviderID
	later := w.there(huge("later"))
	w.rest(1)
	aside := func(what string, want ...string) {
		t.Helper()
		var got []string
		for _, q := range w.quarantined() {
			got = append(got, q.Title)
		}
		slices.Sort(got)
		w.same(what, got, want...)
	}
	aside("both set aside", "first", "later")
	p := w.process(3)
	p.spendSync()
	quiet := p.spendSync()
	echo := func(title string) spent {
		t.Helper()
		w.must(p.delete(context.Background(), w.row(title).ID))
		p.spendSync()
		return p.spendSync().minus(quiet)
	}
	with := echo("a")
	w.deleteThere(first)
	gone := p.spendSync().minus(quiet)
	aside("one deleted there", "later")
	w.deleteThere(later)
	w.rest(1)
	aside("both deleted there")
	without := echo("b")
	t.Logf("the echo of a deletion with something set aside %+v, and without %+v; what was set aside deleted there %+v", with, without, gone)
	if without != (spent{integration.Units{Read: 1}, 0}) || with.Write != 0 || with.calls != 0 || quiet.Read != 1.5 {
		t.Errorf("without: %+v, with: %+v, quiet: %+v", without, with, quiet)
	}
	if w.rec().Unreadable {
		t.Error("the record still says that something is set aside")
	}
}

func TestUnreadableOfAnotherCalendarLeavesTheQuarantine(t *testing.T) {
	t.Parallel()
	w, team := twoCalendars(t)
	w.there(huge("huge"))
	w.rest(1)
	if q := w.quarantined(); len(q) != 1 {
		t.Fatalf("quarantine %+v", q)
	}
	w.choose(team, false, false)
	w.settle()
	w.rest(2)
	if q := w.quarantined(); len(q) != 0 {
		t.Errorf("its calendar was left, and it is still in quarantine: %+v", q)
	}
}

func TestUnreadableAfterTheIntegrationIsDeleted(t *testing.T) {
	t.Parallel()
	w := connected(t)
	w.there(huge("huge secret"))
	w.rest(1)
	w.must(w.me.service.Delete(context.Background(), w.caller, w.key.Provider, false))
	w.settle()
	w.wound()
	if q := w.quarantined(); len(q) != 0 {
		t.Errorf("the integration is deleted, and in quarantine is: %+v", q)
	}
}
