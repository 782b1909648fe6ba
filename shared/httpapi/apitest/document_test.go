package apitest

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

// shared is loaded once for the tests that only read it.
var shared = sync.OnceValues(New)

func load(t *testing.T) *Validator {
	t.Helper()
	v, err := shared()
	if err != nil {
		t.Fatal(err)
	}
	return v
}

func TestDocumentIsValidOpenAPI31(t *testing.T) {
	t.Parallel()
	doc := load(t).Document()
	if !strings.HasPrefix(doc.OpenAPI, "3.1.") {
		t.Errorf("openapi is %q, want 3.1", doc.OpenAPI)
	}
	// Examples are checked below, against the schemas as they stand.
	if err := doc.Validate(context.Background(), openapi3.DisableExamplesValidation()); err != nil {
		t.Error(err)
	}
}

// operations gives "METHOD /path" → operation.
func operations(doc *openapi3.T) map[string]*openapi3.Operation {
	out := map[string]*openapi3.Operation{}
	for path, item := range doc.Paths.Map() {
		for method, op := range item.Operations() {
			out[method+" "+path] = op
		}
	}
	return out
}

func TestDocumentHasTheRoutesOfTheDesign(t *testing.T) {
	t.Parallel()
	const i = "/v1/integrations/{provider}"
	want := map[string]struct{ function, scope string }{
		"GET /v1/providers":                         {"status", "integrations:read"},
		"GET /v1/integrations":                      {"status", "integrations:read"},
		"GET " + i:                                  {"status", "integrations:read"},
		"GET " + i + "/runs":                        {"status", "integrations:read"},
		"GET " + i + "/runs/{run}":                  {"status", "integrations:read"},
		"GET " + i + "/history":                     {"status", "integrations:read"},
		"GET " + i + "/quarantine":                  {"status", "integrations:read"},
		"GET " + i + "/calendars":                   {"status", "integrations:read"},
		"POST /v1/integrations":                     {"integrations", "integrations:write"},
		"POST " + i + "/authorization":              {"integrations", "integrations:write"},
		"POST " + i + "/calendars/refresh":          {"integrations", "integrations:write"},
		"PATCH " + i:                                {"integrations", "integrations:write"},
		"POST " + i + "/pause":                      {"integrations", "integrations:write"},
		"POST " + i + "/resume":                     {"integrations", "integrations:write"},
		"POST " + i + "/verify":                     {"integrations", "integrations:write"},
		"POST " + i + "/disconnect":                 {"integrations", "integrations:write"},
		"POST " + i + "/confirm-deletions":          {"integrations", "integrations:write"},
		"POST " + i + "/reject-deletions":           {"integrations", "integrations:write"},
		"POST " + i + "/quarantine/{event}/retry":   {"integrations", "integrations:write"},
		"POST " + i + "/quarantine/{event}/discard": {"integrations", "integrations:write"},
		"DELETE " + i:                               {"integrations", "integrations:write"},
		"GET /v1/oauth/callback":                    {"oauth-callback", "public"},
		"POST /v1/oauth/complete":                   {"oauth-callback", "integrations:write"},
		"POST " + i + "/sync":                       {"sync-now", "integrations:write"},
		"GET /v1/events":                            {"events", "events:read"},
		"POST /v1/events":                           {"events", "events:write"},
		"GET /v1/events/{event}":                    {"events", "events:read"},
		"PATCH /v1/events/{event}":                  {"events", "events:write"},
		"DELETE /v1/events/{event}":                 {"events", "events:write"},
		"GET /v1/subscription":                      {"subscription", "integrations:read"},
		"PUT /v1/subscription":                      {"subscription", "billing:write"},
		"POST /v1/webhooks/google-calendar":         {"webhook", "channel_token"},
		"GET /v1/openapi.yaml":                      {"console", "public"},
		"GET /v1/docs":                              {"console", "public"},
		"GET /v1/docs/style.css":                    {"console", "public"},
	}
	ops := operations(load(t).Document())
	for route, w := range want {
		op := ops[route]
		if op == nil {
			t.Errorf("%s is missing", route)
			continue
		}
		if got := op.Extensions["x-function"]; got != w.function {
			t.Errorf("%s: x-function is %v, want %s", route, got, w.function)
		}
		if got := op.Extensions["x-scope"]; got != w.scope {
			t.Errorf("%s: x-scope is %v, want %s", route, got, w.scope)
		}
	}
	for route := range ops {
		if _, ok := want[route]; !ok {
			t.Errorf("%s is in the document and not in the design", route)
		}
	}
}

func TestOperationsSayWhatADeveloperNeeds(t *testing.T) {
	t.Parallel()
	seen := map[string]string{}
	for route, op := range operations(load(t).Document()) {
		if other := seen[op.OperationID]; op.OperationID == "" || other != "" {
			t.Errorf("%s: operationId %q is empty or that of %s", route, op.OperationID, other)
		}
		seen[op.OperationID] = route
		if op.Summary == "" || len(op.Tags) != 1 {
			t.Errorf("%s: wants a summary and one tag", route)
		}
		if !strings.Contains(op.Description, "**Retries.**") {
			t.Errorf("%s: the description doesn't say who retries", route)
		}
		if err := securityAgrees(op); err != nil {
			t.Errorf("%s: %v", route, err)
		}
		needsMatch := false
		for _, p := range op.Parameters {
			needsMatch = needsMatch || p.Value.Name == "If-Match" && p.Value.Required
			if p.Value.Description == "" {
				t.Errorf("%s: parameter %s has no description", route, p.Value.Name)
			}
		}
		if has := op.Responses.Value("428") != nil; has != needsMatch {
			t.Errorf("%s: If-Match required is %v, 428 declared is %v", route, needsMatch, has)
		}
	}
}

// securityAgrees holds x-scope, which tests and templates read, to the
// security requirement, which clients read.
func securityAgrees(op *openapi3.Operation) error {
	if op.Security == nil {
		return fmt.Errorf("no security of its own")
	}
	switch scope := op.Extensions["x-scope"]; scope {
	case "public":
		if len(*op.Security) != 0 {
			return fmt.Errorf("public, and security is %v", *op.Security)
		}
	case "channel_token":
		if _, ok := (*op.Security)[0]["channelToken"]; !ok {
			return fmt.Errorf("channel_token, and security is %v", *op.Security)
		}
	default:
		known := []any{"integrations:read", "integrations:write", "events:read", "events:write", "billing:write"}
		if !slices.Contains(known, scope) || len(*op.Security) != 1 || !slices.Equal((*op.Security)[0]["bearer"], []string{scope.(string)}) {
			return fmt.Errorf("x-scope is %v, security is %v", scope, *op.Security)
		}
	}
	return nil
}

func TestResponsesOfEveryOperation(t *testing.T) {
	t.Parallel()
	for route, op := range operations(load(t).Document()) {
		scope := op.Extensions["x-scope"]
		var demanded []string
		if scope != "public" && scope != "channel_token" {
			demanded = []string{"401", "403", "422", "429", "500", "503"}
			if op.RequestBody != nil {
				demanded = append(demanded, "400", "413", "415")
			}
		}
		for _, status := range demanded {
			if op.Responses.Value(status) == nil {
				t.Errorf("%s: %s is not declared", route, status)
			}
		}
		for status, r := range op.Responses.Map() {
			n, err := strconv.Atoi(status)
			if err != nil {
				t.Errorf("%s: %q is not a status; defaults hide what can happen", route, status)
				continue
			}
			problem := r.Value.Content["application/problem+json"] != nil
			page := r.Value.Content["text/html"] != nil
			if n >= 400 && n != http.StatusTooManyRequests && !problem && !page {
				t.Errorf("%s: %s is neither a problem document nor a page", route, status)
			}
			if n != http.StatusTooManyRequests && r.Value.Headers["X-Request-Id"] == nil {
				t.Errorf("%s: %s has no X-Request-Id", route, status)
			}
			if n == http.StatusServiceUnavailable && r.Value.Headers["Retry-After"] == nil {
				t.Errorf("%s: %s has no Retry-After", route, status)
			}
		}
	}
}

func TestProblemCodesAndTheirTableAreAlike(t *testing.T) {
	t.Parallel()
	v := load(t)
	schema := v.Document().Components.Schemas["ProblemCode"].Value
	var codes []string
	for _, c := range schema.Enum {
		codes = append(codes, c.(string))
	}
	table := slices.Sorted(maps.Keys(v.problems))
	if sorted := slices.Sorted(slices.Values(codes)); !slices.Equal(sorted, table) {
		t.Errorf("enum %v\ntable %v", sorted, table)
	}
	// Every code is answered somewhere, but for that of a route that isn't there.
	raw, _ := json.Marshal(v.bodies.root.(map[string]any)["paths"])
	responses, _ := json.Marshal(v.bodies.root.(map[string]any)["components"].(map[string]any)["responses"])
	for _, c := range codes {
		quoted := `"` + c + `"`
		if c != "method_not_allowed" && !strings.Contains(string(raw), quoted) && !strings.Contains(string(responses), quoted) {
			t.Errorf("code %s is answered by no operation", c)
		}
	}
	for c, info := range v.problems {
		if info.Title == "" || info.Meaning == "" || info.Status < 400 {
			t.Errorf("code %s is not described: %+v", c, info)
		}
	}
}
