package deployed_test

import (
	"bytes"
	"errors"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"aura.example/integrations/shared/boot"
)

// nonsense is a value of each variable that has a form, and that isn't of it.
var nonsense = map[string]string{
	"LOG_LEVEL": "canary", "AWS_ENDPOINT_URL_DYNAMODB": "http://canary.example.com", "AWS_ENDPOINT_URL_SQS": "ftp://canary", "AWS_ENDPOINT_URL_KMS": "canary",
	"AWS_ENDPOINT_URL_SSM": "https://u:canary@example.com", "TOKEN_KEYS_URL": "http://canary.example.com", "SCOPE_PREFIX": "canary\\", "CONSOLE_SCOPE": "canary\"", "CONSOLE_ISSUER_ORIGINS": "https://canary.example.com/", "BILLING_URL": "canary", "ALLOWED_ORIGINS": "canary",
	"GOOGLE_AUTH_URL": "canary", "GOOGLE_TOKEN_URL": "http://canary.example.com", "GOOGLE_REVOKE_URL": "canary", "GOOGLE_CALENDAR_URL": "canary",
	"AWS_REGION": "(canary)", "METRICS_NAMESPACE": "canary?", "INTEGRATIONS_TABLE": "${canary}", "CREDENTIALS_TABLE": "canary s", "EVENTS_TABLE": "[canary]", "QUEUE_URL": "canary",
	"KMS_KEY_ID": "{canary}", "FLOW_KEY_PARAMETER": "/canary *", "SUBJECT_KEY_PARAMETER": "canary!", "CHANNEL_KEY_PARAMETER": "canary,", "CHANNEL_KEY_PREVIOUS_PARAMETER": "canary ;",
	"GOOGLE_CLIENT_SECRET_PARAMETER": "canary=", "GOOGLE_CLIENT_ID": "<canary>", "CLAIM_ACCOUNT": "canary\"", "CLAIM_USER": "'canary", "CLAIM_SCOPE": "canary%",
	"REDIRECT_URI": "canary", "WEBHOOK_URL": "http://canary.example.com", "RETURN_TARGETS": "canary", "PLAN_LIMITS": "free=canary", "PROVIDER_CALLS_PER_MINUTE": "canary", "WORKER_CONCURRENCY": "0",
}

// D2: a variable that is missing or makes no sense ends the start of every
// bootstrap that reads it, with one line that names it and doesn't repeat it.
func TestD2AVariableThatIsWrongIsNamed(t *testing.T) {
	t.Parallel()
	w := newDeployment(t)
	for _, folder := range boot.Functions() {
		whole := w.environment(folder, "")
		for _, v := range boot.Variables() {
			if !v.Reads(folder) {
				continue
			}
			rest := slices.DeleteFunc(slices.Clone(whole), func(s string) bool { return strings.HasPrefix(s, v.Name+"=") })
			if !v.Optional {
				fails(t, folder, rest, folder+" can't start: "+v.Name+" is missing")
			}
			if value := nonsense[v.Name]; value != "" {
				fails(t, folder, append(rest, v.Name+"="+value), folder+" can't start: "+v.Name+" ")
			}
		}
	}
}

// A secret that isn't in SSM is named by its parameter.
func TestD2ASecretThatIsMissingIsNamed(t *testing.T) {
	t.Parallel()
	w := newDeployment(t)
	for folder, variables := range map[string][]string{
		"integrations": {"FLOW_KEY_PARAMETER"}, "oauth-callback": {"FLOW_KEY_PARAMETER", "SUBJECT_KEY_PARAMETER", "GOOGLE_CLIENT_SECRET_PARAMETER"},
		"webhook":     {"CHANNEL_KEY_PARAMETER", "CHANNEL_KEY_PREVIOUS_PARAMETER"},
		"sync-worker": {"SUBJECT_KEY_PARAMETER", "CHANNEL_KEY_PARAMETER", "GOOGLE_CLIENT_SECRET_PARAMETER"},
	} {
		for _, name := range variables {
			env := slices.DeleteFunc(w.environment(folder, ""), func(s string) bool { return strings.HasPrefix(s, name+"=") })
			fails(t, folder, append(env, name+"=/nobody/put/this"), "/nobody/put/this")
		}
	}
}

// fails runs a bootstrap as Lambda starts it, and wants one line on standard
// error and an exit code.
func fails(t *testing.T, folder string, env []string, says string) {
	t.Helper()
	var out, errs bytes.Buffer
	cmd := exec.CommandContext(t.Context(), filepath.Join(bootstraps(t), folder, "bootstrap"))
	cmd.Env = append([]string{"AWS_LAMBDA_RUNTIME_API=127.0.0.1:9"}, env...)
	cmd.Stdout, cmd.Stderr = &out, &errs
	err := cmd.Run()
	var exit *exec.ExitError
	if !errors.As(err, &exit) || exit.ExitCode() != 1 {
		t.Errorf("%s: %v, want exit code 1", folder, err)
	}
	line := errs.String()
	if strings.Count(line, "\n") != 1 || !strings.Contains(line, says) || strings.Contains(line, "canary") {
		t.Errorf("%s says %q, want one line with %q", folder, line, says)
	}
}
