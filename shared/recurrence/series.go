package recurrence

import (
	"fmt"
	"slices"
	"strings"
	"time"

	"aura.example/integrations/shared/calendar"
)

// series is a master, compiled.
type series struct {
	row      *calendar.Row
	allDay   bool
	loc      *time.Location // of the series; UTC for dates
	calendar *time.Location // of its calendar
	first    span           // as the row has it
	start    time.Time      // DTSTART on the wall clock
	length   time.Duration
	rules    []*rule
	exrules  []*rule
	rdates   []span
	exAt     map[int64]bool // instants that EXDATE takes out, in Unix seconds
	exDay    map[int64]bool // whole days, as wall-clock midnights
	odd      string         // why it can't be expanded
	remarks  []string       // what was assumed: zones
}

// span is one occurrence: two instants, or two midnights in UTC for dates.
type span struct{ start, end time.Time }

// compile reads a master. It always gives a series; one that can't be expanded
// has odd set and shows at its first start only.
func compile(row *calendar.Row, calendarZone string, z zones) *series {
	s := &series{row: row, allDay: row.Start.IsDate(), exAt: map[int64]bool{}, exDay: map[int64]bool{}}
	s.calendar = z.find(calendarZone)
	if s.calendar == nil {
		s.calendar = time.UTC
	}
	s.loc = s.zone(row.Start.Zone, z)
	s.first = firstSpan(row)
	s.length = s.first.end.Sub(s.first.start)
	s.start = wallClock(s.first.start, s.loc)
	if s.odd = startless(s.start); s.odd != "" {
		return s
	}
	if err := s.read(row.Recurrence, z); err != nil {
		s.odd = "it can't be repeated: " + err.Error()
	}
	return s
}

// startless says what is wrong with a start; "" if nothing is.
func startless(start time.Time) string {
	if y := start.Year(); start.IsZero() || y < 1 || y >= lastYear {
		return "it has no start that can be read"
	}
	return ""
}

// firstSpan gives a row's own time. An end that is missing, or lies before the
// start, is taken for the shortest that there is: a moment, or one day.
func firstSpan(row *calendar.Row) span {
	sp := span{start: row.Start.Instant().Truncate(time.Second)}
	sp.end = sp.start
	if sp.start.IsZero() {
		return sp // shows nowhere, wherever it is to end
	}
	if row.Start.IsDate() == row.End.IsDate() && row.End.Instant().After(sp.start) {
		sp.end = row.End.Instant().Truncate(time.Second)
	}
	if row.Start.IsDate() && !sp.end.After(sp.start) {
		sp.end = sp.start.AddDate(0, 0, 1)
	}
	return sp
}

// zone gives the zone to calculate in. No name is no fault: such a time is the
// calendar's own. An unknown one is, and is remarked upon.
func (s *series) zone(name string, z zones) *time.Location {
	if s.allDay {
		return time.UTC
	}
	if name == "" {
		return s.calendar
	}
	if loc := z.find(name); loc != nil {
		return loc
	}
	s.remark(unknownZone(name, s.calendar))
	return s.calendar
}

func unknownZone(name string, instead *time.Location) string {
	return fmt.Sprintf("the time zone %s is unknown; %s is used instead", quote(name), instead)
}

func (s *series) remark(text string) {
	if !slices.Contains(s.remarks, text) {
		s.remarks = append(s.remarks, text)
	}
}

// mark is what Row.Odd is to say of the series.
func (s *series) mark() string {
	if s.odd == "" {
		return strings.Join(s.remarks, "; ")
	}
	return strings.Join(append([]string{s.odd}, s.remarks...), "; ")
}

// read takes the recurrence lines in. Several RRULEs are a union; EXRULE, gone
// since RFC 5545 but still about, takes away what it generates.
func (s *series) read(lines []string, z zones) error {
	props, err := properties(lines)
	if err != nil {
		return err
	}
	dates := 0
	for _, p := range props {
		switch p.name {
		case "RRULE", "EXRULE":
			r, err := parseRule(p.value, s.allDay)
			if err != nil {
				return err
			}
			r.normalise(s.start)
			if p.name == "RRULE" {
				s.rules = append(s.rules, r)
			} else {
				s.exrules = append(s.exrules, r)
			}
		case "RDATE", "EXDATE":
			values := strings.Split(p.value, ",")
			if dates += len(values); dates > maxDates {
				return fmt.Errorf("it has more than %d single dates", maxDates)
			}
			if err := s.readDates(p, values, z); err != nil {
				return fmt.Errorf("%s: %w", p.name, err)
			}
		default:
			return fmt.Errorf("the line %s is unknown", quote(p.name))
		}
	}
	return nil
}

// instant turns a wall-clock time of the series into an instant. The start is
// known as one, and may be the second of two that the clock shows alike.
func (s *series) instant(w time.Time) time.Time {
	switch {
	case s.allDay:
		return w
	case w.Equal(s.start):
		return s.first.start
	}
	return instant(w, s.loc)
}

// past gives a test whether a wall-clock time is beyond a rule's UNTIL, which
// is inclusive, and the wall-clock time after which all of them are.
func (s *series) past(u *until) (past func(w time.Time) bool, end time.Time) {
	switch {
	case u == nil:
		return func(time.Time) bool { return false }, time.Time{}
	case s.allDay:
		last := s.day(u.at, u.utc)
		return func(w time.Time) bool { return w.After(last) }, last
	case u.date: // not lawful beside a time, but common: it means that whole day
		last := u.at.Add(24*time.Hour - time.Second)
		return func(w time.Time) bool { return w.After(last) }, last
	case u.utc:
		return func(w time.Time) bool { return s.instant(w).After(u.at) }, wallClock(u.at, s.loc).Add(slack)
	default: // local: in the series' zone
		return func(w time.Time) bool { return w.After(u.at) }, u.at
	}
}

// day gives the date that a moment means to a series of dates. An instant that
// is midnight in the calendar's zone is a date that a client converted; any
// other is taken by its UTC date.
func (s *series) day(at time.Time, utc bool) time.Time {
	if utc {
		if local := wallClock(at, s.calendar); local.Equal(local.Truncate(24 * time.Hour)) {
			return local
		}
	}
	return at.Truncate(24 * time.Hour)
}
