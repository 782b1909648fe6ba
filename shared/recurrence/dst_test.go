package recurrence

import (
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
)

// instantsOf renders occurrences as instants.
func instantsOf(occs []Occurrence) string {
	s := ""
	for _, o := range occs {
		s += o.Start.At.UTC().Format(" 0102T1504Z")
	}
	return s
}

// Each row crosses a change of a zone's clock; the instants were worked out by
// hand from the tz database's rules.
func TestAcrossChangesOfTheClock(t *testing.T) {
	t.Parallel()
	tests := []struct{ name, start, rule, want string }{
		{"nine stays nine in spring", "2026-03-07T09:00:00 America/New_York", "FREQ=DAILY;COUNT=3", " 0307T1400Z 0308T1300Z 0309T1300Z"},
		{"nine stays nine in autumn", "2026-10-24T09:00:00 Europe/Berlin", "FREQ=DAILY;COUNT=3", " 1024T0700Z 1025T0800Z 1026T0800Z"},
		{"half past two that does not exist is half past three", "2026-03-07T02:30:00 America/New_York", "FREQ=DAILY;COUNT=3", " 0307T0730Z 0308T0730Z 0309T0630Z"},
		{"the same east of Greenwich", "2026-03-28T02:30:00 Europe/Berlin", "FREQ=DAILY;COUNT=3", " 0328T0130Z 0329T0130Z 0330T0030Z"},
		{"half past one that exists twice is the first", "2026-10-31T01:30:00 America/New_York", "FREQ=DAILY;COUNT=3", " 1031T0530Z 1101T0530Z 1102T0630Z"},
		{"the same east of Greenwich", "2026-10-24T02:30:00 Europe/Berlin", "FREQ=DAILY;COUNT=3", " 1024T0030Z 1025T0030Z 1026T0130Z"},
		{"half an hour on Lord Howe", "2026-10-03T02:15:00 Australia/Lord_Howe", "FREQ=DAILY;COUNT=3", " 1002T1545Z 1003T1545Z 1004T1515Z"},
		{"half an hour on Lord Howe, twice", "2026-04-04T01:45:00 Australia/Lord_Howe", "FREQ=DAILY;COUNT=3", " 0403T1445Z 0404T1445Z 0405T1515Z"},
		{"midnight that does not exist", "2026-04-23T00:00:00 Africa/Cairo", "FREQ=DAILY;COUNT=3", " 0422T2200Z 0423T2200Z 0424T2100Z"},
		{"Samoa had no 30 December 2011", "2011-12-29T09:00:00 Pacific/Apia", "FREQ=DAILY;COUNT=4", " 1229T1900Z 1230T1900Z 1231T1900Z"},
		{"hourly over the gap: each hour once", "2026-03-08T00:30:00 America/New_York", "FREQ=HOURLY;COUNT=5", " 0308T0530Z 0308T0630Z 0308T0730Z 0308T0830Z"},
		{"UNTIL counts in instants, in the repeated hour too", "2026-10-31T01:30:00 America/New_York", "FREQ=DAILY;UNTIL=20261101T053000Z", " 1031T0530Z 1101T0530Z"},
		{"and one second less is less", "2026-10-31T01:30:00 America/New_York", "FREQ=DAILY;UNTIL=20261101T052959Z", " 1031T0530Z"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			got := Expand([]*calendar.Row{master(t, tt.start, "RRULE:"+tt.rule)}, years(2000, 2030))
			if s := instantsOf(got.Occurrences); s != tt.want {
				t.Errorf("%s\n shown %s\nwanted %s", tt.rule, s, tt.want)
			}
		})
	}
}

// The second of the two hours can be a series' start; its own one is kept, the
// others are the first again.
func TestASeriesThatStartsInTheSecondOfTwoHours(t *testing.T) {
	t.Parallel()
	row := master(t, "2026-11-01T06:30:00 UTC", "RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20261102T063000Z")
	row.Start.Zone = "America/New_York" // 01:30 EST
	got := Expand([]*calendar.Row{row}, years(2026, 2028))
	if s := instantsOf(got.Occurrences); s != " 1101T0630Z 1103T0630Z" {
		t.Errorf("shown%s", s)
	}
}

// An EXDATE that names a time in the gap, or one of the two hours, takes out
// what the rule shows there.
func TestExclusionsAcrossChangesOfTheClock(t *testing.T) {
	t.Parallel()
	tests := []struct{ start, exdate, want string }{
		{"2026-03-07T02:30:00 America/New_York", "EXDATE;TZID=America/New_York:20260308T023000", " 0307T0730Z 0309T0630Z"},
		{"2026-03-07T02:30:00 America/New_York", "EXDATE:20260308T073000Z", " 0307T0730Z 0309T0630Z"},
		{"2026-10-31T01:30:00 America/New_York", "EXDATE;TZID=America/New_York:20261101T013000", " 1031T0530Z 1102T0630Z"},
		{"2026-10-31T01:30:00 America/New_York", "EXDATE:20261101T063000Z", " 1031T0530Z 1101T0530Z 1102T0630Z"}, // the second one, which is none of ours
		{"2026-10-31T23:30:00 America/New_York", "EXDATE;VALUE=DATE:20261101", " 1101T0330Z 1103T0430Z"},
	}
	for _, tt := range tests {
		row := master(t, tt.start, "RRULE:FREQ=DAILY;COUNT=3", tt.exdate)
		if s := instantsOf(Expand([]*calendar.Row{row}, years(2026, 2027)).Occurrences); s != tt.want {
			t.Errorf("%s\n shown %s\nwanted %s", tt.exdate, s, tt.want)
		}
	}
}

// Dates have no clock: nothing changes about them, and an occurrence lasts as
// many days as the first.
func TestAllDaySeriesCrossAChangeOfTheClock(t *testing.T) {
	t.Parallel()
	row := master(t, "2026-03-27", "RRULE:FREQ=DAILY;INTERVAL=2;COUNT=3")
	row.End.Date = "2026-03-30"
	row.Start.Zone = "Europe/Berlin" // some providers send one with dates, too
	got := Expand([]*calendar.Row{row}, years(2026, 2027)).Occurrences
	same(t, got, "2026-03-27 2026-03-29 2026-03-31")
	if end := got[1].End; end != (calendar.Time{Date: "2026-04-01"}) {
		t.Errorf("the second one ends %+v", end)
	}
}

// RFC 5545, 3.8.5.3: the duration is exact, so a night shift over the gap ends
// an hour later on the clock.
func TestOccurrencesLastAsLongAsTheFirst(t *testing.T) {
	t.Parallel()
	row := master(t, "2026-03-27T23:00:00 Europe/Berlin", "RRULE:FREQ=DAILY;COUNT=3")
	row.End.At = row.Start.At.Add(8 * time.Hour)
	for _, o := range Expand([]*calendar.Row{row}, years(2026, 2027)).Occurrences {
		if d := o.End.At.Sub(o.Start.At); d != 8*time.Hour {
			t.Errorf("%s lasts %s", o.ID, d)
		}
	}
}

// instant is held to a definition that shares nothing with it: of all instants
// of two days, the first that shows w; if there is none, w moved by the gap.
func TestWallClockTimesBecomeInstants(t *testing.T) {
	t.Parallel()
	changes := map[string]time.Time{
		"Europe/Berlin":       time.Date(2026, 3, 29, 2, 0, 0, 0, time.UTC),
		"America/New_York":    time.Date(2026, 11, 1, 1, 0, 0, 0, time.UTC),
		"Australia/Lord_Howe": time.Date(2026, 10, 4, 2, 0, 0, 0, time.UTC),
		"America/Santiago":    time.Date(2026, 9, 6, 0, 0, 0, 0, time.UTC),
		"Africa/Casablanca":   time.Date(2026, 3, 22, 2, 0, 0, 0, time.UTC),
		"Asia/Kolkata":        time.Date(2026, 3, 22, 2, 0, 0, 0, time.UTC),
	}
	for name, change := range changes {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			loc := load(name)
			for minute := -180; minute <= 180; minute += 5 {
				w := change.Add(time.Duration(minute) * time.Minute)
				var want time.Time
				for at := w.Add(-30 * time.Hour); at.Before(w.Add(30 * time.Hour)); at = at.Add(5 * time.Minute) {
					if wallClock(at, loc).Equal(w) {
						want = at
						break
					}
				}
				if want.IsZero() { // in the gap: by the offset of three hours before
					_, before := w.Add(-27 * time.Hour).In(loc).Zone()
					want = w.Add(-time.Duration(before) * time.Second)
				}
				if got := instant(w, loc); !got.Equal(want) {
					t.Errorf("%s is %s, wanted %s", w.Format(time.DateTime), got, want)
				}
			}
		})
	}
}
