package boot_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"log/slog"
	"maps"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"aura.example/integrations/shared/boot"
	"aura.example/integrations/shared/boot/completing"
	"aura.example/integrations/shared/boot/notified"
	"aura.example/integrations/shared/boot/opening"
	"aura.example/integrations/shared/boot/renewed"
	"aura.example/integrations/shared/boot/web"
	"aura.example/integrations/shared/boot/work"
	"aura.example/integrations/shared/httpapi"
	"aura.example/integrations/shared/lambdahttp"
	"aura.example/integrations/shared/telemetry"
)

var quiet = slog.New(slog.DiscardHandler)

// parameters is SSM's GetParameters over the wire, as far as it is used.
func parameters(t *testing.T, values map[string]string) string {
	t.Helper()
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Names          []string
			WithDecryption bool
		}
		if r.Header.Get("X-Amz-Target") != "AmazonSSM.GetParameters" || json.NewDecoder(r.Body).Decode(&in) != nil || !in.WithDecryption {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		type parameter struct{ Name, Value, Type string }
		var out struct{ Parameters []parameter }
		for _, n := range in.Names {
			if v, ok := values[n]; ok {
				out.Parameters = append(out.Parameters, parameter{n, v, "SecureString"})
			}
		}
		w.Header().Set("Content-Type", "application/x-amz-json-1.1")
		_ = json.NewEncoder(w).Encode(out)
	}))
	t.Cleanup(srv.Close)
	return srv.URL
}

func environment(ssm string) boot.Getenv {
	vars := map[string]string{
		"AWS_REGION": "eu-central-1", "AWS_ACCESS_KEY_ID": "a", "AWS_SECRET_ACCESS_KEY": "b", "AWS_ENDPOINT_URL_SSM": ssm,
		"INTEGRATIONS_TABLE": "i", "CREDENTIALS_TABLE": "c", "EVENTS_TABLE": "e", "QUEUE_URL": "https://sqs.example.com/q", "KMS_KEY_ID": "k",
		"FLOW_KEY_PARAMETER": "/flow", "CHANNEL_KEY_PARAMETER": "/channel", "CHANNEL_KEY_PREVIOUS_PARAMETER": "/previous", "SUBJECT_KEY_PARAMETER": "/subject", "GOOGLE_CLIENT_SECRET_PARAMETER": "/secret",
		"GOOGLE_CLIENT_ID": "client", "REDIRECT_URI": "https://api.example.com/v1/oauth/callback", "RETURN_TARGETS": "console=/agent/integrations",
		"PLAN_LIMITS": "free=1", "PROVIDER_CALLS_PER_MINUTE": "600", "WORKER_CONCURRENCY": "2",
	}
	return func(name string) string { return vars[name] }
}

// The functions with secrets are wired by them, and say which one is missing or
// no key, without repeating it.
func TestWiringBySecrets(t *testing.T) {
	t.Parallel()
	key := base64.StdEncoding.EncodeToString(bytes.Repeat([]byte{7}, 32))
	whole := map[string]string{"/flow": key, "/subject": key, "/channel": key, "/previous": key, "/secret": "client-canary"}
	start := map[string]func(boot.Getenv) error{
		"integrations": func(get boot.Getenv) error {
			c, err := boot.LoadIntegrations(get)
			if err != nil {
				return err
			}
			_, err = opening.New(c, httpapi.Edge{}, quiet).Get(context.Background())
			return err
		},
		"oauth-callback": func(get boot.Getenv) error {
			c, err := boot.LoadOAuthCallback(get)
			if err != nil {
				return err
			}
			_, err = renewed.Handler(completing.New(c, httpapi.Edge{}, quiet), quiet)
			return err
		},
		"webhook": func(get boot.Getenv) error {
			c, err := boot.LoadWebhook(get)
			if err != nil {
				return err
			}
			_, err = renewed.Handler(notified.New(c, httpapi.Edge{}, quiet), quiet)
			return err
		},
		"sync-worker": func(get boot.Getenv) error {
			c, err := boot.LoadSyncWorker(get)
			if err != nil {
				return err
			}
			_, err = work.New(c, telemetry.NewWatch(quiet, nil, nil), quiet).Get(context.Background())
			return err
		},
	}
	needs := map[string][]string{"integrations": {"/flow"}, "oauth-callback": {"/flow", "/subject"}, "webhook": {"/channel", "/previous"}, "sync-worker": {"/subject", "/channel"}}
	for function, run := range start {
		if err := run(environment(parameters(t, whole))); err != nil {
			t.Errorf("%s: %v", function, err)
		}
		for _, name := range needs[function] {
			broken := maps.Clone(whole)
			broken[name] = "key-canary"
			if err := run(environment(parameters(t, broken))); err == nil || !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), "canary") {
				t.Errorf("%s with a broken %s: %v", function, name, err)
			}
			delete(broken, name)
			if err := run(environment(parameters(t, broken))); err == nil || !strings.Contains(err.Error(), name) || strings.Contains(err.Error(), "canary") {
				t.Errorf("%s without %s: %v", function, name, err)
			}
		}
	}
}

// S16 as it is wired: the authorizer's claims let in; a token does only where a
// verifier is configured; otherwise nobody gets in.
func TestWhoGetsIn(t *testing.T) {
	t.Parallel()
	const event = `{"version":"2.0","rawPath":"/v1/x","headers":{"authorization":"Bearer eyJhbGciOiJub25lIn0.e30."},"requestContext":{"stage":"$default","http":{"method":"GET"}CLAIMS}}`
	const claims = `,"authorizer":{"jwt":{"claims":{"account":"acme","sub":"ana","scope":"integrations:read"}}}`
	get := environment("")
	c, err := boot.LoadStatus(get)
	if err != nil {
		t.Fatal(err)
	}
	verified, err := boot.LoadStatus(func(name string) string {
		switch name {
		case "TOKEN_ISSUER", "TOKEN_AUDIENCE":
			return "x"
		case "TOKEN_KEYS_URL":
			return "http://127.0.0.1:9/keys" // nobody answers there
		}
		return get(name)
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, want := range map[string]struct {
		cfg    boot.Status
		claims string
		status int
	}{
		"claims":                {c, claims, 200},
		"claims of nobody":      {c, `,"authorizer":{"jwt":{"claims":{"scope":"integrations:read"}}}`, 401},
		"claims without scope":  {c, strings.Replace(claims, "integrations:read", "events:read", 1), 403},
		"neither":               {c, "", 401},
		"an unsigned token":     {verified, "", 401},
		"claims and a verifier": {verified, claims, 200},
	} {
		edge, err := web.Edge(want.cfg.Function, want.cfg.Access, quiet)
		if err != nil {
			t.Fatal(err)
		}
		edge.Observe = nil // the metrics go to standard output
		h := lambdahttp.New(httpapi.New(edge, []httpapi.Route{{Method: "GET", Path: "/v1/x", Scope: httpapi.IntegrationsRead,
			Handler: func(w http.ResponseWriter, _ *http.Request) error { w.WriteHeader(200); return nil }}}), quiet)
		out, err := h.Invoke(context.Background(), []byte(strings.Replace(event, "CLAIMS", want.claims, 1)))
		var answer struct{ StatusCode int }
		if err != nil || json.Unmarshal(out, &answer) != nil || answer.StatusCode != want.status {
			t.Errorf("%s: %s, %v; want %d", name, out, err, want.status)
		}
	}
}
