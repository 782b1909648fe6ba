package icsfile

import (
	"strconv"
	"strings"
	"time"
)

const (
	dateForm  = "20060102"
	localForm = "20060102T150405"
)

// moment is a DATE or DATE-TIME value.
type moment struct {
	allDay bool
	at     time.Time // in its zone; a date is midnight UTC
	zone   string    // IANA name, "UTC" for …Z; empty for a date
}

// moment reads one value of a property, in the zone that its TZID names, or
// that floating times are in.
func (z *zones) moment(p property, value string) (moment, *flaw) {
	value = strings.TrimSpace(value)
	if len(value) == len(dateForm) {
		t, err := time.Parse(dateForm, value)
		if err != nil {
			return moment{}, flawf(p.line, "%s: %s is not a date", p.name, quote(value))
		}
		return moment{allDay: true, at: t}, nil
	}
	if strings.EqualFold(p.param("VALUE"), "DATE") {
		return moment{}, flawf(p.line, "%s: %s is not a date", p.name, quote(value))
	}
	zone := "UTC"
	local, isUTC := strings.CutSuffix(value, "Z") // RFC 5545 3.3.5, form 2
	if !isUTC {
		zone = z.floating
		if id := p.param("TZID"); id != "" {
			name, err := z.iana(id)
			if err != nil {
				return moment{}, flawf(p.line, "%s: %v", p.name, err)
			}
			zone = name
		}
	}
	t, err := time.ParseInLocation(localForm, local, z.location(zone))
	if err != nil {
		return moment{}, flawf(p.line, "%s: %s is not a date or a date-time", p.name, quote(value))
	}
	return moment{at: t, zone: zone}, nil
}

// value is the moment as an iCalendar value.
func (m moment) value() string {
	switch {
	case m.allDay:
		return m.at.Format(dateForm)
	case m.zone == "UTC":
		return m.at.Format(localForm) + "Z"
	}
	return m.at.Format(localForm)
}

// resource is the moment as start, end and originalStartTime have it.
func (m moment) resource() map[string]any {
	if m.allDay {
		return map[string]any{"date": m.at.Format(time.DateOnly)}
	}
	return map[string]any{"dateTime": m.at.Format(time.RFC3339), "timeZone": m.zone}
}

// suffix is the moment as Google appends it to a master's id.
func (m moment) suffix() string {
	if m.allDay {
		return m.at.Format(dateForm)
	}
	return m.at.UTC().Format(localForm) + "Z"
}

// period is an RFC 5545 DURATION: days are calendar days, which a change to
// or from daylight saving time makes 23 or 25 hours long; the rest is exact.
type period struct {
	days  int
	exact time.Duration
}

// parsePeriod reads ±P1W, P3D, PT1H30M, P1DT12H.
func parsePeriod(s string) (period, bool) {
	sign := 1
	switch {
	case strings.HasPrefix(s, "-"):
		sign, s = -1, s[1:]
	case strings.HasPrefix(s, "+"):
		s = s[1:]
	}
	s, ok := strings.CutPrefix(strings.ToUpper(strings.TrimSpace(s)), "P")
	if !ok || s == "" {
		return period{}, false
	}
	var d period
	inTime, units := false, "WDHMS"
	for s != "" {
		if s[0] == 'T' && !inTime {
			inTime, s = true, s[1:]
			continue
		}
		// Units come once and in order, and six digits of hours fit an int64 of
		// nanoseconds: nothing below can overflow.
		end := strings.IndexAny(s, units)
		if end <= 0 || end > 6 {
			return period{}, false
		}
		n, err := strconv.ParseUint(s[:end], 10, 31)
		if err != nil {
			return period{}, false
		}
		count := sign * int(n)
		unit := s[end]
		units = units[strings.IndexByte(units, unit)+1:]
		switch {
		case unit == 'W' && !inTime:
			d.days += 7 * count
		case unit == 'D' && !inTime:
			d.days += count
		case unit == 'H' && inTime:
			d.exact += time.Duration(count) * time.Hour
		case unit == 'M' && inTime:
			d.exact += time.Duration(count) * time.Minute
		case unit == 'S' && inTime:
			d.exact += time.Duration(count) * time.Second
		default:
			return period{}, false
		}
		s = s[end+1:]
	}
	return d, true
}

// add ends an event that starts at m and lasts d.
func (m moment) add(d period) moment {
	m.at = m.at.AddDate(0, 0, d.days).Add(d.exact)
	return m
}
