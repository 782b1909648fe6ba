package calendarv3_test

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
)

// TestCursorsAndPagesThatNoLongerWork: each leads to a resync, and a resync
// that meets the same doesn't lead to another.
func TestCursorsAndPagesThatNoLongerWork(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name  string
		q     calendar.Query
		body  string
		code  int
		kind  fault.Kind
		cause string
	}{
		{"an expired cursor", calendar.Query{Cursor: "s"}, refusal(410, "fullSyncRequired"), 410, fault.Resync, "cursor_expired"},
		{"an expired cursor, half way", calendar.Query{Cursor: "s", PageToken: "p"}, refusal(410, "fullSyncRequired"), 410, fault.Resync, "cursor_expired"},
		{"an expired page of a first list", calendar.Query{PageToken: "p"}, refusal(410, "fullSyncRequired"), 410, fault.Resync, "cursor_expired"},
		{"an expired cursor, as a page", calendar.Query{Cursor: "s"}, "<h1>Gone</h1>", 410, fault.Resync, "cursor_expired"},
		{"a cursor that never was one", calendar.Query{Cursor: "s"}, refusal(400, "invalid"), 400, fault.Resync, "cursor_invalid"},
		{"a page that never was one", calendar.Query{PageToken: "p"}, refusal(400, "invalid"), 400, fault.Resync, "cursor_invalid"},
		{"another 400 with a cursor", calendar.Query{Cursor: "s"}, refusal(400, "badRequest"), 400, fault.Refused, "provider_refused"},
		{"400 from the beginning", calendar.Query{}, refusal(400, "invalid"), 400, fault.Refused, "provider_refused"},
		{"410 from the beginning", calendar.Query{}, refusal(410, "fullSyncRequired"), 410, fault.CalendarLost, "calendar_not_found"},
		{"a deleted calendar", calendar.Query{Cursor: "s"}, refusal(410, "deleted"), 410, fault.CalendarLost, "calendar_not_found"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			tc.q.Calendar = primary
			_, err := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if strings.Contains(r.URL.Path, "calendarList") { // the second look at a lost calendar
					says(404, refusal(404, "notFound"))(w, r)
					return
				}
				says(tc.code, tc.body)(w, r)
			})).Changes(t.Context(), tc.q)
			if fault.KindOf(err) != tc.kind || fault.CodeOf(err) != tc.cause {
				t.Errorf("%v, want %s %s", err, tc.kind, tc.cause)
			}
		})
	}
}

// TestALostCalendarIsLookedForTwice: complaint 19, and never a mass deletion.
func TestALostCalendarIsLookedForTwice(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		status int
		entry  string
		kind   fault.Kind
		code   string
	}{
		{"not in the list either", 404, refusal(404, "notFound"), fault.CalendarLost, "calendar_not_found"},
		{"in the list as deleted", 200, `{"id":"c","deleted":true}`, fault.CalendarLost, "calendar_not_found"},
		{"still in the list", 200, `{"id":"c","accessRole":"owner"}`, fault.Transient, "calendar_flickers"},
		{"the list is null", 200, "null", fault.Transient, "provider_unreadable"},
		{"the list can't be read", 503, "", fault.Transient, "provider_unavailable"},
		{"the list is a page", 404, "<h1>Not Found</h1>", fault.Transient, "provider_unreadable"},
		{"the list may not be read", 403, refusal(403, "insufficientPermissions"), fault.ScopeMissing, "scope_missing"},
		{"the access is gone", 401, refusal(401, "authError"), fault.Unauthorized, "token_refused"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			looked := 0
			_, err := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.URL.Path == "/calendar/v3/users/me/calendarList/c" {
					looked++
					says(tc.status, tc.entry)(w, r)
					return
				}
				says(404, refusal(404, "notFound"))(w, r)
			})).Changes(t.Context(), calendar.Query{Calendar: "c", Cursor: "s"})
			if fault.KindOf(err) != tc.kind || fault.CodeOf(err) != tc.code || looked != 1 {
				t.Errorf("%v after %d looks, want %s %s", err, looked, tc.kind, tc.code)
			}
		})
	}
}

func TestTroublesOfOneEvent(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		status int
		body   string
		kind   fault.Kind
		code   string
	}{
		{"unknown", 404, refusal(404, "notFound"), fault.Gone, "event_not_found"},
		{"unknown to something on the way", 404, "<h1>canary</h1>", fault.Transient, "provider_unreadable"},
		{"gone", 410, refusal(410, "deleted"), fault.Gone, "event_deleted"},
		{"null", 200, "null", fault.Transient, "provider_unreadable"},
		{"without an id", 200, "{}", fault.Transient, "provider_unreadable"},
		{"not ours", 403, refusal(403, "forbiddenForNonOrganizer"), fault.Item, "not_the_organizer"},
		{"too little access", 403, refusal(403, "requiredAccessLevel"), fault.Item, "access_level_too_low"},
		{"of a restricted type", 403, refusal(403, "eventTypeRestriction"), fault.Item, "event_type_restricted"},
		{"an id that can't be", 400, refusal(400, "invalid"), fault.Refused, "provider_refused"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, err := serve(t, says(tc.status, tc.body)).Event(t.Context(), primary, "e1")
			checkFault(t, err, trouble{kind: tc.kind, code: tc.code})
		})
	}
}

func TestTroublesOfTheCalendarList(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		status int
		body   string
		kind   fault.Kind
		code   string
	}{
		{"nothing", 200, "{}", fault.Transient, "provider_unreadable"},
		{"deleted ones only", 200, `{"items":[{"id":"c","deleted":true}]}`, fault.Transient, "provider_unreadable"},
		{"null", 200, "null", fault.Transient, "list_incomplete"},
		{"a list that never ends", 200, `{"items":[{"id":"c"}],"nextPageToken":"p"}`, fault.Transient, "list_incomplete"},
		{"not found", 404, refusal(404, "notFound"), fault.Transient, "provider_unreadable"},
		{"no permission", 403, refusal(403, "insufficientPermissions"), fault.ScopeMissing, "scope_missing"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, err := serve(t, says(tc.status, tc.body)).Calendars(t.Context())
			checkFault(t, err, trouble{kind: tc.kind, code: tc.code})
		})
	}
}

// TestTheMissingScopeIsNamed, so that consent can be asked for again.
func TestTheMissingScopeIsNamed(t *testing.T) {
	t.Parallel()
	r := serve(t, says(403, refusal(403, "insufficientPermissions")))
	_, list := r.Calendars(t.Context())
	_, changes := r.Changes(t.Context(), calendar.Query{Calendar: primary})
	for want, err := range map[string]error{
		"[https://www.googleapis.com/auth/calendar.calendarlist.readonly]": list,
		"[https://www.googleapis.com/auth/calendar.events]":                changes,
	} {
		if m := fault.Of(err).Message; !strings.Contains(m, "calendars (to ") || strings.Contains(m, "http") {
			t.Errorf("%s: a person reads %q", want, m)
		}
		if got := fmt.Sprint(fault.Of(err).Extra["scopes"]); got != want {
			t.Errorf("names %s, want %s", got, want)
		}
	}
}

// TestReasonsAreLogged: whoever looks for a cause finds the call, the status
// and the reason.
func TestReasonsAreLogged(t *testing.T) {
	t.Parallel()
	_, err := serve(t, says(403, refusal(403, "newReason"))).Calendars(t.Context())
	for _, want := range []string{"listing the calendars", "403", "newReason"} {
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q is not in %v", want, err)
		}
	}
	if m := fault.Of(err).Message; !strings.Contains(m, "newReason") {
		t.Errorf("an unknown refusal is shown without its reason: %s", m)
	}
}

// TestRepeatedPages: the same page token on and on would be an endless list.
func TestRepeatedPages(t *testing.T) {
	t.Parallel()
	b := &book{pages: 3, size: 1}
	r := serve(t, http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		if req.URL.Query().Get("pageToken") == "page-1" { // answered with the page before it
			_ = json.NewEncoder(w).Encode(b.page(0))
			return
		}
		b.ServeHTTP(w, req)
	}))
	_, err := r.Changes(t.Context(), calendar.Query{Calendar: primary, PageToken: "page-1"})
	if fault.KindOf(err) != fault.Transient || fault.CodeOf(err) != "page_repeated" {
		t.Errorf("%v", err)
	}
}

// TestPageTokensAreNotUnderstood: one that looks like another is followed all
// the same, and both tokens at once mean that there is more.
func TestPageTokensAreNotUnderstood(t *testing.T) {
	t.Parallel()
	p, err := serve(t, says(200, `{"accessRole":"owner","nextPageToken":"\u0001 changed&pageToken=x","nextSyncToken":"s"}`)).
		Changes(t.Context(), calendar.Query{Calendar: primary, PageToken: "p"})
	if err != nil || p.NextPage != "\x01 changed&pageToken=x" || p.Cursor != "" {
		t.Errorf("%+v %v", p, err)
	}
	rec := &recorder{answer: says(200, lastPage)}
	if _, err := serve(t, rec).Changes(t.Context(), calendar.Query{Calendar: primary, PageToken: p.NextPage}); err != nil {
		t.Fatal(err)
	}
	if got := rec.requests[0].URL.Query()["pageToken"]; len(got) != 1 || got[0] != p.NextPage {
		t.Errorf("sent %q", got)
	}
}

// TestSlowAnswers: one that never begins, and one that drips. Neither outlasts
// the timeout, which covers the body too.
func TestSlowAnswers(t *testing.T) {
	t.Parallel()
	for name, begin := range map[string]bool{"never begins": false, "drips": true} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				for begin {
					if _, err := w.Write([]byte(" ")); err != nil || r.Context().Err() != nil {
						return
					}
					w.(http.Flusher).Flush()
				}
				<-r.Context().Done()
			}))
			defer srv.Close()
			c := config(srv.URL)
			c.MaxAnswer = 1 << 40 // so that it is the time that runs out
			c.HTTPClient = &http.Client{Timeout: 100 * time.Millisecond}
			_, err := dial(t, c, steady).Changes(t.Context(), calendar.Query{Calendar: primary})
			checkFault(t, err, trouble{kind: fault.Transient, code: "provider_unreachable"})
			if !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("doesn't say that time ran out: %v", err)
			}
		})
	}
}

func TestCancelledCallsSaySo(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	_, err := serve(t, http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		cancel()
		<-r.Context().Done()
	})).Calendars(ctx)
	if !errors.Is(err, context.Canceled) || !fault.Is(err, fault.Transient) {
		t.Errorf("%v", err)
	}
}
