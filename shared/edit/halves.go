package edit

import (
	"slices"
	"time"

	"aura.example/integrations/shared/calendar"
)

// What follows works out dates for a sync, where somebody at the provider divided
// the series that a person divided here.

// Before cuts a series at a moment. Where it has dates on one side only, there is
// nothing to cut, and all its lines are After. Invalid where it can't be cut without
// changing what it is; where only its second half can't be told, After is nil.
func (e *Editor) Before(series *calendar.Row, at calendar.Time) (calendar.Cut, error) {
	var out calendar.Cut
	begin, cut := series.Start.Instant(), at.Instant()
	if cut.After(begin) {
		been, complete := e.Series.Occurrences(series, begin, cut)
		if !complete {
			return calendar.Cut{Head: true, Tail: true}, errUncut
		}
		out.Head = slices.ContainsFunc(been, func(s calendar.Span) bool { return s.Start.Instant().Before(cut) })
	}
	from := cut
	if from.Before(begin) {
		from = begin
	}
	rest, _ := e.Series.Occurrences(series, from, from.Add(lookAhead))
	i := slices.IndexFunc(rest, func(s calendar.Span) bool { return !s.Start.Instant().Before(from) })
	if i < 0 {
		return out, nil
	}
	out.Tail, out.Next = true, rest[i]
	if !out.Head {
		out.After = slices.Clone(series.Recurrence)
		return out, nil
	}
	var err error
	if out.Lines, out.After, err = e.cut(series, out.Next.Start, true); err != nil {
		out.Lines, _, err = e.cut(series, out.Next.Start, false)
		out.After = nil
	}
	return out, err
}

// Follows reports whether a half that began at a date of the whole series is when that
// was, and as long; and whether it has all its dates from there on, or all moved alike,
// as far ahead as is looked.
func (e *Editor) Follows(whole *calendar.Row, began calendar.Time, half *calendar.Row) (when, rule bool) {
	when = half.Start.SameMoment(began) && half.Lasts() == whole.Lasts()
	want, _ := e.Series.Occurrences(whole, began.Instant(), began.Instant().Add(lookAhead))
	got, _ := e.Series.Occurrences(half, half.Start.Instant(), half.Start.Instant().Add(lookAhead))
	want = slices.DeleteFunc(want, func(s calendar.Span) bool { return s.Start.Instant().Before(began.Instant()) })
	if n := min(len(want), len(got)); n >= manySpans {
		want, got = want[:n], got[:n] // both end where no more can be shown
	}
	m := move{began, half.Start}
	return when, slices.EqualFunc(want, got, func(x, y calendar.Span) bool { return m.of(x.Start).SameMoment(y.Start) })
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
