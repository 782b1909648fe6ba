package e2e_test

import (
	"net/url"
	"testing"
	"time"
)

func TestTheMainJob(t *testing.T) {
	t.Parallel()
	p := newWorld(t).person("acme", "mia")

	draft := p.want(201, p.do("POST", integrations, map[string]any{"provider": "google-calendar"}))
	if draft.str("status") != "draft" {
		t.Fatalf("created as %q, want draft", draft.str("status"))
	}
	connected := p.connect(ana)
	if s := connected.str("status"); s != "testing" {
		t.Fatalf("completed as %q, want testing", s)
	}
	active := p.synced()
	if active.str("account_email") != ana || active.at("last_run", "pulled", "created") == nil && active.at("last_run") == nil {
		t.Errorf("active as %s", active.raw)
	}
	if active.str("fresh_as_of") == "" || active.str("next_sync_at") == "" {
		t.Errorf("fresh as of %q, next sync at %q", active.str("fresh_as_of"), active.str("next_sync_at"))
	}

	p.agree("after the first sync", ana)

	from := time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)
	q := url.Values{"from": {from.Format(time.RFC3339)}, "to": {from.AddDate(0, 1, 0).Format(time.RFC3339)}}
	events := p.want(200, p.do("GET", "/v1/events?"+q.Encode(), nil))
	if n := len(events.items()); n < 40 {
		t.Fatalf("November shows %d events, want the seed's, recurrences expanded", n)
	}
	standups := 0
	for _, e := range events.items() {
		if e["title"] == "Stand-up" {
			standups++
		}
	}
	if standups < 10 {
		t.Errorf("the stand-up shows %d times in November", standups)
	}

	accepted := p.want(202, p.do("POST", google+"/sync", map[string]any{}))
	run := accepted.header.Get("Location")
	done := p.await("the asked-for run", func() (answer, bool) {
		a := p.want(200, p.do("GET", run, nil))
		s := a.str("state")
		return a, s != "queued" && s != "running"
	})
	if done.str("state") != "succeeded" || done.str("trigger") != "sync_now" {
		t.Errorf("the run ended as %s", done.raw)
	}
}
