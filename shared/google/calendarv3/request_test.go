package calendarv3_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"testing"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/google"
)

// recorder keeps the requests and answers each with the same.
type recorder struct {
	answer   http.Handler
	requests []*http.Request
}

func (r *recorder) ServeHTTP(w http.ResponseWriter, req *http.Request) {
	r.requests = append(r.requests, req)
	r.answer.ServeHTTP(w, req)
}

const lastPage = `{"accessRole":"owner","nextSyncToken":"s2"}`

func TestListsAskForTheSameThings(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		q    calendar.Query
		want url.Values // beyond what every list asks for
	}{
		{"from the beginning", calendar.Query{}, nil},
		{"the next page", calendar.Query{PageToken: "p2"}, url.Values{"pageToken": {"p2"}}},
		{"changes", calendar.Query{Cursor: "s1"}, url.Values{"syncToken": {"s1"}}},
		{"the next page of changes", calendar.Query{Cursor: "s1", PageToken: "p2"}, url.Values{"syncToken": {"s1"}, "pageToken": {"p2"}}},
		{"short pages", calendar.Query{MaxResults: 10}, url.Values{"maxResults": {"10"}}},
		{"longer pages than there are", calendar.Query{MaxResults: 2501}, nil},
		{"birthdays too", calendar.Query{Kinds: []string{google.KindBirthday}},
			url.Values{"eventTypes": {"birthday", "default", "focusTime", "fromGmail", "outOfOffice"}}},
		{"every kind, in any order, named twice", calendar.Query{Cursor: "s1", Kinds: []string{google.KindWorkingLocation, google.KindBirthday, google.KindWorkingLocation}},
			url.Values{"syncToken": {"s1"}, "eventTypes": {"birthday", "default", "focusTime", "fromGmail", "outOfOffice", "workingLocation"}}},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			rec := &recorder{answer: says(200, lastPage)}
			tc.q.Calendar = primary
			if _, err := serve(t, rec).Changes(t.Context(), tc.q); err != nil {
				t.Fatal(err)
			}
			got := rec.requests[0].URL.Query()
			if got.Get("fields") == "" {
				t.Error("asks for whole events")
			}
			got.Del("fields")
			want := url.Values{
				"alt": {"json"}, "prettyPrint": {"false"},
				"singleEvents": {"false"}, "maxResults": {"2500"},
				"eventTypes": {"default", "focusTime", "fromGmail", "outOfOffice"},
			}
			for name, values := range tc.want {
				want[name] = values
			}
			if got.Encode() != want.Encode() {
				t.Errorf("asks\n%s, want\n%s", got.Encode(), want.Encode())
			}
		})
	}
}

// TestCalendarIDsAreEscaped: an id is an e-mail, or a group's address with a #
// in it.
func TestCalendarIDsAreEscaped(t *testing.T) {
	t.Parallel()
	for _, id := range []string{"ana@example.com", "en.spain#holiday@group.v.calendar.google.com", "a/b?c"} {
		rec := &recorder{answer: says(200, lastPage)}
		if _, err := serve(t, rec).Changes(t.Context(), calendar.Query{Calendar: id}); err != nil {
			t.Fatal(err)
		}
		if got, want := rec.requests[0].URL.Path, "/calendar/v3/calendars/"+id+"/events"; got != want {
			t.Errorf("asked for %s, want %s", got, want)
		}
	}
}

func TestCalendarsAsksForHiddenOnesToo(t *testing.T) {
	t.Parallel()
	rec := &recorder{answer: says(200, `{"items":[{"id":"ana@example.com","primary":true,"accessRole":"owner"}]}`)}
	if _, err := serve(t, rec).Calendars(t.Context()); err != nil {
		t.Fatal(err)
	}
	q := rec.requests[0].URL.Query()
	if q.Get("showHidden") != "true" || q.Get("maxResults") != "250" || q.Has("showDeleted") || q.Has("minAccessRole") {
		t.Errorf("asks %v", q)
	}
}

func TestRequestsAreSignedNamedAndCounted(t *testing.T) {
	t.Parallel()
	rec := &recorder{answer: says(200, `{"id":"e1"}`)}
	srv := httptest.NewServer(rec)
	defer srv.Close()
	ctx, calls := google.CountCalls(t.Context())
	if _, err := dial(t, config(srv.URL), steady).Event(ctx, primary, "e1"); err != nil {
		t.Fatal(err)
	}
	r := rec.requests[0]
	if got := r.Header.Get("Authorization"); got != "Bearer canary-token" {
		t.Errorf("Authorization %q", got)
	}
	if got := r.Header.Values("User-Agent"); !slices.Equal(got, []string{"aura-integrations/1 (gzip)"}) {
		t.Errorf("User-Agent %q", got)
	}
	if calls() != 1 {
		t.Errorf("counted %d calls", calls())
	}
}

func TestBaseNeedsNoFinalSlash(t *testing.T) {
	t.Parallel()
	rec := &recorder{answer: says(200, `{"id":"e1"}`)}
	srv := httptest.NewServer(rec)
	defer srv.Close()
	c := config(srv.URL)
	c.CalendarURL = srv.URL + "/proxy/calendar/v3"
	if _, err := dial(t, c, steady).Event(t.Context(), primary, "e1"); err != nil {
		t.Fatal(err)
	}
	if got := rec.requests[0].URL.Path; got != "/proxy/calendar/v3/calendars/primary/events/e1" {
		t.Errorf("asked for %s", got)
	}
}
