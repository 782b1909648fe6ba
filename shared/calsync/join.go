package calsync

import (
	"context"
	"fmt"
	"slices"

	"aura.example/integrations/shared/calendar"
)

// joint is a pair of second halves of one series, Aura's and the provider's.
type joint struct {
	theirs      half
	was         calendar.Content // the series before either side divided it
	here, there calendar.Time    // the dates of it that either half began at, wherever they were moved to
}

// join puts the two together; false where they have no date in common, or can't be.
func (p *pusher) join(ctx context.Context, theirs half) (bool, error) {
	if theirs.item != nil {
		if err := p.finish(ctx, theirs.item); err != nil {
			return false, err
		}
	}
	b := p.item.Beside
	j := joint{theirs: theirs, was: b.Was}
	var known, too bool
	j.here, known = p.dateOf(b, p.row.Start, b.Here)
	j.there, too = p.dateOf(b, theirs.row.Start, b.There)
	guests, err := p.hasGuests(ctx)
	switch {
	case err != nil:
		return false, err
	case !known || !too || guests: // who would be lost to the provider's
		return false, p.nameKept(ctx, theirs.row)
	case !j.here.Instant().After(j.there.Instant()):
		return p.joinEarlier(ctx, j)
	case theirs.row.Invited() > 0:
		return p.joinGuests(ctx, j)
	}
	return p.joinLater(ctx, j)
}

// hasGuests reports whether anybody is invited to Aura's half, or to one of its
// occurrences, which may be once it was sent.
func (p *pusher) hasGuests(ctx context.Context) (bool, error) {
	if p.row.Link == nil {
		return p.row.Invited() > 0, nil
	}
	around, err := p.w.Edits.Exceptions(ctx, p.rec.Account, p.id)
	if err != nil {
		return false, fmt.Errorf("looking for guests of a second half: %w", err)
	}
	return p.row.Invited() > 0 || slices.ContainsFunc(around, func(x *calendar.Row) bool { return x.Invited() > 0 }), nil
}

// joinEarlier ends Aura's half where the provider's begins, which gets what was
// edited of it. Nothing may be left of Aura's then: it goes.
func (p *pusher) joinEarlier(ctx context.Context, j joint) (bool, error) {
	at, theirs := p.w.Halves.Moved(j.here, p.row.Start, j.there), j.theirs
	cut, err := p.w.Halves.Before(p.row, at)
	if err != nil || !cut.Tail {
		return false, p.keptIf(ctx, err, theirs.row)
	}
	goes, err := p.datesGo(ctx, j, p.row, j.here, theirs, j.there, cut)
	if err != nil {
		return false, err
	}
	if !goes {
		if err := p.nameDates(ctx, j, p.row, j.here, at, theirs.row.Start, false); err != nil {
			return false, err
		}
		return p.give(ctx, j, cut, at, theirs.row.Start, nil)
	}
	return p.give(ctx, j, cut, at, at, &cut.Next)
}

// joinGuests gives the provider's half, which begins earlier and has guests, what was
// edited of Aura's, which goes: ended where Aura's begins it would lose them the rest.
func (p *pusher) joinGuests(ctx context.Context, j joint) (bool, error) {
	cut, err := p.w.Halves.Before(p.row, p.row.Start)
	if err != nil || !cut.Tail {
		return false, p.keptIf(ctx, err, j.theirs.row)
	}
	is := p.w.Halves.Moved(j.there, j.theirs.row.Start, j.here)
	if err := p.nameFromEarlier(ctx, j); err != nil {
		return false, err
	}
	if err := p.nameDates(ctx, j, p.row, j.here, p.row.Start, is, false); err != nil {
		return false, err
	}
	return p.give(ctx, j, cut, p.row.Start, is, nil)
}

// give gives the provider's half what was edited of Aura's, with its occurrences from
// a moment on, which are from is on there; and its dates, where next is the first.
func (p *pusher) give(ctx context.Context, j joint, cut calendar.Cut, at, is calendar.Time, next *calendar.Span) (bool, error) {
	theirs := j.theirs
	fields := calendar.OfHalves(calendar.Differing(p.row.Content, j.was))
	merged, edited, conflicts := p.given(theirs.row, theirs.item, p.row, j.was, fields)
	if err := p.name(ctx, theirs.row, met{conflicts: conflicts}); err != nil {
		return false, err
	}
	if err := p.nameOccurrences(ctx, half{p.row, p.item}, theirs.row, at, is, true, next == nil); err != nil {
		return false, err
	}
	if next != nil {
		merged.Start, merged.End, merged.Recurrence = next.Start, next.End, cut.After
		for _, f := range []calendar.Field{calendar.FieldWhen, calendar.FieldRecurrence} {
			edited[string(f)] = p.row.Edited[string(f)]
		}
	}
	row, it := *p.row, p.item.Clone()
	row.Version++
	row.Recurrence, row.Pending, it.Version = cut.Lines, calendar.PendingEdit, row.Version
	it.Rest = &calendar.Rest{Heir: theirs.row.ID, From: at, Was: at, Is: is, Since: p.w.Now()}
	if !cut.Head {
		row.Recurrence, row.Pending, it.Op = p.row.Recurrence, calendar.PendingDelete, calendar.OpDelete
	}
	pairs := []calendar.Pair{p.halfPair(&row, it)}
	if len(calendar.Differing(merged, theirs.row.Content)) > 0 {
		pairs = append(pairs, p.handed(theirs.row, theirs.item, merged, edited))
	}
	return true, p.writeJoined(ctx, theirs.row, pairs...)
}

// joinLater ends the provider's half where Aura's begins, which gets what was changed
// of it there.
func (p *pusher) joinLater(ctx context.Context, j joint) (bool, error) {
	theirs, is := j.theirs.row, p.row.Start
	at := p.w.Halves.Moved(j.there, theirs.Start, j.here)
	cut, err := p.w.Halves.Before(theirs, at)
	if err != nil || !cut.Tail {
		return false, p.keptIf(ctx, err, theirs)
	}
	if !cut.Head { // it begins on a date that it hasn't, and nothing would be left of it
		return false, p.nameKept(ctx, theirs)
	}
	merged, edited, conflicts := p.takes(theirs, j.was)
	if err := p.name(ctx, p.row, met{conflicts: conflicts}); err != nil {
		return false, err
	}
	switch goes, err := p.datesGo(ctx, j, theirs, j.there, half{p.row, p.item}, j.here, cut); {
	case err != nil:
		return false, err
	case goes:
		merged.Start, merged.End, merged.Recurrence, is = cut.Next.Start, cut.Next.End, cut.After, at
		edited[string(calendar.FieldWhen)], edited[string(calendar.FieldRecurrence)] = theirs.Link.Updated, theirs.Link.Updated
	default:
		if err := p.nameDates(ctx, j, theirs, j.there, at, is, true); err != nil {
			return false, err
		}
	}
	if err := p.nameOccurrences(ctx, j.theirs, p.row, at, is, false, false); err != nil {
		return false, err
	}
	row, it := *p.row, p.item.Clone()
	row.Content, row.Edited, row.Pending = merged, edited, calendar.PendingEdit
	row.Version++
	it.Version = row.Version
	ended := theirs.Content
	ended.Recurrence = cut.Lines
	first := p.handed(theirs, j.theirs.item, ended, theirs.Edited)
	order := orderOf(&first)
	order.Rest = &calendar.Rest{Heir: p.id, From: at, Was: at, Is: is, Since: p.w.Now()}
	if !slices.Contains(order.Heirs, p.id) { // what is made there of those dates until it has heard goes over, too
		order.Heirs = append(slices.Clone(order.Heirs), p.id)
	}
	return true, p.writeJoined(ctx, theirs, p.halfPair(&row, it), first)
}
