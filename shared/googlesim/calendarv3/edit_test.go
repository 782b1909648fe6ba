package calendarv3_test

import (
	"strings"
	"testing"
	"time"
)

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
	if maybe := w.owner().do("PATCH", events("seqno"), obj{"status": "tentative"}).ok(); maybe.get("sequence") != 2.0 {
		t.Errorf("becoming tentative made it %v", maybe.get("sequence"))
	}
	w.owner().do("PATCH", events("seqno"), obj{"sequence": 1}).refused("400 invalid")
	body := meeting("", 1, 10)
	delete(body, "id")
	w.owner().do("PUT", events("seqno"), body).refused("400 invalid") // none counts as 0
	body["sequence"] = 0
	w.owner().do("PUT", events("seqno"), body).refused("400 invalid")
	w.owner().do("PATCH", events("seqno"), obj{"sequence": 0}).refused("400 invalid")
	body["sequence"] = 2
	if a := w.owner().do("PUT", events("seqno"), body).ok(); a.get("sequence") != 3.0 {
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
