package calendarv3

import (
	"slices"
	"strings"
	"time"
)

// recurrence is what a master's lines say together.
type recurrence struct {
	rules, exrules []*rule
	dates, exdates []stamp
}

// stamp is a value of RDATE or EXDATE: an instant, or a day.
type stamp struct {
	at    time.Time
	dated bool
}

// readRecurrence parses lines; the ones that can't be read are skipped and
// counted. Writing through the API never lets such a line in, a seed may.
func readRecurrence(lines []any, zone *time.Location) (r recurrence, bad int) {
	for _, l := range lines {
		text, _ := l.(string)
		name, args, value := cutLine(text)
		switch name {
		case "RRULE", "EXRULE":
			rule, err := parseRule(value)
			switch {
			case err != nil:
				bad++
			case name == "RRULE":
				r.rules = append(r.rules, rule)
			default:
				r.exrules = append(r.exrules, rule)
			}
		case "RDATE", "EXDATE":
			stamps, err := parseDates(args, value, zone)
			switch {
			case err != nil:
				bad++
			case name == "RDATE":
				r.dates = append(r.dates, stamps...)
			default:
				r.exdates = append(r.exdates, stamps...)
			}
		default:
			bad++
		}
	}
	return r, bad
}

// cutLine splits NAME;ARG=x:VALUE.
func cutLine(line string) (name string, args map[string]string, value string) {
	head, value, _ := strings.Cut(strings.TrimSpace(line), ":")
	parts := strings.Split(head, ";")
	args = map[string]string{}
	for _, p := range parts[1:] {
		k, v, _ := strings.Cut(p, "=")
		args[strings.ToUpper(k)] = v
	}
	return strings.ToUpper(parts[0]), args, value
}

// parseDates reads the values of an RDATE or EXDATE line. Of a period only the
// start counts.
func parseDates(args map[string]string, value string, zone *time.Location) ([]stamp, error) {
	if tz := args["TZID"]; tz != "" {
		loc, err := loadZone(tz)
		if err != nil {
			return nil, errBadRule
		}
		zone = loc
	}
	var out []stamp
	for item := range strings.SplitSeq(value, ",") {
		item, _, _ = strings.Cut(strings.ToUpper(strings.TrimSpace(item)), "/")
		t, ok := parseStamp(item)
		if !ok {
			return nil, errBadRule
		}
		s := stamp{at: t, dated: len(item) == len(stampDate)}
		if !s.dated && !strings.HasSuffix(item, "Z") {
			s.at = inZone(t, zone)
		}
		out = append(out, s)
	}
	return out, nil
}

// inZone reads the clock face of a UTC time in another zone.
func inZone(t time.Time, zone *time.Location) time.Time {
	return time.Date(t.Year(), t.Month(), t.Day(), t.Hour(), t.Minute(), t.Second(), 0, zone)
}

// normalizeLine checks a line as the API takes it and writes it as Google
// stores it.
func normalizeLine(line string) (string, error) {
	name, args, value := cutLine(line)
	switch name {
	case "RRULE", "EXRULE":
		r, err := parseRule(value)
		if err != nil || len(args) > 0 {
			return "", errBadRule
		}
		return name + ":" + r.String(), nil
	case "RDATE", "EXDATE":
		if _, err := parseDates(args, value, time.UTC); err != nil {
			return "", err
		}
		var sorted []string
		for k, v := range args {
			sorted = append(sorted, ";"+k+"="+v)
		}
		slices.Sort(sorted)
		return name + strings.Join(sorted, "") + ":" + strings.ToUpper(value), nil
	}
	return "", errBadRule // DTSTART and DTEND among them: they are start and end
}
