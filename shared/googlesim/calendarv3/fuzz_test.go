package calendarv3_test

import (
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"aura.example/integrations/shared/googlesim/discovery"
)

// FuzzRequests throws anything at the API: it never panics, never answers what Google's document doesn't describe, and
// never takes more than the horizon of a series to do so.
func FuzzRequests(f *testing.F) {
	day := `"start":{"date":"2026-12-01"},"end":{"date":"2026-12-02"}`
	timed := `"start":{"dateTime":"2026-12-01T10:00:00+01:00","timeZone":"Europe/Madrid"},"end":{"dateTime":"2026-12-01T11:00:00+01:00","timeZone":"Europe/Madrid"}`
	for _, s := range []struct{ verb, target, kind, body string }{
		{"GET", "calendars/primary/events?maxResults=3&singleEvents=true&orderBy=startTime", "", ""},
		{"GET", "calendars/primary/events?timeMin=2026-12-01T00:00:00Z&timeMax=2027-12-01T00:00:00%2B01:00&q=a%20b&timeZone=Asia/Tokyo", "", ""},
		{"GET", "calendars/primary/events?syncToken=cwQC14%2Bf8Kzvnc84AAAEAKCCoLANAAAAAG2aiGjCFZdu&pageToken=cA==&fields=items(id,start/dateTime),nextSyncToken", "", ""},
		{"GET", "calendars/primary/events/serie_20261208T090000Z?maxAttendees=1&fields=*", "", ""},
		{"GET", "calendars/primary/events/serie/instances?originalStart=2026-12-08T09:00:00Z&showDeleted=true", "", ""},
		{"GET", "users/me/calendarList?showHidden=true&minAccessRole=reader", "", ""},
		{"POST", "calendars/primary/events", "application/json", `{"id":"abcde",` + day + `,"recurrence":["RRULE:FREQ=YEARLY;BYWEEKNO=53;BYDAY=MO;BYSETPOS=-1"]}`},
		{"POST", "calendars/primary/events", "application/json", `{` + timed + `,"recurrence":["RRULE:FREQ=MONTHLY;BYDAY=-1FR;COUNT=3","RDATE;VALUE=PERIOD:20261201T100000Z/PT1H","EXDATE;TZID=GMT+02:00:20261201T100000"],"attendees":[{"email":"a@b.c"}]}`},
		{"POST", "calendars/primary/events/import", "application/json", `{"iCalUID":"x@y",` + day + `,"organizer":{"email":"o@p.q"}}`},
		{"PATCH", "calendars/primary/events/serie", "application/json", `{"start":{"date":"2026-12-01","dateTime":null,"timeZone":null},"end":{"date":"2026-12-02","dateTime":null},"recurrence":null}`},
		{"PUT", "calendars/primary/events/serie_20261208T090000Z", "application/json", `{"sequence":0,"visibility":"private","description":"<b>x</i>-::~:~::",` + timed + `}`},
		{"DELETE", "calendars/primary/events/serie_20261215T090000Z", "", ""},
		{"POST", "calendars/primary/events/single/move?destination=primary", "", ""},
		{"POST", "calendars/primary/events/watch", "application/json", `{"id":"c","type":"web_hook","address":"https://x.example","expiration":"9999999999999","params":{"ttl":"60"}}`},
		{"POST", "channels/stop", "application/json", `{"id":"c","resourceId":"r"}`},
		{"POST", "/batch/calendar/v3", "multipart/mixed; boundary=b", "--b\r\nContent-Type: application/http\r\n\r\nGET /calendar/v3/calendars/primary/events HTTP/1.1\r\n\r\n\r\n--b--"},
	} {
		f.Add(s.verb, s.target, s.kind, s.body)
	}
	doc, err := discovery.Load()
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, verb, target, kind, body string) {
		if !strings.HasPrefix(target, "/batch/") {
			target = "/calendar/v3/" + target
		}
		u, err := url.ParseRequestURI(target)
		if err != nil || verb == "" || strings.ContainsFunc(verb, func(r rune) bool { return r < 'A' || r > 'Z' }) {
			t.Skip("no HTTP request")
		}
		w := newWorld(t)
		w.handler = w.Server
		w.insert(weekly("serie"))
		w.insert(meeting("single", 2, 10))
		r := httptest.NewRequest(verb, "http://google.test/", strings.NewReader(body))
		r.URL.Path, r.URL.RawPath, r.URL.RawQuery = u.Path, u.RawPath, u.RawQuery
		r.Header.Set("Content-Type", kind)
		r.Header.Set("Authorization", "Bearer "+owner+"|"+everything)
		rec := httptest.NewRecorder()
		guarded := doc.GuardAnswers(w.Server, func(problem string) {
			// Members that Calendar overlooks are accepted on purpose; only what is answered is at stake here.
			if strings.HasPrefix(problem, "answer") {
				t.Error(problem)
			}
		})
		guarded.ServeHTTP(rec, r)
		if rec.Code == http.StatusInternalServerError {
			t.Errorf("internal error: %s", rec.Body)
		}
		// Whatever that was, the calendar can still be read.
		for _, path := range []string{events(), events("singleEvents=true", "showDeleted=true", "orderBy=startTime")} {
			w.handler = doc.GuardAnswers(w.Server, func(problem string) { t.Error(problem) })
			w.owner().do("GET", path, nil).ok()
		}
	})
}
