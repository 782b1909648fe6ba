package calendarv3_test

import (
	"slices"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/googlesim/calendarv3"
)

func TestEndIsExclusiveAndAllDayUsesDate(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for name, c := range map[string]struct {
		start, end obj
		want       string // "" accepted
		message    string
	}{
		"an hour":                         {at(1, 10), at(1, 11), "", ""},
		"no time at all":                  {at(1, 10), at(1, 10), "", ""},
		"a day":                           {obj{"date": "2026-12-01"}, obj{"date": "2026-12-02"}, "", ""},
		"a day that ends where it begins": {obj{"date": "2026-12-01"}, obj{"date": "2026-12-01"}, "400 timeRangeEmpty", ""},
		"ends before it begins":           {at(1, 10), at(1, 9), "400 timeRangeEmpty", ""},
		"date and date-time":              {obj{"date": "2026-12-01"}, at(2, 9), "400 invalid", ""},
		"both in one":                     {obj{"date": "2026-12-01", "dateTime": "2026-12-01T10:00:00Z"}, at(2, 9), "400 invalid", "Invalid start time."},
		"no end":                          {at(1, 10), nil, "400 required", "Missing end time."},
		"no start":                        {nil, at(1, 10), "400 required", "Missing start time."},
		"no such day":                     {obj{"date": "2026-02-30"}, obj{"date": "2026-03-03"}, "400 invalid", "Invalid start time."},
		"not a time":                      {obj{"dateTime": "soon"}, at(1, 10), "400 invalid", "Invalid start time."},
		"without offset and zone":         {obj{"dateTime": "2026-12-01T10:00:00"}, at(1, 11), "400 required", "Missing time zone definition for start time."},
		"unknown zone":                    {obj{"dateTime": "2026-12-01T10:00:00", "timeZone": "Mars/Olympus"}, at(1, 11), "400 invalid", "Invalid time zone definition for start time."},
		"unknown zone beside an offset":   {obj{"dateTime": "2026-12-01T10:00:00Z", "timeZone": "Mars/Olympus"}, at(1, 12), "400 invalid", ""},
		"zone as an offset":               {obj{"dateTime": "2026-12-01T10:00:00", "timeZone": "GMT+02:00"}, at(1, 11), "", ""},
	} {
		body := obj{"summary": name}
		if c.start != nil {
			body["start"] = c.start
		}
		if c.end != nil {
			body["end"] = c.end
		}
		a := w.owner().do("POST", events(), body)
		if c.want == "" {
			a.ok()
			continue
		}
		if a.refused(c.want); c.message != "" && a.message() != c.message {
			t.Errorf("%s: %q", name, a.message())
		}
	}
}

func TestTimesComeBackInTheCalendarsZone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.insert(obj{"id": "tokio", "start": obj{"dateTime": "2026-12-01T10:00:00.500-05:00"}, "end": obj{"dateTime": "2026-12-01T11:00:00", "timeZone": "America/New_York"}})
	if got := a.text("start", "dateTime"); got != "2026-12-01T16:00:00+01:00" {
		t.Errorf("start %s", got)
	}
	if a.text("start", "timeZone") != "Europe/Madrid" || a.text("end", "timeZone") != "America/New_York" {
		t.Errorf("zones %v %v", a.get("start"), a.get("end"))
	}
	b := w.owner().do("GET", events("tokio", "timeZone=Asia/Tokyo"), nil).ok()
	if got := b.text("start", "dateTime"); got != "2026-12-02T00:00:00+09:00" {
		t.Errorf("start in Tokyo %s", got)
	}
	w.owner().do("GET", events("tokio", "timeZone=Nowhere"), nil).refused("400 invalidParameter")
}

func TestRecurringNeedsTimeZone(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := obj{"recurrence": []string{"RRULE:FREQ=DAILY"}, "start": obj{"dateTime": "2026-12-01T10:00:00Z"}, "end": obj{"dateTime": "2026-12-01T11:00:00Z"}}
	if a := w.owner().do("POST", events(), m).refused("400 required"); a.message() != "Missing time zone definition for start time." {
		t.Error(a.message())
	}
	delete(m, "recurrence")
	w.owner().do("POST", events(), m).ok()
	m["start"], m["end"] = obj{"date": "2026-12-01"}, obj{"date": "2026-12-02"}
	m["recurrence"] = []string{"RRULE:FREQ=DAILY"}
	w.owner().do("POST", events(), m).ok() // days have no zone
}

func TestBadRecurrenceIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, line := range []string{"", "FREQ=DAILY", "RRULE:", "RRULE:FREQ=SECONDLY", "RRULE:FREQ=DAILY;COUNT=0", "RRULE:FREQ=DAILY;COUNT=2;UNTIL=20270101T000000Z",
		"RRULE:FREQ=DAILY;FREQ=WEEKLY", "RRULE:INTERVAL=2", "RRULE:FREQ=WEEKLY;BYDAY=XX", "RRULE:FREQ=WEEKLY;BYDAY=1MO", "RRULE:FREQ=MONTHLY;BYMONTHDAY=32",
		"RRULE:FREQ=DAILY;WKST=XX", "RRULE:FREQ=DAILY;UNTIL=soon", "RRULE:FREQ=DAILY;X=1", "DTSTART:20261201T100000Z", "EXDATE:never", "EXDATE;TZID=Mars/Olympus:20261201T100000"} {
		m := weekly("")
		delete(m, "id")
		m["recurrence"] = []string{line}
		w.owner().do("POST", events(), m).refused("400 invalid")
	}
}

func TestClientIDs(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for id, want := range map[string]string{
		"abcde": "", "v0v0v": "", strings.Repeat("a", 1024): "", "abcd": "400 invalid", strings.Repeat("a", 1025): "400 invalid",
		"ABCDE": "400 invalid", "abcdw": "400 invalid", "abcd-": "400 invalid", "abcde_20261201": "400 invalid", "ábcde": "400 invalid",
	} {
		if a := w.owner().do("POST", events(), meeting(id, 1, 10)); want == "" {
			a.ok()
		} else {
			a.refused(want)
		}
	}
	m := meeting("fresh", 1, 10)
	m["iCalUID"] = "mine@example.com"
	w.owner().do("POST", events(), m).refused("400 invalid") // id together with iCalUID
	delete(m, "id")
	if a := w.insert(m); a.text("iCalUID") != "mine@example.com" || len(a.text("id")) != 26 {
		t.Errorf("id %s, iCalUID %s", a.text("id"), a.text("iCalUID"))
	}
}

func TestDuplicateIDIs409AlsoOfADeletedEvent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.insert(meeting("taken", 1, 10))
	w.owner().do("POST", events(), meeting("taken", 2, 10)).refused("409 duplicate")
	w.owner().do("DELETE", events("taken"), nil).ok()
	w.owner().do("POST", events(), meeting("taken", 2, 10)).refused("409 duplicate")
	// Unique for each calendar, not everywhere.
	id, err := w.Server.AddCalendar(owner, calendarv3.Calendar{Summary: "Other"}, calendarv3.RoleOwner)
	w.must(err)
	w.owner().do("POST", on(id), meeting("taken", 2, 10)).ok()
}

func TestCreationDoesNotPromiseToDetectCollisions(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first := w.insert(meeting("again", 1, 10))
	inner := w.handler
	w.handler = handlerFunc(func(rw responseWriter, r *request) {
		inner.ServeHTTP(rw, r.WithContext(calendarv3.WithBlindInsert(r.Context())))
	})
	m := meeting("again", 2, 10)
	m["summary"] = "the other"
	second := w.insert(m)
	if second.text("etag") == first.text("etag") {
		t.Error("same etag")
	}
	if got := w.owner().do("GET", events("again"), nil).ok().text("summary"); got != "the other" {
		t.Errorf("stored %q", got)
	}
}

func TestDeleteIsSoft(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	before := w.insert(meeting("going", 1, 10))
	if a := w.owner().do("DELETE", events("going"), nil).ok(); a.status != 204 || len(a.raw) > 0 {
		t.Errorf("answered %d %q", a.status, a.raw)
	}
	a := w.owner().do("GET", events("going"), nil).ok()
	if a.text("status") != "cancelled" || a.text("summary") != "Meeting going" || a.text("etag") == before.text("etag") {
		t.Errorf("after: %s", a.raw)
	}
	w.owner().do("DELETE", events("going"), nil).refused("410 deleted")
	w.owner().do("DELETE", events("never"), nil).refused("404 notFound")
	w.owner().do("PATCH", events("going"), obj{"summary": "x"}).refused("404 notFound")
	if got := w.owner().do("GET", events(), nil).ok().ids(); len(got) != 0 {
		t.Errorf("listed %v", got)
	}
	if got := w.owner().do("GET", events("showDeleted=true"), nil).ok().ids(); !slices.Equal(got, []string{"going"}) {
		t.Errorf("listed with showDeleted %v", got)
	}
}

func TestDeletedEventsAreListedWithLittleMoreThanTheirID(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.syncToken(w.owner())
	sizes := map[int]bool{}
	for _, id := range []string{"bare0", "bare1", "bare2", "bare3"} {
		w.insert(meeting(id, 1, 10))
		w.owner().do("DELETE", events(id), nil).ok()
	}
	for _, i := range w.owner().do("GET", events("syncToken="+token), nil).ok().items() {
		if i["status"] != "cancelled" || i["id"] == nil || i["summary"] != nil || i["start"] != nil {
			t.Errorf("listed %v", i)
		}
		sizes[len(i)] = true
	}
	if !sizes[2] || !sizes[4] {
		t.Errorf("sizes %v: want some as {id, status} and some with kind and etag", sizes)
	}
}

func TestUndeleteByPutOfTheFullResource(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	old := w.insert(meeting("coming", 1, 10))
	w.owner().do("DELETE", events("coming"), nil).ok()
	full := w.owner().do("GET", events("coming"), nil).ok()
	full.doc["status"] = "confirmed"
	current := full.doc["sequence"]
	full.doc["sequence"] = old.doc["sequence"] // from before the deletion
	w.owner().do("PUT", events("coming"), full.doc).refused("400 invalid")
	full.doc["sequence"] = current
	w.owner().do("PUT", events("coming"), full.doc, "If-Match: "+old.text("etag")).refused("412 conditionNotMet")
	a := w.owner().do("PUT", events("coming"), full.doc, "If-Match: "+full.text("etag")).ok()
	if a.text("status") != "confirmed" || a.text("summary") != "Meeting coming" {
		t.Errorf("undeleted: %s", a.raw)
	}
	if w.owner().do("GET", events(), nil).ok().find("coming") == nil {
		t.Error("not listed again")
	}
}

func TestPatchMergesInsideObjectsAndReplacesArrays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := meeting("merge", 1, 10)
	m["extendedProperties"] = obj{"private": obj{"a": "1", "b": "2"}, "shared": obj{"c": "3"}}
	m["attendees"] = []obj{{"email": "one@example.com"}, {"email": "two@example.com"}}
	m["location"] = "here"
	w.insert(m)
	a := w.owner().do("PATCH", events("merge"), obj{
		"extendedProperties": obj{"private": obj{"a": nil, "d": "4"}},
		"attendees":          []obj{{"email": "three@example.com"}},
		"location":           nil,
		"start":              obj{"dateTime": "2026-12-01T09:30:00+01:00"}, // the zone is merged in from what is stored
	}).ok()
	if p := a.get("extendedProperties", "private"); dig(p, "a") != nil || dig(p, "b") != "2" || dig(p, "d") != "4" || a.text("extendedProperties", "shared", "c") != "3" {
		t.Errorf("properties %v", a.get("extendedProperties"))
	}
	if l, _ := a.get("attendees").([]any); len(l) != 1 || dig(l, 0, "email") != "three@example.com" {
		t.Errorf("attendees %v", a.get("attendees"))
	}
	if a.get("location") != nil || a.text("summary") != "Meeting merge" || a.text("start", "dateTime") != "2026-12-01T09:30:00+01:00" {
		t.Errorf("patched: %s", a.raw)
	}
	w.owner().do("PATCH", events("merge"), obj{"end": nil}).refused("400 required")
}

func TestPatchBetweenAllDayAndTimedNeedsTheOtherKeyAsNull(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.insert(obj{"id": "allda", "start": obj{"date": "2026-12-01"}, "end": obj{"date": "2026-12-02"}})
	timed := func(date any) obj {
		return obj{"start": obj{"dateTime": "2026-12-01T10:00:00+01:00"}, "end": obj{"dateTime": "2026-12-01T11:00:00+01:00"}}
	}
	a := w.owner().do("PATCH", events("allda"), timed(nil)).refused("400 invalid")
	if a.message() != "Invalid start time." {
		t.Error(a.message())
	}
	p := timed(nil)
	p["start"].(obj)["date"], p["end"].(obj)["date"] = nil, nil
	if a := w.owner().do("PATCH", events("allda"), p).ok(); a.text("start", "dateTime") == "" || a.get("start", "date") != nil {
		t.Errorf("timed: %s", a.raw)
	}
	back := obj{"start": obj{"date": "2026-12-01"}, "end": obj{"date": "2026-12-02"}}
	w.owner().do("PATCH", events("allda"), back).refused("400 invalid")
	back["start"].(obj)["dateTime"], back["end"].(obj)["dateTime"] = nil, nil
	w.owner().do("PATCH", events("allda"), back).ok()
}

func TestPutReplacesAll(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := meeting("putme", 1, 10)
	m["location"], m["extendedProperties"] = "here", obj{"private": obj{"a": "1"}}
	old := w.insert(m)
	a := w.owner().do("PUT", events("putme"), obj{"summary": "new", "start": at(1, 10)}).refused("400 required")
	if a.message() != "Missing end time." {
		t.Error(a.message())
	}
	a = w.owner().do("PUT", events("putme"), obj{"summary": "new", "start": at(1, 10), "end": at(1, 11)}).ok()
	if a.get("location") != nil || a.get("extendedProperties") != nil || a.text("summary") != "new" {
		t.Errorf("replaced: %s", a.raw)
	}
	for _, name := range []string{"id", "iCalUID", "created", "htmlLink"} { // what only the server sets stays
		if a.text(name) != old.text(name) {
			t.Errorf("%s: %s, was %s", name, a.text(name), old.text(name))
		}
	}
}

func TestStaleSequenceIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	old := w.insert(meeting("seqno", 1, 10))
	moved := w.owner().do("PATCH", events("seqno"), obj{"start": at(1, 9)}).ok()
	if old.get("sequence") != 0.0 || moved.get("sequence") != 1.0 {
		t.Errorf("sequence %v, then %v", old.get("sequence"), moved.get("sequence"))
	}
	if renamed := w.owner().do("PATCH", events("seqno"), obj{"summary": "x"}).ok(); renamed.get("sequence") != 1.0 {
		t.Errorf("renaming made it %v", renamed.get("sequence"))
	}
	body := meeting("", 1, 10)
	delete(body, "id")
	w.owner().do("PUT", events("seqno"), body).refused("400 invalid") // none counts as 0
	body["sequence"] = 0
	w.owner().do("PUT", events("seqno"), body).refused("400 invalid")
	w.owner().do("PATCH", events("seqno"), obj{"sequence": 0}).refused("400 invalid")
	body["sequence"] = 1
	if a := w.owner().do("PUT", events("seqno"), body).ok(); a.get("sequence") != 2.0 {
		t.Errorf("sequence %v", a.get("sequence"))
	}
}

func TestIfMatch(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.insert(meeting("match", 1, 10))
	old := "If-Match: " + a.text("etag")
	b := w.owner().do("PATCH", events("match"), obj{"summary": "x"}, old).ok()
	if b.header.Get("ETag") != b.text("etag") || b.text("etag") == a.text("etag") {
		t.Errorf("ETag %s, etag %s, before %s", b.header.Get("ETag"), b.text("etag"), a.text("etag"))
	}
	full := b.doc
	w.owner().do("PATCH", events("match"), obj{"summary": "y"}, old).refused("412 conditionNotMet")
	w.owner().do("PUT", events("match"), full, old).refused("412 conditionNotMet")
	w.owner().do("DELETE", events("match"), nil, old).refused("412 conditionNotMet")
	w.owner().do("PUT", events("match"), full, "If-Match: "+b.text("etag")).ok()
	w.owner().do("PATCH", events("match"), obj{"summary": "y"}, "If-Match: *").ok()
	w.owner().do("POST", events(), meeting("other", 1, 10), "If-Match: \"none\"").ok() // none on insert
	c := w.owner().do("GET", events("match"), nil).ok()
	if r := w.owner().do("GET", events("match"), nil, "If-None-Match: "+c.text("etag")); r.status != 304 || len(r.raw) > 0 {
		t.Errorf("If-None-Match: %d %s", r.status, r.raw)
	}
	w.owner().do("DELETE", events("match"), nil, "If-Match: "+c.text("etag")).ok()
}

func TestEtagsNeverRepeatWhileTheClockStandsStill(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	seen := map[string]bool{w.insert(meeting("still", 1, 10)).text("etag"): true}
	for range 5 {
		a := w.owner().do("PATCH", events("still"), obj{"summary": "same"}).ok()
		if seen[a.text("etag")] {
			t.Fatalf("etag %s again", a.text("etag"))
		}
		seen[a.text("etag")] = true
	}
	w.advance(-time.Hour)
	if a := w.owner().do("PATCH", events("still"), obj{"summary": "earlier"}).ok(); a.text("updated") < "2026-11-23T09:00" {
		t.Errorf("updated went back to %s", a.text("updated"))
	}
}

func TestChangingOnlyRemindersDoesNotChangeUpdated(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.insert(meeting("alarm", 1, 10))
	token := w.syncToken(w.owner())
	w.advance(time.Minute)
	r := obj{"useDefault": false, "overrides": []obj{{"method": "popup", "minutes": 5}}}
	b := w.owner().do("PATCH", events("alarm"), obj{"reminders": r}).ok()
	if b.text("updated") != a.text("updated") || b.text("etag") == a.text("etag") {
		t.Errorf("updated %s then %s, etag %s then %s", a.text("updated"), b.text("updated"), a.text("etag"), b.text("etag"))
	}
	if w.owner().do("GET", events("syncToken="+token), nil).ok().find("alarm") == nil {
		t.Error("not in the incremental listing")
	}
	c := w.owner().do("PATCH", events("alarm"), obj{"summary": "x", "reminders": obj{"useDefault": true, "overrides": nil}}).ok()
	if c.text("updated") == a.text("updated") {
		t.Error("updated did not move with the summary")
	}
	for _, bad := range []obj{{"useDefault": true, "overrides": []obj{{"method": "popup", "minutes": 5}}}} {
		w.owner().do("PATCH", events("alarm"), obj{"reminders": bad}).refused("400 cannotUseDefaultRemindersAndSpecifyOverride")
	}
	six := []obj{}
	for i := range 6 {
		six = append(six, obj{"method": "popup", "minutes": i})
	}
	w.owner().do("PATCH", events("alarm"), obj{"reminders": obj{"useDefault": false, "overrides": six}}).refused("400 invalid")
	w.owner().do("PATCH", events("alarm"), obj{"reminders": obj{"useDefault": false, "overrides": []obj{{"method": "fax", "minutes": 1}}}}).refused("400 invalid")
}

func TestExtendedPropertyLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	fits, tooLong := strings.Repeat("k", 44), strings.Repeat("k", 45)
	m := meeting("props", 1, 10)
	m["extendedProperties"] = obj{"private": obj{fits: strings.Repeat("ü", 1025), tooLong: "gone", "short": strings.Repeat("v", 1024)}, "shared": obj{tooLong: "gone"}}
	a := w.insert(m)
	private, _ := a.get("extendedProperties", "private").(map[string]any)
	if len(private) != 2 || private[fits] != strings.Repeat("ü", 1024) || private["short"] != strings.Repeat("v", 1024) || a.get("extendedProperties", "shared") != nil {
		t.Errorf("kept %v", a.get("extendedProperties"))
	}
	a = w.owner().do("PATCH", events("props"), obj{"extendedProperties": obj{"private": obj{"short": nil}}}).ok()
	if dig(a.get("extendedProperties", "private"), "short") != nil || dig(a.get("extendedProperties", "private"), fits) == nil {
		t.Errorf("null deletes one: %v", a.get("extendedProperties"))
	}
	a = w.owner().do("PUT", events("props"), obj{"start": at(1, 10), "end": at(1, 11)}).ok()
	if a.get("extendedProperties") != nil {
		t.Errorf("PUT without them: %v", a.get("extendedProperties"))
	}
}

func TestWhatIsStoredIsNormalised(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := weekly("norma")
	m["recurrence"] = []string{"rrule:byday=WE,MO;interval=1;count=4;freq=weekly;wkst=su", "EXDATE;TZID=Europe/Madrid:20261209t100000"}
	m["description"] = "Hello <script>alert(1)</script><B onclick=x>bold<br/>text & more\r\n-::~:~::~:~:~::-\nDo not edit this section.\n-::~:~::~:~:~::-"
	m["summary"], m["location"] = "", ""
	m["transparency"], m["visibility"], m["guestsCanModify"] = "opaque", "default", false
	a := w.insert(m)
	if got := a.text("description"); got != "Hello <b>bold<br>text &amp; more</b>" {
		t.Errorf("description %q", got)
	}
	if got := a.text("recurrence", 0); got != "RRULE:FREQ=WEEKLY;WKST=SU;COUNT=4;BYDAY=MO,WE" {
		t.Errorf("rule %q", got)
	}
	if got := a.text("recurrence", 1); got != "EXDATE;TZID=Europe/Madrid:20261209T100000" {
		t.Errorf("exclusion %q", got)
	}
	for _, name := range []string{"summary", "location", "transparency", "visibility", "guestsCanModify"} {
		if v, ok := a.doc[name]; ok {
			t.Errorf("%s is %v", name, v)
		}
	}
	if a.text("status") != "confirmed" || a.text("eventType") != "default" || a.get("reminders", "useDefault") != true {
		t.Errorf("defaults: %s", a.raw)
	}
}

func TestUnknownMembersAreIgnoredAndWrongTypesRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.handler = w.Server // past the guard, which would object to the request
	m := meeting("loose", 1, 10)
	m["colour"], m["hangoutLink"], m["locked"] = "red", "https://x", true
	a := w.insert(m)
	if a.get("colour") != nil || a.get("hangoutLink") != nil || a.get("locked") != nil {
		t.Errorf("kept %s", a.raw)
	}
	for name, v := range map[string]any{"summary": 5, "start": "now", "attendees": obj{}, "recurrence": []any{nil}, "sequence": "1", "guestsCanModify": "yes",
		"extendedProperties": obj{"private": obj{"k": 1}}, "status": "maybe", "visibility": "secret", "colorId": "99", "source": obj{"url": "ftp://x"}} {
		w.owner().do("PATCH", events("loose"), obj{name: v}).refused("400 invalid")
	}
	for _, email := range []string{"", "nobody", "@example.com", "a b@example.com", "a@localhost"} {
		w.owner().do("PATCH", events("loose"), obj{"attendees": []obj{{"email": email}}}).refused("400 invalid")
	}
}

func TestEventTypes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := meeting("kinds", 1, 10)
	for _, kind := range []string{"outOfOffice", "fromGmail", "birthday", "nonsense"} {
		m["eventType"] = kind
		w.handler = w.Server
		w.owner().do("POST", events(), m).refused("400 eventTypeRestriction")
	}
	m["eventType"] = "default"
	w.insert(m)
	w.owner().do("PATCH", events("kinds"), obj{"eventType": "focusTime"}).refused("400 eventTypeRestriction")
	w.owner().do("PATCH", events("kinds"), obj{"eventType": "default", "summary": "x"}).ok()

	_, err := w.Server.PutEvent(owner, calendarv3.Event{"id": "away0", "eventType": "outOfOffice", "summary": "Away",
		"start": at(1, 9), "end": at(1, 17)})
	w.must(err)
	w.owner().do("PATCH", events("away0"), obj{"summary": "x"}).refused("400 eventTypeRestriction")
	w.owner().do("PATCH", events("away0"), obj{"eventType": "default"}).refused("400 eventTypeRestriction")
	w.owner().do("PATCH", events("away0"), obj{"visibility": "private", "colorId": "3"}).ok()
	id, err := w.Server.AddCalendar(owner, calendarv3.Calendar{Summary: "Other"}, calendarv3.RoleOwner)
	w.must(err)
	w.owner().do("POST", events("away0", "move", "destination="+id), nil).refused("400 eventTypeRestriction")
	w.owner().do("DELETE", events("away0"), nil).ok()
}
