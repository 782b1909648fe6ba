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
				"slot": text(integration.SlotName(1, 0, k%integration.Shards)),
			}}})
		}
		batches <- b
	}
	close(batches)
	all.Wait()
}
