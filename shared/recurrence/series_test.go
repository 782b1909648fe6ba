package recurrence

import (
	"slices"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
)

// master makes a series of one hour from its start: "1997-09-02T09:00:00
// America/New_York", or "1997-09-02" for a day.
func master(t testing.TB, start string, lines ...string) *calendar.Row {
	t.Helper()
	row := &calendar.Row{ID: "evt_a", Content: calendar.Content{Status: calendar.Confirmed, Recurrence: lines}}
	if _, err := time.Parse(time.DateOnly, start); err == nil {
		row.Start = calendar.Time{Date: start}
		row.End = calendar.Time{Date: mustParse(t, time.DateOnly, start).AddDate(0, 0, 1).Format(time.DateOnly)}
		return row
	}
	clock, zone, _ := strings.Cut(start, " ")
	loc := load(zone)
	if loc == nil {
		loc = time.UTC
	}
	at, err := time.ParseInLocation("2006-01-02T15:04:05", clock, loc)
	if err != nil {
		t.Fatal(err)
	}
	row.Start = calendar.Time{At: at, Zone: zone}
	row.End = calendar.Time{At: at.Add(time.Hour), Zone: zone}
	return row
}

func mustParse(t testing.TB, layout, s string) time.Time {
	t.Helper()
	at, err := time.Parse(layout, s)
	if err != nil {
		t.Fatal(err)
	}
	return at
}

// years is a range between two years' beginnings.
func years(from, to int) Range {
	return Range{
		From: time.Date(from, 1, 1, 0, 0, 0, 0, time.UTC), To: time.Date(to, 1, 1, 0, 0, 0, 0, time.UTC),
		Zone: "Europe/Berlin",
	}
}

// starts renders occurrences by their start on the clock of their own zone, the
// hour left out where it is nine.
func starts(occs []Occurrence) []string {
	var out []string
	for _, o := range occs {
		if o.Start.IsDate() {
			out = append(out, o.Start.Date)
			continue
		}
		loc := load(o.Start.Zone)
		if loc == nil {
			loc = time.UTC
		}
		s := o.Start.At.In(loc).Format("2006-01-02T15:04:05")
		out = append(out, strings.TrimSuffix(strings.TrimSuffix(s, ":00"), "T09:00"))
	}
	return out
}

// same compares what was shown with what is wanted, written with blanks between.
func same(t *testing.T, got []Occurrence, want string) {
	t.Helper()
	if g, w := starts(got), strings.Fields(want); !slices.Equal(g, w) {
		t.Errorf("shown\n  %v\nwanted\n  %v", g, w)
	}
}

// The examples of RFC 5545, 3.8.5.3, each with the occurrences that the RFC
// itself lists, endless ones as far as it lists them. (Its list for the hourly
// one until 17:00Z goes on to 15:00 in New York, which is 19:00Z: erratum 3883.)
func TestExamplesOfTheRFC(t *testing.T) {
	t.Parallel()
	const sept2 = "1997-09-02T09:00:00 America/New_York"
	tests := []struct {
		start, rule string
		most        int
		want        string
	}{
		{sept2, "FREQ=DAILY;COUNT=10", 99, "1997-09-02 1997-09-03 1997-09-04 1997-09-05 1997-09-06 1997-09-07 1997-09-08 1997-09-09 1997-09-10 1997-09-11"},
		{sept2, "FREQ=DAILY;INTERVAL=2", 4, "1997-09-02 1997-09-04 1997-09-06 1997-09-08"},
		{sept2, "FREQ=DAILY;INTERVAL=10;COUNT=5", 99, "1997-09-02 1997-09-12 1997-09-22 1997-10-02 1997-10-12"},
		{"1998-01-01T09:00:00 America/New_York", "FREQ=YEARLY;UNTIL=20000131T140000Z;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA", 3, "1998-01-01 1998-01-02 1998-01-03"},
		{sept2, "FREQ=WEEKLY;COUNT=10", 99, "1997-09-02 1997-09-09 1997-09-16 1997-09-23 1997-09-30 1997-10-07 1997-10-14 1997-10-21 1997-10-28 1997-11-04"},
		{sept2, "FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH", 99, "1997-09-02 1997-09-04 1997-09-09 1997-09-11 1997-09-16 1997-09-18 1997-09-23 1997-09-25 1997-09-30 1997-10-02"},
		{"1997-09-01T09:00:00 America/New_York", "FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;BYDAY=MO,WE,FR", 6, "1997-09-01 1997-09-03 1997-09-05 1997-09-15 1997-09-17 1997-09-19"},
		{sept2, "FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH", 99, "1997-09-02 1997-09-04 1997-09-16 1997-09-18 1997-09-30 1997-10-02 1997-10-14 1997-10-16"},
		{"1997-09-05T09:00:00 America/New_York", "FREQ=MONTHLY;COUNT=10;BYDAY=1FR", 99, "1997-09-05 1997-10-03 1997-11-07 1997-12-05 1998-01-02 1998-02-06 1998-03-06 1998-04-03 1998-05-01 1998-06-05"},
		{"1997-09-07T09:00:00 America/New_York", "FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU", 99, "1997-09-07 1997-09-28 1997-11-02 1997-11-30 1998-01-04 1998-01-25 1998-03-01 1998-03-29 1998-05-03 1998-05-31"},
		{"1997-09-22T09:00:00 America/New_York", "FREQ=MONTHLY;COUNT=6;BYDAY=-2MO", 99, "1997-09-22 1997-10-20 1997-11-17 1997-12-22 1998-01-19 1998-02-16"},
		{"1997-09-28T09:00:00 America/New_York", "FREQ=MONTHLY;BYMONTHDAY=-3", 6, "1997-09-28 1997-10-29 1997-11-28 1997-12-29 1998-01-29 1998-02-26"},
		{"1997-09-30T09:00:00 America/New_York", "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1", 99, "1997-09-30 1997-10-01 1997-10-31 1997-11-01 1997-11-30 1997-12-01 1997-12-31 1998-01-01 1998-01-31 1998-02-01"},
		{"1997-09-10T09:00:00 America/New_York", "FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15", 99, "1997-09-10 1997-09-11 1997-09-12 1997-09-13 1997-09-14 1997-09-15 1999-03-10 1999-03-11 1999-03-12 1999-03-13"},
		{"1997-06-10T09:00:00 America/New_York", "FREQ=YEARLY;COUNT=10;BYMONTH=6,7", 4, "1997-06-10 1997-07-10 1998-06-10 1998-07-10"},
		{"1997-01-01T09:00:00 America/New_York", "FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200", 99, "1997-01-01 1997-04-10 1997-07-19 2000-01-01 2000-04-09 2000-07-18 2003-01-01 2003-04-10 2003-07-19 2006-01-01"},
		{"1997-05-19T09:00:00 America/New_York", "FREQ=YEARLY;BYDAY=20MO", 3, "1997-05-19 1998-05-18 1999-05-17"},
		{"1997-05-12T09:00:00 America/New_York", "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO", 3, "1997-05-12 1998-05-11 1999-05-17"},
		{"1997-03-13T09:00:00 America/New_York", "FREQ=YEARLY;BYMONTH=3;BYDAY=TH", 7, "1997-03-13 1997-03-20 1997-03-27 1998-03-05 1998-03-12 1998-03-19 1998-03-26"},
		{"1998-02-13T09:00:00 America/New_York", "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13", 5, "1998-02-13 1998-03-13 1998-11-13 1999-08-13 2000-10-13"},
		{"1997-09-13T09:00:00 America/New_York", "FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13", 6, "1997-09-13 1997-10-11 1997-11-08 1997-12-13 1998-01-10 1998-02-07"},
		{"1996-11-05T09:00:00 America/New_York", "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8", 3, "1996-11-05 2000-11-07 2004-11-02"},
		{"1997-09-04T09:00:00 America/New_York", "FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3", 99, "1997-09-04 1997-10-07 1997-11-06"},
		{"1997-09-29T09:00:00 America/New_York", "FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-2", 7, "1997-09-29 1997-10-30 1997-11-27 1997-12-30 1998-01-29 1998-02-26 1998-03-30"},
		{sept2, "FREQ=HOURLY;INTERVAL=3;UNTIL=19970902T170000Z", 99, "1997-09-02 1997-09-02T12:00"},
		{sept2, "FREQ=MINUTELY;INTERVAL=15;COUNT=6", 99, "1997-09-02 1997-09-02T09:15 1997-09-02T09:30 1997-09-02T09:45 1997-09-02T10:00 1997-09-02T10:15"},
		{sept2, "FREQ=MINUTELY;INTERVAL=90;COUNT=4", 99, "1997-09-02 1997-09-02T10:30 1997-09-02T12:00 1997-09-02T13:30"},
		{sept2, "FREQ=DAILY;BYHOUR=9,10;BYMINUTE=0,20,40", 7, "1997-09-02 1997-09-02T09:20 1997-09-02T09:40 1997-09-02T10:00 1997-09-02T10:20 1997-09-02T10:40 1997-09-03"},
		{sept2, "FREQ=MINUTELY;INTERVAL=20;BYHOUR=9,10", 7, "1997-09-02 1997-09-02T09:20 1997-09-02T09:40 1997-09-02T10:00 1997-09-02T10:20 1997-09-02T10:40 1997-09-03"},
		{"1997-08-05T09:00:00 America/New_York", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", 99, "1997-08-05 1997-08-10 1997-08-19 1997-08-24"},
		{"1997-08-05T09:00:00 America/New_York", "FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", 99, "1997-08-05 1997-08-17 1997-08-19 1997-08-31"},
		{"2007-01-15T09:00:00 America/New_York", "FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5", 99, "2007-01-15 2007-01-30 2007-02-15 2007-03-15 2007-03-30"},
	}
	for _, tt := range tests {
		t.Run(tt.rule, func(t *testing.T) {
			t.Parallel()
			got := Expand([]*calendar.Row{master(t, tt.start, "RRULE:"+tt.rule)}, years(1990, 2010))
			same(t, got.Occurrences[:min(tt.most, len(got.Occurrences))], tt.want)
			if odd := got.Occurrences[0].Odd; odd != "" && tt.most == 99 {
				t.Errorf("marked: %s", odd)
			}
		})
	}
}
