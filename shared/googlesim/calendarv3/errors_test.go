package calendarv3_test

import (
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"net/url"
	"os"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/googlesim/calendarv3"
)

// This test exercises every method × every error that it can answer, each behind the drift guard, so that no answer
// escapes it. Per method it starts from a call that succeeds and spoils one thing; and in the end it reads the package's
// own source and asks whether a reason was left out.

// attempt is a call about to be made.
type attempt struct {
	c     caller
	m     calendarv3.Method
	vars  map[string]string
	query url.Values
	body  map[string]any
	raw   string // instead of body
	heads []string
}

// good is a call of the method that succeeds in a stage.
func good(w *world, m calendarv3.Method) *attempt {
	a := &attempt{c: w.owner(), m: m, vars: map[string]string{"calendarId": owner, "eventId": "plain"}, query: url.Values{}}
	switch {
	case strings.HasSuffix(m.Name, "watch"):
		a.body = channel("chan")
	case m.Name == "calendar.channels.stop":
		a.body = obj{"id": "stop", "resourceId": w.owner().do("POST", events("watch"), channel("stop")).ok().text("resourceId")}
	case m.Name == "calendar.events.import":
		a.body = obj{"iCalUID": "u@elsewhere.example", "start": at(1, 10), "end": at(1, 11)}
	case m.Body:
		a.body = obj{"start": at(1, 10), "end": at(1, 11)}
	}
	switch m.Name {
	case "calendar.events.instances":
		a.vars["eventId"] = "serie"
	case "calendar.events.move":
		a.query.Set("destination", otherCalendar)
	}
	return a
}

const otherCalendar = "other@group.calendar.google.com"

func (a *attempt) send() answer {
	a.c.w.t.Helper()
	path := a.m.Path
	for name, v := range a.vars {
		path = strings.ReplaceAll(path, "{"+name+"}", url.PathEscape(v))
	}
	target := "/calendar/v3/" + path
	if len(a.query) > 0 {
		target += "?" + a.query.Encode()
	}
	var body any
	if a.raw != "" {
		body = a.raw
	} else if a.body != nil {
		body = a.body
	}
	return a.c.do(a.m.Verb, target, body, a.heads...)
}

// stage is a world on which every good call succeeds.
func stage(t *testing.T, limits ...calendarv3.Limits) *world {
	t.Helper()
	w := newWorld(t, func(o *calendarv3.Options) {
		if len(limits) > 0 {
			o.Limits = limits[0]
		}
		o.AllowPush = func(u *url.URL) bool { return u.Host == "hook.example.com" && u.Scheme == "https" }
	})
	w.share()
	_, err := w.Server.AddCalendar(owner, calendarv3.Calendar{ID: otherCalendar, Summary: "Other"}, calendarv3.RoleOwner)
	w.must(err)
	for _, e := range []calendarv3.Event{
		{"id": "plain", "summary": "Plain", "start": at(1, 10), "end": at(1, 11)},
		{"id": "serie", "summary": "Series", "start": at(1, 10), "end": at(1, 11), "recurrence": []any{"RRULE:FREQ=WEEKLY;COUNT=4"}},
		{"id": "away0", "eventType": "outOfOffice", "start": at(1, 10), "end": at(1, 11)},
		{"id": "guest", "organizer": obj{"email": "boss@example.com"}, "start": at(1, 10), "end": at(1, 11)},
		{"id": "gone0", "status": "cancelled", "start": at(1, 10), "end": at(1, 11), "sequence": 3},
	} {
		_, err := w.Server.PutEvent(owner, e)
		w.must(err)
	}
	return w
}

// spoil is one way to go wrong.
type spoil struct {
	want string                         // "404 notFound"
	fits func(m calendarv3.Method) bool // nil: every method
	do   func(w *world, a *attempt)     // changes the good call
	on   func(t *testing.T) *world      // nil: stage
}

func named(names ...string) func(calendarv3.Method) bool {
	return func(m calendarv3.Method) bool { return slices.Contains(names, strings.TrimPrefix(m.Name, "calendar.")) }
}

func hasBody(m calendarv3.Method) bool   { return m.Body }
func writes(m calendarv3.Method) bool    { return m.Writes }
func ofEvents(m calendarv3.Method) bool  { return strings.Contains(m.Path, "{calendarId}") }
func ofAnEvent(m calendarv3.Method) bool { return strings.Contains(m.Path, "{eventId}") }
func takes(param string) func(calendarv3.Method) bool {
	return func(m calendarv3.Method) bool { return slices.Contains(m.Params, param) }
}

func query(name, value string) func(*world, *attempt) {
	return func(_ *world, a *attempt) { a.query.Set(name, value) }
}
func member(name string, value any) func(*world, *attempt) {
	return func(_ *world, a *attempt) { a.body[name] = value }
}
func raw(s string) func(*world, *attempt) { return func(_ *world, a *attempt) { a.raw = s } }
func event(id string) func(*world, *attempt) {
	return func(_ *world, a *attempt) { a.vars["eventId"] = id }
}
func head(h string) func(*world, *attempt) {
	return func(_ *world, a *attempt) { a.heads = append(a.heads, h) }
}

// onlyOne is a stage with a limit that is soon used up.
func onlyOne(l calendarv3.Limits) func(t *testing.T) *world {
	return func(t *testing.T) *world { return stage(t, l) }
}

func before(verb string, path func(*attempt) string, body any) func(*world, *attempt) {
	return func(_ *world, a *attempt) { a.c.do(verb, path(a), body) }
}

func list(a *attempt) string   { return "/calendar/v3/calendars/primary/events" }
func insert(a *attempt) string { return list(a) }

var spoils = []spoil{
	{"401 required", nil, func(_ *world, a *attempt) { a.c.token = "" }, nil},
	{"401 authError", nil, func(_ *world, a *attempt) { a.c.token = "nobody" }, nil},
	{"403 insufficientPermissions", nil, func(_ *world, a *attempt) { a.c = a.c.w.as(owner, "drive") }, nil},
	{"403 notACalendarUser", nil, func(_ *world, a *attempt) { a.c = a.c.w.as("stranger@example.com", everything) }, nil},
	{"400 badRequest", nil, query("colour", "red"), nil},
	{"400 invalidParameter", nil, query("alt", "media"), nil},
	{"400 invalidParameter", takes("timeMin"), query("timeMin", "now"), nil},
	{"400 invalidParameter", takes("maxResults"), query("maxResults", "0"), nil},
	{"400 invalidParameter", takes("orderBy"), query("orderBy", "title"), nil},
	{"400 invalidParameter", named("events.list", "events.get", "events.instances"), query("timeZone", "Mars/Olympus"), nil},
	{"400 invalidParameter", func(m calendarv3.Method) bool {
		return m.Name != "calendar.events.delete" && m.Name != "calendar.channels.stop"
	}, query("fields", "nothing"), nil},
	{"501 notImplemented", takes("supportsAttachments"), query("supportsAttachments", "true"), nil},
	{"501 notImplemented", takes("conferenceDataVersion"), query("conferenceDataVersion", "1"), nil},
	{"501 notImplemented", takes("eventLabelVersion"), query("eventLabelVersion", "1"), nil},
	{"501 notImplemented", takes("showOwnOrganizationOnly"), query("showOwnOrganizationOnly", "true"), nil},
	{"400 parseError", hasBody, raw("{"), nil},
	{"400 badContent", hasBody, head("Content-Type: text/plain"), nil},
	{"400 badRequest", hasBody, raw(`{"summary":"` + strings.Repeat("x", 1<<20) + `"}`), nil},
	{"400 invalid", hasBody, raw(`{"id":5}`), nil},
	{"404 notFound", ofEvents, func(_ *world, a *attempt) { a.vars["calendarId"] = "nowhere@group.calendar.google.com" }, nil},
	{"404 notFound", ofAnEvent, event("nones"), nil},
	{"403 requiredAccessLevel", writes, func(w *world, a *attempt) { a.c = w.as(reader, everything) }, nil},
	{"403 rateLimitExceeded", nil, before("GET", list, nil), onlyOne(calendarv3.Limits{ProjectPerMinute: 2})},
	{"403 userRateLimitExceeded", nil, before("GET", list, nil), onlyOne(calendarv3.Limits{UserPerMinute: 2})},
	{"429 rateLimitExceeded", writes, before("POST", insert, obj{}), onlyOne(calendarv3.Limits{CalendarWritesPerMinute: 1})},
	{"403 quotaExceeded", writes, before("POST", insert, obj{}), onlyOne(calendarv3.Limits{UserWritesPerDay: 1})},
	{"412 conditionNotMet", named("events.update", "events.patch", "events.delete"), head(`If-Match: "0"`), nil},
	{"400 required", named("events.insert", "events.import", "events.update"), func(_ *world, a *attempt) { delete(a.body, "end") }, nil},
	{"400 required", named("events.patch"), member("end", nil), nil},
	{"400 required", named("events.import"), func(_ *world, a *attempt) { delete(a.body, "iCalUID") }, nil},
	{"400 required", named("events.move"), func(_ *world, a *attempt) { a.query.Del("destination") }, nil},
	{"400 required", named("events.watch", "calendarList.watch", "channels.stop"), func(_ *world, a *attempt) { delete(a.body, "id") }, nil},
	{"400 timeRangeEmpty", named("events.insert", "events.import", "events.update", "events.patch"), member("end", at(1, 9)), nil},
	{"400 invalid", named("events.insert", "events.import", "events.update", "events.patch"), member("recurrence", []string{"RRULE:FREQ=NEVER"}), nil},
	{"400 cannotUseDefaultRemindersAndSpecifyOverride", named("events.insert", "events.import", "events.update", "events.patch"),
		member("reminders", obj{"useDefault": true, "overrides": []obj{{"method": "popup", "minutes": 1}}}), nil},
	{"409 duplicate", named("events.insert"), member("id", "plain"), nil},
	{"409 duplicate", named("events.insert"), member("id", "gone0"), nil},
	{"400 eventTypeRestriction", named("events.insert"), member("eventType", "focusTime"), nil},
	{"400 eventTypeRestriction", named("events.patch", "events.update"), member("eventType", "focusTime"), nil},
	{"400 eventTypeRestriction", named("events.move"), event("away0"), nil},
	{"403 forbiddenForNonOrganizer", named("events.patch", "events.update"), func(w *world, a *attempt) { event("guest")(w, a); a.body["summary"] = "x" }, nil},
	{"403 forbiddenForNonOrganizer", named("events.move"), event("guest"), nil},
	{"410 deleted", named("events.delete"), event("gone0"), nil},
	{"404 notFound", named("events.patch", "events.move"), event("gone0"), nil},
	{"400 invalid", named("events.update"), event("gone0"), nil}, // its sequence number is missing
	{"400 cannotChangeOrganizerOfInstance", named("events.move"), event("serie_20261201T090000Z"), nil},
	{"404 notFound", named("events.move"), query("destination", "nowhere"), nil},
	{"409 duplicate", named("events.move"), func(w *world, a *attempt) {
		_, err := w.Server.PutEvent(otherCalendar, calendarv3.Event{"id": "plain", "start": at(1, 1), "end": at(1, 2)})
		w.must(err)
	}, nil},
	{"400 invalid", named("events.instances"), event("plain"), nil},
	{"400 timeRangeEmpty", named("events.list", "events.instances"), func(w *world, a *attempt) {
		a.query.Set("timeMin", "2026-12-02T00:00:00Z")
		a.query.Set("timeMax", "2026-12-01T00:00:00Z")
	}, nil},
	{"400 invalid", named("events.list", "calendarList.list"), query("syncToken", "garbage"), nil},
	{"400 invalid", named("events.list", "calendarList.list", "events.instances"), query("pageToken", "garbage"), nil},
	{"400 badRequest", named("events.list"), query("orderBy", "startTime"), nil},
	{"410 updatedMinTooLongAgo", named("events.list"), query("updatedMin", "2020-01-01T00:00:00Z"), nil},
	{"410 fullSyncRequired", named("events.list", "calendarList.list"), func(w *world, a *attempt) {
		a.query.Set("syncToken", a.send().ok().text("nextSyncToken"))
		w.advance(60 * 24 * time.Hour)
	}, nil},
	{"400 channelIdNotUnique", named("events.watch", "calendarList.watch"), func(w *world, a *attempt) { a.send().ok() }, nil},
	{"400 push.webhookUrlNotHttps", named("events.watch", "calendarList.watch"), member("address", "http://hook.example.com"), nil},
	{"401 push.webhookUrlUnauthorized", named("events.watch", "calendarList.watch"), member("address", "https://elsewhere.example.com"), nil},
	{"400 push.channelTypeNotSupported", named("events.watch", "calendarList.watch"), member("type", "sms"), nil},
	{"400 pushNotSupportedForRequestedResource", named("events.watch"), func(w *world, a *attempt) {
		id, err := w.Server.AddCalendar(owner, calendarv3.Calendar{ID: "x#holiday@group.v.calendar.google.com"}, calendarv3.RoleReader)
		w.must(err)
		a.vars["calendarId"] = id
	}, nil},
	{"404 notFound", named("channels.stop"), member("resourceId", "other"), nil},
}

func TestEveryMethodWithEveryErrorItCanAnswer(t *testing.T) {
	t.Parallel()
	seen := map[string]bool{}
	calls := 0
	for _, m := range calendarv3.Methods() {
		if !m.Has {
			w := stage(t)
			(&attempt{c: w.owner(), m: m, vars: map[string]string{"calendarId": "x", "eventId": "x", "ruleId": "x", "setting": "x"}}).send().refused("501 notImplemented")
			seen["notImplemented"] = true
			continue
		}
		good(stage(t), m).send().ok()
		for i, s := range spoils {
			if s.fits != nil && !s.fits(m) {
				continue
			}
			calls++
			t.Run(fmt.Sprintf("%s/%s/%d", m.Name, s.want, i), func(t *testing.T) {
				build := s.on
				if build == nil {
					build = func(t *testing.T) *world { return stage(t) }
				}
				w := build(t)
				a := good(w, m)
				s.do(w, a)
				if m.Name == "calendar.channels.stop" || s.on == nil || s.want == "429 rateLimitExceeded" || s.want == "403 quotaExceeded" {
					a.send().refused(s.want) // stop has made its own call before
				} else {
					a.send().ok()
					good(w, m).send().refused(s.want)
				}
				seen[strings.Fields(s.want)[1]] = true
			})
		}
	}
	t.Logf("%d methods and errors", calls)
	for reason, where := range reasonsInSource(t) {
		if !seen[reason] && !unreachable[reason] {
			t.Errorf("%s: reason %q was never answered", where, reason)
		}
	}
}

// unreachable are answers to failures inside the simulator, which nothing outside can cause.
var unreachable = map[string]bool{"internalError": true, "backendError": true}

// reasonsInSource reads every reason that the package's code can answer from the calls of its error constructors.
func reasonsInSource(t *testing.T) map[string]string {
	t.Helper()
	constructors := map[string]struct {
		arg    int
		prefix string
	}{"refuse": {1, ""}, "refuseCalendar": {1, ""}, "errUsage": {1, ""}, "errPush": {1, "push."}}
	out := map[string]string{}
	files, err := os.ReadDir(".")
	if err != nil {
		t.Fatal(err)
	}
	set := token.NewFileSet()
	for _, f := range files {
		if !strings.HasSuffix(f.Name(), ".go") || strings.HasSuffix(f.Name(), "_test.go") {
			continue
		}
		file, err := parser.ParseFile(set, f.Name(), nil, 0)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			call, ok := n.(*ast.CallExpr)
			if !ok {
				return true
			}
			name, _ := call.Fun.(*ast.Ident)
			if name == nil || constructors[name.Name].arg >= len(call.Args) {
				return true
			}
			c, known := constructors[name.Name]
			lit, isLit := call.Args[c.arg].(*ast.BasicLit)
			if known && isLit {
				reason, err := strconv.Unquote(lit.Value)
				if err != nil {
					t.Fatal(err)
				}
				out[c.prefix+reason] = set.Position(call.Pos()).String()
			}
			return true
		})
	}
	if len(out) < 20 {
		t.Fatalf("only %d reasons found: the constructors have changed", len(out))
	}
	return out
}
