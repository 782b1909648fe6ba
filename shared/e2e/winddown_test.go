package e2e_test

import (
	"net/http"
	"testing"
	"time"

	"aura.example/integrations/shared/googlesim"
)

// grants counts the person's live grants at Google.
func (p *person) grants(email string) int {
	p.Helper()
	n := 0
	for _, g := range p.program.Sim.Accounts.Grants() {
		if g.Email == email {
			n++
		}
	}
	return n
}

func (p *person) events() int {
	p.Helper()
	from := time.Date(2026, 9, 1, 0, 0, 0, 0, time.UTC)
	a := p.want(200, p.do("GET", "/v1/events?from="+from.Format(time.RFC3339)+"&to="+from.AddDate(0, 4, 0).Format(time.RFC3339)+"&limit=1000", nil))
	return len(a.items())
}

func TestS13DisconnectRevokesAndKeepsWhatWasImported(t *testing.T) {
	t.Parallel()
	p := newWorld(t).person("acme", "mia").draft()
	p.connect(ana)
	p.synced()
	had := p.events()
	a := p.want(200, p.do("POST", google+"/disconnect", nil))
	if a.str("status") != "disconnected" {
		t.Fatalf("%s", a.raw)
	}
	p.await("the grant's end", func() (answer, bool) { return a, p.grants(ana) == 0 })
	if got := p.events(); got != had {
		t.Errorf("%d events are left of %d: disconnect keeps what was imported", got, had)
	}
	if b := p.try("POST", google+"/disconnect", nil); b.status != 409 || b.str("code") != "invalid_transition" {
		t.Errorf("twice: %d %s", b.status, b.raw)
	}
}

func TestS13DeleteFreesThePlaceAtOnceAlsoWhileGoogleIsDown(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.person("acme", "mia").draft()
	p.connect(ana)
	p.synced()
	w.google.fail(func(*http.Request) googlesim.Decision {
		return googlesim.Decision{Answer: &googlesim.Answer{Status: 503}}
	})
	p.want(204, p.do("DELETE", google, nil))
	p.want(404, p.do("DELETE", google, nil))
	if s := p.want(200, p.do("GET", "/v1/subscription", nil)); s.at("used") != float64(0) {
		t.Errorf("the place isn't free: %s", s.raw)
	}
	p.want(404, p.do("GET", google, nil))
	p.draft() // at once
	w.google.fail(nil)
	for range 5 { // the slot brings the order back; its back-off passes
		w.clock.Advance(time.Hour)
		w.program.Tick(t.Context())
		if p.grants(ana) == 0 {
			break
		}
		pause()
	}
	p.await("the grant's end", func() (answer, bool) {
		w.clock.Advance(time.Hour)
		w.program.Tick(t.Context())
		return answer{}, p.grants(ana) == 0
	})
	p.await("the imported events' end", func() (answer, bool) {
		w.clock.Advance(time.Hour)
		w.program.Tick(t.Context())
		return answer{}, p.events() == 0
	})
}

func TestR16TwoAccountsOnOneGoogleUserDontKillEachOther(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	one, two := w.person("acme", "mia").draft(), w.person("other", "mia").draft()
	one.connect(ana)
	one.synced()
	two.connect(ana)
	two.synced()
	one.want(200, one.do("POST", google+"/disconnect", nil))
	one.await("the end of one's credential", func() (answer, bool) {
		return answer{}, w.google.count("POST /revoke") > 0 || one.idle()
	})
	if n := w.google.count("POST /revoke"); n != 0 {
		t.Fatalf("the person's whole grant was revoked %d times under the other account", n)
	}
	two.want(202, two.do("POST", google+"/sync", map[string]any{}))
	two.await("the other's sync", func() (answer, bool) {
		a := two.want(200, two.do("GET", google, nil))
		return a, a.str("status") == "active" && a.str("last_run", "trigger") == "sync_now"
	})
	two.want(200, two.do("POST", google+"/disconnect", nil))
	two.await("the grant's end", func() (answer, bool) { return answer{}, two.grants(ana) == 0 })
}

// idle reports that no job is on its way.
func (p *person) idle() bool { return p.program.Idle() }

func TestR17DeleteAndConnectAgainAtOnceLosesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.person("acme", "mia").draft()
	p.connect(ana)
	p.synced()
	had := p.events()
	p.want(204, p.do("DELETE", google, nil))
	p.draft()
	p.connect(ana)
	p.synced()
	for range 3 { // the old generation's purge, again and again
		w.clock.Advance(10 * time.Minute)
		w.program.Tick(t.Context())
		p.await("quiet", func() (answer, bool) { return answer{}, p.idle() })
	}
	if got := p.events(); got != had {
		t.Errorf("%d events after deleting and connecting again, want %d", got, had)
	}
}
