package recurrence

import (
	"fmt"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"
)

// form is how a moment is written.
type form int

const (
	formDate  form = iota // 20260131
	formLocal             // 20260131T090000
	formUTC               // 20260131T090000Z
)

// parseMoment reads a date or a date with a time (RFC 5545, 3.3.4 and 3.3.5),
// as wall-clock time.
func parseMoment(s string) (time.Time, form, error) {
	s = strings.TrimSpace(s)
	for f, layout := range []string{"20060102", "20060102T150405", "20060102T150405Z"} {
		if len(s) != len(layout) {
			continue
		}
		if t, err := time.Parse(layout, s); err == nil {
			return t, form(f), nil
		}
	}
	return time.Time{}, 0, fmt.Errorf("%s is neither a date nor a time", quote(s))
}

// nominal is a duration as RFC 5545 writes it: days are the calendar's, hours
// are exact.
type nominal struct {
	days  int
	exact time.Duration
}

// durationForm is RFC 5545, 3.3.6, without a sign: a period lasts forwards.
var durationForm = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^\+?P(?:(\d{1,5})W|(?:(\d{1,5})D)?(?:T(?:(\d{1,6})H)?(?:(\d{1,8})M)?(?:(\d{1,9})S)?)?)$`)
})

func parseDuration(s string) (nominal, error) {
	m := durationForm().FindStringSubmatch(s)
	if m == nil || strings.HasSuffix(s, "P") || strings.HasSuffix(s, "T") {
		return nominal{}, fmt.Errorf("%s is no duration", quote(s))
	}
	n := func(i int) int {
		v, _ := strconv.Atoi("0" + m[i])
		return v
	}
	return nominal{
		days:  n(1)*7 + n(2),
		exact: time.Duration(n(3))*time.Hour + time.Duration(n(4))*time.Minute + time.Duration(n(5))*time.Second,
	}, nil
}

// after gives the moment that lies a nominal duration after a wall-clock time.
func (n nominal) after(w time.Time, loc *time.Location) time.Time {
	return instant(w.AddDate(0, 0, n.days), loc).Add(n.exact)
}
