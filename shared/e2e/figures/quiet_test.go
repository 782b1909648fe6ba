package figures_test

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"io"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"aura.example/integrations/shared/devstack"
	"aura.example/integrations/shared/dynamo"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
)

// BenchmarkQuietSync compares a sync that finds nothing new, warm, with the three
// calls that it can't do without, made one after the other and nothing else: the
// provider is asked, and the record is written twice on a condition. Both are
// real requests to the same two servers, and take turns (goal: at most 3).
func BenchmarkQuietSync(b *testing.B) {
	stack, err := devstack.StartDynamoDB(b.Context(), devstack.Options{Sustained: true})
	if err != nil {
		b.Fatal(err)
	}
	defer stack.Close()
	const rounds = 200
	q := newQuiet(b, stack.URL())
	for range rounds { // warms the database, both connections, and both ways
		q.sync(b)
		q.raw(b)
	}
	var syncs, raws time.Duration
	for b.Loop() {
		for range rounds {
			began := time.Now()
			q.sync(b)
			between := time.Now()
			q.raw(b)
			syncs, raws = syncs+between.Sub(began), raws+time.Since(between)
		}
	}
	b.ReportMetric(syncs.Seconds()/raws.Seconds(), "sync÷raw")
	b.ReportMetric(syncs.Seconds()*1000/float64(b.N*rounds), "ms/sync")
	b.ReportMetric(0, "ns/op")
}

// TestAQuietSyncIsComparedWithWhatItCalls sees once that the two do what the
// comparison says.
func TestAQuietSyncIsComparedWithWhatItCalls(t *testing.T) {
	t.Parallel()
	q := newQuiet(t, devstack.ForTest(t).DynamoDB())
	before := q.record(t)
	asked := q.asked
	q.sync(t)
	after := q.record(t)
	if q.asked != asked+1 || after.LastRun == nil || after.LastRun.ID == before.LastRun.ID || after.LastRun.Outcome != integration.RunSucceeded {
		t.Errorf("a quiet sync asked %d times and left %+v", q.asked-asked, after.LastRun)
	}
	asked = q.asked
	q.raw(t)
	if q.asked != asked+1 {
		t.Errorf("the raw calls asked %d times", q.asked-asked)
	}
}

type quiet struct {
	work       func(context.Context, job.Job) error
	db         stores
	generation string

	raws    *dynamodb.Client
	table   string
	google  string
	client  *http.Client
	version int
	asked   int // requests for events
}

// newQuiet connects an account with a hundred events, and puts a row of a
// record's size beside it for the raw calls.
func newQuiet(b testing.TB, url string) *quiet {
	b.Helper()
	q := &quiet{client: &http.Client{}}
	from := newPages(100)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if strings.HasSuffix(r.URL.Path, "/events") {
			q.asked++
		}
		from.ServeHTTP(w, r)
	}))
	b.Cleanup(srv.Close)
	from.url, q.google = srv.URL+"/", srv.URL+"/calendars/primary/events?"+
		"maxResults=2500&prettyPrint=false&showDeleted=true&singleEvents=false&syncToken=sync-1"
	from.overTheWire = true
	var raw [8]byte
	_, _ = rand.Read(raw[:])
	names := dynamo.Prefixed("quiet-" + hex.EncodeToString(raw[:]) + "-")
	q.raws, q.table = client(url, &http.Client{}), names.Integrations
	if err := dynamo.CreateTables(b.Context(), q.raws, names); err != nil {
		b.Fatal(err)
	}
	db := dynamo.New(client(url, &http.Client{}), names, time.Now)
	q.db = stores{integrations: db.Integrations, events: db.Events, credentials: db.Credentials}
	w, _ := synced(b, from, q.db)
	q.work, q.generation = w.Handle, q.record(b).ID
	_, err := q.raws.PutItem(b.Context(), &dynamodb.PutItemInput{TableName: &q.table, Item: map[string]types.AttributeValue{
		"pk": str("A#raw"), "sk": str("I#raw"), "v": num(0), "rest": str(strings.Repeat("x", 800)),
	}})
	if err != nil {
		b.Fatal(err)
	}
	return q
}

func (q *quiet) record(b testing.TB) *integration.Integration {
	b.Helper()
	rec, err := q.db.integrations.Get(b.Context(), key)
	if err != nil {
		b.Fatal(err)
	}
	return rec
}

// sync runs one as the schedule orders it.
func (q *quiet) sync(b testing.TB) {
	b.Helper()
	err := q.work(b.Context(), job.Job{
		Kind: job.Sync, Account: key.Account, Provider: key.Provider, Generation: q.generation, Trigger: integration.TriggerSchedule, Due: time.Now(),
	})
	if err != nil {
		b.Fatal(err)
	}
}

// raw makes the three calls.
func (q *quiet) raw(b testing.TB) {
	b.Helper()
	q.write(b)
	r, err := q.client.Get(q.google)
	if err != nil {
		b.Fatal(err)
	}
	_, _ = io.Copy(io.Discard, r.Body)
	_ = r.Body.Close()
	q.write(b)
}

func (q *quiet) write(b testing.TB) {
	b.Helper()
	_, err := q.raws.UpdateItem(b.Context(), &dynamodb.UpdateItemInput{
		TableName: &q.table, Key: map[string]types.AttributeValue{"pk": str("A#raw"), "sk": str("I#raw")},
		UpdateExpression: aws.String("SET #v = :next"), ConditionExpression: aws.String("#v = :was"), ExpressionAttributeNames: map[string]string{"#v": "v"},
		ExpressionAttributeValues: map[string]types.AttributeValue{":was": num(q.version), ":next": num(q.version + 1)}, ReturnValues: types.ReturnValueAllNew,
	})
	if err != nil {
		b.Fatal(err)
	}
	q.version++
}

func str(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }

func num(n int) types.AttributeValue {
	return &types.AttributeValueMemberN{Value: strconv.Itoa(n)}
}
