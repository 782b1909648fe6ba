package calendarv3_test

import (
	"encoding/json"
	"net/http"
	"testing"

	"aura.example/integrations/shared/calendartest"
	"aura.example/integrations/shared/googlesim"
	sim "aura.example/integrations/shared/googlesim/calendarv3"
)

// TestWriterConformance holds the writer to what every provider's must do, over
// TCP against the simulated Google.
func TestWriterConformance(t *testing.T) {
	t.Parallel()
	calendartest.RunWriter(t, func(t *testing.T) calendartest.WriterWorld { return newWorld(t) })
}

// landed are the failures that come after the write took effect; the others of
// decisions come instead of it.
var landed = map[calendartest.Failure]googlesim.Decision{
	calendartest.Down:      {Answer: googlesim.Refusal(503, "global", "backendError", "Backend Error"), AnswerAfter: true},
	calendartest.Unplugged: {Drop: true},
	calendartest.Truncated: {Truncate: 100},
	calendartest.Garbled:   {Answer: decisions[calendartest.Garbled].Answer, AnswerAfter: true},
}

// FailWrite implements calendartest.WriterWorld.
func (s *saboteur) FailWrite(f calendartest.Failure, lands bool) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	d := decisions[f]
	if f == calendartest.Exhausted {
		d = googlesim.Decision{Answer: googlesim.Refusal(403, "usageLimits", "quotaExceeded", "Calendar usage limits exceeded.")}
	}
	if lands {
		d = landed[f]
	}
	s.onWrite, s.wrote = &d, make(chan struct{})
	return s.wrote
}

func (s *saboteur) decideWrite(r *http.Request) googlesim.Decision {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.onWrite == nil {
		if r.URL.Query().Get("sendUpdates") == "all" {
			s.told++
		}
		return googlesim.Decision{}
	}
	d := *s.onWrite
	s.onWrite = nil
	close(s.wrote)
	return d
}

// Told implements calendartest.WriterWorld.
func (s *saboteur) Told() int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.told
}

// Decorate implements calendartest.WriterWorld.
func (w *world) Decorate(id, event string) {
	w.Helper()
	_, err := w.google.Calendar.Patch(me, realID(id), event, sim.Event{
		"colorId": "7", "guestsCanInviteOthers": false, "source": map[string]any{"url": "https://example.com/x", "title": "x"},
		"reminders":          map[string]any{"useDefault": false, "overrides": []any{map[string]any{"method": "popup", "minutes": 5}}},
		"extendedProperties": map[string]any{"private": map[string]any{"another": "program"}, "shared": map[string]any{"for": "all"}},
	}, sim.SpanAll)
	w.must(err)
}

// ours are the members that a write of ours may change, directly or not.
var ours = []string{
	"summary", "description", "location", "start", "end", "recurrence", "status", "transparency", "visibility",
	"etag", "updated", "sequence",
}

// Decoration implements calendartest.WriterWorld.
func (w *world) Decoration(id, event string) string {
	w.Helper()
	e, err := w.google.Calendar.Event(me, realID(id), event)
	w.must(err)
	for _, name := range ours {
		delete(e, name)
	}
	if x, ok := e["extendedProperties"].(map[string]any); ok {
		if private, ok := x["private"].(map[string]any); ok {
			delete(private, "aura")
		}
	}
	raw, err := json.Marshal(e)
	w.must(err)
	return string(raw)
}
