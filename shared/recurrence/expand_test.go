package recurrence

import (
	"slices"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
)

// exception makes a row that stands for one occurrence of master's, at its
// original start, moved to another.
func exception(t *testing.T, m *calendar.Row, original, moved time.Time) *calendar.Row {
	t.Helper()
	orig := calendar.Time{At: original, Zone: m.Start.Zone}
	return &calendar.Row{
		ID: calendar.ExceptionID(m.ID, orig), MasterID: m.ID, OriginalStart: orig,
		Content: calendar.Content{
			Status: calendar.Confirmed, Start: calendar.Time{At: moved, Zone: "Asia/Tokyo"},
			End: calendar.Time{At: moved.Add(2 * time.Hour), Zone: "Asia/Tokyo"},
		},
	}
}

func utc(month time.Month, day, hour int) time.Time {
	return time.Date(2026, month, day, hour, 0, 0, 0, time.UTC)
}

func week() Range { return Range{From: utc(3, 2, 0), To: utc(3, 9, 0), Zone: "UTC"} }

func ids(occs []Occurrence) []string {
	var out []string
	for _, o := range occs {
		out = append(out, o.ID)
	}
	return out
}

func wantIDs(t *testing.T, got Result, want ...string) {
	t.Helper()
	if g := ids(got.Occurrences); !slices.Equal(g, want) {
		t.Errorf("shown\n  %v\nwanted\n  %v", g, want)
	}
}

func TestExceptionsTakeTheirOccurrencesPlace(t *testing.T) {
	t.Parallel()
	daily := master(t, "2026-03-01T09:00:00 UTC", "RRULE:FREQ=DAILY;COUNT=5")
	const first, second, third, fourth = "evt_a_20260302T090000Z", "evt_a_20260303T090000Z", "evt_a_20260304T090000Z", "evt_a_20260305T090000Z"

	t.Run("a series alone", func(t *testing.T) {
		t.Parallel()
		got := Expand([]*calendar.Row{daily}, week())
		wantIDs(t, got, first, second, third, fourth)
		o := got.Occurrences[0]
		if want := (calendar.Time{At: utc(3, 2, 9), Zone: "UTC"}); o.Start != want || o.OriginalStart != want ||
			o.End != (calendar.Time{At: utc(3, 2, 10), Zone: "UTC"}) || o.Row != daily {
			t.Errorf("the first is %+v", o)
		}
	})
	t.Run("moved within the range", func(t *testing.T) {
		t.Parallel()
		moved := exception(t, daily, utc(3, 3, 9), utc(3, 4, 11))
		got := Expand([]*calendar.Row{moved, daily}, week()) // before its master, too
		wantIDs(t, got, first, third, moved.ID, fourth)
		if o := got.Occurrences[2]; o.Start != moved.Start || o.End != moved.End || !o.OriginalStart.SameMoment(moved.OriginalStart) {
			t.Errorf("the moved one is %+v", o)
		}
	})
	t.Run("moved out of the range", func(t *testing.T) {
		t.Parallel()
		wantIDs(t, Expand([]*calendar.Row{daily, exception(t, daily, utc(3, 3, 9), utc(4, 4, 11))}, week()), first, third, fourth)
	})
	t.Run("moved into the range", func(t *testing.T) {
		t.Parallel()
		moved := exception(t, daily, utc(3, 1, 9), utc(3, 8, 20))
		wantIDs(t, Expand([]*calendar.Row{daily, moved}, week()), first, second, third, fourth, moved.ID)
	})
	t.Run("cancelled", func(t *testing.T) {
		t.Parallel()
		gone := exception(t, daily, utc(3, 3, 9), utc(3, 3, 9))
		gone.Content = calendar.Content{Status: calendar.Cancelled} // all that a provider guarantees
		wantIDs(t, Expand([]*calendar.Row{daily, gone}, week()), first, third, fourth)
	})
	t.Run("being deleted here", func(t *testing.T) {
		t.Parallel()
		gone := exception(t, daily, utc(3, 3, 9), utc(3, 3, 12))
		gone.Pending = calendar.PendingDelete
		wantIDs(t, Expand([]*calendar.Row{daily, gone}, week()), first, third, fourth)
	})
	t.Run("the whole series being deleted here", func(t *testing.T) {
		t.Parallel()
		gone := *daily
		gone.Pending = calendar.PendingDelete
		wantIDs(t, Expand([]*calendar.Row{exception(t, daily, utc(3, 3, 9), utc(3, 3, 12)), &gone}, week()))
	})
	t.Run("of an occurrence that is none any more", func(t *testing.T) {
		t.Parallel()
		stray := exception(t, daily, utc(3, 7, 9), utc(3, 7, 12))
		wantIDs(t, Expand([]*calendar.Row{daily, stray}, week()), first, second, third, fourth, stray.ID)
	})
	t.Run("whose series is not there", func(t *testing.T) {
		t.Parallel()
		stray := exception(t, daily, utc(3, 3, 9), utc(3, 3, 12))
		wantIDs(t, Expand([]*calendar.Row{stray}, week()), stray.ID)
	})
	t.Run("of a day, by its date", func(t *testing.T) {
		t.Parallel()
		days := master(t, "2026-03-02", "RRULE:FREQ=DAILY;COUNT=2")
		moved := &calendar.Row{ID: "evt_b", MasterID: "evt_a", OriginalStart: calendar.Time{Date: "2026-03-03"},
			Content: calendar.Content{Start: calendar.Time{Date: "2026-03-05"}, End: calendar.Time{Date: "2026-03-06"}}}
		wantIDs(t, Expand([]*calendar.Row{days, moved}, week()), "evt_a_20260302", "evt_b")
	})
	t.Run("of a series that can't be expanded", func(t *testing.T) {
		t.Parallel()
		odd := master(t, "2026-03-02T09:00:00 UTC", "RRULE:FREQ=SOMETIMES")
		moved := exception(t, odd, utc(3, 2, 9), utc(3, 3, 12))
		wantIDs(t, Expand([]*calendar.Row{odd, moved}, week()), moved.ID)
	})
}

// What overlaps the range shows, what only touches it doesn't.
func TestTheEdgesOfARange(t *testing.T) {
	t.Parallel()
	single := func(id string, start, end time.Time) *calendar.Row {
		return &calendar.Row{ID: id, Content: calendar.Content{Start: calendar.Time{At: start}, End: calendar.Time{At: end}}}
	}
	days := func(id, start, end string) *calendar.Row {
		return &calendar.Row{ID: id, Content: calendar.Content{Start: calendar.Time{Date: start}, End: calendar.Time{Date: end}}}
	}
	rows := []*calendar.Row{
		single("ends as it begins", utc(3, 1, 0), utc(3, 2, 0)),
		single("begins as it ends", utc(3, 9, 0), utc(3, 9, 1)),
		single("a moment at the beginning", utc(3, 2, 0), utc(3, 2, 0)),
		single("a moment at the end", utc(3, 9, 0), utc(3, 9, 0)),
		single("all over it", utc(2, 1, 0), utc(4, 1, 0)),
		single("ends before it starts", utc(3, 5, 5), utc(3, 5, 4)),
		single("no end", utc(3, 5, 6), time.Time{}),
		days("the day before", "2026-03-01", "2026-03-02"),
		days("days over the edge", "2026-02-27", "2026-03-03"),
		days("a day without an end", "2026-03-08", ""),
		days("the day after", "2026-03-09", "2026-03-10"),
		days("no day", "2026-02-30", "2026-03-30"),
		{ID: "cancelled", Content: calendar.Content{Status: calendar.Cancelled, Start: calendar.Time{At: utc(3, 5, 0)}}},
		{ID: "a tombstone", Pending: calendar.PendingDelete, Content: calendar.Content{Start: calendar.Time{At: utc(3, 5, 0)}}},
	}
	wantIDs(t, Expand(rows, week()),
		"all over it", "days over the edge", "a moment at the beginning", "ends before it starts", "no end", "a day without an end")
}

// An occurrence that began before the range, even years before, shows while it
// lasts.
func TestLongOccurrencesReachIntoTheRange(t *testing.T) {
	t.Parallel()
	row := master(t, "2020-01-01T00:00:00 UTC", "RRULE:FREQ=YEARLY")
	row.End.At = row.Start.At.AddDate(0, 0, 800)
	got := Expand([]*calendar.Row{row}, week())
	same(t, got.Occurrences, "2024-01-01T00:00 2025-01-01T00:00 2026-01-01T00:00")

	row = master(t, "2026-03-01T00:00:00 UTC", "RDATE;VALUE=PERIOD:20260301T000000Z/P3D,20260301T120000Z/P2DT1H")
	got = Expand([]*calendar.Row{row}, Range{From: utc(3, 3, 12), To: utc(3, 9, 0)})
	if len(got.Occurrences) != 2 || !got.Occurrences[0].End.At.Equal(utc(3, 4, 0)) || !got.Occurrences[1].End.At.Equal(utc(3, 3, 13)) {
		t.Errorf("periods are shown as %+v", got.Occurrences)
	}
}

// A range shows the same, whether the series is entered at its start or far
// away from it.
func TestFarFromItsStartASeriesIsTheSame(t *testing.T) {
	t.Parallel()
	rules := []string{
		"FREQ=DAILY;INTERVAL=3", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,SU;WKST=SU", "FREQ=WEEKLY;INTERVAL=3;WKST=WE;BYDAY=TU,WE,TH;BYSETPOS=-1,1",
		"FREQ=MONTHLY;INTERVAL=5;BYMONTHDAY=31,-2", "FREQ=MONTHLY;BYDAY=-1FR,2MO", "FREQ=MONTHLY;BYDAY=5FR", "FREQ=YEARLY;INTERVAL=4;BYMONTH=2;BYMONTHDAY=29",
		"FREQ=YEARLY;BYWEEKNO=53,1;BYDAY=MO,SU", "FREQ=YEARLY;BYYEARDAY=366,-366", "FREQ=HOURLY;INTERVAL=47", "FREQ=HOURLY;INTERVAL=5;BYHOUR=3,4;BYMINUTE=1,59;BYSETPOS=-1",
		"FREQ=MINUTELY;INTERVAL=1441;BYDAY=FR",
	}
	for _, rule := range rules {
		t.Run(rule, func(t *testing.T) {
			t.Parallel()
			row := master(t, "1996-02-29T09:00:00 Europe/Berlin", "RRULE:"+rule)
			whole := Expand([]*calendar.Row{row}, years(1990, 2006))
			if odd := check(row, "", zones{}); odd != "" || len(whole.Cuts) > 0 || len(whole.Occurrences) < 3 {
				t.Fatalf("nothing to compare: %s %+v", odd, whole.Cuts)
			}
			for _, from := range []int{1996, 2001, 2004} {
				var want []string
				for _, o := range whole.Occurrences {
					if y := years(from, from+1); o.Start.At.Before(y.To) && o.End.At.After(y.From) {
						want = append(want, o.ID)
					}
				}
				wantIDs(t, Expand([]*calendar.Row{row}, years(from, from+1)), want...)
			}
		})
	}
}

func TestAnOccurrenceIsFoundByItsAddress(t *testing.T) {
	t.Parallel()
	daily := master(t, "2026-03-01T09:00:00 Europe/Berlin", "RRULE:FREQ=DAILY;COUNT=5")
	moved := exception(t, daily, utc(3, 2, 8), utc(5, 2, 8))
	gone := exception(t, daily, utc(3, 3, 8), utc(3, 3, 8))
	gone.Status = calendar.Cancelled
	rows := []*calendar.Row{daily, moved, gone}
	tests := []struct {
		at   calendar.Time
		want string
	}{
		{calendar.Time{At: utc(3, 1, 8)}, "evt_a_20260301T080000Z"},
		{calendar.Time{At: utc(3, 2, 8)}, moved.ID},
		{calendar.Time{At: utc(3, 3, 8)}, ""},
		{calendar.Time{At: utc(3, 4, 8)}, "evt_a_20260304T080000Z"},
		{calendar.Time{At: utc(3, 4, 9)}, ""}, // while it lasts, but not its start
		{calendar.Time{At: utc(3, 6, 8)}, ""}, // after the last one
		{calendar.Time{Date: "2026-03-04"}, ""},
		{calendar.Time{}, ""},
	}
	for _, tt := range tests {
		o, ok := Find(rows, tt.at, "UTC")
		if o.ID != tt.want || ok != (tt.want != "") {
			t.Errorf("%s: found %q, wanted %q", calendar.OccurrenceKey(tt.at), o.ID, tt.want)
		}
	}
}
