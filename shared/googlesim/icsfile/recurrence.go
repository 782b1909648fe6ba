package icsfile

import (
	"strings"
	"time"

	"github.com/teambition/rrule-go"
)

// readRecurrence collects RRULE, EXRULE, RDATE and EXDATE as the strings that
// Google's recurrence holds.
func (e *vevent) readRecurrence(c *component) *flaw {
	var out []any
	for _, name := range []string{"RRULE", "EXRULE"} {
		for _, p := range c.all(name) {
			rule, bad := e.rule(p)
			if bad != nil {
				return bad
			}
			out = append(out, name+":"+rule)
		}
	}
	for _, name := range []string{"RDATE", "EXDATE"} {
		for _, p := range c.all(name) {
			dates, bad := e.dates(p)
			if bad != nil {
				return bad
			}
			if dates != "" {
				out = append(out, dates)
			}
		}
	}
	if len(out) > 0 {
		e.body["recurrence"] = out
	}
	return nil
}

// rule checks a recurrence rule and brings its UNTIL into the form that goes
// with the start: a date for all-day series, UTC for others (RFC 5545 section
// 3.3.10 demands it, Outlook and old Apple calendars write local times).
func (e *vevent) rule(p property) (string, *flaw) {
	parts := strings.Split(strings.Trim(strings.TrimSpace(p.value), ";"), ";")
	for i, part := range parts {
		key, value, ok := strings.Cut(strings.ToUpper(strings.TrimSpace(part)), "=")
		if !ok || value == "" {
			return "", flawf(p.line, "%s: %s is not a part of a rule", p.name, quote(part))
		}
		if key == "UNTIL" {
			until, bad := e.until(p, value)
			if bad != nil {
				return "", bad
			}
			value = until
		}
		parts[i] = key + "=" + value
	}
	rule := strings.Join(parts, ";")
	opt, err := rrule.StrToROption(rule)
	if err == nil {
		_, err = rrule.NewRRule(*opt)
	}
	if err != nil {
		return "", flawf(p.line, "%s: %v", p.name, err)
	}
	return rule, nil
}

func (e *vevent) until(p property, value string) (string, *flaw) {
	m, bad := e.zones.moment(property{line: p.line, name: p.name + " UNTIL"}, value)
	switch {
	case bad != nil:
		return "", bad
	case e.start.allDay:
		return value[:len(dateForm)], nil
	case m.allDay || strings.HasSuffix(value, "Z"):
		return value, nil
	}
	// A local time is one by the series' own clock; it was read by another.
	local, err := time.ParseInLocation(localForm, value, e.zones.location(e.start.zone))
	if err != nil {
		return "", flawf(p.line, "%s UNTIL: %v", p.name, err)
	}
	return local.UTC().Format(localForm) + "Z", nil
}

// dates rewrites a list of dates in the series' own terms: dates for all-day
// series, else times by the series' own clock. Periods (RDATE only) keep their
// start, since a Google instance has its master's length.
func (e *vevent) dates(p property) (string, *flaw) {
	var all []string
	for value := range strings.SplitSeq(p.value, ",") {
		if value = strings.TrimSpace(value); value == "" {
			continue
		}
		value, _, _ = strings.Cut(value, "/")
		m, bad := e.zones.moment(p, value)
		if bad != nil {
			return "", bad
		}
		all = append(all, e.likeStart(m).value())
	}
	if len(all) == 0 {
		return "", nil
	}
	head := p.name
	switch {
	case e.start.allDay:
		head += ";VALUE=DATE"
	case e.start.zone != "UTC":
		head += ";TZID=" + e.start.zone
	}
	return head + ":" + strings.Join(all, ","), nil
}

// likeStart says which occurrence a date or time means: of the start's kind
// and in the start's zone. Outlook and Exchange name occurrences of all-day
// series by a time and of timed ones by a day.
func (e *vevent) likeStart(m moment) moment {
	loc := e.zones.location(e.start.zone)
	y, mon, d := m.at.Date()
	switch {
	case e.start.allDay:
		return moment{allDay: true, at: time.Date(y, mon, d, 0, 0, 0, 0, time.UTC)}
	case m.allDay:
		h, min, sec := e.start.at.Clock()
		return moment{at: time.Date(y, mon, d, h, min, sec, 0, loc), zone: e.start.zone}
	}
	return moment{at: m.at.In(loc), zone: e.start.zone}
}
