package httpapi_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/integration"
)

func TestFromNothingToActive(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.want(w.get(at), 404, "not_found")
	w.want(w.post("/v1/integrations", `{"provider":"outlook"}`), 422, "unknown_provider")
	a := w.want(w.post("/v1/integrations", `{"provider":"google-calendar"}`), 201, "")
	if a.text("status") != "draft" || a.header.Get("Location") != at || a.header.Get("ETag") != a.text("etag") {
		t.Errorf("created %s, Location %q, ETag %q", a.raw, a.header.Get("Location"), a.header.Get("ETag"))
	}
	if got := w.want(w.post("/v1/integrations", `{"provider":"google-calendar"}`), 409, "provider_exists").text("detail"); got != "An integration with this provider already exists." {
		t.Errorf("the FAQ's message is %q", got)
	}
	w.want(w.do(request{method: "POST", path: at + "/authorization", body: `{"return_to":"https://evil.example"}`, deliberate: true}), 422, "unknown_return_target")
	if a = w.want(w.post(at+"/authorization", `{"return_to":"app"}`), 201, ""); a.text("authorization_url") == "" || a.text("expires_at") != "2026-11-23T09:10:00Z" {
		t.Errorf("authorization is %s", a.raw)
	}
	if a = w.get(at); a.text("status") != "configuring" {
		t.Errorf("status is %s", a.raw)
	}
	a = w.want(w.post("/v1/oauth/complete", `{"code":"good","state":"`+w.oauth.asked.State+`"}`), 200, "")
	if a.text("status") != "testing" || a.text("account_email") != "owner@example.com" || len(w.queue.sent) != 1 {
		t.Errorf("completed: %s, jobs %v", a.raw, w.queue.sent)
	}
	w.move(integration.Verified)
	if a = w.get(at); a.text("status") != "active" || a.text("next_sync_at") == "" || a.text("explanation") != "Everything is working correctly. The integration is connected and syncing data." {
		t.Errorf("status is %s", a.raw)
	}
	if a = w.get("/v1/integrations"); !strings.Contains(a.raw, `"status":"active"`) {
		t.Errorf("list is %s", a.raw)
	}
	a = w.get(at + "/history")
	for _, name := range []string{"verified", "authorized", "begin_authorization", "create"} {
		i := strings.Index(a.raw, `"transition":"`+name+`"`)
		if i < 0 {
			t.Fatalf("the history lacks %s, or isn't newest first: %s", name, a.raw)
		}
		a.raw = a.raw[i:]
	}
	if got := w.get("/v1/subscription"); got.raw != `{"plan":"free","limit":1,"used":1}`+"\n" {
		t.Errorf("subscription is %s", got.raw)
	}
}

func TestPlanLimit(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.want(w.do(request{method: "PUT", path: "/v1/subscription", body: `{"plan":"free","limit":0}`}), 200, "")
	a := w.want(w.post("/v1/integrations", `{"provider":"google-calendar"}`), 403, "plan_limit_reached")
	if got := w.get("/v1/subscription"); got.raw != `{"plan":"free","limit":0,"used":0}`+"\n" {
		t.Errorf("subscription is %s, of which nothing is refused", got.raw)
	}
	if a.text("detail") != "You’ve reached the maximum integrations for your subscription plan." || !strings.Contains(a.raw, `"action":"change_plan"`) {
		t.Errorf("answered %s", a.raw)
	}
}

func TestTransitionsByHand(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connected(integration.Active)
	a := w.want(w.post(at+"/resume", ""), 409, "invalid_transition")
	if a.text("from") != "active" || a.text("to") != "active" {
		t.Errorf("refused with %s", a.raw)
	}
	if a = w.want(w.post(at+"/pause", ""), 200, ""); a.text("status") != "paused" {
		t.Errorf("paused: %s", a.raw)
	}
	jobs := len(w.queue.sent)
	if a = w.want(w.post(at+"/resume", ""), 200, ""); a.text("status") != "active" || len(w.queue.sent) != jobs+1 {
		t.Errorf("resumed: %s, jobs %v", a.raw, w.queue.sent)
	}
	w.move(integration.Held)
	w.putHeld(integration.HeldDeletions{Count: 3, Of: 5, Titles: []string{"Stand-up", "Fair", "Review"}, At: w.now})
	a = w.get(at)
	if a.text("status") != "error" || !strings.Contains(a.raw, `"held_deletions":{"count":3,"of":5,"titles":["Stand-up","Fair","Review"]`) {
		t.Errorf("held: %s", a.raw)
	}
	if a = w.want(w.post(at+"/confirm-deletions", ""), 200, ""); a.text("status") != "active" {
		t.Errorf("confirmed: %s", a.raw)
	}
	w.want(w.post(at+"/verify", ""), 409, "invalid_transition")
	if a = w.want(w.post(at+"/disconnect", ""), 200, ""); a.text("status") != "disconnected" {
		t.Errorf("disconnected: %s", a.raw)
	}
	if a = w.want(w.do(request{method: "DELETE", path: at}), 204, ""); a.raw != "" {
		t.Errorf("deleted with %q", a.raw)
	}
	w.want(w.do(request{method: "DELETE", path: at}), 404, "not_found")
	w.want(w.get(at+"/history"), 200, "") // outlives what it is about
}

func (w *world) putHeld(h integration.HeldDeletions) {
	w.t.Helper()
	h.Key = integration.Key{Account: "acme", Provider: provider}
	if err := w.db.Integrations.PutHeld(context.Background(), h); err != nil {
		w.t.Fatal(err)
	}
}

func TestSettingsNeedTheVersionThatWasRead(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connected(integration.Active)
	patch := func(tag, body string) answer {
		r := request{method: "PATCH", path: at, body: body, deliberate: tag == ""}
		if tag != "" {
			r.header = map[string]string{"If-Match": tag}
		}
		return w.do(r)
	}
	old := w.get(at).header.Get("ETag")
	w.want(patch("", `{"interval_minutes":15}`), 428, "precondition_required")
	a := w.want(patch(old, `{"interval_minutes":15,"direction":"from_provider"}`), 200, "")
	if !strings.Contains(a.raw, `"interval_minutes":15`) || !strings.Contains(a.raw, `"direction":"from_provider"`) {
		t.Errorf("changed: %s", a.raw)
	}
	stale := w.want(patch(old, `{"interval_minutes":60}`), 412, "stale")
	if !strings.Contains(stale.raw, `"action":"reload"`) || stale.header.Get("ETag") != "" {
		t.Errorf("stale: %s", stale.raw)
	}
	w.want(patch(a.header.Get("ETag"), `{"interval_minutes":60}`), 200, "")
	w.want(patch(`"7.nobody"`, `{"interval_minutes":60}`), 412, "stale")
	// A run's commits leave the tag alone; so does an abandoned consent page.
	now := w.get(at).header.Get("ETag")
	w.begin()
	if got := w.get(at).header.Get("ETag"); got != now {
		t.Errorf("opening a flow moved the tag from %s to %s", now, got)
	}
	// The tag of another generation is nobody's.
	w.want(w.do(request{method: "POST", path: at + "/pause", header: map[string]string{"If-Match": now}}), 200, "")
	w.want(w.do(request{method: "DELETE", path: at, header: map[string]string{"If-Match": now}}), 412, "stale")
}

func TestATagIsOfOneGenerationOnly(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connected(integration.Draft)
	tag := w.get(at).header.Get("ETag")
	w.want(w.do(request{method: "DELETE", path: at}), 204, "")
	w.connected(integration.Draft)
	if again := w.get(at).header.Get("ETag"); again == tag {
		t.Fatalf("two generations share the tag %s", tag)
	}
	w.want(w.do(request{method: "DELETE", path: at, header: map[string]string{"If-Match": tag}}), 412, "stale")
}

func TestCalendarsToChooseFrom(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connected(integration.Active)
	if a := w.get(at + "/calendars"); a.raw != `{"items":[],"next_cursor":null,"fetched_at":null}`+"\n" {
		t.Errorf("before the first look: %s", a.raw)
	}
	err := w.db.Integrations.PutCalendars(context.Background(), integration.CalendarList{
		Key: integration.Key{Account: "acme", Provider: provider}, FetchedAt: w.now,
		Calendars: []integration.ListedCalendar{
			{ID: "owner@example.com", Name: "Mine", Role: "owner", Primary: true, TimeZone: "Europe/Madrid"},
			{ID: "team", Name: "Team", Role: "reader"}, {ID: "boss", Name: "Boss", Role: "freeBusyReader"},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	a := w.get(at + "/calendars?limit=2")
	items, _ := a.doc["items"].([]any)
	if len(items) != 2 || a.text("next_cursor") == "" {
		t.Fatalf("first page: %s", a.raw)
	}
	first, second := items[0].(map[string]any), items[1].(map[string]any)
	if first["id"] != "primary" || first["selected"] != true || first["selectable"] != true || first["note"] != nil {
		t.Errorf("the primary calendar is %v", first)
	}
	if second["selected"] != false || second["note"] == nil {
		t.Errorf("the calendar to read is %v", second)
	}
	a = w.get(at + "/calendars?limit=2&cursor=" + a.text("next_cursor"))
	if !strings.Contains(a.raw, `"selectable":false`) || a.doc["next_cursor"] != nil {
		t.Errorf("second page: %s", a.raw)
	}
	tag := w.get(at).header.Get("ETag")
	a = w.do(request{method: "PATCH", path: at, body: `{"calendar_id":"boss"}`, header: map[string]string{"If-Match": tag}})
	w.want(a, 422, "invalid")
	a = w.do(request{method: "PATCH", path: at, body: `{"calendar_id":"team"}`, header: map[string]string{"If-Match": tag}})
	if w.want(a, 200, ""); a.text("status") != "testing" {
		t.Errorf("another calendar: %s", a.raw)
	}
}

func TestCalendarsAreLookedAtAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connected(integration.Configuring)
	a := w.want(w.post(at+"/calendars/refresh", ""), 409, "not_connected")
	if a.text("integration_status") != "configuring" {
		t.Errorf("refused with %s", a.raw)
	}
	w.want(w.post("/v1/oauth/complete", `{"code":"good","state":"`+w.oauth.asked.State+`"}`), 200, "")
	a = w.want(w.post(at+"/calendars/refresh", ""), 202, "")
	last := w.queue.sent[len(w.queue.sent)-1]
	if a.header.Get("Location") != at+"/calendars" || last.Kind != "refresh_calendars" || last.Generation != w.record().ID {
		t.Errorf("Location %q, job %v", a.header.Get("Location"), last)
	}
	w.queue.down = true
	if a = w.want(w.post(at+"/calendars/refresh", ""), 503, "unavailable"); a.header.Get("Retry-After") != "5" {
		t.Errorf("Retry-After is %q", a.header.Get("Retry-After"))
	}
}

// A flow that never came back is said beside the status, and no longer once
// another one did.
func TestFlowThatNeverCameBack(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connected(integration.Configuring)
	if a := w.get(at); a.doc["flow"] != nil {
		t.Errorf("the flow is young: %s", a.raw)
	}
	w.now = w.now.Add(integration.FlowFor)
	a := w.get(at)
	if !strings.Contains(a.raw, `"flow":{"code":"flow_expired"`) || a.text("status") != "configuring" {
		t.Errorf("the flow is over: %s", a.raw)
	}
	state := w.begin()
	w.want(w.post("/v1/oauth/complete", `{"error":"access_denied","state":"`+state+`"}`), 400, "consent_denied")
	if a := w.get(at); a.doc["flow"] != nil {
		t.Errorf("this one came back: %s", a.raw)
	}
}

func TestReasonsWithTheirFix(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connected(integration.Active)
	w.move(integration.Deactivated, func(rec *integration.Integration) { rec.RetryAt = w.now.Add(time.Hour) })
	a := w.get(at)
	reason, _ := a.doc["reason"].(map[string]any)
	message, _ := reason["message"].(string)
	if reason["code"] != "repeated_failures" || !strings.HasSuffix(message, "Next try: 2026-11-23 10:00 UTC.") || a.text("retry_at") != "2026-11-23T10:00:00Z" {
		t.Errorf("deactivated: %s", a.raw)
	}
	for _, info := range integration.Reasons() {
		w.edit(func(rec *integration.Integration) {
			rec.Reason = &integration.Reason{Code: info.Code, Message: "as it was", Since: w.now}
		})
		a := w.get(at)
		reason, _ := a.doc["reason"].(map[string]any)
		fix, _ := reason["fix"].(map[string]any)
		if reason["code"] != string(info.Code) || fix["label"] != info.Fix.Label || fix["action"] != info.Fix.Action {
			t.Errorf("%s is shown as %v", info.Code, reason)
		}
	}
}
