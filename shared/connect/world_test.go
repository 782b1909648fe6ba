package connect_test

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/oklog/ulid/v2"

	"aura.example/integrations/shared/connect"
	"aura.example/integrations/shared/devstack"
	"aura.example/integrations/shared/dynamo"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
	"aura.example/integrations/shared/seal"
)

var (
	noon = time.Date(2031, 5, 5, 12, 0, 0, 0, time.UTC)
	key  = integration.Key{Account: "acme", Provider: "google-calendar"}
	mia  = connect.Caller{Account: "acme", User: "mia", CorrelationID: "c"}
)

// catalogue has several providers, since plans are about more than one.
var catalogue = integration.Catalogue{
	{Key: "google-calendar", Scopes: []integration.Scope{{Name: "events", Purpose: "to read and write events", Required: true}}},
	{Key: "second"}, {Key: "third"}, {Key: "fourth"},
}

// clock is moved by hand.
type clock struct {
	mu  sync.Mutex
	now time.Time
}

func (c *clock) Now() time.Time {
	c.mu.Lock()
	defer c.mu.Unlock()
	return c.now
}

func (c *clock) Advance(d time.Duration) {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.now = c.now.Add(d)
}

// queue remembers.
type queue struct {
	mu   sync.Mutex
	sent []job.Job
}

func (q *queue) Send(_ context.Context, msgs ...job.Message) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, m := range msgs {
		q.sent = append(q.sent, m.Job)
	}
	return nil
}

// wrapper is a key service in a few lines; kmskey and filekey have the real ones.
type wrapper struct{}

func (wrapper) NewKey(context.Context, string) (plain, wrapped []byte, err error) {
	plain = make([]byte, 32)
	_, err = rand.Read(plain)
	return plain, append([]byte("w"), plain...), err
}

func (wrapper) Unwrap(_ context.Context, _ string, w []byte) ([]byte, error) {
	if len(w) != 33 {
		return nil, errors.New("not a wrapped key")
	}
	return w[1:], nil
}

// provider is the OAuth side: it counts, and answers as a test says.
type provider struct {
	mu        sync.Mutex
	exchanges int
	refreshes int
	revokes   int
	grant     connect.Grant
	refresh   func(n int, t connect.Token) (connect.Token, error)
	revoke    func() error
}

func (p *provider) AuthURL(r connect.AuthRequest) string {
	return "https://provider.example/?state=" + r.State
}

func (p *provider) Exchange(context.Context, string, string, string, string) (connect.Grant, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.exchanges++
	return p.grant, nil
}

func (p *provider) Refresh(_ context.Context, t connect.Token) (connect.Token, error) {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.refreshes++
	return p.refresh(p.refreshes, t)
}

func (p *provider) Revoke(context.Context, connect.Token) error {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.revokes++
	if p.revoke != nil {
		return p.revoke()
	}
	return nil
}

// world is the use cases over tables of their own.
type world struct {
	*testing.T
	clock    *clock
	db       *dynamo.DB
	client   *dynamodb.Client
	names    dynamo.Names
	queue    *queue
	provider *provider
	vault    *connect.Vault
	service  *connect.Service
	flows    *connect.Flows
	tokens   *connect.Tokens
}

func newWorld(t *testing.T) *world {
	t.Helper()
	var raw [8]byte
	_, _ = rand.Read(raw[:])
	w := &world{
		T: t, clock: &clock{now: noon}, queue: &queue{}, names: dynamo.Prefixed("connect-" + hex.EncodeToString(raw[:]) + "-"),
		provider: &provider{grant: connect.Grant{Subject: "sub-1", Email: "ana@example.com", Scopes: []string{"events"}}},
	}
	w.client = dynamodb.New(dynamodb.Options{
		Region: "local", BaseEndpoint: aws.String(devstack.ForTest(t).DynamoDB()),
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	}, dynamo.WithRecorder(dynamo.NewRecorder(w.names, nil)))
	if err := dynamo.CreateTables(t.Context(), w.client, w.names); err != nil {
		t.Fatal(err)
	}
	w.db = dynamo.New(w.client, w.names, w.clock.Now)
	w.provider.grant.Token = connect.Token{Access: "a0", Refresh: "r0", Expiry: noon.Add(time.Hour)}
	w.provider.refresh = func(n int, t connect.Token) (connect.Token, error) {
		return connect.Token{Access: fmt.Sprintf("a%d", n), Refresh: t.Refresh, Expiry: w.clock.Now().Add(time.Hour)}, nil
	}
	w.vault = &connect.Vault{Sealer: seal.New(wrapper{}, w.db.Credentials, w.clock.Now), SubjectKey: []byte("subject key")}
	w.service = &connect.Service{
		Catalogue: catalogue, Store: w.db.Integrations, Accounts: w.db.Integrations, Lists: w.db.Integrations, Queue: w.queue,
		Waiting: w.db.Events, Quarantine: w.db.Events, Now: w.clock.Now, NewID: func() string { return ulid.MustNew(ulid.Now(), rand.Reader).String() },
		Log: slog.New(slog.DiscardHandler), PlanLimits: map[string]int{"free": 2, "pro": 4},
	}
	w.flows = &connect.Flows{
		Service: w.service, Flows: w.db.Integrations, Orders: w.db.Integrations,
		Authorizers: map[string]connect.Authorizer{key.Provider: w.provider}, FlowKey: []byte("flow key"),
		RedirectURI: "https://aura.example/callback", Returns: map[string]string{"page": "https://aura.example/page"}, Seal: w.vault,
	}
	w.tokens = &connect.Tokens{Credentials: w.db.Credentials, Vault: w.vault, Authorizers: w.flows.Authorizers, Now: w.clock.Now}
	return w
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// connected gives an integration whose consent was just completed.
func (w *world) connected() *integration.Integration {
	w.Helper()
	_, err := w.service.Create(w.Context(), mia, key.Provider)
	w.must(err)
	return w.authorize()
}

func (w *world) authorize() *integration.Integration {
	w.Helper()
	opened, err := w.flows.Begin(w.Context(), mia, key.Provider, "page")
	w.must(err)
	rec, err := w.flows.Complete(w.Context(), mia, connect.Returned{State: opened.AuthorizationURL[len("https://provider.example/?state="):], Code: "code"})
	w.must(err)
	return rec
}
