package recurrence

import (
	"slices"
	"time"
)

// slack covers any one step that a zone's clock makes: a whole day and more,
// where a country moved across the date line.
const slack = 25 * time.Hour

// distant is far enough for every wall-clock time that can be expanded.
var distant = time.Date(lastYear-1, 12, 31, 23, 59, 59, 0, time.UTC)

// shows says whether an occurrence is to be seen between two moments: it
// overlaps, or is a moment that lies there.
func (sp span) shows(from, to time.Time) bool {
	return sp.start.Before(to) && (sp.end.After(from) || !sp.start.Before(from))
}

// spans gives the series' occurrences that show between from and to and don't begin
// before since, exceptions not considered, in order, and the moment up to which
// they are complete: to, or earlier where a bound was reached.
func (s *series) spans(from, since, to time.Time) (out []span, complete time.Time) {
	shows := func(sp span) bool { return sp.shows(from, to) && !sp.start.Before(since) }
	if s.odd != "" {
		if shows(s.first) && !s.first.start.IsZero() {
			out = append(out, s.first)
		}
		return out, to
	}
	m := &meter{left: maxSteps}
	out = append(slices.Clone(s.rdates), s.first)
	complete = to
	for _, r := range s.rules {
		found, done := s.generate(r, from, to, shows, m)
		out = append(out, found...)
		complete = earlier(complete, done)
	}
	without := map[int64]bool{}
	for _, r := range s.exrules {
		found, done := s.generate(r, from, to, shows, m)
		for _, sp := range found {
			without[sp.start.Unix()] = true
		}
		complete = earlier(complete, done)
	}
	out = slices.DeleteFunc(out, func(sp span) bool {
		return !shows(sp) || s.excluded(sp.start) || without[sp.start.Unix()] ||
			!sp.start.Before(complete)
	})
	// Where a period and a rule meet, the period comes first and stays: it says
	// more. (The sort is stable, and RDATEs were first.)
	slices.SortStableFunc(out, func(a, b span) int { return a.start.Compare(b.start) })
	out = slices.CompactFunc(out, func(a, b span) bool { return a.start.Equal(b.start) })
	if len(out) > maxPerSeries {
		complete = out[maxPerSeries].start
		out = out[:maxPerSeries]
	}
	return out, complete
}

// generate gives what one rule adds to the range, or takes from it.
func (s *series) generate(r *rule, from, to time.Time, shows func(span) bool, m *meter) (out []span, complete time.Time) {
	past, end := s.past(r.until)
	low := wallClock(from.Add(-s.length), s.loc).Add(-slack)
	high := wallClock(to, s.loc).Add(slack)
	if high.After(distant) {
		high = distant
	}
	if !end.IsZero() && end.Before(high) {
		high = end
	}
	done := r.walk(s.start, low, high, m, func(w time.Time) bool {
		if w.Before(low) || past(w) { // long before the range, of a counted rule
			return true
		}
		at := s.instant(w)
		if sp := (span{at, at.Add(s.length)}); shows(sp) {
			out = append(out, sp)
		}
		return len(out) <= maxPerSeries
	})
	if !done.Before(high) {
		return out, to
	}
	return out, s.instant(done)
}

func earlier(a, b time.Time) time.Time {
	if b.Before(a) {
		return b
	}
	return a
}
