package calendarv3_test

import (
	"fmt"
	"net/http"
	"net/http/httptest"
	"runtime"
	"testing"
	"time"

	"aura.example/integrations/shared/googlesim/calendarv3"
)

// Goals of a calendar with 10,000 events: listed in pages of 2,500 in process, and held in memory.
const (
	listingGoal = 150 * time.Millisecond
	memoryGoal  = 2048 // bytes an event
	manyEvents  = 10_000
)

// fill seeds a calendar with events of the size that people's have: a title, a place, a paragraph, a guest.
func fill(t testing.TB, s *calendarv3.Server, n int) {
	t.Helper()
	start := time.Date(2026, 1, 5, 8, 0, 0, 0, time.UTC)
	for i := range n {
		begin := start.Add(time.Duration(i) * 30 * time.Minute)
		_, err := s.PutEvent(owner, calendarv3.Event{
			"id": fmt.Sprintf("event%08d", i), "summary": fmt.Sprintf("Weekly review number %d", i),
			"location": "Meeting room 4, second floor", "description": "Agenda: open points, figures of the week, next steps.\nBring the list.",
			"start":              map[string]any{"dateTime": begin.Format(time.RFC3339), "timeZone": "Europe/Madrid"},
			"end":                map[string]any{"dateTime": begin.Add(30 * time.Minute).Format(time.RFC3339), "timeZone": "Europe/Madrid"},
			"extendedProperties": map[string]any{"private": map[string]any{"aura": "0123456789abcdef0123456789abcdef"}},
			"attendees":          []any{map[string]any{"email": writer, "responseStatus": "accepted"}},
		})
		if err != nil {
			t.Fatal(err)
		}
	}
}

// quiet is a world without the drift guard, which would be most of what is measured.
func quiet(t testing.TB) *world {
	w := newWorld(t)
	w.handler = w.Server
	return w
}

// listAll lists page by page, as a client does, and returns how many events came.
func listAll(t testing.TB, w *world, pretty string) (events, bytes int) {
	page := ""
	for {
		r := httptest.NewRequest(http.MethodGet, "/calendar/v3/calendars/primary/events?maxResults=2500&prettyPrint="+pretty+"&pageToken="+page, nil)
		r.Header.Set("Authorization", "Bearer "+owner+"|"+everything)
		rec := httptest.NewRecorder()
		w.handler.ServeHTTP(rec, r)
		if rec.Code != http.StatusOK {
			t.Fatalf("status %d: %s", rec.Code, rec.Body)
		}
		bytes += rec.Body.Len()
		var token string
		if token, events = nextPage(rec.Body.Bytes(), events); token == "" {
			return events, bytes
		}
		page = token
	}
}

func BenchmarkList10000(b *testing.B) {
	w := quiet(b)
	fill(b, w.Server, manyEvents)
	for _, pretty := range []string{"false", "true"} {
		b.Run("prettyPrint="+pretty, func(b *testing.B) {
			for b.Loop() {
				if n, _ := listAll(b, w, pretty); n != manyEvents {
					b.Fatalf("listed %d events", n)
				}
			}
			b.ReportMetric(float64(b.Elapsed().Milliseconds())/float64(b.N), "ms/listing")
		})
	}
}

func BenchmarkMemoryPerEvent(b *testing.B) {
	for b.Loop() {
		before := heap()
		w := quiet(b)
		fill(b, w.Server, manyEvents)
		b.ReportMetric(float64(heap()-before)/manyEvents, "B/event")
		runtime.KeepAlive(w)
	}
}

func heap() uint64 {
	var m runtime.MemStats
	runtime.GC()
	runtime.GC()
	runtime.ReadMemStats(&m)
	return m.HeapAlloc
}
