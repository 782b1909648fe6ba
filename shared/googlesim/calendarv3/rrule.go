package calendarv3

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"
)

// Recurrence lines as RFC 5545 section 3.3.10 has them, within what Google
// takes: DAILY to YEARLY, no DTSTART, no DTEND. The reader and the expansion
// (occur.go) are the simulator's own: the program under test uses a library,
// and two independent readings of the RFC are worth more than the same one
// twice.

// rule is a parsed RRULE or EXRULE.
type rule struct {
	freq     string
	interval int
	count    int
	until    time.Time // zero: none
	untilDay bool      // until has only a date
	untilUTC bool      // until ends in Z
	wkst     time.Weekday
	by       map[string][]int // BYMONTH, BYWEEKNO, BYYEARDAY, BYMONTHDAY, BYHOUR, BYMINUTE, BYSECOND, BYSETPOS
	days     []nthDay         // BYDAY
}

// nthDay is an item of BYDAY: the nth such weekday of the period; 0: every.
type nthDay struct {
	n   int
	day time.Weekday
}

var (
	errBadRule = errors.New("recurrence rule not understood")
	weekdays   = []string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}
	freqs      = []string{"DAILY", "WEEKLY", "MONTHLY", "YEARLY"}
	// limits of the BY lists: lowest, highest, whether negative numbers count
	// from the end
	byLimits = map[string]struct {
		low, high int
		signed    bool
	}{
		"BYMONTH": {1, 12, false}, "BYWEEKNO": {1, 53, true}, "BYYEARDAY": {1, 366, true}, "BYMONTHDAY": {1, 31, true},
		"BYHOUR": {0, 23, false}, "BYMINUTE": {0, 59, false}, "BYSECOND": {0, 59, false}, "BYSETPOS": {1, 366, true},
	}
	// byOrder is the order in which Google writes the parts back.
	byOrder = []string{"BYMONTH", "BYWEEKNO", "BYYEARDAY", "BYMONTHDAY", "BYHOUR", "BYMINUTE", "BYSECOND", "BYDAY", "BYSETPOS"}
)

// parseRule reads what stands after "RRULE:".
func parseRule(s string) (*rule, error) {
	r := &rule{interval: 1, wkst: time.Monday, by: map[string][]int{}}
	seen := map[string]bool{}
	for part := range strings.SplitSeq(strings.TrimSuffix(s, ";"), ";") {
		name, value, ok := strings.Cut(part, "=")
		name = strings.ToUpper(strings.TrimSpace(name))
		if !ok || value == "" || seen[name] {
			return nil, errBadRule
		}
		seen[name] = true
		if err := r.read(name, strings.ToUpper(strings.TrimSpace(value))); err != nil {
			return nil, err
		}
	}
	if r.freq == "" || r.count > 0 && !r.until.IsZero() {
		return nil, errBadRule
	}
	return r, r.checkParts()
}

// read takes one NAME=value of a rule. Names that RFC 5545 doesn't have, and
// FREQ below DAILY, are refused rather than skipped.
func (r *rule) read(name, value string) (err error) {
	switch name {
	case "FREQ":
		r.freq = value
		if !slices.Contains(freqs, value) {
			return errBadRule
		}
	case "INTERVAL":
		r.interval, err = positive(value)
	case "COUNT":
		r.count, err = positive(value)
	case "UNTIL":
		var ok bool
		if r.until, ok = parseStamp(value); !ok {
			return errBadRule
		}
		r.untilDay, r.untilUTC = len(value) == len(stampDate), strings.HasSuffix(value, "Z")
	case "WKST":
		i := slices.Index(weekdays, value)
		if i < 0 {
			return errBadRule
		}
		r.wkst = time.Weekday(i)
	case "BYDAY":
		r.days, err = parseDays(value)
	default:
		r.by[name], err = parseNumbers(name, value)
	}
	return err
}

// checkParts refuses combinations that RFC 5545 forbids.
func (r *rule) checkParts() error {
	nth := slices.ContainsFunc(r.days, func(d nthDay) bool { return d.n != 0 })
	switch {
	case nth && (r.freq == "DAILY" || r.freq == "WEEKLY" || r.freq == "YEARLY" && len(r.by["BYWEEKNO"]) > 0),
		len(r.by["BYWEEKNO"]) > 0 && r.freq != "YEARLY",
		len(r.by["BYYEARDAY"]) > 0 && r.freq != "YEARLY",
		len(r.by["BYMONTHDAY"]) > 0 && r.freq == "WEEKLY",
		len(r.by["BYSETPOS"]) > 0 && len(r.by) == 1 && len(r.days) == 0:
		return errBadRule
	}
	return nil
}

// positive reads INTERVAL and COUNT; the upper bound keeps arithmetic on dates
// from overflowing.
func positive(value string) (int, error) {
	n, err := strconv.Atoi(value)
	if err != nil || n < 1 || n > 1_000_000 {
		return 0, errBadRule
	}
	return n, nil
}

// parseNumbers reads a BY list within its limits.
func parseNumbers(name, value string) ([]int, error) {
	limits, ok := byLimits[name]
	if !ok {
		return nil, errBadRule
	}
	var out []int
	for item := range strings.SplitSeq(value, ",") {
		n, err := strconv.Atoi(item)
		size := max(n, -n)
		if err != nil || size < limits.low || size > limits.high || n < 0 && !limits.signed {
			return nil, errBadRule
		}
		out = append(out, n)
	}
	return out, nil
}

// parseDays reads BYDAY: weekdays, each possibly with an ordinal.
func parseDays(value string) ([]nthDay, error) {
	var out []nthDay
	for item := range strings.SplitSeq(value, ",") {
		if len(item) < 2 {
			return nil, errBadRule
		}
		cut := len(item) - 2
		day, n := slices.Index(weekdays, item[cut:]), 0
		if cut > 0 {
			var err error
			if n, err = strconv.Atoi(item[:cut]); err != nil || n == 0 || max(n, -n) > 53 {
				return nil, errBadRule
			}
		}
		if day < 0 {
			return nil, errBadRule
		}
		out = append(out, nthDay{n, time.Weekday(day)})
	}
	return out, nil
}

// String writes the rule in Google's order, without what goes without saying;
// days come in alphabetical order.
func (r *rule) String() string {
	parts := []string{"FREQ=" + r.freq}
	if r.wkst != time.Monday {
		parts = append(parts, "WKST="+weekdays[r.wkst])
	}
	if !r.until.IsZero() {
		parts = append(parts, "UNTIL="+r.untilText())
	}
	if r.count > 0 {
		parts = append(parts, fmt.Sprintf("COUNT=%d", r.count))
	}
	if r.interval > 1 {
		parts = append(parts, fmt.Sprintf("INTERVAL=%d", r.interval))
	}
	for _, name := range byOrder {
		var items []string
		for _, n := range r.by[name] {
			items = append(items, strconv.Itoa(n))
		}
		if name == "BYDAY" {
			for _, d := range r.days {
				items = append(items, d.String())
			}
			slices.Sort(items)
		}
		if len(items) > 0 {
			parts = append(parts, name+"="+strings.Join(items, ","))
		}
	}
	return strings.Join(parts, ";")
}

// untilText keeps the form that UNTIL came in, since the forms differ in
// meaning.
func (r *rule) untilText() string {
	if r.untilDay {
		return r.until.Format(stampDate)
	}
	if r.untilUTC {
		return r.until.Format(stampTime) + "Z"
	}
	return r.until.Format(stampTime)
}

func (d nthDay) String() string {
	if d.n == 0 {
		return weekdays[d.day]
	}
	return strconv.Itoa(d.n) + weekdays[d.day]
}
