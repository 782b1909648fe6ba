package e2e_test

import (
	"errors"
	"net/http"
	"slices"
	"sync/atomic"
	"testing"
	"time"

	"aura.example/integrations/shared/googlesim"
	"aura.example/integrations/shared/googlesim/calendarv3"
	"aura.example/integrations/shared/local"
)

// An edit whose job couldn't be sent, or whose run failed, has nobody who comes
// for it but the schedule. That stands in the record, so that its polls aren't held
// back, until a run has sent it; and of an edit that went well nothing is noted.
func TestAnEditThatNobodyComesForIsNoted(t *testing.T) {
	t.Parallel()
	var lost atomic.Bool
	w := newWorld(t, func(o *local.Options) {
		o.Sends = func() error {
			if lost.Load() {
				return errors.New("the queue is down")
			}
			return nil
		}
	})
	p := w.person("acme", "mia").draft()
	p.connect(ana)
	p.synced()
	edit := func(title string) {
		p.want(http.StatusCreated, p.do("POST", "/v1/events", map[string]any{"title": title, "start": map[string]any{"date": "2026-11-24"}, "end": map[string]any{"date": "2026-11-25"}}))
	}
	poll := func() {
		w.clock.Advance(w.clock.Now().Truncate(time.Hour).Add(time.Hour + 30*time.Second).Sub(w.clock.Now())) // no burst to wait for
		w.program.Tick(t.Context())
	}
	noted := func(want bool) {
		t.Helper()
		p.await("what the record says of edits", func() (answer, bool) {
			return answer{raw: "another"}, (p.record()["w"] != nil) == want
		})
	}
	arrives := func(title string) {
		t.Helper()
		p.await("the edit at Google", func() (answer, bool) {
			stored, err := w.program.Sim.Calendar.Stored(ana)
			return answer{raw: title}, err == nil && slices.ContainsFunc(stored, func(e calendarv3.Event) bool { return e["summary"] == title })
		})
	}

	lost.Store(true)
	edit("Lost")
	noted(true)
	poll()
	arrives("Lost")
	noted(false)

	lost.Store(false)
	w.google.fail(func(r *http.Request) googlesim.Decision {
		if r.Method != http.MethodPost || !isEvents(r) {
			return googlesim.Decision{}
		}
		d := refusal(503, "global", "backendError")
		d.Answer.Header.Set("Retry-After", "600")
		return d
	})
	edit("Refused for a while")
	p.await("its own job's end", func() (answer, bool) { return answer{}, p.idle() })
	noted(true)
	w.google.fail(nil)
	poll()
	arrives("Refused for a while")
	noted(false)

	edit("Sent")
	p.settled()
	noted(false)
}
