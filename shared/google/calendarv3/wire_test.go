package calendarv3_test

import (
	"context"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/google"
	"aura.example/integrations/shared/google/calendarv3"
)

// moment is what every injected clock shows.
var moment = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

// primary is the calendar of most tests.
const primary = "primary"

// config is a configuration for a Google under base.
func config(base string) google.Config {
	c := google.Defaults()
	c.ClientID = "client"
	c.CalendarURL = base + "/calendar/v3/"
	return c
}

// dial opens a reader of the Google under base.
func dial(t testing.TB, c google.Config, access calendar.Access) calendar.Reader {
	t.Helper()
	client, err := calendarv3.New(c, func() time.Time { return moment })
	if err != nil {
		t.Fatal(err)
	}
	return client.Open(access)
}

// steady is an access that has one token and can't renew it.
func steady(context.Context, string) (string, error) { return "canary-token", nil }

// serve starts a Google that answers with h, and opens a reader of it.
func serve(t testing.TB, h http.Handler) calendar.Reader {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	return dial(t, config(srv.URL), steady)
}

// says answers everything alike.
func says(status int, body string, header ...string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json; charset=UTF-8")
		for i := 0; i+1 < len(header); i += 2 {
			w.Header().Set(header[i], header[i+1])
		}
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

// refusal is an error as Google writes it.
func refusal(status int, reason string) string {
	return fmt.Sprintf(`{"error":{"errors":[{"domain":"global","reason":%q,"message":"canary"}],"code":%d,"message":"canary"}}`, reason, status)
}

// book is a calendar of numbered events, paged as Google pages: page tokens,
// then a sync token. It speaks the wire format and knows nothing else.
type book struct{ pages, size int }

func (b *book) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.URL.Path != "/calendar/v3/calendars/primary/events" {
		says(404, refusal(404, "notFound"))(w, r)
		return
	}
	n := 0
	if token := r.URL.Query().Get("pageToken"); token != "" {
		var err error
		if n, err = strconv.Atoi(strings.TrimPrefix(token, "page-")); err != nil {
			says(400, refusal(400, "invalid"))(w, r)
			return
		}
	}
	_ = json.NewEncoder(w).Encode(b.page(n))
}

// page is page n, from 0.
func (b *book) page(n int) map[string]any {
	items := make([]map[string]any, b.size)
	for i := range items {
		items[i] = map[string]any{"id": fmt.Sprintf("event%d", n*b.size+i), "status": "confirmed",
			"start": map[string]any{"date": "2026-01-01"}, "end": map[string]any{"date": "2026-01-02"}}
	}
	answer := map[string]any{"accessRole": "owner", "timeZone": "Europe/Madrid", "items": items}
	if n+1 < b.pages {
		answer["nextPageToken"] = "page-" + strconv.Itoa(n+1)
	} else {
		answer["nextSyncToken"] = "sync"
	}
	return answer
}
