package edit

import (
	"slices"
	"strings"
	"time"

	"aura.example/integrations/shared/calendar"
)

// move takes starts of a series to where they are after one of them was moved:
// as many days on, at the other's time of day, in its zone or without one.
type move struct{ from, to calendar.Time }

// days is how many days the move goes on, by the clocks of both ends.
func (m move) days() int {
	return int(dayOf(m.to).Sub(dayOf(m.from)).Hours() / 24)
}

// of gives where a start goes to.
func (m move) of(t calendar.Time) calendar.Time {
	if m.from.Equal(m.to) {
		return t
	}
	d := dayOf(t).AddDate(0, 0, m.days())
	if m.to.IsDate() {
		return calendar.Time{Date: d.Format(time.DateOnly)}
	}
	clock := m.to.At.In(location(m.to.Zone))
	at := time.Date(d.Year(), d.Month(), d.Day(), clock.Hour(), clock.Minute(), clock.Second(), 0, clock.Location())
	return calendar.Time{At: at.UTC(), Zone: m.to.Zone}
}

// dayOf is the day that a time falls on where it is meant, as midnight in UTC.
func dayOf(t calendar.Time) time.Time {
	if t.IsDate() {
		return t.Instant()
	}
	y, m, d := t.At.In(location(t.Zone)).Date()
	return time.Date(y, m, d, 0, 0, 0, 0, time.UTC)
}

func location(zone string) *time.Location {
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return time.UTC
	}
	return loc
}

// ending gives the end of an occurrence that begins at start and lasts as long
// as another: as many days, or exactly as long.
func ending(start calendar.Time, like calendar.Span) calendar.Time {
	if start.IsDate() {
		days := max(1, int(like.End.Instant().Sub(like.Start.Instant()).Hours()/24))
		return calendar.Time{Date: start.Instant().AddDate(0, 0, days).Format(time.DateOnly)}
	}
	zone := like.End.Zone
	if zone == "" {
		zone = start.Zone
	}
	return calendar.Time{At: start.At.Add(like.End.Instant().Sub(like.Start.Instant())), Zone: zone}
}

// movedSeries gives a series' content with a patch that speaks of one of its
// occurrences: the series moves by as much as that one does.
func (p *Patch) movedSeries(series calendar.Content, occurrence calendar.Span) calendar.Content {
	next := p.Apply(series)
	if !p.moves() {
		return next
	}
	one := p.Apply(calendar.Content{Start: occurrence.Start, End: occurrence.End})
	m := move{occurrence.Start, one.Start}
	next.Start = m.of(series.Start)
	next.End = one.End
	if one.Start.IsDate() == one.End.IsDate() { // or the check says what is wrong
		next.End = ending(next.Start, calendar.Span{Start: one.Start, End: one.End})
	}
	if p.Recurrence == nil {
		next.Recurrence = m.lines(next.Recurrence)
	}
	return next
}

var weekdays = [...]string{"SU", "MO", "TU", "WE", "TH", "FR", "SA"}

// lines gives a series' rules after a move. A weekly rule that names the very
// weekday that was moved names the new one: a Monday meeting that goes to
// Tuesday would otherwise be on one Tuesday and all Mondays after it. Rules that
// say more than that stay as they are.
func (m move) lines(lines []string) []string {
	was, is := weekdays[dayOf(m.from).Weekday()], weekdays[dayOf(m.to).Weekday()]
	out := slices.Clone(lines)
	for i, line := range out {
		name, _, rule := splitLine(line)
		parts := strings.Split(strings.ToUpper(rule), ";")
		if name != "RRULE" || was == is || !slices.Contains(parts, "FREQ=WEEKLY") || !slices.Contains(parts, "BYDAY="+was) {
			continue
		}
		for j, p := range parts {
			if p == "BYDAY="+was {
				parts[j] = "BYDAY=" + is
			}
		}
		out[i] = "RRULE:" + strings.Join(parts, ";")
	}
	return out
}
