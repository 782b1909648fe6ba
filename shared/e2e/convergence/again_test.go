package convergence_test

import (
	"context"
	"net/http"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/edit"
	"aura.example/integrations/shared/googlesim"
	sim "aura.example/integrations/shared/googlesim/calendarv3"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
)

// retry is what a person asks for in the list of quarantined events.
func (w *world) retry(event string) {
	w.Helper()
	rec := w.rec()
	w.must(w.me.service.RetryEvent(context.Background(), w.caller, rec, event))
	w.settle()
}

func (w *world) quarantined() []calendar.Quarantine {
	w.Helper()
	list, err := w.me.db.Events.Quarantined(context.Background(), w.account)
	w.must(err)
	return list
}

// TestAQuarantinedEditIsTriedAgainWhenAPersonAsks: a hopeless write isn't
// retried for ever, and has a way out.
func TestAQuarantinedEditIsTriedAgainWhenAPersonAsks(t *testing.T) {
	t.Parallel()
	w := connected(t, timed("a", 24))
	refusing := func(r *http.Request) googlesim.Decision {
		if r.Method == http.MethodPost && strings.HasSuffix(r.URL.Path, "/events") {
			return googlesim.Decision{Answer: &googlesim.Answer{Status: 400, Body: `{"error":{"code":400,"errors":[{"domain":"global","reason":"invalid","message":"Invalid"}]}}`}}
		}
		return googlesim.Decision{}
	}
	w.fail(refusing)
	w.must(w.me.create(context.Background(), content("mine", 30), "mine"))
	w.settle()
	list := w.quarantined()
	if len(list) != 1 || list[0].Title != "mine" {
		t.Fatalf("in quarantine: %+v", list)
	}
	p := w.process(3)
	w.pass(time.Minute)
	w.must(p.worker.Handle(context.Background(), w.job(integration.TriggerSchedule)))
	if n := p.writes("/calendar/"); n != 0 {
		t.Errorf("a hopeless write is tried again by itself: %d times", n)
	}
	w.retry(list[0].EventID) // it is refused as before
	if again := w.quarantined(); len(again) != 1 {
		t.Fatalf("after a try that failed: %+v", again)
	}
	w.fail(nil)
	w.retry(list[0].EventID)
	if left := w.quarantined(); len(left) != 0 {
		t.Errorf("left in quarantine: %+v", left)
	}
	w.wantTitles("tried again", "a", "mine")
	w.wantConverged("tried again")
	w.must(w.me.worker.Handle(context.Background(), job.Job{Kind: job.RetryEvent, Account: w.account, Provider: w.key.Provider, Generation: w.rec().ID, Event: list[0].EventID})) // delivered twice
}

// TestWhatWaitsForAQuarantinedSeriesSaysSo: an edit of an occurrence whose series
// can't be written has a reason of its own, is neither written nor named again while
// nothing changes, and goes by itself with the series.
func TestWhatWaitsForAQuarantinedSeriesSaysSo(t *testing.T) {
	t.Parallel()
	w := connected(t)
	pid := w.there(weekly("S"))
	w.sync()
	w.fail(func(r *http.Request) googlesim.Decision {
		if r.Method == http.MethodPatch && strings.HasSuffix(r.URL.Path, "/events/"+pid) {
			return googlesim.Decision{Answer: &googlesim.Answer{Status: 400, Body: `{"error":{"code":400,"errors":[{"domain":"global","reason":"invalid","message":"Invalid"}]}}`}}
		}
		return googlesim.Decision{}
	})
	series := w.row("S").ID
	w.change(target(series), titled("T"))
	x := w.change(one(series, nth(3), edit.This), titled("X")).Row.ID
	w.settle()
	var own calendar.Quarantine
	list := w.quarantined()
	for _, q := range list {
		if q.EventID == x {
			own = q
		}
	}
	if len(list) != 2 || own.Code != "series_quarantined" || own.Title != "X" || !strings.Contains(own.Reason, "series") {
		t.Fatalf("in quarantine: %+v", list)
	}
	p := w.process(3)
	w.pass(time.Minute)
	w.must(p.worker.Handle(context.Background(), w.job(integration.TriggerSchedule)))
	if n := p.writes("/calendar/") + p.writes(w.site.names.Events); n != 0 {
		t.Errorf("written again while nothing changed: %v", p.crossings())
	}
	w.retry(x) // alone it can't go
	if again := w.quarantined(); len(again) != 2 {
		t.Errorf("after a try of the occurrence: %+v", again)
	}
	w.fail(nil)
	w.retry(series)
	if left := w.quarantined(); len(left) != 0 {
		t.Errorf("left in quarantine: %+v", left)
	}
	w.wantSame("with its series", []string{text(nth(2), "T"), text(nth(3), "X")}, nil)
	w.wantConverged("at rest")
}

// TestARoleThatChangesLaterIsNoticed: a calendar that can only be read from now
// on takes nothing, says so, and takes what waited once it can be written again.
func TestARoleThatChangesLaterIsNoticed(t *testing.T) {
	t.Parallel()
	w := connected(t, timed("a", 24))
	owner := "owner-" + w.account + "@example.com"
	w.must(w.sim.Calendar.AddAccount(owner, "Europe/Madrid"))
	team, err := w.sim.Calendar.AddCalendar(owner, sim.Calendar{ID: "team-" + w.account + "@group.calendar.google.com", Summary: "Team"}, sim.RoleOwner)
	w.must(err)
	share := func(role sim.Role) {
		t.Helper()
		w.must(w.sim.Calendar.Share(w.email, team, role))
	}
	share(sim.RoleWriter)
	w.must(w.me.worker.Handle(context.Background(), job.Job{Kind: job.RefreshCalendars, Account: w.account, Provider: w.key.Provider, Generation: w.rec().ID}))
	w.choose(team, false, false)
	w.settle()
	if rec := w.rec(); rec.Status != integration.Active || rec.ReadOnly {
		t.Fatalf("%s, read-only %v", rec.Status, rec.ReadOnly)
	}
	share(sim.RoleReader)
	w.must(w.me.create(context.Background(), content("mine", 30), "mine"))
	p := w.process(3)
	for range 2 {
		w.pass(time.Minute)
		w.must(p.worker.Handle(context.Background(), w.job(integration.TriggerSchedule)))
	}
	if n := p.writes("/calendar/"); n != 0 || len(w.quarantined()) != 0 {
		t.Errorf("%d writes to a calendar that can only be read, quarantine %+v", n, w.quarantined())
	}
	if rec := w.rec(); rec.Status != integration.Active || !rec.ReadOnly {
		t.Errorf("%s, read-only %v", rec.Status, rec.ReadOnly)
	}
	share(sim.RoleWriter)
	w.sync()
	w.settle()
	if rec := w.rec(); rec.ReadOnly {
		t.Error("it can be written again, and isn't")
	}
	w.same("in the calendar", w.titlesIn(team), "mine")
	share(sim.RoleFreeBusy)
	w.sync()
	if rec := w.rec(); rec.Status != integration.Error || rec.Reason.Code != integration.ReasonCalendarNotFound {
		t.Errorf("with busy times only: %s, %+v", rec.Status, rec.Reason)
	}
}
