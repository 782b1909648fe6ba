package recurrence

import (
	"slices"
	"time"
)

// inWeek says whether BYWEEKNO, if there is one, admits a day. rrule-go's own
// reading takes the last week's number from the wrong year.
func (r *rule) inWeek(w time.Time) bool {
	if len(r.byWeekNo) == 0 {
		return true
	}
	year, n := weekOf(w, r.wkst)
	_, last := weekOf(time.Date(year, 12, 28, 0, 0, 0, 0, time.UTC), r.wkst)
	return slices.Contains(r.byWeekNo, n) || slices.Contains(r.byWeekNo, n-last-1)
}

// weekOf numbers the week that a day is in as ISO 8601 does, for weeks that
// begin on any weekday: a week belongs to the year that has four of its days.
// So 28 December is in the last week of its year, always.
func weekOf(w time.Time, wkst int) (year, n int) {
	into := (mondayFirst(w) - wkst + 7) % 7
	fourth := w.AddDate(0, 0, 3-into)
	return fourth.Year(), (fourth.YearDay()-1)/7 + 1
}
