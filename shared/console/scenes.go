package console

import (
	"fmt"
	"strings"
	"time"

	"aura.example/integrations/shared/integration"
)

// circumstances are what may be said or under way beside a status.
func (s *scene) circumstances() {
	running := func(phase string, events int) doc {
		r := s.run(0, "sync_now", 0, 0, 0)
		r["state"], r["started_at"], r["ended_at"], r["progress"] = "running", s.ago(7*time.Second), nil, doc{"phase": phase, "pages": 1, "events": events}
		for _, unknown := range []string{"pulled", "pushed", "quarantined", "provider_calls", "retries", "units", "correlation_id"} {
			r[unknown] = nil
		}
		return r
	}
	s.add("active-running", "active, a sync is running", s.plain(integration.Active), running("pulling", 1250))
	s.add("testing-running", "testing, the first sync is being prepared", s.plain(integration.Testing), running("verifying", 0))

	i := s.plain(integration.Active)
	i["live_updates"] = true
	i["settings"] = doc{"calendar_id": "en.example#holiday@group.v.calendar.google.com", "calendar_name": "Public holidays", "direction": "from_provider", "interval_minutes": 60, "import_kinds": []string{"birthday"}}
	i["notices"] = []doc{
		{"code": "calendar_read_only", "message": "This calendar is shared with you for reading, so events are only brought in."},
		{"code": "polling_slowed", "message": "Google’s quota is in great demand just now, so it is looked at every 3 hours instead of every hour."},
	}
	s.add("active-notices", "active, with notices and live updates", i)

	i = s.plain(integration.Active)
	i["push_paused_until"] = s.ahead(50 * time.Minute)
	s.add("active-push-paused", "active, the provider takes no changes for a while", i)

	flow := doc{"code": "flow_expired", "message": "Google didn't send you back: admin policy, an app that isn't verified (or has its 100 users), or a wrong redirect address.", "fix": doc{"label": "Try again", "action": "connect"}}
	i = s.plain(integration.Active)
	i["flow"] = flow
	s.add("active-flow", "active, a reconnect never came back", i)
	i = s.plain(integration.Paused)
	i["flow"] = flow
	s.add("paused-flow", "paused, a reconnect never came back", i)
	i = s.wrong(integration.Error, integration.ReasonMassDeletionHeld)
	i["flow"] = flow
	s.add("error-flow", "error that something else mends, a reconnect never came back", i)
	i = s.wrong(integration.Error, integration.ReasonCredentialsExpired)
	i["flow"] = flow
	s.add("expired-flow", "error, and the reconnect never came back", i)
	i = s.plain(integration.Configuring)
	i["flow"] = flow
	s.add("configuring-flow", "configuring, the authorization never came back", i)

	i = s.plain(integration.Active)
	i["account_email"] = "maria-fernanda.rodriguez-villanueva@architecture-and-interiors.example.com"
	i["settings"] = doc{"calendar_id": "c_1", "calendar_name": strings.Repeat("Viewings and deliveries, ", 5) + "everything", "direction": "two_way", "interval_minutes": 5, "import_kinds": []string{}}
	s.add("active-long", "active, names as long as people make them", i)

	i = s.plain(integration.Active)
	i["last_run"] = s.lastRun("failed", 0, 0)
	i["fresh_as_of"] = s.ago(26 * time.Minute)
	r := s.run(0, "schedule", 0, 0, 0)
	r["id"], r["state"] = i["last_run"].(doc)["id"], "failed"
	r["error"] = doc{"class": "transient", "code": "unavailable", "message": "Google didn’t answer."}
	s.add("active-failed", "active, the last sync failed", i, r)
}

// detail fills the lists of one integration with one of everything.
func (s *scene) detail(key string) {
	at := "/v1/integrations/" + key
	var runs []doc
	for n := range 16 {
		runs = append(runs, s.run(n, "schedule", n*3%7, n%3, n%5/4))
	}
	runs[15] = s.run(15, "connected", 190, 0, 0)
	runs[1]["trigger"], runs[1]["conflicts"], runs[1]["quarantined"] = "notification", 1, 1
	runs[4]["state"], runs[4]["error"] = "failed", doc{"class": "transient", "code": "unavailable", "message": "Google didn’t answer. It is tried again by itself."}
	runs[6]["state"], runs[6]["trigger"] = "superseded", "aura_edit"
	s.out.Answers[at+"/runs"] = list(runs)

	one := doc{}
	for k, v := range runs[1] {
		one[k] = v
	}
	decision := func(title, what, why string, conflict any) doc {
		return doc{"at": s.ago(time.Hour), "event_id": "evt_p5tcsj4ftsmet3t0uf4vaalb30", "title": title, "what": what, "why": why, "conflict": conflict}
	}
	one["decisions"] = list([]doc{
		decision("Quarterly review", "conflict", "Both sides changed the same field since the last sync.", doc{
			"field": "title", "aura": "Quarterly review, with figures", "provider": "Quarterly review (moved)", "rule": "The newer edit wins.", "winner": "aura",
		}),
		decision("<b>Notes</b> with markup", "quarantined", "The provider refuses its recurrence.", nil),
	})
	s.out.Answers[at+"/runs/"+runs[1]["id"].(string)] = one

	var entries []doc
	for n, t := range integration.Transitions() {
		from, to := integration.Active, t.To
		if len(t.From) > 0 {
			from = t.From[0]
		}
		if to == "" {
			to = from
		}
		var reason any
		if t.Sets != "" {
			reason = t.Sets
		}
		entries = append(entries, doc{
			"id": id(100 + n), "at": s.ago(time.Duration(n) * 26 * time.Hour), "transition": t.Name, "from": from, "to": to, "actor": t.By, "reason": reason, "correlation_id": id(n),
		})
	}
	s.out.Answers[at+"/history"] = list(entries)
	s.out.Answers[at+"/quarantine"] = list([]doc{
		{"event_id": "evt_gnikcgo9i5dv4pilrib4eem4tc", "title": `<script>document.title='broken'</script>Tasting`, "provider_event_id": "gnik", "operation": "change", "reason": doc{"code": "invalid_recurrence", "message": "Google refuses its recurrence: there is no 31 February."}, "since": s.ago(50 * time.Hour)},
		{"event_id": "evt_p5tcsj4ftsmet3t0uf4vaalb30", "title": nil, "provider_event_id": nil, "operation": nil, "reason": doc{"code": "unreadable", "message": "Its start couldn’t be read."}, "since": s.ago(3 * time.Minute)},
	})
	calendars := list([]doc{
		s.calendar("primary", "Ana’s calendar", "owner", true, nil),
		s.calendar("c_viewings@group.calendar.google.com", "Viewings", "writer", false, nil),
		s.calendar("en.example#holiday@group.v.calendar.google.com", "Public holidays", "reader", false, "Shared with you for reading: its events are only brought in."),
		s.calendar("ben@example.org", "ben@example.org", "freeBusyReader", false, "Only busy times are shared with you, so there is nothing to sync."),
	})
	calendars["fetched_at"] = s.ago(3 * time.Minute)
	s.out.Answers[at+"/calendars"] = calendars
	s.out.Answers["/v1/integrations/calendar-not-found/calendars"] = calendars
}

func (s *scene) calendar(id, name, role string, primary bool, note any) doc {
	return doc{"id": id, "name": name, "access_role": role, "primary": primary, "time_zone": "Europe/Madrid", "selectable": role != "freeBusyReader", "selected": primary, "note": note}
}

// run is a run that ended, the nth before now.
func (s *scene) run(n int, trigger string, created, updated, deleted int) doc {
	start := time.Duration(n)*47*time.Minute + 90*time.Second
	return doc{
		"id": id(999 - n), "trigger": trigger, "state": "succeeded", "started_at": s.ago(start), "ended_at": s.ago(start - time.Duration(300+created*40+n*90)*time.Millisecond - time.Second),
		"progress": doc{"phase": "finishing", "pages": 1, "events": created + updated + deleted},
		"pulled":   doc{"created": created, "updated": updated, "deleted": deleted, "unchanged": 170}, "pushed": doc{"created": 0, "updated": n % 2, "deleted": 0},
		"conflicts": 0, "quarantined": 0, "provider_calls": 2, "retries": 0, "units": doc{"read": 1.5, "write": 3}, "error": nil, "correlation_id": id(n),
	}
}

// id is a well-formed ULID; a greater number sorts later.
func id(n int) string { return fmt.Sprintf("01M83WFNSR0000000000000%03d", n) }
