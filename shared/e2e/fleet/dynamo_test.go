package fleet_test

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"fmt"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"aura.example/integrations/shared/devstack"
	"aura.example/integrations/shared/dispatch"
	"aura.example/integrations/shared/dynamo"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
)

// tables makes tables of its own in DynamoDB Local.
func tables(t *testing.T) (*dynamodb.Client, dynamo.Names) {
	t.Helper()
	var raw [8]byte
	_, _ = rand.Read(raw[:])
	names := dynamo.Prefixed("fleet-" + hex.EncodeToString(raw[:]) + "-")
	c := dynamodb.New(dynamodb.Options{
		Region: "local", BaseEndpoint: aws.String(devstack.ForTest(t).DynamoDB()),
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	}, dynamo.WithRecorder(dynamo.NewRecorder(names, nil)))
	if err := dynamo.CreateTables(context.Background(), c, names); err != nil {
		t.Fatal(err)
	}
	return c, names
}

// counting is a queue that only counts.
type counting struct {
	jobs  atomic.Int64
	peak  atomic.Uint64
	sends atomic.Int64
}

func (q *counting) Send(_ context.Context, msgs ...job.Message) error {
	q.jobs.Add(int64(len(msgs)))
	if q.sends.Add(1)%500 == 1 {
		var m runtime.MemStats
		runtime.ReadMemStats(&m)
		if m.HeapAlloc > q.peak.Load() {
			q.peak.Store(m.HeapAlloc)
		}
	}
	return nil
}

// 100,000 integrations due in one minute (quick: 2,000), dispatched from
// DynamoDB Local to a queue that counts: time, memory and units.
func TestDispatchOfEverybodyAtOnce(t *testing.T) {
	t.Parallel()
	n := 2000
	if long() {
		n = 100000
	}
	client, names := tables(t)
	now := time.Date(2031, 5, 5, 12, 0, 1, 0, time.UTC)
	plant(t, client, names.Integrations, n)
	q := &counting{}
	s := &dispatch.Scheduler{
		Slots: dynamo.NewIntegrations(client, names, func() time.Time { return now }), Queue: q,
		Now: func() time.Time { return now }, NewID: func() string { return "01C" },
	}
	before := heap()
	ctx, units := dynamo.Record(t.Context())
	began := time.Now()
	sent, err := s.Tick(ctx)
	took := time.Since(began)
	if err != nil || sent.Syncs != n || q.jobs.Load() != int64(n) {
		t.Fatalf("%d sent, %d arrived: %v", sent.Syncs, q.jobs.Load(), err)
	}
	u := units.Total()
	t.Logf("%d integrations dispatched in %s: %.4f read units and %.5f write units each; heap %.1f MB before, %.1f at most, %.1f after",
		n, took.Round(time.Millisecond), u.Read/float64(n), u.Write/float64(n), mb(before), mb(q.peak.Load()), mb(heap()))
	if long() && took > 30*time.Second {
		t.Errorf("it took %s", took)
	}
	if long() && q.peak.Load() > before+64<<20 {
		t.Errorf("the heap went from %.1f to %.1f MB", mb(before), mb(q.peak.Load()))
	}
	// Reading every slot costs half a unit even where it is empty.
	if each := u.Read / float64(n); long() && each > 0.05 || u.Write > integration.Shards {
		t.Errorf("%.4f read units each, %.1f write units in all", each, u.Write)
	}
}

// plant puts lines of the slot index: what a record is besides, the dispatcher
// never reads.
func plant(t *testing.T, client *dynamodb.Client, table string, n int) {
	t.Helper()
	text := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	batches := make(chan []types.WriteRequest)
	var all sync.WaitGroup
	for range 4 {
		all.Go(func() {
			for b := range batches {
				out, err := client.BatchWriteItem(context.Background(), &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{table: b}})
				if err != nil || len(out.UnprocessedItems) > 0 {
					t.Errorf("planting: %v", err)
				}
			}
		})
	}
	for i := 0; i < n; i += 25 {
		var b []types.WriteRequest
		for k := i; k < min(i+25, n); k++ {
			b = append(b, types.WriteRequest{PutRequest: &types.PutRequest{Item: map[string]types.AttributeValue{
				"pk": text("A#" + keyOf(k).Account), "sk": text("I#" + provider), "id": text(fmt.Sprintf("01G%023d", k)),
				"slot": text(integration.SlotName(1, 0, k%integration.Shards)), "st": text(string(integration.Active)),
			}}})
		}
		batches <- b
	}
	close(batches)
	all.Wait()
}

// R15 on DynamoDB Local: 100 integrations for a virtual day (quick: 6 for an
// hour), with a clock that is moved by hand. Each run is a call and two writes.
func TestR15ADayOnDynamoDB(t *testing.T) {
	t.Parallel()
	n, hours := 6, 1
	if long() {
		n, hours = 100, 24
	}
	client, names := tables(t)
	var clock atomic.Int64
	now := func() time.Time { return time.UnixMilli(clock.Load()).UTC() }
	clock.Store(time.Date(2031, 5, 5, 12, 0, 10, 0, time.UTC).UnixMilli())
	db := dynamo.New(client, names, now)
	f := newFleet(t, stores{db.Integrations, db.Events}, now, func(context.Context, time.Duration) error { return nil })
	q := &kept{}
	f.worker.Queue, f.scheduler.Queue = q, q
	f.authorize(0, n, time.Hour)
	ctx, units := dynamo.Record(t.Context())
	hour := func() {
		for range 60 {
			clock.Add(time.Minute.Milliseconds() - 20_000)
			if _, err := f.scheduler.Tick(ctx); err != nil {
				t.Fatal(err)
			}
			clock.Add(20_000) // the burst has passed
			for _, m := range q.take() {
				if err := f.worker.Handle(ctx, m.Job); err != nil {
					t.Fatal(err)
				}
			}
		}
	}
	hour() // verified, first sync
	f.runs.Store(0)
	f.calls.Store(0)
	goroutines, first, before := runtime.NumGoroutine(), heap(), units.Total()
	for range hours {
		hour()
	}
	u := units.Total()
	runs := f.runs.Load()
	if want := int64(n * hours); runs != want || f.calls.Load() != want {
		t.Errorf("%d runs, %d calls, want %d of each", runs, f.calls.Load(), want)
	}
	for i := range n {
		if rec := f.get(i); now().Sub(rec.FreshAsOf) > time.Hour+time.Minute {
			t.Errorf("%d is fresh as of %s, now is %s", i, rec.FreshAsOf, now())
		}
	}
	t.Logf("R15 on DynamoDB: %d integrations, %d hours: %d runs, %.2f read and %.2f write units a run, the empty slots' and watermarks' included; heap %.1f MB, then %.1f; goroutines %d, then %d",
		n, hours, runs, (u.Read-before.Read)/float64(runs), (u.Write-before.Write)/float64(runs), mb(first), mb(heap()), goroutines, runtime.NumGoroutine())
}

// kept is a queue that a test works off by itself.
type kept struct {
	mu   sync.Mutex
	msgs []job.Message
}

func (q *kept) Send(_ context.Context, msgs ...job.Message) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	q.msgs = append(q.msgs, msgs...)
	return nil
}

func (q *kept) take() []job.Message {
	q.mu.Lock()
	defer q.mu.Unlock()
	out := q.msgs
	q.msgs = nil
	return out
}
