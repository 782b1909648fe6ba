package icsfile

import (
	"bufio"
	"cmp"
	"fmt"
	"io"
	"maps"
	"slices"
	"strings"
	"time"
	"unicode/utf8"

	ics "github.com/arran4/golang-ical"
)

// Export writes calendars as one iCalendar file that Parse, and any calendar
// program, reads back. Cancelled occurrences become EXDATEs of their master.
// What iCalendar has no place for (extended properties, conference data,
// colours) is left out.
func Export(w io.Writer, calendars []Calendar) error {
	b := bufio.NewWriter(w)
	for _, c := range calendars {
		x := &exporter{b: b, zones: newZones(&component{})}
		if err := x.calendar(c); err != nil {
			return fmt.Errorf("exporting calendar %q: %w", c.Name, err)
		}
	}
	if err := b.Flush(); err != nil {
		return fmt.Errorf("exporting: %w", err)
	}
	return nil
}

type exporter struct {
	b     *bufio.Writer
	zones *zones
}

func (x *exporter) calendar(c Calendar) error {
	cancelled := map[string][]moment{} // by master
	spans := map[string][2]int{}       // the years in which a zone is used
	for _, e := range c.Events {
		m, err := x.moment(e["start"])
		if err == nil {
			span, ok := spans[m.zone]
			if !ok {
				span = [2]int{m.at.Year(), m.at.Year()}
			}
			spans[m.zone] = [2]int{min(span[0], m.at.Year()), max(span[1], m.at.Year())}
		}
		if master := str(e, "recurringEventId"); master != "" && str(e, "status") == "cancelled" {
			m, err := x.moment(e["originalStartTime"])
			if err != nil {
				return fmt.Errorf("event %s: %w", str(e, "id"), err)
			}
			cancelled[master] = append(cancelled[master], m)
		}
	}
	x.line("BEGIN:VCALENDAR")
	x.line("PRODID:-//Aura Integrations//Google Calendar simulator//EN")
	x.line("VERSION:2.0")
	x.line("CALSCALE:GREGORIAN")
	x.texts("X-GOOGLESIM-ACCOUNT", c.Account, "X-GOOGLESIM-ID", c.ID, "X-GOOGLESIM-ROLE", c.Role,
		"X-WR-CALNAME", c.Name, "X-WR-CALDESC", c.Description, "X-WR-TIMEZONE", c.TimeZone)
	for _, name := range slices.Sorted(maps.Keys(spans)) {
		if name != "" && name != "UTC" {
			x.zone(name, spans[name][0], spans[name][1])
		}
	}
	for _, e := range c.Events {
		if str(e, "status") == "cancelled" && str(e, "recurringEventId") != "" {
			continue
		}
		if err := x.event(e, cancelled[str(e, "id")]); err != nil {
			return fmt.Errorf("event %s: %w", str(e, "id"), err)
		}
	}
	x.line("END:VCALENDAR")
	return nil
}

func (x *exporter) event(e Event, cancelled []moment) error {
	start, err := x.moment(e["start"])
	if err != nil {
		if str(e, "status") == "cancelled" {
			return nil // a deleted event may be an id and nothing else
		}
		return fmt.Errorf("start: %w", err)
	}
	end, err := x.moment(e["end"])
	if err != nil {
		return fmt.Errorf("end: %w", err)
	}
	x.line("BEGIN:VEVENT")
	x.texts("UID", cmp.Or(str(e, "iCalUID"), str(e, "id")+"@google.com"))
	x.moments("DTSTART", start)
	if e["endTimeUnspecified"] != true {
		x.moments("DTEND", end)
	}
	x.stamp("DTSTAMP", cmp.Or(str(e, "updated"), str(e, "created"), "1970-01-01T00:00:00Z"))
	x.stamp("CREATED", str(e, "created"))
	x.stamp("LAST-MODIFIED", str(e, "updated"))
	if e["originalStartTime"] != nil {
		original, err := x.moment(e["originalStartTime"])
		if err != nil {
			return fmt.Errorf("originalStartTime: %w", err)
		}
		x.moments("RECURRENCE-ID", original)
	}
	rules, _ := e["recurrence"].([]any)
	for _, r := range rules {
		if text, ok := r.(string); ok {
			x.line(text)
		}
	}
	if len(cancelled) > 0 {
		x.moments("EXDATE", cancelled...)
	}
	if n, ok := e["sequence"].(float64); ok {
		x.line(fmt.Sprintf("SEQUENCE:%.0f", n))
	}
	x.line("STATUS:" + strings.ToUpper(cmp.Or(str(e, "status"), "confirmed")))
	x.texts("SUMMARY", str(e, "summary"), "DESCRIPTION", str(e, "description"), "LOCATION", str(e, "location"))
	transp := "OPAQUE"
	if str(e, "transparency") == "transparent" {
		transp = "TRANSPARENT"
	}
	x.line("TRANSP:" + transp)
	if v := str(e, "visibility"); v != "" && v != "default" {
		x.texts("CLASS", strings.ToUpper(v))
	}
	x.people(e)
	x.alarms(e)
	x.line("END:VEVENT")
	return nil
}

// texts writes pairs of a name and a TEXT value, leaving out empty ones.
func (x *exporter) texts(pairs ...string) {
	for i := 0; i+1 < len(pairs); i += 2 {
		if pairs[i+1] != "" {
			x.line(pairs[i] + ":" + ics.ToText(strings.ReplaceAll(pairs[i+1], "\r\n", "\n")))
		}
	}
}

// moments writes values that share a kind and a zone.
func (x *exporter) moments(name string, ms ...moment) {
	head := name
	switch m := ms[0]; {
	case m.allDay:
		head += ";VALUE=DATE"
	case m.zone != "UTC":
		head += ";TZID=" + m.zone
	}
	values := make([]string, len(ms))
	for i, m := range ms {
		values[i] = m.value()
	}
	x.line(head + ":" + strings.Join(values, ","))
}

func (x *exporter) stamp(name, at string) {
	if t, err := time.Parse(time.RFC3339, at); err == nil {
		x.line(name + ":" + t.UTC().Format(localForm) + "Z")
	}
}

// line folds at 75 octets, never within a character.
func (x *exporter) line(text string) {
	for limit := 75; len(text) > limit; limit = 74 {
		cut := limit
		for cut > 1 && !utf8.RuneStart(text[cut]) {
			cut--
		}
		x.b.WriteString(text[:cut] + "\r\n ")
		text = text[cut:]
	}
	x.b.WriteString(text + "\r\n")
}

// str is a string member of an event resource.
func str(e map[string]any, name string) string {
	s, _ := e[name].(string)
	return s
}
