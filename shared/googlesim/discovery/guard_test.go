package discovery_test

import (
	"compress/gzip"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"aura.example/integrations/shared/googlesim/discovery"
)

func load(t *testing.T) *discovery.Document {
	t.Helper()
	d, err := discovery.Load()
	if err != nil {
		t.Fatal(err)
	}
	return d
}

// answering is a handler that always says the same.
func answering(status int, kind, body string) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if kind != "" {
			w.Header().Set("Content-Type", kind)
		}
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body) // a recorder doesn't fail
	})
}

const jsonType = "application/json; charset=UTF-8"

// look runs a request through a guard and returns what it complains about.
func look(t *testing.T, lenient bool, h http.Handler, verb, target, body string, heads ...string) []string {
	t.Helper()
	var problems []string
	d := load(t)
	wrap := d.Guard
	if lenient {
		wrap = d.GuardAnswers
	}
	r := httptest.NewRequest(verb, target, strings.NewReader(body))
	for _, head := range heads {
		name, value, _ := strings.Cut(head, ": ")
		r.Header.Set(name, value)
	}
	wrap(h, func(p string) { problems = append(problems, p) }).ServeHTTP(httptest.NewRecorder(), r)
	return problems
}

const eventsPath = "/calendar/v3/calendars/primary/events"

// TestPlantedViolationsAreFound: a checker that finds nothing proves nothing.
func TestPlantedViolationsAreFound(t *testing.T) {
	t.Parallel()
	event := `{"kind":"calendar#event","id":"a","status":"confirmed","start":{"date":"2026-12-01"}}`
	for name, c := range map[string]struct {
		verb, target, body string
		status             int
		answer             string
		want               string // "" nothing is wrong
	}{
		"a right list":         {"GET", eventsPath + "?maxResults=5", "", 200, `{"kind":"calendar#events","accessRole":"owner","items":[` + event + `]}`, ""},
		"a right event":        {"POST", eventsPath, event, 200, event, ""},
		"a right patch":        {"PATCH", eventsPath + "/a", `{"summary":null,"start":{"date":null}}`, 200, event, ""},
		"a right delete":       {"DELETE", eventsPath + "/a", "", 204, "", ""},
		"an unknown member":    {"GET", eventsPath + "/a", "", 200, `{"colour":"red"}`, "unknown member colour"},
		"deep inside":          {"GET", eventsPath, "", 200, `{"items":[{"start":{"day":"x"}}]}`, "$.items[0].start: unknown member day"},
		"a wrong type":         {"GET", eventsPath + "/a", "", 200, `{"sequence":"1"}`, "is a string, not integer"},
		"a number for text":    {"GET", eventsPath + "/a", "", 200, `{"summary":1}`, "is a number, not string"},
		"a wide integer":       {"GET", eventsPath + "/a", "", 200, `{"sequence":99999999999}`, "not an integer of 32 bits"},
		"an int64 as a number": {"POST", eventsPath + "/watch", "{}", 200, `{"expiration":1}`, "is a number, not string"},
		"null":                 {"GET", eventsPath + "/a", "", 200, `{"summary":null}`, "is null"},
		"a list for an object": {"GET", eventsPath + "/a", "", 200, `{"start":[]}`, "is an array, not object"},
		"an enum in prose":     {"GET", eventsPath + "/a", "", 200, `{"status":"gone"}`, `"gone" is not one of confirmed`},
		"an access role":       {"GET", eventsPath, "", 200, `{"accessRole":"boss"}`, `"boss" is not one of`},
		"a time":               {"GET", eventsPath + "/a", "", 200, `{"updated":"yesterday"}`, "not a date-time"},
		"a local time":         {"GET", eventsPath + "/a", "", 200, `{"start":{"dateTime":"2026-12-01T10:00:00","timeZone":"UTC"}}`, "not a date-time"},
		"not JSON":             {"GET", eventsPath + "/a", "", 200, `<html>`, "not JSON"},
		"a body after delete":  {"DELETE", eventsPath + "/a", "", 204, "{}", "a body where there is none"},
		"a strange status":     {"GET", eventsPath + "/a", "", 202, event, "not a status"},
		"an error in its own shape": {"GET", eventsPath + "/a", "", 404,
			`{"error":{"code":404,"message":"m","errors":[{"domain":"global","reason":"notFound","message":"m"}]}}`, ""},
		"an error of another": {"GET", eventsPath + "/a", "", 404, `{"error":"not found"}`, "is a string, not object"},
		"an error that lies":  {"GET", eventsPath + "/a", "", 404, `{"error":{"code":400,"message":"m","errors":[{"domain":"global","reason":"r","message":"m"}]}}`, "says 400"},
		"a bare error":        {"GET", eventsPath + "/a", "", 404, `{"error":{"code":404,"message":"m","errors":[]}}`, "incomplete"},
		"an unknown domain":   {"GET", eventsPath + "/a", "", 404, `{"error":{"code":404,"message":"m","errors":[{"domain":"x","reason":"r","message":"m"}]}}`, `"x" is not one of`},
		// requests
		"an unknown parameter":   {"GET", eventsPath + "?colour=red", "", 200, "{}", "unknown parameter colour"},
		"a wrong flag":           {"GET", eventsPath + "?showDeleted=yes", "", 200, "{}", "not a boolean"},
		"a number out of range":  {"GET", eventsPath + "?maxResults=0", "", 200, "{}", "not an integer in range"},
		"a parameter's enum":     {"GET", eventsPath + "?orderBy=title", "", 200, "{}", "not one of startTime"},
		"a parameter's time":     {"GET", eventsPath + "?timeMin=now", "", 200, "{}", "not a date-time"},
		"a repeated one":         {"GET", eventsPath + "?q=a&q=b", "", 200, "{}", "is repeated"},
		"may be repeated":        {"GET", eventsPath + "?eventTypes=default&eventTypes=fromGmail", "", 200, "{}", ""},
		"a missing one":          {"POST", eventsPath + "/a/move", "", 200, "{}", "parameter destination is missing"},
		"a broken query":         {"GET", eventsPath + "?q=%zz", "", 200, "{}", "query does not parse"},
		"an unknown body member": {"POST", eventsPath, `{"colour":"red"}`, 200, "{}", "unknown member colour"},
		"a body too many":        {"GET", eventsPath, `{"x":1}`, 200, "{}", "takes no body"},
		"no such method":         {"GET", "/calendar/v3/nothing", "", 200, "{}", "no such method"},
		"another path":           {"GET", "/elsewhere", "", 500, "x", ""},
	} {
		kind := jsonType
		if c.status == 204 {
			kind = ""
		}
		got := look(t, false, answering(c.status, kind, c.answer), c.verb, c.target, c.body)
		if c.want == "" && len(got) > 0 || c.want != "" && (len(got) == 0 || !strings.Contains(strings.Join(got, "\n"), c.want)) {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

func TestContentTypeAndCompressionAreChecked(t *testing.T) {
	t.Parallel()
	if got := look(t, false, answering(200, "text/plain", "{}"), "GET", eventsPath, ""); len(got) != 1 {
		t.Errorf("text: %q", got)
	}
	if got := look(t, false, answering(404, "text/html", "gone"), "GET", eventsPath, ""); len(got) != 1 {
		t.Errorf("error as HTML: %q", got)
	}
	zipped := http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", jsonType)
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = io.WriteString(z, `{"colour":1}`)
		_ = z.Close()
	})
	if got := look(t, false, zipped, "GET", eventsPath, ""); len(got) != 1 || !strings.Contains(got[0], "unknown member") {
		t.Errorf("compressed: %q", got)
	}
}

func TestLenientGuardOnlyMindsWhatWasAccepted(t *testing.T) {
	t.Parallel()
	refusal := `{"error":{"code":400,"message":"m","errors":[{"domain":"global","reason":"invalid","message":"m"}]}}`
	bad := eventsPath + "?colour=red"
	if got := look(t, true, answering(400, jsonType, refusal), "GET", bad, ""); len(got) != 0 {
		t.Errorf("refused: %q", got)
	}
	if got := look(t, true, answering(200, jsonType, "{}"), "GET", bad, ""); len(got) != 1 {
		t.Errorf("accepted: %q", got)
	}
	if got := look(t, false, answering(400, jsonType, refusal), "GET", bad, ""); len(got) != 1 {
		t.Errorf("strict: %q", got)
	}
}

func TestMethodOverrideIsSeenThrough(t *testing.T) {
	t.Parallel()
	h := answering(200, jsonType, "{}")
	if got := look(t, false, h, "POST", eventsPath+"/a", `{"summary":null}`, "X-HTTP-Method-Override: PATCH"); len(got) != 0 {
		t.Errorf("patch: %q", got)
	}
	got := look(t, false, h, "POST", eventsPath, "q=x&colour=red", "X-HTTP-Method-Override: GET", "Content-Type: application/x-www-form-urlencoded")
	if len(got) != 1 || !strings.Contains(got[0], "colour") {
		t.Errorf("get: %q", got)
	}
}

func TestEachCallOfABatchIsChecked(t *testing.T) {
	t.Parallel()
	part := func(body string) string { return "--b\r\nContent-Type: application/http\r\n\r\n" + body + "\r\n" }
	answer := func(json string) string {
		return part(fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Type: %s\r\n\r\n%s", jsonType, json))
	}
	request := part("GET "+eventsPath+"?colour=red HTTP/1.1\r\n\r\n") + part("GET "+eventsPath+" HTTP/1.1\r\n\r\n") + "--b--"
	run := func(answers string) []string {
		return look(t, false, answering(200, "multipart/mixed; boundary=b", answers), "POST", "/batch/calendar/v3", request, "Content-Type: multipart/mixed; boundary=b")
	}
	got := run(answer("{}") + answer(`{"size":1}`) + "--b--")
	if len(got) != 2 || !strings.Contains(got[0], "colour") || !strings.Contains(got[1], "size") {
		t.Errorf("problems %q", got)
	}
	if got := run(answer("{}") + "--b--"); len(got) != 1 || !strings.Contains(got[0], "2 has 1 answers") {
		t.Errorf("one answer missing: %q", got)
	}
}

type recorder struct{ errors []string }

func (r *recorder) Helper() {}
func (r *recorder) Errorf(f string, args ...any) {
	r.errors = append(r.errors, fmt.Sprintf(f, args...))
}
func (r *recorder) Fatalf(f string, args ...any) { r.Errorf(f, args...) }

func TestAroundFailsTheTest(t *testing.T) {
	t.Parallel()
	var r recorder
	h := discovery.Around(&r, false)(answering(200, jsonType, `{"colour":1}`))
	h.ServeHTTP(httptest.NewRecorder(), httptest.NewRequest("GET", eventsPath, nil))
	if len(r.errors) != 1 {
		t.Errorf("reported %q", r.errors)
	}
}

func TestLiteralPathsWinOverVariables(t *testing.T) {
	t.Parallel()
	d := load(t)
	for target, want := range map[string]string{eventsPath + "/watch": "calendar.events.watch", "/calendar/v3/channels/stop": "calendar.channels.stop"} {
		if m := d.Find("POST", target); m == nil || m.ID != want {
			t.Errorf("%s: %v", target, m)
		}
	}
	if m := d.Find("GET", "/calendar/v3/users/me/calendarList/a"); m == nil || m.ID != "calendar.calendarList.get" {
		t.Errorf("found %v", m)
	}
	if got := len(d.Methods()); got < 30 {
		t.Errorf("%d methods", got)
	}
}
