package recurrence

import (
	"fmt"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
)

// A rule can ask for any number of occurrences; what is shown and what is
// worked is bounded, and what was left out is said.
func TestRulesThatRunAway(t *testing.T) {
	t.Parallel()
	centuries := Range{From: utc(1, 1, 0), To: utc(1, 1, 0).AddDate(700, 0, 0), Zone: "UTC"}
	month := Range{From: utc(3, 1, 0), To: utc(4, 1, 0), Zone: "UTC"}
	decade := Range{From: utc(3, 1, 0), To: utc(3, 1, 0).AddDate(10, 0, 0), Zone: "UTC"}
	tests := []struct {
		name, start, rule string
		r                 Range
		shown             int
		cut               string // since when; "" for not cut
	}{
		{"every second of a month", "2026-03-01T00:00:00 UTC", "FREQ=SECONDLY", month, maxPerSeries, "2026-03-01T01:23:20Z"},
		{"every second since the Romans", "0100-01-01T00:00:00 UTC", "FREQ=SECONDLY", month, maxPerSeries, "2026-03-01T00:23:21Z"},
		{"a thousand million days", "2026-03-01T00:00:00 UTC", "FREQ=DAILY;COUNT=1000000000", month, 31, ""},
		{"a thousand million days since the Romans", "0100-01-01T00:00:00 UTC", "FREQ=DAILY;COUNT=1000000000", month, 0, "0510-09-09T00:00:00Z"},
		{"seconds counted from long ago", "2020-01-01T00:00:00 UTC", "FREQ=SECONDLY;COUNT=1000000000", month, 0, "2020-01-02T17:40:00Z"},
		{"days of seven centuries", "2026-03-01T00:00:00 UTC", "FREQ=DAILY", centuries, maxPerSeries, "2039-11-08T00:00:00Z"},
		{"yearly for seven centuries", "2026-03-01T00:00:00 UTC", "FREQ=YEARLY", centuries, 700, ""},
		{"every second of one hour of one day, far off", "2026-03-01T00:00:00 UTC", "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=29;BYHOUR=3", month, 1, ""},
		{"never again, by the second", "2026-03-01T00:00:00 UTC", "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30;BYHOUR=3", decade, 1, ""},
		{"never again, by the second and the second's place", "2026-03-01T00:00:00 UTC", "FREQ=SECONDLY;BYSECOND=1;BYSETPOS=2", decade, 1, ""},
		{"never again, by the day", "2026-03-01T00:00:00 UTC", "FREQ=DAILY;INTERVAL=7;BYDAY=MO", decade, 1, ""},
		{"never again, by the month", "2026-03-01T00:00:00 UTC", "FREQ=MONTHLY;BYDAY=5MO,5TU;BYMONTHDAY=1", decade, 1, ""},
		{"a year of 400", "2000-02-29T00:00:00 UTC", "FREQ=YEARLY;INTERVAL=400", centuries, 1, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			row := master(t, tt.start, "RRULE:"+tt.rule)
			began := time.Now()
			got := Expand([]*calendar.Row{row}, tt.r)
			// Generous, for -race on a busy machine: each takes 0.2 s at most alone.
			// Without bounds the rows above take many minutes, or for ever.
			if d := time.Since(began); d > time.Minute {
				t.Errorf("took %s", d)
			}
			if len(got.Occurrences) != tt.shown {
				t.Errorf("%d are shown, wanted %d", len(got.Occurrences), tt.shown)
			}
			cut := ""
			if len(got.Cuts) > 0 {
				cut = got.Cuts[0].Since.Format(time.RFC3339)
			}
			if cut != tt.cut {
				t.Errorf("cut at %q, wanted %q", cut, tt.cut)
			}
			for _, o := range got.Occurrences {
				if (strings.Contains(o.Odd, "too often")) != (tt.cut != "") {
					t.Fatalf("%s is marked %q", o.ID, o.Odd)
				}
			}
		})
	}
}

// Too many series for one answer: the earliest are shown, whole, and it is said
// up to when.
func TestARangeThatHoldsTooMuch(t *testing.T) {
	t.Parallel()
	var rows []*calendar.Row
	for i := range 60 {
		row := master(t, "2026-01-01T00:00:00 UTC", "RRULE:FREQ=HOURLY;INTERVAL=2")
		row.ID = fmt.Sprintf("evt_%02d", i)
		rows = append(rows, row)
	}
	r := Range{From: utc(1, 1, 0), To: utc(12, 31, 0), Zone: "UTC"} // 60 × 4,368
	got := Expand(rows, r)
	// 50,000 are 833 rounds of 60 and a third of one; only whole rounds stay.
	if n := len(got.Occurrences); n != 833*60 {
		t.Errorf("%d are shown", n)
	}
	if want := utc(1, 1, 0).Add(833 * 2 * time.Hour); !got.Complete.Equal(want) {
		t.Errorf("complete up to %s, wanted %s", got.Complete, want)
	}
	if last := got.Occurrences[len(got.Occurrences)-1]; !last.Start.At.Before(got.Complete) {
		t.Errorf("the last one is at %s", last.Start.At)
	}
	if all := Expand(rows[:5], r); !all.Complete.Equal(r.To) || len(all.Occurrences) != 5*12*364 {
		t.Errorf("five of them: %d up to %s", len(all.Occurrences), all.Complete)
	}
}

// Lines and dates beyond their bounds are refused as a whole, with a mark.
func TestTooManyLines(t *testing.T) {
	t.Parallel()
	dates := "EXDATE:20300101T000000Z"
	for range maxDates {
		dates += ",20300101T000000Z"
	}
	lines := make([]string, maxLines+1)
	for i := range lines {
		lines[i] = "RDATE:20300101T000000Z"
	}
	for _, row := range []*calendar.Row{master(t, "2026-03-01T00:00:00 UTC", dates), master(t, "2026-03-01T00:00:00 UTC", lines...)} {
		if got := Expand([]*calendar.Row{row}, years(2026, 2040)); len(got.Occurrences) != 1 || got.Occurrences[0].Odd == "" {
			t.Errorf("%d are shown", len(got.Occurrences))
		}
	}
}
