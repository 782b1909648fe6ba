package httpapi_test

import (
	"context"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/connect"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
)

// hostile is one request that must come to nothing.
type hostile struct {
	name, method, path, body string
	header                   map[string]string
	token                    string
	status                   int
	code                     string
}

const (
	nobody  = "evt_00000000000000000000000000"
	window  = "?from=2026-11-23T00:00:00Z&to=2026-11-24T00:00:00Z"
	aDay    = `"start":{"date":"2026-11-25"},"end":{"date":"2026-11-26"}`
	huge    = 70 << 10
	rival   = "globex/eve/integrations:read integrations:write events:read events:write billing:write"
	reading = "acme/ana/integrations:read events:read"
)

// hostiles goes over every route there is. tag is the integration's own.
func hostiles(tag string) []hostile {
	ours := map[string]string{"If-Match": tag}
	old := map[string]string{"If-Match": `"1.AAAAAA"`}
	h := func(name, method, path, body string, header map[string]string, status int, code string) hostile {
		return hostile{name: name, method: method, path: path, body: body, header: header, status: status, code: code}
	}
	as := func(token string, x hostile) hostile { x.token = token; return x }
	return []hostile{
		h("providers: an unknown parameter", "GET", "/v1/providers?account=globex", "", nil, 422, "invalid"),
		h("providers: a limit of nothing", "GET", "/v1/providers?limit=0", "", nil, 422, "invalid"),
		h("providers: posted to", "POST", "/v1/providers", `{}`, nil, 405, "method_not_allowed"),
		h("list: a cursor of nowhere", "GET", "/v1/integrations?cursor=%00", "", nil, 422, "invalid"),
		h("list: another account by parameter", "GET", "/v1/integrations?account_id=globex", "", nil, 422, "invalid"),
		as("-", h("list: nobody", "GET", "/v1/integrations", "", nil, 401, "unauthorized")),
		as("nonsense", h("list: a token of nothing", "GET", "/v1/integrations", "", nil, 401, "unauthorized")),
		h("create: a second one", "POST", "/v1/integrations", `{"provider":"google-calendar"}`, nil, 409, "provider_exists"),
		h("create: of nowhere", "POST", "/v1/integrations", `{"provider":"outlook"}`, nil, 422, "unknown_provider"),
		h("create: a path for a provider", "POST", "/v1/integrations", `{"provider":"../../etc/passwd"}`, nil, 422, "unknown_provider"),
		h("create: active from the start", "POST", "/v1/integrations", `{"provider":"google-calendar","status":"active"}`, nil, 422, "invalid"),
		h("create: for somebody else", "POST", "/v1/integrations", `{"provider":"google-calendar","account_id":"globex"}`, nil, 422, "invalid"),
		h("create: with a credential", "POST", "/v1/integrations", `{"provider":"google-calendar","credential":{"refresh":"x"}}`, nil, 422, "invalid"),
		h("create: not JSON", "POST", "/v1/integrations", `provider=google-calendar`, nil, 400, "malformed_request"),
		h("create: deep nesting", "POST", "/v1/integrations", strings.Repeat("[", 9000), nil, 400, "malformed_request"),
		h("create: too large", "POST", "/v1/integrations", `{"provider":"`+strings.Repeat("x", huge)+`"}`, nil, 413, "body_too_large"),
		as(reading, h("create: with a token that only reads", "POST", "/v1/integrations", `{"provider":"google-calendar"}`, nil, 403, "insufficient_scope")),
		h("one: an unknown provider", "GET", "/v1/integrations/outlook", "", nil, 404, "not_found"),
		h("one: a query in the path", "GET", "/v1/integrations/google-calendar%3Faccount=globex", "", nil, 404, "not_found"),
		h("one: another account's key", "GET", "/v1/integrations/globex%23google-calendar", "", nil, 404, "not_found"),
		as(rival, h("one: somebody else's", "GET", at, "", nil, 404, "not_found")),
		h("settings: without If-Match", "PATCH", at, `{"interval_minutes":15}`, nil, 428, "precondition_required"),
		h("settings: whatever is there", "PATCH", at, `{"interval_minutes":15}`, map[string]string{"If-Match": "*"}, 422, "invalid"),
		h("settings: of an old version", "PATCH", at, `{"interval_minutes":15}`, old, 412, "stale"),
		h("settings: a weak tag", "PATCH", at, `{"interval_minutes":15}`, map[string]string{"If-Match": "W/" + tag}, 412, "stale"),
		h("settings: a status", "PATCH", at, `{"status":"active"}`, ours, 422, "invalid"),
		h("settings: an interval of nothing", "PATCH", at, `{"interval_minutes":0}`, ours, 422, "invalid"),
		h("settings: a foreign calendar", "PATCH", at, `{"calendar_id":"boss@globex.example"}`, ours, 404, "not_found"),
		h("settings: a calendar of busy times", "PATCH", at, `{"calendar_id":"busy"}`, ours, 422, "invalid"),
		h("settings: a calendar to read, both ways", "PATCH", at, `{"calendar_id":"team","direction":"two_way"}`, ours, 422, "invalid"),
		h("settings: another calendar over what waits", "PATCH", at, `{"calendar_id":"team"}`, ours, 409, "pending_changes"),
		h("settings: giving up nothing", "PATCH", at+"?discard=true", `{"interval_minutes":15}`, ours, 422, "invalid"),
		h("settings: a flag that is neither", "PATCH", at+"?remove_copies=perhaps", `{"calendar_id":"team"}`, ours, 422, "invalid"),
		h("settings: a name for the calendar", "PATCH", at, `{"calendar_name":"Mine"}`, ours, 422, "invalid"),
		as(rival, h("settings: somebody else's", "PATCH", at, `{"interval_minutes":15}`, ours, 404, "not_found")),
		h("authorization: a URL for a target", "POST", at+"/authorization", `{"return_to":"https://evil.example"}`, nil, 422, "unknown_return_target"),
		h("authorization: two slashes", "POST", at+"/authorization", `{"return_to":"//evil.example"}`, nil, 422, "unknown_return_target"),
		h("authorization: encoded", "POST", at+"/authorization", `{"return_to":"console%0d%0aSet-Cookie: x"}`, nil, 422, "unknown_return_target"),
		h("authorization: a redirect of one's own", "POST", at+"/authorization", `{"return_to":"console","redirect_uri":"https://evil.example"}`, nil, 422, "invalid"),
		as(rival, h("authorization: somebody else's", "POST", at+"/authorization", `{"return_to":"console"}`, nil, 404, "not_found")),
		h("complete: a forged state", "POST", "/v1/oauth/complete", `{"state":"`+strings.Repeat("A", 75)+`","code":"good"}`, nil, 400, "state_forged"),
		h("complete: a state of nothing", "POST", "/v1/oauth/complete", `{"state":"","code":"good"}`, nil, 400, "state_forged"),
		h("complete: code and error", "POST", "/v1/oauth/complete", `{"state":"x","code":"a","error":"b"}`, nil, 422, "invalid"),
		h("complete: for another provider", "POST", "/v1/oauth/complete", `{"state":"x","code":"a","provider":"outlook"}`, nil, 422, "invalid"),
		h("pause: of an old version", "POST", at+"/pause", "", old, 412, "stale"),
		h("pause: with a body", "POST", at+"/pause", `{"for":"ever"}`, nil, 422, "invalid"),
		as(rival, h("pause: somebody else's", "POST", at+"/pause", "", nil, 404, "not_found")),
		h("resume: what runs", "POST", at+"/resume", "", nil, 409, "invalid_transition"),
		h("verify: what works", "POST", at+"/verify", "", nil, 409, "invalid_transition"),
		h("confirm: nothing is held", "POST", at+"/confirm-deletions", "", nil, 409, "invalid_transition"),
		h("reject: nothing is held", "POST", at+"/reject-deletions", "", nil, 409, "invalid_transition"),
		h("disconnect: of an old version", "POST", at+"/disconnect", "", old, 412, "stale"),
		h("disconnect: a flag that is neither", "POST", at+"/disconnect?remove_from_provider=1", "", nil, 422, "invalid"),
		as(reading, h("disconnect: with a token that only reads", "POST", at+"/disconnect", "", nil, 403, "insufficient_scope")),
		h("delete: of an old version", "DELETE", at, "", old, 412, "stale"),
		h("delete: a flag twice", "DELETE", at+"?remove_from_provider=true&remove_from_provider=false", "", nil, 422, "invalid"),
		as(rival, h("delete: somebody else's", "DELETE", at, "", nil, 404, "not_found")),
		h("refresh: with a body", "POST", at+"/calendars/refresh", `{"now":true}`, nil, 422, "invalid"),
		as(rival, h("refresh: somebody else's", "POST", at+"/calendars/refresh", "", nil, 404, "not_found")),
		h("retry: what is not in quarantine", "POST", at+"/quarantine/"+nobody+"/retry", "", nil, 404, "not_found"),
		h("retry: a path for an event", "POST", at+"/quarantine/..%2F..%2Fretry/retry", "", nil, 404, "not_found"),
		h("discard: what is not in quarantine", "POST", at+"/quarantine/"+nobody+"/discard", "", nil, 404, "not_found"),
		h("settings: one way in, with an edit that waits", "PATCH", at, `{"direction":"from_provider"}`, ours, 409, "pending_changes"),
		h("settings: giving up, but another direction", "PATCH", at+"?discard=true", `{"direction":"to_provider"}`, ours, 422, "invalid"),
		h("sync: full of something", "POST", at+"/sync", `{"full":"yes"}`, nil, 422, "invalid"),
		h("sync: from a page that isn't ours", "POST", at+"/sync", `{}`, map[string]string{"Origin": "https://evil.example"}, 403, "origin_not_allowed"),
		as(rival, h("sync: somebody else's", "POST", at+"/sync", `{}`, nil, 404, "not_found")),
		h("runs: a cursor of nowhere", "GET", at+"/runs?cursor=", "", nil, 422, "invalid"),
		h("run: an id that can't be", "GET", at+"/runs/..%2Fhistory", "", nil, 404, "not_found"),
		h("run: one that never was", "GET", at+"/runs/01ARZ3NDEKTSV4RRFFQ69G5FAV", "", nil, 404, "not_found"),
		h("history: too much at once", "GET", at+"/history?limit=100000", "", nil, 422, "invalid"),
		as(rival, h("history: somebody else's", "GET", at+"/history", "", nil, 404, "not_found")),
		h("quarantine: an unknown parameter", "GET", at+"/quarantine?event="+nobody, "", nil, 422, "invalid"),
		h("calendars: a negative limit", "GET", at+"/calendars?limit=-1", "", nil, 422, "invalid"),
		h("events: a range of a century", "GET", "/v1/events?from=1926-01-01T00:00:00Z&to=2026-01-01T00:00:00Z", "", nil, 422, "invalid"),
		h("events: another account's", "GET", "/v1/events"+window+"&account=globex", "", nil, 422, "invalid"),
		h("event: of nobody", "GET", "/v1/events/"+nobody, "", nil, 404, "not_found"),
		as(rival, h("event: somebody else's", "GET", "/v1/events/"+waiting, "", nil, 404, "not_found")),
		h("event created: with an origin", "POST", "/v1/events", `{"title":"x",`+aDay+`,"origin":"provider"}`, nil, 422, "invalid"),
		h("event created: ending before it starts", "POST", "/v1/events", `{"title":"x","start":{"date":"2026-11-26"},"end":{"date":"2026-11-25"}}`, nil, 422, "invalid"),
		h("event created: a rule without end of nonsense", "POST", "/v1/events", `{"title":"x",`+aDay+`,"recurrence":["RRULE:FREQ=SECONDLY;BYDAY=XX"]}`, nil, 422, "invalid"),
		h("event changed: without If-Match", "PATCH", "/v1/events/"+waiting, `{"title":"y"}`, nil, 428, "precondition_required"),
		h("event changed: of an old version", "PATCH", "/v1/events/"+waiting, `{"title":"y"}`, old, 412, "stale"),
		h("event changed: a scope of nothing", "PATCH", "/v1/events/"+waiting+"?scope=everything", `{"title":"y"}`, old, 422, "invalid"),
		h("event deleted: without If-Match", "DELETE", "/v1/events/"+waiting, "", nil, 428, "precondition_required"),
		as(rival, h("event deleted: somebody else's", "DELETE", "/v1/events/"+waiting, "", old, 404, "not_found")),
		h("subscription: a plan of one's own", "PUT", "/v1/subscription", `{"plan":"unlimited"}`, nil, 422, "invalid"),
		h("subscription: a limit of one's own", "PUT", "/v1/subscription", `{"plan":"pro","used":0}`, nil, 422, "invalid"),
		as(strings.ReplaceAll(everything, " billing:write", ""), h("subscription: without the scope", "PUT", "/v1/subscription", `{"plan":"pro"}`, nil, 403, "insufficient_scope")),
		h("a path of nobody", "GET", "/v1/admin", "", nil, 404, "not_found"),
		h("a path with dots", "GET", "/v1/integrations/../subscription", "", nil, 404, "not_found"),
	}
}

// waiting is an event of Aura's that waits to be pushed.
const waiting = "evt_p5tcsj4ftsmet3t0uf4vaalb30"

// besieged is a connected account with calendars, an edit that waits, and an
// event in quarantine.
func besieged(t *testing.T) *world {
	w := newWorld(t)
	w.connected(integration.Active)
	w.edit(func(rec *integration.Integration) { rec.Lease = nil })
	key := integration.Key{Account: "acme", Provider: provider}
	ctx := context.Background()
	if err := w.db.Integrations.PutCalendars(ctx, integration.CalendarList{Key: key, FetchedAt: w.now, Calendars: []integration.ListedCalendar{
		{ID: "owner@example.com", Name: "Mine", Role: "owner", Primary: true}, {ID: "team", Name: "Team", Role: "reader"},
		{ID: "busy", Name: "Boss", Role: "freeBusyReader"}, {ID: "mine2", Name: "Mine too", Role: "owner"},
	}}); err != nil {
		t.Fatal(err)
	}
	row := &calendar.Row{
		Account: "acme", ID: waiting, Origin: calendar.BornInAura, Version: 7, Pending: calendar.PendingEdit, CreatedAt: w.now,
		Content: calendar.Content{Title: "Waits", Start: calendar.Time{At: w.now}, End: calendar.Time{At: w.now.Add(time.Hour)}},
	}
	item := &calendar.Item{Account: "acme", EventID: waiting, Op: calendar.OpCreate, Version: 7, Since: w.now}
	if err := w.db.Events.WritePair(ctx, calendar.Pair{Account: "acme", ID: waiting, Row: row, Item: calendar.ItemWrite{Put: item}}); err != nil {
		t.Fatal(err)
	}
	return w
}

// TestHostileRequestsChangeNothing sends each, and holds the answer to its exact
// code and what is stored to what it was.
func TestHostileRequestsChangeNothing(t *testing.T) {
	t.Parallel()
	w := besieged(t)
	tag := w.get(at).header.Get("ETag")
	before, jobs := w.record(), len(w.queue.sent)
	all := hostiles(tag)
	if len(all) < 60 {
		t.Fatalf("only %d requests", len(all))
	}
	routes := map[string]bool{}
	for _, x := range all {
		a := w.do(request{method: x.method, path: x.path, body: x.body, header: x.header, token: x.token, deliberate: true})
		if a.status != x.status || a.text("code") != x.code {
			t.Errorf("%s: %d %q, want %d %q: %s", x.name, a.status, a.text("code"), x.status, x.code, a.raw)
		}
		if now := w.record(); now.Version != before.Version || now.Fence != before.Fence {
			t.Errorf("%s: the record moved to version %d, fence %d", x.name, now.Version, now.Fence)
			before = now
		}
		row, item, err := w.db.Events.Pair(context.Background(), "acme", waiting)
		if err != nil || row == nil || row.Version != 7 || item == nil || item.Version != 7 {
			t.Fatalf("%s: the event is %+v, its item %+v, %v", x.name, row, item, err)
		}
		if n := len(w.queue.sent); n != jobs {
			t.Errorf("%s: sent a job: %v", x.name, w.queue.sent[jobs:])
			jobs = n
		}
		routes[x.method+" "+strings.SplitN(x.path, "?", 2)[0]] = true
	}
	if w.oauth.exchanges != 1 { // the connection's own
		t.Errorf("%d codes were exchanged", w.oauth.exchanges)
	}
	t.Logf("%d requests, %d methods and paths", len(all), len(routes))
}

// TestATagIsComparedWithWhatIsWritten lets somebody else change the record
// between every two reads of a transition: the tag of what the caller saw
// refuses, since it is compared with the record that the write is conditional on.
func TestATagIsComparedWithWhatIsWritten(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connected(integration.Active)
	seen := w.record().Version
	store := &between{Store: w.db.Integrations}
	store.before = func() { w.edit(func(rec *integration.Integration) { rec.Version++ }) }
	s := &connect.Service{Store: store, Queue: w.queue, Now: w.clock, NewID: w.newID}
	_, err := s.If(func(rec *integration.Integration) bool { return rec.Version == seen }).
		Pause(context.Background(), connect.Caller{Account: "acme", User: "ana"}, provider)
	if !fault.Is(err, fault.Stale) || w.record().Status != integration.Active {
		t.Errorf("%v, and it is %s", err, w.record().Status)
	}
}

// between does something once between a read and the write that follows.
type between struct {
	integration.Store
	before func()
}

func (b *between) Apply(ctx context.Context, ch integration.Change) error {
	if f := b.before; f != nil {
		b.before = nil
		f()
	}
	return b.Store.Apply(ctx, ch)
}

// The address that a 202 gave answers, whatever happens to the integration
// before a worker has the run.
func TestAPromisedRunsAddressNeverBecomesA404(t *testing.T) {
	t.Parallel()
	for name, meanwhile := range map[string]func(w *world){
		"paused":             func(w *world) { w.want(w.post(at+"/pause", ""), 200, "") },
		"disconnected":       func(w *world) { w.want(w.post(at+"/disconnect", ""), 200, "") },
		"paused and resumed": func(w *world) { w.want(w.post(at+"/pause", ""), 200, ""); w.want(w.post(at+"/resume", ""), 200, "") },
		"reconnected": func(w *world) {
			state := w.begin()
			w.want(w.post("/v1/oauth/complete", `{"code":"good","state":"`+state+`"}`), 200, "")
		},
		"another calendar chosen": func(w *world) {
			tag := w.get(at).header.Get("ETag")
			w.want(w.do(request{method: "PATCH", path: at + "?discard=true", body: `{"calendar_id":"mine2"}`, header: map[string]string{"If-Match": tag}}), 200, "")
		},
		"other kinds chosen": func(w *world) {
			tag := w.get(at).header.Get("ETag")
			w.want(w.do(request{method: "PATCH", path: at, body: `{"import_kinds":["birthday"]}`, header: map[string]string{"If-Match": tag}}), 200, "")
		},
		"replaced": func(w *world) {
			w.want(w.post(at+"/disconnect", ""), 200, "")
			w.want(w.post("/v1/integrations", `{"provider":"google-calendar"}`), 201, "")
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := besieged(t)
			a := w.want(w.post(at+"/sync", "{}"), 202, "")
			run := a.header.Get("Location")
			if s := w.want(w.get(run), 200, "").text("state"); s != "queued" {
				t.Errorf("promised, it is %s", s)
			}
			meanwhile(w)
			if s := w.want(w.get(run), 200, "").text("state"); s != "superseded" {
				t.Errorf("%s, it is %s", name, s)
			}
		})
	}
}

func TestAQuarantinedEventIsTriedAgain(t *testing.T) {
	t.Parallel()
	w := besieged(t)
	path := at + "/quarantine/" + waiting + "/retry"
	w.want(w.post(path, ""), 404, "not_found")
	if err := w.db.Events.PutQuarantine(context.Background(), calendar.Quarantine{Account: "acme", EventID: waiting, Provider: provider, Title: "Waits", Code: "invalid", Reason: "Refused.", Since: w.now}); err != nil {
		t.Fatal(err)
	}
	a := w.want(w.post(path, ""), 202, "")
	j := w.queue.sent[len(w.queue.sent)-1]
	if a.header.Get("Location") != at+"/quarantine" || j.Kind != job.RetryEvent || j.Event != waiting || j.Generation != w.record().ID {
		t.Errorf("Location %q, job %+v", a.header.Get("Location"), j)
	}
	w.queue.down = true
	w.want(w.post(path, ""), 503, "unavailable")
	w.queue.down = false
	w.want(w.post(at+"/disconnect", ""), 200, "")
	if a := w.want(w.post(path, ""), 409, "not_connected"); a.text("integration_status") != "disconnected" {
		t.Errorf("refused with %s", a.raw)
	}
}

// An edit that can't be sent is taken back where somebody asks; what has none is
// refused in words.
func TestAQuarantinedEditIsTakenBack(t *testing.T) {
	t.Parallel()
	w := besieged(t)
	path := at + "/quarantine/" + waiting + "/discard"
	put := func(code string) {
		t.Helper()
		if err := w.db.Events.PutQuarantine(context.Background(), calendar.Quarantine{Account: "acme", EventID: waiting, Provider: provider, Title: "Waits", Code: code, Reason: "Refused.", Since: w.now}); err != nil {
			t.Fatal(err)
		}
	}
	put("invalid") // and it was never sent
	w.want(w.post(path, ""), 409, "not_discardable")
	put(calendar.CodeUnreadable)
	w.want(w.post(path, ""), 409, "not_discardable")
	put("invalid")
	ctx := context.Background()
	row, item, err := w.db.Events.Pair(ctx, "acme", waiting)
	if err != nil {
		t.Fatal(err)
	}
	row.Link = &calendar.Link{Provider: provider, Calendar: integration.PrimaryCalendar, ProviderID: "x", ETag: "e"}
	row.Version++
	if err := w.db.Events.WritePair(ctx, calendar.Pair{Account: "acme", ID: waiting, Row: row, Expect: 7, Item: calendar.ItemWrite{Expect: 7, Update: item}}); err != nil {
		t.Fatal(err)
	}
	a := w.want(w.post(path, ""), 202, "")
	j := w.queue.sent[len(w.queue.sent)-1]
	if a.header.Get("Location") != at+"/quarantine" || j.Kind != job.DiscardEvent || j.Event != waiting || j.Generation != w.record().ID {
		t.Errorf("Location %q, job %+v", a.header.Get("Location"), j)
	}
	w.queue.down = true
	w.want(w.post(path, ""), 503, "unavailable")
}

// The direction is turned with edits that wait only where they are given up, and
// what was created in Aura and never sent is shown as living there only.
func TestOneWayInGivesUpWhatWaits(t *testing.T) {
	t.Parallel()
	w := besieged(t)
	shows := func(when, state string) {
		t.Helper()
		if a := w.want(w.get("/v1/events/"+waiting), 200, ""); !strings.Contains(a.raw, `"sync":{"state":"`+state+`","reason":null}`) {
			t.Errorf("%s it isn't %s: %s", when, state, a.raw)
		}
	}
	shows("before", "pending")
	tag := w.get(at).header.Get("ETag")
	a := w.do(request{method: "PATCH", path: at, body: `{"direction":"from_provider"}`, header: map[string]string{"If-Match": tag}})
	if w.want(a, 409, "pending_changes"); a.text("detail") != "1 change has not reached the calendar yet. Wait for the next sync, or give it up." {
		t.Errorf("says %q", a.text("detail"))
	}
	sent := len(w.queue.sent)
	a = w.do(request{method: "PATCH", path: at + "?discard=true", body: `{"direction":"from_provider"}`, header: map[string]string{"If-Match": tag}})
	w.want(a, 200, "")
	if rec := w.record(); rec.GaveUpIn != rec.Version || len(w.queue.sent) != sent+1 || w.queue.sent[sent].Kind != job.Sync {
		t.Errorf("given up: %v, jobs %+v", rec.GaveUpIn, w.queue.sent[sent:])
	}
	shows("after", "unlinked")
	a = w.do(request{method: "PATCH", path: at, body: `{"direction":"two_way"}`, header: map[string]string{"If-Match": a.header.Get("ETag")}})
	w.want(a, 200, "")
	if rec := w.record(); !rec.GaveUp(rec.GaveUpIn-1) || rec.GaveUp(rec.GaveUpIn) || rec.GaveUp(rec.Version) || rec.GaveUp(0) {
		t.Error("both ways again, and what waits next would be given up")
	}
}

// A calendar that can only be read brings events in, says so, and takes none.
func TestACalendarToReadOnlyBringsEventsIn(t *testing.T) {
	t.Parallel()
	w := besieged(t)
	tag := w.get(at).header.Get("ETag")
	a := w.do(request{method: "PATCH", path: at + "?discard=true", body: `{"calendar_id":"team"}`, header: map[string]string{"If-Match": tag}})
	w.want(a, 200, "")
	if !strings.Contains(a.raw, `"direction":"from_provider"`) || !strings.Contains(a.raw, `"code":"calendar_read_only"`) {
		t.Errorf("chosen: %s", a.raw)
	}
	a = w.do(request{method: "PATCH", path: at, body: `{"direction":"two_way"}`, header: map[string]string{"If-Match": a.header.Get("ETag")}, deliberate: true})
	w.want(a, 422, "invalid")
}
