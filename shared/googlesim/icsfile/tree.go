package icsfile

import (
	"strings"

	ics "github.com/arran4/golang-ical"
)

// property is a content line that the package reads.
type property struct {
	line   int
	name   string
	params map[string][]string // names in capitals
	value  string              // TEXT values unescaped, others raw
}

func (p property) param(name string) string {
	if v := p.params[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// component is a BEGIN…END block.
type component struct {
	line     int // of BEGIN
	name     string
	props    []property
	children []*component
}

func (c *component) get(name string) (property, bool) {
	for _, p := range c.props {
		if p.name == name {
			return p, true
		}
	}
	return property{}, false
}

func (c *component) all(name string) []property {
	var out []property
	for _, p := range c.props {
		if p.name == name {
			out = append(out, p)
		}
	}
	return out
}

// text is the first value among names that isn't empty.
func (c *component) text(names ...string) string {
	for _, n := range names {
		if p, ok := c.get(n); ok && strings.TrimSpace(p.value) != "" {
			return strings.TrimSpace(p.value)
		}
	}
	return ""
}

// read lists the properties that matter, in any component. Everything else is
// skipped unread, whatever it looks like inside.
var read = func() map[string]bool {
	names := map[string]bool{}
	for n := range strings.FieldsSeq(`
		X-WR-CALNAME NAME X-WR-CALDESC X-WR-TIMEZONE X-GOOGLESIM-ACCOUNT X-GOOGLESIM-ID X-GOOGLESIM-ROLE
		TZID X-LIC-LOCATION TZOFFSETFROM TZOFFSETTO
		UID DTSTART DTEND DURATION RRULE EXRULE RDATE EXDATE RECURRENCE-ID SEQUENCE STATUS
		SUMMARY DESCRIPTION LOCATION TRANSP X-MICROSOFT-CDO-BUSYSTATUS CLASS
		ATTENDEE ORGANIZER CREATED LAST-MODIFIED DTSTAMP TRIGGER ACTION`) {
		names[n] = true
	}
	return names
}()

// buildTree nests lines into components and returns the VCALENDARs. The
// library's ParseProperty splits the lines; nesting is done here, since its own
// ParseCalendar reports no usable line numbers and stops at the first calendar.
func buildTree(lines []line) ([]*component, *flaw) {
	var roots []*component
	var open []*component
	for _, l := range lines {
		name, rest, ok := cutName(l.text)
		if !ok {
			return nil, flawf(l.number, "%s is neither a property nor the continuation of one", quote(l.text))
		}
		value := strings.ToUpper(strings.TrimSpace(strings.TrimPrefix(rest, ":")))
		if len(open) == 0 && (name != "BEGIN" || value != "VCALENDAR") {
			return nil, flawf(l.number, "BEGIN:VCALENDAR expected, not %s", quote(l.text))
		}
		switch {
		case name == "BEGIN":
			c := &component{line: l.number, name: value}
			if len(open) == 0 {
				roots = append(roots, c)
			} else {
				parent := open[len(open)-1]
				parent.children = append(parent.children, c)
			}
			open = append(open, c)
		case name == "END":
			if top := open[len(open)-1]; top.name != value {
				return nil, flawf(l.number, "END:%s expected, for BEGIN:%s on line %d, not %s", top.name, top.name, top.line, quote(l.text))
			}
			open = open[:len(open)-1]
		case read[name]:
			p, bad := parseProperty(l.number, name, rest)
			if bad != nil {
				return nil, bad
			}
			top := open[len(open)-1]
			top.props = append(top.props, p)
		}
	}
	if len(open) > 0 {
		top := open[len(open)-1]
		return nil, flawf(top.line, "BEGIN:%s is never ended: END:%s is missing", top.name, top.name)
	}
	return roots, nil
}

// cutName splits a line behind the property's name, in capitals.
func cutName(text string) (name, rest string, ok bool) {
	end := strings.IndexAny(text, ":;")
	if end <= 0 {
		return "", "", false
	}
	for _, r := range text[:end] {
		if r != '-' && r != '_' && r != '.' && (r < '0' || r > '9') && (r < 'A' || r > 'Z') && (r < 'a' || r > 'z') {
			return "", "", false
		}
	}
	return strings.ToUpper(text[:end]), text[end:], true
}

func parseProperty(number int, name, rest string) (property, *flaw) {
	parsed, err := ics.ParseProperty(ics.ContentLine(name + rest))
	if err != nil {
		return property{}, flawf(number, "%s: %v", name, err)
	}
	if parsed == nil {
		return property{}, flawf(number, "%s has no value", name)
	}
	p := property{line: number, name: name, value: parsed.Value, params: map[string][]string{}}
	for k, v := range parsed.ICalParameters {
		p.params[strings.ToUpper(k)] = v
	}
	return p, nil
}

// quote shows the beginning of what was found.
func quote(text string) string {
	if r := []rune(text); len(r) > 40 {
		text = string(r[:40]) + "…"
	}
	return "“" + text + "”"
}
