package recurrence

import (
	"slices"
	"time"

	"github.com/teambition/rrule-go"
)

// meter bounds the work on one series and remembers how far it came.
type meter struct {
	left int
	at   time.Time
}

// spend takes one step at w; false when there is none left.
func (m *meter) spend(w time.Time) bool {
	m.at = w
	m.left--
	return m.left >= 0
}

// walk gives the wall-clock times of a normalised rule that lie between from
// and to, in order, until yield returns false. COUNT counts what the rule gives,
// not a DTSTART that is none of that.
//
// It returns the wall-clock time up to which everything was given: to, or where
// the meter or yield stopped it.
func (r *rule) walk(start, from, to time.Time, m *meter, yield func(time.Time) bool) time.Time {
	if r.count > 0 {
		from = start // what comes before the range counts too
	}
	next := r.dates(start, from, to)
	if r.onTheClock() {
		next = r.clock(start, from, to, m)
	}
	left := r.count
	for {
		w, ok := next()
		switch {
		case !ok && m.left < 0:
			return m.at
		case !ok || w.After(to):
			return to
		case w.Before(start):
			continue // of the first period, before the series began
		case !m.spend(w):
			return w
		}
		if r.count > 0 && left <= 0 {
			return to
		}
		left--
		if !yield(w) {
			return w
		}
	}
}

// normalise says aloud what DTSTART implies, so that DTSTART can be moved, and
// puts BYDAY in the one form that rrule-go reads rightly.
func (r *rule) normalise(start time.Time) {
	if len(r.byHour) == 0 && r.freq < rrule.HOURLY {
		r.byHour = []int{start.Hour()}
	}
	if len(r.byMinute) == 0 && r.freq < rrule.MINUTELY {
		r.byMinute = []int{start.Minute()}
	}
	if len(r.bySecond) == 0 && r.freq < rrule.SECONDLY {
		r.bySecond = []int{start.Second()}
	}
	onDays := len(r.byDay)+len(r.byMonthDay)+len(r.byYearDay) > 0
	switch {
	case onDays:
	case r.freq == rrule.WEEKLY, r.freq == rrule.YEARLY && len(r.byWeekNo) > 0:
		r.byDay = []day{{weekday: mondayFirst(start)}}
	case r.freq == rrule.YEARLY, r.freq == rrule.MONTHLY:
		r.byMonthDay = []int{start.Day()}
		if r.freq == rrule.YEARLY && len(r.month) == 0 {
			r.month = []int{int(start.Month())}
		}
	}
	r.byDay = numberAll(r.byDay, r.mostOf())
}

// mostOf is how often a weekday can occur in what BYDAY's numbers count in.
func (r *rule) mostOf() int {
	if r.freq == rrule.YEARLY && len(r.month) == 0 {
		return 53
	}
	return 5
}

// numberAll numbers every weekday if one is numbered, because rrule-go takes
// MO,2TU for both at once; and leaves out those that can't occur (53MO of a
// month), at which it panics.
func numberAll(in []day, most int) []day {
	if !slices.ContainsFunc(in, func(d day) bool { return d.nth != 0 }) {
		return in
	}
	var out []day
	for _, d := range in {
		if d.nth != 0 {
			if -most <= d.nth && d.nth <= most {
				out = append(out, d)
			}
			continue
		}
		for n := 1; n <= most; n++ {
			out = append(out, day{d.weekday, n})
		}
	}
	if out == nil {
		out = []day{never}
	}
	return out
}

// never is the only element of a BYDAY that can't occur.
var never = day{nth: 54}

// dates generates a rule that steps in days or more. DTSTART is moved to the
// start of a period: its own, or for an uncounted rule one just before from.
func (r *rule) dates(start, from, to time.Time) func() (time.Time, bool) {
	none := func() (time.Time, bool) { return time.Time{}, false }
	if r.onTheClock() || slices.Contains(r.byDay, never) || to.Before(start) {
		return none
	}
	shift := (lastYear - to.Year()) / cycle * cycle
	opt := rrule.ROption{
		Freq: r.freq, Dtstart: r.enter(start, from).AddDate(shift, 0, 0), Until: to.AddDate(shift, 0, 0),
		// No two days of the library's years are further apart than this, and
		// its arithmetic overflows on more.
		Interval: min(r.interval, lastYear*366),
		Wkst:     weekdayOf(day{weekday: r.wkst}),
		Byhour:   r.byHour, Byminute: r.byMinute, Bysecond: r.bySecond,
		Bymonth: r.month, Bymonthday: r.byMonthDay, Byyearday: r.byYearDay, Bysetpos: r.bySetPos,
	}
	for _, d := range r.byDay {
		opt.Byweekday = append(opt.Byweekday, weekdayOf(d))
	}
	lib, err := rrule.NewRRule(opt)
	if err != nil {
		return none // parseRule and normalise leave nothing that it refuses
	}
	next := lib.Iterator()
	return func() (time.Time, bool) {
		for {
			w, ok := next()
			if !ok {
				return w, false
			}
			if w = w.AddDate(-shift, 0, 0); r.inWeek(w) {
				return w, true
			}
		}
	}
}

// enter gives the start of a period of the rule: the one that DTSTART is in, or
// a later one that still lies before from.
func (r *rule) enter(start, from time.Time) time.Time {
	midnight := start.Truncate(24 * time.Hour)
	between := int(from.Unix()-midnight.Unix()) / 86400
	steps := func(periods int) int { return max(0, periods/r.interval-1) * r.interval }
	switch r.freq {
	case rrule.YEARLY:
		return time.Date(start.Year()+steps(from.Year()-start.Year()), 1, 1, 0, 0, 0, 0, time.UTC)
	case rrule.MONTHLY:
		months := (from.Year()-start.Year())*12 + int(from.Month()) - int(start.Month())
		return time.Date(start.Year(), start.Month()+time.Month(steps(months)), 1, 0, 0, 0, 0, time.UTC)
	case rrule.WEEKLY:
		into := (mondayFirst(start) - r.wkst + 7) % 7
		return midnight.AddDate(0, 0, 7*steps(between/7)-into)
	default:
		return midnight.AddDate(0, 0, steps(between))
	}
}

func mondayFirst(t time.Time) int { return (int(t.Weekday()) + 6) % 7 }

func weekdayOf(d day) rrule.Weekday {
	all := [...]rrule.Weekday{rrule.MO, rrule.TU, rrule.WE, rrule.TH, rrule.FR, rrule.SA, rrule.SU}
	return all[d.weekday].Nth(d.nth)
}
