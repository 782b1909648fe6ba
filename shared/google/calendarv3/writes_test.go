package calendarv3_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
)

// stored is what every write is answered with here.
const stored = `{"id":"e1","etag":"\"7\"","status":"confirmed"}`

// sent is a write as it arrives.
type sent struct {
	method, path, query, match, body string
}

// desk is a Google that notes what is sent to it and answers a get with read.
type desk struct {
	read  string
	wrote []sent
}

func (d *desk) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if r.Method == http.MethodGet {
		says(200, d.read)(w, r)
		return
	}
	raw, _ := io.ReadAll(r.Body)
	q := r.URL.Query()
	for _, always := range []string{"alt", "prettyPrint", "fields"} {
		q.Del(always)
	}
	d.wrote = append(d.wrote, sent{r.Method, r.URL.Path, q.Encode(), r.Header.Get("If-Match"), string(bytes.TrimSpace(raw))})
	if r.Method == http.MethodDelete {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	says(200, stored)(w, r)
}

func (d *desk) open(t *testing.T) calendar.ProviderWriter {
	t.Helper()
	return serve(t, d).(calendar.ProviderWriter)
}

// content has every field, and its twin none that can be empty.
var (
	nine    = time.Date(2026, 11, 23, 9, 0, 0, 0, time.FixedZone("", 3600))
	content = calendar.Content{
		Title: "T", Description: "D", Location: "L", Status: calendar.Tentative, Visibility: calendar.Private,
		Start: calendar.Time{At: nine, Zone: "Europe/Madrid"}, End: calendar.Time{At: nine.Add(time.Hour), Zone: "Europe/Madrid"},
		Recurrence: []string{"RRULE:FREQ=DAILY"},
	}
	twin = calendar.Content{
		Start: calendar.Time{Date: "2026-11-23"}, End: calendar.Time{Date: "2026-11-24"},
		Status: calendar.Confirmed, Busy: true, Visibility: calendar.DefaultVisibility,
	}
)

// TestAPatchSaysThisAndNothingElse holds every field's bytes.
func TestAPatchSaysThisAndNothingElse(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		field calendar.Field
		of    calendar.Content
		says  string
	}{
		{calendar.FieldTitle, content, `"summary":"T"`},
		{calendar.FieldTitle, twin, `"summary":null`},
		{calendar.FieldDescription, content, `"description":"D"`},
		{calendar.FieldDescription, twin, `"description":null`},
		{calendar.FieldLocation, content, `"location":"L"`},
		{calendar.FieldLocation, twin, `"location":null`},
		{calendar.FieldWhen, content, `"end":{"date":null,"dateTime":"2026-11-23T09:00:00Z","timeZone":"Europe/Madrid"},"start":{"date":null,"dateTime":"2026-11-23T08:00:00Z","timeZone":"Europe/Madrid"}`},
		{calendar.FieldWhen, twin, `"end":{"date":"2026-11-24","dateTime":null,"timeZone":null},"start":{"date":"2026-11-23","dateTime":null,"timeZone":null}`},
		{calendar.FieldWhen, calendar.Content{Start: calendar.Time{At: nine}, End: calendar.Time{At: nine}}, `"end":{"date":null,"dateTime":"2026-11-23T08:00:00Z"},"start":{"date":null,"dateTime":"2026-11-23T08:00:00Z"}`},
		{calendar.FieldRecurrence, content, `"recurrence":["RRULE:FREQ=DAILY"]`},
		{calendar.FieldRecurrence, twin, `"recurrence":null`},
		{calendar.FieldStatus, content, `"status":"tentative"`},
		{calendar.FieldStatus, twin, `"status":"confirmed"`},
		{calendar.FieldBusy, content, `"transparency":"transparent"`},
		{calendar.FieldBusy, twin, `"transparency":"opaque"`},
		{calendar.FieldVisibility, content, `"visibility":"private"`},
		{calendar.FieldVisibility, twin, `"visibility":"default"`},
	} {
		d := &desk{}
		got, err := d.open(t).Patch(t.Context(), calendar.Edit{
			Calendar: primary, ID: "e1", ETag: `"6"`, Fields: []calendar.Field{tc.field}, Content: tc.of, Stamp: "s1",
		})
		if err != nil || got.ETag != `"7"` {
			t.Fatalf("%s: %+v, %v", tc.field, got, err)
		}
		members := append(splitMembers(tc.says), `"extendedProperties":{"private":{"aura":"s1"}}`)
		slices.Sort(members)
		want := sent{"PATCH", "/calendar/v3/calendars/primary/events/e1", "sendUpdates=none", `"6"`, "{" + strings.Join(members, ",") + "}"}
		if got := canonical(t, d.wrote[0]); got != want {
			t.Errorf("%s sent\n%+v, want\n%+v", tc.field, got, want)
		}
	}
}

// splitMembers splits "end":{…},"start":{…} where it is two members.
func splitMembers(s string) []string {
	if i := strings.Index(s, `,"start":`); i > 0 {
		return []string{s[:i], s[i+1:]}
	}
	return []string{s}
}

// canonical sorts the body's members, at every level.
func canonical(t *testing.T, s sent) sent {
	t.Helper()
	var doc map[string]any
	if err := json.Unmarshal([]byte(s.body), &doc); err != nil {
		t.Fatalf("%s: %v", s.body, err)
	}
	raw, err := json.Marshal(doc)
	if err != nil {
		t.Fatal(err)
	}
	s.body = string(raw)
	return s
}

func TestAnOccurrenceIsPatchedWithoutVisibilityAndRecurrence(t *testing.T) {
	t.Parallel()
	d := &desk{}
	_, err := d.open(t).Patch(t.Context(), calendar.Edit{Calendar: primary, ID: "e1", ETag: `"6"`, Occurrence: true, Fields: calendar.Fields(), Content: content, Stamp: "s1"})
	if err != nil {
		t.Fatal(err)
	}
	if body := d.wrote[0].body; strings.Contains(body, "visibility") || strings.Contains(body, "recurrence") || !strings.Contains(body, `"summary":"T"`) {
		t.Errorf("sent %s", body)
	}
}

func TestAnInsertCarriesItsIDAndNoIfMatch(t *testing.T) {
	t.Parallel()
	d := &desk{}
	_, err := d.open(t).Insert(t.Context(), calendar.Insertion{Calendar: primary, ID: "e1", Content: twin, Stamp: "s1"})
	if err != nil {
		t.Fatal(err)
	}
	want := sent{"POST", "/calendar/v3/calendars/primary/events", "sendUpdates=none", "",
		`{"end":{"date":"2026-11-24"},"extendedProperties":{"private":{"aura":"s1"}},"id":"e1","start":{"date":"2026-11-23"},"status":"confirmed","transparency":"opaque","visibility":"default"}`}
	if got := canonical(t, d.wrote[0]); got != want {
		t.Errorf("sent\n%+v, want\n%+v", got, want)
	}
}

// TestARestorationPutsBackWhatItRead: a PUT erases what it leaves out, and
// "no reminders" is made of empty values.
func TestARestorationPutsBackWhatItRead(t *testing.T) {
	t.Parallel()
	d := &desk{read: `{"id":"e1","etag":"\"5\"","status":"cancelled","sequence":3,"colorId":"7","reminders":{"useDefault":false},
		"attendees":[{"email":"ben@example.com","responseStatus":"accepted"}],"summary":"old","recurrence":["RRULE:FREQ=WEEKLY"],
		"extendedProperties":{"private":{"another":"program","aura":"s0"},"shared":{"for":"all"}},
		"start":{"dateTime":"2026-11-23T09:00:00+01:00","timeZone":"Europe/Madrid"},"end":{"dateTime":"2026-11-23T10:00:00+01:00","timeZone":"Europe/Madrid"}}`}
	_, err := d.open(t).Restore(t.Context(), calendar.Edit{Calendar: primary, ID: "e1", ETag: `"6"`, Content: twin, Stamp: "s1", Notify: true})
	if err != nil {
		t.Fatal(err)
	}
	want := sent{"PUT", "/calendar/v3/calendars/primary/events/e1", "sendUpdates=all", `"6"`,
		`{"attendees":[{"email":"ben@example.com","responseStatus":"accepted"}],"colorId":"7","end":{"date":"2026-11-24"},"etag":"\"5\"",` +
			`"extendedProperties":{"private":{"another":"program","aura":"s1"},"shared":{"for":"all"}},"id":"e1",` +
			`"reminders":{"overrides":[],"useDefault":false},"sequence":3,"start":{"date":"2026-11-23"},"status":"confirmed","transparency":"opaque","visibility":"default"}`}
	if got := canonical(t, d.wrote[0]); got != want {
		t.Errorf("sent\n%+v, want\n%+v", got, want)
	}
}

func TestADeletionSaysWhoIsTold(t *testing.T) {
	t.Parallel()
	for notify, want := range map[bool]string{false: "sendUpdates=none", true: "sendUpdates=all"} {
		d := &desk{}
		if err := d.open(t).Delete(t.Context(), calendar.Edit{Calendar: primary, ID: "e1", ETag: `"6"`, Notify: notify}); err != nil {
			t.Fatal(err)
		}
		if got := d.wrote[0]; got != (sent{"DELETE", "/calendar/v3/calendars/primary/events/e1", want, `"6"`, ""}) {
			t.Errorf("sent %+v", got)
		}
	}
}

// TestAnOccurrenceIsAskedForByItsOriginalStart, in pages if need be.
func TestAnOccurrenceIsAskedForByItsOriginalStart(t *testing.T) {
	t.Parallel()
	instance := func(id, series, start string) string {
		return fmt.Sprintf(`{"id":%q,"recurringEventId":%q,"originalStartTime":{"dateTime":%q}}`, id, series, start)
	}
	var asked []string
	r := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		asked = append(asked, r.URL.Path+" "+q.Get("originalStart")+" "+q.Get("showDeleted")+" "+q.Get("pageToken"))
		if q.Get("pageToken") == "" { // nothing that fits, and more to come
			says(200, `{"accessRole":"owner","items":[null,{"id":""},`+instance("i1", "other", "2026-11-23T08:00:00Z")+`,`+instance("i2", "s1", "2026-11-30T08:00:00Z")+`],"nextPageToken":"p2"}`)(w, r)
			return
		}
		says(200, `{"accessRole":"owner","items":[`+instance("i3", "s1", "2026-11-23T09:00:00+01:00")+`]}`)(w, r)
	})).(calendar.ProviderWriter)
	got, err := r.Occurrence(t.Context(), primary, "s1", calendar.Time{At: nine, Zone: "Europe/Madrid"})
	if err != nil || got.ProviderID != "i3" {
		t.Errorf("%+v, %v", got, err)
	}
	const path = "/calendar/v3/calendars/primary/events/s1/instances 2026-11-23T08:00:00Z true "
	if want := []string{path, path + "p2"}; !slices.Equal(asked, want) {
		t.Errorf("asked %q, want %q", asked, want)
	}
	endless := serve(t, says(200, `{"accessRole":"owner","nextPageToken":"p"}`)).(calendar.ProviderWriter)
	if _, err := endless.Occurrence(t.Context(), primary, "s1", calendar.Time{Date: "2026-11-23"}); !fault.Is(err, fault.Gone) {
		t.Errorf("of a list without an end: %v", err)
	}
}

// TestWhatRefusalsOfWritesMean is the answers table, as writes meet it.
func TestWhatRefusalsOfWritesMean(t *testing.T) {
	t.Parallel()
	all := []string{"insert", "patch", "put", "delete"}
	for _, tc := range []struct {
		name   string
		on     []string
		status int
		body   string
		kind   fault.Kind
		code   string
	}{
		{"412", all, 412, refusal(412, "conditionNotMet"), fault.Stale, "event_changed"},
		{"412 as a page", all, 412, "<h1>canary</h1>", fault.Stale, "event_changed"},
		{"409 duplicate", []string{"insert"}, 409, refusal(409, "duplicate"), fault.Duplicate, "event_exists"},
		{"409 duplicate, of what isn't made", []string{"patch", "put", "delete"}, 409, refusal(409, "duplicate"), fault.Transient, "provider_conflict"},
		{"409 without a reason", all, 409, "", fault.Transient, "provider_conflict"},
		{"404", []string{"patch", "put", "delete", "occurrence"}, 404, refusal(404, "notFound"), fault.Gone, "event_not_found"},
		{"404, of an insert", []string{"insert"}, 404, refusal(404, "notFound"), fault.CalendarLost, "calendar_not_found"},
		{"404 as a page", append(all, "occurrence"), 404, "<h1>canary</h1>", fault.Transient, "provider_unreadable"},
		{"410", []string{"patch", "put", "delete", "occurrence"}, 410, refusal(410, "deleted"), fault.Gone, "event_deleted"},
		{"403 quotaExceeded", all, 403, refusal(403, "quotaExceeded"), fault.QuotaExceeded, "quota_exceeded"},
		{"403 rateLimitExceeded", all, 403, refusal(403, "rateLimitExceeded"), fault.Transient, "rate_limited"},
		{"403 forbiddenForNonOrganizer", all, 403, refusal(403, "forbiddenForNonOrganizer"), fault.Item, "not_the_organizer"},
		{"403 requiredAccessLevel", all, 403, refusal(403, "requiredAccessLevel"), fault.Item, "access_level_too_low"},
		{"400 eventTypeRestriction", all, 400, refusal(400, "eventTypeRestriction"), fault.Item, "event_type_restricted"},
		{"403 eventTypeRestriction", all, 403, refusal(403, "eventTypeRestriction"), fault.Item, "event_type_restricted"},
		{"403 of tomorrow", all, 403, refusal(403, "newReason"), fault.Refused, "provider_refused"},
		{"400", all, 400, refusal(400, "invalid"), fault.Item, "event_refused"},
		{"400 as a page", all, 400, "<h1>canary</h1>", fault.Item, "event_refused"},
		{"400, of an occurrence", []string{"occurrence"}, 400, refusal(400, "invalid"), fault.Gone, "occurrence_not_found"},
		{"413", all, 413, "", fault.Item, "event_too_large"},
		{"401", append(all, "occurrence"), 401, refusal(401, "authError"), fault.Unauthorized, "token_refused"},
		{"403 insufficientPermissions", all, 403, refusal(403, "insufficientPermissions"), fault.ScopeMissing, "scope_missing"},
		{"200 without an event", []string{"insert", "patch", "put"}, 200, "{}", fault.Transient, "provider_unreadable"},
		{"200 without an etag", []string{"insert", "patch", "put"}, 200, `{"id":"e1"}`, fault.Transient, "provider_unreadable"},
		{"null", []string{"insert", "patch", "put"}, 200, "null", fault.Transient, "provider_unreadable"},
		{"nothing to put", []string{"restore"}, 200, "null", fault.Transient, "provider_unreadable"},
		{"nothing there to put", []string{"restore"}, 404, refusal(404, "notFound"), fault.Gone, "event_not_found"},
		{"null, of an occurrence", []string{"occurrence"}, 200, "null", fault.Transient, "provider_unreadable"},
		{"a list of none that says nothing", []string{"occurrence"}, 200, "{}", fault.Transient, "provider_unreadable"},
		{"a list of none", []string{"occurrence"}, 200, `{"accessRole":"owner"}`, fault.Gone, "occurrence_not_found"},
	} {
		for _, op := range tc.on {
			t.Run(tc.name+"/"+op, func(t *testing.T) {
				t.Parallel()
				p := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
					if op == "put" && r.Method == http.MethodGet {
						says(200, stored)(w, r)
						return
					}
					says(tc.status, tc.body)(w, r)
				})).(calendar.ProviderWriter)
				e := calendar.Edit{Calendar: primary, ID: "e1", ETag: `"6"`, Fields: calendar.Fields(), Content: content, Stamp: "s1"}
				var err error
				switch op {
				case "insert":
					_, err = p.Insert(t.Context(), calendar.Insertion{Calendar: primary, ID: "e1", Content: content, Stamp: "s1"})
				case "patch":
					_, err = p.Patch(t.Context(), e)
				case "put", "restore":
					_, err = p.Restore(t.Context(), e)
				case "delete":
					err = p.Delete(t.Context(), e)
				case "occurrence":
					_, err = p.Occurrence(t.Context(), primary, "s1", content.Start)
				}
				checkFault(t, err, trouble{kind: tc.kind, code: tc.code})
				if f := fault.Of(err); f.Code == "event_refused" && strings.Contains(tc.body, "reason") && !strings.Contains(f.Message, "invalid") {
					t.Errorf("shown without its reason: %s", f.Message)
				}
			})
		}
	}
}
