package calendar_test

import (
	"fmt"
	"testing"
	"time"

	"github.com/teambition/rrule-go"
	"pgregory.net/rapid"

	"aura.example/integrations/shared/calendar"
)

func moment(s string) time.Time {
	t, err := time.Parse("2006-01-02 15:04", s)
	if err != nil {
		panic(err)
	}
	return t
}

func timed(s string) calendar.Time { return calendar.Time{At: moment(s), Zone: "Europe/Berlin"} }

func date(s string) calendar.Time { return calendar.Time{Date: s} }

func TestPlaceOf(t *testing.T) {
	t.Parallel()
	at := func(c calendar.Class, s string) calendar.Place { return calendar.Place{Class: c, At: moment(s)} }
	single := func(start, end calendar.Time) *calendar.Row {
		return &calendar.Row{Content: calendar.Content{Start: start, End: end, Status: calendar.Confirmed}}
	}
	exception := func(original, start, end calendar.Time) *calendar.Row {
		r := single(start, end)
		r.MasterID, r.OriginalStart = "evt_m", original
		return r
	}
	with := func(r *calendar.Row, set func(*calendar.Row)) *calendar.Row {
		set(r)
		return r
	}
	cancelled := func(r *calendar.Row) { r.Status = calendar.Cancelled }
	for name, x := range map[string]struct {
		row  *calendar.Row
		want calendar.Place
	}{
		"an hour":                      {single(timed("2026-01-05 09:00"), timed("2026-01-05 10:00")), at(calendar.ClassShort, "2026-01-05 09:00")},
		"a day and no longer":          {single(date("2026-01-05"), date("2026-01-06")), at(calendar.ClassShort, "2026-01-05 00:00")},
		"longer than a day":            {single(date("2026-01-05"), date("2026-01-07")), at(calendar.ClassLong, "2026-01-07 00:00")},
		"without an end":               {single(timed("2026-01-05 09:00"), calendar.Time{}), at(calendar.ClassShort, "2026-01-05 09:00")},
		"ending before it starts":      {single(timed("2026-01-05 09:00"), timed("2026-01-01 09:00")), at(calendar.ClassShort, "2026-01-05 09:00")},
		"an exception moved later":     {exception(timed("2026-01-05 09:00"), timed("2026-01-09 09:00"), timed("2026-01-09 10:00")), at(calendar.ClassSeries, "2026-01-09 10:00")},
		"an exception moved earlier":   {exception(timed("2026-01-05 09:00"), timed("2026-01-01 09:00"), timed("2026-01-01 10:00")), at(calendar.ClassSeries, "2026-01-05 09:00")},
		"an exception that is removed": {with(exception(timed("2026-01-05 09:00"), calendar.Time{}, calendar.Time{}), cancelled), at(calendar.ClassSeries, "2026-01-05 09:00")},
		"a cancelled event":            {with(single(timed("2026-01-05 09:00"), timed("2026-01-05 10:00")), cancelled), calendar.Place{}},
		"a tombstone":                  {with(single(timed("2026-01-05 09:00"), timed("2026-01-05 10:00")), func(r *calendar.Row) { r.Pending = calendar.PendingDelete }), calendar.Place{}},
		"an exception's tombstone": {with(single(timed("2026-01-05 09:00"), timed("2026-01-05 10:00")), func(r *calendar.Row) {
			r.MasterID, r.OriginalStart, r.Pending = "evt_m", r.Start, calendar.PendingDelete
		}), at(calendar.ClassSeries, "2026-01-05 10:00")},
		"an edit that waits is no such": {with(single(timed("2026-01-05 09:00"), timed("2026-01-05 10:00")), func(r *calendar.Row) { r.Pending = calendar.PendingEdit }), at(calendar.ClassShort, "2026-01-05 09:00")},
		"an endless series": {with(single(timed("2026-01-05 09:00"), timed("2026-01-05 10:00")), func(r *calendar.Row) { r.Recurrence = []string{"RRULE:FREQ=DAILY"} }),
			calendar.Place{Class: calendar.ClassSeries, At: calendar.FarEnd}},
	} {
		if got := calendar.PlaceOf(x.row); got.Class != x.want.Class || !got.At.Equal(x.want.At) {
			t.Errorf("%s: %+v, want %+v", name, got, x.want)
		}
	}
}

func TestLastEndOfPlainRules(t *testing.T) {
	t.Parallel()
	start, end := timed("2026-01-05 09:00"), timed("2026-01-05 10:00")
	far := calendar.FarEnd.Format("2006-01-02 15:04")
	for _, x := range []struct {
		lines []string
		want  string // to the minute; two days are added for whatever zone it is meant in
	}{
		{nil, "2026-01-07 10:00"},
		{[]string{"RRULE:FREQ=DAILY;COUNT=10"}, "2026-01-17 10:00"},
		{[]string{"RRULE:FREQ=DAILY;INTERVAL=3;COUNT=10"}, "2026-02-06 10:00"},
		{[]string{"RRULE:FREQ=WEEKLY;BYDAY=MO,TU;COUNT=2;WKST=SU"}, "2026-01-21 10:00"},
		{[]string{"RRULE:FREQ=DAILY;UNTIL=20260301T085959Z"}, "2026-03-04 01:00"},
		{[]string{"RRULE:FREQ=DAILY;UNTIL=20260301"}, "2026-03-04 01:00"},
		{[]string{"rrule:freq=daily;count=10"}, "2026-01-17 10:00"},
		{[]string{"RDATE;TZID=Europe/Berlin:20260401T090000,20260301T090000"}, "2026-04-04 01:00"},
		{[]string{"RRULE:FREQ=DAILY;COUNT=2", "EXDATE:20300101T090000Z"}, "2026-01-09 10:00"},
		{[]string{"RRULE:FREQ=DAILY;COUNT=2", "RRULE:FREQ=DAILY"}, far},
		{[]string{"RRULE:FREQ=DAILY;UNTIL=20260301\nRRULE:FREQ=DAILY"}, far},
		{[]string{"RRULE:FREQ=DAILY;COUNT=2\r\nRRULE:FREQ=DAILY;UNTIL=20260301"}, "2026-03-04 01:00"},
		{[]string{"RRULE:FREQ=MONTHLY;COUNT=3;BYMONTHDAY=31"}, far}, // months without a 31st are skipped
		{[]string{"RRULE:FREQ=WEEKLY;COUNT=3;BYMONTH=1"}, far},
		{[]string{"RRULE:FREQ=HOURLY;COUNT=3"}, far},
		{[]string{"RRULE:FREQ=DAILY;COUNT=999999999"}, far},
		{[]string{"RRULE:FREQ=DAILY;COUNT=9;INTERVAL=999999999"}, far},
		{[]string{"RRULE:FREQ=DAILY;COUNT=-1"}, far},
		{[]string{"RRULE:FREQ=DAILY;UNTIL=soon"}, far},
		{[]string{"RRULE:FREQ=DAILY;UNTIL=99991231"}, far},
		{[]string{"RDATE;VALUE=PERIOD:20260401T090000Z/PT99H"}, far},
		{[]string{"nonsense"}, far},
		{[]string{"X-THING:1"}, far},
	} {
		got := calendar.LastEnd(&calendar.Content{Start: start, End: end, Recurrence: x.lines})
		if got.Format("2006-01-02 15:04") != x.want {
			t.Errorf("%q: %s, want %s", x.lines, got, x.want)
		}
	}
	late := calendar.Content{Start: timed("2026-01-31 09:00"), End: end, Recurrence: []string{"RRULE:FREQ=MONTHLY;COUNT=3"}}
	if got := calendar.LastEnd(&late); !got.Equal(calendar.FarEnd) {
		t.Errorf("every 31st: %s, want the far end", got)
	}
}

// TestNoOccurrenceEndsAfterLastEnd asks another program for the occurrences of
// rules of every shape.
func TestNoOccurrenceEndsAfterLastEnd(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		zone, err := time.LoadLocation(rapid.SampledFrom([]string{"UTC", "Europe/Berlin", "Pacific/Kiritimati", "Pacific/Pago_Pago", "America/New_York"}).Draw(t, "zone"))
		if err != nil {
			t.Fatal(err)
		}
		start := time.Date(2026, time.Month(rapid.IntRange(1, 12).Draw(t, "month")), rapid.IntRange(1, 31).Draw(t, "day"), rapid.IntRange(0, 23).Draw(t, "hour"), 0, 0, 0, zone)
		rule := "FREQ=" + rapid.SampledFrom([]string{"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}).Draw(t, "freq")
		if n := rapid.IntRange(1, 4).Draw(t, "interval"); n > 1 {
			rule += fmt.Sprintf(";INTERVAL=%d", n)
		}
		rule += rapid.SampledFrom([]string{"", "", ";BYDAY=MO", ";BYDAY=2TU", ";BYDAY=-1FR", ";BYDAY=5WE", ";BYMONTHDAY=31", ";BYMONTHDAY=-1", ";BYMONTH=2", ";BYMONTH=2;BYMONTHDAY=29"}).Draw(t, "by")
		if rapid.Bool().Draw(t, "counted") {
			rule += fmt.Sprintf(";COUNT=%d", rapid.IntRange(1, 30).Draw(t, "count"))
		} else {
			rule += ";UNTIL=" + start.AddDate(0, rapid.IntRange(0, 30).Draw(t, "months"), 3).UTC().Format("20060102T150405Z")
		}
		option, err := rrule.StrToROption(rule)
		if err != nil {
			t.Skip("the other program refuses it")
		}
		option.Dtstart = start
		expanded, err := rrule.NewRRule(*option)
		if err != nil {
			t.Skip("the other program refuses it")
		}
		lasts := time.Duration(rapid.IntRange(0, 100).Draw(t, "hours")) * time.Hour
		bound := calendar.LastEnd(&calendar.Content{
			Start: calendar.Time{At: start, Zone: zone.String()}, End: calendar.Time{At: start.Add(lasts), Zone: zone.String()}, Recurrence: []string{"RRULE:" + rule},
		})
		for _, at := range expanded.All() {
			if at.Add(lasts).After(bound) {
				t.Fatalf("%s from %s: an occurrence at %s, which lasts %s, ends after %s", rule, start, at, lasts, bound)
			}
		}
	})
}
