package recurrence

import (
	"fmt"
	"math/rand/v2"
	"strings"
	"time"
)

// question is a recurrence set, as both opinions are asked about it.
type question struct {
	Start string   `json:"start"` // local; a date for an all-day series
	Zone  string   `json:"zone"`
	Lines []string `json:"lines"`
	Until string   `json:"until"`
	Most  int      `json:"most"`
	Raw   bool     `json:"raw,omitempty"` // dateutil as it is, DTSTART left out
}

// The zones: both hemispheres, both sides of Greenwich, half hours, changes at
// midnight, changes of half an hour, and some that never change.
var generatedZones = []string{
	"Europe/Berlin", "Europe/London", "Europe/Lisbon", "America/New_York", "America/Los_Angeles", "America/St_Johns",
	"America/Havana", "America/Santiago", "America/Asuncion", "Australia/Sydney", "Australia/Lord_Howe", "Pacific/Auckland",
	"Pacific/Chatham", "Asia/Tehran", "Asia/Beirut", "Asia/Kolkata", "Asia/Kathmandu", "Africa/Casablanca", "Pacific/Apia", "UTC",
}

// generator makes questions. It leaves out what the table of differences
// settles: there dateutil is known to be wrong or another reading is chosen.
type generator struct{ *rand.Rand }

func (g generator) one(of ...string) string { return of[g.IntN(len(of))] }
func (g generator) chance(percent int) bool { return g.IntN(100) < percent }

// some gives up to n different numbers between low and high, as a list.
func (g generator) some(n, low, high int, signed bool) string {
	seen := map[int]bool{}
	var out []string
	for range 1 + g.IntN(n) {
		v := low + g.IntN(high-low+1)
		if signed && g.chance(30) {
			v = -v
		}
		if !seen[v] {
			seen[v] = true
			out = append(out, fmt.Sprint(v))
		}
	}
	return strings.Join(out, ",")
}

func (g generator) weekdays(numbered int) string {
	names := []string{"MO", "TU", "WE", "TH", "FR", "SA", "SU"}
	g.Shuffle(len(names), func(i, j int) { names[i], names[j] = names[j], names[i] })
	out := names[:1+g.IntN(4)]
	if numbered > 0 {
		for i := range out {
			out[i] = g.some(1, 1, numbered, true) + out[i]
		}
	}
	return strings.Join(out, ",")
}

// start gives a local time within days of one of the zone's changes, where it
// has any, mostly at night, when clocks change.
func (g generator) start(loc *time.Location) time.Time {
	at := time.Date(2008+g.IntN(16), time.Month(1+g.IntN(12)), 1+g.IntN(28), 0, 0, 0, 0, time.UTC)
	if _, end := at.In(loc).ZoneBounds(); !end.IsZero() && end.Sub(at) < 400*24*time.Hour {
		at = end.UTC().AddDate(0, 0, -g.IntN(12)+2)
	}
	w := wallClock(at, loc).Truncate(24 * time.Hour)
	if g.chance(60) {
		w = w.Add(time.Duration(g.IntN(4*12)) * 5 * time.Minute)
	} else {
		w = w.Add(time.Duration(g.IntN(86400)) * time.Second)
	}
	// A row's start is an instant: it can't be a time that its clock never shows.
	return wallClock(instant(w, loc), loc)
}

// rule makes one lawful rule. exrule is for one that takes away: without COUNT
// and UNTIL, and not on the clock, since dateutil goes through each of its times.
func (g generator) rule(start time.Time, loc *time.Location, allDay, exrule bool) (text string, span time.Duration) {
	freqs := []string{"YEARLY", "MONTHLY", "WEEKLY", "DAILY", "YEARLY", "MONTHLY", "WEEKLY", "DAILY", "HOURLY", "MINUTELY", "SECONDLY"}
	if allDay || exrule {
		freqs = freqs[:8]
	}
	freq := g.one(freqs...)
	day := 24 * time.Hour
	span = map[string]time.Duration{"YEARLY": 12 * 365 * day, "MONTHLY": 4 * 365 * day, "WEEKLY": 2 * 365 * day, "DAILY": 300 * day,
		"HOURLY": 20 * day, "MINUTELY": 4 * day, "SECONDLY": 5 * time.Hour}[freq]
	parts := []string{"FREQ=" + freq}
	add := func(percent int, key string, value func() string) {
		if g.chance(percent) {
			parts = append(parts, key+"="+value())
		}
	}
	add(40, "INTERVAL", func() string { return fmt.Sprint(1 + g.IntN(5)) })
	wkst := "MO"
	if g.chance(30) {
		wkst = g.one("SU", "MO", "WE", "SA")
		parts = append(parts, "WKST="+wkst)
	}
	month := func() string { return g.some(4, 1, 12, false) }
	switch freq {
	case "YEARLY":
		switch g.IntN(6) {
		case 0:
			add(70, "BYMONTH", month)
			add(100, "BYMONTHDAY", func() string { return g.some(4, 1, 28, true) })
			add(20, "BYDAY", func() string { return g.weekdays(0) })
		case 1:
			add(100, "BYDAY", func() string { return g.weekdays(52) })
		case 2:
			add(100, "BYMONTH", month)
			add(100, "BYDAY", func() string { return g.weekdays(5) })
		case 3:
			add(100, "BYYEARDAY", func() string { return g.some(5, 1, 366, true) })
			add(20, "BYDAY", func() string { return g.weekdays(0) })
		case 4: // not the weeks at the year's ends: see the table
			add(100, "BYWEEKNO", func() string { return g.some(4, 2, 51, true) })
			add(100, "BYDAY", func() string { return g.weekdays(0) })
		case 5:
			add(50, "BYMONTH", month)
		}
	case "MONTHLY":
		add(20, "BYMONTH", month)
		switch g.IntN(4) {
		case 0:
			add(100, "BYMONTHDAY", func() string { return g.some(4, 1, 31, true) })
			add(25, "BYDAY", func() string { return g.weekdays(0) })
		case 1:
			add(100, "BYDAY", func() string { return g.weekdays(5) })
		case 2:
			add(100, "BYDAY", func() string { return g.weekdays(0) })
		}
	case "WEEKLY":
		add(20, "BYMONTH", month)
		add(70, "BYDAY", func() string { return g.weekdays(0) })
	default:
		add(15, "BYMONTH", month)
		add(10, "BYMONTHDAY", func() string { return g.some(20, 1, 28, true) })
		add(25, "BYDAY", func() string { return g.weekdays(0) })
	}
	if !allDay {
		add(15, "BYHOUR", func() string { return g.some(4, 0, 23, false) })
		add(15, "BYMINUTE", func() string { return g.some(4, 0, 59, false) })
		add(10, "BYSECOND", func() string { return g.some(3, 0, 59, false) })
	}
	text = strings.Join(parts, ";")
	// A weekly BYSETPOS counts from the week's start, dateutil's from DTSTART.
	if strings.Contains(text, ";BY") && !strings.Contains(text, "BYWEEKNO") &&
		(freq != "WEEKLY" || mondayFirst(start) == weekdays[wkst]) && g.chance(20) {
		// A position that most sets haven't got keeps dateutil busy until the year
		// 9999; so beyond the first and last only where sets are large.
		most := 1
		if strings.Count(text, ",") > 2 {
			most = 3
		}
		text += ";BYSETPOS=" + g.some(2, 1, most, true)
	}
	switch {
	case exrule:
	case g.chance(25):
		text += fmt.Sprintf(";COUNT=%d", 1+g.IntN(40))
	case g.chance(75):
	case allDay:
		text += ";UNTIL=" + start.Add(time.Duration(g.Int64N(int64(span)))).Format("20060102")
	default:
		text += ";UNTIL=" + instant(start.Add(time.Duration(g.Int64N(int64(span)))), loc).Format("20060102T150405Z")
	}
	return text, span
}

// question makes one, and a range that covers it.
func (g generator) question() question {
	q := question{Most: 60}
	loc, layout := time.UTC, "20060102"
	allDay := g.chance(20)
	if !allDay {
		q.Zone, layout = g.one(generatedZones...), "20060102T150405"
		loc = load(q.Zone)
	}
	start := g.start(loc)
	if allDay {
		start = start.Truncate(24 * time.Hour)
	}
	q.Start = start.Format(layout)
	rule, span := g.rule(start, loc, allDay, false)
	q.Lines = append(q.Lines, "RRULE:"+rule)
	if g.chance(10) {
		second, shorter := g.rule(start, loc, allDay, false)
		q.Lines, span = append(q.Lines, "RRULE:"+second), min(span, shorter)
	}
	if g.chance(10) {
		without, shorter := g.rule(start, loc, allDay, true)
		q.Lines, span = append(q.Lines, "EXRULE:"+without), min(span, shorter)
	}
	for _, name := range []string{"EXDATE", "RDATE"} {
		if g.chance(20) {
			q.Lines = append(q.Lines, g.dates(name, start, loc, q.Zone, layout))
		}
	}
	q.Until = instant(start.Add(span), loc).Format(layout)
	if !allDay {
		q.Until += "Z"
	}
	return q
}

// dates makes a line of dates, in one of the forms, most of them such as the
// series may have.
func (g generator) dates(name string, start time.Time, loc *time.Location, zone, layout string) string {
	var out []string
	utc := !strings.HasSuffix(layout, "02") && g.chance(40)
	for range 1 + g.IntN(4) {
		w := start.AddDate(0, 0, g.IntN(30))
		if utc {
			out = append(out, instant(w, loc).Format(layout)+"Z")
		} else {
			out = append(out, w.Format(layout))
		}
	}
	switch {
	case zone == "":
		name += ";VALUE=DATE"
	case !utc:
		name += ";TZID=" + zone
	}
	return name + ":" + strings.Join(out, ",")
}
