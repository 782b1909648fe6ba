package calsync

import (
	"context"
	"fmt"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
)

// An edit that outlives a deletion puts the event back, and a deletion says nothing
// of how the event was when it was deleted: somebody may have edited it before. A
// series above all may have been divided: put back whole, it would stand beside its
// own second half. So what the provider had of it last is read first, and merged as if
// it had been listed.

// lastSaid looks, before a deleted event is put back, at what it was last, and
// whether guests were invited before it was deleted: a list says of the deleted no
// more than its id. done says that something was merged, or that somebody has put
// it back already.
func (p *pusher) lastSaid(ctx context.Context) (done bool, err error) {
	series, edited := p.row.IsMaster(), p.item.Base != nil && len(calendar.Differing(p.row.Content, *p.item.Base)) > 0
	merges := !p.row.IsException() && !p.sendsOnly() && (series || edited)
	if p.item.NotifyGuests != nil && !merges {
		return false, nil
	}
	theirs, err := p.get(ctx)
	switch {
	case fault.Is(err, fault.Gone):
		return false, nil // nor can it be put back: the write says so
	case err != nil:
		return false, err
	case !theirs.Deleted:
		err := p.meet(ctx, theirs) // errAgain, unless it says nothing new
		return err != nil, err
	case p.item.NotifyGuests == nil && theirs.Invited() > 0:
		return false, errUndecided
	case !merges:
		return false, nil
	case !edited && p.item.Base != nil:
		return p.asShown(ctx, theirs)
	case theirs.Start.IsZero(): // of the deleted no more than the id is promised
		return false, p.notBesideItsHalf(ctx)
	}
	return p.asItWas(ctx, theirs)
}

// asShown puts back what Aura shows: its deletion was rejected, and nothing of it
// edited. Where a part of it lives there as a series of its own, it goes no further
// than to that one; and where nothing tells how far that is, than it went there last.
func (p *pusher) asShown(ctx context.Context, theirs calendar.Remote) (done bool, err error) {
	half, err := p.besideItsHalf(ctx)
	if err != nil || half == nil {
		return false, err
	}
	if p.w.Halves != nil && p.w.Has != nil {
		cut, err := p.w.Halves.Before(p.row, half.Start)
		if !cut.Tail {
			return false, nil
		}
		if err == nil && cut.Head && p.w.Has(p.row, half.Start) { // a half that was moved says nothing of the dates before it
			next, it := relink(p.row, theirs), p.item.Clone()
			next.Recurrence, it.Base = cut.Lines, &next.Content
			return true, p.carryOn(ctx, met{row: next, item: it, what: whatMerged, why: "a later part of it lives at the provider as a series of its own: it is put back up to that"})
		}
	}
	if theirs.Start.IsZero() {
		return false, errDividedUnseen
	}
	return p.asItWas(ctx, theirs)
}

// asItWas merges with what a deleted event was last, so that a series comes back as
// far as it still went, and no field is put back that somebody had changed there.
func (p *pusher) asItWas(ctx context.Context, theirs calendar.Remote) (done bool, err error) {
	merged, base, conflicts := p.item.Outlive(p.row.Content, theirs)
	var both *halves
	if p.item.DividedToo(theirs) { // and nobody says so any more once it is put back
		both = &halves{ours: p.row.Content, theirs: theirs.Content}
		if err := p.dividedToo(ctx, theirs); err != nil {
			return false, err
		}
	}
	if len(calendar.Differing(merged, p.row.Content)) == 0 && len(conflicts) == 0 && both == nil {
		return false, nil
	}
	next, it := relink(p.row, theirs), p.item.Clone()
	if it.Parted = p.item.PartedBy(p.row.Content, theirs); it.Parted != nil {
		p.parted[p.id] = true // what came of it may not be pulled yet
	}
	next.Content, it.Base = merged, &base
	return true, p.carryOn(ctx, met{row: next, item: it, conflicts: conflicts, halves: both, what: whatMerged, why: whyAsItWas})
}

// notBesideItsHalf sets the edit of a series aside where what came of its division
// lives, and nobody says how far the series itself still went.
func (p *pusher) notBesideItsHalf(ctx context.Context) error {
	if half, err := p.besideItsHalf(ctx); err != nil || half == nil {
		return err
	}
	return errDividedUnseen
}

// besideItsHalf gives the first of what lives that came of the series by a division at
// the provider, nil where nothing does.
func (p *pusher) besideItsHalf(ctx context.Context) (half *calendar.Row, err error) {
	if !p.row.IsMaster() || p.row.Link == nil || p.sendsOnly() {
		return nil, nil
	}
	ids, err := p.halvesOf(ctx, p.row.Link.ProviderID)
	if err != nil {
		return nil, fmt.Errorf("looking for what came of a series: %w", err)
	}
	for _, id := range ids {
		row, _, err := p.w.Edits.Pair(ctx, p.rec.Account, id)
		if err != nil {
			return nil, fmt.Errorf("reading what may have come of a series: %w", err)
		}
		if p.cameOf(row, p.row.Link.ProviderID) && (half == nil || row.Start.Instant().Before(half.Start.Instant())) {
			half = row
		}
	}
	return half, nil
}

var (
	errUndecided     = fault.New(fault.Item, guestsUndecided, "This event has guests. Make the change once more, and say whether they are to be told.")
	errDividedUnseen = fault.New(fault.Item, "series_gone", "The series was divided at Google and this part of it deleted, so the change to it can't be made there. It is kept here.")
)

// guestsUndecided is the code of what waits for a person's decision.
const guestsUndecided = "guests_decision_required"
