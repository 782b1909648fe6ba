package recurrence

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
	_ "time/tzdata" // zones also where the machine has none (Lambda's base image)
)

// zones looks time zones up, each once: loading one reads a file.
type zones map[string]*time.Location

// ianaName is the shape of the tz database's names. Anything else is not given
// to the runtime, which would look for a file of that name.
var ianaName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z][A-Za-z0-9_+-]*(/[A-Za-z0-9_+-]+)*$`) })

// offsetName is a fixed offset as java.time.ZoneId writes and reads it
// (GMT+02:00, UTC-5, +0530); Google's servers emit the first form. The sign is
// the everyday one, unlike that of the tz database's Etc/GMT-2.
var offsetName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^(?:GMT|UTC|UT)?([+-])(\d{1,2})(?::?(\d{2}))?$`) })

// loaded keeps the zones that there are for the life of the process: a sync asks
// for the same few of them at every event. What there isn't is not kept, so names
// from outside can't fill it.
var loaded sync.Map // name: *time.Location

// find gives the zone of a name, or nil where nobody can say what it means.
// Windows' names (W. Europe Standard Time) are among those: they are territory
// dependent, and no table of them is kept here.
func (z zones) find(name string) *time.Location {
	loc, seen := z[name]
	if !seen {
		loc = load(name)
		z[name] = loc
	}
	return loc
}

func load(name string) *time.Location {
	switch {
	case name == "Z":
		return time.UTC
	case name == "Local" || name == "localtime" || name == "Factory" || name == "posixrules":
		return nil // the machine's own zone or none: not what a calendar means
	case strings.HasPrefix(name, "right/"):
		return nil // counts leap seconds, which no calendar does
	}
	if loc, ok := loaded.Load(name); ok {
		return loc.(*time.Location)
	}
	if ianaName().MatchString(name) {
		if loc, err := time.LoadLocation(name); err == nil {
			loaded.Store(name, loc)
			return loc
		}
	}
	m := offsetName().FindStringSubmatch(name)
	if m == nil {
		return nil
	}
	hours, _ := strconv.Atoi(m[2])
	minutes, _ := strconv.Atoi("0" + m[3])
	if hours > 18 || minutes > 59 {
		return nil
	}
	seconds := hours*3600 + minutes*60
	if m[1] == "-" {
		seconds = -seconds
	}
	return time.FixedZone(name, seconds)
}

// wallClock gives what a clock in the zone shows at an instant, written down as
// if it were UTC. Calculating on that is what "every day at nine" means.
func wallClock(at time.Time, loc *time.Location) time.Time {
	at = at.In(loc)
	return time.Date(at.Year(), at.Month(), at.Day(), at.Hour(), at.Minute(), at.Second(), 0, time.UTC)
}

// instant is the moment at which a clock in the zone shows w: the first one
// where it shows it twice, and moved on by the gap where it never does (RFC
// 5545, 3.3.5). time.Date promises neither.
func instant(w time.Time, loc *time.Location) time.Time {
	t := time.Date(w.Year(), w.Month(), w.Day(), w.Hour(), w.Minute(), w.Second(), 0, loc)
	shown := wallClock(t, loc)
	since, _ := t.ZoneBounds()
	switch {
	case shown.Before(w): // in a gap, and t lies before it
		return t.Add(w.Sub(shown)).UTC()
	case shown.After(w): // in a gap, and t lies behind it
		return w.Add(-offset(since.Add(-time.Second)))
	case !since.IsZero():
		// Shown at t; perhaps once already under the offset that ended at since.
		earlier := w.Add(-offset(since.Add(-time.Second)))
		if earlier.Before(since) && earlier.Before(t) {
			return earlier
		}
	}
	return t.UTC()
}

func offset(at time.Time) time.Duration {
	_, s := at.Zone()
	return time.Duration(s) * time.Second
}
