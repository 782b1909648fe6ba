package httpapi

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

// Whatever a body is, it is read or refused with a 4xx; nothing panics, and
// nothing but what a field holds gets into it.
func FuzzBodies(f *testing.F) {
	for _, s := range []string{`{"a":"x"}`, `{"a":1}`, `{"A":"x"}`, `{"a":"x","a":"y"}`, `[]`, `{`, "\x00", `{"a":"\ud800"}`, `{"b":true,"c":[1]}`} {
		f.Add(s)
	}
	f.Fuzz(func(t *testing.T, body string) {
		r := httptest.NewRequest(http.MethodPost, "/", strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		var a string
		var b bool
		var c []string
		err := readBody(r, map[string]field{"a": required(&a), "b": optional(&b), "c": optional(&c)})
		if err == nil {
			return
		}
		if status, say := statusOf(err); status < 400 || status >= 500 || len(say.Message) > 1000 {
			t.Errorf("body %q: %d %s", body, status, say.Message)
		}
	})
}

// Whatever comes as a header, what leaves as a correlation id is harmless.
func FuzzCorrelation(f *testing.F) {
	f.Add("req-1", "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01")
	f.Add("a\nb", "----")
	f.Fuzz(func(t *testing.T, id, traceparent string) {
		r := &http.Request{Header: http.Header{"X-Request-Id": {id}, "Traceparent": {traceparent}}}
		if _, got := correlate(r, func() string { return "made" }); !harmless(got) {
			t.Errorf("id %q, traceparent %q: correlation id %q", id, traceparent, got)
		}
	})
}
