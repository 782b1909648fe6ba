package e2e_test

import (
	"net/http"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/googlesim"
)

// TestS14EveryFunctionDoesItsWork walks through what no other test of this
// package does, so that each permission has somebody who needs it.
func TestS14EveryFunctionDoesItsWork(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	event := map[string]any{
		"title": "Viewing", "start": map[string]any{"date_time": "2026-11-24T10:00:00+01:00", "time_zone": "Europe/Berlin"},
		"end": map[string]any{"date_time": "2026-11-24T11:00:00+01:00", "time_zone": "Europe/Berlin"},
	}
	alone := w.person("solo", "tom") // nothing is connected, so nothing has to travel
	at := alone.want(201, alone.do("POST", "/v1/events", event)).header.Get("Location")
	alone.want(204, alone.do("DELETE", at, nil, "If-Match", alone.want(200, alone.do("GET", at, nil)).header.Get("ETag")))

	p := w.person("acme", "mia").draft()
	p.connect(ana)
	p.synced()

	// events, and the worker that carries edits to the provider
	made := p.want(201, p.do("POST", "/v1/events", event, "Idempotency-Key", "viewing-1"))
	at = made.header.Get("Location")
	p.want(200, p.do("GET", at, nil))
	p.settled()
	changed := p.want(200, p.do("PATCH", at, map[string]any{"title": "Viewing, second"}, "If-Match", p.want(200, p.do("GET", at, nil)).header.Get("ETag")))
	if changed.str("title") != "Viewing, second" {
		t.Errorf("changed to %s", changed.raw)
	}
	p.settled()
	p.agree("after an edit", ana)
	p.want(204, p.do("DELETE", at, nil, "If-Match", p.want(200, p.do("GET", at, nil)).header.Get("ETag")))
	p.settled()
	p.agree("after a deletion", ana)

	// an edit that the provider will never take
	w.google.fail(func(r *http.Request) googlesim.Decision {
		if r.Method == http.MethodPost && isEvents(r) {
			return refusal(400, "global", "invalid")
		}
		return googlesim.Decision{}
	})
	p.want(201, p.do("POST", "/v1/events", event))
	p.settled()
	w.google.fail(nil)
	q := p.want(200, p.do("GET", google+"/quarantine", nil)).items()
	if len(q) != 1 {
		t.Fatalf("the quarantine holds %v", q)
	}
	// It holds another calendar back, and is tried again when somebody asks.
	for _, c := range p.want(200, p.do("GET", google+"/calendars", nil)).items() {
		if c["selectable"] == true && c["selected"] == false {
			a := p.want(409, p.do("PATCH", google, map[string]any{"calendar_id": c["id"]}, "If-Match", p.version()))
			if a.str("code") != "pending_changes" || a.at("pending_count") != float64(1) {
				t.Errorf("another calendar: %s", a.raw)
			}
			break
		}
	}
	p.want(202, p.do("POST", google+"/quarantine/"+q[0]["event_id"].(string)+"/retry", nil))
	p.await("the end of the quarantine", func() (answer, bool) {
		a := p.want(200, p.do("GET", google+"/quarantine", nil))
		return a, len(a.items()) == 0
	})

	// a failure that counts against the fleet
	w.google.fail(func(*http.Request) googlesim.Decision {
		d := refusal(503, "global", "backendError")
		d.Answer.Header.Set("Retry-After", "600")
		return d
	})
	if a := p.sync(false); a.str("state") != "failed" {
		t.Errorf("while the provider is down a sync ends as %s", a.raw)
	}
	w.google.fail(nil)
	p.settled()

	// tomorrow's data key
	w.clock.Advance(25 * time.Hour)
	p.settled()

	// integrations, subscription
	billing := w.personWith("acme", "billing", "integrations:read billing:write")
	billing.want(200, billing.do("PUT", "/v1/subscription", map[string]any{"plan": "pro"}))
	paused := p.want(200, p.do("POST", google+"/pause", nil))
	p.want(200, p.do("POST", google+"/resume", nil, "If-Match", paused.header.Get("ETag")))
}

// settled runs a sync to its end, so that nothing of ours waits any more.
func (p *person) settled() {
	p.Helper()
	if a := p.sync(false); a.str("state") != "succeeded" {
		p.Fatalf("the sync ended as %s", a.raw)
	}
}

func isEvents(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/events") }
