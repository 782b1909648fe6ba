package e2e_test

import (
	"net/http"
	"net/url"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/googlesim"
)

// exchanges counts the codes that were sent to Google's token endpoint. Nothing
// else of these tests asks there before a connection is up.
func (w *world) exchanges() int { return w.google.count("POST /token") }

// version is the record's version, by its ETag.
func (p *person) version() string {
	p.Helper()
	return p.want(200, p.do("GET", google, nil)).header.Get("ETag")
}

// draft creates the integration.
func (p *person) draft() *person {
	p.Helper()
	p.want(201, p.do("POST", integrations, map[string]any{"provider": "google-calendar"}))
	return p
}

func TestS1AFlowIsFinishedOnlyByWhoBeganIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mia := w.person("acme", "mia").draft()
	back := mia.visit(mia.begin(), consent{email: ana})
	for _, other := range []*person{w.person("acme", "tom"), w.person("rival", "mia"), w.person("rival", "eve")} {
		a := other.want(403, other.complete(back))
		if a.str("code") != "flow_not_yours" {
			t.Errorf("%s of %s: %s", other.user, other.account, a.raw)
		}
	}
	if n := w.exchanges(); n != 0 {
		t.Errorf("%d codes were exchanged for strangers", n)
	}
	if a := mia.want(200, mia.do("GET", google, nil)); a.str("status") != "configuring" {
		t.Errorf("status %s after strangers tried", a.str("status"))
	}
	mia.want(200, mia.complete(back)) // the state stayed hers
}

func TestS2AStateIsUsedOnceInTimeAndOnlyWhereItWasMade(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.person("acme", "mia").draft()
	refuse := func(name, code string, v url.Values) {
		t.Helper()
		before, was := p.version(), w.exchanges()
		a := p.want(400, p.complete(v))
		if a.str("code") != code || a.at("fix", "label") == nil {
			t.Errorf("%s: %s, want %s with a button", name, a.raw, code)
		}
		if p.version() != before || w.exchanges() != was {
			t.Errorf("%s: something changed, or a code was exchanged", name)
		}
	}
	back := p.visit(p.begin(), consent{email: ana})
	forged := url.Values{"code": {back.Get("code")}}
	flipped := []byte(back.Get("state"))
	flipped[5] ^= 1
	for name, state := range map[string]string{"invented": strings.Repeat("A", 75), "altered": string(flipped), "short": "abc"} {
		forged.Set("state", state)
		refuse(name, "state_forged", forged)
	}
	w.clock.Advance(11 * time.Minute)
	refuse("expired", "state_expired", back)
	back = p.visit(p.begin(), consent{email: ana})
	p.want(200, p.complete(back))
	p.synced()
	refuse("replayed", "state_replayed", back)
}

func TestS3AReturnTargetIsNeverAURL(t *testing.T) {
	t.Parallel()
	p := newWorld(t).person("acme", "mia").draft()
	before := p.version()
	for _, target := range []string{"https://evil.example", "//evil.example", "https:%2F%2Fevil.example", "/agent/integrations", "integrations ", ""} {
		a := p.try("POST", google+"/authorization", map[string]any{"return_to": target})
		if a.status != http.StatusUnprocessableEntity {
			t.Errorf("%q: %d %s, want 422", target, a.status, a.raw)
		}
	}
	if p.version() != before {
		t.Error("a refused return target changed the integration")
	}
}

func TestS4APartialConsentNamesWhatIsMissing(t *testing.T) {
	t.Parallel()
	p := newWorld(t).person("acme", "mia").draft()
	a := p.want(200, p.complete(p.visit(p.begin(), consent{email: ana, untick: "calendar.events"})))
	if a.str("status") != "configuring" || a.str("reason", "code") != "scope_missing" {
		t.Fatalf("%s, want configuring with scope_missing", a.raw)
	}
	if m := a.str("reason", "message"); !strings.Contains(m, "the events of your calendars (to read") || strings.Contains(m, "list") || strings.Contains(m, "http") {
		t.Errorf("the message names %q", m)
	}
	if a.str("reason", "fix", "action") != "reauthorize" {
		t.Errorf("fix %v", a.at("reason", "fix"))
	}
	if b := p.connect(ana); b.str("status") != "testing" {
		t.Errorf("after ticking every box: %s", b.raw)
	}
	p.synced()
	// Elsewhere an incomplete consent changes nothing and says so. What was
	// granted before is granted again, so the person takes it away first.
	if !p.program.Sim.Accounts.RevokeGrant(ana, p.project()) {
		t.Fatal("there was no grant to revoke")
	}
	c := p.want(400, p.complete(p.visit(p.begin(), consent{email: ana, untick: "calendarlist"})))
	if c.str("code") != "scope_missing" || p.synced().str("status") != "active" {
		t.Errorf("an incomplete reconnect: %s", c.raw)
	}
}

func TestADeniedConsentChangesNothing(t *testing.T) {
	t.Parallel()
	p := newWorld(t).person("acme", "mia").draft()
	v := p.visit(p.begin(), consent{email: ana, cancel: true})
	if v.Get("error") != "access_denied" {
		t.Fatalf("came back with %v", v)
	}
	before := p.version()
	a := p.want(400, p.complete(v))
	if a.str("code") != "consent_denied" || a.str("fix", "label") != "Try again" || p.version() != before {
		t.Errorf("%s; version %s then %s", a.raw, before, p.version())
	}
	if b := p.want(200, p.do("GET", google, nil)); b.at("flow") != nil {
		t.Errorf("a flow that came back is shown as lost: %v", b.at("flow"))
	}
}

func TestAFlowThatNeverCameBackSaysSo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.person("acme", "mia").draft()
	p.begin()
	if a := p.want(200, p.do("GET", google, nil)); a.at("flow") != nil {
		t.Errorf("said too early: %v", a.at("flow"))
	}
	w.clock.Advance(11 * time.Minute)
	a := p.want(200, p.do("GET", google, nil))
	if a.str("flow", "code") != "flow_expired" {
		t.Fatalf("%s, want flow_expired", a.raw)
	}
	for _, cause := range []string{"admin policy", "100 users", "redirect"} {
		if !strings.Contains(a.str("flow", "message"), cause) {
			t.Errorf("the message doesn't name %q: %s", cause, a.str("flow", "message"))
		}
	}
}

func TestReconnectingWithAnotherAccountIsRefusedNamingBoth(t *testing.T) {
	t.Parallel()
	p := newWorld(t).person("acme", "mia").draft()
	p.connect(ana)
	p.synced()
	before := p.version()
	a := p.want(409, p.complete(p.visit(p.begin(), consent{email: ben})))
	if a.str("code") != "account_mismatch" || !strings.Contains(a.raw, ana) || !strings.Contains(a.raw, ben) || !strings.Contains(a.str("detail"), "disconnect") || a.str("fix", "action") != "disconnect" {
		t.Errorf("%s", a.raw)
	}
	if p.version() != before {
		t.Error("a refused account changed the integration")
	}
	p.want(200, p.do("POST", google+"/disconnect", nil))
	if b := p.want(409, p.complete(p.visit(p.begin(), consent{email: ben}))); b.str("code") != "account_mismatch" || b.str("fix", "action") != "start_over" {
		t.Errorf("while disconnected: %s", b.raw)
	}
	// What the message tells to do works.
	p.want(201, p.do("POST", integrations, map[string]any{"provider": "google-calendar"}))
	if c := p.connect(ben); c.str("account_email") != ben {
		t.Errorf("a new one with the other account: %s", c.raw)
	}
}

func TestReconnectKeepsConfigurationAndHistory(t *testing.T) {
	t.Parallel()
	p := newWorld(t).person("acme", "mia").draft()
	p.connect(ana)
	p.synced()
	p.want(200, p.do("PATCH", google, map[string]any{"interval_minutes": 15, "direction": "from_provider"}, "If-Match", p.version()))
	was := p.synced()
	for _, leave := range []string{"pause", "disconnect"} {
		p.want(200, p.do("POST", google+"/"+leave, nil))
		p.connect(ana)
		now := p.synced()
		if now.str("id") != was.str("id") || now.at("settings", "interval_minutes") != float64(15) || now.str("settings", "direction") != "from_provider" {
			t.Errorf("after %s and a reconnect: %s", leave, now.raw)
		}
	}
	h := p.want(200, p.do("GET", google+"/history", nil))
	seen := map[string]int{}
	for _, e := range h.items() {
		seen[e["transition"].(string)]++
	}
	if seen["create"] != 1 || seen["authorized"] != 3 || seen["pause"] != 1 || seen["disconnect"] != 1 || seen["verified"] < 3 {
		t.Errorf("history %v", seen)
	}
}

func TestGoogleDownDuringCompletionIsSaidAndChangesNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := w.person("acme", "mia").draft()
	back := p.visit(p.begin(), consent{email: ana})
	w.google.fail(func(r *http.Request) googlesim.Decision {
		if r.URL.Path == "/token" {
			return googlesim.Decision{Answer: &googlesim.Answer{Status: 503, Body: "upstream"}}
		}
		return googlesim.Decision{}
	})
	before := p.version()
	a := p.want(503, p.complete(back))
	if a.str("code") != "provider_unavailable" || a.at("fix") == nil || p.version() != before {
		t.Errorf("%s", a.raw)
	}
	w.google.fail(nil)
	p.connect(ana)
	p.synced()
}

// project is what Google knows Aura's client as.
func (p *person) project() string {
	p.Helper()
	for _, g := range p.program.Sim.Accounts.Grants() {
		return g.Project
	}
	p.Fatal("nobody granted anything")
	return ""
}
