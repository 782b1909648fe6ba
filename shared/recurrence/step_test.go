package recurrence

import (
	"strings"
	"testing"

	"aura.example/integrations/shared/calendar"
)

// stray is how a start is marked that the rules don't give.
const stray = "its start, 2026-03-02, isn't a date that its rule gives"

// A start that the rules don't give is told from one that they do, with the first
// date that they give; only the occurrence that is in doubt is marked.
func TestAStartOutOfStepWithItsRule(t *testing.T) {
	t.Parallel()
	const monday = "2026-03-02T09:00:00 Europe/Berlin"
	for name, tt := range map[string]struct {
		start string
		lines []string
		first string // that is given; "in" where the start is
	}{
		"in step":                       {monday, []string{"RRULE:FREQ=WEEKLY;BYDAY=MO"}, "in"},
		"by what the rule leaves open":  {monday, []string{"RRULE:FREQ=MONTHLY"}, "in"},
		"by the second rule":            {monday, []string{"RRULE:FREQ=WEEKLY;BYDAY=TU", "RRULE:FREQ=DAILY;COUNT=2"}, "in"},
		"by a single date":              {monday, []string{"RRULE:FREQ=WEEKLY;BYDAY=TU", "RDATE;TZID=Europe/Berlin:20260302T090000"}, "in"},
		"single dates only":             {monday, []string{"RDATE:20260310T080000Z"}, "in"},
		"given, then taken away":        {monday, []string{"RRULE:FREQ=DAILY", "EXDATE:20260302T080000Z"}, "in"},
		"what can't be read":            {monday, []string{"RRULE:FREQ=FORTNIGHTLY"}, "in"},
		"another weekday":               {monday, []string{"RRULE:FREQ=WEEKLY;BYDAY=FR;COUNT=4"}, "2026-03-06T08:00:00Z"},
		"another hour":                  {monday, []string{"RRULE:FREQ=DAILY;BYHOUR=17"}, "2026-03-02T16:00:00Z"},
		"the last Friday":               {monday, []string{"RRULE:FREQ=MONTHLY;BYDAY=-1FR"}, "2026-03-27T08:00:00Z"},
		"the last working day":          {monday, []string{"RRULE:FREQ=MONTHLY;BYDAY=MO,TU,WE,TH,FR;BYSETPOS=-1"}, "2026-03-31T07:00:00Z"},
		"29 February":                   {monday, []string{"RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=29"}, "2028-02-29T08:00:00Z"},
		"30 February":                   {monday, []string{"RRULE:FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30"}, ""},
		"ended":                         {monday, []string{"RRULE:FREQ=DAILY;UNTIL=20260101T000000Z"}, ""},
		"a single date before the rest": {monday, []string{"RRULE:FREQ=WEEKLY;BYDAY=FR", "RDATE:20260304T080000Z"}, "2026-03-04T08:00:00Z"},
		"all-day":                       {"2026-03-02", []string{"RRULE:FREQ=WEEKLY;BYDAY=TU"}, "2026-03-03"},
		"every seventh hour of Friday":  {monday, []string{"RRULE:FREQ=HOURLY;INTERVAL=7;BYDAY=FR"}, "2026-03-06T03:00:00Z"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			row := master(t, tt.start, tt.lines...)
			first, in := Step(row)
			if got, _, _ := strings.Cut(first.Text(), " "); in != (tt.first == "in") || !in && got != tt.first && (tt.first != "" || !first.IsZero()) {
				t.Errorf("Step says %q, %v; want %q", got, in, tt.first)
			}
			if mark := Check(row, ""); check(row, "", zones{}) == "" && (mark == "") != in {
				t.Errorf("marked %q", mark)
			}
			for i, o := range Expand([]*calendar.Row{row}, years(2026, 2027)).Occurrences {
				if !in && (o.Odd != "") != (i == 0) {
					t.Errorf("occurrence %d is marked %q", i, o.Odd)
				}
			}
		})
	}
	if _, in := Step(&calendar.Row{Content: calendar.Content{Start: calendar.Time{Date: "2026-03-02"}}}); !in {
		t.Error("a single event is out of step with nothing")
	}
}
