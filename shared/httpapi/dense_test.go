package httpapi_test

import (
	"net/url"
	"strings"
	"testing"

	"aura.example/integrations/shared/integration"
)

// paged reads a range to its end, at most so many pages, and gives how often each
// event shows.
func (w *world) paged(path string, most int) (seen map[string]int, incomplete string) {
	w.t.Helper()
	seen = map[string]int{}
	for cursor := ""; ; most-- {
		if most == 0 {
			w.t.Fatalf("%s has no end", path)
		}
		a := w.want(w.get(path+"&limit=1000"+cursor), 200, "")
		for _, x := range items(a) {
			seen[x]++
		}
		if _, rest, named := strings.Cut(a.raw, `"incomplete":`); named {
			incomplete = rest
		}
		next := a.text("next_cursor")
		if next == "" {
			return seen, incomplete
		}
		cursor = "&cursor=" + url.QueryEscape(next)
	}
}

// Whatever repeats how often, and however long each lasts: all that is in a range is
// found by going on, once each, with what is beside it.
func TestADenseSeriesIsAllThere(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rule, until string // how long each lasts
		want        int    // in the hour, other than what is beside
	}{
		{"FREQ=SECONDLY", "2026-10-20 09:00", 3600},
		{"FREQ=SECONDLY", "2026-10-20 10:30", 3600 + 5399}, // more at one moment than one expansion gives
		{"FREQ=MINUTELY", "2026-10-20 09:00", 60},
		{"FREQ=MINUTELY;BYSECOND=0,30", "2026-10-21 09:00", 120 + 2879},
	} {
		w := newWorld(t)
		m := timed(series, "2026-10-20 09:00", c.until)
		m.Recurrence = []string{"RRULE:" + c.rule}
		w.put(m, timed(single, "2026-10-24 12:00", "2026-10-24 13:00"), allDay(holiday, "2026-10-24", "2026-10-25"))
		seen, lacking := w.paged(rangeOf("2026-10-24T12:00:00+02:00", "2026-10-24T13:00:00+02:00"), 20)
		if len(seen) != c.want+2 || lacking != "" {
			t.Errorf("%s until %s: %d are found, want %d; incomplete %q", c.rule, c.until, len(seen)-2, c.want, lacking)
		}
		for x, n := range seen {
			if n != 1 {
				t.Errorf("%s: %s is found %d times", c.rule, x, n)
			}
		}
		w.want(w.get("/v1/events/"+series+"_20261024T100001Z"), map[bool]int{true: 200, false: 404}[c.rule == "FREQ=SECONDLY"], map[bool]string{false: "not_found"}[c.rule == "FREQ=SECONDLY"])
	}
}

// A series that is counted from so long ago that nobody can say what of it is in the
// range is named, and what is beside it shows.
func TestASeriesThatCantBeWorkedOutIsNamed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	m := timed(series, "2020-01-01 09:00", "2020-01-01 09:00")
	m.Recurrence = []string{"RRULE:FREQ=SECONDLY;COUNT=1000000000"}
	w.put(m, timed(single, "2026-10-24 12:00", "2026-10-24 13:00"))
	seen, lacking := w.paged(rangeOf("2026-10-24T00:00:00Z", "2026-10-25T00:00:00Z"), 3)
	if len(seen) != 1 || !strings.Contains(lacking, `"id":"`+series+`","until":"2020-01-03T`) {
		t.Errorf("%v, incomplete %s", seen, lacking)
	}
	seen, lacking = w.paged(rangeOf("2020-01-03T01:00:00Z", "2020-01-03T03:00:00Z"), 6)
	if len(seen) != 2400 || !strings.Contains(lacking, `"until":"2020-01-03T01:40:00Z"`) {
		t.Errorf("where it ends, %d, incomplete %s", len(seen), lacking)
	}
}

// A day of a series is where the range's offset has it, as one that stands alone is.
func TestDaysOfASeriesAreTheRangesOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	days := allDay(series, "2026-10-20", "2026-10-21")
	days.Recurrence = []string{"RRULE:FREQ=DAILY;COUNT=12"}
	w.put(days)
	for _, hour := range []string{"00:00:00", "11:00:00", "23:00:00"} {
		for _, offset := range []string{"+13:00", "Z", "-11:00"} {
			from := "2026-10-24T" + hour
			to := strings.Replace(from, ":00:00", ":59:59", 1)
			same(t, items(w.get(rangeOf(from+offset, to+offset))), []string{s + "_20261024 2026-10-24"})
		}
	}
}

// Nobody makes what repeats more often than once a minute; what was made so
// elsewhere stays editable.
func TestASeriesThatIsTooDenseIsNotMade(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connected(integration.Active)
	for rule, status := range map[string]int{
		"FREQ=SECONDLY": 422, "FREQ=MINUTELY;BYSECOND=0,30": 422, "FREQ=MINUTELY": 201, "FREQ=SECONDLY;COUNT=60": 201,
	} {
		a := w.post("/v1/events", strings.Replace(aMeeting, `"title"`, `"recurrence":["RRULE:`+rule+`"],"title"`, 1))
		if a.status != status {
			t.Errorf("%s: %d %s", rule, a.status, a.raw)
		}
	}
	m := timed(series, "2026-10-20 09:00", "2026-10-20 09:01")
	m.Recurrence = []string{"RRULE:FREQ=SECONDLY"}
	w.put(m)
	at := "/v1/events/" + series
	later := `{"start":{"date_time":"2026-10-20T10:00:00+02:00","time_zone":"Europe/Madrid"},"end":{"date_time":"2026-10-20T10:01:00+02:00","time_zone":"Europe/Madrid"}}`
	w.want(w.write("PATCH", at, w.get(at).text("etag"), later), 200, "")
}
