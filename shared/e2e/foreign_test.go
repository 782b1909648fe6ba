package e2e_test

import (
	"encoding/json"
	"maps"
	"strings"
	"testing"

	"aura.example/integrations/shared/httpapi"
)

// TestS5ForeignIDsLookLikeUnknownOnes asks every route that names something for
// somebody else's things and for things that never were: the answers must be the
// very same 404.
func TestS5ForeignIDsLookLikeUnknownOnes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	mia := w.person("acme", "mia").draft()
	mia.connect(ana)
	run := mia.synced().str("last_run", "id")
	from := "2026-11-01T00:00:00Z"
	events := mia.want(200, mia.do("GET", "/v1/events?limit=1&from="+from+"&to=2026-12-01T00:00:00Z", nil)).items()
	if len(events) == 0 {
		t.Fatal("there is no event to ask for")
	}
	event, _ := events[0]["id"].(string)

	foreign := map[string]string{"{provider}": "google-calendar", "{run}": run, "{event}": event}
	unknown := map[string]string{"{provider}": "no-such-provider", "{run}": "01ARZ3NDEKTSV4RRFFQ69G5FAV", "{event}": "evt_00000000000000000000000000"}
	eve := w.personWith("rival", "eve", "integrations:read integrations:write events:read events:write billing:write")
	asked := 0
	for _, group := range httpapi.AllRoutes() {
		for _, rt := range group {
			if !strings.Contains(rt.Path, "{") {
				continue
			}
			asked++
			a := eve.ask(rt, foreign)
			b := eve.ask(rt, unknown)
			if a.status != 404 || a.status != b.status || !maps.Equal(shape(a), shape(b)) {
				t.Errorf("%s %s: foreign %d %s, unknown %d %s", rt.Method, rt.Path, a.status, a.raw, b.status, b.raw)
			}
		}
	}
	if asked < 15 {
		t.Errorf("only %d routes name something", asked)
	}
	if s := mia.want(200, mia.do("GET", google, nil)); s.str("status") != "active" {
		t.Errorf("a stranger's requests left it %s", s.str("status"))
	}
}

// ask sends the least that the route accepts.
func (p *person) ask(rt httpapi.Route, ids map[string]string) answer {
	p.Helper()
	path := rt.Path
	for name, id := range ids {
		path = strings.ReplaceAll(path, name, id)
	}
	var body any
	switch {
	case rt.Method == "PATCH" && strings.HasPrefix(path, "/v1/events"):
		body = map[string]any{"title": "x"}
	case rt.Method == "PATCH":
		body = map[string]any{"direction": "two_way"}
	case strings.HasSuffix(path, "/authorization"):
		body = map[string]any{"return_to": "integrations"}
	case strings.HasSuffix(path, "/sync"):
		body = map[string]any{}
	}
	return p.try(rt.Method, path, body, "If-Match", `"1.AAAAAA"`)
}

// shape is a problem document without what differs by the request.
func shape(a answer) map[string]string {
	out := map[string]string{}
	for k, v := range a.body {
		if k != "correlation_id" {
			raw, _ := json.Marshal(v)
			out[k] = string(raw)
		}
	}
	return out
}

func TestEveryRouteDemandsItsScope(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	ids := map[string]string{"{provider}": "google-calendar", "{run}": "x", "{event}": "evt_00000000000000000000000000"}
	nobody := w.personWith("acme", "mia", "")
	nobody.anonymous = true
	for _, group := range httpapi.AllRoutes() {
		for _, rt := range group {
			if rt.Scope == httpapi.Public || rt.Scope == httpapi.ChannelToken {
				continue
			}
			if a := nobody.ask(rt, ids); a.status != 401 {
				t.Errorf("%s %s without a token: %d", rt.Method, rt.Path, a.status)
			}
			others := []string{}
			for _, s := range []httpapi.Scope{httpapi.IntegrationsRead, httpapi.IntegrationsWrite, httpapi.EventsRead, httpapi.EventsWrite, httpapi.BillingWrite} {
				if s != rt.Scope {
					others = append(others, string(s))
				}
			}
			p := w.personWith("acme", "mia", strings.Join(others, " "))
			if a := p.ask(rt, ids); a.status != 403 || a.str("code") != "insufficient_scope" {
				t.Errorf("%s %s without %s: %d %s", rt.Method, rt.Path, rt.Scope, a.status, a.raw)
			}
		}
	}
}
