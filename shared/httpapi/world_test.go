package httpapi_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"aura.example/integrations/shared/connect"
	"aura.example/integrations/shared/dispatch"
	"aura.example/integrations/shared/edit"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/httpapi"
	"aura.example/integrations/shared/httpapi/apispec"
	"aura.example/integrations/shared/httpapi/apitest"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
	"aura.example/integrations/shared/jwtauth"
	"aura.example/integrations/shared/memory"
	"aura.example/integrations/shared/recurrence"
	"aura.example/integrations/shared/seal"
	"aura.example/integrations/shared/telemetry"
)

const provider = "google-calendar"

// contract checks every answer of these tests against openapi.yaml.
var contract = sync.OnceValues(apitest.New)

// world is the whole API over memory, with a clock, a queue and a provider that
// the test holds.
type world struct {
	t       *testing.T
	now     time.Time
	db      *memory.DB
	queue   *queue
	oauth   *provisional
	service *connect.Service
	logs    *lines
	server  *httptest.Server
	client  *http.Client
	ids     atomic.Int64
}

func newWorld(t *testing.T, change ...func(*httpapi.Edge)) *world {
	t.Helper()
	w := &world{
		t: t, now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC), queue: &queue{}, logs: &lines{},
		oauth: &provisional{grant: connect.Grant{
			Subject: "subject-1", Email: "owner@example.com", Scopes: []string{"calendar"},
			Token: connect.Token{Access: "access-canary", Refresh: "refresh-canary"},
		}},
	}
	clock := w.clock
	w.db = memory.New(clock)
	log := telemetry.NewLogger(w.logs, slog.LevelDebug, "test")
	newID := w.newID
	service := &connect.Service{
		Catalogue: integration.Catalogue{{
			Key: provider, Name: "Google Calendar", Auth: "oauth2",
			Scopes: []integration.Scope{{Name: "calendar", Title: "calendar", Purpose: "read it", Required: true}},
			Kinds:  []integration.Kind{{Key: "birthday", Name: "Birthdays"}, {Key: "workingLocation", Name: "Working locations"}},
		}},
		Store: w.db.Integrations, Accounts: w.db.Integrations, Lists: w.db.Integrations, Queue: w.queue,
		Waiting: w.db.Events, Quarantine: w.db.Events, Now: clock, NewID: newID, Log: log, PlanLimits: map[string]int{"free": 1, "pro": 5},
	}
	w.service = service
	flows := &connect.Flows{
		Service: service, Flows: w.db.Integrations, Orders: w.db.Integrations,
		Authorizers: map[string]connect.Authorizer{provider: w.oauth}, FlowKey: bytes.Repeat([]byte{1}, 32),
		RedirectURI: "https://aura.example.com/v1/oauth/callback",
		Returns:     map[string]string{"console": "/agent/integrations", "app": "https://app.example.com/back"},
		Seal:        &connect.Vault{Sealer: seal.New(wrapper{}, w.db.Credentials, clock), SubjectKey: bytes.Repeat([]byte{2}, 32)},
	}
	edge := httpapi.Edge{
		Auth: httpapi.Authorize{Verifier: tokens{}}, Origins: httpapi.Origins{"https://app.example.com"},
		Log: log, Now: clock, NewID: newID,
	}
	for _, c := range change {
		c(&edge)
	}
	pacer := &httpapi.Pacer{Source: w.db.Integrations, Now: clock, Log: log}
	h := httpapi.New(edge,
		httpapi.StatusRoutes(&httpapi.Status{
			Catalogue: service.Catalogue, Store: w.db.Integrations, Lists: w.db.Integrations, Journal: w.db.Integrations,
			Quarantines: w.db.Events, Paced: pacer, Now: clock,
		}),
		httpapi.IntegrationsRoutes(&httpapi.Integrations{Flows: flows, Paced: pacer}),
		httpapi.OAuthRoutes(&httpapi.OAuth{Flows: flows, Now: clock}),
		httpapi.SyncRoutes(&httpapi.Sync{SyncNow: &dispatch.SyncNow{
			Leases: w.db.Integrations, Queue: w.queue, Now: clock, NewID: newID, Log: log,
		}}),
		httpapi.EventsRoutes(&httpapi.Events{
			Events: w.db.Events, Records: w.db.Integrations, Lists: w.db.Integrations,
			Editor: &edit.Editor{
				Store: w.db.Events, Integrations: w.db.Integrations, Providers: []string{provider}, Series: recurrence.Reckoner{},
				Queue: w.queue, Now: clock, Log: log, Random: func() [16]byte { return [16]byte{9, byte(w.ids.Add(1))} },
			},
		}),
		httpapi.SubscriptionRoutes(&httpapi.Subscription{Service: service}),
		httpapi.WebhookRoutes(&httpapi.Webhook{}),
		httpapi.DocsRoutes(&httpapi.Docs{Site: apispec.NewSite()}),
	)
	w.server = httptest.NewServer(h)
	t.Cleanup(w.server.Close)
	v, err := contract()
	if err != nil {
		t.Fatal(err)
	}
	w.client = v.Client(t, w.server.Client().Transport)
	return w
}

func (w *world) clock() time.Time { return w.now }

// newID gives ULIDs that sort by the order in which they were made.
func (w *world) newID() string {
	return fmt.Sprintf("01M83WFNSR%016d", w.ids.Add(1))
}

// request is one call; the zero values are an ordinary one of the account's user.
type request struct {
	method, path string
	token        string // "acme/ana/scope scope"; "-" for none; "" for everything
	body         string
	kind         string // Content-Type where there is a body; "" is JSON
	header       map[string]string
	deliberate   bool // wrong on purpose
}

const everything = "acme/ana/integrations:read integrations:write events:read events:write billing:write"

// answer is what came back.
type answer struct {
	status int
	header http.Header
	raw    string
	doc    map[string]any
}

func (a answer) text(name string) string {
	s, _ := a.doc[name].(string)
	return s
}

// do sends a request and holds the answer to the contract.
func (w *world) do(r request) answer {
	w.t.Helper()
	req, err := http.NewRequest(r.method, w.server.URL+r.path, strings.NewReader(r.body))
	if err != nil {
		w.t.Fatal(err)
	}
	switch r.token {
	case "-":
	case "":
		req.Header.Set("Authorization", "Bearer "+everything)
	default:
		req.Header.Set("Authorization", "Bearer "+r.token)
	}
	if r.body != "" {
		req.Header.Set("Content-Type", "application/json")
	}
	if r.kind != "" {
		req.Header.Set("Content-Type", r.kind)
	}
	for k, v := range r.header {
		req.Header.Set(k, v)
	}
	if r.deliberate {
		req = apitest.Deliberate(req)
	}
	resp, err := w.client.Do(req)
	if err != nil {
		w.t.Fatalf("%s %s: %v", r.method, r.path, err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(resp.Body)
	if err != nil {
		w.t.Fatal(err)
	}
	a := answer{status: resp.StatusCode, header: resp.Header, raw: string(raw)}
	_ = json.Unmarshal(raw, &a.doc)
	return a
}

func (w *world) get(path string) answer {
	w.t.Helper()
	return w.do(request{method: "GET", path: path})
}

func (w *world) post(path, body string) answer {
	w.t.Helper()
	return w.do(request{method: "POST", path: path, body: body})
}

// want fails the test unless the answer has the status and, where one is given,
// the code.
func (w *world) want(a answer, status int, code string) answer {
	w.t.Helper()
	if a.status != status || a.text("code") != code {
		w.t.Fatalf("answered %d %q, want %d %q: %s", a.status, a.text("code"), status, code, a.raw)
	}
	return a
}

const at = "/v1/integrations/" + provider

// connected brings the account's integration to a status by the API and the
// domain's own transitions.
func (w *world) connected(status integration.Status) *integration.Integration {
	w.t.Helper()
	w.want(w.post("/v1/integrations", `{"provider":"google-calendar"}`), 201, "")
	if status == integration.Draft {
		return w.record()
	}
	state := w.begin()
	if status == integration.Configuring {
		return w.record()
	}
	w.want(w.post("/v1/oauth/complete", `{"code":"good","state":"`+state+`"}`), 200, "")
	if status != integration.Testing {
		w.move(integration.Verified, func(rec *integration.Integration) {
			rec.Settings.CalendarID, rec.Settings.CalendarName = integration.PrimaryCalendar, "Mine"
		})
	}
	switch status {
	case integration.Paused:
		w.want(w.post(at+"/pause", ""), 200, "")
	case integration.Disconnected:
		w.want(w.post(at+"/disconnect", ""), 200, "")
	}
	return w.record()
}

// begin opens a flow and gives its state.
func (w *world) begin() string {
	w.t.Helper()
	w.want(w.post(at+"/authorization", `{"return_to":"console"}`), 201, "")
	return w.oauth.asked.State
}

func (w *world) record() *integration.Integration {
	w.t.Helper()
	rec, err := w.db.Integrations.Get(context.Background(), integration.Key{Account: "acme", Provider: provider})
	if err != nil {
		w.t.Fatal(err)
	}
	return rec
}

// move carries the record through a transition, as the worker would.
func (w *world) move(name integration.Name, also ...func(*integration.Integration)) {
	w.t.Helper()
	before := w.record()
	after, entry, err := integration.Move(before, name, integration.Moving{Now: w.now, EntryID: w.newID(), CorrelationID: "worker-1"})
	if err != nil {
		w.t.Fatal(err)
	}
	for _, f := range also {
		f(after)
	}
	w.apply(integration.Change{Before: before, After: after, Entry: &entry})
}

// edit changes the record without a transition.
func (w *world) edit(f func(*integration.Integration)) {
	w.t.Helper()
	before := w.record()
	after := before.Clone()
	f(after)
	w.apply(integration.Change{Before: before, After: after})
}

func (w *world) apply(ch integration.Change) {
	w.t.Helper()
	if err := w.db.Integrations.Apply(context.Background(), ch); err != nil {
		w.t.Fatal(err)
	}
}

// queue keeps what was sent, or refuses.
type queue struct {
	mu   sync.Mutex
	sent []job.Job
	down bool
}

func (q *queue) Send(_ context.Context, msgs ...job.Message) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.down {
		return errors.New("queue-canary: connection refused to 10.0.0.7")
	}
	for _, m := range msgs {
		q.sent = append(q.sent, m.Job)
	}
	return nil
}

// provisional is a provider's OAuth side that grants what the test says.
type provisional struct {
	asked     connect.AuthRequest
	grant     connect.Grant
	err       error
	exchanges int
}

func (p *provisional) AuthURL(r connect.AuthRequest) string {
	p.asked = r
	return "https://accounts.example.com/auth?state=" + r.State
}

func (p *provisional) Exchange(_ context.Context, code, _, _, _ string) (connect.Grant, error) {
	p.exchanges++
	if p.err != nil {
		return connect.Grant{}, p.err
	}
	if code != "good" {
		return connect.Grant{}, fault.New(fault.CredentialGone, "invalid_grant", "no")
	}
	return p.grant, nil
}

func (p *provisional) Refresh(_ context.Context, t connect.Token) (connect.Token, error) {
	return t, nil
}
func (p *provisional) Revoke(context.Context, connect.Token) error { return nil }

// tokens is a verifier whose tokens say who they are for: account/user/scopes.
type tokens struct{}

func (tokens) Verify(_ context.Context, token string) (jwtauth.Identity, error) {
	parts := strings.SplitN(token, "/", 3)
	if len(parts) != 3 {
		return jwtauth.Identity{}, fault.New(fault.Unauthenticated, "unauthorized", jwtauth.Message)
	}
	return jwtauth.Identity{Account: parts[0], User: parts[1], Scopes: strings.Fields(parts[2])}, nil
}

// wrapper wraps data keys in nothing.
type wrapper struct{}

func (wrapper) NewKey(context.Context, string) (plain, wrapped []byte, err error) {
	return bytes.Repeat([]byte{3}, 32), []byte("wrapped"), nil
}

func (wrapper) Unwrap(context.Context, string, []byte) ([]byte, error) {
	return bytes.Repeat([]byte{3}, 32), nil
}

// lines keeps what was logged.
type lines struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *lines) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *lines) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}
