package convergence_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/calsync"
	"aura.example/integrations/shared/connect"
	"aura.example/integrations/shared/devstack"
	"aura.example/integrations/shared/dynamo"
	"aura.example/integrations/shared/edit"
	"aura.example/integrations/shared/filekey"
	"aura.example/integrations/shared/google"
	"aura.example/integrations/shared/google/calendarv3"
	"aura.example/integrations/shared/google/oauth"
	"aura.example/integrations/shared/googlesim"
	"aura.example/integrations/shared/googlesim/accounts"
	sim "aura.example/integrations/shared/googlesim/calendarv3"
	"aura.example/integrations/shared/googlesim/discovery"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
	"aura.example/integrations/shared/recurrence"
	"aura.example/integrations/shared/seal"
)

// start is when every world begins; a Monday.
var start = time.Date(2031, 5, 5, 8, 0, 0, 0, time.UTC)

// googleURL is where a simulator without a network stands.
const googleURL = "http://127.0.0.1:9"

// site is what all worlds of the package share, since making it is slow: they
// differ in account and address.
type site struct {
	url     string
	names   dynamo.Names
	keyFile string // of the key that wraps data keys: children open it too
	signing *rsa.PrivateKey
	keys    *filekey.Wrapper
}

var shared struct {
	sync.Mutex
	*site
}

func theSite(t tb) *site {
	t.Helper()
	shared.Lock()
	defer shared.Unlock()
	if shared.site != nil {
		return shared.site
	}
	s := &site{url: devstack.ForTest(t).DynamoDB(), names: dynamo.Prefixed("convergence-" + random() + "-")}
	var err error
	if s.signing, err = rsa.GenerateKey(rand.Reader, 2048); err != nil {
		t.Fatal(err)
	}
	if err := dynamo.CreateTables(context.Background(), s.database(http.DefaultTransport, 3), s.names); err != nil {
		t.Fatal(err)
	}
	s.keyFile = filepath.Join(os.TempDir(), s.names.Credentials+".key")
	if s.keys, err = filekey.Open(s.keyFile); err != nil {
		t.Fatal(err)
	}
	// The day's data key is made here, so that no world's count depends on who came first.
	creds := dynamo.NewCredentials(s.database(http.DefaultTransport, 3), s.names.Credentials, time.Now)
	if _, err := seal.New(s.keys, creds, func() time.Time { return start }).Seal(context.Background(), seal.Binding{Purpose: connect.Purpose}, nil); err != nil {
		t.Fatal(err)
	}
	shared.site = s
	return s
}

// long says that the long form of every proof was asked for.
func long() bool { return os.Getenv("E2E_ROUNDS") != "" }

// rounds is how often what is drawn by chance is drawn: E2E_ROUNDS, else a few times.
func rounds(t *testing.T, few int) int {
	t.Helper()
	if !long() {
		return few
	}
	n, err := strconv.Atoi(os.Getenv("E2E_ROUNDS"))
	if err != nil || n < 1 {
		t.Fatalf("E2E_ROUNDS=%s is no number of rounds", os.Getenv("E2E_ROUNDS"))
	}
	return n
}

func random() string {
	var raw [8]byte
	_, _ = rand.Read(raw[:])
	return hex.EncodeToString(raw[:])
}

// database is a client over a transport, with the SDK's own retrying and without
// its waiting.
func (s *site) database(t http.RoundTripper, tries int, options ...func(*dynamodb.Options)) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region: "local", BaseEndpoint: aws.String(s.url), HTTPClient: &http.Client{Transport: t},
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
		Retryer: retry.NewStandard(func(o *retry.StandardOptions) {
			o.MaxAttempts = tries
			o.Retryables = append(o.Retryables, retry.IsErrorRetryableFunc(func(err error) aws.Ternary {
				return aws.BoolTernary(errors.Is(err, errLost))
			}))
			o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
		}),
	}, options...)
}

// tb is what worlds need of a *testing.T or a *rapid.T.
type tb interface {
	Helper()
	Cleanup(func())
	Errorf(format string, args ...any)
	Fatal(args ...any)
	Fatalf(format string, args ...any)
	Failed() bool
}

// world is one account with its Google, on a clock of its own.
type world struct {
	tb
	clock   *googlesim.Clock
	sim     *googlesim.Sim
	site    *site
	account string
	email   string
	key     integration.Key
	by      edit.Author
	caller  connect.Caller
	queue   *queue
	google  http.RoundTripper // the way to the simulator
	url     string            // and its address
	ids     atomic.Int64
	handed  atomic.Int64 // values of edits, each used once
	me      *process     // the one that nothing happens to
	writers int          // of a run; 0: as many as it has

	subjectKey []byte // whoever has it can tell whether two grants are of one person

	fault   atomic.Pointer[googlesim.Fault] // what goes wrong at Google
	mu      sync.Mutex
	skewed  time.Duration // of Aura's clock against Google's
	entropy atomic.Int64
}

// newWorld makes an account whose calendar at Google holds the events.
func newWorld(t tb, events ...sim.Event) *world {
	t.Helper()
	account := "acct-" + random()
	w := newWorldOf(t, account, account+"@example.com")
	for _, e := range events {
		w.there(e)
	}
	return w
}

// newWorldOf makes an account, and who it is at Google.
func newWorldOf(t tb, account, email string) *world {
	t.Helper()
	site := theSite(t)
	var ticks atomic.Int64 // time passes whenever somebody looks
	w := &world{
		tb: t, site: site, account: account, email: email, subjectKey: []byte(email), queue: &queue{},
		key: integration.Key{Account: account, Provider: google.Key}, by: edit.Author{Account: account},
		caller: connect.Caller{Account: account, User: "mia"},
		clock:  googlesim.NewClock(func() time.Time { return start.Add(time.Duration(ticks.Add(1)) * time.Millisecond) }),
	}
	w.queue.now = w.now
	w.sim = googlesim.New(googlesim.Options{
		Around: discovery.Around(t, false),
		Clock:  w.clock, Accounts: accounts.Options{SigningKey: site.signing}, After: func(time.Duration) <-chan time.Time { c := make(chan time.Time); close(c); return c },
		Fault: func(r *http.Request) googlesim.Decision {
			if f := w.fault.Load(); f != nil {
				return (*f)(r)
			}
			return googlesim.Decision{}
		},
		Limits: sim.Limits{ProjectPerMinute: -1, UserPerMinute: -1, CalendarWritesPerMinute: -1, UserWritesPerDay: -1},
	})
	t.Cleanup(w.sim.Close)
	w.google, w.url = w.sim.Transport(), googleURL
	_, err := w.sim.Accounts.AddAccount(accounts.Account{Email: w.email})
	w.must(err)
	w.must(w.sim.Accounts.AddClient(accounts.Client{ID: "aura", Secret: "secret", AnyLoopback: true}))
	w.must(w.sim.Calendar.AddAccount(w.email, "Europe/Madrid"))
	w.me = w.process(3)
	return w
}

// fail makes Google fail as the hook says; nil mends it.
func (w *world) fail(f googlesim.Fault) {
	if f == nil {
		w.fault.Store(nil)
		return
	}
	w.fault.Store(&f)
}

// now is Aura's clock.
func (w *world) now() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.clock.Now().Add(w.skewed)
}

func (w *world) pass(d time.Duration) { w.clock.Advance(d) }

func (w *world) sleep(ctx context.Context, d time.Duration) error {
	w.pass(d)
	return ctx.Err()
}

func (w *world) newID() string { return fmt.Sprintf("01ID%022d", w.ids.Add(1)) }

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// process is the product's parts in a process of their own.
type process struct {
	*gate
	world   *world
	db      *dynamo.DB
	worker  *calsync.Worker
	editor  *edit.Editor
	service *connect.Service
	flows   *connect.Flows
}

// process starts another process on the world's tables. tries is how often its
// SDK tries a call.
func (w *world) process(tries int) *process {
	w.Helper()
	p := &process{gate: &gate{}, world: w}
	p.db = dynamo.New(w.site.database(p.dynamo(), tries, dynamo.WithRecorder(dynamo.NewRecorder(w.site.names, nil))), w.site.names, w.now)
	conf := google.Config{
		ClientID: "aura", ClientSecret: "secret", AuthURL: w.url + "/o/oauth2/v2/auth", TokenURL: w.url + "/token",
		RevokeURL: w.url + "/revoke", Issuers: []string{w.url}, CalendarURL: w.url + "/calendar/v3/",
		HTTPClient: &http.Client{Transport: p.google(w.google)},
	}
	calendars, err := calendarv3.New(conf, w.now)
	w.must(err)
	auth, err := oauth.New(conf, w.now)
	w.must(err)
	log := slog.New(slog.DiscardHandler)
	if os.Getenv("CONVERGENCE_LOGS") != "" {
		log = slog.New(slog.NewTextHandler(os.Stderr, nil))
	}
	queue := p.queue(w.queue)
	authorizers := map[string]connect.Authorizer{google.Key: auth}
	vault := &connect.Vault{Sealer: seal.New(w.site.keys, p.db.Credentials, w.now), SubjectKey: w.subjectKey}
	providers := map[string]calendar.Open{google.Key: calendars.Open}
	access := (&connect.Tokens{Credentials: p.db.Credentials, Vault: vault, Authorizers: authorizers, Now: w.now}).Access
	windDown := &connect.WindDown{
		Store: p.db.Integrations, Orders: p.db.Integrations, Credentials: p.db.Credentials, Events: p.db.Events, Quarantines: p.db.Events,
		Edits: p.db.Events, Vault: vault, Authorizers: authorizers, Providers: providers, Access: access, Queue: queue, Now: w.now, Log: log,
		Journal: p.db.Integrations, NewID: w.newID,
	}
	p.worker = &calsync.Worker{
		Orders: p.db.Integrations, Leases: p.db.Integrations, Store: p.db.Integrations, Checkpoints: p.db.Integrations, Lists: p.db.Integrations, Journal: p.db.Integrations, Fleet: p.db.Integrations,
		Events: p.db.Events, Edits: p.db.Events, Quarantines: p.db.Events,
		Providers: providers, Access: access,
		WindDown: windDown.Carry, Check: recurrence.Check, Has: recurrence.Has, Finish: (&edit.Editor{Store: p.db.Events, Series: recurrence.Reckoner{}, Now: w.now}).Finish, Halves: &edit.Editor{Store: p.db.Events, Series: recurrence.Reckoner{}, Now: w.now}, Queue: queue, Now: w.now, Sleep: w.sleep,
		Jitter: func() float64 { return 0.5 }, NewID: w.newID, Log: log, Writers: w.writers,
		Meter: func(ctx context.Context) (context.Context, func() calsync.Usage) {
			ctx, calls := google.CountCalls(ctx)
			return ctx, func() calsync.Usage { return calsync.Usage{ProviderCalls: int(calls())} }
		},
	}
	p.editor = &edit.Editor{
		Store: p.db.Events, Integrations: p.db.Integrations, Providers: []string{google.Key}, Series: recurrence.Reckoner{}, Queue: queue,
		Now: w.now, Random: w.sixteen, Log: log,
	}
	p.service = &connect.Service{
		Catalogue: integration.Catalogue{google.Provider()}, Store: p.db.Integrations, Accounts: p.db.Integrations, Lists: p.db.Integrations,
		Waiting: p.db.Events, Quarantine: p.db.Events, Queue: queue, Now: w.now, NewID: w.newID, Log: log, PlanLimits: map[string]int{"free": 5, "pro": 5},
	}
	p.flows = &connect.Flows{
		Service: p.service, Flows: p.db.Integrations, Orders: p.db.Integrations, Authorizers: authorizers, FlowKey: []byte("flow key"),
		RedirectURI: "http://127.0.0.1:9/callback", Returns: map[string]string{"integrations": "http://127.0.0.1:9/"}, Seal: vault,
	}
	return p
}

// sixteen is what random ids are made from, the same in every run of a seed.
func (w *world) sixteen() (out [16]byte) {
	copy(out[:], fmt.Sprintf("%016d", w.entropy.Add(1)))
	return out
}

// consent goes through Google's page, and gives what the browser comes back with.
func (w *world) consent(page string) connect.Returned {
	w.Helper()
	u, err := url.Parse(page)
	w.must(err)
	form := u.Query()
	form.Set("account", w.email)
	form.Set("decision", "allow")
	form["granted"] = []string{google.ScopeEvents, google.ScopeCalendarList}
	u.RawQuery = ""
	r, err := http.NewRequest(http.MethodPost, u.String(), strings.NewReader(form.Encode()))
	w.must(err)
	r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	resp, err := w.sim.Transport().RoundTrip(r)
	w.must(err)
	back, err := resp.Location()
	w.must(err)
	return connect.Returned{State: back.Query().Get("state"), Code: back.Query().Get("code")}
}

// authorize is the whole of a sign-in in one process; what it ended with.
func (p *process) authorize(ctx context.Context) error {
	opened, err := p.flows.Begin(ctx, p.world.caller, google.Key, "integrations")
	if err != nil {
		return err
	}
	_, err = p.flows.Complete(ctx, p.world.caller, p.world.consent(opened.AuthorizationURL))
	return err
}

// connected is a world whose first sync is done.
func connected(t tb, events ...sim.Event) *world {
	t.Helper()
	w := newWorld(t, events...)
	w.connect()
	return w
}

// connect makes the connection, and goes through the first sync.
func (w *world) connect() {
	w.Helper()
	_, err := w.me.service.Create(context.Background(), w.caller, google.Key)
	w.must(err)
	w.must(w.me.authorize(context.Background()))
	w.settle()
	if rec := w.rec(); rec.Status != integration.Active {
		w.Fatalf("not active after the first sync: %s %+v", rec.Status, rec.Reason)
	}
}

func (w *world) rec() *integration.Integration {
	w.Helper()
	rec, err := w.me.db.Integrations.Get(context.Background(), w.key)
	w.must(err)
	return rec
}

// job is one of the schedule's, due now.
func (w *world) job(trigger integration.Trigger) job.Job {
	w.Helper()
	return job.Job{Kind: job.Sync, Account: w.account, Provider: google.Key, Generation: w.rec().ID, Trigger: trigger, Due: w.now()}
}

// sync lets the slot come round.
func (w *world) sync() {
	w.Helper()
	w.pass(time.Minute)
	w.must(w.me.worker.Handle(context.Background(), w.job(integration.TriggerSchedule)))
}
