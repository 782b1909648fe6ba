package e2e_test

import (
	"encoding/json"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"aura.example/integrations/shared/googlesim"
	"aura.example/integrations/shared/googlesim/calendarv3"
	"aura.example/integrations/shared/local"
)

// few is a calendar of a dozen events, so that a page can be two.
func few(t *testing.T) func(*local.Options) {
	t.Helper()
	var b strings.Builder
	b.WriteString("BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//Aura//tests//EN\r\nX-WR-CALNAME:" + ana + "\r\n")
	for i := range 12 {
		n := string(rune('a' + i))
		b.WriteString("BEGIN:VEVENT\r\nUID:" + n + "@example.com\r\nDTSTAMP:20261101T000000Z\r\nSUMMARY:Event " + n +
			"\r\nDTSTART:202611" + []string{"02", "03", "04", "05", "06", "09", "10", "11", "12", "13", "16", "17"}[i] + "T100000Z\r\nDURATION:PT1H\r\nEND:VEVENT\r\n")
	}
	b.WriteString("END:VCALENDAR\r\n")
	file := filepath.Join(t.TempDir(), "few.ics")
	if err := os.WriteFile(file, []byte(b.String()), 0o600); err != nil {
		t.Fatal(err)
	}
	return func(o *local.Options) {
		o.Seed = []string{file}
		o.Sim.PageRows = func(int) int { return 5 }
	}
}

// mishap is one way in which Google fails, on one list call.
type mishap struct {
	name string
	do   googlesim.Decision
}

func refusal(status int, domain, reason string) googlesim.Decision {
	return googlesim.Decision{Answer: googlesim.Refusal(status, domain, reason, "no")}
}

func mishaps() []mishap {
	later := refusal(429, "usageLimits", "rateLimitExceeded")
	later.Answer.Header.Set("Retry-After", "1")
	return []mishap{
		{"410", refusal(410, "calendar", "fullSyncRequired")},
		{"invalid sync token", refusal(400, "global", "invalid")},
		{"401", refusal(401, "global", "authError")},
		{"403 rateLimitExceeded", refusal(403, "usageLimits", "rateLimitExceeded")},
		{"403 userRateLimitExceeded", refusal(403, "usageLimits", "userRateLimitExceeded")},
		{"403 quotaExceeded", refusal(403, "usageLimits", "quotaExceeded")},
		{"403 insufficientPermissions", refusal(403, "global", "insufficientPermissions")},
		{"403 accessNotConfigured", refusal(403, "usageLimits", "accessNotConfigured")},
		{"403 notACalendarUser", refusal(403, "calendar", "notACalendarUser")},
		{"403 RATE_LIMIT_EXCEEDED", refusal(403, "usageLimits", "RATE_LIMIT_EXCEEDED")},
		{"403 ACCESS_TOKEN_SCOPE_INSUFFICIENT", refusal(403, "global", "ACCESS_TOKEN_SCOPE_INSUFFICIENT")},
		{"403 SERVICE_DISABLED", refusal(403, "usageLimits", "SERVICE_DISABLED")},
		{"403 forbiddenForNonOrganizer, of a list", refusal(403, "calendar", "forbiddenForNonOrganizer")},
		{"403 of no known reason", refusal(403, "global", "somethingNew")},
		{"429", refusal(429, "usageLimits", "rateLimitExceeded")},
		{"429 with Retry-After", later},
		{"500", refusal(500, "global", "backendError")},
		{"503 without JSON", googlesim.Decision{Answer: &googlesim.Answer{Status: 503, Body: "<html>"}}},
		{"404", refusal(404, "global", "notFound")},
		{"a cut connection", googlesim.Decision{Cut: true}},
		{"an answer that is lost", googlesim.Decision{Drop: true}},
		{"truncated JSON", googlesim.Decision{Truncate: 700}},
		{"a dripping body", googlesim.Decision{Drip: 5 * time.Millisecond}},
		{"a repeated page", googlesim.Decision{RepeatPage: true}},
		{"a changed page token", googlesim.Decision{Edit: json.RawMessage(`{"nextPageToken":"garbage"}`)}},
		{"neither page token nor sync token", googlesim.Decision{Edit: json.RawMessage(`{"nextPageToken":null,"nextSyncToken":null}`)}},
	}
}

func isList(r *http.Request) bool {
	return r.Method == "GET" && strings.HasSuffix(r.URL.Path, "/events")
}

// TestR7EveryMishapOnEveryPageEndsInAgreement lets each list call of a sync fail
// once in each way, in a first sync, incrementally and in full, while events
// change: nothing is lost or doubled, and afterwards both calendars agree.
func TestR7EveryMishapOnEveryPageEndsInAgreement(t *testing.T) {
	t.Parallel()
	for i, m := range mishaps() {
		t.Run(m.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, few(t))
			p := w.person("acme", "mia").draft()
			w.failOnce(i%2, m.do) // on the first sync's first page or its second
			p.connect(ana)
			p.await("a verified connection", func() (answer, bool) {
				a := p.want(200, p.do("GET", google, nil))
				return a, a.str("status") != "testing"
			})
			p.sync(false)
			w.google.fail(nil)
			p.mend()
			p.sync(false)
			w.agree("after the first sync", ana)
			for _, full := range []bool{false, true} {
				for page := range 2 {
					w.stir(page)
					w.failOnce(page, m.do)
					p.sync(full)
					if d := len(w.items()); d < 8 {
						t.Fatalf("page %d, full %v: %d rows are left", page, full, d)
					}
					w.google.fail(nil)
					p.mend()
					p.sync(false)
					w.agree(m.name, ana)
				}
			}
		})
	}
}

// failOnce makes the n-th list call from now on go wrong.
func (w *world) failOnce(n int, d googlesim.Decision) {
	var mu sync.Mutex
	calls := 0
	w.google.fail(func(r *http.Request) googlesim.Decision {
		mu.Lock()
		defer mu.Unlock()
		if !isList(r) {
			return googlesim.Decision{}
		}
		calls++
		if calls == n+1 {
			return d
		}
		return googlesim.Decision{}
	})
}

// stir changes more than a page of events at the provider.
func (w *world) stir(round int) {
	w.Helper()
	cal := w.program.Sim.Calendar
	stored, err := cal.Stored(ana)
	if err != nil {
		w.Fatal(err)
	}
	for i, e := range stored[:min(7, len(stored))] {
		id, _ := e["id"].(string)
		if _, err := cal.Patch(ana, ana, id, calendarv3.Event{"summary": time.Now().Format(time.RFC3339Nano), "location": string(rune('A' + round + i))}, calendarv3.SpanThis); err != nil {
			w.Fatal(err)
		}
	}
	last, _ := stored[len(stored)-1]["id"].(string)
	if err := cal.Delete(ana, ana, last, calendarv3.SpanThis); err != nil {
		w.Fatal(err)
	}
	for range 2 {
		_, err := cal.Insert(ana, ana, calendarv3.Event{
			"summary": "new", "start": map[string]any{"date": "2026-11-23"}, "end": map[string]any{"date": "2026-11-24"},
		})
		if err != nil {
			w.Fatal(err)
		}
	}
}

// sync asks for a run and waits for its end, whatever that is.
func (p *person) sync(full bool) answer {
	p.Helper()
	a := p.await("a free lease", func() (answer, bool) {
		a := p.do("POST", google+"/sync", map[string]any{"full": full})
		return a, a.status == 202 || a.str("code") == "not_syncable"
	})
	if a.status != 202 {
		return a
	}
	run := a.header.Get("Location")
	return p.await("the run's end", func() (answer, bool) {
		a := p.want(200, p.do("GET", run, nil))
		return a, a.str("state") != "queued" && a.str("state") != "running"
	})
}

// mend does what the integration says is to be done.
func (p *person) mend() {
	p.Helper()
	if a := p.want(200, p.do("GET", google, nil)); a.str("status") != "active" {
		p.connect(ana)
		p.await("active", func() (answer, bool) {
			a := p.want(200, p.do("GET", google, nil))
			return a, a.str("status") == "active"
		})
	}
}

// TestR7ClocksThatAreMinutesApart lets Google's clock be five minutes ahead of
// Aura's and behind it: what is compared across the two never decides alone.
func TestR7ClocksThatAreMinutesApart(t *testing.T) {
	t.Parallel()
	for _, skew := range []time.Duration{-5 * time.Minute, 5 * time.Minute} {
		t.Run(skew.String(), func(t *testing.T) {
			t.Parallel()
			w := newWorld(t, few(t), func(o *local.Options) {
				now := o.Now
				o.Sim.Clock = googlesim.NewClock(func() time.Time { return now().Add(skew) })
			})
			p := w.person("acme", "mia").draft()
			p.connect(ana)
			p.synced()
			w.agree("after the first sync", ana)
			for round, full := range []bool{false, true} {
				w.stir(round)
				if a := p.sync(full); a.str("state") != "succeeded" {
					t.Errorf("full %v: the run ended as %s", full, a.raw)
				}
				w.agree("after a sync", ana)
			}
		})
	}
}

// TestARunShowsItsProgressWhileItIsUnderWay holds a first sync at its last page:
// its address tells phase, pages and events, a second Sync now is told the same,
// and the report that follows has everything that a run reports.
func TestARunShowsItsProgressWhileItIsUnderWay(t *testing.T) {
	t.Parallel()
	w := newWorld(t, few(t))
	gate := make(chan struct{})
	var once sync.Once
	open := func() { once.Do(func() { close(gate) }) }
	defer open()
	w.google.fail(func(r *http.Request) googlesim.Decision {
		if isList(r) && r.URL.Query().Get("pageToken") != "" {
			<-gate
		}
		return googlesim.Decision{}
	})
	p := w.person("acme", "mia").draft()
	p.connect(ana)
	refused := p.await("progress", func() (answer, bool) {
		a := p.do("POST", google+"/sync", map[string]any{})
		pages, _ := a.at("run", "pages").(float64)
		return a, a.status == 409 && pages == 1
	})
	if refused.at("run", "phase") != "pulling" || refused.at("run", "events") != 5.0 || refused.at("run", "age_seconds") == nil {
		t.Errorf("a second Sync now is told %s", refused.raw)
	}
	address := google + "/runs/" + refused.str("run", "id")
	live := p.want(200, p.do("GET", address, nil))
	if live.str("state") != "running" || live.at("progress", "phase") != "pulling" || live.at("progress", "pages") != 1.0 || live.at("progress", "events") != 5.0 || live.header.Get("Retry-After") == "" {
		t.Errorf("under way, the run shows %s", live.raw)
	}
	open()
	done := p.await("the report", func() (answer, bool) {
		a := p.want(200, p.do("GET", address, nil))
		return a, a.str("state") == "succeeded"
	})
	for _, path := range [][]string{
		{"trigger"}, {"started_at"}, {"ended_at"}, {"pulled", "created"}, {"pulled", "updated"}, {"pulled", "deleted"}, {"pulled", "unchanged"},
		{"pushed", "created"}, {"pushed", "updated"}, {"pushed", "deleted"}, {"conflicts"}, {"quarantined"}, {"retries"}, {"correlation_id"}, {"decisions", "items"},
	} {
		if done.at(path...) == nil {
			t.Errorf("the report has no %v: %s", path, done.raw)
		}
	}
	calls, _ := done.at("provider_calls").(float64)
	write, _ := done.at("units", "write").(float64)
	read, _ := done.at("units", "read").(float64)
	if done.at("pulled", "created") != 12.0 || done.at("progress", "pages") != 3.0 || done.at("progress", "events") != 12.0 || calls < 3 || write < 24 || read <= 0 {
		t.Errorf("the report counts %s", done.raw)
	}
}
