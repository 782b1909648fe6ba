package deployed_test

import (
	"encoding/json"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"aura.example/integrations/shared/googlesim"
	"aura.example/integrations/shared/googlesim/calendarv3"
	"aura.example/integrations/shared/telemetry"
)

// lambdaDoes are the actions that the event source and the log agent take by the
// function's role: no code of ours makes them, so no test can see them made.
var lambdaDoes = []string{
	"logs:CreateLogStream", "logs:PutLogEvents",
	"sqs:ReceiveMessage", "sqs:DeleteMessage", "sqs:ChangeMessageVisibility", "sqs:GetQueueAttributes",
}

// TestTheDeployedSet does everything that people and clocks set in motion, on
// the bootstraps as they are deployed, and then looks at what was left behind:
// on the wire (S14), in logs, metrics, queue and answers (S9), in the trace.
func TestTheDeployedSet(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	p := person{T: t, api: w.gateway.URL, token: func() string { return w.token("mia") }}

	// nobody gets past the authorizer
	stranger := person{T: t, api: w.gateway.URL}
	stranger.want(401, stranger.do("GET", google, nil))
	for _, page := range []string{"/agent/integrations", "/v1/openapi.yaml", "/v1/docs", "/v1/docs/style.css"} {
		stranger.want(200, stranger.do("GET", page, nil))
	}

	// the main job
	p.want(201, p.do("POST", "/v1/integrations", map[string]any{"provider": "google-calendar"}))
	set := p.want(200, p.do("GET", google, nil)).header.Get("ETag")
	p.want(200, p.do("PATCH", google, map[string]any{"interval_minutes": 1}, "If-Match", set))
	w.heard(p.connect(ana))
	w.tick() // who waits for a first look is found: with a live channel a view is due once an hour only
	w.work()
	a := p.want(200, p.do("GET", google, nil))
	if a.str("status") != "active" || a.body["last_run"] == nil {
		t.Fatalf("after the first sync: %s", a.raw)
	}
	const november = "/v1/events?from=2026-11-01T00:00:00Z&to=2026-12-01T00:00:00Z"
	if n := len(items(p.want(200, p.do("GET", november, nil)))); n < 40 {
		t.Fatalf("November shows %d events", n)
	}
	w.syncs(p)

	w.hears(p)

	// an edit of ours, calendars
	at := p.want(201, p.do("POST", "/v1/events", map[string]any{
		"title": "Viewing", "start": map[string]any{"date": "2026-11-24"}, "end": map[string]any{"date": "2026-11-25"},
	})).header.Get("Location")
	w.work()
	w.syncs(p)
	if found, err := w.program.Sim.Calendar.Stored(ana); err != nil || !slices.ContainsFunc(found, func(e calendarv3.Event) bool { return e["summary"] == "Viewing" }) {
		t.Errorf("the edit didn't get to Google: %v", err)
	}
	p.want(200, p.do("GET", at, nil))
	p.want(202, p.do("POST", google+"/calendars/refresh", nil))
	w.work()
	p.want(200, p.do("GET", google+"/calendars", nil))
	for _, path := range []string{"/v1/providers", "/v1/integrations", google + "/runs", google + "/history", google + "/quarantine", "/v1/subscription"} {
		p.want(200, p.do("GET", path, nil))
	}
	stranger.do("POST", "/v1/webhooks/google-calendar", nil, "X-Goog-Channel-Token", "forged", "X-Goog-Channel-Id", "x")

	// a provider that repeats our tokens in its refusals; the token is renewed
	w.nextDay()
	w.echoes()
	w.syncs(p)
	w.mends()
	w.syncs(p)

	// the end, and the beginning again with a callback that finds a key there
	p.want(200, p.do("POST", google+"/disconnect", nil))
	w.work()
	w.restart("oauth-callback")
	w.heard(p.connect(ana))
	w.rests() // so the worker promises itself another try
	w.work()
	if a := p.want(200, p.do("GET", google, nil)); a.str("status") != "testing" {
		t.Errorf("while Google rests it is %s", a.raw)
	}
	w.mends()
	p.want(204, p.do("DELETE", google, nil))
	w.work()

	w.permissionsAreUsed()
	w.traceIsPassedOn()
	w.secretsAreNowhere()
	w.linesAreWhatTheyShouldBe()
}

// hears has Google tell of an edit there: the channel that the worker opened
// leads to the webhook, whose job brings the edit in without a tick.
func (w *world) hears(p person) {
	w.Helper()
	open := w.program.Sim.Calendar.Channels()
	if len(open) != 1 || open[0].Address != w.gateway.URL+"/v1/webhooks/google-calendar" || p.do("GET", google, nil).body["live_updates"] != true {
		w.Fatalf("Google has the channels %+v", open)
	}
	_, err := w.program.Sim.Calendar.Insert(ana, ana, calendarv3.Event{"summary": "Told", "start": map[string]any{"date": "2026-11-27"}, "end": map[string]any{"date": "2026-11-28"}})
	w.must(err)
	for deadline := time.Now().Add(60 * time.Second); ; {
		w.work() // the queue holds the job back for some seconds
		if a := p.want(200, p.do("GET", "/v1/events?from=2026-11-27T00:00:00Z&to=2026-11-28T00:00:00Z", nil)); strings.Contains(a.raw, `"Told"`) {
			return
		}
		if time.Now().After(deadline) {
			w.Fatal("Google's edit never came in")
		}
		<-time.After(100 * time.Millisecond) // real processes behind real sockets
	}
}

// syncs asks for a sync and sees it end.
func (w *world) syncs(p person) {
	p.Helper()
	run := p.want(202, p.do("POST", google+"/sync", map[string]any{})).header.Get("Location")
	w.work()
	p.want(200, p.do("GET", run, nil))
}

// permissionsAreUsed is S14's second half for what isn't DynamoDB; package e2e
// has DynamoDB's.
func (w *world) permissionsAreUsed() {
	w.Helper()
	unused := w.book.Unused(func(action string) bool {
		return !strings.HasPrefix(action, "dynamodb:") && !slices.Contains(lambdaDoes, action)
	})
	for _, u := range unused {
		w.Errorf("S14: template.yaml allows what no test asked for: %s", u)
	}
}

func (w *world) traceIsPassedOn() {
	w.Helper()
	w.mu.Lock()
	defer w.mu.Unlock()
	if len(w.untraced) > 0 {
		w.Errorf("calls without the trace of their invocation: %q", w.untraced)
	}
}

// linesAreWhatTheyShouldBe reads all that the functions wrote: each line is JSON,
// a metric of the list in the stack's namespace, or a log line with a level; and
// what was done under a request says which.
func (w *world) linesAreWhatTheyShouldBe() {
	w.Helper()
	known := map[string]bool{}
	for _, m := range telemetry.Metrics() {
		known[m.Name] = true
	}
	emitted := map[string]bool{}
	for folder, said := range w.said() {
		correlated := false
		for line := range strings.Lines(said) {
			var l map[string]any
			if err := json.Unmarshal([]byte(line), &l); err != nil {
				w.Errorf("%s wrote %q", folder, line)
				continue
			}
			if l["correlation_id"] != nil {
				correlated = true
			}
			emf, isMetric := l["_aws"].(map[string]any)
			if !isMetric {
				if l["level"] == nil || l["message"] == nil || l["timestamp"] == nil || l["function"] != folder {
					w.Errorf("%s wrote a line that isn't whole: %s", folder, line)
				}
				if l["account"] != nil && l["account"] != telemetry.AccountHash("acme") {
					w.Errorf("%s names an account as %v", folder, l["account"])
				}
				continue
			}
			list, _ := emf["CloudWatchMetrics"].([]any)
			for _, d := range list {
				d, _ := d.(map[string]any)
				if d["Namespace"] != "AuraIntegrations/"+w.Values["AWS::StackName"].(string) {
					w.Errorf("%s emits into %v", folder, d["Namespace"])
				}
				for _, m := range d["Metrics"].([]any) {
					name, _ := m.(map[string]any)["Name"].(string)
					if !known[name] {
						w.Errorf("%s emits %s", folder, name)
					}
					emitted[name] = true
				}
			}
		}
		if !correlated {
			w.Errorf("%s wrote nothing that says what it belongs to", folder)
		}
	}
	for _, name := range []string{"Requests", "RequestDuration", "JobsHandled", "JobDuration", "JobsDispatched", "DispatchLag", "Syncs", "SyncDuration", "SyncStaleness",
		"EventsPulled", "EventsPushed", "ReadUnits", "WriteUnits", "ProviderCalls"} {
		if !emitted[name] {
			w.Errorf("nothing emitted %s", name)
		}
	}
}

// restart begins a function anew, as a cold start does.
func (w *world) restart(folder string) {
	w.Helper()
	w.sandboxes[folder].Close()
	w.spoken[folder] += w.sandboxes[folder].Output() + "\n"
	w.start(bootstraps(w.T), folder)
	w.must(w.sandboxes[folder].Ready(w.Context()))
}

// said gives what each function wrote, in all its sandboxes.
func (w *world) said() map[string]string {
	out := map[string]string{}
	for folder, s := range w.sandboxes {
		out[folder] = w.spoken[folder] + s.Output() + "\n"
	}
	return out
}

// nextDay makes today's data key yesterday's, where it is stored and where it is
// named, and begins the worker anew: it must unwrap the old key and make today's.
func (w *world) nextDay() {
	w.Helper()
	table, _ := w.Values["CredentialsTable"].(string)
	db := w.DynamoDB()
	out, err := db.Scan(w.Context(), &dynamodb.ScanInput{TableName: &table})
	w.must(err)
	str := func(s string) types.AttributeValue { return &types.AttributeValueMemberS{Value: s} }
	for _, it := range out.Items {
		pk := it["pk"].(*types.AttributeValueMemberS).Value
		switch {
		case strings.HasPrefix(pk, "K#"):
			_, err := db.DeleteItem(w.Context(), &dynamodb.DeleteItemInput{TableName: &table, Key: map[string]types.AttributeValue{"pk": it["pk"], "sk": it["sk"]}})
			w.must(err)
			it["pk"] = str("K#tokens-2000-01-01")
		case it["k"] != nil:
			it["k"] = str("tokens-2000-01-01")
		default:
			continue
		}
		_, err := db.PutItem(w.Context(), &dynamodb.PutItemInput{TableName: &table, Item: it})
		w.must(err)
	}
	w.restart("sync-worker")
}

// echoes makes Google refuse a token once, and repeat in other refusals whatever
// it was sent: in the body, in a header, in the reason.
func (w *world) echoes() {
	w.mu.Lock()
	defer w.mu.Unlock()
	var mu sync.Mutex
	refused := map[string]bool{}
	w.fault = func(r *http.Request) googlesim.Decision {
		mu.Lock()
		defer mu.Unlock()
		if !strings.HasSuffix(r.URL.Path, "/events") {
			return googlesim.Decision{}
		}
		sent := r.Header.Get("Authorization")
		if len(refused) == 0 || refused[sent] {
			refused[sent] = true
			d := googlesim.Decision{Answer: googlesim.Refusal(401, "global", "authError", "Invalid Credentials: "+sent)}
			return d
		}
		d := googlesim.Decision{Answer: googlesim.Refusal(400, "global", "odd "+sent, "You sent "+sent)}
		d.Answer.Header.Set("X-Debug", sent)
		return d
	}
}

// rests makes Google ask for more patience than a run has.
func (w *world) rests() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fault = func(r *http.Request) googlesim.Decision {
		if !strings.HasPrefix(r.URL.Path, "/calendar/") {
			return googlesim.Decision{}
		}
		d := googlesim.Decision{Answer: googlesim.Refusal(503, "global", "backendError", "Later")}
		d.Answer.Header.Set("Retry-After", "120")
		return d
	}
}

func (w *world) mends() {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.fault = nil
}

func items(a answer) []any {
	list, _ := a.body["items"].([]any)
	return list
}
