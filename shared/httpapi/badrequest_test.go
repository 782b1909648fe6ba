package httpapi_test

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"aura.example/integrations/shared/httpapi"
	"aura.example/integrations/shared/integration"
)

// fill puts ids into a path: good ones that exist nowhere.
func fill(path string) string {
	return strings.NewReplacer("{provider}", provider, "{run}", "01M83WFNSRPNV155PBAMSKWNT1",
		"{event}", "evt_p5tcsj4ftsmet3t0uf4vaalb30").Replace(path)
}

// guarded are the routes that ask for a token.
func guarded() []httpapi.Route {
	return slices.DeleteFunc(slices.Concat(httpapi.AllRoutes()...), func(rt httpapi.Route) bool {
		return rt.Scope == httpapi.Public || rt.Scope == httpapi.ChannelToken
	})
}

// needed is a query that a route can't do without.
func needed(rt httpapi.Route) string {
	if rt.Method == http.MethodGet && rt.Path == "/v1/events" {
		return "?from=2026-11-23T00:00:00Z&to=2026-11-30T00:00:00Z"
	}
	return ""
}

func TestNoTokenNoEntry(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, rt := range guarded() {
		for name, header := range map[string]string{
			"none": "", "empty": "Bearer ", "basic": "Basic YWNtZTphbmE=", "nonsense": "Bearer nonsense", "bare": everything,
		} {
			r := request{method: rt.Method, path: fill(rt.Path) + needed(rt), token: "-", deliberate: true}
			if header != "" {
				r.header = map[string]string{"Authorization": header}
			}
			a := w.do(r)
			if a.status != 401 || a.text("code") != "unauthorized" {
				t.Errorf("%s %s, %s: %d %s", rt.Method, rt.Path, name, a.status, a.raw)
			}
			wantHeader := "Bearer"
			if header != "" {
				wantHeader = `Bearer error="invalid_token"`
			}
			if got := a.header.Get("WWW-Authenticate"); got != wantHeader {
				t.Errorf("%s %s, %s: WWW-Authenticate %q, want %q", rt.Method, rt.Path, name, got, wantHeader)
			}
		}
	}
}

func TestEveryScopeButTheRightOneIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	all := []httpapi.Scope{httpapi.IntegrationsRead, httpapi.IntegrationsWrite, httpapi.EventsRead, httpapi.EventsWrite, httpapi.BillingWrite}
	for _, rt := range guarded() {
		others := slices.DeleteFunc(slices.Clone(all), func(s httpapi.Scope) bool { return s == rt.Scope })
		var names []string
		for _, s := range others {
			names = append(names, string(s))
		}
		a := w.do(request{method: rt.Method, path: fill(rt.Path) + needed(rt), token: "acme/ana/" + strings.Join(names, " "), deliberate: true})
		if a.status != 403 || a.text("code") != "insufficient_scope" || !strings.Contains(a.text("detail"), string(rt.Scope)) {
			t.Errorf("%s %s with all scopes but %s: %d %s", rt.Method, rt.Path, rt.Scope, a.status, a.raw)
		}
	}
}

// An unknown id, a foreign one and one that can't exist get the very same
// answer, but for the correlation id (S5).
func TestUnknownForeignAndImpossibleAreAlike(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	rec := w.connected(integration.Active)
	foreign := "globex" + strings.TrimPrefix(everything, "acme")
	var bodies = map[string]string{
		"PATCH /v1/integrations/{provider}":              `{"interval_minutes":15}`,
		"PATCH /v1/events/{event}":                       `{"title":"x"}`,
		"POST /v1/integrations/{provider}/authorization": `{"return_to":"console"}`,
	}
	for _, rt := range guarded() {
		if !strings.Contains(rt.Path, "{") {
			continue
		}
		body := bodies[rt.Method+" "+rt.Path]
		header := map[string]string{"X-Request-Id": "same", "If-Match": `"1.` + rec.ID[len(rec.ID)-6:] + `"`}
		seen := map[string]string{}
		for name, r := range map[string]request{
			"foreign":    {path: fill(rt.Path), token: foreign},
			"unknown":    {path: strings.ReplaceAll(fill(rt.Path), provider, "no-such-provider")},
			"impossible": {path: strings.ReplaceAll(strings.ReplaceAll(fill(rt.Path), provider, "A%23B"), "evt_", "evil")},
		} {
			r.method, r.body, r.header, r.deliberate = rt.Method, body, header, true
			a := w.do(r)
			if a.status != 404 || a.text("code") != "not_found" {
				t.Errorf("%s %s, %s: %d %s", rt.Method, rt.Path, name, a.status, a.raw)
			}
			seen[a.raw] = name
		}
		if len(seen) > 1 {
			t.Errorf("%s %s: the answers differ: %v", rt.Method, rt.Path, seen)
		}
	}
}

func TestUnknownQueryParametersAreNamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connected(integration.Active)
	for _, rt := range guarded() {
		q := needed(rt)
		if q == "" {
			q = "?"
		}
		a := w.do(request{method: rt.Method, path: fill(rt.Path) + q + "&account_id=globex", deliberate: true})
		if a.status != 422 || a.text("code") != "invalid" || !strings.Contains(a.raw, `"account_id"`) {
			t.Errorf("%s %s: %d %s", rt.Method, rt.Path, a.status, a.raw)
		}
	}
}

func TestWrongMethodsSayWhichAreRight(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for path, allow := range map[string]string{
		"/v1/integrations":                   "GET, HEAD, OPTIONS, POST",
		at:                                   "DELETE, GET, HEAD, OPTIONS, PATCH",
		at + "/pause":                        "OPTIONS, POST",
		"/v1/webhooks/google-calendar":       "OPTIONS, POST",
		"/v1/oauth/callback":                 "GET, HEAD, OPTIONS",
		"/v1/events/evt_0000000000000000000": "DELETE, GET, HEAD, OPTIONS, PATCH",
	} {
		a := w.do(request{method: http.MethodTrace, path: path, deliberate: true})
		if a.status != 405 || a.text("code") != "method_not_allowed" || a.header.Get("Allow") != allow {
			t.Errorf("TRACE %s: %d, Allow %q, want %q", path, a.status, a.header.Get("Allow"), allow)
		}
	}
}

func TestPathsThatNoRouteHas(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, path := range []string{"/", "/v1", "/v1/", "/v2/providers", "/v1/integrations/", "/v1//integrations", "/v1/../v1/providers", "/local/token", "/v1/integrations/" + provider + "/"} {
		a := w.do(request{method: "GET", path: path, deliberate: true})
		if a.status != 404 || a.text("code") != "not_found" {
			t.Errorf("GET %s: %d %s", path, a.status, a.raw)
		}
	}
}

// Bodies that can't be read, per route that takes one.
func TestBodiesThatCannotBeRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connected(integration.Active)
	tag := w.get(at).header.Get("ETag")
	for _, route := range []struct{ method, path string }{
		{"POST", "/v1/integrations"}, {"POST", at + "/authorization"}, {"PATCH", at},
		{"POST", "/v1/oauth/complete"}, {"POST", at + "/sync"}, {"PUT", "/v1/subscription"},
	} {
		for name, c := range map[string]struct {
			body, kind string
			status     int
			code       string
		}{
			"cut short":       {`{"provider":`, "", 400, "malformed_request"},
			"two values":      {`{} {}`, "", 400, "malformed_request"},
			"a list":          {`[]`, "", 400, "malformed_request"},
			"a text":          {`"x"`, "", 400, "malformed_request"},
			"null":            {`null`, "", 400, "malformed_request"},
			"twice":           {`{"a":1,"a":2}`, "", 400, "malformed_request"},
			"a form":          {"provider=google-calendar", "application/x-www-form-urlencoded", 415, "unsupported_media_type"},
			"plain text":      {`{"provider":"google-calendar"}`, "text/plain", 415, "unsupported_media_type"},
			"another charset": {`{"provider":"google-calendar"}`, "application/json; charset=utf-16", 415, "unsupported_media_type"},
			"too large":       {`{"provider":"` + strings.Repeat("x", 70<<10) + `"}`, "", 413, "body_too_large"},
			"unknown field":   {`{"account_id":"globex"}`, "", 422, "invalid"},
			"forbidden field": {`{"status":"active"}`, "", 422, "invalid"},
			"another case":    {`{"PROVIDER":"google-calendar","Full":true,"PLAN":"pro","State":"x","Return_To":"console"}`, "", 422, "invalid"},
		} {
			a := w.do(request{method: route.method, path: route.path, body: c.body, kind: c.kind, header: map[string]string{"If-Match": tag}, deliberate: true})
			if a.status != c.status || a.text("code") != c.code {
				t.Errorf("%s %s, %s: %d %s", route.method, route.path, name, a.status, a.raw)
			}
		}
	}
	if len(w.queue.sent) != 1 { // the first run that the connection ordered
		t.Errorf("bad requests sent jobs: %v", w.queue.sent)
	}
}

// A body where none is taken asks for something that would be ignored.
func TestBodiesThatAreNotTaken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connected(integration.Active)
	for _, r := range []request{
		{method: "POST", path: at + "/pause"}, {method: "POST", path: at + "/disconnect"}, {method: "DELETE", path: at},
		{method: "POST", path: at + "/calendars/refresh"}, {method: "POST", path: at + "/resume"},
	} {
		for _, body := range []string{`{"remove_from_provider":true}`, `nonsense`, strings.Repeat("x", 70<<10)} {
			r.body, r.deliberate = body, true
			w.want(w.do(r), 422, "invalid")
		}
	}
	if got := w.record().Status; got != integration.Active {
		t.Errorf("the integration is %s", got)
	}
}

func TestMembersThatCannotBe(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connected(integration.Active)
	tag := w.get(at).header.Get("ETag")
	for name, c := range map[string]struct {
		method, path, body, field string
	}{
		"provider of another type":   {"POST", "/v1/integrations", `{"provider":7}`, "provider"},
		"provider null":              {"POST", "/v1/integrations", `{"provider":null}`, "provider"},
		"provider missing":           {"POST", "/v1/integrations", `{}`, "provider"},
		"target of another type":     {"POST", at + "/authorization", `{"return_to":["console"]}`, "return_to"},
		"interval not offered":       {"PATCH", at, `{"interval_minutes":2}`, "interval_minutes"},
		"interval negative":          {"PATCH", at, `{"interval_minutes":-5}`, "interval_minutes"},
		"interval overflowing":       {"PATCH", at, `{"interval_minutes":9223372036854775807}`, "interval_minutes"},
		"interval a fraction":        {"PATCH", at, `{"interval_minutes":5.5}`, "interval_minutes"},
		"direction unknown":          {"PATCH", at, `{"direction":"sideways"}`, "direction"},
		"kinds unknown":              {"PATCH", at, `{"import_kinds":["focusTime"]}`, "import_kinds"},
		"kinds twice":                {"PATCH", at, `{"import_kinds":["birthday","birthday"]}`, "import_kinds"},
		"kinds null":                 {"PATCH", at, `{"import_kinds":null}`, "import_kinds"},
		"nothing to change":          {"PATCH", at, `{}`, "body"},
		"discard without a calendar": {"PATCH", at + "?discard=true", `{"interval_minutes":15}`, "calendar_id"},
		"copies without a calendar":  {"PATCH", at + "?remove_copies=true", `{"interval_minutes":15}`, "calendar_id"},
		"a flag that is neither":     {"PATCH", at + "?discard=yes", `{"interval_minutes":15}`, "discard"},
		"code and error":             {"POST", "/v1/oauth/complete", `{"state":"x","code":"a","error":"b"}`, "code"},
		"neither code nor error":     {"POST", "/v1/oauth/complete", `{"state":"x"}`, "code"},
		"state missing":              {"POST", "/v1/oauth/complete", `{"code":"a"}`, "state"},
		"code too long":              {"POST", "/v1/oauth/complete", `{"state":"x","code":"` + strings.Repeat("a", 3000) + `"}`, "code"},
		"full of another type":       {"POST", at + "/sync", `{"full":"true"}`, "full"},
		"plan that can't be":         {"PUT", "/v1/subscription", `{"plan":"Pro Plan"}`, "plan"},
		"plan unknown":               {"PUT", "/v1/subscription", `{"plan":"gold"}`, "plan"},
		"limit negative":             {"PUT", "/v1/subscription", `{"plan":"pro","limit":-1}`, "limit"},
		"limit too high":             {"PUT", "/v1/subscription", `{"plan":"pro","limit":10001}`, "limit"},
		"limit zero items":           {"GET", at + "/runs?limit=0", "", "limit"},
		"limit too many items":       {"GET", at + "/history?limit=101", "", "limit"},
		"limit no number":            {"GET", "/v1/providers?limit=many", "", "limit"},
		"limit twice":                {"GET", "/v1/providers?limit=1&limit=2", "", "limit"},
		"cursor of no list":          {"GET", "/v1/integrations?cursor=%21%21", "", "cursor"},
		"cursor empty":               {"GET", at + "/calendars?cursor=", "", "cursor"},
		"cursor too long":            {"GET", at + "/quarantine?cursor=" + strings.Repeat("a", 3000), "", "cursor"},
		"remove maybe":               {"DELETE", at + "?remove_from_provider=1", "", "remove_from_provider"},
		"range without an end":       {"GET", "/v1/events?from=2026-11-23T00:00:00Z", "", "to"},
		"range of a day":             {"GET", "/v1/events?from=2026-11-23&to=2026-11-24T00:00:00Z", "", "from"},
		"range backwards":            {"GET", "/v1/events?from=2026-11-24T00:00:00Z&to=2026-11-23T00:00:00Z", "", "to"},
		"range too long":             {"GET", "/v1/events?from=2026-01-01T00:00:00Z&to=2027-01-03T00:00:00Z", "", "to"},
		"range's cursor":             {"GET", "/v1/events?from=2026-11-23T00:00:00Z&to=2026-11-24T00:00:00Z&cursor=x", "", "cursor"},
		"tag that is none":           {"POST", at + "/pause", "", "If-Match"},
	} {
		header := map[string]string{}
		if c.method == "PATCH" {
			header["If-Match"] = tag
		}
		if name == "tag that is none" {
			header["If-Match"] = "*"
		}
		a := w.do(request{method: c.method, path: c.path, body: c.body, header: header, deliberate: true})
		if a.status != 422 || a.text("code") != "invalid" || !strings.Contains(a.raw, `"field":"`+c.field+`"`) {
			t.Errorf("%s: %d %s", name, a.status, a.raw)
		}
	}
	if got := w.record().Version; tag != w.get(at).header.Get("ETag") {
		t.Errorf("a refused request changed the integration: version %d", got)
	}
}

// One answer names every finding, so that nobody has to mend them one by one.
func TestEveryFindingIsNamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.do(request{method: "POST", path: "/v1/integrations", body: `{"provider":7,"status":"active","account":"globex"}`, deliberate: true})
	w.want(a, 422, "invalid")
	errs, _ := a.doc["errors"].([]any)
	if len(errs) != 3 {
		t.Errorf("%d findings are named, want 3: %s", len(errs), a.raw)
	}
}
