package figures_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"io"
	"log/slog"
	"net/http"
	"slices"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"golang.org/x/sync/errgroup"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/calsync"
	"aura.example/integrations/shared/devstack"
	"aura.example/integrations/shared/dynamo"
	"aura.example/integrations/shared/google"
	"aura.example/integrations/shared/google/calendarv3"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
	"aura.example/integrations/shared/memory"
	"aura.example/integrations/shared/recurrence"
)

const events = 10_000

var key = integration.Key{Account: "acme", Provider: google.Key}

// BenchmarkFirstSync compares a first sync, pull and store, with the same rows'
// conditional puts alone, by as many writers, on the same DynamoDB Local in the
// same run. The two take turns, after one of each that only warms the database
// up. Times here are noisy; the ratio is what counts (goal: at most 1.25).
func BenchmarkFirstSync(b *testing.B) {
	db, err := devstack.StartDynamoDB(b.Context(), devstack.Options{Sustained: true})
	if err != nil {
		b.Fatal(err)
	}
	defer db.Close()
	google := newPages(events)
	rows := firstSync(b, google, inMemory(b))
	if len(rows.written) != events {
		b.Fatalf("%d rows of %d", len(rows.written), events)
	}
	putAll(b, rows.written, inDynamoDB(b, db.URL()))
	firstSync(b, google, inDynamoDB(b, db.URL()))
	var syncs, puts time.Duration
	for b.Loop() {
		puts += putAll(b, rows.written, inDynamoDB(b, db.URL()))
		syncs += firstSync(b, google, inDynamoDB(b, db.URL())).took
		puts += putAll(b, rows.written, inDynamoDB(b, db.URL()))
		syncs += firstSync(b, google, inDynamoDB(b, db.URL())).took
	}
	b.ReportMetric(syncs.Seconds()/puts.Seconds(), "sync÷puts")
	b.ReportMetric(2*float64(b.N)*events/syncs.Seconds(), "events/s")
}

// BenchmarkFirstSyncNull is a first sync against a DynamoDB that answers at once
// and keeps nothing: what the engine, Google's client and the SDK cost (goal: at
// least 10,000 events a second).
func BenchmarkFirstSyncNull(b *testing.B) {
	google := newPages(events)
	var took time.Duration
	cpu := processor()
	for b.Loop() {
		took += firstSync(b, google, inNothing(b)).took
	}
	b.ReportMetric(float64(b.N)*events/took.Seconds(), "events/s")
	b.ReportMetric(float64(b.N)*events/(processor()-cpu).Seconds(), "events/cpu-s")
}

// processor is what this process has used of the processors: on a machine that
// others use too, it says more than the clock.
func processor() time.Duration {
	var u syscall.Rusage
	_ = syscall.Getrusage(syscall.RUSAGE_SELF, &u)
	return time.Duration(u.Utime.Nano() + u.Stime.Nano())
}

// stores are where a first sync writes.
type stores struct {
	integrations interface {
		integration.Store
		integration.Leases
		integration.Checkpoints
		integration.Lists
		integration.Journal
		integration.Fleet
	}
	events interface {
		calendar.Store
		calendar.Edits
		calendar.Quarantines
	}
	credentials *dynamo.Credentials // nil where none are read
}

func inMemory(testing.TB) stores {
	db := memory.New(time.Now)
	return stores{integrations: db.Integrations, events: db.Events}
}

// client is as the worker's. The region is one that the SDK knows: of any other it
// compiles every partition's regular expression anew at each call.
func client(url string, c *http.Client) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region: "eu-central-1", BaseEndpoint: aws.String(url), HTTPClient: c,
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	})
}

func inDynamoDB(b testing.TB, url string) stores {
	b.Helper()
	var raw [8]byte
	_, _ = rand.Read(raw[:])
	names := dynamo.Prefixed("figures-" + hex.EncodeToString(raw[:]) + "-")
	if err := dynamo.CreateTables(b.Context(), client(url, http.DefaultClient), names); err != nil {
		b.Fatal(err)
	}
	db := dynamo.New(client(url, http.DefaultClient), names, time.Now)
	return stores{integrations: db.Integrations, events: db.Events}
}

// inNothing keeps the lease in memory and events nowhere, by way of the SDK.
func inNothing(testing.TB) stores {
	db := memory.New(time.Now)
	return stores{integrations: db.Integrations, events: dynamo.NewEvents(client("http://db.invalid", &http.Client{Transport: nothing{}}), "events", time.Now)}
}

// nothing answers every call as a table that has nothing and takes everything.
type nothing struct{}

func (nothing) RoundTrip(r *http.Request) (*http.Response, error) {
	_, _ = io.Copy(io.Discard, r.Body)
	return ok(r, "application/x-amz-json-1.0", text("{}")), nil
}

func text(s string) io.ReadCloser { return io.NopCloser(bytes.NewReader([]byte(s))) }

func ok(r *http.Request, kind string, body io.ReadCloser) *http.Response {
	return &http.Response{StatusCode: 200, Status: "200 OK", Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r, Header: http.Header{"Content-Type": {kind}}, Body: body}
}

// done is what a first sync did.
type done struct {
	took    time.Duration
	written []calendar.Write
}

// noting remembers what was written.
type noting struct {
	calendar.Store
	forget  bool
	mu      sync.Mutex
	written []calendar.Write
}

func (n *noting) Put(ctx context.Context, w calendar.Write) (*calendar.Row, error) {
	if !n.forget {
		n.mu.Lock()
		n.written = append(n.written, w)
		n.mu.Unlock()
	}
	return n.Store.Put(ctx, w)
}

// firstSync connects an account whose calendar is given, and pulls it.
func firstSync(b testing.TB, from *pages, db stores) done {
	b.Helper()
	_, out := synced(b, from, db)
	return out
}

// synced is firstSync, and gives the worker that did it.
func synced(b testing.TB, from *pages, db stores) (*calsync.Worker, done) {
	b.Helper()
	must := func(err error) {
		b.Helper()
		if err != nil {
			b.Fatal(err)
		}
	}
	ids := 0
	var mu sync.Mutex
	newID := func() string {
		mu.Lock()
		defer mu.Unlock()
		ids++
		return "01JD7Q5Z8E3V9X2B4C6D8F" + hex.EncodeToString([]byte{byte(ids >> 8), byte(ids)})
	}
	reader, err := calendarv3.New(google.Config{
		ClientID: "figures", HTTPClient: from.client(), Issuers: []string{"https://accounts.example"},
		AuthURL: "https://google.example/auth", TokenURL: "https://google.example/token",
		RevokeURL: "https://google.example/revoke", CalendarURL: from.url,
	}, time.Now)
	must(err)
	note := &noting{Store: db.events, forget: from.bodies == nil}
	w := &calsync.Worker{
		Leases: db.integrations, Store: db.integrations, Checkpoints: db.integrations, Lists: db.integrations, Journal: db.integrations, Fleet: db.integrations,
		Events: note, Edits: db.events, Quarantines: db.events,
		Providers: map[string]calendar.Open{google.Key: reader.Open},
		Access: func(k integration.Key, generation string) calendar.Access {
			return func(ctx context.Context, _ string) (string, error) {
				if db.credentials != nil { // a read of the price that a credential's has; opening it takes no call
					_, _ = db.credentials.Credential(ctx, k, generation)
				}
				return "token", nil
			}
		},
		Check: recurrence.Check, Queue: noQueue{}, Now: time.Now, Jitter: func() float64 { return 0.5 }, NewID: newID,
		Sleep: func(context.Context, time.Duration) error { return nil },
		Meter: func(ctx context.Context) (context.Context, func() calsync.Usage) {
			return ctx, func() calsync.Usage { return calsync.Usage{} }
		},
		UnitsPerSecond: 1 << 20, // the code is measured, not AWS's limit
		Log:            slog.New(slog.DiscardHandler),
	}
	var rec *integration.Integration
	for _, name := range []integration.Name{integration.Create, integration.BeginAuthorization, integration.Authorized} {
		before := rec
		now := time.Now()
		m := integration.Moving{Now: now, EntryID: newID()}
		if before == nil {
			rec = integration.New(key, newID(), now)
		}
		if name == integration.Authorized {
			m.Run = integration.QueuedRun(newID(), newID(), integration.TriggerConnected, now)
		}
		after, entry, err := integration.Move(rec, name, m)
		must(err)
		if name == integration.Authorized {
			after.Subject, after.Email = "sub-1", "agent@example.com"
		}
		must(db.integrations.Apply(b.Context(), integration.Change{Before: before, After: after, Entry: &entry, Limit: 5}))
		rec = after
	}
	began := time.Now()
	must(w.Handle(b.Context(), job.Job{
		Kind: job.Sync, Account: key.Account, Provider: key.Provider, Generation: rec.ID, Run: rec.Lease.RunID,
		Trigger: integration.TriggerConnected, Due: began,
	}))
	out := done{took: time.Since(began), written: note.written}
	rec, err = db.integrations.Get(b.Context(), key)
	must(err)
	if rec.LastRun == nil || rec.LastRun.Created != from.total {
		b.Fatalf("the first sync ended as %+v", rec.LastRun)
	}
	return w, out
}

type noQueue struct{}

func (noQueue) Send(context.Context, ...job.Message) error { return nil }

// putAll stores the same rows and does nothing else, by as many writers.
func putAll(b testing.TB, rows []calendar.Write, db stores) time.Duration {
	b.Helper()
	rows = slices.Clone(rows)
	began := time.Now()
	var g errgroup.Group
	g.SetLimit(32)
	for _, w := range rows {
		g.Go(func() error {
			_, err := db.events.Put(context.Background(), w)
			return err
		})
	}
	if err := g.Wait(); err != nil {
		b.Fatal(err)
	}
	return time.Since(began)
}
