package calendarv3_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"testing"

	api "google.golang.org/api/calendar/v3"

	"aura.example/integrations/shared/calendar"
)

// typicalPage is a page of 2500 events of the size that people have: a
// description, some guests, a conference, a zone; one in ten recurs.
func typicalPage(b *testing.B) []byte {
	b.Helper()
	items := make([]map[string]any, 2500)
	for i := range items {
		e := map[string]any{
			"id": fmt.Sprintf("%026d", i), "status": "confirmed", "etag": fmt.Sprintf(`"%016d"`, i), "eventType": "default",
			"created": "2026-01-01T10:00:00.000Z", "updated": "2026-01-02T11:30:00.123Z",
			"summary": "Weekly planning with the team", "location": "Meeting room 3, second floor",
			"description": "Agenda: what was done, what is next, what is in the way.\nPlease bring <b>numbers</b>.",
			"start":       map[string]any{"dateTime": "2026-03-29T10:00:00+02:00", "timeZone": "Europe/Madrid"},
			"end":         map[string]any{"dateTime": "2026-03-29T11:00:00+02:00", "timeZone": "Europe/Madrid"},
			"organizer":   map[string]any{"self": true}, "hangoutLink": "https://meet.google.com/abc-defg-hij",
			"attendees": []map[string]any{
				{"email": "ana@example.com", "self": true, "organizer": true, "responseStatus": "accepted"},
				{"email": "ben@example.com", "displayName": "Ben", "responseStatus": "needsAction"},
			},
		}
		if i%10 == 0 {
			e["recurrence"] = []string{"RRULE:FREQ=WEEKLY;BYDAY=SU"}
		}
		items[i] = e
	}
	body, err := json.Marshal(map[string]any{"accessRole": "owner", "timeZone": "Europe/Madrid", "nextSyncToken": "s", "items": items})
	if err != nil {
		b.Fatal(err)
	}
	return body
}

// BenchmarkDecode10000 decodes four full pages without a network: through the
// whole reader, from the body to calendar.Remote, and, as the floor, through
// encoding/json into Google's own types alone. The two are to be compared
// within one run only.
func BenchmarkDecode10000(b *testing.B) {
	body := typicalPage(b)
	c := config("https://calendar.test")
	c.HTTPClient = &http.Client{Transport: can{200, body}}
	r := dial(b, c, steady)
	for name, page := range map[string]func() (int, error){
		"reader": func() (int, error) {
			p, err := r.Changes(b.Context(), calendar.Query{Calendar: primary})
			return len(p.Events), err
		},
		"floor": func() (int, error) {
			var p api.Events
			err := json.Unmarshal(body, &p)
			return len(p.Items), err
		},
	} {
		b.Run(name, func(b *testing.B) {
			b.SetBytes(int64(4 * len(body)))
			b.ReportAllocs()
			for b.Loop() {
				for range 4 {
					if n, err := page(); err != nil || n != 2500 {
						b.Fatal(n, err)
					}
				}
			}
			b.ReportMetric(float64(b.N)*10_000/b.Elapsed().Seconds(), "events/s")
		})
	}
}
