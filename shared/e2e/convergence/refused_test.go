package convergence_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"testing"

	sim "aura.example/integrations/shared/googlesim/calendarv3"
	"aura.example/integrations/shared/integration"
)

// What a large event's edit leaves behind stays far under what one item may
// weigh: it goes through, and holds nothing else back.
func TestAnEditOfALargeEvent(t *testing.T) {
	t.Parallel()
	w := connected(t)
	e := timed("large", 30)
	e["description"] = strings.Repeat("x", 220<<10)
	w.there(e)
	w.there(timed("other", 40))
	w.rest(1)
	w.must(w.me.retitle(context.Background(), w.row("large").ID, "large x"))
	w.must(w.me.retitle(context.Background(), w.row("other").ID, "other x"))
	w.settle()
	w.rest(1)
	rec := w.rec()
	if rec.LastRun == nil || rec.LastRun.Outcome != integration.RunSucceeded || rec.Failures != 0 || rec.Status != integration.Active {
		t.Errorf("one large event: %+v failures %d status %s", rec.LastRun, rec.Failures, rec.Status)
	}
	w.wantTitles("in the end", "large x", "other x")
	w.wantConverged("in the end")
}

// However often an edit is refused, its line of the outbox doesn't grow: what the
// provider refused outright never landed.
func TestRefusedEditsLeaveNoAttempts(t *testing.T) {
	t.Parallel()
	w := connected(t)
	e := timed("e", 30)
	w.there(e)
	w.rest(1)
	id := w.row("e").ID
	w.refusing(http.MethodPatch, nil, 400, "global", "invalid")
	for i := range 4 {
		w.must(w.me.retitle(context.Background(), id, fmt.Sprint("e ", i)))
		w.settle()
	}
	_, item, err := w.me.db.Events.Pair(context.Background(), w.account, id)
	w.must(err)
	if item == nil || item.Refused == nil || len(item.Sent) != 0 {
		t.Errorf("after refused edits the outbox holds %+v", item)
	}
	w.fail(nil)
	w.must(w.me.retitle(context.Background(), id, "e taken"))
	w.settle()
	w.rest(1)
	w.wantTitles("in the end", "e taken")
	w.wantConverged("in the end")
	if q := w.quarantined(); len(q) != 0 {
		t.Errorf("in quarantine: %+v", q)
	}
}

// A refused edit is tried again once its person has signed in anew.
func TestARefusedEditIsTriedAgainAfterANewSignIn(t *testing.T) {
	t.Parallel()
	w, e := linked(t)
	w.refusing(http.MethodPatch, nil, 403, "calendar", "forbiddenForNonOrganizer")
	w.auraSets(e, "1")
	w.settle()
	w.rest(1)
	if len(w.quarantined()) != 1 {
		t.Fatal(w.quarantined())
	}
	w.fail(nil)
	_, err := w.me.service.Disconnect(context.Background(), w.caller, w.key.Provider, false)
	w.must(err)
	w.settle()
	w.wound()
	w.must(w.me.authorize(context.Background()))
	w.settle()
	w.rest(1)
	if q := w.quarantined(); len(q) != 0 {
		t.Errorf("the credential changed, and it isn't tried again: %+v", q)
	}
	w.wantTitles("in the end", "1")
	w.wantConverged("in the end")
}

// And once the calendar, which could only be read for a while, can be written
// again.
func TestARefusedEditIsTriedAgainOnceTheCalendarCanBeWritten(t *testing.T) {
	t.Parallel()
	w := connected(t, timed("a", 24))
	owner := "owner-" + w.account + "@example.com"
	w.must(w.sim.Calendar.AddAccount(owner, "Europe/Madrid"))
	team, err := w.sim.Calendar.AddCalendar(owner, sim.Calendar{ID: "team-" + w.account + "@group.calendar.google.com", Summary: "Team"}, sim.RoleOwner)
	w.must(err)
	w.must(w.sim.Calendar.Share(w.email, team, sim.RoleWriter))
	w.must(w.me.worker.Handle(context.Background(), refreshJob(w)))
	w.choose(team, false, false)
	w.settle()
	w.must(w.me.create(context.Background(), content("mine", 30), ""))
	w.queue.msgs = nil
	run := w.begins()
	run.to(record)
	w.must(w.sim.Calendar.Share(w.email, team, sim.RoleReader)) // between list and insert
	w.must(run.ends())
	if len(w.quarantined()) != 1 {
		t.Fatal(w.quarantined())
	}
	w.rest(2)
	w.must(w.sim.Calendar.Share(w.email, team, sim.RoleWriter))
	w.rest(1)
	if q := w.quarantined(); len(q) != 0 {
		t.Errorf("the role is back, and it isn't tried again: %+v", q)
	}
	w.same("in the calendar", w.titlesIn(team), "mine")
}

// A refused edit costs a quiet sync no read of its own.
func TestRefusedEditsCostAQuietSyncNothing(t *testing.T) {
	t.Parallel()
	w := connected(t)
	w.refusing(http.MethodPost, nil, 400, "global", "invalid")
	for i := range 20 {
		w.must(w.me.create(context.Background(), content(fmt.Sprint("e", i), 30+i), ""))
	}
	w.settle()
	w.queue.msgs = nil
	p := w.process(3)
	p.spendSync()
	got := p.spendSync()
	t.Logf("with 20 refused edits a quiet sync costs %+v", got)
	if got.Read > 3 {
		t.Errorf("a sync that changes nothing reads %v units with 20 refused edits", got.Read)
	}
}

// And once it was merged with an edit at Google, which makes it another state.
func TestARefusedEditIsTriedAgainOnceItWasMerged(t *testing.T) {
	t.Parallel()
	w, e := linked(t)
	w.refusing(http.MethodPatch, nil, 400, "global", "invalid")
	w.auraSets(e, "1")
	w.settle()
	w.rest(1)
	if len(w.quarantined()) != 1 {
		t.Fatal(w.quarantined())
	}
	w.fail(nil)
	w.rest(1)
	if len(w.quarantined()) != 1 {
		t.Error("tried again though nothing has changed")
	}
	w.patchThere(e.pid, sim.Event{"location": "Room 9"})
	w.rest(1)
	if q := w.quarantined(); len(q) != 0 {
		t.Errorf("merged, and not tried again: %+v", q)
	}
	w.wantTitles("in the end", "1")
	w.wantConverged("in the end")
}
