package recurrence

import (
	"fmt"
	"testing"

	"aura.example/integrations/shared/calendar"
)

// A month of a busy person's calendar: a thousand series of the usual kinds that
// began years ago, each with an exception in the month.
func BenchmarkExpandAMonth(b *testing.B) {
	rules := []string{"FREQ=WEEKLY;BYDAY=TU", "FREQ=DAILY", "FREQ=MONTHLY;BYDAY=1MO", "FREQ=WEEKLY;INTERVAL=2;BYDAY=MO,WE,FR", "FREQ=YEARLY", "FREQ=WEEKLY;COUNT=500"}
	var rows []*calendar.Row
	for i := range 1000 {
		row := master(b, "2018-01-02T09:00:00 Europe/Berlin", "RRULE:"+rules[i%len(rules)], "EXDATE:20260310T080000Z")
		row.ID = fmt.Sprintf("evt_%d", i)
		rows = append(rows, row, &calendar.Row{
			ID: row.ID + "x", MasterID: row.ID, OriginalStart: calendar.Time{At: utc(3, 3, 8)},
			Content: calendar.Content{Start: calendar.Time{At: utc(3, 4, 8)}, End: calendar.Time{At: utc(3, 4, 9)}},
		})
	}
	b.ReportAllocs()
	for b.Loop() {
		got := Expand(rows, Range{From: utc(3, 1, 0), To: utc(4, 1, 0), Zone: "Europe/Berlin"})
		if len(got.Occurrences) < 5000 || len(got.Cuts) > 0 {
			b.Fatal(len(got.Occurrences), got.Cuts)
		}
	}
}
