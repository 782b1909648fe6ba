package calendar

import (
	"strconv"
	"strings"
	"time"
)

// slack covers what a bound by calendar arithmetic may miss: zones, DST, a
// zone's change of mind.
const slack = 48 * time.Hour

// LastEnd bounds the moment at which a series' last occurrence ends: never
// before it, FarEnd where the rule never ends or isn't plainly bounded. It only
// decides how long a series is still looked at, so it reads rules coarsely and
// errs on the late side; expanding is another matter.
func LastEnd(c *Content) time.Time {
	start, end := c.Start.Instant(), c.End.Instant()
	last := start
	for _, line := range singly(c.Recurrence) {
		name, value, ok := strings.Cut(line, ":")
		if !ok {
			return FarEnd
		}
		name, _, _ = strings.Cut(name, ";")
		var at time.Time
		switch strings.ToUpper(name) {
		case "RRULE":
			at, ok = lastByRule(value, start)
		case "RDATE":
			at, ok = lastDate(value)
		case "EXDATE", "EXRULE": // take occurrences away only
			continue
		default:
			ok = false
		}
		if !ok {
			return FarEnd
		}
		if at.After(last) {
			last = at
		}
	}
	if end.After(start) {
		last = last.Add(end.Sub(start))
	}
	if last = last.Add(slack); last.After(FarEnd) {
		return FarEnd
	}
	return last
}

// singly gives lines that hold one rule or list each: an element may hold
// several, and the last of them may be the one that goes on.
func singly(elements []string) []string {
	var out []string
	for _, e := range elements {
		out = append(out, strings.FieldsFunc(e, func(r rune) bool { return r == '\n' || r == '\r' })...)
	}
	return out
}

// lastDate gives the latest of a list of dates, times or periods. A period may
// be longer than the event itself, so it is no plain bound.
func lastDate(value string) (time.Time, bool) {
	var last time.Time
	for _, v := range strings.Split(value, ",") {
		at, ok := day(v)
		if !ok || strings.Contains(v, "/") {
			return time.Time{}, false
		}
		if at.After(last) {
			last = at
		}
	}
	return last, true
}

// day reads the date that an iCalendar date or time begins with, at its end.
func day(v string) (time.Time, bool) {
	if len(v) < 8 {
		return time.Time{}, false
	}
	at, err := time.Parse("20060102", v[:8])
	return at.Add(24 * time.Hour), err == nil
}

// lastByRule bounds one RRULE: by UNTIL, or by COUNT where every period of the
// rule has an occurrence for certain.
func lastByRule(rule string, start time.Time) (time.Time, bool) {
	parts := map[string]string{}
	for _, p := range strings.Split(strings.ToUpper(rule), ";") {
		k, v, _ := strings.Cut(p, "=")
		parts[k] = v
	}
	if until, ok := parts["UNTIL"]; ok {
		return day(until)
	}
	count, err := strconv.Atoi(parts["COUNT"])
	if err != nil || count < 1 {
		return time.Time{}, false
	}
	interval := 1
	if v, ok := parts["INTERVAL"]; ok {
		if interval, err = strconv.Atoi(v); err != nil || interval < 1 {
			return time.Time{}, false
		}
	}
	days, ok := longestPeriod(parts, start)
	if !ok || count > 36500 || interval > 36500 || count*interval*days > 36500*days {
		return time.Time{}, false
	}
	return start.AddDate(0, 0, count*interval*days), true
}

// longestPeriod gives the days of the rule's period where each period is sure
// to have an occurrence. Parts that can empty a period (the 31st, the fifth
// Monday, 29 February, a month that is named) make that uncertain.
func longestPeriod(parts map[string]string, start time.Time) (days int, ok bool) {
	allowed := map[string]bool{"FREQ": true, "COUNT": true, "INTERVAL": true, "WKST": true}
	switch parts["FREQ"] {
	case "DAILY":
		days = 1
	case "WEEKLY":
		days, allowed["BYDAY"] = 7, true
	case "MONTHLY":
		days = 31
	case "YEARLY":
		days = 366
	default:
		return 0, false
	}
	for name := range parts {
		if !allowed[name] {
			return 0, false
		}
	}
	return days, days < 31 || start.Day() <= 27 // the 28th may be another zone's 29th
}
