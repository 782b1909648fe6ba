package recurrence

import (
	"time"

	"aura.example/integrations/shared/calendar"
)

// Check gives the mark for Row.Odd: why the row can't be expanded, which of its
// time zones is unknown and what is used instead, or that its start isn't one of
// its rule's dates; "" when all is well. It is to be called when a row is stored,
// with the calendar's own zone.
func Check(row *calendar.Row, calendarZone string) string {
	s := checked(row, calendarZone, zones{})
	return and(s.mark(), s.stray())
}

func check(row *calendar.Row, calendarZone string, z zones) string {
	return checked(row, calendarZone, z).mark()
}

func checked(row *calendar.Row, calendarZone string, z zones) *series {
	s := &series{row: row, allDay: row.Start.IsDate()}
	if row.IsMaster() {
		s = compile(row, calendarZone, z)
	} else {
		s.calendar = z.find(calendarZone)
		if s.calendar == nil {
			s.calendar = time.UTC
		}
		s.zone(row.Start.Zone, z)
		s.odd = startless(firstSpan(row).start)
	}
	if !row.End.IsDate() {
		s.zone(row.End.Zone, z)
	}
	return s
}
