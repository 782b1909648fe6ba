package deployed_test

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// The metrics of trouble, each wired by a main of its own: telemetry's tests show
// that they can be emitted, these that the deployed functions do. What a run did
// is one line, whose wiring the main job shows; here are the rest.
func TestTroubleIsMeasured(t *testing.T) {
	t.Parallel()
	w := newDeployment(t)
	for _, folder := range []string{"integrations", "oauth-callback", "status", "sync-now", "webhook", "scheduled-sync", "sync-worker"} {
		w.start(bootstraps(t), folder)
	}
	p := person{T: t, api: w.gateway.URL, token: func() string { return w.token("mia") }}
	p.want(201, p.do("POST", "/v1/integrations", map[string]any{"provider": "google-calendar"}))
	p.connect(ana)
	w.work()
	p.want(http.StatusAccepted, p.do("POST", google+"/sync", map[string]any{}))

	// DynamoDB takes nothing for a while: a request, a tick and a job end badly. For
	// throttling it is asked again for seconds, so only the job meets that.
	w.refusal.Store("AccessDeniedException")
	p.want(http.StatusInternalServerError, p.do("GET", google, nil))
	if _, err := w.sandboxes["scheduled-sync"].Invoke(t.Context(), read(t, root+"/functions/scheduled-sync/event.json")); err == nil {
		t.Error("a tick that could do nothing ended well")
	}
	w.mu.Lock()
	last := w.messages[len(w.messages)-1]
	w.mu.Unlock()
	w.refusal.Store("ThrottlingException")
	w.fails(jobOf(t, last))
	w.refusal.Store("")
	w.expect("status", "RequestFaults")
	w.expect("scheduled-sync", "DispatchFailed")
	w.expect("sync-worker", "JobsFailed", "Throttles")

	// The provider asks for patience.
	w.rests()
	w.work()
	w.mends()
	w.expect("sync-worker", "SyncFailures")

	// A token that doesn't open any more: its data key is gone.
	table, _ := w.Values["CredentialsTable"].(string)
	db := w.DynamoDB()
	out, err := db.Scan(t.Context(), &dynamodb.ScanInput{TableName: &table})
	w.must(err)
	for _, it := range out.Items {
		if pk, _ := it["pk"].(*types.AttributeValueMemberS); strings.HasPrefix(pk.Value, "K#") {
			_, err := db.DeleteItem(t.Context(), &dynamodb.DeleteItemInput{TableName: &table, Key: map[string]types.AttributeValue{"pk": it["pk"], "sk": it["sk"]}})
			w.must(err)
		}
	}
	w.restart("sync-worker")
	p.do("POST", google+"/sync", map[string]any{})
	w.work()
	w.expect("sync-worker", "SealingFailures")
}

// jobOf takes the job out of a call to SQS.
func jobOf(t *testing.T, call string) string {
	t.Helper()
	var in struct {
		MessageBody string
		Entries     []struct{ MessageBody string }
	}
	if err := json.Unmarshal([]byte(call), &in); err != nil {
		t.Fatal(err)
	}
	if in.MessageBody == "" && len(in.Entries) > 0 {
		in.MessageBody = in.Entries[0].MessageBody
	}
	return in.MessageBody
}

// fails hands the worker a job that it can't do now: it must come back.
func (w *world) fails(job string) {
	w.Helper()
	event, err := json.Marshal(map[string]any{"Records": []any{map[string]any{"messageId": "m", "body": job, "eventSource": "aws:sqs"}}})
	w.must(err)
	raw, err := w.sandboxes["sync-worker"].Invoke(w.Context(), event)
	if err != nil || !strings.Contains(string(raw), `"itemIdentifier":"m"`) {
		w.Errorf("a job without a database is answered %s, %v", raw, err)
	}
}

// expect wants metrics among what a function wrote.
func (w *world) expect(folder string, names ...string) {
	w.Helper()
	said := w.said()[folder]
	for _, name := range names {
		if !strings.Contains(said, `{"Name":"`+name+`"`) {
			w.Errorf("%s never emitted %s", folder, name)
		}
	}
}
