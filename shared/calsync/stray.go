package calsync

import (
	"slices"

	"aura.example/integrations/shared/calendar"
)

// When a series begins and by which rule it goes on are two fields, which a merge may
// take from two sides. Aura makes no series whose start its rule doesn't give, so then
// both are the newer side's; and what is stored with other dates is marked anew.

// inStep gives what a meeting came to with the dates of one side, where with those of
// both there would be something odd about the series that neither has.
func (p *pusher) inStep(m met, theirs calendar.Remote) met {
	if m.row == nil || m.item == nil || !m.merges() || !m.row.IsMaster() ||
		!otherDates(m.row.Content, p.row.Content) || !otherDates(m.row.Content, theirs.Content) {
		return m
	}
	odd := func(c calendar.Content) string {
		row := *m.row
		row.Content = c
		return p.w.Check(&row, p.zone)
	}
	if is := odd(m.row.Content); is == "" || is == odd(p.row.Content) || is == odd(theirs.Content) {
		return m
	}
	m.row.Content, m.conflicts = calendar.Together(m.row.Content, m.conflicts, p.row.Content, p.row.Edited, p.here(p.item), theirs)
	if len(calendar.Differing(m.row.Content, theirs.Content)) == 0 {
		m.row.Pending, m.item = "", nil
	}
	return m
}

// otherDates reports that two contents don't begin at the same time, or go on
// differently.
func otherDates(a, b calendar.Content) bool {
	return slices.ContainsFunc(calendar.Differing(a, b), func(f calendar.Field) bool {
		return f == calendar.FieldWhen || f == calendar.FieldRecurrence
	})
}

// sayOdd says of a row that is stored with other dates what is odd about it.
func (p *pusher) sayOdd(pair *calendar.Pair) {
	if pair.Row == nil || p.row == nil || pair.KeepRow || pair.Row.Hidden() || !otherDates(pair.Row.Content, p.row.Content) {
		return
	}
	next := *pair.Row
	next.Odd = p.w.Check(&next, p.zone)
	pair.Row = &next
}
