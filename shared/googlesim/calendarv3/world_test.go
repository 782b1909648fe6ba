package calendarv3_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"aura.example/integrations/shared/googlesim/calendarv3"
	"aura.example/integrations/shared/googlesim/discovery"
)

// The accounts of most tests. owner has the calendar; the others see it as their names say once share has been called.
const (
	owner  = "owner@example.com"
	writer = "writer@example.com"
	reader = "reader@example.com"
	free   = "free@example.com"
)

// everything is what a client asks for that wants it all.
const everything = "calendar"

// aura is what the product asks for.
const aura = "calendar.events,calendar.calendarlist.readonly"

// world is a server with a clock, behind the drift guard, and what it pushed.
type world struct {
	t       testing.TB
	Server  *calendarv3.Server
	handler http.Handler

	mu     sync.Mutex
	now    time.Time
	pushed []*http.Request
}

// newWorld makes a server in Madrid time with the owner's account and no events. Quotas are off unless a test sets them.
func newWorld(t testing.TB, configure ...func(*calendarv3.Options)) *world {
	t.Helper()
	w := &world{t: t, now: time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)}
	o := calendarv3.Options{
		Now: w.time,
		Authenticate: func(bearer string) (calendarv3.Identity, bool) {
			email, rest, ok := strings.Cut(bearer, "|")
			scopes, project, _ := strings.Cut(rest, "|")
			id := calendarv3.Identity{Email: email, Subject: "sub-" + email, Project: "project" + project}
			for s := range strings.SplitSeq(scopes, ",") {
				id.Scopes = append(id.Scopes, "https://www.googleapis.com/auth/"+s)
			}
			return id, ok
		},
		Deliver: func(r *http.Request) {
			w.mu.Lock()
			defer w.mu.Unlock()
			w.pushed = append(w.pushed, r)
		},
		Limits: calendarv3.Limits{ProjectPerMinute: -1, UserPerMinute: -1, CalendarWritesPerMinute: -1, UserWritesPerDay: -1},
	}
	for _, c := range configure {
		c(&o)
	}
	w.Server = calendarv3.New(o)
	w.handler = discovery.Around(t, true)(w.Server)
	w.must(w.Server.AddAccount(owner, "Europe/Madrid"))
	return w
}

func (w *world) must(err error) {
	w.t.Helper()
	if err != nil {
		w.t.Fatal(err)
	}
}

func (w *world) time() time.Time {
	w.mu.Lock()
	defer w.mu.Unlock()
	return w.now
}

func (w *world) advance(d time.Duration) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.now = w.now.Add(d)
}

// messages are the push messages so far, as "number state channel".
func (w *world) messages() []string {
	w.mu.Lock()
	defer w.mu.Unlock()
	var out []string
	for _, r := range w.pushed {
		out = append(out, fmt.Sprintf("%s %s %s", r.Header.Get("X-Goog-Message-Number"), r.Header.Get("X-Goog-Resource-State"), r.Header.Get("X-Goog-Channel-ID")))
	}
	return out
}

// share gives the other accounts their roles on the owner's calendar.
func (w *world) share() {
	w.t.Helper()
	for email, role := range map[string]calendarv3.Role{writer: calendarv3.RoleWriter, reader: calendarv3.RoleReader, free: calendarv3.RoleFreeBusy} {
		w.must(w.Server.AddAccount(email, "Europe/Madrid"))
		w.must(w.Server.Share(email, owner, role))
	}
}

// answer is what came back.
type answer struct {
	t      testing.TB
	status int
	header http.Header
	raw    []byte
	doc    map[string]any
}

// caller is an account with a token.
type caller struct {
	w     *world
	token string
}

func (w *world) as(email, scopes string) caller { return caller{w, email + "|" + scopes} }

// owner is the owner with every scope.
func (w *world) owner() caller { return w.as(owner, everything) }

// do sends a request; body is JSON text, or a value to be marshalled; heads are "Name: value".
func (c caller) do(verb, path string, body any, heads ...string) answer {
	c.w.t.Helper()
	var raw []byte
	switch b := body.(type) {
	case nil:
	case string:
		raw = []byte(b)
	default:
		var err error
		if raw, err = json.Marshal(b); err != nil {
			c.w.t.Fatal(err)
		}
	}
	r := httptest.NewRequest(verb, "http://google.test"+path, bytes.NewReader(raw))
	if raw != nil {
		r.Header.Set("Content-Type", "application/json")
	}
	if c.token != "" {
		r.Header.Set("Authorization", "Bearer "+c.token)
	}
	for _, h := range heads {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Set(name, value)
	}
	return c.send(r)
}

func (c caller) send(r *http.Request) answer {
	c.w.t.Helper()
	rec := httptest.NewRecorder()
	c.w.handler.ServeHTTP(rec, r)
	out := answer{t: c.w.t, status: rec.Code, header: rec.Header(), raw: rec.Body.Bytes()}
	if strings.HasPrefix(rec.Header().Get("Content-Type"), "application/json") && rec.Header().Get("Content-Encoding") == "" {
		if err := json.Unmarshal(out.raw, &out.doc); err != nil {
			c.w.t.Fatalf("%s %s: answer is not JSON: %v", r.Method, r.URL, err)
		}
	}
	return out
}

// events is the path of a calendar's events; more parts and then query parameters "a=b" follow.
func events(parts ...string) string {
	path, q := "/calendar/v3/calendars/primary/events", url.Values{}
	for _, p := range parts {
		if name, value, ok := strings.Cut(p, "="); ok {
			q.Add(name, value)
			continue
		}
		path += "/" + url.PathEscape(p)
	}
	if len(q) > 0 {
		path += "?" + q.Encode()
	}
	return path
}

// on is events of another calendar.
func on(calendar string, parts ...string) string {
	return strings.Replace(events(parts...), "/primary/", "/"+url.PathEscape(calendar)+"/", 1)
}

// ok expects 200 (or 204).
func (a answer) ok() answer {
	a.t.Helper()
	if a.status != http.StatusOK && a.status != http.StatusNoContent {
		a.t.Fatalf("status %d: %s", a.status, a.raw)
	}
	return a
}

// refused expects an error, "409 duplicate".
func (a answer) refused(want string) answer {
	a.t.Helper()
	if got := fmt.Sprintf("%d %s", a.status, a.reason()); got != want {
		a.t.Fatalf("answered %s, want %s: %s", got, want, a.raw)
	}
	return a
}

func (a answer) reason() string {
	reason, _ := dig(a.doc, "error", "errors", 0, "reason").(string)
	return reason
}

func (a answer) message() string {
	m, _ := dig(a.doc, "error", "message").(string)
	return m
}

// get digs into the document.
func (a answer) get(path ...any) any { return dig(a.doc, path...) }

func (a answer) text(path ...any) string {
	s, _ := dig(a.doc, path...).(string)
	return s
}

func dig(v any, path ...any) any {
	for _, p := range path {
		switch p := p.(type) {
		case string:
			m, _ := v.(map[string]any)
			v = m[p]
		case int:
			l, _ := v.([]any)
			if p >= len(l) {
				return nil
			}
			v = l[p]
		}
	}
	return v
}

// items are the documents of a list answer.
func (a answer) items() []map[string]any {
	var out []map[string]any
	l, _ := a.doc["items"].([]any)
	for _, i := range l {
		m, _ := i.(map[string]any)
		out = append(out, m)
	}
	return out
}

// ids are the items' ids, in order.
func (a answer) ids() []string {
	out := []string{}
	for _, i := range a.items() {
		id, _ := i["id"].(string)
		out = append(out, id)
	}
	return out
}

// find is the item of an id.
func (a answer) find(id string) map[string]any {
	for _, i := range a.items() {
		if i["id"] == id {
			return i
		}
	}
	return nil
}

type (
	handlerFunc    = http.HandlerFunc
	responseWriter = http.ResponseWriter
	request        = http.Request
)

// obj abbreviates JSON.
type obj = map[string]any

// at is a timed EventDateTime in Madrid on a day of December 2026.
func at(day, hour int) obj {
	return obj{"dateTime": fmt.Sprintf("2026-12-%02dT%02d:00:00", day, hour), "timeZone": "Europe/Madrid"}
}

// meeting is a body for insert: an hour in December.
func meeting(id string, day, hour int) obj {
	return obj{"id": id, "summary": "Meeting " + id, "start": at(day, hour), "end": at(day, hour+1)}
}

// weekly is a body for insert: an hour a week from the first of December (a Tuesday).
func weekly(id string) obj {
	m := meeting(id, 1, 10)
	m["recurrence"] = []string{"RRULE:FREQ=WEEKLY;COUNT=10"}
	return m
}

// insert creates an event that has to be accepted.
func (w *world) insert(body obj) answer {
	w.t.Helper()
	return w.owner().do("POST", events(), body).ok()
}

// syncToken lists to the end and returns the token.
func (w *world) syncToken(c caller, parts ...string) string {
	w.t.Helper()
	page := ""
	for {
		p := parts
		if page != "" {
			p = append(append([]string{}, parts...), "pageToken="+page)
		}
		a := c.do("GET", events(p...), nil).ok()
		if page = a.text("nextPageToken"); page == "" {
			return a.text("nextSyncToken")
		}
	}
}

// escape is for tokens put into a path by hand: they have characters that a query takes for its own.
func escape(token string) string { return url.QueryEscape(token) }
