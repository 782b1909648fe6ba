package httpapi_test

import (
	"fmt"
	"maps"
	"strings"
	"sync"
	"testing"

	"aura.example/integrations/shared/integration"
)

// weekly is aMeeting as a series of five Wednesdays.
var weekly = strings.Replace(aMeeting, `"title"`, `"recurrence":["RRULE:FREQ=WEEKLY;COUNT=5"],"title"`, 1)

const (
	aDayLater     = `{"start":{"date_time":"2026-12-03T10:00:00+01:00","time_zone":"Europe/Madrid"},"end":{"date_time":"2026-12-03T11:00:00+01:00","time_zone":"Europe/Madrid"}}`
	twoYearsLater = `{"start":{"date_time":"2028-12-10T10:00:00+01:00","time_zone":"Europe/Madrid"},"end":{"date_time":"2028-12-10T11:00:00+01:00","time_zone":"Europe/Madrid"}}`
)

// Who repeats a change because its answer was lost hears that the event isn't as
// they saw it, and not that there is none: also where the first try took the
// occurrence's address away. A deletion that is repeated hears that it is gone.
func TestAChangeThatIsRepeatedIsStale(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connected(integration.Active)
	for name, c := range map[string]struct {
		method, at, body string
		first, again     int
	}{
		"this":               {"PATCH", "_20261209T090000Z", `{"title":"x"}`, 200, 412},
		"following":          {"PATCH", "_20261209T090000Z?scope=following", `{"title":"x"}`, 200, 412},
		"all, and moved":     {"PATCH", "_20261202T090000Z?scope=all", aDayLater, 200, 412},
		"all, and no series": {"PATCH", "_20261202T090000Z?scope=all", `{"recurrence":[]}`, 200, 412},
		"the first of all":   {"PATCH", "_20261125T090000Z?scope=following", aDayLater, 200, 412},
		"the series":         {"PATCH", "", `{"title":"x"}`, 200, 412},
		"this gone":          {"DELETE", "_20261209T090000Z", "", 204, 404},
		"following gone":     {"DELETE", "_20261209T090000Z?scope=following", "", 204, 404},
		"all gone":           {"DELETE", "_20261209T090000Z?scope=all", "", 204, 404},
	} {
		t.Run(name, func(t *testing.T) {
			a := w.post("/v1/events", weekly)
			at := "/v1/events/" + a.text("id") + c.at
			if got := w.write(c.method, at, a.text("etag"), c.body); got.status != c.first {
				t.Fatalf("the first try: %d %s", got.status, got.raw)
			}
			before := w.get("/v1/events/" + a.text("id") + "_20261125T090000Z").raw
			if got := w.write(c.method, at, a.text("etag"), c.body); got.status != c.again {
				t.Errorf("the repeat: %d %s, want %d", got.status, got.raw, c.again)
			}
			if after := w.get("/v1/events/" + a.text("id") + "_20261125T090000Z").raw; c.method == "PATCH" && c.at != "" && !strings.Contains(before, "not_found") && after != before {
				t.Errorf("the repeat changed something:\n%s\n%s", before, after)
			}
		})
	}
	// What never was, is not found by whoever has the tag that is right.
	a := w.post("/v1/events", weekly)
	w.want(w.write("PATCH", "/v1/events/"+a.text("id")+"_20261210T090000Z", a.text("etag"), `{"title":"x"}`), 404, "not_found")
}

// Of eight windows that send one edit at once, one is heard, and the others are told
// why they weren't.
func TestEightWindowsAtOnce(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connected(integration.Active)
	for _, scope := range []string{"", "_20261209T090000Z?scope=this", "_20261209T090000Z?scope=following", "_20261202T090000Z?scope=all"} {
		a := w.post("/v1/events", weekly)
		var wg sync.WaitGroup
		var mu sync.Mutex
		got := map[int]int{}
		for i := range 8 {
			wg.Go(func() {
				x := w.write("PATCH", "/v1/events/"+a.text("id")+scope, a.text("etag"), strings.Replace(aDayLater, `{"start"`, fmt.Sprintf(`{"title":"w%d","start"`, i), 1))
				mu.Lock()
				defer mu.Unlock()
				got[x.status]++
			})
		}
		wg.Wait()
		if want := map[int]int{200: 1, 412: 7}; !maps.Equal(got, want) {
			t.Errorf("%q: %v, want %v", scope, got, want)
		}
	}
}

// An occurrence that was moved out of its series' time stands alone in the range
// that it is in. By the tag that the list gives it, whatever of it can be changed.
func TestAnOccurrenceMovedFarFromItsSeries(t *testing.T) {
	t.Parallel()
	for _, scope := range []string{"this", "all", "following"} {
		w := newWorld(t)
		w.connected(integration.Active)
		id := w.post("/v1/events", weekly).text("id")
		at := "/v1/events/" + id + "_20261202T090000Z"
		w.want(w.write("PATCH", at, w.get(at).text("etag"), twoYearsLater), 200, "")
		list, _ := w.get(rangeOf("2028-12-01T00:00:00Z", "2028-12-31T00:00:00Z")).doc["items"].([]any)
		if len(list) != 1 {
			t.Fatalf("the range holds %v", list)
		}
		far, _ := list[0].(map[string]any)
		tag, _ := far["etag"].(string)
		if one := w.get(at).text("etag"); one != tag {
			t.Errorf("in the list its tag is %s, by its address %s", tag, one)
		}
		w.want(w.write("PATCH", at+"?scope="+scope, tag, `{"title":"x"}`), 200, "")
		w.want(w.write("PATCH", at+"?scope="+scope, tag, `{"title":"y"}`), 412, "stale")
	}
}

// A half of a series is held to what an edit says of it, and not to what it was
// made with elsewhere.
func TestAHalfOfASeriesThatAuraWouldNotMake(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connected(integration.Active)
	m := timed(series, "2026-11-24 09:15", "2026-11-24 09:30")
	m.Recurrence = []string{"RRULE:FREQ=WEEKLY;BYDAY=TU;COUNT=60"}
	for range 120 { // more lines than Aura takes, one longer than it takes
		m.Recurrence = append(m.Recurrence, "EXDATE;TZID=Europe/Madrid:20270302T091500")
	}
	m.Recurrence = append(m.Recurrence, "EXDATE;TZID=Europe/Madrid:20270302T091500"+strings.Repeat(",20270303T091500", 300))
	m.Description = strings.Repeat("x", 9000)
	w.put(m)
	edit := func(day, body string) answer {
		return w.wrong("PATCH", "/v1/events/"+series+"_"+day+"T081500Z?scope=following", w.get("/v1/events/"+series).text("etag"), body)
	}
	for _, body := range []string{
		`{"description":"` + strings.Repeat("x", 8193) + `"}`, `{"title":"` + strings.Repeat("x", 1025) + `"}`, `{"recurrence":["RRULE:FREQ=DAILY;COUNT=x"]}`,
		`{"end":{"date_time":"2026-12-15T09:00:00+01:00","time_zone":"Europe/Madrid"}}`, `{"recurrence":["` + strings.Repeat("RRULE:FREQ=DAILY;", 300) + `"]}`,
	} {
		w.want(edit("20261215", body), 422, "invalid")
	}
	tail := w.want(edit("20261215", `{"title":"x"}`), 200, "")
	if tail.text("title") != "x" || len(tail.text("description")) != 9000 {
		t.Errorf("the new half is %.300s", tail.raw)
	}
	moved := `{"start":{"date_time":"2026-12-23T08:15:00+01:00","time_zone":"Europe/Madrid"},"end":{"date_time":"2026-12-23T08:30:00+01:00","time_zone":"Europe/Madrid"}}`
	tail = w.want(w.wrong("PATCH", "/v1/events/"+tail.text("id")+"_20261222T081500Z?scope=following", tail.text("etag"), moved), 200, "") // a day later, so its rule is another
	if !strings.Contains(tail.raw, "FREQ=WEEKLY;BYDAY=WE") {
		t.Errorf("moved, the half is %.300s", tail.raw)
	}
}

// What is asked with a tag that something on the way made weak is asked of nothing
// that there is, and changes nothing.
func TestAWeakTagIsStale(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.post("/v1/events", aMeeting)
	for _, method := range []string{"PATCH", "DELETE"} {
		body := map[string]string{"PATCH": `{"title":"x"}`}[method]
		w.want(w.wrong(method, "/v1/events/"+a.text("id"), "W/"+a.text("etag"), body), 412, "stale")
		for _, bad := range []string{"W/*", "W/", `w/` + a.text("etag"), `W/"a", "b"`, `W/W/"a"`} {
			w.want(w.wrong(method, "/v1/events/"+a.text("id"), bad, body), 422, "invalid")
		}
	}
	if now := w.get("/v1/events/" + a.text("id")); now.raw != a.raw {
		t.Errorf("it is %s", now.raw)
	}
}

func TestNoTextHoldsNUL(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.post("/v1/events", aMeeting)
	for _, field := range []string{"title", "description", "location"} {
		body := `{"` + field + `":"a\u0000b"}`
		if got := w.want(w.wrong("PATCH", "/v1/events/"+a.text("id"), a.text("etag"), body), 422, "invalid"); !strings.Contains(got.raw, `"field":"`+field+`"`) {
			t.Errorf("%s: %s", field, got.raw)
		}
		w.want(w.wrong("POST", "/v1/events", "", strings.Replace(body, "{", `{"start":{"date":"2026-12-01"},"end":{"date":"2026-12-02"},`, 1)), 422, "invalid")
	}
	w.want(w.write("PATCH", "/v1/events/"+a.text("id"), a.text("etag"), `{"description":"a\n\tb\u200d"}`), 200, "")
}
