package httpapi_test

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/httpapi"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/jwtauth"
	"aura.example/integrations/shared/telemetry"
)

func TestCorrelation(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const trace = "4bf92f3577b34da6a3ce929d0e0e4736"
	for name, c := range map[string]struct {
		id, traceparent, want string // "" wants a new one
	}{
		"the caller's":              {"req-7:a.b_c", "", "req-7:a.b_c"},
		"none":                      {"", "", ""},
		"too long":                  {strings.Repeat("a", 129), "", ""},
		"with a blank":              {"a b", "", ""},
		"with markup":               {"<b>", "", ""},
		"the trace's":               {"", "00-" + trace + "-00f067aa0ba902b7-01", trace},
		"the caller's over a trace": {"mine", "00-" + trace + "-00f067aa0ba902b7-01", "mine"},
		"a trace of zeros":          {"", "00-00000000000000000000000000000000-00f067aa0ba902b7-01", ""},
		"a trace in capitals":       {"", "00-" + strings.ToUpper(trace) + "-00f067aa0ba902b7-01", ""},
		"a trace of version ff":     {"", "ff-" + trace + "-00f067aa0ba902b7-01", ""},
		"a trace that goes on":      {"", "00-" + trace + "-00f067aa0ba902b7-01-x", ""},
		"a later version":           {"", "cc-" + trace + "-00f067aa0ba902b7-01-what-the-future-brings", trace},
	} {
		header := map[string]string{}
		if c.id != "" {
			header["X-Request-Id"] = c.id
		}
		if c.traceparent != "" {
			header["Traceparent"] = c.traceparent
		}
		a := w.do(request{method: "GET", path: at, header: header, deliberate: true})
		got := a.header.Get("X-Request-Id")
		if c.want != "" && got != c.want || c.want == "" && (got == "" || got == c.id || strings.Contains(got, "00000000000000000000000000000000")) {
			t.Errorf("%s: correlation id %q, want %q", name, got, c.want)
		}
		if a.text("correlation_id") != got {
			t.Errorf("%s: the problem says %q", name, a.text("correlation_id"))
		}
		if !strings.Contains(w.logs.String(), `"correlation_id":"`+got+`"`) {
			t.Errorf("%s: no line carries %q", name, got)
		}
	}
}

func TestHeadersOfEveryAnswer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, r := range []request{
		{method: "GET", path: "/v1/providers"}, {method: "GET", path: at}, {method: "GET", path: "/nowhere"},
		{method: "GET", path: "/v1/providers", token: "-", deliberate: true},
		{method: "POST", path: "/v1/webhooks/google-calendar", token: "-", deliberate: true},
	} {
		r.deliberate = true
		a := w.do(r)
		for name, want := range map[string]string{
			"X-Content-Type-Options": "nosniff", "X-Frame-Options": "DENY", "Referrer-Policy": "no-referrer", "Cache-Control": "no-store",
		} {
			if got := a.header.Get(name); got != want {
				t.Errorf("%s %s: %s is %q, want %q", r.method, r.path, name, got, want)
			}
		}
		if csp := a.header.Get("Content-Security-Policy"); !strings.HasPrefix(csp, "default-src 'none'") {
			t.Errorf("%s %s: Content-Security-Policy is %q", r.method, r.path, csp)
		}
	}
}

// A handler that panics is answered like any defect; what it panicked with is
// neither said nor logged.
func TestAPanicIsADefectLikeAnyOther(t *testing.T) {
	t.Parallel()
	logs := &lines{}
	e := httpapi.Edge{Log: telemetry.NewLogger(logs, nil, "test"), Now: newWorld(t).clock, NewID: func() string { return "id-1" }}
	var seen httpapi.Observed
	e.Observe = func(_ context.Context, o httpapi.Observed) { seen = o }
	h := httpapi.New(e, []httpapi.Route{
		{Method: "GET", Path: "/panic", Function: "f", Scope: httpapi.Public, Handler: func(http.ResponseWriter, *http.Request) error {
			panic("canary ya29.secret-token-that-is-long")
		}},
		{Method: "GET", Path: "/fails", Function: "f", Scope: httpapi.Public, Handler: func(http.ResponseWriter, *http.Request) error {
			return errors.New("dial tcp 10.0.0.7:443: canary")
		}},
	})
	for _, path := range []string{"/panic", "/fails"} {
		rec := httptest.NewRecorder()
		h.ServeHTTP(rec, httptest.NewRequest("GET", path, nil))
		if rec.Code != 500 || !strings.Contains(rec.Body.String(), `"code":"internal"`) || strings.Contains(rec.Body.String(), "canary") {
			t.Errorf("%s: %d %s", path, rec.Code, rec.Body)
		}
		if seen != (httpapi.Observed{Function: "f", Status: 500}) {
			t.Errorf("%s: observed %+v", path, seen)
		}
	}
	if out := logs.String(); strings.Contains(out, "ya29") || !strings.Contains(out, "edge_test.go") || !strings.Contains(out, "10.0.0.7") {
		t.Errorf("logged: %s", out)
	}
}

// S16: without an authorizer's claims and without a verifier nobody gets in; a
// route that names no scope lets nobody in either.
func TestFailClosed(t *testing.T) {
	t.Parallel()
	for name, auth := range map[string]httpapi.Authorize{
		"nothing at all":         {},
		"no claims, no verifier": {Gateway: claims(nil), Names: jwtauth.DefaultNames()},
		"claims without account": {Gateway: claims(map[string]any{"sub": "ana", "scope": "integrations:read"}), Names: jwtauth.DefaultNames(), Verifier: tokens{}},
		"claims without user":    {Gateway: claims(map[string]any{"account": "acme", "scope": "integrations:read"}), Names: jwtauth.DefaultNames()},
		"an id token's claims":   {Gateway: claims(map[string]any{"account": "acme", "sub": "ana", "scope": "integrations:read", "nonce": "n"}), Names: jwtauth.DefaultNames()},
		"claims under no name":   {Gateway: claims(map[string]any{"account": "acme", "sub": "ana", "scope": "integrations:read"})},
	} {
		w := newWorld(t, func(e *httpapi.Edge) { e.Auth = auth })
		a := w.do(request{method: "GET", path: "/v1/providers"})
		if a.status != 401 {
			t.Errorf("%s: %d", name, a.status)
		}
	}
	w := newWorld(t)
	e := httpapi.Edge{Auth: httpapi.Authorize{Verifier: tokens{}}, Log: telemetry.NewLogger(w.logs, nil, "test"), Now: w.clock, NewID: w.newID}
	h := httpapi.New(e, []httpapi.Route{{Method: "GET", Path: "/x", Handler: func(http.ResponseWriter, *http.Request) error { return nil }}})
	rec, r := httptest.NewRecorder(), httptest.NewRequest("GET", "/x", nil)
	r.Header.Set("Authorization", "Bearer "+everything)
	if h.ServeHTTP(rec, r); rec.Code != 403 {
		t.Errorf("a route without a scope answered %d", rec.Code)
	}
}

func claims(c map[string]any) func(context.Context) (map[string]any, bool) {
	return func(context.Context) (map[string]any, bool) { return c, len(c) > 0 }
}

// The authorizer's claims count before any token, which it has verified already.
func TestTheGatewaysClaimsCount(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(e *httpapi.Edge) {
		e.Auth.Gateway = claims(map[string]any{"org": "acme", "uid": "ana", "scp": "[integrations:read events:read]"})
		e.Auth.Names = jwtauth.Names{Account: "org", User: "uid", Scope: "scp"}
	})
	w.want(w.do(request{method: "GET", path: "/v1/providers", token: "globex/eve/none"}), 200, "")
	w.want(w.do(request{method: "POST", path: "/v1/integrations", body: `{"provider":"google-calendar"}`, token: "globex/eve/integrations:write"}), 403, "insufficient_scope")
}

func TestAnIssuerThatDoesNotAnswerIsNotARefusal(t *testing.T) {
	t.Parallel()
	w := newWorld(t, func(e *httpapi.Edge) { e.Auth.Verifier = down{} })
	if a := w.want(w.get("/v1/providers"), 503, "unavailable"); a.header.Get("Retry-After") == "" {
		t.Error("503 without Retry-After")
	}
}

type down struct{}

func (down) Verify(context.Context, string) (jwtauth.Identity, error) {
	return jwtauth.Identity{}, fault.New(fault.Unavailable, "unavailable", "Sign-in can't be checked right now.")
}

func TestPagesOfOtherOrigins(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connected(integration.Active)
	own := w.server.URL
	for _, c := range []struct {
		origin string
		status int
		read   string // Access-Control-Allow-Origin
	}{
		{"", 200, ""}, {own, 200, ""}, {"https://app.example.com", 200, "https://app.example.com"},
		{"https://evil.example", 403, ""}, {"null", 403, ""}, {"https://app.example.com.evil.example", 403, ""}, {"http://app.example.com", 403, ""},
	} {
		header := map[string]string{}
		if c.origin != "" {
			header["Origin"] = c.origin
		}
		a := w.do(request{method: "GET", path: at, header: header})
		if a.status != c.status || a.header.Get("Access-Control-Allow-Origin") != c.read {
			t.Errorf("origin %q: %d, Access-Control-Allow-Origin %q", c.origin, a.status, a.header.Get("Access-Control-Allow-Origin"))
		}
		if c.status == 403 && a.text("code") != "origin_not_allowed" {
			t.Errorf("origin %q: %s", c.origin, a.raw)
		}
		pre := w.preflight(at, c.origin)
		if allowed := pre.Header.Get("Access-Control-Allow-Methods") != ""; allowed != (c.read != "") {
			t.Errorf("origin %q: preflight allowed=%v", c.origin, allowed)
		}
	}
	a := w.do(request{method: "POST", path: at + "/pause", header: map[string]string{"Origin": "https://evil.example"}})
	if w.want(a, 403, "origin_not_allowed"); w.record().Status != integration.Active {
		t.Error("a foreign page paused it")
	}
}

func (w *world) preflight(path, origin string) *http.Response {
	w.t.Helper()
	req, err := http.NewRequest("OPTIONS", w.server.URL+path, nil)
	if err != nil {
		w.t.Fatal(err)
	}
	req.Header.Set("Origin", origin)
	req.Header.Set("Access-Control-Request-Method", "PATCH")
	resp, err := w.server.Client().Do(req)
	if err != nil {
		w.t.Fatal(err)
	}
	resp.Body.Close()
	return resp
}

// The webhook answers the same whatever comes (S10).
func TestTheWebhookSaysNothing(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, r := range []request{
		{}, {header: map[string]string{"X-Goog-Channel-Token": "wrong", "X-Goog-Channel-ID": "x"}},
		{header: map[string]string{"X-Goog-Channel-Token": strings.Repeat("a", 4000), "X-Goog-Message-Number": "-1"}},
		{body: `{"kind":"x"}`}, {body: strings.Repeat("x", 100<<10), kind: "text/plain"}, {token: "acme/ana/events:write"},
		{header: map[string]string{"Origin": "https://evil.example"}},
	} {
		r.method, r.path, r.deliberate = "POST", "/v1/webhooks/google-calendar", true
		if r.token == "" {
			r.token = "-"
		}
		if a := w.do(r); a.status != 204 || a.raw != "" {
			t.Errorf("%+v: %d %q", r, a.status, a.raw)
		}
	}
	if len(w.queue.sent) != 0 {
		t.Errorf("something was queued: %v", w.queue.sent)
	}
}

func TestTheContractIsServed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, path := range []string{"/v1/openapi.yaml", "/v1/docs", "/v1/docs/style.css"} {
		a := w.do(request{method: "GET", path: path, token: "-"})
		w.want(a, 200, "")
		again := w.do(request{method: "GET", path: path, token: "-", header: map[string]string{"If-None-Match": a.header.Get("ETag")}})
		w.want(again, 304, "")
	}
}

func TestSubscription(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.want(w.get("/v1/subscription"), 200, "")
	if a.raw != `{"plan":"free","limit":1,"used":0}`+"\n" {
		t.Errorf("a new account has %s", a.raw)
	}
	put := func(tag, body string) answer {
		r := request{method: "PUT", path: "/v1/subscription", body: body}
		if tag != "" {
			r.header = map[string]string{"If-Match": tag}
		}
		return w.do(r)
	}
	if got := w.want(put("", `{"plan":"pro"}`), 200, ""); got.raw != `{"plan":"pro","limit":5,"used":0}`+"\n" {
		t.Errorf("changed to %s", got.raw)
	}
	w.want(put(a.header.Get("ETag"), `{"plan":"free"}`), 412, "stale")
	now := w.get("/v1/subscription").header.Get("ETag")
	if got := w.want(put(now, `{"plan":"special","limit":25}`), 200, ""); got.raw != `{"plan":"special","limit":25,"used":0}`+"\n" {
		t.Errorf("changed to %s", got.raw)
	}
	w.want(put("", `{"plan":"special"}`), 422, "invalid")
	w.connected(integration.Draft)
	if got := w.want(put("", `{"plan":"free","limit":0}`), 200, ""); got.raw != `{"plan":"free","limit":0,"used":1}`+"\n" {
		t.Errorf("a lowered limit keeps what exists: %s", got.raw)
	}
}
