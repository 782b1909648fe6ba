package icsfile

import (
	"bytes"
	"fmt"
	"io"
)

// maxFile bounds what is read into memory. Ten thousand events with long
// descriptions are some 15 MB.
const maxFile = 128 << 20

// Event is an event resource as Google's JSON has it, made of strings,
// float64, bool, []any and map[string]any only.
type Event = map[string]any

// Calendar is one VCALENDAR.
type Calendar struct {
	// Name and Description are X-WR-CALNAME (or NAME) and X-WR-CALDESC.
	Name, Description string
	// TimeZone is the IANA name of X-WR-TIMEZONE, empty where there is none.
	// Floating times are taken to be in it, or in UTC.
	TimeZone string
	// Account, ID and Role are the package's own properties, empty elsewhere.
	Account, ID, Role string
	// Events in the order of the file, every master before its exceptions.
	Events []Event
	// File and Lines say where they came from: Events[i] begins on Lines[i].
	// Export reads neither.
	File  string
	Lines []int
}

// Error says where a file is broken and why, as editors and compilers do:
// "broken.ics:17: reason".
type Error struct {
	File   string
	Line   int // from 1
	Reason string
}

func (e *Error) Error() string { return fmt.Sprintf("%s:%d: %s", e.File, e.Line, e.Reason) }

// Parse reads a file of one or more VCALENDARs. The name is used in errors
// only. The error is an *Error, except where reading itself failed.
func Parse(name string, r io.Reader) ([]Calendar, error) {
	data, err := io.ReadAll(io.LimitReader(r, maxFile+1))
	if err != nil {
		return nil, fmt.Errorf("reading %s: %w", name, err)
	}
	fail := func(line int, reason string) ([]Calendar, error) {
		return nil, &Error{File: name, Line: line, Reason: reason}
	}
	if len(data) > maxFile {
		return fail(1, "larger than 128 MB")
	}
	roots, bad := buildTree(unfold(bytes.TrimPrefix(data, []byte("\ufeff"))))
	if bad != nil {
		return fail(bad.line, bad.reason)
	}
	if len(roots) == 0 {
		return fail(1, "not an iCalendar file: BEGIN:VCALENDAR expected")
	}
	var out []Calendar
	for _, root := range roots {
		c, bad := readCalendar(root)
		if bad != nil {
			return fail(bad.line, bad.reason)
		}
		c.File = name
		out = append(out, c)
	}
	return out, nil
}

// flaw is an Error before the file's name is known.
type flaw struct {
	line   int
	reason string
}

func flawf(line int, format string, args ...any) *flaw {
	return &flaw{line, fmt.Sprintf(format, args...)}
}

// readCalendar turns one VCALENDAR into a Calendar.
func readCalendar(root *component) (Calendar, *flaw) {
	c := Calendar{
		Name:        root.text("X-WR-CALNAME", "NAME"),
		Description: root.text("X-WR-CALDESC", "DESCRIPTION"),
		Account:     root.text("X-GOOGLESIM-ACCOUNT"),
		ID:          root.text("X-GOOGLESIM-ID"),
		Role:        root.text("X-GOOGLESIM-ROLE"),
	}
	z := newZones(root)
	if p, ok := root.get("X-WR-TIMEZONE"); ok && p.value != "" {
		name, err := z.iana(p.value)
		if err != nil {
			return Calendar{}, flawf(p.line, "X-WR-TIMEZONE: %v", err)
		}
		c.TimeZone, z.floating = name, name
	}
	s := newSeries()
	for _, child := range root.children {
		if child.name != "VEVENT" {
			continue
		}
		e, bad := readEvent(child, z)
		if bad != nil {
			return Calendar{}, bad
		}
		s.add(e)
	}
	var bad *flaw
	c.Events, c.Lines, bad = s.link()
	return c, bad
}
