package recurrence

import (
	"errors"
	"fmt"
	"strings"
	"time"
)

// readDates takes one RDATE or EXDATE line in.
func (s *series) readDates(p property, values []string, z zones) error {
	kind := strings.ToUpper(p.params["VALUE"])
	switch kind {
	case "", "DATE", "DATE-TIME":
	case "PERIOD":
		if p.name == "EXDATE" {
			return errors.New("a period can't be excluded")
		}
	default:
		return fmt.Errorf("values of kind %s are unknown", quote(kind))
	}
	loc := s.loc
	if name := p.params["TZID"]; name != "" {
		loc = s.zone(name, z)
	}
	for _, v := range values {
		if p.name == "RDATE" && strings.Contains(v, "/") {
			sp, err := s.period(v, loc)
			if err != nil {
				return err
			}
			s.rdates = append(s.rdates, sp)
			continue
		}
		at, form, err := parseMoment(v)
		if err != nil {
			return err
		}
		if p.name == "EXDATE" {
			s.exclude(at, form, loc)
			continue
		}
		start, err := s.added(at, form, loc)
		if err != nil {
			return err
		}
		s.rdates = append(s.rdates, span{start: start, end: start.Add(s.length)})
	}
	return nil
}

// exclude takes an EXDATE in. It is to be of the series' own kind; where it
// isn't, a date takes out that whole day, and a time its date.
func (s *series) exclude(at time.Time, f form, loc *time.Location) {
	switch {
	case s.allDay:
		s.exDay[s.day(at, f == formUTC).Unix()] = true
	case f == formDate:
		s.exDay[at.Unix()] = true
	default:
		s.exAt[moment(at, f, loc).Unix()] = true
	}
}

// added gives the start of an RDATE.
func (s *series) added(at time.Time, f form, loc *time.Location) (time.Time, error) {
	switch {
	case s.allDay:
		return s.day(at, f == formUTC), nil
	case f == formDate:
		return time.Time{}, errors.New("a date without a time can't be added to an event that has one")
	default:
		return moment(at, f, loc), nil
	}
}

// moment turns what parseMoment read into an instant.
func moment(at time.Time, f form, loc *time.Location) time.Time {
	if f == formUTC {
		return at
	}
	return instant(at, loc)
}

// period reads an occurrence that brings its own duration (RFC 5545, 3.3.9).
func (s *series) period(v string, loc *time.Location) (span, error) {
	if s.allDay {
		return span{}, errors.New("a period can't be added to an all-day event")
	}
	from, to, _ := strings.Cut(v, "/")
	at, f, err := parseMoment(from)
	if err != nil || f == formDate {
		return span{}, fmt.Errorf("%s is no period", quote(v))
	}
	if f == formUTC {
		loc = time.UTC
	}
	sp := span{start: moment(at, f, loc)}
	if strings.Contains(to, "P") {
		n, err := parseDuration(to)
		if err != nil {
			return span{}, err
		}
		sp.end = n.after(at, loc)
		return sp, nil
	}
	end, f, err := parseMoment(to)
	if err != nil || f == formDate {
		return span{}, fmt.Errorf("%s is no period", quote(v))
	}
	if sp.end = moment(end, f, loc); sp.end.Before(sp.start) {
		return span{}, fmt.Errorf("the period %s ends before it starts", quote(v))
	}
	return sp, nil
}

// excluded says whether an EXDATE takes an occurrence out.
func (s *series) excluded(start time.Time) bool {
	if s.exAt[start.Unix()] {
		return true
	}
	if len(s.exDay) == 0 {
		return false
	}
	w := start
	if !s.allDay {
		w = wallClock(start, s.loc)
	}
	return s.exDay[w.Truncate(24*time.Hour).Unix()]
}
