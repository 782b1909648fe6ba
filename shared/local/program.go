package local

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/oklog/ulid/v2"

	"aura.example/integrations/shared/devstack"
	"aura.example/integrations/shared/google"
	"aura.example/integrations/shared/googlesim"
	"aura.example/integrations/shared/job"
	"aura.example/integrations/shared/telemetry"
)

// Options are what a Program is made of; the zero value is `make run` with
// nothing kept.
type Options struct {
	Port   int    // of API and page; 0 picks a free one
	Dir    string // keeps data between runs; "" keeps nothing
	Memory bool   // stores in memory: nothing but Go is needed
	Seed   []string
	Log    *slog.Logger

	// Google, where it has a client id, is the real one instead of the simulator.
	Google google.Config

	// What tests bring: a database that runs already, their tables' prefix, faults
	// and recorders on its client, the simulator's options, and the clock.
	DynamoURL string
	Prefix    string
	Dynamo    []func(*dynamodb.Options)
	Sim       googlesim.Options
	Now       func() time.Time
	NoTicks   bool // the test ticks the scheduler itself
	// Sends says which jobs of edits can't be sent, by an error; nil sends all.
	Sends func() error

	// Channels opens push channels: changes at the provider come in at once, and
	// polling falls back to its safety interval. A Google that can't reach this
	// machine refuses them, and is polled.
	Channels bool
}

// Program is every function in one process. Start it, and Close what was
// started.
type Program struct {
	URL       string // of API and page
	GoogleURL string
	DynamoURL string // "" in memory
	Sim       *googlesim.Sim

	o      Options
	log    *slog.Logger
	db     *devstack.DynamoDB
	google *simulator
	app    *app
	server *http.Server
	stop   context.CancelFunc
	ticker chan struct{}
}

// runFile tells scripts where everything is.
const runFile = "run.json"

// Start starts everything and returns once it answers. Errors are one sentence
// that says what to do; what had been started is ended then.
func Start(ctx context.Context, o Options) (_ *Program, err error) {
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	p := &Program{o: o, log: o.Log, ticker: make(chan struct{})}
	close(p.ticker)
	ctx, p.stop = context.WithCancel(ctx)
	defer func() {
		if err != nil {
			p.Close()
		}
	}()
	listener, err := listen(o.Port)
	if err != nil {
		return nil, err
	}
	defer func() {
		if err != nil {
			_ = listener.Close()
		}
	}()
	if o.Dir != "" {
		if err := os.MkdirAll(o.Dir, 0o755); err != nil {
			return nil, fmt.Errorf("the data folder can't be made: %w", err)
		}
		_ = os.Remove(filepath.Join(o.Dir, runFile))
	}
	started := make(chan error, 1) // the simulator starts while Java does
	conf := o.Google
	go func() { started <- p.startGoogle(&conf) }()
	st, err := p.startStores(ctx)
	if gerr := <-started; gerr != nil || err != nil {
		return nil, errors.Join(gerr, err)
	}
	p.URL = "http://" + listener.Addr().String()
	if p.app, err = newApp(p, st, conf); err != nil {
		return nil, err
	}
	p.server = &http.Server{Handler: p.app.handler, ReadHeaderTimeout: 10 * time.Second, BaseContext: func(net.Listener) context.Context { return ctx }}
	go func() { _ = p.server.Serve(listener) }()
	if !o.NoTicks {
		p.ticker = make(chan struct{})
		go p.tick(ctx)
	}
	return p, p.writeRunFile(conf)
}

func listen(port int) (net.Listener, error) {
	l, err := net.Listen("tcp", net.JoinHostPort("127.0.0.1", strconv.Itoa(port)))
	if err != nil {
		return nil, fmt.Errorf("port %d is in use by another program: end that one, or choose another with `make run PORT=0`", port)
	}
	return l, nil
}

func (p *Program) startGoogle(conf *google.Config) error {
	if conf.ClientID != "" {
		return nil
	}
	dir := p.o.Dir
	if p.o.Memory {
		dir = "" // nothing else would remember either
	}
	sim, err := startSimulator(p.o.Sim, dir, p.o.Seed)
	if err != nil {
		return err
	}
	p.google, p.Sim, p.GoogleURL = sim, sim.sim, sim.url
	*conf = sim.config()
	return nil
}

func (p *Program) startStores(ctx context.Context) (stores, error) {
	if p.o.Memory {
		return memoryStores(p.o.Now), nil
	}
	p.DynamoURL = p.o.DynamoURL
	if p.DynamoURL == "" {
		dir := ""
		if p.o.Dir != "" {
			dir = filepath.Join(p.o.Dir, "dynamodb")
		}
		db, err := devstack.StartDynamoDB(ctx, devstack.Options{Dir: dir})
		if err != nil {
			return stores{}, err
		}
		p.db, p.DynamoURL = db, db.URL()
	}
	return dynamoStores(ctx, p.DynamoURL, p.o.Prefix, p.o.Now, p.o.Dynamo...)
}

// writeRunFile says where everything is, once everything answers.
func (p *Program) writeRunFile(conf google.Config) error {
	if p.o.Dir == "" {
		return nil
	}
	type account struct {
		Email string `json:"email"`
	}
	doc := map[string]any{
		"console_url": p.ConsoleURL(), "api_url": p.URL, "google_url": p.GoogleURL, "dynamodb_url": p.DynamoURL,
		"google_client_id": "", "google_client_secret": "", "google_accounts": []account{},
	}
	if p.google != nil { // a real client's secret is not for a file
		accounts := []account{}
		for _, e := range p.google.emails {
			accounts = append(accounts, account{e})
		}
		doc["google_client_id"], doc["google_client_secret"], doc["google_accounts"] = conf.ClientID, conf.ClientSecret, accounts
	}
	raw, err := json.MarshalIndent(doc, "", "  ")
	if err != nil {
		return fmt.Errorf("encoding %s: %w", runFile, err)
	}
	file := filepath.Join(p.o.Dir, runFile)
	if err := os.WriteFile(file+".new", append(raw, '\n'), 0o600); err != nil {
		return fmt.Errorf("writing %s: %w", runFile, err)
	}
	return os.Rename(file+".new", file)
}

// consolePath is where the page is.
const consolePath = "/agent/integrations"

// ConsoleURL is the page's address.
func (p *Program) ConsoleURL() string { return p.URL + consolePath }

// Close ends everything that was started, in the opposite order. Data under
// Options.Dir stay.
func (p *Program) Close() error {
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	defer cancel()
	var errs []error
	if p.server != nil {
		errs = append(errs, p.server.Shutdown(ctx))
	}
	p.stop()
	<-p.ticker
	if p.app != nil {
		errs = append(errs, p.app.close(ctx))
	}
	if p.google != nil {
		errs = append(errs, p.google.close(ctx))
	}
	if p.db != nil {
		p.db.Close()
	}
	if p.o.Dir != "" {
		if err := os.Remove(filepath.Join(p.o.Dir, runFile)); err != nil && !errors.Is(err, fs.ErrNotExist) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// tick is EventBridge Scheduler: once a minute.
func (p *Program) tick(ctx context.Context) {
	defer close(p.ticker)
	for {
		now := p.o.Now()
		next := now.Truncate(time.Minute).Add(time.Minute)
		t := time.NewTimer(next.Sub(now))
		select {
		case <-ctx.Done():
			t.Stop()
			return
		case <-t.C:
			p.Tick(ctx)
		}
	}
}

// Tick dispatches what is due, as the scheduled function does.
func (p *Program) Tick(ctx context.Context) {
	sent, err := p.app.scheduler.Tick(telemetry.WithFunction(ctx, "scheduled-sync"))
	switch {
	case err != nil && ctx.Err() == nil:
		p.log.ErrorContext(ctx, "dispatching failed", "error", err)
	case sent.Syncs+sent.WindDowns > 0:
		p.log.InfoContext(ctx, "dispatched what is due", "syncs", sent.Syncs, "wind_downs", sent.WindDowns, "minutes", sent.Minutes)
	}
}

// Token gives a local token, as POST /local/token does.
func (p *Program) Token(account, user, scope string) (string, error) {
	if scope == "" {
		scope = allScopes
	}
	return p.app.issuer.sign(account, user, scope)
}

// Idle reports that no job is under way or waiting.
func (p *Program) Idle() bool { return p.app.queue.Idle() }

// Sent lets a test see jobs on their way; nil stops.
func (p *Program) Sent(see func(job.Job)) { p.app.see.Store(&see) }

func newID() string { return ulid.MustNew(ulid.Now(), rand.Reader).String() }

// planLimits are the local run's plans.
var planLimits = map[string]int{"free": 1, "pro": 5}
