package boot

import (
	"maps"
	"math"
	"slices"
	"strings"
	"testing"
)

// whole is an environment that every function starts with.
func whole() map[string]string {
	return map[string]string{
		"AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "AKIAEXAMPLE", "AWS_SECRET_ACCESS_KEY": "canary", "AWS_SESSION_TOKEN": "session",
		"INTEGRATIONS_TABLE": "integrations", "CREDENTIALS_TABLE": "credentials", "EVENTS_TABLE": "events",
		"QUEUE_URL": "https://sqs.eu-central-1.amazonaws.com/123456789012/jobs", "KMS_KEY_ID": "key",
		"FLOW_KEY_PARAMETER": "/aura/flow-key", "CHANNEL_KEY_PARAMETER": "/aura/channel-key", "CHANNEL_KEY_PREVIOUS_PARAMETER": "/aura/channel-key-previous", "SUBJECT_KEY_PARAMETER": "/aura/subject-key", "GOOGLE_CLIENT_SECRET_PARAMETER": "/aura/client-secret",
		"GOOGLE_CLIENT_ID": "client", "REDIRECT_URI": "https://api.example.com/v1/oauth/callback",
		"RETURN_TARGETS": "console=/agent/integrations, app=https://app.example.com/back",
		"PLAN_LIMITS":    "free=1,pro=10", "PROVIDER_CALLS_PER_MINUTE": "10000", "WORKER_CONCURRENCY": "20",
	}
}

// loaders load each function as its main does.
var loaders = map[string]func(Getenv) error{
	"oauth-callback": func(g Getenv) error { _, err := LoadOAuthCallback(g); return err },
	"integrations":   func(g Getenv) error { _, err := LoadIntegrations(g); return err },
	"status":         func(g Getenv) error { _, err := LoadStatus(g); return err },
	"sync-now":       func(g Getenv) error { _, err := LoadSyncNow(g); return err },
	"events":         func(g Getenv) error { _, err := LoadEvents(g); return err },
	"subscription":   func(g Getenv) error { _, err := LoadSubscription(g); return err },
	"webhook":        func(g Getenv) error { _, err := LoadWebhook(g); return err },
	"console":        func(g Getenv) error { _, err := LoadConsole(g); return err },
	"scheduled-sync": func(g Getenv) error { _, err := LoadScheduledSync(g); return err },
	"sync-worker":    func(g Getenv) error { _, err := LoadSyncWorker(g); return err },
}

func from(vars map[string]string) Getenv { return func(name string) string { return vars[name] } }

// The list of variables is what the loaders read, function by function, no more
// and no less (D5, one half; template_test.go has the other).
func TestTheListIsWhatIsRead(t *testing.T) {
	t.Parallel()
	if got := slices.Sorted(maps.Keys(loaders)); !slices.Equal(got, slices.Sorted(slices.Values(Functions()))) {
		t.Fatalf("functions are %v", got)
	}
	for function, load := range loaders {
		vars, read := whole(), map[string]bool{}
		err := load(func(name string) string { read[name] = true; return vars[name] })
		if err != nil {
			t.Errorf("%s: %v", function, err)
		}
		for _, v := range Variables() {
			if v.Reads(function) != read[v.Name] {
				t.Errorf("%s and %s: listed %v, read %v", function, v.Name, v.Reads(function), read[v.Name])
			}
			delete(read, v.Name)
		}
		for name := range read {
			t.Errorf("%s reads %s, which isn't listed", function, name)
		}
	}
}

func TestTheListIsInOrder(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for _, v := range Variables() {
		if seen[v.Name] || v.Doc == "" || v.Default != "" && !v.Optional {
			t.Errorf("%+v", v)
		}
		seen[v.Name] = true
		for _, f := range v.Functions {
			if !slices.Contains(Functions(), f) {
				t.Errorf("%s is read by %q, which is no function", v.Name, f)
			}
		}
	}
}

// Each variable that is missing is named in one line, alone.
func TestAMissingVariableIsNamed(t *testing.T) {
	t.Parallel()
	for function, load := range loaders {
		for _, v := range Variables() {
			if !v.Reads(function) {
				continue
			}
			for _, value := range []string{"", "  "} {
				vars := whole()
				vars[v.Name] = value
				err := load(from(vars))
				switch {
				case v.Optional && err != nil:
					t.Errorf("%s without %s: %v", function, v.Name, err)
				case !v.Optional && (err == nil || err.Error() != function+" can't start: "+v.Name+" is missing"):
					t.Errorf("%s without %s: %v", function, v.Name, err)
				}
			}
		}
	}
}

// A variable that makes no sense is named in one line, and its value isn't
// repeated: some are close to secrets.
func TestAVariableThatMakesNoSenseIsNamed(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ function, name, value string }{
		{"status", "LOG_LEVEL", "canary"},
		{"status", "AWS_ENDPOINT_URL_DYNAMODB", "http://canary.example.com"},
		{"status", "AWS_ENDPOINT_URL_DYNAMODB", "canary"},
		{"status", "AWS_ENDPOINT_URL_DYNAMODB", "https://user:canary@example.com"},
		{"sync-now", "AWS_ENDPOINT_URL_SQS", "ftp://canary"},
		{"sync-worker", "AWS_ENDPOINT_URL_KMS", "http://10.0.0.7/canary"},
		{"integrations", "AWS_ENDPOINT_URL_SSM", "http://localhost.canary.example"},
		{"status", "TOKEN_KEYS_URL", "http://canary.example.com/keys"},
		{"status", "ALLOWED_ORIGINS", "canary.example.com"},
		{"status", "ALLOWED_ORIGINS", "https://canary.example.com/"},
		{"status", "ALLOWED_ORIGINS", "*"},
		{"status", "ALLOWED_ORIGINS", "http://canary.example.com"},
		{"status", "AWS_REGION", "Europe (canary)"},
		{"status", "METRICS_NAMESPACE", "canary\nline"},
		{"status", "INTEGRATIONS_TABLE", "${canary}"},
		{"status", "EVENTS_TABLE", "canary events"},
		{"status", "CLAIM_ACCOUNT", "\"canary\""},
		{"sync-now", "QUEUE_URL", "canary"},
		{"sync-now", "QUEUE_URL", "http://canary.example.com/queue"},
		{"sync-worker", "KMS_KEY_ID", "{canary}"},
		{"sync-worker", "CREDENTIALS_TABLE", strings.Repeat("canary", 400)},
		{"webhook", "CHANNEL_KEY_PARAMETER", "/a /canary"},
		{"integrations", "GOOGLE_CLIENT_ID", "<canary>"},
		{"status", "SCOPE_PREFIX", "canary\"/"},
		{"console", "SCOPE_PREFIX", "canary\\"},
		{"console", "CONSOLE_SCOPE", "openid\ncanary"},
		{"console", "CONSOLE_ISSUER_ORIGINS", "https://canary.example.com/oauth2"},
		{"console", "CONSOLE_ISSUER_ORIGINS", "http://canary.example.com"},
		{"console", "CONSOLE_ISSUER_ORIGINS", "https://id.example.com,*"},
		{"console", "CONSOLE_ISSUER_ORIGINS", "https://canary.example.com;script-src"},
		{"console", "BILLING_URL", "javascript:canary"},
		{"console", "BILLING_URL", "/canary"},
		{"integrations", "REDIRECT_URI", "http://canary.example.com/callback"},
		{"integrations", "RETURN_TARGETS", "canary"},
		{"integrations", "RETURN_TARGETS", "Console=https://canary.example.com"},
		{"integrations", "RETURN_TARGETS", "console=//canary.example.com"},
		{"integrations", "RETURN_TARGETS", "console=http://canary.example.com"},
		{"integrations", "RETURN_TARGETS", "console=javascript:canary"},
		{"integrations", "RETURN_TARGETS", "console=https://canary.example.com/#a"},
		{"integrations", "RETURN_TARGETS", "a=/x,a=/canary"},
		{"integrations", "GOOGLE_TOKEN_URL", "http://canary.example.com/token"},
		{"integrations", "PLAN_LIMITS", "free=canary"},
		{"integrations", "PLAN_LIMITS", "free=-1"},
		{"integrations", "PLAN_INTERVALS", "free=canary"},
		{"integrations", "PLAN_INTERVALS", "free=7"},
		{"subscription", "PLAN_LIMITS", "canary=3"},
		{"sync-worker", "WEBHOOK_URL", "http://canary.example.com/v1/webhooks/google-calendar"},
		{"sync-worker", "WORKER_CONCURRENCY", "0"},
		{"sync-worker", "PROVIDER_CALLS_PER_MINUTE", "canary"},
	} {
		vars := whole()
		vars[c.name] = c.value
		err := loaders[c.function](from(vars))
		if err == nil || !strings.HasPrefix(err.Error(), c.function+" can't start: "+c.name+" ") || strings.Contains(err.Error(), "canary") || strings.Contains(err.Error(), "\n") {
			t.Errorf("%s with %s=%s: %v", c.function, c.name, c.value, err)
		}
	}
}

func TestAllFindingsInOneLine(t *testing.T) {
	t.Parallel()
	err := loaders["sync-worker"](from(nil))
	for _, v := range Variables() {
		if v.Reads("sync-worker") && !v.Optional && (err == nil || !strings.Contains(err.Error(), v.Name+" is missing")) {
			t.Errorf("%s isn't named: %v", v.Name, err)
		}
	}
}

// Half a verifier is none: whoever sets the keys' address must say whose tokens
// and for whom. Without it there is no verifier, and nobody gets in by a token.
func TestTheVerifierIsConfiguredWholeOrNotAtAll(t *testing.T) {
	t.Parallel()
	vars := whole()
	vars["TOKEN_ISSUER"], vars["TOKEN_AUDIENCE"] = "https://id.example.com/", "aura"
	c, err := LoadStatus(from(vars))
	if err != nil || c.Tokens != nil {
		t.Errorf("without the keys' address: %+v, %v", c.Tokens, err)
	}
	vars["TOKEN_KEYS_URL"] = "https://id.example.com/keys"
	c, err = LoadStatus(from(vars))
	if err != nil || c.Tokens == nil || c.Tokens.Issuer != "https://id.example.com/" || c.Tokens.Names.Account != "account" {
		t.Errorf("whole: %+v, %v", c.Tokens, err)
	}
	for _, name := range []string{"TOKEN_ISSUER", "TOKEN_AUDIENCE"} {
		vars[name] = ""
		if _, err := LoadStatus(from(vars)); err == nil || !strings.Contains(err.Error(), name) {
			t.Errorf("without %s: %v", name, err)
		}
	}
}

// The same of the page's sign-in: a client that is configured has an issuer to
// sign in at, whose address a browser can be sent to.
func TestThePagesClientHasItsIssuer(t *testing.T) {
	t.Parallel()
	for issuer, ok := range map[string]bool{"https://id.example.com/pool": true, "http://127.0.0.1:9": true, "": false, "canary": false, "http://canary.example.com": false} {
		vars := whole()
		vars["TOKEN_ISSUER"] = issuer
		if _, err := LoadConsole(from(vars)); err != nil {
			t.Errorf("no client, issuer %q: %v", issuer, err)
		}
		vars["CONSOLE_CLIENT_ID"] = "pages"
		_, err := LoadConsole(from(vars))
		if (err == nil) != ok || err != nil && (!strings.HasPrefix(err.Error(), "console can't start: TOKEN_ISSUER ") || strings.Contains(err.Error(), "canary")) {
			t.Errorf("a client, issuer %q: %v", issuer, err)
		}
	}
}

func TestWhatTheValuesMean(t *testing.T) {
	t.Parallel()
	vars := whole()
	vars["GOOGLE_ISSUERS"], vars["ALLOWED_ORIGINS"], vars["GOOGLE_CALENDAR_URL"] = "a, b", "https://a.example.com, http://127.0.0.1:3000", "http://127.0.0.1:9/calendar/v3/"
	vars["AWS_ENDPOINT_URL_DYNAMODB"] = "http://localhost:8000"
	i, err := LoadIntegrations(from(vars))
	if err != nil {
		t.Fatal(err)
	}
	if i.Returns["console"] != "/agent/integrations" || i.Returns["app"] != "https://app.example.com/back" || i.PlanLimits["pro"] != 10 {
		t.Errorf("returns %v, plans %v", i.Returns, i.PlanLimits)
	}
	if !slices.Equal(i.Google.Issuers, []string{"a", "b"}) || i.Google.TokenURL != "https://oauth2.googleapis.com/token" || i.Google.ClientSecret != "" {
		t.Errorf("google is %v", i.Google)
	}
	if !slices.Equal(i.Origins, []string{"https://a.example.com", "http://127.0.0.1:3000"}) || i.DynamoDB != "http://localhost:8000" || i.SQS != "" {
		t.Errorf("origins %v, endpoints %q %q", i.Origins, i.DynamoDB, i.SQS)
	}
	w, err := LoadSyncWorker(from(vars))
	if err != nil || w.Google.CalendarURL != "http://127.0.0.1:9/calendar/v3/" {
		t.Errorf("calendar at %q, %v", w.Google.CalendarURL, err)
	}
	if got, want := float64(w.Pace), 10000.0/60/20; math.Abs(got-want) > 1e-9 {
		t.Errorf("each worker makes %v calls a second, want %v", got, want)
	}
}

func TestIDsDiffer(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	for range 1000 {
		id := NewID()
		if len(id) != 26 || seen[id] {
			t.Fatalf("id %q", id)
		}
		seen[id] = true
	}
}
