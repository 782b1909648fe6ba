package calendar_test

import (
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
)

func TestTimesCompare(t *testing.T) {
	t.Parallel()
	at := time.Date(2026, 3, 1, 8, 0, 0, 0, time.UTC)
	there := at.In(time.FixedZone("", 3600))
	tests := []struct {
		name        string
		a, b        calendar.Time
		equal, same bool
	}{
		{"the same instant, written elsewhere", calendar.Time{At: at, Zone: "UTC"}, calendar.Time{At: there, Zone: "UTC"}, true, true},
		{"the same instant in another zone", calendar.Time{At: at, Zone: "UTC"}, calendar.Time{At: at, Zone: "Europe/Berlin"}, false, true},
		{"another instant", calendar.Time{At: at}, calendar.Time{At: at.Add(time.Second)}, false, false},
		{"the same day", calendar.Time{Date: "2026-03-01"}, calendar.Time{Date: "2026-03-01"}, true, true},
		{"another day", calendar.Time{Date: "2026-03-01"}, calendar.Time{Date: "2026-03-02"}, false, false},
		{"a day and its midnight", calendar.Time{Date: "2026-03-01"}, calendar.Time{At: at.Truncate(24 * time.Hour)}, false, false},
		{"nothing", calendar.Time{}, calendar.Time{}, true, true},
	}
	for _, tt := range tests {
		if tt.a.Equal(tt.b) != tt.equal || tt.b.Equal(tt.a) != tt.equal || tt.a.SameMoment(tt.b) != tt.same || tt.b.SameMoment(tt.a) != tt.same {
			t.Errorf("%s: equal %v, same moment %v", tt.name, tt.a.Equal(tt.b), tt.a.SameMoment(tt.b))
		}
	}
}

func TestTheInstantOfATime(t *testing.T) {
	t.Parallel()
	midnight := time.Date(2026, 3, 1, 0, 0, 0, 0, time.UTC)
	for _, tt := range []struct {
		in   calendar.Time
		want time.Time
	}{
		{calendar.Time{Date: "2026-03-01"}, midnight},
		{calendar.Time{At: midnight.In(time.FixedZone("", -3600))}, midnight},
		{calendar.Time{Date: "2026-02-30"}, time.Time{}}, // no day, no moment
		{calendar.Time{}, time.Time{}},
	} {
		if got := tt.in.Instant(); !got.Equal(tt.want) || got.Location() != time.UTC {
			t.Errorf("%+v is %s", tt.in, got)
		}
	}
}

func TestWhatARowIs(t *testing.T) {
	t.Parallel()
	rule := calendar.Content{Recurrence: []string{"RRULE:FREQ=DAILY"}}
	for name, tt := range map[string]struct {
		row               calendar.Row
		master, exception bool
	}{
		"single":                 {calendar.Row{}, false, false},
		"series":                 {calendar.Row{Content: rule}, true, false},
		"exception":              {calendar.Row{MasterID: "evt_m"}, false, true},
		"exception with a rule":  {calendar.Row{MasterID: "evt_m", Content: rule}, false, true},
		"series without a line":  {calendar.Row{Content: calendar.Content{Recurrence: []string{}}}, false, false},
		"series of dates merely": {calendar.Row{Content: calendar.Content{Recurrence: []string{"RDATE:20260301T080000Z"}}}, true, false},
	} {
		if tt.row.IsMaster() != tt.master || tt.row.IsException() != tt.exception {
			t.Errorf("%s: master %v, exception %v", name, tt.row.IsMaster(), tt.row.IsException())
		}
	}
}
