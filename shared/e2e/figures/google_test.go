package figures_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"testing"
	"time"
)

// perPage is what the engine asks for.
const perPage = 2500

// pages is a Google whose answers were written beforehand: asking it costs next
// to nothing.
type pages struct {
	total  int
	bodies [][]byte // nil where they are another process's
	url    string
	// overTheWire has the worker reach it by its address, as another process does.
	overTheWire bool
}

func newPages(total int) *pages {
	p := &pages{total: total, url: "https://google.example/"}
	for from := 0; from < total; from += perPage {
		p.bodies = append(p.bodies, page(from, min(from+perPage, total), total))
	}
	return p
}

// page renders one page of events as people have them: a title, a place, a
// paragraph, two guests.
func page(from, to, total int) []byte {
	start := time.Date(2031, 1, 6, 8, 0, 0, 0, time.UTC)
	items := make([]map[string]any, 0, to-from)
	for i := from; i < to; i++ {
		at := start.Add(time.Duration(i) * time.Hour)
		items = append(items, map[string]any{
			"kind": "calendar#event", "id": fmt.Sprintf("event%021d", i), "etag": fmt.Sprintf(`"%d"`, 3500000000000000+i), "status": "confirmed",
			"created": "2030-11-20T10:00:00.000Z", "updated": "2030-11-20T10:00:00.000Z", "eventType": "default", "iCalUID": fmt.Sprintf("event%021d@google.com", i),
			"summary": fmt.Sprintf("Quarterly review %d with the team", i), "location": "Meeting room 4, second floor",
			"description": "We look at what was planned, what was done, and what comes next. Bring the figures of your own part.",
			"organizer":   map[string]any{"email": "agent@example.com", "self": true}, "creator": map[string]any{"email": "agent@example.com", "self": true},
			"start": map[string]any{"dateTime": at.Format(time.RFC3339), "timeZone": "Europe/Berlin"},
			"end":   map[string]any{"dateTime": at.Add(time.Hour).Format(time.RFC3339), "timeZone": "Europe/Berlin"},
			"attendees": []any{
				map[string]any{"email": "ana@example.com", "responseStatus": "accepted"},
				map[string]any{"email": "ben@example.org", "responseStatus": "needsAction"},
			},
			"reminders": map[string]any{"useDefault": true},
		})
	}
	answer := map[string]any{
		"kind": "calendar#events", "summary": "agent@example.com", "timeZone": "Europe/Berlin", "accessRole": "owner", "items": items,
		"etag": `"p"`, "updated": "2030-11-20T10:00:00.000Z",
	}
	if to < total {
		answer["nextPageToken"] = fmt.Sprintf("page-%d", to/perPage)
	} else {
		answer["nextSyncToken"] = "sync-1"
	}
	raw, err := json.Marshal(answer)
	if err != nil {
		panic(err) // a map of strings
	}
	return raw
}

const calendarList = `{"kind":"calendar#calendarList","items":[{"id":"agent@example.com","summary":"Agent","primary":true,"accessRole":"owner","timeZone":"Europe/Berlin"}]}`

const nothingNew = `{"kind":"calendar#events","summary":"agent@example.com","timeZone":"Europe/Berlin","accessRole":"owner","items":[],"etag":"\"p\"","updated":"2030-11-20T10:00:00.000Z","nextSyncToken":"sync-2"}`

// client is what the worker reaches it with.
func (p *pages) client() *http.Client {
	if p.bodies == nil || p.overTheWire {
		return nil
	}
	return &http.Client{Transport: p}
}

// body is the answer to a request.
func (p *pages) body(r *http.Request) []byte {
	if strings.HasSuffix(r.URL.Path, "/calendarList") {
		return []byte(calendarList)
	}
	if r.URL.Query().Get("syncToken") != "" {
		return []byte(nothingNew)
	}
	n := 0
	_, _ = fmt.Sscanf(r.URL.Query().Get("pageToken"), "page-%d", &n)
	return p.bodies[n]
}

func (p *pages) RoundTrip(r *http.Request) (*http.Response, error) {
	return ok(r, "application/json", io.NopCloser(bytes.NewReader(p.body(r)))), nil
}

// ServeHTTP is the same over the wire.
func (p *pages) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	w.Header().Set("Content-Type", "application/json")
	_, _ = w.Write(p.body(r))
}

func TestThePagesAreWhatTheyClaim(t *testing.T) {
	t.Parallel()
	p := newPages(perPage + 1)
	if got := firstSync(t, p, inMemory(t)); len(got.written) != p.total {
		t.Errorf("%d rows of %d", len(got.written), p.total)
	}
}
