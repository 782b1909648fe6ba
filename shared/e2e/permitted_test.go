package e2e_test

import (
	"fmt"
	"maps"
	"net/http"
	"slices"
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

	p.movesOne(event)

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

	// a failure that counts against the fleet: a poll's, so no edit's job may come before
	p.await("the edits' own jobs", func() (answer, bool) { return answer{}, p.idle() })
	w.google.fail(func(*http.Request) googlesim.Decision {
		d := refusal(503, "global", "backendError")
		d.Answer.Header.Set("Retry-After", "600")
		return d
	})
	w.clock.Advance(w.clock.Now().Truncate(time.Hour).Add(time.Hour + 30*time.Second).Sub(w.clock.Now())) // no burst to wait for
	w.program.Tick(t.Context())
	p.await("a poll that fails", func() (answer, bool) {
		a := p.want(200, p.do("GET", google+"/runs", nil))
		return a, slices.ContainsFunc(a.items(), func(r map[string]any) bool { return r["state"] == "failed" && r["trigger"] == "schedule" })
	})
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

// movesOne edits one occurrence of a series: it becomes a row of its own in one
// transaction that holds the series still meanwhile.
func (p *person) movesOne(event map[string]any) {
	p.Helper()
	weekly := maps.Clone(event)
	weekly["title"], weekly["recurrence"] = "Weekly look", []any{"RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=4"}
	at := p.want(201, p.do("POST", "/v1/events", weekly)).header.Get("Location")
	p.settled()
	second := at + "_20261201T090000Z"
	was := p.want(200, p.do("GET", second, nil))
	p.want(200, p.do("PATCH", second+"?scope=this", map[string]any{"title": "Weekly look, with the owner"}, "If-Match", was.header.Get("ETag")))
	p.settled()
	p.agree("after an edit of one occurrence", ana)
	titles := map[string]int{}
	for _, e := range p.want(200, p.do("GET", "/v1/events?from=2026-11-24T00:00:00Z&to=2026-12-20T00:00:00Z", nil)).items() {
		titles[fmt.Sprint(e["title"])]++
	}
	if titles["Weekly look"] != 3 || titles["Weekly look, with the owner"] != 1 {
		p.Errorf("the series shows as %v", titles)
	}
	p.want(204, p.do("DELETE", at+"?scope=all", nil, "If-Match", p.want(200, p.do("GET", at, nil)).header.Get("ETag")))
	p.settled()
	p.settled() // that run heard of its own edit of the occurrence before it deleted the series; only the next one hears that it is gone
	p.agree("after the series is gone", ana)
}

// settled runs a sync to its end, so that nothing of ours waits any more.
func (p *person) settled() {
	p.Helper()
	if a := p.sync(false); a.str("state") != "succeeded" {
		p.Fatalf("the sync ended as %s", a.raw)
	}
}

func isEvents(r *http.Request) bool { return strings.HasSuffix(r.URL.Path, "/events") }
