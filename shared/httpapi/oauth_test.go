package httpapi_test

import (
	"net/url"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// callback calls the callback as a browser that comes from the provider does.
func (w *world) callback(query url.Values) answer {
	w.t.Helper()
	return w.do(request{method: "GET", path: "/v1/oauth/callback?" + query.Encode(), token: "-", deliberate: true})
}

// The callback hands over in the fragment, which no server sees, and changes
// nothing: it may be called twice.
func TestCallbackHandsOverInTheFragment(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connected(integration.Draft)
	state := w.begin()
	before := w.record()
	for range 2 {
		a := w.callback(url.Values{"state": {state}, "code": {"4/0A b#c"}, "scope": {"x"}, "authuser": {"0"}, "hd": {"example.com"}})
		want := "/agent/integrations#code=4%2F0A+b%23c&state=" + state
		if a.status != 303 || a.header.Get("Location") != want || a.header.Get("Referrer-Policy") != "no-referrer" || a.raw != "" {
			t.Errorf("handed over: %d to %q, %q", a.status, a.header.Get("Location"), a.raw)
		}
	}
	a := w.callback(url.Values{"state": {state}, "error": {"access_denied"}})
	if a.header.Get("Location") != "/agent/integrations#error=access_denied&state="+state {
		t.Errorf("declined: to %q", a.header.Get("Location"))
	}
	if after := w.record(); after.Version != before.Version || after.Status != before.Status {
		t.Errorf("the callback changed the integration: %+v", after)
	}
}

// Where there is nowhere to go, a plain page says so: no script, nothing that
// was sent is repeated in it.
func TestCallbackWithNowhereToGo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connected(integration.Draft)
	state := w.begin()
	forged := state[:len(state)-1] + map[bool]string{true: "A", false: "B"}[state[len(state)-1] != 'A']
	late := func() { w.now = w.now.Add(integration.FlowFor + time.Second) }
	for _, c := range []struct {
		name  string
		query url.Values
		prep  func()
	}{
		{"no state", url.Values{"code": {"x"}}, nil},
		{"forged", url.Values{"state": {forged}, "code": {"x"}}, nil},
		{"not base64", url.Values{"state": {"<script>alert(1)</script>"}, "code": {"x"}}, nil},
		{"oversized", url.Values{"state": {strings.Repeat("a", 600)}, "code": {"x"}}, nil},
		{"two states", url.Values{"state": {state, state}, "code": {"x"}}, nil},
		{"expired", url.Values{"state": {state}, "code": {"x"}}, late},
	} {
		if c.prep != nil {
			c.prep()
		}
		a := w.callback(c.query)
		if a.status != 400 || a.header.Get("Content-Type") != "text/html; charset=utf-8" || !strings.Contains(a.raw, "Agent &gt; Integrations") {
			t.Errorf("%s: %d %s %s", c.name, a.status, a.header.Get("Content-Type"), a.raw)
		}
		if strings.Contains(a.raw, "<script") || !strings.Contains(a.header.Get("Content-Security-Policy"), "default-src 'none'") {
			t.Errorf("%s: the page could run a script", c.name)
		}
		if !strings.Contains(a.raw, a.header.Get("X-Request-Id")) {
			t.Errorf("%s: the page doesn't say how to find it in the log", c.name)
		}
	}
}

// Whoever finishes a flow must be who began it (S1); the state stays good for
// them and for nobody else.
func TestOnlyWhoBeganAFlowCanFinishIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connected(integration.Draft)
	body := `{"code":"good","state":"` + w.begin() + `"}`
	scopes := strings.TrimPrefix(everything, "acme/ana/")
	for _, who := range []string{"acme/ben/", "globex/ana/", "globex/ben/"} {
		w.want(w.do(request{method: "POST", path: "/v1/oauth/complete", body: body, token: who + scopes}), 403, "flow_not_yours")
	}
	if w.record().Status != integration.Configuring {
		t.Errorf("the integration is %s", w.record().Status)
	}
	w.want(w.post("/v1/oauth/complete", body), 200, "")
	w.want(w.post("/v1/oauth/complete", body), 400, "state_replayed")
}

func TestFlowsThatCannotBeFinished(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		body   string // STATE is replaced
		prep   func(*world)
		status int
		code   string
	}{
		"forged":         {`{"code":"good","state":"AAAA"}`, nil, 400, "state_forged"},
		"expired":        {`{"code":"good","state":"STATE"}`, func(w *world) { w.now = w.now.Add(11 * time.Minute) }, 400, "state_expired"},
		"declined":       {`{"error":"access_denied","state":"STATE"}`, nil, 400, "consent_denied"},
		"refused":        {`{"error":"server_error","state":"STATE"}`, nil, 400, "provider_refused"},
		"a used code":    {`{"code":"bad","state":"STATE"}`, nil, 400, "code_refused"},
		"nobody's":       {`{"code":"good","state":"STATE"}`, func(w *world) { w.oauth.err = fault.New(fault.Invalid, "nonce", "canary") }, 400, "identity_refused"},
		"provider down":  {`{"code":"good","state":"STATE"}`, func(w *world) { w.oauth.err = fault.New(fault.Transient, "timeout", "canary") }, 503, "provider_unavailable"},
		"our client bad": {`{"code":"good","state":"STATE"}`, func(w *world) { w.oauth.err = fault.New(fault.Operator, "invalid_client", "canary") }, 503, "provider_configuration"},
		"deleted": {`{"code":"good","state":"STATE"}`, func(w *world) {
			w.want(w.do(request{method: "DELETE", path: at}), 204, "")
		}, 400, "flow_superseded"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.connected(integration.Draft)
			body := strings.Replace(c.body, "STATE", w.begin(), 1)
			if c.prep != nil {
				c.prep(w)
			}
			a := w.want(w.post("/v1/oauth/complete", body), c.status, c.code)
			if strings.Contains(a.raw, "canary") || strings.Contains(w.logs.String(), "access-canary") {
				t.Errorf("something is told that mustn't be: %s", a.raw)
			}
			if a.status == 503 && a.header.Get("Retry-After") == "" {
				t.Error("503 without Retry-After")
			}
		})
	}
}

// A permission that was left out: configuring says so, anything else stays as
// it was (S4).
func TestPartialConsent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connected(integration.Draft)
	w.oauth.grant.Scopes = nil
	a := w.want(w.post("/v1/oauth/complete", `{"code":"good","state":"`+w.begin()+`"}`), 200, "")
	if a.text("status") != "configuring" || !strings.Contains(a.raw, `"code":"scope_missing"`) || !strings.Contains(a.raw, "calendar (to read it)") {
		t.Errorf("incomplete: %s", a.raw)
	}
}

func TestAnotherAccountIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connected(integration.Active)
	w.oauth.grant.Subject, w.oauth.grant.Email = "subject-2", "other@example.com"
	a := w.want(w.post("/v1/oauth/complete", `{"code":"good","state":"`+w.begin()+`"}`), 409, "account_mismatch")
	if !strings.Contains(a.text("detail"), "owner@example.com") || !strings.Contains(a.text("detail"), "other@example.com") {
		t.Errorf("refused with %s", a.raw)
	}
}
