package console

import (
	"fmt"
	"strings"
	"time"

	"aura.example/integrations/shared/integration"
)

// doc is a JSON object of the API.
type doc = map[string]any

// list is one of the API's lists.
func list(items []doc) doc { return doc{"items": append([]doc{}, items...), "next_cursor": nil} }

// gallery is what the gallery is made of: answers of the API by their path, and
// what each state is called.
type gallery struct {
	Answers map[string]doc `json:"answers"`
	Titles  []titled       `json:"titles"`
}

type titled struct {
	Provider string `json:"provider"`
	Title    string `json:"title"`
}

// scene builds the answers as of one moment. Every state has a provider of its
// own, since an account has one integration with each.
type scene struct {
	now          time.Time
	out          gallery
	providers    []doc
	integrations []doc
}

// fixtures are all statuses with all reasons. They come from the domain's own
// tables, so a new status, reason or transition shows up here by itself.
func fixtures(now time.Time) gallery {
	s := &scene{now: now.UTC().Truncate(time.Second), out: gallery{Answers: map[string]doc{}}}
	for _, status := range integration.Statuses() {
		s.add(string(status), string(status), s.plain(status))
	}
	seen := map[string]bool{}
	for _, t := range integration.Transitions() {
		title := fmt.Sprintf("%s: %s", t.To, t.Sets)
		if t.Sets == "" || t.To == "" || seen[title] {
			continue
		}
		key := strings.ReplaceAll(string(t.Sets), "_", "-")
		if seen[key] { // a reason that more than one status may have
			key += "-" + string(t.To)
		}
		seen[key], seen[title] = true, true
		s.add(key, title, s.wrong(t.To, t.Sets))
	}
	s.circumstances()
	s.providers = append(s.providers, s.provider("free-to-connect", "Google Calendar"))
	s.out.Answers["/v1/providers"] = list(s.providers)
	s.out.Answers["/v1/integrations"] = list(s.integrations)
	s.out.Answers["/v1/subscription"] = doc{"plan": "free", "limit": 1, "used": 1}
	s.detail("active")
	return s.out
}

// ago and ahead are moments around now.
func (s *scene) ago(d time.Duration) string   { return s.now.Add(-d).Format(time.RFC3339) }
func (s *scene) ahead(d time.Duration) string { return s.now.Add(d).Format(time.RFC3339) }

func (s *scene) add(key, title string, i doc, runs ...doc) {
	i["provider"] = key
	s.integrations = append(s.integrations, i)
	s.providers = append(s.providers, s.provider(key, "Google Calendar"))
	s.out.Titles = append(s.out.Titles, titled{key, title})
	s.out.Answers["/v1/integrations/"+key+"/runs"] = list(runs)
}

func (s *scene) provider(key, name string) doc {
	return doc{
		"key": key, "name": name, "auth": "oauth2",
		"scopes": []doc{
			{"name": "email", "purpose": "show which Google account is connected", "required": true},
			{"name": "https://www.googleapis.com/auth/calendar.events", "purpose": "read the events of your calendar, and create, change and delete them for you", "required": true},
			{"name": "https://www.googleapis.com/auth/calendar.calendarlist.readonly", "purpose": "list your calendars, so that you can choose one", "required": true},
		},
		"kinds": []doc{{"key": "workingLocation", "name": "Working locations"}, {"key": "birthday", "name": "Birthdays"}},
	}
}

// plain is a status with nothing wrong.
func (s *scene) plain(status integration.Status) doc {
	i := doc{
		"id": "01M83WFNSRPNV155PBAMSKWNT1", "etag": `"7.WKNT1A"`, "status": status, "explanation": status.Explanation(), "reason": nil,
		"account_email": "ana@example.com",
		"settings":      doc{"calendar_id": "primary", "calendar_name": "Ana’s calendar", "direction": "two_way", "interval_minutes": 5, "import_kinds": []string{}},
		"last_run":      s.lastRun("succeeded", 12, 1), "fresh_as_of": s.ago(40 * time.Second), "next_sync_at": s.ahead(4*time.Minute + 10*time.Second),
		"retry_at": nil, "push_paused_until": nil, "live_updates": false, "notices": []doc{}, "flow": nil, "held_deletions": nil,
		"created_at": s.ago(40 * 24 * time.Hour),
	}
	switch status {
	case integration.Draft, integration.Configuring, integration.Testing:
		i["last_run"], i["fresh_as_of"], i["next_sync_at"] = nil, nil, nil
		i["settings"] = doc{"calendar_id": nil, "calendar_name": nil, "direction": "two_way", "interval_minutes": 5, "import_kinds": []string{}}
		if status != integration.Testing {
			i["account_email"] = nil
		}
	case integration.Paused, integration.Error, integration.Disconnected:
		i["next_sync_at"], i["fresh_as_of"] = nil, s.ago(3*time.Hour)
		l := s.lastRun("succeeded", 12, 1)
		l["started_at"], l["ended_at"] = s.ago(3*time.Hour+2*time.Second), s.ago(3*time.Hour)
		i["last_run"] = l
	}
	return i
}

func (s *scene) lastRun(state string, created, updated int) doc {
	return doc{
		"id": "01M83WFNSRPNV155PBAMSKWNT2", "trigger": "schedule", "state": state, "started_at": s.ago(42 * time.Second), "ended_at": s.ago(40 * time.Second),
		"created": created, "updated": updated, "deleted": 0, "conflicts": 0,
	}
}

// wrong is a status with a reason, worded as the API words it.
func (s *scene) wrong(status integration.Status, code integration.ReasonCode) doc {
	i, info := s.plain(status), integration.InfoOf(code)
	message := info.Message
	switch code {
	case integration.ReasonScopeMissing:
		message = integration.MissingMessage(integration.Scope{
			Title: "the events of your calendars", Purpose: "read the events of your calendar, and create, change and delete them for you",
		})
	case integration.ReasonRepeatedFailures:
		i["retry_at"] = s.ahead(42 * time.Minute)
		message += " Next try: " + s.now.Add(42*time.Minute).Format("2006-01-02 15:04") + " UTC."
	case integration.ReasonMassDeletionHeld:
		message = "148 of 190 events were deleted at Google. Nothing was deleted here."
		i["held_deletions"] = doc{
			"count": 148, "of": 190, "at": s.ago(20 * time.Minute),
			"titles": []string{"Stand-up", "Week planning", `<img src=x onerror="document.title='broken'">Site visit`, "", strings.Repeat("A very long title ", 12)},
		}
	case integration.ReasonVerificationFailed:
		message = "Google didn’t answer for 15 minutes."
	}
	if l, ok := i["last_run"].(doc); ok && status == integration.Error {
		l["state"], l["created"], l["updated"], l["started_at"], l["ended_at"] = "failed", 0, 0, s.ago(25*time.Minute+2*time.Second), s.ago(25*time.Minute)
	}
	i["reason"] = doc{"code": code, "message": message, "since": s.ago(25 * time.Minute), "fix": doc{"label": info.Fix.Label, "action": info.Fix.Action}}
	return i
}
