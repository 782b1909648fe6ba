package recurrence

import (
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
)

func TestTheLastEndOfARow(t *testing.T) {
	t.Parallel()
	tests := []struct {
		start, want string // "" for endless
		lines       []string
	}{
		{"2026-03-02T09:00:00 Europe/Berlin", "2026-03-02T09:00:00Z", nil},
		{"2026-03-02", "2026-03-03T00:00:00Z", nil},
		{"2026-03-02T09:00:00 Europe/Berlin", "", []string{"RRULE:FREQ=DAILY"}},
		{"2026-03-02T09:00:00 Europe/Berlin", "2026-03-31T08:00:00Z", []string{"RRULE:FREQ=DAILY;COUNT=30"}},
		{"2026-03-02T09:00:00 Europe/Berlin", "2026-03-18T09:00:00Z", []string{"RRULE:FREQ=WEEKLY;BYDAY=WE;COUNT=4"}},
		{"2026-03-02T09:00:00 Europe/Berlin", "2026-03-02T09:00:00Z", []string{"RRULE:FREQ=WEEKLY;BYDAY=WE;COUNT=1"}},
		{"2026-03-02", "2026-03-12T00:00:00Z", []string{"RRULE:FREQ=DAILY;COUNT=10"}},
		{"2026-03-02T09:00:00 Europe/Berlin", "", []string{"RRULE:FREQ=DAILY;COUNT=3", "RRULE:FREQ=WEEKLY"}},
		{"2026-03-02T09:00:00 Europe/Berlin", "2027-03-10T09:00:00Z", []string{"RRULE:FREQ=DAILY;COUNT=3", "RDATE:20270310T080000Z"}},
		{"2026-03-02T09:00:00 Europe/Berlin", "2027-03-10T08:00:05Z", []string{"RDATE;VALUE=PERIOD:20270310T080000Z/PT5S"}},
		{"2026-03-02T09:00:00 Europe/Berlin", "", []string{"RRULE:FREQ=DAILY;COUNT=1000000000"}},
		{"2026-03-02T09:00:00 Europe/Berlin", "", []string{"RRULE:FREQ=SECONDLY;COUNT=1000000000"}},
		{"2026-03-02T09:00:00 Europe/Berlin", "", []string{"RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;COUNT=2"}},
		{"2026-03-02T09:00:00 Europe/Berlin", "2026-03-02T09:00:00Z", []string{"RRULE:FREQ=SOMETIMES"}},
	}
	for _, tt := range tests {
		got := LastEnd(master(t, tt.start, tt.lines...))
		want := time.Time{}
		if tt.want != "" {
			want = mustParse(t, time.RFC3339, tt.want)
		}
		if !got.Equal(want) {
			t.Errorf("%v ends %s, wanted %s", tt.lines, got, want)
		}
	}
}

// With UNTIL, or in a zone that isn't known, the last end is a bound: never too
// early, and not much too late.
func TestTheLastEndIsNeverTooEarly(t *testing.T) {
	t.Parallel()
	for _, start := range []string{"2026-03-02T09:00:00 Europe/Berlin", "2026-03-02T23:30:00 Pacific/Kiritimati", "2026-03-02T00:30:00 Etc/GMT+12", "2026-03-02T09:00:00 Middle/Earth", "2026-03-02T09:00:00 ", "2026-03-02"} {
		for _, line := range []string{
			"RRULE:FREQ=DAILY;UNTIL=20260401", "RRULE:FREQ=DAILY;UNTIL=20260401T093000", "RRULE:FREQ=DAILY;UNTIL=20260401T093000Z",
			"RRULE:FREQ=DAILY;COUNT=31", "RRULE:FREQ=DAILY;COUNT=1", "RDATE;TZID=Middle/Earth:20260320T120000",
			"RDATE:20260320T220000Z,20260320T230000Z,20260320T120000Z,20260320T100000Z", // midnights of three calendars
		} {
			row := master(t, start, line)
			last := LastEnd(row)
			for _, zone := range []string{"Europe/Berlin", "Pacific/Kiritimati", "Etc/GMT+12", ""} {
				r := years(2026, 2027)
				r.Zone = zone
				occs := Expand([]*calendar.Row{row}, r).Occurrences
				end := occs[len(occs)-1].End.Instant()
				if end.After(last) || last.Sub(end) > 5*24*time.Hour {
					t.Errorf("%s %s in %s: the last one ends %s, LastEnd says %s", start, line, zone, end, last)
				}
			}
		}
	}
}
