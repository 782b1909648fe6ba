package recurrence

import (
	"strconv"
	"strings"
	"testing"

	"aura.example/integrations/shared/calendar"
)

// oddLine is a series that libraries or people stumble over.
type oddLine struct {
	name  string
	start string
	lines []string
	want  string // at most six
	mark  string // part of the mark; "" where there is to be none
}

func oddLines() []oddLine {
	const (
		berlin = "2026-03-02T09:00:00 Europe/Berlin"
		day    = "2026-03-02"
	)
	return []oddLine{
		// Lines that libraries trip over, and that mean something.
		{"two rules are a union", berlin, []string{"RRULE:FREQ=WEEKLY;COUNT=2", "RRULE:FREQ=DAILY;INTERVAL=2;COUNT=3"}, "2026-03-02 2026-03-04 2026-03-06 2026-03-09", ""},
		{"an EXRULE takes away", berlin, []string{"RRULE:FREQ=DAILY;COUNT=7", "EXRULE:FREQ=WEEKLY;BYDAY=WE,SA"}, "2026-03-02 2026-03-03 2026-03-05 2026-03-06 2026-03-08", ""},
		{"an EXRULE's count is its own", berlin, []string{"RRULE:FREQ=DAILY;COUNT=4", "EXRULE:FREQ=DAILY;COUNT=2"}, "2026-03-04 2026-03-05", ""},
		{"folded and in lowercase", berlin, []string{"rrule:freq=daily;\r\n count=2"}, "2026-03-02 2026-03-03", ""},
		{"several lines in one element", berlin, []string{"RRULE:FREQ=DAILY;COUNT=3\r\nEXDATE:20260303T080000Z\r\n"}, "2026-03-02 2026-03-04", ""},
		{"semicolon at the end", berlin, []string{"RRULE:FREQ=DAILY;COUNT=2;"}, "2026-03-02 2026-03-03", ""},
		{"signs and leading zeros", berlin, []string{"RRULE:FREQ=MONTHLY;BYDAY=+1MO;BYMONTH=03,04"}, "2026-03-02 2026-04-06 2027-03-01 2027-04-05 2028-03-06 2028-04-03", ""},
		{"a weekday beside a numbered one", berlin, []string{"RRULE:FREQ=MONTHLY;BYDAY=MO,1TU;COUNT=6"}, "2026-03-02 2026-03-03 2026-03-09 2026-03-16 2026-03-23 2026-03-30", ""},
		{"53rd Monday of a month", berlin, []string{"RRULE:FREQ=YEARLY;BYMONTH=12;BYDAY=53MO"}, "2026-03-02", stray},
		{"30 February", berlin, []string{"RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}, "2026-03-02", stray},
		{"an hour that is never met", berlin, []string{"RRULE:FREQ=HOURLY;INTERVAL=2;BYHOUR=8"}, "2026-03-02", stray},
		{"BYWEEKNO without BYDAY", berlin, []string{"RRULE:FREQ=YEARLY;BYWEEKNO=10"}, "2026-03-02 2027-03-08 2028-03-06 2029-03-05", ""},
		{"no rule, only dates", berlin, []string{"RDATE:20260310T080000Z,20260312T080000Z"}, "2026-03-02 2026-03-10 2026-03-12", ""},
		{"nothing but an exclusion", berlin, []string{"EXDATE;TZID=Europe/Berlin:20260302T090000"}, "", ""},
		{"RSCALE that changes nothing", berlin, []string{"RRULE:RSCALE=GREGORIAN;FREQ=DAILY;COUNT=2;SKIP=OMIT"}, "2026-03-02 2026-03-03", ""},
		{"DTSTART out of step comes first and isn't counted", berlin, []string{"RRULE:FREQ=WEEKLY;BYDAY=WE;COUNT=3"}, "2026-03-02 2026-03-04 2026-03-11 2026-03-18", stray},
		{"an interval beyond all years", berlin, []string{"RRULE:FREQ=DAILY;INTERVAL=1000000000"}, "2026-03-02", ""},

		// UNTIL in all its forms.
		{"UNTIL as a date means that day", berlin, []string{"RRULE:FREQ=DAILY;UNTIL=20260304"}, "2026-03-02 2026-03-03 2026-03-04", ""},
		{"UNTIL in local time", berlin, []string{"RRULE:FREQ=DAILY;UNTIL=20260304T090000"}, "2026-03-02 2026-03-03 2026-03-04", ""},
		{"UNTIL in local time, one second short", berlin, []string{"RRULE:FREQ=DAILY;UNTIL=20260304T085959"}, "2026-03-02 2026-03-03", ""},
		{"UNTIL in UTC", berlin, []string{"RRULE:FREQ=DAILY;UNTIL=20260304T080000Z"}, "2026-03-02 2026-03-03 2026-03-04", ""},
		{"UNTIL in UTC, one second short", berlin, []string{"RRULE:FREQ=DAILY;UNTIL=20260304T075959Z"}, "2026-03-02 2026-03-03", ""},
		{"UNTIL before the start", berlin, []string{"RRULE:FREQ=DAILY;UNTIL=20200101T000000Z"}, "2026-03-02", stray},
		{"all-day, UNTIL as a date", day, []string{"RRULE:FREQ=DAILY;UNTIL=20260304"}, "2026-03-02 2026-03-03 2026-03-04", ""},
		{"all-day, UNTIL at the end of that day", day, []string{"RRULE:FREQ=DAILY;UNTIL=20260304T235959Z"}, "2026-03-02 2026-03-03 2026-03-04", ""},
		{"all-day, UNTIL as the calendar's midnight", day, []string{"RRULE:FREQ=DAILY;UNTIL=20260303T230000Z"}, "2026-03-02 2026-03-03 2026-03-04", ""},
		{"all-day, UNTIL in local time", day, []string{"RRULE:FREQ=DAILY;UNTIL=20260304T120000"}, "2026-03-02 2026-03-03 2026-03-04", ""},

		// EXDATE and RDATE in all theirs.
		{"EXDATE in another zone", berlin, []string{"RRULE:FREQ=DAILY;COUNT=3", "EXDATE;TZID=America/New_York:20260303T030000"}, "2026-03-02 2026-03-04", ""},
		{"EXDATE as a date", berlin, []string{"RRULE:FREQ=DAILY;COUNT=3", "EXDATE;VALUE=DATE:20260303"}, "2026-03-02 2026-03-04", ""},
		{"EXDATE at an offset", berlin, []string{"RRULE:FREQ=DAILY;COUNT=3", "EXDATE;TZID=GMT+02:00:20260303T100000"}, "2026-03-02 2026-03-04", ""},
		{"EXDATE at an hour that isn't the series'", berlin, []string{"RRULE:FREQ=DAILY;COUNT=2", "EXDATE:20260303T090000Z"}, "2026-03-02 2026-03-03", ""},
		{"EXDATE of DTSTART, counted all the same", berlin, []string{"RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20260302T080000Z"}, "2026-03-03 2026-03-04", ""},
		{"EXDATE with a quoted zone", berlin, []string{"RRULE:FREQ=DAILY;COUNT=2", `EXDATE;X-A="b;c:d";TZID="Europe/Berlin":20260303T090000`}, "2026-03-02", ""},
		{"all-day, EXDATE as a time", day, []string{"RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20260303T000000Z"}, "2026-03-02 2026-03-04", ""},
		{"all-day, EXDATE as the calendar's midnight", day, []string{"RRULE:FREQ=DAILY;COUNT=3", "EXDATE:20260302T230000Z"}, "2026-03-02 2026-03-04", ""},
		{"all-day, EXDATE with a zone", day, []string{"RRULE:FREQ=DAILY;COUNT=3", "EXDATE;TZID=America/New_York:20260303T000000"}, "2026-03-02 2026-03-04", ""},
		{"all-day, hours in the rule are ignored", day, []string{"RRULE:FREQ=DAILY;COUNT=2;BYHOUR=9;BYMINUTE=30"}, "2026-03-02 2026-03-03", ""},
		{"all-day, RDATE", day, []string{"RDATE;VALUE=DATE:20260401,20260315"}, "2026-03-02 2026-03-15 2026-04-01", ""},
		{"RDATE that the rule has too", berlin, []string{"RRULE:FREQ=DAILY;COUNT=2", "RDATE:20260303T080000Z"}, "2026-03-02 2026-03-03", ""},
		{"RDATE as a period with an end", berlin, []string{"RDATE;VALUE=PERIOD:20260303T090000Z/20260303T113000Z"}, "2026-03-02 2026-03-03T10:00", ""},
		{"RDATE as a period with a duration", berlin, []string{"RDATE;VALUE=PERIOD;TZID=Europe/Berlin:20260303T100000/PT2H30M"}, "2026-03-02 2026-03-03T10:00", ""},

		// Zones.
		{"unknown zone", "2026-03-02T09:00:00 Middle/Earth", []string{"RRULE:FREQ=DAILY;COUNT=2"}, "2026-03-02 2026-03-03", `"Middle/Earth" is unknown; Europe/Berlin is used`},
		{"Windows zone", berlin, []string{"RRULE:FREQ=DAILY;COUNT=2", "EXDATE;TZID=W. Europe Standard Time:20260303T090000"}, "2026-03-02", `"W. Europe Standard Time" is unknown; Europe/Berlin is used`},
		{"no zone is the calendar's", "2026-03-02T08:00:00 ", []string{"RRULE:FREQ=WEEKLY;COUNT=6"}, "2026-03-02T08:00 2026-03-09T08:00 2026-03-16T08:00 2026-03-23T08:00 2026-03-30T07:00 2026-04-06T07:00", ""},
		{"an offset for a zone", "2026-03-02T09:00:00 GMT+02:00", []string{"RRULE:FREQ=DAILY;COUNT=2"}, "2026-03-02 2026-03-03", ""},

		// What can't be expanded.
		{"no frequency", berlin, []string{"RRULE:COUNT=3"}, "2026-03-02", "no FREQ"},
		{"unknown frequency", berlin, []string{"RRULE:FREQ=FORTNIGHTLY"}, "2026-03-02", `"FORTNIGHTLY" is unknown`},
		{"unknown part", berlin, []string{"RRULE:FREQ=YEARLY;BYEASTER=0"}, "2026-03-02", `"BYEASTER" is unknown`},
		{"one part twice", berlin, []string{"RRULE:FREQ=DAILY;FREQ=WEEKLY"}, "2026-03-02", `"FREQ" twice`},
		{"part without a value", berlin, []string{"RRULE:FREQ=DAILY;COUNT="}, "2026-03-02", "no value"},
		{"COUNT and UNTIL", berlin, []string{"RRULE:FREQ=DAILY;COUNT=3;UNTIL=20260401"}, "2026-03-02", "exclude each other"},
		{"COUNT=0", berlin, []string{"RRULE:FREQ=DAILY;COUNT=0"}, "2026-03-02", "not a number from 1"},
		{"INTERVAL=0", berlin, []string{"RRULE:FREQ=DAILY;INTERVAL=0"}, "2026-03-02", "not a number from 1"},
		{"a number beyond all bounds", berlin, []string{"RRULE:FREQ=DAILY;INTERVAL=99999999999999999999"}, "2026-03-02", "not a number"},
		{"month 13", berlin, []string{"RRULE:FREQ=YEARLY;BYMONTH=13"}, "2026-03-02", `"13"`},
		{"leap second", berlin, []string{"RRULE:FREQ=DAILY;BYSECOND=60"}, "2026-03-02", `"60"`},
		{"zeroth Monday", berlin, []string{"RRULE:FREQ=MONTHLY;BYDAY=0MO"}, "2026-03-02", `"0MO"`},
		{"no weekday", berlin, []string{"RRULE:FREQ=WEEKLY;BYDAY=MONDAY"}, "2026-03-02", `"MONDAY"`},
		{"numbered weekday in a week", berlin, []string{"RRULE:FREQ=WEEKLY;BYDAY=1MO"}, "2026-03-02", "months and years only"},
		{"BYSETPOS alone", berlin, []string{"RRULE:FREQ=MONTHLY;BYSETPOS=1"}, "2026-03-02", "needs another"},
		{"BYWEEKNO in a month", berlin, []string{"RRULE:FREQ=MONTHLY;BYWEEKNO=10"}, "2026-03-02", "yearly rule only"},
		{"BYYEARDAY in a week", berlin, []string{"RRULE:FREQ=WEEKLY;BYYEARDAY=100"}, "2026-03-02", "BYYEARDAY"},
		{"BYMONTHDAY in a week", berlin, []string{"RRULE:FREQ=WEEKLY;BYMONTHDAY=13"}, "2026-03-02", "BYMONTHDAY"},
		{"every minute of a year", berlin, []string{"RRULE:FREQ=YEARLY;BYDAY=MO,TU,WE,TH,FR,SA,SU;BYHOUR=" + upTo(23) + ";BYMINUTE=" + upTo(59)}, "2026-03-02", "too many times of day"},
		{"every other first week", berlin, []string{"RRULE:FREQ=YEARLY;INTERVAL=2;BYWEEKNO=1;BYDAY=MO"}, "2026-03-02", "which year"},
		{"another calendar", berlin, []string{"RRULE:RSCALE=CHINESE;FREQ=YEARLY"}, "2026-03-02", `"CHINESE"`},
		{"UNTIL that is none", berlin, []string{"RRULE:FREQ=DAILY;UNTIL=tomorrow"}, "2026-03-02", "UNTIL"},
		{"UNTIL on 30 February", berlin, []string{"RRULE:FREQ=DAILY;UNTIL=20260230"}, "2026-03-02", `"20260230"`},
		{"an hourly day", day, []string{"RRULE:FREQ=HOURLY"}, "2026-03-02", "within the day"},
		{"unknown line", berlin, []string{"RRULE:FREQ=DAILY", "DTSTART:20260302T080000Z"}, "2026-03-02", `"DTSTART" is unknown`},
		{"line without a value", berlin, []string{"FREQ=DAILY"}, "2026-03-02", "has no value"},
		{"no date", berlin, []string{"RRULE:FREQ=DAILY", "EXDATE:soon"}, "2026-03-02", `"soon"`},
		{"a day added to hours", berlin, []string{"RDATE;VALUE=DATE:20260310"}, "2026-03-02", "a date without a time"},
		{"a period taken away", berlin, []string{"RRULE:FREQ=DAILY", "EXDATE;VALUE=PERIOD:20260303T080000Z/PT1H"}, "2026-03-02", "can't be excluded"},
		{"a period that runs backwards", berlin, []string{"RDATE;VALUE=PERIOD:20260303T080000Z/20260303T070000Z"}, "2026-03-02", "ends before"},
		{"a period that is none", berlin, []string{"RDATE;VALUE=PERIOD:20260303T080000Z/P"}, "2026-03-02", "no duration"},
		{"a period of a day", day, []string{"RDATE;VALUE=PERIOD:20260303T080000Z/PT1H"}, "2026-03-02", "all-day"},
	}
}

// Complaint 10: one odd recurrence breaks the calendar. Here are the odd lines
// that were seen in the wild or can be made, and what becomes of each: expanded
// rightly, or shown at its first start with a mark that says why.
func TestOneOddRecurrenceDoesNotBreakTheCalendar(t *testing.T) {
	t.Parallel()
	for _, tt := range oddLines() {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			row := master(t, tt.start, tt.lines...)
			healthy := master(t, "2026-03-05T12:00:00 UTC", "RRULE:FREQ=DAILY;COUNT=2")
			healthy.ID = "evt_healthy"
			var odd, well []Occurrence
			for _, o := range Expand([]*calendar.Row{row, healthy}, years(2026, 2030)).Occurrences {
				if o.Row == row {
					odd = append(odd, o)
				} else {
					well = append(well, o)
				}
			}
			same(t, odd[:min(6, len(odd))], tt.want)
			same(t, well, "2026-03-05T12:00 2026-03-06T12:00")
			mark := Check(row, "Europe/Berlin")
			if !strings.Contains(mark, tt.mark) || (tt.mark == "") != (mark == "") {
				t.Errorf("marked %q, wanted %q in it", mark, tt.mark)
			}
			if len(odd) > 0 && odd[0].Odd != mark {
				t.Errorf("shown with the mark %q, stored with %q", odd[0].Odd, mark)
			}
		})
	}
}

// upTo lists the numbers from 0 to n.
func upTo(n int) string {
	s := "0"
	for i := 1; i <= n; i++ {
		s += "," + strconv.Itoa(i)
	}
	return s
}

// A mark goes into the row, so a line of any length must not make it long.
func TestAMarkIsShort(t *testing.T) {
	t.Parallel()
	row := master(t, "2026-03-02T09:00:00 "+strings.Repeat("X", 3000), "RRULE:"+strings.Repeat("é", 100_000))
	if mark := Check(row, ""); mark == "" || len(mark) > 400 {
		t.Errorf("a mark of %d bytes: %.500s", len(mark), mark)
	}
}

// Complaint 20: time zones that the runtime doesn't know.
func TestTimeZonesNobodyKnows(t *testing.T) {
	t.Parallel()
	tests := []struct{ start, end, calendarZone, mark string }{
		{"Europe/Berlin", "America/New_York", "Europe/Berlin", ""},
		{"", "", "", ""},
		{"", "", "Nowhere", ""},
		{"Local", "", "Asia/Tokyo", `"Local" is unknown; Asia/Tokyo`},
		{"../../etc/passwd", "", "Asia/Tokyo", `"../../etc/passwd" is unknown`},
		{"Europe/Berlin", "Pacific Standard Time", "Nowhere", `"Pacific Standard Time" is unknown; UTC`},
		{"right/Europe/Berlin", "", "UTC", "right/"},
		{"+05:30", "UTC-3", "UTC", ""},
		{"GMT+19:00", "", "UTC", "GMT+19:00"},
	}
	for _, tt := range tests {
		t.Run(tt.start, func(t *testing.T) {
			t.Parallel()
			row := master(t, "2026-03-02T09:00:00 UTC")
			row.Start.Zone, row.End.Zone = tt.start, tt.end
			mark := Check(row, tt.calendarZone)
			if !strings.Contains(mark, tt.mark) || (tt.mark == "") != (mark == "") {
				t.Errorf("marked %q, wanted %q in it", mark, tt.mark)
			}
			got := Expand([]*calendar.Row{row}, Range{From: years(2026, 2027).From, To: years(2026, 2027).To, Zone: tt.calendarZone})
			if len(got.Occurrences) != 1 || got.Occurrences[0].Start.Zone != tt.start || got.Occurrences[0].Odd != mark {
				t.Errorf("shown as %+v", got.Occurrences)
			}
		})
	}
}
