package edit

import (
	"fmt"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
)

// What an event may hold, in characters and lines (openapi.yaml, EventCreate).
const (
	mostTitle       = 1024
	mostDescription = 8192
	mostLocation    = 1024
	mostLines       = 100
	mostLine        = 4096
)

// check names everything in a content that can't be accepted. What an event has
// already, whoever made it, is not for this edit to answer for, so only the
// fields that are written are looked at; none means all. was is the content before
// the edit, nil for an event that is new.
func (e *Editor) check(c calendar.Content, was *calendar.Content, fields ...calendar.Field) error {
	var bad []fault.Field
	refuse := func(field, format string, args ...any) {
		bad = append(bad, fault.Field{Field: field, Message: fmt.Sprintf(format, args...)})
	}
	if len(fields) == 0 {
		fields = calendar.Fields()
	}
	plain := func(field, s string, most int) {
		if n := utf8.RuneCountInString(s); n > most {
			refuse(field, "has %d characters, and %d are the most", n, most)
		}
		if strings.ContainsRune(s, 0) {
			refuse(field, "has the character NUL (U+0000), which stands for nothing and may end the text elsewhere")
		}
	}
	series := false
	for _, f := range fields {
		switch f {
		case calendar.FieldTitle:
			plain("title", c.Title, mostTitle)
		case calendar.FieldDescription:
			plain("description", c.Description, mostDescription)
		case calendar.FieldLocation:
			plain("location", c.Location, mostLocation)
		case calendar.FieldWhen:
			checkTimes(c, refuse)
			series = true
		case calendar.FieldRecurrence:
			var had []string
			if was != nil {
				had = was.Recurrence
			}
			checkLines(c.Recurrence, had, refuse)
			series = true
		case calendar.FieldStatus:
			if c.Status != calendar.Confirmed && c.Status != calendar.Tentative {
				refuse("status", "must be confirmed or tentative")
			}
		case calendar.FieldVisibility:
			switch c.Visibility {
			case calendar.DefaultVisibility, calendar.Public, calendar.Private, calendar.Confidential:
			default:
				refuse("visibility", "must be default, public, private or confidential")
			}
		}
	}
	if len(bad) == 0 && series && c.Ended() {
		refuse("recurrence", "ends before the event begins")
	}
	if len(bad) == 0 && series && len(c.Recurrence) > 0 {
		e.checkSeries(c, was, refuse)
	}
	if len(bad) > 0 {
		return fault.Fields(bad...)
	}
	return nil
}

// mostOfADay is once a minute: what repeats more often no calendar shows.
const mostOfADay = 24 * 60

// often reports whether a series repeats more often than that from its start on.
func (e *Editor) often(c calendar.Content) bool {
	from := c.Start.Instant()
	spans, _ := e.Series.Occurrences(&calendar.Row{Content: c}, from, from.Add(24*time.Hour))
	return len(spans) > mostOfADay
}

// checkSeries refuses what can't be expanded, and a series that starts on a date
// that it doesn't give: whether it takes place then, two calendars may see
// differently, and then one of them shows what the other hasn't. One that was so
// before, made elsewhere, stays editable.
func (e *Editor) checkSeries(c calendar.Content, was *calendar.Content, refuse func(field, format string, args ...any)) {
	first, in := e.Series.Step(&calendar.Row{Content: c})
	if in {
		if odd := e.Series.Check(&calendar.Row{Content: c}, ""); odd != "" {
			refuse("recurrence", "%s", odd)
		} else if e.often(c) && (was == nil || !e.often(*was)) {
			refuse("recurrence", "gives more than %d dates within a day", mostOfADay)
		}
		return
	}
	if was != nil {
		if _, before := e.Series.Step(&calendar.Row{Content: *was}); !before {
			return
		}
	}
	switch {
	case first.IsZero():
		refuse("recurrence", "gives no date from the start on")
	case first.IsDate():
		refuse("start", "must be a date that the recurrence gives; the first is %s", first.Instant().Format("Monday 2 January 2006"))
	default:
		refuse("start", "must be a time that the recurrence gives; the first is %s", first.At.In(location(first.Zone)).Format("Monday 2 January 2006 at 15:04"))
	}
}

func checkTimes(c calendar.Content, refuse func(field, format string, args ...any)) {
	good := true
	for _, end := range []struct {
		name string
		t    calendar.Time
	}{{"start", c.Start}, {"end", c.End}} {
		if why, field := badTime(end.t); why != "" {
			refuse(end.name+field, "%s", why)
			good = false
		}
	}
	switch {
	case !good:
	case c.Start.IsDate() != c.End.IsDate():
		refuse("end", "must be of the same form as start")
	case c.Start.IsDate() && c.End.Date <= c.Start.Date:
		refuse("end", "must be a later day than start: an end is exclusive")
	case c.End.Instant().Before(c.Start.Instant()):
		refuse("end", "must not be before start")
	}
}

// badTime says what is wrong with a time, and with which part of it.
func badTime(t calendar.Time) (why, field string) {
	if t.IsZero() {
		return "is needed", ""
	}
	if t.IsDate() {
		d, err := time.Parse(time.DateOnly, t.Date)
		if err != nil || !thinkable(d) {
			return "must be a day such as 2026-11-25", ".date"
		}
		return "", ""
	}
	if !thinkable(t.At) {
		return "must be a time such as 2026-11-25T10:00:00+01:00", ".date_time"
	}
	// "Local" is whatever this machine is set to, and no zone of anybody's.
	if _, err := time.LoadLocation(t.Zone); err != nil || t.Zone == "" || t.Zone == "Local" {
		return fmt.Sprintf("there is no time zone %q", t.Zone), ".time_zone"
	}
	return "", ""
}

// thinkable keeps out years that some calendar on the way can't write.
func thinkable(t time.Time) bool { return t.Year() >= 1800 && t.Year() <= 9000 }

// checkLines holds recurrence lines to their form. Those that the event had are
// not looked at, nor is how many they are: a series that is moved keeps what it was
// made with elsewhere.
func checkLines(lines, had []string, refuse func(field, format string, args ...any)) {
	if len(lines) > max(mostLines, len(had)) {
		refuse("recurrence", "has %d lines, and %d are the most", len(lines), mostLines)
		return
	}
	generates := len(lines) == 0
	for i, line := range lines {
		name, _, _ := strings.Cut(strings.ToUpper(line), ":")
		name, _, _ = strings.Cut(name, ";")
		generates = generates || name == "RRULE" || name == "RDATE"
		switch {
		case slices.Contains(had, line):
		case utf8.RuneCountInString(line) > mostLine:
			refuse("recurrence", "line %d has more than %d characters", i+1, mostLine)
		case strings.ContainsAny(line, "\r\n"):
			refuse("recurrence", "line %d is more than one line", i+1)
		case name != "RRULE" && name != "RDATE" && name != "EXDATE" && name != "EXRULE":
			refuse("recurrence", "line %d is neither RRULE, RDATE, EXDATE nor EXRULE", i+1)
			generates = true // it may have been meant to
		}
	}
	if !generates {
		refuse("recurrence", "needs an RRULE or an RDATE")
	}
}
