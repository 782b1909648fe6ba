package convergence_test

import (
	"context"
	"fmt"
	"sync/atomic"
	"testing"
	"time"

	"aura.example/integrations/shared/connect"
	"aura.example/integrations/shared/edit"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/google"
	"aura.example/integrations/shared/integration"
)

// beside is another account of Aura's on the same Google user.
func (w *world) beside() *world {
	w.Helper()
	account := "acct-" + random()
	o := &world{
		tb: w.tb, clock: w.clock, sim: w.sim, google: w.google, url: w.url, site: w.site, account: account, email: w.email, subjectKey: w.subjectKey, queue: &queue{now: w.now},
		key: integration.Key{Account: account, Provider: google.Key}, by: edit.Author{Account: account}, caller: connect.Caller{Account: account, User: "tom"},
	}
	o.me = o.process(3)
	w.must(connectAnew(context.Background(), o.me))
	o.settle()
	return o
}

// alive demands that an account's connection works: a full sync succeeds.
func (w *world) alive(what string) {
	w.Helper()
	w.pass(2 * time.Hour) // the access token is renewed: a dead grant shows
	w.sync()
	j := w.job(integration.TriggerSchedule)
	j.Full = true
	w.pass(time.Minute)
	j.Due = w.now()
	w.must(w.me.worker.Handle(context.Background(), j))
	if rec := w.rec(); rec.Status != integration.Active {
		w.Errorf("%s: %s, %+v", what, rec.Status, rec.Reason)
	}
}

// TestR16TwoAccountsOnOneGoogleUserStepByStep winds one account down and lets the
// other do something before each of its boundaries, or somebody reconnect the
// first. The grant lives while anybody lives by it, and no longer.
func TestR16TwoAccountsOnOneGoogleUserStepByStep(t *testing.T) {
	t.Parallel()
	letGo := func(ctx context.Context, p *process, whole bool) error {
		var err error
		if whole {
			err = p.service.Delete(ctx, p.world.caller, p.world.key.Provider, false)
		} else {
			_, err = p.service.Disconnect(ctx, p.world.caller, p.world.key.Provider, false)
		}
		p.work(ctx)
		return err
	}
	acts := []struct {
		name  string
		do    func(w, other *world) error
		one   bool // is connected in the end
		other bool
	}{
		{"the other one syncs", func(_, o *world) error { o.sync(); return nil }, false, true},
		{"the other one consents again", func(_, o *world) error { return o.me.authorize(context.Background()) }, false, true},
		{"the other one disconnects", func(_, o *world) error { return letGo(context.Background(), o.me, false) }, false, false},
		{"the other one is deleted", func(_, o *world) error { return letGo(context.Background(), o.me, true) }, false, false},
		{"the first one connects again", func(w, _ *world) error { return connectAnew(context.Background(), w.me) }, true, true},
	}
	var runs atomic.Int64
	t.Cleanup(func() { t.Logf("R16: %d runs", runs.Load()) })
	for _, whole := range []bool{false, true} {
		first := connected(t, timed("a", 24))
		first.beside()
		p := first.process(1)
		first.must(letGo(context.Background(), p, whole))
		for k := range p.crossings() {
			for i, act := range acts {
				if !long() && (k+i)%5 != 0 {
					continue
				}
				t.Run(fmt.Sprintf("deleted %v, before %02d, %s", whole, k+1, act.name), func(t *testing.T) {
					t.Parallel()
					w := connected(t, timed("a", 24))
					o := w.beside()
					p := w.process(1)
					busy := false
					p.meet = func(n int, _ crossing) {
						if n != k+1 || busy {
							return
						}
						busy = true
						if err := act.do(w, o); err != nil && !fault.Is(err, fault.Unavailable) {
							t.Errorf("%s: %v", act.name, err)
						}
					}
					_ = letGo(context.Background(), p, whole)
					w.wound()
					o.wound()
					o.settle()
					if act.other {
						o.alive("the other one")
					}
					if act.one && k > 0 { // before the first boundary it was not let go yet
						if w.me.connectedNow() != integration.Active { // refused with "try again in a minute"
							w.must(connectAnew(context.Background(), w.me))
							w.settle()
						}
						w.alive("the first one, connected again")
					}
					if !act.one && !act.other {
						if n := w.grants(); n != 0 {
							t.Errorf("%d grants are left that nobody lives by", n)
						}
						if n := w.credentialRows() + o.credentialRows(); n != 0 {
							t.Errorf("%d rows of credentials are left", n)
						}
					}
					runs.Add(1)
				})
			}
		}
	}
}

func (p *process) connectedNow() integration.Status {
	rec, err := p.db.Integrations.Get(context.Background(), p.world.key)
	if err != nil {
		return integration.None
	}
	return rec.Status
}

// TestADeadCredentialHoldsNoGrant lets one account's credential die and the
// other be wound down: the dead one neither protects the grant nor is counted,
// and revoking access there leaves no rows here.
func TestADeadCredentialHoldsNoGrant(t *testing.T) {
	t.Parallel()
	w := connected(t, timed("a", 24))
	project := w.sim.Accounts.Grants()[0].Project
	if !w.sim.Accounts.RevokeGrant(w.email, project) {
		t.Fatal("there was no grant")
	}
	w.sync()
	w.settle()
	if rec := w.rec(); rec.Status != integration.Disconnected || rec.Reason == nil || rec.Reason.Code != integration.ReasonCredentialsRevoked {
		t.Fatalf("%s, %+v", rec.Status, rec.Reason)
	}
	w.wound()
	if n := w.credentialRows(); n != 0 {
		t.Errorf("%d rows of a revoked credential are left", n)
	}
	w.must(w.me.authorize(context.Background()))
	w.settle()
	w.alive("connected again")

	// Dead in the ordinary course: refused at a renewal.
	o := w.beside()
	if !w.sim.Accounts.RevokeGrant(w.email, project) {
		t.Fatal("there was no grant")
	}
	w.pass(2 * time.Hour)
	w.sync()
	if rec := w.rec(); rec.Status != integration.Error || rec.Reason.Code != integration.ReasonCredentialsExpired || rec.Reason.Message != integration.MessageCredentialsExpired {
		t.Fatalf("%s, %+v", rec.Status, rec.Reason)
	}
	w.must(o.me.authorize(context.Background())) // the other one's is new; the first one's is dead still
	o.settle()
	_, err := o.me.service.Disconnect(context.Background(), o.caller, o.key.Provider, false)
	w.must(err)
	o.settle()
	o.wound()
	if n := w.grants(); n != 0 {
		t.Errorf("%d grants are left: the dead credential protects it", n)
	}
}

// TestRejectedDeletionsComeBackAtGoogle deletes most of a calendar at Google and
// rejects that: everything is there again, nothing vanished in Aura on the way,
// and nobody was written to.
func TestRejectedDeletionsComeBackAtGoogle(t *testing.T) {
	t.Parallel()
	for _, stop := range []bool{false, true} {
		t.Run(fmt.Sprintf("stopped on the way %v", stop), func(t *testing.T) {
			t.Parallel()
			series := timed("series", 10)
			series["recurrence"] = []any{"RRULE:FREQ=DAILY;COUNT=5"}
			guests := timed("with guests", 40)
			guests["attendees"] = []any{map[string]any{"email": "guest@example.com"}}
			w := connected(t, timed("a", 24), timed("b", 26), timed("c", 28), timed("d", 30), series, guests)
			w.must(w.me.create(context.Background(), content("mine", 32), "mine"))
			w.settle()
			all := w.titlesHere()
			for _, title := range []string{"a", "b", "c", "series", "with guests", "mine"} {
				w.deleteThere(w.row(title).Link.ProviderID)
			}
			w.sync()
			if rec := w.rec(); rec.Status != integration.Error || rec.Reason.Code != integration.ReasonMassDeletionHeld {
				t.Fatalf("%s, %+v", rec.Status, rec.Reason)
			}
			w.same("held", w.titlesHere(), all...)
			_, err := w.me.service.RejectDeletions(context.Background(), w.caller, w.key.Provider)
			w.must(err)
			if stop { // a process that dies in the middle of the restorations
				p := w.process(1)
				restored := 0
				p.after = func(_ int, c crossing) bool {
					if c.what == "google PUT" {
						restored++
					}
					return restored == 2
				}
				p.work(context.Background())
				if !p.gone() {
					t.Fatal("nobody died")
				}
				w.pass(integration.Visibility)
				w.sync()
				w.settle()
				w.pass(integration.Visibility)
				w.sync()
			}
			w.settle()
			w.same("in Aura", w.titlesHere(), all...)
			w.wantTitles("at Google", append([]string{}, all...)...)
			w.wantConverged("restored")
			if rec := w.rec(); rec.Status != integration.Active || rec.DeletionsDecision != "" {
				t.Errorf("%s, decision %q", rec.Status, rec.DeletionsDecision)
			}
			if held, err := w.me.db.Integrations.Held(context.Background(), w.key); err != nil || held != nil {
				t.Errorf("still held: %+v, %v", held, err)
			}
		})
	}
}
