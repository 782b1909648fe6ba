package recurrence

import (
	"slices"
	"time"

	"github.com/teambition/rrule-go"
)

// clock generates a rule that steps in hours, minutes or seconds. rrule-go
// loops for ever on some of those and for minutes on others; here every step
// costs the meter, and what BYMONTH to BYHOUR exclude is jumped over.
func (r *rule) clock(start, from, to time.Time, m *meter) func() (time.Time, bool) {
	unit := map[rrule.Frequency]int64{rrule.HOURLY: 3600, rrule.MINUTELY: 60, rrule.SECONDLY: 1}[r.freq]
	step := unit * int64(r.interval)
	origin := floor(start.Unix(), unit)
	within := r.within()
	// aligned is the first step of the rule at or after t.
	aligned := func(t int64) int64 {
		if t <= origin {
			return origin
		}
		return origin + (t-origin+step-1)/step*step
	}
	t := aligned(floor(from.Unix(), unit))
	i := 0
	return func() (time.Time, bool) {
		for i == 0 && t <= to.Unix() {
			w := time.Unix(t, 0).UTC()
			after := r.excluded(w)
			if after == 0 {
				break
			}
			if !m.spend(w) {
				return w, false
			}
			t = aligned(floor(t, after) + after)
		}
		if len(within) == 0 || t > to.Unix() {
			return time.Time{}, false
		}
		w := time.Unix(t+within[i], 0).UTC()
		if i++; i == len(within) {
			i, t = 0, t+step
		}
		return w, true
	}
}

// excluded gives the length in seconds of the day, hour, minute or second that
// w is in and that the rule has nothing to do with; 0 if w is one of its steps.
func (r *rule) excluded(w time.Time) int64 {
	admits := func(list []int, n int) bool { return len(list) == 0 || slices.Contains(list, n) }
	yearDays := time.Date(w.Year(), 12, 31, 0, 0, 0, 0, time.UTC).YearDay()
	monthDays := time.Date(w.Year(), w.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
	onDay := len(r.byDay) == 0 || slices.Contains(r.byDay, day{weekday: mondayFirst(w)})
	switch {
	case !admits(r.month, int(w.Month())), !onDay,
		!admits(r.byMonthDay, w.Day()) && !admits(r.byMonthDay, w.Day()-monthDays-1),
		!admits(r.byYearDay, w.YearDay()) && !admits(r.byYearDay, w.YearDay()-yearDays-1):
		return 86400
	case !admits(r.byHour, w.Hour()):
		return 3600
	case r.freq >= rrule.MINUTELY && !admits(r.byMinute, w.Minute()):
		return 60
	case r.freq == rrule.SECONDLY && !admits(r.bySecond, w.Second()):
		return 1
	}
	return 0
}

// within gives the seconds after each step at which the rule occurs: what
// BYMINUTE and BYSECOND add to an hour, BYSECOND to a minute, as far as
// BYSETPOS picks it.
func (r *rule) within() []int64 {
	minutes, seconds := []int{0}, []int{0}
	if r.freq == rrule.HOURLY {
		minutes = r.byMinute
	}
	if r.freq <= rrule.MINUTELY {
		seconds = r.bySecond
	}
	var all []int64
	for _, m := range minutes {
		for _, s := range seconds {
			all = append(all, int64(m)*60+int64(s))
		}
	}
	if len(r.bySetPos) == 0 {
		return all
	}
	var picked []int64
	for i, s := range all {
		if slices.Contains(r.bySetPos, i+1) || slices.Contains(r.bySetPos, i-len(all)) {
			picked = append(picked, s)
		}
	}
	return picked
}

// floor rounds down to a multiple, also below zero.
func floor(n, unit int64) int64 {
	rest := n % unit
	if rest < 0 {
		rest += unit
	}
	return n - rest
}
