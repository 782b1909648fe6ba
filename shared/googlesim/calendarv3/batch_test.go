package calendarv3_test

import (
	"bytes"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"aura.example/integrations/shared/googlesim/calendarv3"
)

// batch sends inner calls, each a whole HTTP request without a body's headers, and returns the parts of the answer.
func (c caller) batch(calls ...string) (answer, []string) {
	c.w.t.Helper()
	var b bytes.Buffer
	m := multipart.NewWriter(&b)
	for i, call := range calls {
		p, err := m.CreatePart(map[string][]string{"Content-Type": {"application/http"}, "Content-Id": {fmt.Sprintf("<id + %d>", i)}})
		c.w.must(err)
		_, err = io.WriteString(p, call)
		c.w.must(err)
	}
	c.w.must(m.Close())
	r := httptest.NewRequest("POST", "http://google.test/batch/calendar/v3", &b)
	r.Header.Set("Content-Type", "multipart/mixed; boundary="+m.Boundary())
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	a := c.send(r)
	if a.status != http.StatusOK {
		return a, nil
	}
	_, args, err := mime.ParseMediaType(a.header.Get("Content-Type"))
	c.w.must(err)
	var parts []string
	in := multipart.NewReader(bytes.NewReader(a.raw), args["boundary"])
	for {
		p, err := in.NextPart()
		if err == io.EOF {
			return a, parts
		}
		c.w.must(err)
		raw, err := io.ReadAll(p)
		c.w.must(err)
		parts = append(parts, p.Header.Get("Content-Id")+" "+string(raw))
	}
}

const inner = "POST /calendar/v3/calendars/primary/events HTTP/1.1\r\nContent-Type: application/json\r\n\r\n"

func TestBatchRunsEachCallByItself(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, parts := w.owner().batch(
		inner+`{"id":"first","start":{"date":"2026-12-01"},"end":{"date":"2026-12-02"}}`,
		"GET /calendar/v3/calendars/primary/events/nones\r\n\r\n", // without a version, as the guide writes it
		"GET /calendar/v3/calendars/primary/events/first?fields=id HTTP/1.1\nAuthorization: Bearer nobody\n\n",
		"GET /calendar/v3/calendars/primary/events/first?fields=id HTTP/1.1\n\n",
		"DELETE /calendar/v3/calendars/primary/events/first HTTP/1.1\r\nIf-Match: \"0\"\r\n\r\n",
	)
	for i, want := range []string{"HTTP/1.1 200 OK", "HTTP/1.1 404 Not Found", "HTTP/1.1 401 Unauthorized", "HTTP/1.1 200 OK", "HTTP/1.1 412 Precondition Failed"} {
		if i >= len(parts) || !strings.HasPrefix(parts[i], fmt.Sprintf("<response-id + %d> %s\r\n", i, want)) {
			t.Errorf("part %d: want %s in %q", i, want, parts)
		}
	}
	if !strings.Contains(parts[3], `"id": "first"`) {
		t.Errorf("read back: %s", parts[3])
	}
}

func TestEachCallOfABatchCounts(t *testing.T) {
	t.Parallel()
	w := limited(t, calendarv3.Limits{UserPerMinute: 3})
	get := "GET /calendar/v3/calendars/primary/events HTTP/1.1\r\n\r\n"
	_, parts := w.owner().batch(get, get, get, get)
	if !strings.Contains(parts[2], "200 OK") || !strings.Contains(parts[3], "userRateLimitExceeded") {
		t.Errorf("third %.60q, fourth %.300q", parts[2], parts[3])
	}
}

func TestBadBatches(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	get := "GET /calendar/v3/calendars/primary/events HTTP/1.1\r\n\r\n"
	a, _ := w.owner().batch()
	a.refused("400 badRequest")
	many := make([]string, 1001)
	for i := range many {
		many[i] = "GET /calendar/v3/nothing HTTP/1.1\r\n\r\n"
	}
	w.handler = w.Server
	a, _ = w.owner().batch(many...)
	a.refused("400 badRequest")
	w.owner().do("POST", "/batch/calendar/v3", "{}").refused("400 badRequest")
	w.owner().do("POST", "/batch/calendar/v3", "--x", "Content-Type: multipart/mixed; boundary=x").refused("400 badRequest")
	w.owner().do("GET", "/batch/calendar/v3", nil).refused("404 notFound")
	_, parts := w.owner().batch("", "nonsense", "GET https://google.test/calendar/v3/x HTTP/1.1\r\n\r\n", "POST /batch/calendar/v3 HTTP/1.1\r\n\r\n", get)
	for i, p := range parts[:4] {
		if !strings.Contains(p, "HTTP/1.1 400") {
			t.Errorf("part %d: %.80q", i, p)
		}
	}
	if !strings.Contains(parts[4], "HTTP/1.1 200") {
		t.Errorf("the good one: %.80q", parts[4])
	}
}
