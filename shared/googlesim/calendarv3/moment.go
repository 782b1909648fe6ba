package calendarv3

import (
	"errors"
	"regexp"
	"strconv"
	"strings"
	"time"
	_ "time/tzdata" // the simulator runs on machines without a zone database, too
)

// moment is an EventDateTime that has been understood: a day, or an instant
// with the name of a zone.
type moment struct {
	at    time.Time // of a day: its midnight in the calendar's zone
	dated bool
	zone  string // as given, possibly empty
}

var (
	errNoMoment   = errors.New("missing")
	errBadMoment  = errors.New("not understood")
	errNoZone     = errors.New("no time zone")
	errBadZone    = errors.New("unknown time zone")
	offsetForm    = regexp.MustCompile(`^(?:GMT|UTC)([+-])(\d{1,2}):?(\d{2})?$`)
	localDateTime = "2006-01-02T15:04:05"
)

// readMoment understands {date} or {dateTime, timeZone}. A dateTime without an
// offset needs the zone. The zone's name is only looked up where the instant
// depends on it; checkZone looks at it in any case.
func readMoment(m map[string]any, calendarZone *time.Location) (moment, error) {
	d := Event(m)
	date, dateTime := d.text("date"), d.text("dateTime")
	out := moment{zone: d.text("timeZone")}
	var err error
	switch {
	case date == "" && dateTime == "":
		return out, errNoMoment
	case date != "" && dateTime != "":
		return out, errBadMoment
	case date != "":
		out.dated = true
		if out.at, err = time.ParseInLocation(time.DateOnly, date, calendarZone); err != nil {
			return out, errBadMoment
		}
		return out, nil
	}
	if out.at, err = time.Parse(time.RFC3339, strings.ToUpper(dateTime)); err == nil {
		out.at = out.at.Truncate(time.Second)
		return out, nil
	}
	if out.zone == "" {
		if _, err = time.Parse(localDateTime, strings.ToUpper(dateTime)); err == nil {
			return out, errNoZone
		}
		return out, errBadMoment
	}
	loc, err := loadZone(out.zone)
	if err != nil {
		return out, errBadZone
	}
	if out.at, err = time.ParseInLocation(localDateTime, strings.ToUpper(dateTime), loc); err != nil {
		return out, errBadMoment
	}
	out.at = out.at.Truncate(time.Second)
	return out, nil
}

// write renders the moment as Google stores it: the instant with the calendar's
// offset, the zone as it was given, or the calendar's.
func (m moment) write(calendarZone *time.Location, calendarZoneName string) map[string]any {
	if m.dated {
		return map[string]any{"date": m.at.Format(time.DateOnly)}
	}
	zone := m.zone
	if zone == "" {
		zone = calendarZoneName
	}
	return map[string]any{"dateTime": m.at.In(calendarZone).Format(time.RFC3339), "timeZone": zone}
}

// add moves a moment: days stay days.
func (m moment) add(d time.Duration) moment {
	if m.dated {
		m.at = m.at.AddDate(0, 0, int((d+12*time.Hour)/(24*time.Hour)))
		return m
	}
	m.at = m.at.Add(d)
	return m
}

// loadZone knows IANA names and the GMT+02:00 form that some of Google's own
// clients write.
func loadZone(name string) (*time.Location, error) {
	if name == "" || name == "Local" {
		return nil, errBadZone
	}
	if f := offsetForm.FindStringSubmatch(name); f != nil {
		hours, _ := strconv.Atoi(f[2]) // digits by the expression
		minutes, _ := strconv.Atoi(f[3])
		if hours > 14 || minutes > 59 {
			return nil, errBadZone
		}
		seconds := (hours*60 + minutes) * 60
		if f[1] == "-" {
			seconds = -seconds
		}
		return time.FixedZone(name, seconds), nil
	}
	loc, err := time.LoadLocation(name)
	if err != nil {
		return nil, errBadZone
	}
	return loc, nil
}

// Stamps are how instance ids and recurrence lines write times: 20260301T090000
// or 20260301.
const (
	stampTime = "20060102T150405"
	stampDate = "20060102"
)

// parseStamp reads a stamp in UTC, with or without Z.
func parseStamp(s string) (time.Time, bool) {
	layout := stampTime
	if len(s) == len(stampDate) {
		layout = stampDate
	}
	t, err := time.Parse(layout, strings.TrimSuffix(s, "Z"))
	return t, err == nil
}
