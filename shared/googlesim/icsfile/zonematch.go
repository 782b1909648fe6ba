package icsfile

import (
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/teambition/rrule-go"
)

// observance is a STANDARD or DAYLIGHT block: from each onset on, clocks show
// UTC plus to.
type observance struct {
	first    time.Time // the first onset by the clock that was valid before it
	from, to int       // seconds east of UTC
	yearly   *rrule.RRule
	more     []time.Time
}

// match finds a zone whose offsets are those of a VTIMEZONE, for definitions
// that have only a private name ("Customized Time Zone", "(UTC+01:00)
// Amsterdam, Berlin…"). Offsets are compared over three years, several days a
// month; what agrees on all of them is the same zone for any seed.
func (z *zones) match(definition *component) (string, bool) {
	var rules []observance
	for _, c := range definition.children {
		if c.name == "STANDARD" || c.name == "DAYLIGHT" {
			if o, ok := readObservance(c); ok {
				rules = append(rules, o)
			}
		}
	}
	if len(rules) == 0 {
		return "", false
	}
	candidates := slices.Sorted(maps.Values(windowsZones))
	candidates = slices.Compact(candidates)
	// Zones without daylight saving time: one name for every full hour. Their
	// signs are the wrong way round by POSIX tradition.
	for h := -12; h <= 14; h++ {
		candidates = append(candidates, fmt.Sprintf("Etc/GMT%+d", -h))
	}
	var samples []time.Time
	for t := time.Date(2025, 1, 3, 12, 0, 0, 0, time.UTC); t.Year() < 2028; t = t.AddDate(0, 0, 6) {
		samples = append(samples, t)
	}
	want := make([]int, len(samples))
	for i, t := range samples {
		want[i] = offsetAt(rules, t)
	}
	for _, name := range candidates {
		if !z.load(name) {
			continue
		}
		if sameOffsets(z.loaded[name], samples, want) {
			return name, true
		}
	}
	return "", false
}

func sameOffsets(loc *time.Location, samples []time.Time, want []int) bool {
	for i, t := range samples {
		if _, offset := t.In(loc).Zone(); offset != want[i] {
			return false
		}
	}
	return true
}

func readObservance(c *component) (observance, bool) {
	start, _ := c.get("DTSTART")
	from, ok1 := parseOffset(c.text("TZOFFSETFROM"))
	to, ok2 := parseOffset(c.text("TZOFFSETTO"))
	first, err := time.Parse(localForm, strings.TrimSuffix(start.value, "Z"))
	if err != nil || !ok1 || !ok2 {
		return observance{}, false
	}
	o := observance{first: first, from: from, to: to}
	for _, p := range c.all("RDATE") {
		for _, v := range strings.Split(p.value, ",") {
			if t, err := time.Parse(localForm, v); err == nil {
				o.more = append(o.more, t)
			}
		}
	}
	if p, ok := c.get("RRULE"); ok {
		opt, err := rrule.StrToROption(p.value)
		// Anything but a plain yearly rule is not a clock change, and could be
		// made to take for ever.
		if err != nil || opt.Freq != rrule.YEARLY || opt.Interval > 1 || opt.Count > 0 ||
			len(opt.Byhour)+len(opt.Byminute)+len(opt.Bysecond)+len(opt.Byweekno)+len(opt.Byyearday) > 0 {
			return observance{}, false
		}
		// Rules are written from 1601 or 1970 on; the samples need 2024.
		opt.Dtstart = first
		if first.Year() < 2020 {
			opt.Dtstart = time.Date(2020, first.Month(), first.Day(), first.Hour(), first.Minute(), first.Second(), 0, time.UTC)
		}
		if o.yearly, err = rrule.NewRRule(*opt); err != nil {
			return observance{}, false
		}
	}
	return o, true
}

// offsetAt is the offset in force at t: that of the latest onset before it.
// Before all onsets it is what the earliest one changed from.
func offsetAt(rules []observance, t time.Time) int {
	latest, offset, known := time.Time{}, rules[0].from, false
	for _, o := range rules {
		local := t.Add(time.Duration(o.from) * time.Second)
		onsets := append([]time.Time{o.first}, o.more...)
		if o.yearly != nil {
			if last := o.yearly.Before(local, true); !last.IsZero() {
				onsets = append(onsets, last)
			}
		}
		for _, on := range onsets {
			if !on.After(local) && (!known || on.After(latest)) {
				latest, offset, known = on, o.to, true
			}
		}
	}
	return offset
}

// parseOffset reads ±HHMM or ±HHMMSS, RFC 5545 section 3.3.14.
func parseOffset(s string) (seconds int, ok bool) {
	if len(s) != 5 && len(s) != 7 {
		return 0, false
	}
	n, err := strconv.ParseUint(s[1:], 10, 32)
	if err != nil || (s[0] != '+' && s[0] != '-') {
		return 0, false
	}
	if len(s) == 5 {
		n *= 100
	}
	seconds = int(n/10000*3600 + n/100%100*60 + n%100)
	if s[0] == '-' {
		seconds = -seconds
	}
	return seconds, seconds > -24*3600 && seconds < 24*3600
}
