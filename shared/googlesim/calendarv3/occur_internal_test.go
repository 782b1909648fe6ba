package calendarv3

import (
	"fmt"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/teambition/rrule-go"
	"pgregory.net/rapid"
)

// TestOccurrencesAgreeWithALibrary holds the simulator's own expansion against an independent one, over random rules.
func TestOccurrencesAgreeWithALibrary(t *testing.T) {
	t.Parallel()
	madrid, err := time.LoadLocation("Europe/Madrid")
	if err != nil {
		t.Fatal(err)
	}
	rapid.Check(t, func(t *rapid.T) {
		zone := rapid.SampledFrom([]*time.Location{time.UTC, madrid}).Draw(t, "zone")
		start := time.Date(rapid.IntRange(2019, 2025).Draw(t, "year"), time.Month(rapid.IntRange(1, 12).Draw(t, "month")),
			rapid.IntRange(1, 28).Draw(t, "day"), rapid.IntRange(4, 22).Draw(t, "hour"), 30, 0, 0, zone)
		text := randomRule(t)
		r, err := parseRule(text)
		if err != nil {
			t.Skip("not a rule that Google takes")
		}
		bound := start.AddDate(4, 0, 0)
		got := r.occurrences(start, bound, false)
		option, err := rrule.StrToROption(text)
		if err != nil {
			t.Skip("not a rule that the library takes")
		}
		option.Dtstart = start
		if r.count == 0 {
			option.Until = bound
		}
		theirs, err := rrule.NewRRule(*option)
		if err != nil {
			t.Skip("not a rule that the library takes")
		}
		want := slices.DeleteFunc(theirs.All(), func(x time.Time) bool { return x.After(bound) })
		if !slices.EqualFunc(got, want, time.Time.Equal) {
			t.Fatalf("%s from %v: %d and %d\ngot  %v\nwant %v", text, start, len(got), len(want), head(got), head(want))
		}
	})
}

func head(list []time.Time) []time.Time { return list[:min(len(list), 12)] }

func randomRule(t *rapid.T) string {
	freq := rapid.SampledFrom(freqs).Draw(t, "freq")
	parts := []string{"FREQ=" + freq}
	if n := rapid.IntRange(1, 4).Draw(t, "interval"); n > 1 {
		parts = append(parts, fmt.Sprintf("INTERVAL=%d", n))
	}
	if rapid.Bool().Draw(t, "counted") {
		parts = append(parts, fmt.Sprintf("COUNT=%d", rapid.IntRange(1, 30).Draw(t, "count")))
	}
	if rapid.Bool().Draw(t, "sunday") {
		parts = append(parts, "WKST=SU")
	}
	add := func(name string, chance, low, high int, signed bool) {
		if rapid.IntRange(1, chance).Draw(t, name+"?") != 1 {
			return
		}
		var items []string
		for range rapid.IntRange(1, 3).Draw(t, name+"#") {
			n := rapid.IntRange(low, high).Draw(t, name)
			if signed && rapid.Bool().Draw(t, name+"-") {
				n = -n
			}
			if item := fmt.Sprint(n); !slices.Contains(items, item) { // the library takes a repetition for two occurrences
				items = append(items, item)
			}
		}
		parts = append(parts, name+"="+strings.Join(items, ","))
	}
	add("BYMONTH", 3, 1, 12, false)
	add("BYMONTHDAY", 4, 1, 31, true)
	if freq == "YEARLY" {
		add("BYYEARDAY", 5, 1, 366, true)
		add("BYWEEKNO", 5, 1, 51, false)
	}
	add("BYHOUR", 6, 4, 22, false)
	if rapid.IntRange(1, 2).Draw(t, "byday?") == 1 {
		// The library takes a list of plain and numbered days (1SU,WE) for their intersection, RFC 5545 for their union:
		// such lists are left to TestPlainAndNumberedDaysAreAUnion.
		nth := (freq == "MONTHLY" || freq == "YEARLY") && rapid.Bool().Draw(t, "nth?")
		var items []string
		for range rapid.IntRange(1, 3).Draw(t, "byday#") {
			d := rapid.SampledFrom(weekdays).Draw(t, "weekday")
			if nth {
				d = rapid.SampledFrom([]string{"1", "2", "-1", "-2", "4"}).Draw(t, "nth") + d
			}
			items = append(items, d)
		}
		parts = append(parts, "BYDAY="+strings.Join(items, ","))
	}
	if freq != "WEEKLY" { // the library lets the first week begin with the start, and picks from what is left of it
		add("BYSETPOS", 5, 1, 3, true)
	}
	return strings.Join(parts, ";")
}

func TestPlainAndNumberedDaysAreAUnion(t *testing.T) {
	t.Parallel()
	r, err := parseRule("FREQ=MONTHLY;BYDAY=1SU,WE")
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2026, 12, 1, 10, 0, 0, 0, time.UTC)
	var days []int
	for _, d := range r.occurrences(start, start.AddDate(0, 0, 30), false) {
		days = append(days, d.Day())
	}
	if want := []int{2, 6, 9, 16, 23, 30}; !slices.Equal(days, want) {
		t.Errorf("days %v, want %v", days, want)
	}
}

func TestOccurrencesAcrossDaylightSaving(t *testing.T) {
	t.Parallel()
	madrid, err := time.LoadLocation("Europe/Madrid")
	if err != nil {
		t.Fatal(err)
	}
	r, err := parseRule("FREQ=WEEKLY")
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2026, 3, 22, 10, 0, 0, 0, madrid) // a week before the clocks change
	got := r.occurrences(start, start.AddDate(0, 0, 8), false)
	if len(got) != 2 || got[0].UTC().Hour() != 9 || got[1].UTC().Hour() != 8 {
		t.Errorf("occurrences %v", got)
	}
}

func TestUntilIsInclusiveInEachOfItsForms(t *testing.T) {
	t.Parallel()
	madrid, err := time.LoadLocation("Europe/Madrid")
	if err != nil {
		t.Fatal(err)
	}
	start := time.Date(2026, 12, 1, 10, 0, 0, 0, madrid)
	for until, want := range map[string]int{"20261203T090000Z": 3, "20261203T085959Z": 2, "20261203": 3, "20261203T100000": 3, "20261203T095959": 2} {
		r, err := parseRule("FREQ=DAILY;UNTIL=" + until)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(r.occurrences(start, start.AddDate(1, 0, 0), false)); got != want {
			t.Errorf("%s: %d, want %d", until, got, want)
		}
	}
	days := time.Date(2026, 12, 1, 0, 0, 0, 0, time.UTC)
	for _, until := range []string{"20261203", "20261203T090000Z"} {
		r, err := parseRule("FREQ=DAILY;UNTIL=" + until)
		if err != nil {
			t.Fatal(err)
		}
		if got := len(r.occurrences(days, days.AddDate(1, 0, 0), true)); got != 3 {
			t.Errorf("days until %s: %d", until, got)
		}
	}
}

func TestRulesThatNeverHappenEnd(t *testing.T) {
	t.Parallel()
	start := time.Date(2026, 1, 1, 10, 0, 0, 0, time.UTC)
	for _, text := range []string{"FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31;COUNT=5", "FREQ=DAILY;BYHOUR=9;BYSETPOS=7"} {
		r, err := parseRule(text)
		if err != nil {
			t.Fatal(err)
		}
		if got := r.occurrences(start, start.Add(openEnd), false); len(got) != 0 {
			t.Errorf("%s: %v", text, got)
		}
	}
}

func TestReadingWhatARuleWroteGivesTheSameRule(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		r, err := parseRule(randomRule(t))
		if err != nil {
			t.Skip("not a rule that Google takes")
		}
		once := r.String()
		again, err := parseRule(once)
		if err != nil || again.String() != once {
			t.Fatalf("%s becomes %v %v", once, again, err)
		}
	})
}
