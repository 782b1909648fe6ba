package recurrence

import (
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
)

// FuzzExpand gives anything for recurrence lines, zones and times: nothing
// panics, nothing runs away, and what is shown is in order, in the range, of
// different starts, and once only where it is marked as not expanded.
func FuzzExpand(f *testing.F) {
	f.Add("RRULE:FREQ=DAILY", "Europe/Berlin", int64(1772438400), int64(3600), int64(0), int64(30*86400))
	f.Add("RRULE:FREQ=YEARLY;BYMONTH=12;BYDAY=53MO,MO\nEXDATE;TZID=GMT+02:00:20260303T100000", "", int64(-62135596800), int64(-5), int64(0), int64(1<<40))
	f.Add("RRULE:FREQ=HOURLY;INTERVAL=2;BYHOUR=8;COUNT=1000000000", "right/UTC", int64(253402300799), int64(1), int64(-1<<40), int64(1<<41))
	f.Add("RDATE;VALUE=PERIOD:20260303T090000Z/P1W,99991231T235959Z/PT9S", "Local", int64(1<<55), int64(1<<60), int64(5), int64(6))
	f.Add("EXRULE:FREQ=SECONDLY\nRRULE:FREQ=MONTHLY;INTERVAL=1000000000;BYDAY=-1FR;BYSETPOS=-366", "Pacific/Apia", int64(0), int64(86400), int64(0), int64(86400))
	f.Add("RRULE:FREQ=YEARLY;BYWEEKNO=53,-53;BYDAY=SU", "date", int64(1772438400), int64(86400), int64(0), int64(20*365*86400))
	g := generator{rand.New(rand.NewPCG(1, 2))}
	for range 50 {
		q := g.question()
		f.Add(strings.Join(q.Lines, "\n"), q.Zone, int64(1772438400), int64(60), int64(-86400), int64(86400*100))
	}
	f.Fuzz(func(t *testing.T, lines, zone string, start, length, from, to int64) {
		row := &calendar.Row{ID: "evt_a", Content: calendar.Content{Recurrence: strings.Split(lines, "|")}}
		at := time.Unix(start, 0).UTC()
		if zone == "date" {
			row.Start.Date = at.Format(time.DateOnly)
			row.End.Date = at.Add(time.Duration(length) * time.Second).Format(time.DateOnly)
		} else {
			row.Start = calendar.Time{At: at, Zone: zone}
			row.End = calendar.Time{At: time.Unix(start+length, 0), Zone: zone}
		}
		r := Range{From: time.Unix(start+from, 0), To: time.Unix(start+to, 0), Zone: zone}
		began := time.Now()
		got := Expand([]*calendar.Row{row}, r)
		mark := Check(row, zone)
		if d := time.Since(began); d > 30*time.Second {
			t.Errorf("it took %s", d)
		}
		if strings.HasPrefix(mark, "it can't") && len(got.Occurrences) > 1 {
			t.Errorf("%d occurrences of what can't be expanded", len(got.Occurrences))
		}
		seen := map[string]bool{}
		for i, o := range got.Occurrences {
			sp := span{o.Start.Instant(), o.End.Instant()}
			if !sp.shows(r.From, r.To) {
				t.Errorf("%s shows outside of the range", o.ID)
			}
			if i > 0 && o.Start.Instant().Before(got.Occurrences[i-1].Start.Instant()) {
				t.Errorf("%s is out of order", o.ID)
			}
			if seen[o.ID] {
				t.Errorf("%s shows twice", o.ID)
			}
			seen[o.ID] = true
		}
	})
}
