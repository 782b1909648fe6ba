package calendarv3

import (
	"cmp"
	"slices"
	"time"
)

// day counts days since 1970-01-01; rules are worked out on days and become
// instants at the very end.
type day int

// dayOf is the day on the clock face of t, in whatever zone t is.
func dayOf(t time.Time) day {
	return day(time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC).Unix() / 86400)
}

func (d day) date() time.Time { return time.Unix(int64(d)*86400, 0).UTC() }

func (d day) weekday() time.Weekday { return time.Weekday(((int(d)+4)%7 + 7) % 7) } // 1970-01-01 was a Thursday

// A rule is followed for so many periods and occurrences, whatever it says: a
// daily series for half a century. Beyond, it is as if it ended. Without a
// bound one request could keep the simulator busy for minutes.
const (
	maxOccurrences = 20_000
	maxPeriods     = 100_000
)

// occurrences lists the rule's instants from start, in start's location, up to
// bound. A date-only series has its start at midnight UTC.
func (r *rule) occurrences(start, bound time.Time, dated bool) []time.Time {
	last := bound
	if u, ok := r.lastInstant(start.Location(), dated); ok && u.Before(last) {
		last = u
	}
	clock := r.clockTimes(start)
	var out []time.Time
	period := r.first(start)
	for n := 0; n < maxPeriods && len(out) < maxOccurrences && !period.date().After(last.Add(48*time.Hour)); n, period = n+1, r.next(period) {
		set := r.instants(r.daysOf(period, start), clock, start.Location())
		for _, t := range set {
			if t.Before(start) {
				continue
			}
			if t.After(last) {
				return out
			}
			out = append(out, t)
			if r.count > 0 && len(out) == r.count {
				return out
			}
		}
	}
	return out
}

// lastInstant is UNTIL as an instant: a date counts to the end of its day, a
// time without Z is in the series' zone.
func (r *rule) lastInstant(zone *time.Location, dated bool) (time.Time, bool) {
	switch {
	case r.until.IsZero():
		return r.until, false
	case r.untilDay:
		return inZone(r.until, zone).Add(24*time.Hour - time.Second), true
	case dated: // a series of days that ends at a time ends on that day
		return r.until.Truncate(24 * time.Hour), true
	case r.untilUTC:
		return r.until, true
	}
	return inZone(r.until, zone), true
}

// first is the first day of the period that start falls in.
func (r *rule) first(start time.Time) day {
	d := dayOf(start)
	switch r.freq {
	case "YEARLY":
		return dayOf(time.Date(start.Year(), 1, 1, 0, 0, 0, 0, time.UTC))
	case "MONTHLY":
		return dayOf(time.Date(start.Year(), start.Month(), 1, 0, 0, 0, 0, time.UTC))
	case "WEEKLY":
		return d - day((int(d.weekday())-int(r.wkst)+7)%7)
	}
	return d
}

// next steps by whole periods. Months and years are stepped from their first
// day, so that no step falls over the end of a short month.
func (r *rule) next(period day) day {
	t := period.date()
	switch r.freq {
	case "YEARLY":
		return dayOf(t.AddDate(r.interval, 0, 0))
	case "MONTHLY":
		return dayOf(t.AddDate(0, r.interval, 0))
	case "WEEKLY":
		return period + day(7*r.interval)
	}
	return period + day(r.interval)
}

// daysOf lists the days of a period that the BY parts let through. What the
// rule leaves open comes from the start.
func (r *rule) daysOf(period day, start time.Time) []day {
	length := 1
	switch r.freq {
	case "YEARLY":
		length = int(dayOf(period.date().AddDate(1, 0, 0)) - period)
	case "MONTHLY":
		length = int(dayOf(period.date().AddDate(0, 1, 0)) - period)
	case "WEEKLY":
		length = 7
	}
	var out []day
	for i := range length {
		if d := period + day(i); r.admits(d, start) {
			out = append(out, d)
		}
	}
	return out
}

// admits says whether the BY parts let a day through. RFC 5545 describes them
// as expanding or limiting, depending on FREQ; over the days of a period, all
// of them limit.
func (r *rule) admits(d day, start time.Time) bool {
	t := d.date()
	open := len(r.by["BYWEEKNO"])+len(r.by["BYYEARDAY"])+len(r.by["BYMONTHDAY"])+len(r.days) == 0
	months, monthDays := r.by["BYMONTH"], r.by["BYMONTHDAY"]
	if open && r.freq == "YEARLY" && len(months) == 0 {
		months = []int{int(start.Month())}
	}
	if open && (r.freq == "YEARLY" || r.freq == "MONTHLY") {
		monthDays = []int{start.Day()}
	}
	if open && r.freq == "WEEKLY" && d.weekday() != start.Weekday() {
		return false
	}
	monthLength := time.Date(t.Year(), t.Month()+1, 0, 0, 0, 0, 0, time.UTC).Day()
	yearLength := time.Date(t.Year(), 12, 31, 0, 0, 0, 0, time.UTC).YearDay()
	week, weeks := r.weekNumber(d)
	return among(months, int(t.Month()), 12) && among(monthDays, t.Day(), monthLength) &&
		among(r.by["BYYEARDAY"], t.YearDay(), yearLength) && among(r.by["BYWEEKNO"], week, weeks) &&
		r.admitsWeekday(d, monthLength, yearLength)
}

// among says whether n is listed, counted from the front or (negative) from the
// end; an empty list lists everything.
func among(list []int, n, length int) bool {
	return len(list) == 0 || slices.Contains(list, n) || slices.Contains(list, n-length-1)
}

// admitsWeekday counts the nth weekday within the month, for monthly rules and
// for yearly ones that name months, and within the year otherwise. A list is a
// union: 1SU,WE is the first Sunday and every Wednesday.
func (r *rule) admitsWeekday(d day, monthLength, yearLength int) bool {
	t := d.date()
	place, length := t.YearDay(), yearLength
	if r.freq == "MONTHLY" || len(r.by["BYMONTH"]) > 0 {
		place, length = t.Day(), monthLength
	}
	for _, want := range r.days {
		front, back := (place-1)/7+1, -((length-place)/7 + 1)
		if want.day == d.weekday() && (want.n == 0 || want.n == front || want.n == back) {
			return true
		}
	}
	return len(r.days) == 0
}

// weekNumber numbers the week of a day as ISO 8601 does, but for the rule's
// first day of the week, and says how many weeks the year of that week has.
func (r *rule) weekNumber(d day) (week, weeks int) {
	monday := d - day((int(d.weekday())-int(r.wkst)+7)%7)
	year := (monday + 3).date().Year() // the week belongs to the year of its middle
	first := r.firstWeek(year)
	return int(monday-first)/7 + 1, int(r.firstWeek(year+1)-first) / 7
}

// firstWeek is the first day of the week that has the fourth of January.
func (r *rule) firstWeek(year int) day {
	d := dayOf(time.Date(year, 1, 4, 0, 0, 0, 0, time.UTC))
	return d - day((int(d.weekday())-int(r.wkst)+7)%7)
}

// clockTimes lists the times of day, in seconds, in order.
func (r *rule) clockTimes(start time.Time) []int {
	or := func(list []int, normal int) []int {
		if len(list) == 0 {
			return []int{normal}
		}
		return list
	}
	var out []int
	for _, h := range or(r.by["BYHOUR"], start.Hour()) {
		for _, m := range or(r.by["BYMINUTE"], start.Minute()) {
			for _, s := range or(r.by["BYSECOND"], start.Second()) {
				out = append(out, h*3600+m*60+s)
			}
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// instants crosses days and times, and picks by BYSETPOS.
func (r *rule) instants(days []day, clock []int, zone *time.Location) []time.Time {
	var out []time.Time
	for _, d := range days {
		t := d.date()
		for _, s := range clock {
			out = append(out, time.Date(t.Year(), t.Month(), t.Day(), 0, 0, s, 0, zone))
		}
	}
	positions := r.by["BYSETPOS"]
	if len(positions) == 0 {
		return out
	}
	var picked []time.Time
	for i, t := range out {
		if among(positions, i+1, len(out)) {
			picked = append(picked, t)
		}
	}
	slices.SortFunc(picked, func(a, b time.Time) int { return cmp.Compare(a.Unix(), b.Unix()) })
	return picked
}
