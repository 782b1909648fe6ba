package calendarv3_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"aura.example/integrations/shared/fault"
)

// trouble is one thing that goes wrong with one request, and what is to come of
// it wherever in a list it happens.
type trouble struct {
	name  string
	do    func(w http.ResponseWriter, r *http.Request, page map[string]any)
	kind  fault.Kind
	code  string
	after time.Duration
}

// answer is a trouble that is an answer of its own.
func answer(status int, body string, header ...string) func(http.ResponseWriter, *http.Request, map[string]any) {
	return func(w http.ResponseWriter, r *http.Request, _ map[string]any) { says(status, body, header...)(w, r) }
}

// edited is a trouble that changes what would have been answered.
func edited(change func(page map[string]any, asked url.Values)) func(http.ResponseWriter, *http.Request, map[string]any) {
	return func(w http.ResponseWriter, r *http.Request, page map[string]any) {
		change(page, r.URL.Query())
		_ = json.NewEncoder(w).Encode(page)
	}
}

// cut sends a part of the answer and closes the connection.
func cut(part float64) func(http.ResponseWriter, *http.Request, map[string]any) {
	return func(w http.ResponseWriter, _ *http.Request, page map[string]any) {
		body, _ := json.Marshal(page)
		w.Header().Set("Content-Length", strconv.Itoa(len(body)))
		_, _ = w.Write(body[:int(part*float64(len(body)))])
		w.(http.Flusher).Flush()
		panic(http.ErrAbortHandler)
	}
}

// details is an error with a google.rpc.ErrorInfo, as newer frontends send it.
func details(status int, reason, info string) string {
	return fmt.Sprintf(`{"error":{"code":%d,"message":"canary","status":"PERMISSION_DENIED","errors":[{"domain":"global","reason":%q,"message":"canary"}],
		"details":[{"@type":"type.googleapis.com/google.rpc.ErrorInfo","reason":%q,"domain":"googleapis.com"}]}}`, status, reason, info)
}

// forDate is a Retry-After as a date.
func forDate(d time.Duration) string { return moment.Add(d).Format(http.TimeFormat) }

var troubles = []trouble{
	{"401", answer(401, refusal(401, "authError")), fault.Unauthorized, "token_refused", 0},
	{"401 as a page", answer(401, "<h1>canary</h1>"), fault.Unauthorized, "token_refused", 0},

	{"403 rateLimitExceeded", answer(403, refusal(403, "rateLimitExceeded")), fault.Transient, "rate_limited", 0},
	{"403 userRateLimitExceeded", answer(403, refusal(403, "userRateLimitExceeded"), "Retry-After", "3"), fault.Transient, "rate_limited", 3 * time.Second},
	{"403 RATE_LIMIT_EXCEEDED in the details", answer(403, details(403, "forbidden", "RATE_LIMIT_EXCEEDED")), fault.Transient, "rate_limited", 0},
	{"403 quotaExceeded", answer(403, refusal(403, "quotaExceeded")), fault.QuotaExceeded, "quota_exceeded", 0},
	{"403 insufficientPermissions", answer(403, refusal(403, "insufficientPermissions")), fault.ScopeMissing, "scope_missing", 0},
	{"403 ACCESS_TOKEN_SCOPE_INSUFFICIENT in the details", answer(403, details(403, "forbidden", "ACCESS_TOKEN_SCOPE_INSUFFICIENT")), fault.ScopeMissing, "scope_missing", 0},
	{"403 accessNotConfigured", answer(403, refusal(403, "accessNotConfigured")), fault.Operator, "access_not_configured", 0},
	{"403 SERVICE_DISABLED in the details", answer(403, details(403, "forbidden", "SERVICE_DISABLED")), fault.Operator, "access_not_configured", 0},
	{"403 notACalendarUser", answer(403, refusal(403, "notACalendarUser")), fault.ServiceDisabled, "calendar_service_disabled", 0},
	{"403 forbiddenForNonOrganizer, of a list", answer(403, refusal(403, "forbiddenForNonOrganizer")), fault.Refused, "provider_refused", 0},
	{"403 requiredAccessLevel, of a list", answer(403, refusal(403, "requiredAccessLevel")), fault.Refused, "provider_refused", 0},
	{"403 of tomorrow", answer(403, refusal(403, "newReason")), fault.Refused, "provider_refused", 0},
	{"403 whose reason is no code", answer(403, refusal(403, "canary <b>")), fault.Refused, "provider_refused", 0},
	{"403 as a page", answer(403, "<h1>canary</h1>"), fault.Refused, "provider_refused", 0},
	{"403 without a body", answer(403, ""), fault.Refused, "provider_refused", 0},

	{"404 as a page", answer(404, "<h1>canary</h1>"), fault.Transient, "provider_unreadable", 0},
	{"429", answer(429, refusal(429, "rateLimitExceeded")), fault.Transient, "rate_limited", 0},
	{"429, seconds", answer(429, refusal(429, "rateLimitExceeded"), "Retry-After", "17"), fault.Transient, "rate_limited", 17 * time.Second},
	{"429, a date", answer(429, "canary", "Retry-After", forDate(90*time.Second), "Date", forDate(0)), fault.Transient, "rate_limited", 90 * time.Second},
	{"429 as a page", answer(429, "<h1>canary</h1>", "Content-Type", "text/html"), fault.Transient, "rate_limited", 0},
	{"408", answer(408, ""), fault.Transient, "provider_unavailable", 0},
	{"418", answer(418, refusal(418, "teapot")), fault.Refused, "provider_refused", 0},
	{"500", answer(500, refusal(500, "backendError")), fault.Transient, "provider_unavailable", 0},
	{"502 as a page", answer(502, "<h1>canary</h1>", "Content-Type", "text/html"), fault.Transient, "provider_unavailable", 0},
	{"503, seconds", answer(503, refusal(503, "backendError"), "Retry-After", "60"), fault.Transient, "provider_unavailable", time.Minute},
	{"500 as an array", answer(500, "["+refusal(500, "backendError")+"]"), fault.Transient, "provider_unavailable", 0},

	{"truncated at once", cut(0), fault.Transient, "provider_unreachable", 0},
	{"truncated half way", cut(0.5), fault.Transient, "provider_unreachable", 0},
	{"truncated before the last byte", cut(0.999), fault.Transient, "provider_unreachable", 0},
	{"JSON that ends early, politely", answer(200, `{"accessRole":"owner","items":[{"id":"can`), fault.Transient, "provider_unreadable", 0},
	{"a page of HTML", answer(200, "<h1>canary</h1>"), fault.Transient, "provider_unreadable", 0},
	{"nothing", answer(200, ""), fault.Transient, "provider_unreadable", 0},
	{"204", answer(204, ""), fault.Transient, "provider_unreadable", 0},
	{"an empty object", answer(200, "{}"), fault.Transient, "provider_unreadable", 0},
	{"null", answer(200, "null"), fault.Transient, "provider_unreadable", 0},
	{"JSON of another shape", answer(200, `{"accessRole":"owner","items":"canary"}`), fault.Transient, "provider_unreadable", 0},
	{"no connection", func(http.ResponseWriter, *http.Request, map[string]any) { panic(http.ErrAbortHandler) }, fault.Transient, "provider_unreachable", 0},
	{"more than is accepted", func(w http.ResponseWriter, _ *http.Request, _ map[string]any) {
		_, _ = w.Write(bytes.Repeat([]byte(" "), 1<<20))
	}, fault.Refused, "answer_too_large", 0},
	{"no way on", edited(func(p map[string]any, _ url.Values) { delete(p, "nextPageToken"); delete(p, "nextSyncToken") }), fault.Transient, "list_incomplete", 0},
}
