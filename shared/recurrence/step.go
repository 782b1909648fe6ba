package recurrence

import (
	"fmt"
	"time"

	"aura.example/integrations/shared/calendar"
)

// Step reports whether the start of a series is a date that its recurrence
// gives, and the first date that it does give; zero where there is none. Where
// the start isn't, calendars differ on what the series is (doc.go). It is in step
// where there is no rule, or none that can be read: Check says so.
func Step(row *calendar.Row) (first calendar.Time, in bool) {
	if !row.IsMaster() {
		return row.Start, true
	}
	s := compile(row, "", zones{})
	if s.inStep() {
		return row.Start, true
	}
	at := s.given()
	if at.IsZero() {
		return calendar.Time{}, false
	}
	return s.write(at, row.Start.Zone), false
}

// inStep is cheap: it looks at the first moment of each rule only.
func (s *series) inStep() bool {
	if s.odd != "" || len(s.rules) == 0 {
		return true
	}
	for _, d := range s.rdates {
		if d.start.Equal(s.first.start) {
			return true
		}
	}
	for _, r := range s.rules {
		if !s.firstOf(r, s.start).IsZero() {
			return true
		}
	}
	return false
}

// generation is how many years on a date is looked for that a person could mean.
const generation = 40

// given is the first that the rules and single dates give from the start on, zero
// for none within a generation.
func (s *series) given() time.Time {
	var out time.Time
	take := func(at time.Time) {
		if !at.IsZero() && at.After(s.first.start) && (out.IsZero() || at.Before(out)) {
			out = at
		}
	}
	for _, d := range s.rdates {
		take(d.start)
	}
	for _, r := range s.rules {
		take(s.firstOf(r, s.start.AddDate(generation, 0, 0)))
	}
	return out
}

// firstOf is the first that a rule gives from the start to a wall-clock time.
func (s *series) firstOf(r *rule, to time.Time) (at time.Time) {
	past, end := s.past(r.until)
	if !end.IsZero() && end.Before(to) {
		to = end
	}
	r.walk(s.start, s.start, to, &meter{left: maxSteps}, func(w time.Time) bool {
		if !past(w) {
			at = s.instant(w)
		}
		return false
	})
	return at
}

// stray is the mark of a start that the rules don't give, "" where they do.
func (s *series) stray() string {
	if s.inStep() {
		return ""
	}
	return fmt.Sprintf("its start, %s, isn't a date that its rule gives; calendars differ on whether it takes place then", s.start.Format(time.DateOnly))
}
