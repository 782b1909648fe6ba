package recurrence

import (
	"time"

	"aura.example/integrations/shared/calendar"
)

// Address gives the address of one occurrence of a series.
func Address(eventID string, originalStart calendar.Time) string {
	return eventID + "_" + calendar.OccurrenceKey(originalStart)
}

// Has reports whether a series has an occurrence with that original start, as if
// it had no exceptions. One that can't be expanded has none.
func Has(series *calendar.Row, originalStart calendar.Time) bool {
	at := originalStart.Instant()
	spans, _ := Reckoner{}.Occurrences(series, at, at.Add(time.Second))
	for _, s := range spans {
		if s.Start.SameMoment(originalStart) {
			return true
		}
	}
	return false
}

// Find gives the occurrence that an address names: the one of a series with that
// original start, as the series has it or as an exception has changed it. rows
// are the master and its exceptions. False where there is none, not any more, or
// not yet: a cancelled occurrence is not found.
func Find(rows []*calendar.Row, originalStart calendar.Time, calendarZone string) (Occurrence, bool) {
	at := originalStart.Instant()
	for _, row := range rows {
		r := Range{From: at, Since: at, To: at.Add(time.Second), Zone: calendarZone}
		around := rows
		if row.IsException() { // wherever it was moved to, and without its series
			own := firstSpan(row)
			r.From, r.Since, r.To, around = own.start, own.start, own.start.Add(time.Second), []*calendar.Row{row}
		}
		for _, o := range Expand(around, r).Occurrences {
			if o.Row == row && o.OriginalStart.SameMoment(originalStart) && !originalStart.IsZero() {
				return o, true
			}
		}
	}
	return Occurrence{}, false
}
