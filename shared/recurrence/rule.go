package recurrence

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/teambition/rrule-go"
)

// rule is one RRULE or EXRULE, read and found lawful by RFC 5545, 3.3.10.
type rule struct {
	freq     rrule.Frequency
	interval int
	count    int // 0: not counted
	until    *until
	wkst     int // 0 is Monday

	bySecond, byMinute, byHour             []int
	byMonthDay, byYearDay, byWeekNo, month []int
	byDay                                  []day
	bySetPos                               []int
}

// day is one element of BYDAY: a weekday (0 is Monday), and which one of the
// month or year; 0 means each.
type day struct{ weekday, nth int }

// until is UNTIL as it is written; what it means depends on the series.
type until struct {
	at   time.Time // wall-clock time, or an instant if utc
	utc  bool
	date bool
}

var frequencies = map[string]rrule.Frequency{
	"YEARLY": rrule.YEARLY, "MONTHLY": rrule.MONTHLY, "WEEKLY": rrule.WEEKLY, "DAILY": rrule.DAILY,
	"HOURLY": rrule.HOURLY, "MINUTELY": rrule.MINUTELY, "SECONDLY": rrule.SECONDLY,
}

var weekdays = map[string]int{"MO": 0, "TU": 1, "WE": 2, "TH": 3, "FR": 4, "SA": 5, "SU": 6}

// onTheClock says whether the rule steps in hours or less.
func (r *rule) onTheClock() bool { return r.freq >= rrule.HOURLY }

// parseRule reads a rule's value. allDay says that it belongs to a series of
// dates, whose rules may not speak of hours (such parts are ignored, as RFC
// 5545 asks).
func parseRule(value string, allDay bool) (*rule, error) {
	r := &rule{freq: -1, interval: 1}
	seen := map[string]bool{}
	for _, part := range strings.Split(strings.ToUpper(value), ";") {
		if part = strings.TrimSpace(part); part == "" {
			continue // a semicolon at the end: harmless and common
		}
		key, val, ok := strings.Cut(part, "=")
		if !ok || val == "" {
			return nil, fmt.Errorf("the rule part %s has no value", quote(part))
		}
		if seen[key] {
			return nil, fmt.Errorf("the rule has %s twice", quote(key))
		}
		seen[key] = true
		if err := r.set(key, val); err != nil {
			return nil, err
		}
	}
	if allDay {
		r.byHour, r.byMinute, r.bySecond = nil, nil, nil
	}
	return r, r.lawful(allDay)
}

// set reads one part.
func (r *rule) set(key, val string) (err error) {
	switch key {
	case "FREQ":
		f, ok := frequencies[val]
		if !ok {
			return fmt.Errorf("the frequency %s is unknown", quote(val))
		}
		r.freq = f
	case "INTERVAL":
		r.interval, err = number(key, val, 1, maxNumber)
	case "COUNT":
		r.count, err = number(key, val, 1, maxNumber)
	case "UNTIL":
		r.until, err = parseUntil(val)
	case "WKST":
		w, ok := weekdays[val]
		if !ok {
			return fmt.Errorf("the week start %s is no weekday", quote(val))
		}
		r.wkst = w
	case "BYSECOND":
		// 60 is lawful and means a leap second, which no calendar has.
		r.bySecond, err = numbers(key, val, 0, 59, false)
	case "BYMINUTE":
		r.byMinute, err = numbers(key, val, 0, 59, false)
	case "BYHOUR":
		r.byHour, err = numbers(key, val, 0, 23, false)
	case "BYMONTHDAY":
		r.byMonthDay, err = numbers(key, val, 1, 31, true)
	case "BYYEARDAY":
		r.byYearDay, err = numbers(key, val, 1, 366, true)
	case "BYWEEKNO":
		r.byWeekNo, err = numbers(key, val, 1, 53, true)
	case "BYMONTH":
		r.month, err = numbers(key, val, 1, 12, false)
	case "BYSETPOS":
		r.bySetPos, err = numbers(key, val, 1, 366, true)
	case "BYDAY":
		r.byDay, err = days(val)
	case "RSCALE": // RFC 7529: the calendar to count in
		if val != "GREGORIAN" {
			return fmt.Errorf("the calendar scale %s is not supported", quote(val))
		}
	case "SKIP": // RFC 7529: what to do with 30 February; OMIT is what RFC 5545 does
		if val != "OMIT" {
			return fmt.Errorf("SKIP=%s is not supported", val)
		}
	default:
		return fmt.Errorf("the rule part %s is unknown", quote(key))
	}
	return err
}

// lawful refuses what RFC 5545 forbids, and what it leaves open.
func (r *rule) lawful(allDay bool) error {
	numbered := slices.ContainsFunc(r.byDay, func(d day) bool { return d.nth != 0 })
	byPart := len(r.bySecond) + len(r.byMinute) + len(r.byHour) + len(r.byDay) + len(r.byMonthDay) +
		len(r.byYearDay) + len(r.byWeekNo) + len(r.month)
	switch {
	case r.freq < 0:
		return errors.New("the rule has no FREQ")
	case r.atOnce() > maxAtOnce:
		return errors.New("the rule has too many times of day")
	case allDay && r.onTheClock():
		return errors.New("an all-day event can't repeat within the day")
	case r.count > 0 && r.until != nil:
		return errors.New("the rule has COUNT and UNTIL, which exclude each other")
	case numbered && r.freq != rrule.MONTHLY && r.freq != rrule.YEARLY:
		return errors.New("numbered weekdays go with months and years only")
	case numbered && len(r.byWeekNo) > 0:
		return errors.New("numbered weekdays and BYWEEKNO exclude each other")
	case len(r.byMonthDay) > 0 && r.freq == rrule.WEEKLY:
		return errors.New("BYMONTHDAY doesn't go with a weekly rule")
	case len(r.byYearDay) > 0 && (r.freq == rrule.MONTHLY || r.freq == rrule.WEEKLY || r.freq == rrule.DAILY):
		return errors.New("BYYEARDAY doesn't go with a monthly, weekly or daily rule")
	case len(r.byWeekNo) > 0 && r.freq != rrule.YEARLY:
		return errors.New("BYWEEKNO goes with a yearly rule only")
	case len(r.bySetPos) > 0 && byPart == 0:
		return errors.New("BYSETPOS needs another BY part")
	case len(r.byWeekNo) > 0 && len(r.bySetPos) > 0,
		len(r.byWeekNo) > 0 && r.interval > 1 && slices.ContainsFunc(r.byWeekNo, atYearsEnd):
		// A week that two years share: RFC 5545 doesn't say to which one's set
		// it belongs, and implementations differ.
		return errors.New("it is not defined which year such a week number belongs to")
	}
	return nil
}

// atOnce bounds how many times one period of the rule can have: rrule-go makes
// all of them before it gives the first.
func (r *rule) atOnce() int {
	days := map[rrule.Frequency]int{rrule.YEARLY: 366, rrule.MONTHLY: 31, rrule.WEEKLY: 7}[r.freq]
	return max(1, days) * max(1, len(r.byHour)) * max(1, len(r.byMinute)) * max(1, len(r.bySecond))
}

// atYearsEnd says whether a week of that number may lie in two years.
func atYearsEnd(n int) bool { return n == 1 || n >= 52 || n == -1 || n <= -52 }

// number reads one number between two bounds. All lists of numbers that may be
// negative have the same bounds on the other side.
func number(key, val string, low, high int) (int, error) {
	n, err := strconv.Atoi(val)
	if err != nil || n < low || n > high {
		return 0, fmt.Errorf("%s=%s is not a number from %d to %d", key, quote(val), low, high)
	}
	return n, nil
}

func numbers(key, val string, low, high int, signed bool) ([]int, error) {
	var out []int
	for _, s := range strings.Split(val, ",") {
		n, err := strconv.Atoi(strings.TrimSpace(s))
		inside := low <= n && n <= high || signed && low <= -n && -n <= high
		if err != nil || !inside {
			return nil, fmt.Errorf("%s has %s, which is not a number from %d to %d", key, quote(s), low, high)
		}
		out = append(out, n)
	}
	slices.Sort(out)
	return slices.Compact(out), nil
}

func days(val string) ([]day, error) {
	var out []day
	for _, s := range strings.Split(val, ",") {
		s = strings.TrimSpace(s)
		name := s[max(0, len(s)-2):]
		w, ok := weekdays[name]
		d := day{weekday: w}
		if nth := strings.TrimSuffix(s, name); ok && nth != "" {
			n, err := strconv.Atoi(nth)
			ok = err == nil && n != 0 && -53 <= n && n <= 53
			d.nth = n
		}
		if !ok {
			return nil, fmt.Errorf("BYDAY has %s, which is no weekday", quote(s))
		}
		if !slices.Contains(out, d) {
			out = append(out, d)
		}
	}
	return out, nil
}

func parseUntil(val string) (*until, error) {
	t, form, err := parseMoment(val)
	if err != nil {
		return nil, fmt.Errorf("UNTIL: %w", err)
	}
	return &until{at: t, utc: form == formUTC, date: form == formDate}, nil
}
