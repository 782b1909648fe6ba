package googlesim_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"time"
)

// newHook is a webhook on a free port of the loopback.
func newHook(t *testing.T, h http.HandlerFunc) string {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return srv.URL
}

func TestFaultsByHTTP(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.ok("POST", "/sim/faults", `{"match":{"method":"GET","path":"/calendar/v3/calendars/*/events"},"times":2,"do":{"refuse":{"status":403,"domain":"usageLimits","reason":"rateLimitExceeded","retry_after":"3"}}}`)
	b.ok("POST", "/sim/faults", `{"match":{"query":{"syncToken":"*"}},"times":-1,"do":{"refuse":{"status":410,"reason":"fullSyncRequired"}}}`)
	b.ok("POST", "/sim/faults", `{"do":{"answer":{"status":502,"body":"<html>"}}}`)
	for i, want := range []struct {
		target string
		status int
	}{
		{listPath + "?q=x", 403}, {listPath, 403}, // twice by the first rule
		{listPath + "?syncToken=a", 410}, {listPath + "?syncToken=b", 410},
		{listPath + "/none", 502}, // once by the last
		{listPath + "?syncToken=c", 410}, {listPath, 200},
	} {
		if status, _, err := b.call("GET", want.target, ""); status != want.status || err != nil {
			t.Errorf("call %d: %d %v, want %d", i, status, err, want.status)
		}
	}
	if list, _ := b.ok("GET", "/sim/faults", "")["faults"].([]any); len(list) != 1 {
		t.Errorf("left: %v", list)
	}
	b.ok("DELETE", "/sim/faults", "")
	if list, _ := b.ok("GET", "/sim/faults", "")["faults"].([]any); len(list) != 0 {
		t.Errorf("left: %v", list)
	}
}

func TestEveryFaultByHTTP(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for do, fails := range map[string]bool{`"delay":"5s"`: false, `"cut":true`: true, `"drop":true`: true, `"truncate":5`: true, `"drip":"1s"`: false,
		`"edit":{"items":null}`: false, `"repeat_page":true`: false, `"blind_insert":true`: false, `"delay":"1s","drip":"1s"`: false,
		`"answer_after":true,"answer":{"status":200}`: false} {
		b.waits = nil
		b.ok("POST", "/sim/faults", `{"match":{},"do":{`+do+`}}`)
		_, _, err := b.call("GET", listPath, "")
		if (err != nil) != fails {
			t.Errorf("%s: %v", do, err)
		}
		if do == `"delay":"1s","drip":"1s"` && (len(b.waits) < 2 || b.waits[0] != time.Second) {
			t.Errorf("%s: waited %v", do, b.waits)
		}
	}
}

func TestPushFaultsByHTTP(t *testing.T) {
	t.Parallel()
	b := watched(t)
	b.ok("POST", "/sim/faults", `{"match":{"push":true},"do":{"twice":true}}`)
	b.ok("POST", "/sim/faults", `{"match":{"push":true},"do":{"hold":true}}`)
	b.change()
	b.change()
	b.change()
	if got := b.messages(); got != "1 2 2 4 3" {
		t.Errorf("messages %s", got)
	}
}

func TestBadFaultsAreRefusedWithASentence(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	for _, body := range []string{"", "{", `{"do":{}}`, `{"do":{"delay":"soon"}}`, `{"do":{"delay":"-1s"}}`, `{"do":{"explode":true}}`, `{"do":{"answer":{"status":99}}}`, `{"colour":1}`} {
		if status, _, err := b.call("POST", "/sim/faults", body); status != 400 || err != nil {
			t.Errorf("%s: %d %v", body, status, err)
		}
	}
}

func TestClockByHTTP(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if got := b.ok("POST", "/sim/clock", `{"advance":"48h"}`)["now"]; got != "2026-11-25T09:00:00Z" {
		t.Errorf("advanced to %v", got)
	}
	if got := b.ok("POST", "/sim/clock", `{"set":"2030-01-01T00:00:00Z"}`)["now"]; got != "2030-01-01T00:00:00Z" {
		t.Errorf("set to %v", got)
	}
	if got := b.ok("GET", "/sim/clock", "")["now"]; got != "2030-01-01T00:00:00Z" {
		t.Errorf("shows %v", got)
	}
	for _, body := range []string{`{}`, `{"advance":"soon"}`, `{"set":"soon"}`, `{"advance":"1h","set":"2030-01-01T00:00:00Z"}`, `x`} {
		if status, _, err := b.call("POST", "/sim/clock", body); status != 400 || err != nil {
			t.Errorf("%s: %d %v", body, status, err)
		}
	}
}
