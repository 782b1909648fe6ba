package edit

import (
	"fmt"
	"slices"
	"strconv"
	"strings"
	"time"

	"aura.example/integrations/shared/calendar"
)

// Cutting a series is done on the text of its rules, and then held to what the
// halves expand to. Whatever isn't plainly cut that way is left whole.

// cut gives the recurrence of a series before one of its occurrences and, where
// both halves are wanted, from it on: that of a series which begins with the
// occurrence.
func (e *Editor) cut(master *calendar.Row, at calendar.Time, both bool) (head, tail []string, err error) {
	for _, line := range master.Recurrence {
		name, params, value := splitLine(line)
		switch name {
		case "RRULE":
			if both && len(rulesOf(master.Recurrence)) > 1 {
				return nil, nil, errUncut // their phases hang on a start that moves
			}
			before, after, ok := e.cutRule(master, value, at)
			if !ok {
				return nil, nil, errUncut
			}
			head, tail = appendRule(head, before), appendRule(tail, after)
		case "RDATE", "EXDATE":
			before, after, ok := cutDates(params, value, master.Start.Zone, at)
			if !ok {
				return nil, nil, errUncut
			}
			head, tail = appendDates(head, line, before), appendDates(tail, line, after)
		default: // EXRULE: its phase hangs on the start as well
			if both {
				return nil, nil, errUncut
			}
			head = append(head, line)
		}
	}
	if !e.headIs(master, at, head) || both && !e.tailIs(master, at, tail) {
		return nil, nil, errUncut
	}
	return head, tail, nil
}

var errUncut = errScope("this series can't be divided here without changing what it is; change one occurrence, or all")

// splitLine takes a recurrence line apart: RRULE:FREQ=DAILY, or
// EXDATE;TZID=Europe/Madrid:20261126T100000.
func splitLine(line string) (name, params, value string) {
	head, value, _ := strings.Cut(line, ":")
	name, params, _ = strings.Cut(head, ";")
	return strings.ToUpper(strings.TrimSpace(name)), params, strings.TrimSpace(value)
}

func rulesOf(lines []string) []string {
	var out []string
	for _, l := range lines {
		if name, _, value := splitLine(l); name == "RRULE" {
			out = append(out, value)
		}
	}
	return out
}

// cutRule divides one rule. The first half ends with UNTIL; a COUNT goes on in
// the second with what is left of it. A rule that has ended before leaves "".
func (e *Editor) cutRule(master *calendar.Row, rule string, at calendar.Time) (before, after string, ok bool) {
	parts := strings.Split(strings.TrimSuffix(rule, ";"), ";")
	keep := func(drop ...string) []string {
		return slices.DeleteFunc(slices.Clone(parts), func(p string) bool {
			key, _, _ := strings.Cut(strings.ToUpper(p), "=")
			return slices.Contains(drop, key)
		})
	}
	before = strings.Join(append(keep("COUNT", "UNTIL"), "UNTIL="+until(at)), ";")
	after = strings.Join(parts, ";")
	for _, p := range parts {
		key, value, _ := strings.Cut(strings.ToUpper(p), "=")
		switch key {
		case "COUNT":
			count, err := strconv.Atoi(value)
			if err != nil {
				return "", "", false
			}
			alone := &calendar.Row{ID: master.ID, Content: calendar.Content{Start: master.Start, End: master.End, Recurrence: []string{"RRULE:" + rule}}}
			been, complete := e.Series.Occurrences(alone, master.Start.Instant(), at.Instant())
			if !complete {
				return "", "", false
			}
			left := count - len(been)
			if _, in := e.Series.Step(alone); !in {
				left++ // COUNT doesn't count its start
			}
			after = strings.Join(append(keep("COUNT"), fmt.Sprintf("COUNT=%d", left)), ";")
			if left <= 0 {
				before, after = rule, ""
			}
		case "UNTIL":
			if ends, ok := moment(value, master.Start.Zone); !ok || ends.Before(at.Instant()) && len(value) > len("20060102") {
				before, after = rule, ""
			}
		}
	}
	return before, after, true
}

// until is the last moment before an occurrence, as UNTIL has it: a day for a
// series of days, an instant in UTC for any other (RFC 5545, 3.3.10).
func until(at calendar.Time) string {
	if at.IsDate() {
		return at.Instant().AddDate(0, 0, -1).Format("20060102")
	}
	return at.At.UTC().Add(-time.Second).Format("20060102T150405Z")
}

func appendRule(lines []string, rule string) []string {
	if rule == "" {
		return lines
	}
	return append(lines, "RRULE:"+rule)
}

// cutDates divides a list of single dates.
func cutDates(params, value, zone string, at calendar.Time) (before, after []string, ok bool) {
	for _, p := range strings.Split(params, ";") {
		key, v, _ := strings.Cut(p, "=")
		switch strings.ToUpper(key) {
		case "TZID":
			zone = strings.Trim(v, `"`)
		case "", "VALUE":
		default:
			return nil, nil, false
		}
	}
	for _, v := range strings.Split(value, ",") {
		when, ok := moment(strings.TrimSpace(v), zone)
		if !ok {
			return nil, nil, false
		}
		if when.Before(at.Instant()) {
			before = append(before, v)
		} else {
			after = append(after, v)
		}
	}
	return before, after, true
}

func appendDates(lines []string, line string, dates []string) []string {
	if len(dates) == 0 {
		return lines
	}
	head, _, _ := strings.Cut(line, ":")
	return append(lines, head+":"+strings.Join(dates, ","))
}

// moment reads a date or a time of a recurrence line; a local one is in the
// given zone. A date is its midnight in UTC, as everywhere.
func moment(v, zone string) (time.Time, bool) {
	switch len(v) {
	case len("20060102"):
		t, err := time.Parse("20060102", v)
		return t, err == nil
	case len("20060102T150405Z"):
		t, err := time.Parse("20060102T150405Z", v)
		return t, err == nil
	}
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return time.Time{}, false
	}
	t, err := time.ParseInLocation("20060102T150405", v, loc)
	return t, err == nil
}

// lookAhead is how far halves are compared with the whole.
const lookAhead = 6 * 366 * 24 * time.Hour

// headIs reports whether a recurrence is that of a series up to an occurrence.
func (e *Editor) headIs(master *calendar.Row, at calendar.Time, head []string) bool {
	cut := *master
	cut.Recurrence = head
	begin := master.Start.Instant()
	want, complete := e.Series.Occurrences(master, begin, at.Instant())
	got, all := e.Series.Occurrences(&cut, begin, at.Instant().Add(lookAhead))
	return len(head) > 0 && complete && all && sameSpans(want, got)
}

// tailIs reports whether a recurrence is that of a series from an occurrence on.
func (e *Editor) tailIs(master *calendar.Row, at calendar.Time, tail []string) bool {
	span, ok := e.occurrence(master, at)
	if !ok || len(tail) == 0 {
		return false
	}
	cut := *master
	cut.Start, cut.End, cut.Recurrence = span.Start, span.End, tail
	end := at.Instant().Add(lookAhead)
	want, _ := e.Series.Occurrences(master, at.Instant(), end)
	got, _ := e.Series.Occurrences(&cut, at.Instant(), end)
	if n := min(len(want), len(got)); n >= manySpans {
		want, got = want[:n], got[:n] // both end where no more can be shown
	}
	return sameSpans(want, got)
}

// manySpans is more than any look ahead is compared for to the last.
const manySpans = 1000

func sameSpans(a, b []calendar.Span) bool {
	return slices.EqualFunc(a, b, func(x, y calendar.Span) bool {
		return x.Start.SameMoment(y.Start) && x.End.SameMoment(y.End)
	})
}
