package calendar

import (
	"slices"
	"strings"
)

// A provider writes a rule in its own order, and leaves out what holds anyway. So a
// recurrence that comes back from there may be what was sent, though it doesn't read
// like that, and then it is nobody's change.

// means compares one field of two contents by what it says. False is no proof that
// they differ: a rule may be said in ways that only its dates tell to be the same.
func (c Content) means(f Field, d Content) bool {
	if f != FieldRecurrence {
		return c.same(f, d)
	}
	return slices.Equal(plainly(c.Recurrence), plainly(d.Recurrence))
}

// plainly gives the lines of a recurrence in one order, each part of a line too, and
// without what is so where nothing is said.
func plainly(elements []string) []string {
	var out []string
	for _, line := range singly(elements) {
		head, value, _ := strings.Cut(line, ":")
		name, args, _ := strings.Cut(head, ";")
		name = strings.ToUpper(strings.TrimSpace(name))
		if name == "RRULE" || name == "EXRULE" {
			value = plainRule(value)
		} else {
			value = ordered(strings.ToUpper(value), ",")
		}
		out = append(out, name+";"+ordered(args, ";")+":"+value)
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func plainRule(rule string) string {
	var parts []string
	for part := range strings.SplitSeq(strings.ToUpper(rule), ";") {
		name, value, _ := strings.Cut(part, "=")
		name, value = strings.TrimSpace(name), strings.TrimSpace(value)
		switch {
		case part == "", name == "INTERVAL" && value == "1", name == "WKST" && value == "MO":
			continue
		case strings.HasPrefix(name, "BY"):
			value = ordered(value, ",")
		}
		parts = append(parts, name+"="+value)
	}
	slices.Sort(parts)
	return strings.Join(parts, ";")
}

// ordered sorts the elements of a list in which the order says nothing.
func ordered(list, sep string) string {
	all := strings.Split(list, sep)
	slices.Sort(all)
	return strings.Join(all, sep)
}
