package main

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/kms"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"aura.example/integrations/shared/boot"
	"aura.example/integrations/shared/boot/awsdynamodb"
	"aura.example/integrations/shared/boot/awskms"
	"aura.example/integrations/shared/boot/awssqs"
	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/connect"
	"aura.example/integrations/shared/devstack"
	"aura.example/integrations/shared/dynamo"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
	"aura.example/integrations/shared/kmskey"
	"aura.example/integrations/shared/local"
	"aura.example/integrations/shared/seal"
)

// world is a deployment of stand-ins, with one integration in it.
type world struct {
	*testing.T
	flags []string
	db    *dynamo.DB
	sqs   *sqs.Client
	queue string
	dead  string
	keys  *kmskey.Wrapper
	rec   *integration.Integration
}

const provider = "google-calendar"

var key = integration.Key{Account: "acme", Provider: provider}

func newWorld(t *testing.T) *world {
	t.Helper()
	var raw [6]byte
	_, _ = rand.Read(raw[:])
	name := "aura-" + hex.EncodeToString(raw[:])
	stack := devstack.ForTest(t)
	at := boot.AWS{Region: "us-east-1", AccessKey: "test", SecretKey: "test", DynamoDB: stack.DynamoDB(), SQS: stack.Moto(), KMS: stack.Moto()}
	names := dynamo.Prefixed(name + "-")
	w := &world{T: t, sqs: awssqs.New(at)}
	client := awsdynamodb.New(at)
	if err := dynamo.CreateTables(t.Context(), client, names); err != nil {
		t.Fatal(err)
	}
	w.db = dynamo.New(client, names, time.Now)
	w.dead = w.makeQueue(name+"-dead", nil)
	arn := "arn:aws:sqs:us-east-1:123456789012:" + name + "-dead"
	w.queue = w.makeQueue(name, map[string]string{
		"VisibilityTimeout": "400", "RedrivePolicy": `{"deadLetterTargetArn":"` + arn + `","maxReceiveCount":"5"}`,
	})
	k, err := awskms.New(at).CreateKey(t.Context(), &kms.CreateKeyInput{})
	if err != nil {
		t.Fatal(err)
	}
	w.keys = kmskey.New(awskms.New(at), *k.KeyMetadata.KeyId)
	w.flags = []string{
		"--integrations-table", names.Integrations, "--credentials-table", names.Credentials, "--events-table", names.Events,
		"--queue-url", w.queue, "--dead-letter-url", w.dead, "--kms-key-id", *k.KeyMetadata.KeyId, "--region", at.Region,
		"--access-key", "test", "--secret-key", "test", "--dynamo-db", at.DynamoDB, "--sqs", at.SQS, "--kms", at.KMS,
	}
	w.connect()
	return w
}

func (w *world) makeQueue(name string, attributes map[string]string) string {
	w.Helper()
	out, err := w.sqs.CreateQueue(w.Context(), &sqs.CreateQueueInput{QueueName: aws.String(name), Attributes: attributes})
	if err != nil {
		w.Fatal(err)
	}
	return *out.QueueUrl
}

// connect makes an active integration with a credential and one event.
func (w *world) connect() {
	w.Helper()
	now := time.Now()
	rec := integration.New(key, newID(), now)
	var entry integration.Entry
	for _, name := range []integration.Name{integration.Create, integration.BeginAuthorization} {
		before := rec
		var err error
		if rec, entry, err = integration.Move(rec, name, integration.Moving{Now: now, EntryID: newID()}); err != nil {
			w.Fatal(err)
		}
		if name == integration.Create {
			before = nil
		}
		if err := w.db.Integrations.Apply(w.Context(), integration.Change{Before: before, After: rec, Entry: &entry, Limit: 1}); err != nil {
			w.Fatal(err)
		}
	}
	before := rec
	rec, entry, err := integration.Move(rec, integration.Authorized, integration.Moving{Now: now, EntryID: newID()})
	if err != nil {
		w.Fatal(err)
	}
	rec.Subject, rec.Email = "sub", "ana@example.com"
	sealed, err := seal.New(w.keys, w.db.Credentials, time.Now).Seal(w.Context(),
		seal.Binding{Account: key.Account, Provider: provider, Purpose: connect.Purpose, Generation: rec.ID}, []byte(`{"access":"a","refresh":"canary-refresh"}`))
	if err != nil {
		w.Fatal(err)
	}
	cred := integration.Credential{Key: key, Generation: rec.ID, Subject: "mac", Sealed: sealed}
	if err := w.db.Integrations.Apply(w.Context(), integration.Change{Before: before, After: rec, Entry: &entry, Credential: &cred}); err != nil {
		w.Fatal(err)
	}
	w.rec = rec
}

// aura runs the tool and gives its exit code, output and complaints.
func (w *world) aura(args ...string) (code int, out, errs string) {
	w.Helper()
	return run(w.Context(), append(append([]string{}, w.flags...), args...)...)
}

func run(ctx context.Context, args ...string) (code int, out, errs string) {
	var o, e bytes.Buffer
	code = execute(ctx, args, &o, &e)
	return code, o.String(), e.String()
}

// doc runs the tool with --json and reads the document.
func (w *world) doc(args ...string) map[string]any {
	w.Helper()
	code, out, errs := w.aura(append([]string{"--json"}, args...)...)
	var d map[string]any
	if err := json.Unmarshal([]byte(out), &d); err != nil || code != 0 {
		w.Fatalf("aura %s: exit %d, %q, %q: %v", strings.Join(args, " "), code, out, errs, err)
	}
	return d
}

func (w *world) take() *integration.Integration {
	w.Helper()
	rec, verdict, err := w.db.Integrations.Take(w.Context(), integration.Claim{
		Key: key, Generation: w.rec.ID, NewRunID: newID(), Attempt: newID(), Due: time.Now(), Now: time.Now(), Trigger: integration.TriggerSchedule,
	})
	if err != nil || verdict != integration.Taken {
		w.Fatalf("taking the lease: %s, %v", verdict, err)
	}
	return rec
}

func TestABrokenLeaseLetsItsHolderWriteNothingMore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	held := w.take()
	if lease, _ := w.doc("status", "acme")["integrations"].([]any)[0].(map[string]any)["lease"].(map[string]any); lease["run"] != held.Lease.RunID {
		t.Errorf("status shows the lease %v, not run %s", lease, held.Lease.RunID)
	}
	if broken, _ := w.doc("break-lease", "acme")["broken"].(map[string]any); broken["run"] != held.Lease.RunID {
		t.Errorf("broken: %v", broken)
	}
	err := w.db.Integrations.Commit(w.Context(), integration.Hold{Key: key, Generation: held.ID, Fence: held.Fence}, integration.Commit{Until: time.Now().Add(time.Minute)})
	if err == nil {
		t.Error("the holder of a broken lease goes on")
	}
	after, err := w.db.Integrations.Get(w.Context(), key)
	if err != nil || after.Lease != nil || after.VerifyAfter.IsZero() {
		t.Errorf("after: %+v, %v; want no lease, and a verifying resync", after, err)
	}
	if _, out, _ := w.aura("break-lease", "acme"); !strings.Contains(out, "Nothing to break") {
		t.Errorf("a second time: %q", out)
	}
}

func TestExplainTellsWhatRunsDecided(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	at := time.Now().Add(-time.Minute)
	r := integration.Run{
		Key: key, ID: newID(), Generation: w.rec.ID, Trigger: integration.TriggerSchedule, State: integration.RunSucceeded,
		StartedAt: at, EndedAt: at, Conflicts: 1, CorrelationID: "corr",
	}
	if err := w.db.Integrations.PutRun(w.Context(), r); err != nil {
		t.Fatal(err)
	}
	decisions := []integration.Decision{
		{At: at, Event: single, Title: "Lunch", What: "conflict", Why: "both sides changed it", Field: "title", Ours: "Lunch", Their: "Dinner", Won: "provider", Rule: "the newer wins"},
		{At: at, Event: series, What: "created", Why: "new at the provider"},
	}
	if err := w.db.Integrations.PutDecisions(w.Context(), key, r.ID, 0, decisions, at.Add(integration.Retention)); err != nil {
		t.Fatal(err)
	}
	_, err := w.db.Events.Put(w.Context(), calendar.Write{
		Row: &calendar.Row{Account: "acme", ID: single, Content: calendar.Content{
			Title: "Dinner", Start: calendar.Time{At: at}, End: calendar.Time{At: at.Add(time.Hour)}}, Origin: calendar.BornAtProvider, Version: 1},
		Generation: w.rec.ID, Fence: 9,
	})
	if err != nil {
		t.Fatal(err)
	}
	code, out, errs := w.aura("explain", "acme", single)
	for _, want := range []string{r.ID, `"Lunch"`, `"Dinner"`, "the provider's was kept", "the newer wins"} {
		if !strings.Contains(out, want) {
			t.Errorf("explain (exit %d, %s) doesn't say %q:\n%s", code, errs, want, out)
		}
	}
	if strings.Contains(out, "new at the provider") {
		t.Error("explain tells of another event")
	}
	if got := w.doc("run", "acme", r.ID)["decisions"].([]any); len(got) != 2 {
		t.Errorf("run has %d decisions", len(got))
	}
	if got := w.doc("runs", "acme")["runs"].([]any); len(got) != 1 {
		t.Errorf("runs: %v", got)
	}
}

func TestDeadLettersAreLookedAtAndSentAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, body := range []string{
		`{"kind":"sync","account":"acme","provider":"google-calendar","generation":"` + w.rec.ID + `","trigger":"schedule","due":"2026-11-22T10:00:00Z"}`, "no job",
	} {
		if _, err := w.sqs.SendMessage(w.Context(), &sqs.SendMessageInput{QueueUrl: &w.dead, MessageBody: &body}); err != nil {
			t.Fatal(err)
		}
	}
	letters := func() []any {
		list, _ := w.doc("dead-letters", "list")["dead_letters"].([]any)
		return list
	}
	if got := letters(); len(got) != 2 {
		t.Fatalf("dead letters: %v", got)
	}
	var good string
	for _, l := range letters() { // at once: looking hides nothing
		if m := l.(map[string]any); m["broken"] != true {
			good = m["id"].(string)
		}
	}
	if d := w.doc("dead-letters", "show", good); d["job"].(map[string]any)["account"] != "acme" {
		t.Errorf("show: %v", d)
	}
	if code, _, errs := w.aura("dead-letters", "redrive"); code == 0 || !strings.Contains(errs, "--all") {
		t.Errorf("redrive of nothing named: exit %d, %q", code, errs)
	}
	if d := w.doc("dead-letters", "redrive", "--all"); d["count"] != 1.0 {
		t.Errorf("redrive: %v, want the one that is a job", d)
	}
	out, err := w.sqs.ReceiveMessage(w.Context(), &sqs.ReceiveMessageInput{QueueUrl: &w.queue})
	if err != nil || len(out.Messages) != 1 || !strings.Contains(*out.Messages[0].Body, w.rec.ID) {
		t.Errorf("the queue got %v, %v", out.Messages, err)
	}
	if d := w.doc("dead-letters", "drop", "--all"); d["count"] != 1.0 {
		t.Errorf("drop: %v", d)
	}
	if got := letters(); len(got) != 0 {
		t.Errorf("left: %v", got)
	}
}

func TestResealUsesTodaysKeyAndKeepsTheToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before, err := w.db.Credentials.Credential(w.Context(), key, w.rec.ID)
	if err != nil {
		t.Fatal(err)
	}
	if d := w.doc("reseal"); d["resealed"] != 1.0 {
		t.Errorf("reseal: %v", d)
	}
	after, err := w.db.Credentials.Credential(w.Context(), key, w.rec.ID)
	if err != nil {
		t.Fatal(err)
	}
	if bytes.Equal(before.Sealed.Data, after.Sealed.Data) || after.Version != before.Version+1 {
		t.Errorf("version %d → %d, same ciphertext: %v", before.Version, after.Version, bytes.Equal(before.Sealed.Data, after.Sealed.Data))
	}
	plain, err := seal.New(w.keys, w.db.Credentials, time.Now).Open(w.Context(),
		seal.Binding{Account: key.Account, Provider: provider, Purpose: connect.Purpose, Generation: w.rec.ID}, after.Sealed)
	if err != nil || !strings.Contains(string(plain), "canary-refresh") {
		t.Errorf("the token that was sealed anew: %v", err)
	}
	if d := w.doc("reseal", "somebody-else"); d["resealed"] != 0.0 {
		t.Errorf("reseal of another account: %v", d)
	}
}

func TestAnAccountIsExportedWithoutTokensAndErased(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	code, out, errs := w.aura("account", "export", "acme")
	if code != 0 || !strings.Contains(out, "ana@example.com") || strings.Count(out, "\n") < 4 {
		t.Fatalf("export: exit %d, %q, %q", code, out, errs)
	}
	for line := range strings.Lines(out) {
		var doc struct {
			Table string
			Item  map[string]any
		}
		if err := json.Unmarshal([]byte(line), &doc); err != nil {
			t.Fatalf("%q: %v", line, err)
		}
		if doc.Table == dynamo.TableCredentials && doc.Item["d"] != nil {
			t.Error("the export carries a sealed token")
		}
	}
	file := filepath.Join(t.TempDir(), "acme.jsonl")
	for _, want := range []int{0, 1} { // never over a file that is there
		if code, _, errs := w.aura("account", "export", "acme", "-o", file); code != want {
			t.Errorf("export to a file: exit %d, want %d: %s", code, want, errs)
		}
	}
	other := filepath.Join(t.TempDir(), "other.jsonl")
	lines := float64(strings.Count(out, "\n"))
	if d := w.doc("account", "export", "acme", "-o", other); d["items"] != lines || d["file"] != other || d["account"] != "acme" {
		t.Errorf("export to a file, as a document: %v, want %v items", d, lines)
	}
	if items, _ := w.doc("account", "export", "acme")["items"].([]any); float64(len(items)) != lines || items[0].(map[string]any)["table"] == nil {
		t.Errorf("export as one document: %v", items)
	}
	if items, _ := w.doc("account", "export", "nobody")["items"].([]any); items == nil || len(items) != 0 {
		t.Errorf("export of nobody as one document: %v", items)
	}
	if d := w.doc("account", "delete", "acme"); d["only_said"] != true {
		t.Errorf("delete without --yes: %v", d)
	}
	// Nobody carries the wind-down out here, so it isn't erased yet.
	if code, out, _ := w.aura("account", "delete", "acme", "--yes", "--wait", "1ms"); code != 1 || !strings.Contains(out, "still under way") {
		t.Errorf("with a wind-down under way: exit %d, %q", code, out)
	}
	order, err := w.db.Integrations.Order(w.Context(), key, w.rec.ID)
	if err != nil || order == nil {
		t.Fatalf("order: %v, %v", order, err)
	}
	if err := w.db.Integrations.DropOrder(w.Context(), *order); err != nil {
		t.Fatal(err)
	}
	if d := w.doc("account", "delete", "acme", "--yes"); d["done"] != true {
		t.Errorf("delete: %v", d)
	}
	if _, out, _ := w.aura("account", "export", "acme"); out != "" {
		t.Errorf("left: %s", out)
	}
	if n, err := w.db.Credentials.OthersOf(w.Context(), "mac", integration.Key{}, ""); n != 0 || err != nil {
		t.Errorf("%d subject registrations are left, %v", n, err)
	}
}

func TestDispatchSendsOneOrWhatIsDue(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if d := w.doc("dispatch", "acme"); d["syncs"] != 1.0 {
		t.Errorf("dispatch of one: %v", d)
	}
	if d := w.doc("dispatch"); d["syncs"] != 1.0 { // five minutes are caught up, and it stands in one of them
		t.Errorf("dispatch: %v", d)
	}
	if d := w.doc("dispatch"); d["syncs"] != 0.0 {
		t.Errorf("dispatch again within the minute: %v", d)
	}
	if code, _, errs := w.aura("dispatch", "nobody"); code != 1 || errs == "" {
		t.Errorf("dispatch of nobody: exit %d, %q", code, errs)
	}
}

func TestTheLocalRunIsAPlaceLikeAnyOther(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	var raw [6]byte
	_, _ = rand.Read(raw[:])
	prefix := "aura-local-" + hex.EncodeToString(raw[:]) + "-"
	p, err := local.Start(t.Context(), local.Options{Dir: dir, DynamoURL: devstack.ForTest(t).DynamoDB(), Prefix: prefix, NoTicks: true})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = p.Close() })
	aura := func(args ...string) (int, string, string) {
		return run(t.Context(), append([]string{"--local", dir, "--prefix", prefix}, args...)...)
	}
	if code, out, errs := aura("status", "demo"); code != 0 || !strings.Contains(out, "no integrations") {
		t.Errorf("status: exit %d, %q, %q", code, out, errs)
	}
	if code, out, errs := aura("doctor"); code != 0 || !strings.Contains(out, "well     Google client") {
		t.Errorf("doctor: exit %d, %s, %s", code, out, errs)
	}
	if code, out, errs := aura("dead-letters", "list"); code != 0 || !strings.Contains(out, "No dead letters") {
		t.Errorf("dead letters: exit %d, %q, %q", code, out, errs)
	}
	broken := func(args ...string) (int, string) { // the local run's process is gone, its database isn't
		raw, err := os.ReadFile(filepath.Join(dir, "run.json"))
		if err != nil {
			t.Fatal(err)
		}
		elsewhere := t.TempDir()
		raw = bytes.Replace(raw, []byte(p.URL), []byte("http://127.0.0.1:1"), -1)
		if err := os.WriteFile(filepath.Join(elsewhere, "run.json"), raw, 0o600); err != nil {
			t.Fatal(err)
		}
		code, out, _ := run(t.Context(), append([]string{"--local", elsewhere, "--prefix", prefix}, args...)...)
		return code, out
	}
	if code, out := broken("doctor"); code != 1 || !strings.Contains(out, "unknown  local run") {
		t.Errorf("doctor without the run: exit %d, %s", code, out)
	}
	if code, _, errs := aura("dispatch"); code != 0 {
		t.Errorf("dispatch: exit %d, %q", code, errs)
	}
	seen := make(chan job.Job, 1)
	p.Sent(func(j job.Job) { seen <- j })
	j := job.Job{Kind: job.WindDown, Account: "demo", Provider: provider, Generation: "g", Due: time.Now()}
	if err := (localQueue{p.URL}).Send(t.Context(), job.Message{Job: j}); err != nil {
		t.Error(err)
	} else if got := <-seen; got.Account != "demo" {
		t.Errorf("the local queue got %+v", got)
	}
}

func TestBadCallsSayWhatIsOff(t *testing.T) {
	t.Parallel()
	nowhere := t.TempDir()
	for _, c := range []struct {
		args []string
		code int
		says string
	}{
		{[]string{"statsu", "x"}, 2, "statsu"},
		{[]string{"status"}, 2, "account"},
		{[]string{"--local", nowhere, "status", "x"}, 1, "make run"},
		{[]string{"--integrations-table", "i", "--region", "eu-west-1", "status", "x"}, 1, "CREDENTIALS_TABLE is missing"},
	} {
		code, out, errs := run(t.Context(), c.args...)
		if code != c.code || out != "" && c.code == 1 || !strings.Contains(errs+out, c.says) {
			t.Errorf("%v: exit %d, %q, %q", c.args, code, out, errs)
		}
	}
	if code, out, _ := run(t.Context(), "--help"); code != 0 || !strings.Contains(out, "break-lease") {
		t.Errorf("--help: exit %d, %q", code, out)
	}
	if code, out, errs := run(t.Context(), "completion", "bash", "--code"); code != 0 || !strings.Contains(out, "complete ") {
		t.Errorf("completion: exit %d, %q, %q", code, out, errs)
	}
	if got := plain(errors.New("x")); got != "x" {
		t.Errorf("plain: %q", got)
	}
}
