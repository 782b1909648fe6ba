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
// that they can be emitted, this one that the deployed functions do. AWS refuses
// what it is told to until it is told otherwise, so nothing here waits for a time.
func TestTroubleIsMeasured(t *testing.T) {
	t.Parallel()
	w := newDeployment(t)
	for _, folder := range []string{"integrations", "oauth-callback", "status", "scheduled-sync", "sync-worker"} {
		w.start(bootstraps(t), folder)
	}
	p := person{T: t, api: w.gateway.URL, token: func() string { return w.token("mia") }}
	p.want(http.StatusCreated, p.do("POST", "/v1/integrations", map[string]any{"provider": "google-calendar"}))

	// KMS makes no key for the token that came.
	v := p.consents(ana)
	w.refusing(func(target string) string { return refused(target, "TrentService.") })
	if a := p.complete(v); a.status < 500 {
		t.Errorf("without KMS a sign-in is answered %d: %s", a.status, a.raw)
	}
	w.refusing(nil)
	p.connect(ana)

	// DynamoDB takes nothing: a request, a tick and a job end badly. The job is told
	// to slow down before; the SDK asks again by itself.
	w.refusing(func(target string) string { return refused(target, "DynamoDB_") })
	p.want(http.StatusInternalServerError, p.do("GET", google, nil))
	if _, err := w.sandboxes["scheduled-sync"].Invoke(t.Context(), read(t, root+"/functions/scheduled-sync/event.json")); err == nil {
		t.Error("a tick that could do nothing ended well")
	}
	slowed := false
	w.refusing(func(target string) string {
		code := refused(target, "DynamoDB_")
		if code != "" && !slowed {
			slowed, code = true, "ThrottlingException"
		}
		return code
	})
	raw, err := w.sandboxes["sync-worker"].Invoke(t.Context(), read(t, root+"/functions/sync-worker/event.json"))
	if err != nil || !strings.Contains(string(raw), `"itemIdentifier"`) {
		t.Errorf("a job without a database is answered %s, %v", raw, err)
	}
	w.refusing(nil)

	// A token that doesn't open any more: its data key is gone. The first run was
	// queued by the sign-in.
	w.losesDataKeys()
	w.work()

	for _, s := range w.sandboxes {
		s.Close() // whatever it wrote has been read then
	}
	w.emitted("status", "RequestFaults", "function", "status")
	w.emitted("scheduled-sync", "DispatchFailed", "", "")
	w.emitted("sync-worker", "JobsFailed", "kind", "sync")
	w.emitted("sync-worker", "Throttles", "service", "dynamodb")
	w.emitted("sync-worker", "SealingFailures", "operation", "open")
	w.emitted("oauth-callback", "SealingFailures", "operation", "seal")
}

// refused is the code for a call that begins so; "" does the others.
func refused(target, begins string) string {
	if strings.HasPrefix(target, begins) {
		return "AccessDeniedException"
	}
	return ""
}

// losesDataKeys deletes the keys that tokens are sealed with. The worker must not
// have opened one yet, since it keeps them for minutes.
func (w *world) losesDataKeys() {
	w.Helper()
	table, _ := w.Values["CredentialsTable"].(string)
	db, lost := w.DynamoDB(), 0
	out, err := db.Scan(w.Context(), &dynamodb.ScanInput{TableName: &table})
	w.must(err)
	for _, it := range out.Items {
		if pk, _ := it["pk"].(*types.AttributeValueMemberS); strings.HasPrefix(pk.Value, "K#") {
			_, err := db.DeleteItem(w.Context(), &dynamodb.DeleteItemInput{TableName: &table, Key: map[string]types.AttributeValue{"pk": it["pk"], "sk": it["sk"]}})
			w.must(err)
			lost++
		}
	}
	if lost == 0 {
		w.Fatal("no data key was made")
	}
}

// emitted wants a metric with a dimension's value among what a function wrote; ""
// wants it without dimensions.
func (w *world) emitted(folder, name, dimension, value string) {
	w.Helper()
	for line := range strings.Lines(w.said()[folder]) {
		var l map[string]any
		if json.Unmarshal([]byte(line), &l) != nil {
			continue // Lambda's own client repeats an error as text
		}
		if n, ok := l[name].(float64); ok && n > 0 && l["_aws"] != nil && (dimension == "" || l[dimension] == value) {
			return
		}
	}
	w.Errorf("%s never emitted %s of %s %s", folder, name, dimension, value)
}
