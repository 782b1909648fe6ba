package calendarv3_test

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"aura.example/integrations/shared/googlesim/calendarv3"
)

func TestCredentials(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := caller{w, ""}.do("GET", events(), nil).refused("401 required")
	if a.header.Get("WWW-Authenticate") == "" {
		t.Error("no challenge")
	}
	a = caller{w, "nobody"}.do("GET", events(), nil).refused("401 authError")
	if a.text("error", "errors", 0, "location") != "Authorization" || a.text("error", "status") != "UNAUTHENTICATED" {
		t.Errorf("answer %s", a.raw)
	}
	caller{w, ""}.do("GET", events(), nil, "Authorization: Basic x").refused("401 authError")
	caller{w, ""}.do("GET", events("oauth_token="+url.QueryEscape(owner+"|"+everything)), nil).refused("401 authError")
	caller{w, ""}.do("GET", "/calendar/v3/calendars/primary/events?oauth_token="+url.QueryEscape(owner+"|"+everything), nil).ok()
	caller{w, ""}.do("GET", events(), nil, "Authorization: bearer "+owner+"|"+everything).ok()
}

func TestPartialResponses(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.insert(weekly("serie"))
	for fields, want := range map[string]string{
		"id":                                    `{"id":"serie"}`,
		"id,start/timeZone":                     `{"id":"serie","start":{"timeZone":"Europe/Madrid"}}`,
		"start(timeZone),end(timeZone),summary": `{"end":{"timeZone":"Europe/Madrid"},"start":{"timeZone":"Europe/Madrid"},"summary":"Meeting serie"}`,
		"reminders/*":                           `{"reminders":{"useDefault":true}}`,
		"creator,creator/email":                 `{"creator":{"email":"owner@example.com","self":true}}`,
		"creator/self,creator(email)":           `{"creator":{"email":"owner@example.com","self":true}}`,
	} {
		got := w.owner().do("GET", events("serie", "fields="+fields, "prettyPrint=false"), nil).ok()
		if string(got.raw) != want {
			t.Errorf("%s: %s, want %s", fields, got.raw, want)
		}
	}
	got := w.owner().do("GET", events("fields=items(id,recurrence),nextSyncToken", "prettyPrint=false"), nil).ok()
	if len(got.doc) != 2 || string(mustJSON(t, got.get("items"))) != `[{"id":"serie","recurrence":["RRULE:FREQ=WEEKLY;COUNT=10"]}]` {
		t.Errorf("list: %s", got.raw)
	}
	w.owner().do("PATCH", events("serie", "fields=etag"), obj{"summary": "x"}).ok()
	for _, bad := range []string{"nothing", "id(", "id)", "start/", "items", "id/x", ",", "id,,etag", strings.Repeat("conferenceData(", 40)} {
		w.owner().do("GET", events("serie", "fields="+bad), nil).refused("400 invalidParameter")
	}
}

func mustJSON(t *testing.T, v any) []byte {
	t.Helper()
	raw, err := json.Marshal(v)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestGzipOnlyForAgentsThatSaySo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.insert(meeting("first", 1, 10))
	if a := w.owner().do("GET", events(), nil, "Accept-Encoding: gzip", "User-Agent: somebody/1.0").ok(); a.header.Get("Content-Encoding") != "" {
		t.Error("compressed without the agent saying gzip")
	}
	a := w.owner().do("GET", events(), nil, "Accept-Encoding: gzip", "User-Agent: somebody/1.0 (gzip)").ok()
	if a.header.Get("Content-Encoding") != "gzip" {
		t.Fatal("not compressed")
	}
	z, err := gzip.NewReader(bytes.NewReader(a.raw))
	w.must(err)
	plain, err := io.ReadAll(z)
	w.must(err)
	if !bytes.Contains(plain, []byte(`"first"`)) {
		t.Errorf("inside: %s", plain)
	}
}

func TestPrettyPrintIsOnUnlessSaid(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if a := w.owner().do("GET", events(), nil).ok(); !bytes.HasPrefix(a.raw, []byte("{\n \"")) {
		t.Errorf("%.20q", a.raw)
	}
	if a := w.owner().do("GET", events("prettyPrint=false"), nil).ok(); bytes.Contains(a.raw, []byte("\n")) {
		t.Errorf("%.20q", a.raw)
	}
}

func TestMethodOverride(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.insert(meeting("first", 1, 10))
	w.owner().do("POST", events("first"), obj{"summary": "x"}, "X-HTTP-Method-Override: PATCH").ok()
	a := w.owner().do("POST", events(), "maxResults=1&q=x", "X-HTTP-Method-Override: GET", "Content-Type: application/x-www-form-urlencoded").ok()
	if len(a.items()) != 1 {
		t.Errorf("listed %v", a.ids())
	}
	w.owner().do("POST", events(), strings.Repeat("x", 1<<20+1), "X-HTTP-Method-Override: GET", "Content-Type: application/x-www-form-urlencoded").refused("400 badRequest")
}

func TestBadRequests(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	day := `"start":{"date":"2026-12-01"},"end":{"date":"2026-12-02"}`
	for name, c := range map[string]struct {
		path, body string
		head       string
		want       string
	}{
		"no body":               {events(), "", "", "400 required"},
		"not JSON":              {events(), "{", "", "400 parseError"},
		"an array":              {events(), "[]", "", "400 parseError"},
		"null":                  {events(), "null", "", "400 parseError"},
		"two values":            {events(), "{}{}", "", "400 parseError"},
		"over a megabyte":       {events(), `{"summary":"` + strings.Repeat("x", 1<<20) + `"}`, "", "400 badRequest"},
		"just a megabyte":       {events(), `{` + day + `,"summary":"` + strings.Repeat("x", 1<<20-len(day)-15) + `"}`, "", ""},
		"a form":                {events(), "a=b", "Content-Type: application/x-www-form-urlencoded", "400 badContent"},
		"no type":               {events(), "{}", "Content-Type: ", "400 badContent"},
		"compressed":            {events(), "{}", "Content-Encoding: gzip", "400 badContent"},
		"type with a charset":   {events(), "{" + day + "}", "Content-Type: application/json; charset=utf-8", ""},
		"unknown parameter":     {events("colour=red"), "{}", "", "400 badRequest"},
		"another's parameter":   {events("syncToken=x"), "{}", "", "400 badRequest"},
		"twice":                 {events() + "?sendUpdates=all&sendUpdates=none", "{}", "", "400 invalidParameter"},
		"not of the list":       {events("sendUpdates=some"), "{}", "", "400 invalidParameter"},
		"not a flag":            {events("supportsAttachments=yes"), "{}", "", "400 invalidParameter"},
		"not a number":          {events("maxAttendees=few"), "{}", "", "400 invalidParameter"},
		"not JSON as an answer": {events("alt=media"), "{}", "", "400 invalidParameter"},
		"a broken query":        {events() + "?a=%zz", "{}", "", "400 badRequest"},
		"version 2":             {events("conferenceDataVersion=2"), "{}", "", "400 invalidParameter"},
		"conferences":           {events("conferenceDataVersion=1"), "{}", "", "501 notImplemented"},
		"labels":                {events("eventLabelVersion=1"), "{}", "", "501 notImplemented"},
		"attachments":           {events("supportsAttachments=true"), "{}", "", "501 notImplemented"},
		"explicit defaults":     {events("conferenceDataVersion=0", "eventLabelVersion=0", "supportsAttachments=false"), "{" + day + "}", "", ""},
	} {
		heads := []string{}
		if c.head != "" {
			heads = append(heads, c.head)
		}
		a := w.owner().do("POST", c.path, c.body, heads...)
		if c.want == "" {
			a.ok()
			continue
		}
		if got := a.refused(c.want); got.message() == "" {
			t.Errorf("%s: no message", name)
		}
	}
}

func TestUnknownPathsAreNotJSON(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.handler = w.Server
	for _, p := range []string{"/calendar/v3/", "/calendar/v3/nothing", "/calendar/v2/calendars/primary", "/calendar/v3/calendars//events", "/calendar/v3/calendars/primary/events/"} {
		a := w.owner().do("GET", p, nil)
		if a.status != 404 || a.doc != nil || !strings.HasPrefix(a.header.Get("Content-Type"), "text/html") {
			t.Errorf("%s: %d %s", p, a.status, a.header.Get("Content-Type"))
		}
	}
	if a := w.owner().do("POST", events("first"), "{}"); a.status != 404 || a.doc != nil {
		t.Errorf("a method that isn't there: %d", a.status)
	}
}

func TestIDsInPathsMayBeEscaped(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id, err := w.Server.AddCalendar(owner, calendarv3.Calendar{ID: "a/b c#d@group.calendar.google.com", Summary: "Odd"}, calendarv3.RoleOwner)
	w.must(err)
	w.owner().do("GET", on(id), nil).ok()
	w.owner().do("GET", "/calendar/v3/calendars/owner%40example.com/events", nil).ok()
	w.owner().do("GET", "/calendar/v3/calendars/OWNER@example.com/events", nil).refused("404 notFound")
}

func TestHTMLInTitlesIsEscapedInJSON(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := meeting("titel", 1, 10)
	m["summary"] = "<script>alert('x')</script>\u2028"
	a := w.insert(m)
	if bytes.Contains(a.raw, []byte("<script>")) || a.text("summary") != m["summary"] {
		t.Errorf("answer %s", a.raw)
	}
}

func TestBodyThatBreaksOff(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.handler = w.Server
	r := httptest.NewRequest("POST", "http://google.test"+events(), io.MultiReader(strings.NewReader("{"), broken{}))
	r.Header.Set("Authorization", "Bearer "+w.owner().token)
	r.Header.Set("Content-Type", "application/json")
	w.owner().send(r).refused("400 badRequest")
}

type broken struct{}

func (broken) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
