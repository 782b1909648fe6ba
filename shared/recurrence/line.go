package recurrence

import (
	"fmt"
	"strings"
)

// property is one line: a name, its parameters and its value.
type property struct {
	name   string
	params map[string]string
	value  string
}

// unfolder takes back the folding of long lines (RFC 5545, 3.1).
var unfolder = strings.NewReplacer("\r\n ", "", "\r\n\t", "", "\n ", "", "\n\t", "")

// properties splits a row's recurrence into its lines. An element may hold
// several lines, as text that was pasted does; empty ones are passed over.
func properties(elements []string) ([]property, error) {
	var out []property
	for _, e := range elements {
		for line := range strings.Lines(unfolder.Replace(e)) {
			line = strings.TrimSpace(line)
			if line == "" {
				continue
			}
			p, err := parseProperty(line)
			if err != nil {
				return nil, err
			}
			if out = append(out, p); len(out) > maxLines {
				return nil, fmt.Errorf("it has more than %d recurrence lines", maxLines)
			}
		}
	}
	return out, nil
}

// parseProperty splits NAME;PARAM=value:VALUE. No value that may stand in a
// recurrence line holds a colon, but parameters do, quoted and (as Google sends
// TZID=GMT+02:00) not: so the last colon is the one that separates.
func parseProperty(line string) (property, error) {
	head, value, ok := cutLast(line, ':')
	if !ok {
		return property{}, fmt.Errorf("the line %s has no value", quote(line))
	}
	parts := splitUnquoted(head, ';')
	p := property{name: strings.ToUpper(strings.TrimSpace(parts[0])), value: strings.TrimSpace(value)}
	for _, part := range parts[1:] {
		key, val, ok := strings.Cut(part, "=")
		if !ok {
			return property{}, fmt.Errorf("the line %s has a parameter without a value", quote(line))
		}
		if p.params == nil {
			p.params = map[string]string{}
		}
		p.params[strings.ToUpper(strings.TrimSpace(key))] = strings.Trim(strings.TrimSpace(val), `"`)
	}
	return p, nil
}

func cutLast(s string, sep byte) (before, after string, ok bool) {
	i := strings.LastIndexByte(s, sep)
	if i < 0 {
		return s, "", false
	}
	return s[:i], s[i+1:], true
}

// splitUnquoted splits at separators that are not within quotes.
func splitUnquoted(s string, sep rune) []string {
	quoted := false
	var parts []string
	from := 0
	for i, r := range s {
		switch {
		case r == '"':
			quoted = !quoted
		case r == sep && !quoted:
			parts = append(parts, s[from:i])
			from = i + 1
		}
	}
	return append(parts, s[from:])
}

// quote shows a piece of a line in a mark: enough to be recognised, and no more
// than a mark has room for.
func quote(s string) string {
	const most = 48
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return fmt.Sprintf("%q", s)
}
