package calendarv3

import (
	"slices"
	"time"
)

// Stray is what becomes of a start that no line of its series gives: a series
// from a Tuesday that is held on Fridays. RFC 5545 leaves it undefined, Google
// says nothing of it, and people who looked have seen more than one thing. A
// client has to live with each.
type Stray string

const (
	// StrayShown, the default, shows it besides what the rule gives, and COUNT
	// doesn't count it: four times COUNT=3. That is how events that were inserted
	// through the API, or imported, are reported to look.
	StrayShown Stray = "shown"
	// StrayCounted shows it as the first that COUNT counts.
	StrayCounted Stray = "counted"
	// StrayLeftOut shows what the rule gives and nothing else.
	StrayLeftOut Stray = "left out"
)

// TreatStrays makes all calendars treat such starts in one way from now on. What
// clients were told before stays as it was, so this comes before any event.
func (s *Server) TreatStrays(as Stray) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.treat(as)
}

func (st *state) treat(as Stray) {
	st.stray = as
	for _, c := range st.calendars {
		c.stray = as
	}
}

// given is what the rules and dates of a series give, in order, and its start,
// as the calendar treats one that isn't among them.
func (s *series) given(bound time.Time) []time.Time {
	var all []time.Time
	for _, r := range s.rec.rules {
		all = append(all, r.occurrences(s.start.at, bound, s.start.dated)...)
	}
	for _, d := range s.rec.dates {
		if t := s.fit(d); !t.After(bound) && !t.Before(s.start.at) {
			all = append(all, t)
		}
	}
	if s.stray() && s.cal.stray == StrayCounted {
		all = s.counted(all, bound)
	}
	if !s.stray() || s.cal.stray != StrayLeftOut {
		all = append(all, s.start.at)
	}
	slices.SortFunc(all, time.Time.Compare)
	return slices.CompactFunc(all, time.Time.Equal)
}

// stray says whether no line gives the start. Without a rule it is one of the
// dates by itself.
func (s *series) stray() bool {
	if len(s.rec.rules) == 0 || slices.ContainsFunc(s.rec.dates, func(d stamp) bool { return s.fit(d).Equal(s.start.at) }) {
		return false
	}
	return !slices.ContainsFunc(s.rec.rules, func(r *rule) bool {
		return len(r.occurrences(s.start.at, s.start.at, s.start.dated)) > 0
	})
}

// counted leaves out what COUNT has no room for beside the start.
func (s *series) counted(all []time.Time, bound time.Time) []time.Time {
	for _, r := range s.rec.rules {
		if got := r.occurrences(s.start.at, bound, s.start.dated); r.count > 0 && len(got) == r.count {
			last := got[len(got)-1]
			all = slices.DeleteFunc(all, last.Equal)
		}
	}
	return all
}
