package apitest

import (
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
)

// recorder is a test whose failures are looked at.
type recorder struct {
	mu     sync.Mutex
	failed []string
}

func (r *recorder) Helper() {}

func (r *recorder) Errorf(format string, args ...any) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.failed = append(r.failed, fmt.Sprintf(format, args...))
}

// api answers every request alike, whatever it is.
type api struct {
	status int
	header map[string]string
	body   string
}

func (a api) RoundTrip(r *http.Request) (*http.Response, error) {
	h := http.Header{}
	for k, v := range a.header {
		h.Set(k, v)
	}
	return &http.Response{StatusCode: a.status, Header: h, Body: io.NopCloser(strings.NewReader(a.body)), Request: r}, nil
}

// good is a right answer of a status, made of the document's own example.
func good(t *testing.T, status int, example string) api {
	t.Helper()
	ref := load(t).Document().Components.Examples[example]
	if ref == nil {
		t.Fatalf("there is no example %s", example)
	}
	raw, err := json.Marshal(ref.Value.Value)
	if err != nil {
		t.Fatal(err)
	}
	a := api{status: status, body: string(raw), header: map[string]string{"Content-Type": "application/json", "X-Request-Id": "01M83WFNSRS150JXBYQAPKVFE0"}}
	if status >= 400 {
		a.header["Content-Type"] = "application/problem+json"
	}
	return a
}

// but changes a right answer: header names are set, "body" is replaced in.
func (a api) but(kv ...string) api {
	h := map[string]string{}
	for k, v := range a.header {
		h[k] = v
	}
	a.header = h
	for i := 0; i+1 < len(kv); i += 2 {
		switch old, replacing := strings.CutPrefix(kv[i], "body:"); {
		case replacing:
			a.body = strings.Replace(a.body, old, kv[i+1], 1)
		case kv[i+1] == "":
			delete(a.header, kv[i])
		default:
			a.header[kv[i]] = kv[i+1]
		}
	}
	return a
}

func request(t *testing.T, method, path, body string, header ...string) *http.Request {
	t.Helper()
	var rd io.Reader
	if body != "" {
		rd = strings.NewReader(body)
	}
	r, err := http.NewRequestWithContext(t.Context(), method, "http://api.test"+path, rd)
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Authorization", "Bearer token")
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for i := 0; i+1 < len(header); i += 2 {
		if header[i+1] == "" {
			r.Header.Del(header[i])
		} else {
			r.Header.Set(header[i], header[i+1])
		}
	}
	return r
}

// send gives what a Transport finds wrong with one exchange.
func send(t *testing.T, r *http.Request, a api) []string {
	t.Helper()
	rec := &recorder{}
	resp, err := load(t).Client(rec, a).Do(r)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = resp.Body.Close() }()
	if got, _ := io.ReadAll(resp.Body); string(got) != a.body || resp.StatusCode != a.status {
		t.Errorf("the caller got %d %q, not what was answered", resp.StatusCode, got)
	}
	return rec.failed
}

func TestResponsesThatAreNotOfTheContract(t *testing.T) {
	t.Parallel()
	one := "/v1/integrations/google-calendar"
	get := func() *http.Request { return request(t, "GET", one, "") }
	active := good(t, 200, "IntegrationActive").but("ETag", `"m7.1hq"`)
	unknown := good(t, 404, "ProblemNotFound")
	busy := good(t, 409, "ProblemSyncInProgress")
	for name, c := range map[string]struct {
		r    *http.Request
		a    api
		want string // "" is a right answer
	}{
		"right":                       {get(), active, ""},
		"unknown member":              {get(), active.but(`body:"id":`, `"account_id":"x","id":`), "additional properties 'account_id' not allowed"},
		"unknown member further down": {get(), active.but(`body:"calendar_id":`, `"colour":1,"calendar_id":`), "at '/settings'"},
		"missing member":              {get(), active.but(`body:"live_updates":true,`, ``), "missing property 'live_updates'"},
		"value outside an enum":       {get(), active.but(`body:"status":"active"`, `"status":"working"`), "at '/status': value must be one of"},
		"number outside an enum":      {get(), active.but(`body:"interval_minutes":5`, `"interval_minutes":7`), "at '/settings/interval_minutes'"},
		"wrong type":                  {get(), active.but(`body:"live_updates":true`, `"live_updates":"yes"`), "got string, want boolean"},
		"null where it can't be":      {get(), active.but(`body:"status":"active"`, `"status":null`), "at '/status'"},
		"not a time":                  {get(), active.but(`body:"created_at":"2026-11-02T08:12:04Z"`, `"created_at":"yesterday"`), "at '/created_at'"},
		"not JSON":                    {get(), active.but(`body:{`, `<`), "not JSON"},
		"undeclared status":           {get(), api{status: 418, header: active.header, body: active.body}, "status 418 is not declared"},
		"undeclared success":          {get(), api{status: 201, header: active.header, body: active.body}, "status 201 is not declared"},
		"wrong media type":            {get(), active.but("Content-Type", "text/plain"), `"text/plain" is not declared`},
		"no ETag":                     {get(), active.but("ETag", ""), `"ETag" missing`},
		"ETag without quotes":         {get(), active.but("ETag", "m7"), `"ETag" doesn't match`},
		"no X-Request-Id":             {get(), active.but("X-Request-Id", ""), `"X-Request-Id" missing`},
		"no body":                     {get(), api{status: 200, header: active.header}, "declared with a body"},
		"a body after all":            {request(t, "DELETE", one, ""), api{204, unknown.header, "{}"}, "declared without a body"},
		"problem":                     {get(), unknown, ""},
		"code of another status":      {get(), unknown.but(`body:"code":"not_found"`, `"code":"internal"`), "at '/code'"},
		"unknown code":                {get(), unknown.but(`body:"code":"not_found"`, `"code":"gone_fishing"`), "at '/code'"},
		"another title":               {get(), unknown.but(`body:"title":"Not found"`, `"title":"Oops"`), `title is "Oops"`},
		"another status inside":       {get(), unknown.but(`body:"status":404`, `"status":500`), "member status is 500"},
		"type leads elsewhere":        {get(), unknown.but(`body:#problem-not_found`, `#problem-stale`), "does not lead"},
		"another correlation id":      {get(), unknown.but("X-Request-Id", "other"), "is not X-Request-Id"},
		"problem as plain JSON":       {get(), unknown.but("Content-Type", "application/json"), "not declared"},
		"the gateway's answer":        {get(), api{429, map[string]string{"Content-Type": "application/json"}, `{"message":"Too Many Requests"}`}, "there is no gateway here"},
		"busy":                        {request(t, "POST", one+"/sync", ""), busy, ""},
		"busy without the run":        {request(t, "POST", one+"/sync", ""), busy.but(`body:"run":`, `"pending":[],"ran":`), "missing property 'run'"},
		"503 without Retry-After":     {get(), good(t, 503, "ProblemUnavailable"), `"Retry-After" missing`},
		"503":                         {get(), good(t, 503, "ProblemUnavailable").but("Retry-After", "5"), ""},
		"Retry-After as a date":       {get(), good(t, 503, "ProblemUnavailable").but("Retry-After", "Sun, 06 Nov 1994 08:49:37 GMT"), `"Retry-After"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			judge(t, send(t, c.r, c.a), c.want, "the response")
		})
	}
}

func judge(t *testing.T, failed []string, want, about string) {
	t.Helper()
	all := strings.Join(failed, "\n")
	switch {
	case want == "" && len(failed) > 0:
		t.Errorf("refused: %s", all)
	case want != "" && len(failed) == 0:
		t.Errorf("let pass; want a failure that says %q", want)
	case want != "" && (!strings.Contains(all, want) || !strings.Contains(all, about)):
		t.Errorf("said %s\nwant %q about %s", all, want, about)
	}
}

func TestRequestsThatAreNotOfTheContract(t *testing.T) {
	t.Parallel()
	one := "/v1/integrations/google-calendar"
	active := good(t, 200, "IntegrationActive").but("ETag", `"m7.1hq"`)
	events := good(t, 200, "Events")
	draft := good(t, 201, "IntegrationDraft").but("ETag", `"m1.1"`, "Location", one)
	notified := api{204, map[string]string{"X-Request-Id": "x"}, ""}
	notify := func(kv ...string) *http.Request {
		return request(t, "POST", "/v1/webhooks/google-calendar", "", append([]string{"Authorization", "", "X-Goog-Channel-Token", "t", "X-Goog-Channel-ID", "c",
			"X-Goog-Message-Number", "1", "X-Goog-Resource-ID", "r", "X-Goog-Resource-State", "sync"}, kv...)...)
	}
	for name, c := range map[string]struct {
		r    *http.Request
		a    api
		want string
	}{
		"right body":              {request(t, "POST", "/v1/integrations", `{"provider":"google-calendar"}`), draft, ""},
		"unknown member":          {request(t, "POST", "/v1/integrations", `{"provider":"google-calendar","account_id":"a"}`), draft, "'account_id' not allowed"},
		"no body":                 {request(t, "POST", "/v1/integrations", ""), draft, "required, and there is none"},
		"undeclared body":         {request(t, "GET", one, `{}`), active, "no request body is declared"},
		"form":                    {request(t, "POST", "/v1/integrations", `a=b`, "Content-Type", "application/x-www-form-urlencoded"), draft, "not declared"},
		"no token":                {request(t, "GET", one, "", "Authorization", ""), active, "bearer token"},
		"no such route":           {request(t, "GET", "/v1/nothing", ""), good(t, 404, "ProblemNotFound"), "no such route"},
		"no such method":          {request(t, "PUT", one, ""), good(t, 404, "ProblemNotFound"), "no such route"},
		"undeclared query":        {request(t, "GET", one+"?verbose=1", ""), active, `"verbose" is not declared`},
		"range":                   {request(t, "GET", "/v1/events?from=2026-11-23T00:00:00Z&to=2026-11-30T00:00:00%2B01:00", ""), events, ""},
		"range without its end":   {request(t, "GET", "/v1/events?from=2026-11-23T00:00:00Z", ""), events, `"to"`},
		"range in words":          {request(t, "GET", "/v1/events?from=today&to=tomorrow", ""), events, `"from"`},
		"limit too large":         {request(t, "GET", "/v1/events?from=2026-11-23T00:00:00Z&to=2026-11-30T00:00:00Z&limit=1001", ""), events, `"limit"`},
		"no If-Match":             {request(t, "PATCH", one, `{"direction":"two_way"}`), active, `"If-Match"`},
		"If-Match of all":         {request(t, "PATCH", one, `{"direction":"two_way"}`, "If-Match", "*"), active, `"If-Match"`},
		"If-Match":                {request(t, "PATCH", one, `{"direction":"two_way"}`, "If-Match", `"m7.1hq"`), active, ""},
		"empty patch":             {request(t, "PATCH", one, `{}`, "If-Match", `"m7.1hq"`), active, "minProperties"},
		"provider in capitals":    {request(t, "GET", "/v1/integrations/Google", ""), active, `"provider"`},
		"notification":            {notify(), notified, ""},
		"notification untokened":  {notify("X-Goog-Channel-Token", ""), notified, "X-Goog-Channel-Token"},
		"notification misspelt":   {notify("X-Goog-Resource-State", "synch"), notified, `"X-Goog-Resource-State"`},
		"what Google adds is let": {request(t, "GET", "/v1/oauth/callback?state=s&code=c&authuser=0&prompt=consent", "", "Authorization", ""), api{303, map[string]string{"X-Request-Id": "x", "Location": "/agent/integrations#code=c&state=s"}, ""}, ""},
		"code in the query":       {request(t, "GET", "/v1/oauth/callback?state=s", "", "Authorization", ""), api{303, map[string]string{"X-Request-Id": "x", "Location": "/agent/integrations?code=c&state=s"}, ""}, `"Location"`},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			judge(t, send(t, c.r, c.a), c.want, "of the contract")
		})
	}
}

func TestDeliberateRequestsAreNotCheckedTheirResponsesAre(t *testing.T) {
	t.Parallel()
	one := "/v1/integrations/google-calendar"
	invalid := good(t, 422, "ProblemInvalid")
	for name, c := range map[string]struct {
		r    *http.Request
		a    api
		want string
	}{
		"refused":                        {request(t, "GET", one+"?verbose=1", ""), invalid, ""},
		"refused wrongly":                {request(t, "GET", one+"?verbose=1", ""), invalid.but(`body:"errors":`, `"fields":`), "additional properties 'fields'"},
		"no such route":                  {request(t, "GET", "/v1/nothing", ""), good(t, 404, "ProblemNotFound"), ""},
		"no such method":                 {request(t, "PUT", one, ""), good(t, 405, "ProblemNotFound").but(`body:not_found`, "method_not_allowed", `body:404`, "405", `body:not_found`, "method_not_allowed", `body:Not found`, "Method not allowed"), ""},
		"no such method, another's code": {request(t, "PUT", one, ""), good(t, 405, "ProblemNotFound").but(`body:404`, "405"), "belongs to status 404"},
		"no such route, let in":          {request(t, "GET", "/v1/nothing", ""), good(t, 200, "IntegrationActive"), "instead of 404 or 405"},
		"no such route, in words": {request(t, "GET", "/v1/nothing", ""), api{404, map[string]string{"Content-Type": "text/plain"}, "404 page not found"},
			"instead of a problem document"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			judge(t, send(t, Deliberate(c.r), c.a), c.want, "the response")
		})
	}
}

func TestOnlyTheApiIsChecked(t *testing.T) {
	t.Parallel()
	odd := api{status: 200, header: map[string]string{}, body: "anything"}
	for name, c := range map[string]struct {
		url, host string
		checked   bool
	}{
		"the page":              {"http://api.test/agent/integrations", "", false},
		"a local route":         {"http://api.test/local/token", "", false},
		"the API":               {"http://api.test/v1/providers", "", true},
		"the API, named":        {"http://api.test/v1/providers", "api.test", true},
		"another host, named":   {"http://sim.test/v1/providers", "api.test", false},
		"another host, unnamed": {"http://sim.test/v1/providers", "", true},
	} {
		rec := &recorder{}
		r := request(t, "GET", "/", "")
		u, err := r.URL.Parse(c.url)
		if err != nil {
			t.Fatal(err)
		}
		r.URL = u
		resp, err := load(t).Transport(rec, odd).On(c.host).RoundTrip(r)
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
		if checked := len(rec.failed) > 0; checked != c.checked {
			t.Errorf("%s: checked is %v, want %v (%v)", name, checked, c.checked, rec.failed)
		}
	}
}

func TestCoverageCountsRightAnswersOnly(t *testing.T) {
	t.Parallel()
	v, err := New()
	if err != nil {
		t.Fatal(err)
	}
	client := v.Client(&recorder{}, good(t, 404, "ProblemNotFound"))
	wrong := v.Client(&recorder{}, good(t, 404, "ProblemNotFound").but("X-Request-Id", ""))
	for c, path := range map[*http.Client]string{client: "/v1/integrations/google-calendar", wrong: "/v1/integrations/google-calendar/runs"} {
		resp, err := c.Do(request(t, "GET", path, ""))
		if err != nil {
			t.Fatal(err)
		}
		_ = resp.Body.Close()
	}
	c := v.Coverage()
	if n := c.Seen()[Answer{"getIntegration", 404}]; n != 1 || len(c.Seen()) != 1 {
		t.Errorf("seen %v, want the right answer once and nothing else", c.Seen())
	}
	all, missing := len(c.Declared()), c.Missing(nil)
	if len(missing) != all-1 {
		t.Errorf("%d of %d are missing, want all but one", len(missing), all)
	}
	for _, a := range c.Missing(func(a Answer) bool { return a.Status == http.StatusTooManyRequests }) {
		if a.Status == http.StatusTooManyRequests {
			t.Errorf("%s is exempt and missing all the same", a)
		}
	}
}
