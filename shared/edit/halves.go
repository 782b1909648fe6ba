package edit

import (
	"slices"
	"time"

	"aura.example/integrations/shared/calendar"
)

// What follows works out dates for a sync, where somebody at the provider divided
// the series that a person divided here.

// Before gives the recurrence of a series up to a moment, and whether it has dates
// before it (head), and from it on (tail). Without either there is nothing to cut,
// and no lines are given. Invalid where it can't be cut without changing what it is.
func (e *Editor) Before(series *calendar.Row, at calendar.Time) (lines []string, head, tail bool, err error) {
	begin, cut := series.Start.Instant(), at.Instant()
	if cut.After(begin) {
		been, complete := e.Series.Occurrences(series, begin, cut)
		if !complete {
			return nil, true, true, errUncut
		}
		head = len(been) > 0
	}
	from := cut
	if from.Before(begin) {
		from = begin
	}
	rest, _ := e.Series.Occurrences(series, from, from.Add(lookAhead))
	if tail = len(rest) > 0; !head || !tail {
		return nil, head, tail, nil
	}
	lines, _, err = e.cut(series, at, false)
	return lines, head, tail, err
}

// Next gives the first date of a series after those that another recurrence of it
// has; false where there is none, or it can't be told.
func (e *Editor) Next(series *calendar.Row, head []string) (calendar.Time, bool) {
	cut := *series
	cut.Recurrence = head
	begin := series.Start.Instant()
	been, complete := e.Series.Occurrences(&cut, begin, begin.Add(lookAhead))
	if !complete {
		return calendar.Time{}, false
	}
	from := begin
	if len(been) > 0 {
		from = been[len(been)-1].Start.Instant().Add(time.Second)
	}
	rest, _ := e.Series.Occurrences(series, from, from.Add(lookAhead))
	i := slices.IndexFunc(rest, func(s calendar.Span) bool { return !s.Start.Instant().Before(from) })
	if i < 0 {
		return calendar.Time{}, false
	}
	return rest[i].Start, true
}

// Moved gives where a start goes to when another goes from was to is: as many days
// on, at the other's time of day.
func (e *Editor) Moved(was, is, start calendar.Time) calendar.Time { return move{was, is}.of(start) }
