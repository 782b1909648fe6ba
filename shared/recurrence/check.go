package recurrence

import (
	"time"

	"aura.example/integrations/shared/calendar"
)

// Check gives the mark for Row.Odd: why the row can't be expanded, or which of
// its time zones is unknown and what is used instead; "" when all is well. It
// is to be called when a row is stored, with the calendar's own zone.
func Check(row *calendar.Row, calendarZone string) string {
	return check(row, calendarZone, zones{})
}

func check(row *calendar.Row, calendarZone string, z zones) string {
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
	return s.mark()
}

// countedYears is how far ahead LastEnd looks for the end of a counted series.
const countedYears = 200

// LastEnd gives a moment that no occurrence of the row's ends after, for the
// store's index by time: the end of a single event or exception, the last
// possible one of a series, the zero time of a series that does not end, or
// ends beyond what can be counted. Exceptions of a series are rows of their own
// and not considered.
func LastEnd(row *calendar.Row) time.Time {
	last := firstSpan(row).end
	if !row.IsMaster() {
		return last
	}
	z := zones{}
	s := compile(row, "", z)
	if s.odd != "" {
		return last
	}
	margin := time.Duration(0)
	if !s.allDay && (row.Start.Zone == "" || len(s.remarks) > 0) {
		margin = 2 * slack // it will be expanded in a zone that isn't known here
	}
	for _, sp := range s.rdates {
		last = later(last, sp.end.Add(margin))
		if s.allDay { // an instant among them may be the next day's midnight there
			last = later(last, sp.end.Add(slack))
		}
	}
	for _, r := range s.rules {
		end, ends := s.lastEnd(r)
		if !ends {
			return time.Time{}
		}
		last = later(last, end.Add(margin))
	}
	return last
}

// lastEnd gives a moment that no occurrence of a rule ends after.
func (s *series) lastEnd(r *rule) (end time.Time, ends bool) {
	if _, until := s.past(r.until); !until.IsZero() {
		return s.instant(until).Add(slack + s.length), true
	}
	if r.count == 0 {
		return time.Time{}, false
	}
	horizon := earlier(s.start.AddDate(countedYears, 0, 0), distant)
	m := &meter{left: maxSteps}
	remaining := r.count
	done := r.walk(s.start, s.start, horizon, true, m, func(w time.Time) bool {
		if remaining == r.count && !w.Equal(s.start) {
			remaining-- // DTSTART, out of step with the rule, was the first
		}
		remaining--
		end = s.instant(w).Add(s.length)
		return true
	})
	return end, !done.Before(horizon) && (remaining <= 0 || r.count == 1)
}

func later(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}
