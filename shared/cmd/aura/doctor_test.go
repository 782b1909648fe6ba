package main

import (
	"context"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"aura.example/integrations/shared/boot"
	"aura.example/integrations/shared/boot/awsdynamodb"
	"aura.example/integrations/shared/devstack"
	"aura.example/integrations/shared/seal"
)

// findings runs the doctor and gives what it found, by name, with its exit code.
func (w *world) findings(args ...string) (code int, found map[string]finding) {
	w.Helper()
	code, out, errs := w.aura(append([]string{"--json", "doctor"}, args...)...)
	var d diagnosis
	if err := json.Unmarshal([]byte(out), &d); err != nil {
		w.Fatalf("doctor %v: %q, %q: %v", args, out, errs, err)
	}
	found = map[string]finding{}
	for _, f := range d.Findings {
		found[f.What] = f
	}
	return code, found
}

// says reports whether a finding is in that state and says that.
func (f finding) says(state, what string) bool {
	return f.State == state && (what == "" || slices.ContainsFunc(f.Says, func(s string) bool { return strings.Contains(s, what) }))
}

// ill makes a table that isn't as its definition has it.
func (w *world) ill(change func(*dynamodb.CreateTableInput)) string {
	w.Helper()
	name := "ill-" + newID()
	key := func(pk, sk string) []types.KeySchemaElement {
		return []types.KeySchemaElement{{AttributeName: &pk, KeyType: types.KeyTypeHash}, {AttributeName: &sk, KeyType: types.KeyTypeRange}}
	}
	in := &dynamodb.CreateTableInput{
		TableName: &name, BillingMode: types.BillingModePayPerRequest, KeySchema: key("pk", "sk"),
		GlobalSecondaryIndexes: []types.GlobalSecondaryIndex{{
			IndexName: aws.String("slot"), KeySchema: []types.KeySchemaElement{{AttributeName: aws.String("slot"), KeyType: types.KeyTypeHash}},
			Projection: &types.Projection{ProjectionType: types.ProjectionTypeInclude, NonKeyAttributes: []string{"id", "st", "w", "ra"}},
		}},
	}
	change(in)
	named := map[string]bool{}
	for _, k := range in.KeySchema {
		named[*k.AttributeName] = true
	}
	for _, x := range in.GlobalSecondaryIndexes {
		for _, k := range x.KeySchema {
			named[*k.AttributeName] = true
		}
	}
	for n := range named {
		in.AttributeDefinitions = append(in.AttributeDefinitions, types.AttributeDefinition{AttributeName: &n, AttributeType: types.ScalarAttributeTypeS})
	}
	client := awsdynamodb.New(boot.AWS{Region: "us-east-1", AccessKey: "test", SecretKey: "test", DynamoDB: devstack.ForTest(w.T).DynamoDB()})
	if _, err := client.CreateTable(w.Context(), in); err != nil {
		w.Fatal(err)
	}
	w.Cleanup(func() {
		_, _ = client.DeleteTable(context.WithoutCancel(w.Context()), &dynamodb.DeleteTableInput{TableName: &name})
	})
	return name
}

// endpoint is a token endpoint that answers one thing.
func endpoint(t *testing.T, status int, body string) string {
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

// backedUp stands before DynamoDB Local and says what that can't: whether there
// are backups.
func backedUp(t *testing.T, status string) string {
	at, err := url.Parse(devstack.ForTest(t).DynamoDB())
	if err != nil {
		t.Fatal(err)
	}
	behind := httputil.NewSingleHostReverseProxy(at)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if !strings.HasSuffix(r.Header.Get("X-Amz-Target"), ".DescribeContinuousBackups") {
			behind.ServeHTTP(w, r)
			return
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		_, _ = io.WriteString(w, `{"ContinuousBackupsDescription":{"ContinuousBackupsStatus":"ENABLED","PointInTimeRecoveryDescription":{"PointInTimeRecoveryStatus":"`+status+`"}}}`)
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

// Everything that the doctor can find is found in a deployment that has it, and
// in no other; each changes the finding that it is about alone.
func TestDoctorSaysWhatIsWrong(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	backups := backedUp(t, "ENABLED")
	w.flags = append(w.flags, "--dynamo-db", backups) // the last one counts
	if _, found := w.findings(); !found["scheduler"].says("wrong", "shard 0 was never dispatched") {
		t.Errorf("before the first tick: %+v", found["scheduler"])
	}
	w.doc("dispatch")
	code, well := w.findings()
	if code != 0 {
		t.Errorf("where all is well: exit %d, %+v", code, well)
	}
	for what, want := range map[string]string{
		"table integrations": "well", "table credentials": "well", "table events": "well",
		"queue": "well", "dead letters": "well", "sealing key": "well", "scheduler": "well", "Google client": "skipped",
	} {
		if well[what].State != want {
			t.Errorf("%s is %+v, want %s", what, well[what], want)
		}
	}
	slot := func(change func(*types.GlobalSecondaryIndex)) func(*dynamodb.CreateTableInput) {
		return func(in *dynamodb.CreateTableInput) { change(&in.GlobalSecondaryIndexes[0]) }
	}
	google := func(url string) []string {
		return []string{"--google-client-id", "x", "--google-client-secret", "y", "--google-token-url", url}
	}
	queue := func(attributes map[string]string) string { return w.makeQueue("ill-"+newID(), attributes) }
	full := queue(nil)
	if _, err := w.sqs.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: &full, MessageBody: aws.String("x")}); err != nil {
		t.Fatal(err)
	}
	var checks sync.WaitGroup // most of it waits for those who don't answer
	for _, c := range []struct {
		name        string
		flags       []string
		what, state string
		says        string
	}{
		{"no table", []string{"--events-table", "nothing"}, "table events", "wrong", "there is no table nothing"},
		{"other keys", []string{"--integrations-table", w.ill(func(in *dynamodb.CreateTableInput) { in.KeySchema[0].AttributeName = aws.String("x") })}, "table integrations", "wrong", "its keys aren't pk and sk"},
		{"no index", []string{"--integrations-table", w.ill(func(in *dynamodb.CreateTableInput) { in.GlobalSecondaryIndexes = nil })}, "table integrations", "wrong", "index slot is missing"},
		{"an index of other keys", []string{"--integrations-table", w.ill(slot(func(x *types.GlobalSecondaryIndex) { x.KeySchema[0].AttributeName = aws.String("x") }))}, "table integrations", "wrong", "index slot has other keys"},
		{"an index from before", []string{"--integrations-table", w.ill(slot(func(x *types.GlobalSecondaryIndex) { x.Projection.NonKeyAttributes = []string{"id"} }))}, "table integrations", "wrong", "index slot doesn't project st"},
		{"no expiry", []string{"--integrations-table", w.ill(func(*dynamodb.CreateTableInput) {})}, "table integrations", "wrong", "nothing expires: TTL isn't on for ttl"},
		{"no backups", []string{"--dynamo-db", backedUp(t, "DISABLED")}, "table credentials", "wrong", "point-in-time recovery is off"},
		{"tables that don't let us in", []string{"--dynamo-db", endpoint(t, 400, `{"__type":"com.amazon.coral.service#UnrecognizedClientException"}`)}, "table events", "unknown", ""},
		{"a queue without dead letters", []string{"--queue-url", queue(nil)}, "queue", "wrong", "no dead-letter queue"},
		{"a queue that is impatient", []string{"--queue-url", queue(map[string]string{"VisibilityTimeout": "30"})}, "queue", "wrong", "its visibility timeout is 30s"},
		{"a queue that gives up otherwise", []string{"--queue-url", w.impatient()}, "queue", "wrong", "it gives jobs up after 2 tries, not 5"},
		{"a queue that isn't there", []string{"--queue-url", w.queue + "-gone"}, "queue", "unknown", ""},
		{"no queue named", []string{"--queue-url", ""}, "queue", "skipped", "QUEUE_URL isn't set"},
		{"dead letters", []string{"--dead-letter-url", full}, "dead letters", "wrong", "about 1 jobs were given up"},
		{"no dead letters named", []string{"--dead-letter-url", ""}, "dead letters", "skipped", "DEAD_LETTER_QUEUE_URL isn't set"},
		{"a key that isn't there", []string{"--kms-key-id", "00000000-0000-0000-0000-000000000000"}, "sealing key", "unknown", ""},
		{"no key named", []string{"--kms-key-id", ""}, "sealing key", "skipped", "KMS_KEY_ID isn't set"},
		{"a Google client that is in order", google(endpoint(t, 400, `{"error":"invalid_grant"}`)), "Google client", "well", ""},
		{"a Google client with a wrong secret", google(endpoint(t, 401, `{"error":"invalid_client"}`)), "Google client", "wrong", "Google doesn't accept the client id with this secret"},
		{"a Google that doesn't answer", google("http://127.0.0.1:1"), "Google client", "unknown", "asking Google"},
		{"a token endpoint that is none", google("nowhere"), "Google client", "wrong", ""},
		{"a Google client without its secret", []string{"--google-client-id", "x"}, "Google client", "skipped", "GOOGLE_CLIENT_SECRET"},
	} {
		checks.Go(func() {
			code, found := w.findings(c.flags...)
			if !found[c.what].says(c.state, c.says) {
				t.Errorf("%s: %s is %+v, want %s %q", c.name, c.what, found[c.what], c.state, c.says)
			}
			apart := slices.Contains(c.flags, "--integrations-table") || slices.Contains(c.flags, "--dynamo-db") // the watermarks are elsewhere then
			if bad := c.state == "wrong" || c.state == "unknown" || apart; bad != (code == 1) {
				t.Errorf("%s: exit %d", c.name, code)
			}
			for what, f := range found {
				if what != c.what && f.State != well[what].State && !apart {
					t.Errorf("%s: %s is %+v, was %s", c.name, what, f, well[what].State)
				}
			}
		})
	}
	checks.Wait()
	mark, err := w.db.Integrations.Watermark(t.Context(), 3)
	if err != nil {
		t.Fatal(err)
	}
	late := mark
	late.Minute = mark.Minute.Add(-time.Hour)
	if err := w.db.Integrations.SetWatermark(t.Context(), 3, mark.Minute, late); err != nil {
		t.Fatal(err)
	}
	if _, found := w.findings(); !found["scheduler"].says("wrong", "shard 3 was last dispatched 1h") || len(found["scheduler"].Says) != 1 {
		t.Errorf("a shard that is behind: %+v", found["scheduler"])
	}
}

// impatient makes a queue that gives jobs up after two tries.
func (w *world) impatient() string {
	w.Helper()
	name := "impatient-" + newID()
	w.makeQueue(name+"-dead", nil)
	return w.makeQueue(name, map[string]string{
		"VisibilityTimeout": "400", "RedrivePolicy": `{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:123456789012:` + name + `-dead","maxReceiveCount":"2"}`,
	})
}

// lying wraps one key and unwraps another.
type lying struct{}

func (lying) NewKey(context.Context, string) (plain, wrapped []byte, err error) {
	return []byte("k"), []byte("w"), nil
}
func (lying) Unwrap(context.Context, string, []byte) ([]byte, error) { return nil, seal.ErrBroken }

// hoard is a local run's queue that gave jobs up.
type hoard struct{ letters []letter }

func (h hoard) list(context.Context, int) ([]letter, error) { return h.letters, nil }
func (hoard) act(context.Context, []string, bool, func(int)) (int, error) {
	return 0, nil
}

// What no configuration of stand-ins brings about: a key that doesn't unwrap what
// it wrapped, and a local run that gave jobs up.
func TestDoctorOfWhatStandInsDoNot(t *testing.T) {
	t.Parallel()
	c := &call{Context: t.Context(), place: &place{wrapper: lying{}, local: &localRun{}, dead: hoard{[]letter{{ID: "x"}}}, now: time.Now}}
	var d diagnosis
	c.key(&d)
	c.queues(&d)
	want := []finding{
		{"sealing key", "wrong", []string{"what it wraps it doesn't unwrap"}}, {"local run", "well", nil},
		{"dead letters", "wrong", []string{"1 jobs were given up: aura dead-letters list"}},
	}
	if !slices.EqualFunc(d.Findings, want, func(a, b finding) bool {
		return a.What == b.What && a.State == b.State && slices.Equal(a.Says, b.Says)
	}) {
		t.Errorf("found %+v", d.Findings)
	}
}
