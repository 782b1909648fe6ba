package httpapi

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/httpapi/apispec"
)

// contractProblems reads the contract's own table of codes.
func contractProblems(t *testing.T) map[string]struct {
	Status int
	Title  string
} {
	t.Helper()
	var doc struct {
		Components struct {
			Schemas struct {
				ProblemCode struct {
					Problems map[string]struct {
						Status int
						Title  string
					} `yaml:"x-problems"`
				} `yaml:"ProblemCode"`
			}
		}
	}
	if err := yaml.Unmarshal(apispec.YAML, &doc); err != nil {
		t.Fatal(err)
	}
	return doc.Components.Schemas.ProblemCode.Problems
}

func TestTitlesAreTheContracts(t *testing.T) {
	t.Parallel()
	want := contractProblems(t)
	if len(want) == 0 {
		t.Fatal("the contract lists no problems")
	}
	for code, p := range want {
		if titles[code] != p.Title {
			t.Errorf("%s is titled %q, the contract says %q", code, titles[code], p.Title)
		}
	}
	for code := range titles {
		if _, ok := want[code]; !ok {
			t.Errorf("%s is not a code of the contract", code)
		}
	}
}

// Every kind is answered with its status, whatever it wraps; and nothing of
// what it wraps is ever said.
func TestKindsHaveTheirStatus(t *testing.T) {
	t.Parallel()
	problems := contractProblems(t)
	secret := errors.New("dial tcp 10.0.0.7: canary")
	for _, c := range []struct {
		kind   fault.Kind
		code   string
		status int
		says   string
	}{
		{fault.Malformed, "malformed_request", 400, "malformed_request"},
		{fault.Unauthenticated, "unauthorized", 401, "unauthorized"},
		{fault.Forbidden, "plan_limit_reached", 403, "plan_limit_reached"},
		{fault.NotFound, "not_found", 404, "not_found"},
		{fault.NotFound, "no_such_calendar", 404, "not_found"},
		{fault.Conflict, "sync_in_progress", 409, "sync_in_progress"},
		{fault.Conflict, "dirty", 500, "internal"}, // a code that is nobody's business
		{fault.Stale, "stale", 412, "stale"},
		{fault.Stale, "fence", 412, "stale"},
		{fault.TooLarge, "body_too_large", 413, "body_too_large"},
		{fault.Invalid, "unknown_provider", 422, "unknown_provider"},
		{fault.PreconditionRequired, "precondition_required", 428, "precondition_required"},
		{fault.Internal, "anything", 500, "internal"},
		{fault.Unavailable, "revoking", 503, "revoking"},
		{fault.Unavailable, "throttled", 503, "unavailable"},
		{fault.Transient, "rate_limited", 503, "unavailable"},
		{fault.QuotaExceeded, "quota", 503, "unavailable"},
		{fault.Operator, "invalid_client", 503, "unavailable"},
		{fault.Unauthorized, "x", 500, "internal"},
		{fault.CredentialGone, "x", 500, "internal"},
		{fault.ScopeMissing, "x", 500, "internal"},
		{fault.Resync, "x", 500, "internal"},
		{fault.Item, "x", 500, "internal"},
		{fault.Duplicate, "x", 500, "internal"},
		{fault.Gone, "x", 500, "internal"},
		{fault.CalendarLost, "x", 500, "internal"},
		{fault.ServiceDisabled, "x", 500, "internal"},
		{fault.Refused, "x", 500, "internal"},
	} {
		err := fmt.Errorf("doing something: %w", fault.Wrap(c.kind, c.code, "A sentence.", secret))
		status, say := statusOf(err)
		if status != c.status || say.Code != c.says {
			t.Errorf("%s %s: %d %s, want %d %s", c.kind, c.code, status, say.Code, c.status, c.says)
		}
		if p := problems[say.Code]; p.Status != status {
			t.Errorf("%s %s: answered %d, the contract gives code %s %d", c.kind, c.code, status, say.Code, p.Status)
		}
		if status == http.StatusServiceUnavailable && say.RetryAfter < time.Second {
			t.Errorf("%s %s: 503 without advice when to try again", c.kind, c.code)
		}
		raw, err := json.Marshal(problem(status, say, "id"))
		if err != nil || bytes.Contains(raw, []byte("canary")) || bytes.Contains(raw, []byte("10.0.0.7")) {
			t.Errorf("%s %s tells %s (%v)", c.kind, c.code, raw, err)
		}
	}
	if status, say := statusOf(secret); status != 500 || say.Code != "internal" {
		t.Errorf("an error without a kind: %d %s", status, say.Code)
	}
}

// A documented member can add to a problem, never pass for one of its own.
func TestMembersCannotReplaceTheStandardOnes(t *testing.T) {
	t.Parallel()
	e := fault.New(fault.Conflict, "not_syncable", "No.").With("status", 200).With("code", "x").With("fix", "y").With("run", 1)
	doc := problem(409, e, "id")
	if doc["status"] != 409 || doc["code"] != "not_syncable" || doc["fix"] != nil || doc["run"] != 1 {
		t.Errorf("problem is %v", doc)
	}
}
