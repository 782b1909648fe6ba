package calendarv3_test

import (
	"slices"
	"strings"
	"testing"

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
