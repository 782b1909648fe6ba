package calsync

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
)

// A series may be divided on both sides before either hears of it, and has a second
// half of each then. While Aura's isn't sent, the two are put together, so that each
// date is in one of them: the half that begins earlier ends where the later begins,
// and what was changed of the earlier reaches the later, with its exceptions from
// there on (calendar.Rest). So an edit shows from the date on that its author chose.
//
// A pair of halves is put together in one transaction, by whichever run comes to
// send Aura's. The order of that one says what is needed for it (calendar.Beside),
// and whether there is anything to do, the dates of both say.

// together puts the half that is about to be created together with what was divided
// off the same series at the provider. done says that it isn't to be created now.
func (p *pusher) together(ctx context.Context) (done bool, err error) {
	if p.item.Beside == nil || p.w.Halves == nil || len(p.item.Sent) > 0 {
		return false, nil
	}
	if p.parted[p.id] { // this push has found it: the provider's half comes with another round
		p.run.again = true
		return true, nil
	}
	if err := p.laterFirst(ctx); err != nil {
		return false, err
	}
	theirs, err := p.theirHalves(ctx)
	if err != nil {
		return false, err
	}
	for _, half := range theirs {
		joined, err := p.join(ctx, half)
		if err != nil {
			return false, err
		}
		if !joined {
			continue
		}
		if err := (&pusher{run: p.run, writer: p.writer, id: half.row.ID}).settleItem(ctx); err != nil {
			return false, err
		}
		return false, errAgain
	}
	return false, nil
}

// half is one that was divided off at the provider, with what waits for it.
type half struct {
	row  *calendar.Row
	item *calendar.Item
}

// laterFirst settles the halves that Aura divided off later in the series: what is
// given to a half at the provider is meant for as far as this one goes.
func (p *pusher) laterFirst(ctx context.Context) error {
	for _, id := range p.item.Beside.Heirs {
		row, item, err := p.w.Edits.Pair(ctx, p.rec.Account, id)
		if err != nil {
			return fmt.Errorf("reading a later part of a series: %w", err)
		}
		if row == nil || item == nil || item.Beside == nil || len(item.Sent) > 0 || !row.Start.Instant().After(p.row.Start.Instant()) {
			continue
		}
		if err := (&pusher{run: p.run, writer: p.writer, id: id}).settleItem(ctx); err != nil {
			return err
		}
	}
	return nil
}

// theirHalves gives what was divided off the series at the provider, the latest first.
func (p *pusher) theirHalves(ctx context.Context) ([]half, error) {
	b := p.item.Beside
	ids, err := p.halvesOf(ctx, b.Series)
	if err != nil {
		return nil, err
	}
	var out []half
	for _, id := range ids {
		row, item, err := p.w.Edits.Pair(ctx, p.rec.Account, id)
		if err != nil {
			return nil, fmt.Errorf("reading the second half of a series: %w", err)
		}
		if p.cameOf(row, b.Series) && !row.ReadOnly && row.Link.ProviderID != b.Series &&
			row.Start.Instant().After(b.Was.Start.Instant()) && !row.Start.Instant().After(b.Until()) {
			out = append(out, half{row, item})
		}
	}
	slices.SortFunc(out, func(x, y half) int { return y.row.Start.Instant().Compare(x.row.Start.Instant()) })
	return out, nil
}

// join puts the two together; false where they have no date in common, or can't be.
func (p *pusher) join(ctx context.Context, theirs half) (bool, error) {
	if theirs.item != nil {
		if err := p.finish(ctx, theirs.item); err != nil {
			return false, err
		}
	}
	b := p.item.Beside
	whole := &calendar.Row{ID: p.id, Content: b.Was}
	here, known := p.dateOf(whole, p.row.Start, b.Here)
	there, too := p.dateOf(whole, theirs.row.Start, b.There)
	if !known || !too {
		return false, p.nameKept(ctx, theirs.row)
	}
	if here.Instant().After(there.Instant()) {
		return p.joinLater(ctx, theirs, there, p.w.Halves.Moved(there, theirs.row.Start, here))
	}
	return p.joinEarlier(ctx, theirs, here, p.w.Halves.Moved(here, p.row.Start, there))
}

// dateOf gives the date of the whole series that a half began at, wherever it was
// moved to since.
func (p *pusher) dateOf(whole *calendar.Row, began calendar.Time, head []string) (calendar.Time, bool) {
	if p.w.Has == nil || p.w.Has(whole, began) {
		return began, true
	}
	return p.w.Halves.Next(whole, head)
}

// joinEarlier ends Aura's half where the provider's begins, which gets what was
// edited of it. Nothing may be left of Aura's then: it goes, unsent.
func (p *pusher) joinEarlier(ctx context.Context, theirs half, began, at calendar.Time) (bool, error) {
	lines, head, tail, err := p.w.Halves.Before(p.row, at)
	if err != nil || !tail {
		return false, p.keptIf(ctx, err, theirs.row)
	}
	ours := calendar.Differing(p.row.Content, p.item.Beside.Was)
	merged, edited, conflicts := p.given(theirs.row, theirs.item, p.row, p.item.Beside.Was, calendar.OfHalves(ours))
	if err := p.name(ctx, theirs.row, met{conflicts: conflicts}); err != nil {
		return false, err
	}
	if err := p.nameOccurrences(ctx, p.row, theirs.row, at, theirs.row.Start, true); err != nil {
		return false, err
	}
	if !p.row.Start.SameMoment(began) || p.row.Lasts() != lasts(p.item.Beside.Was) {
		if err := p.nameTimes(ctx, p.row, theirs.row, at, theirs.row.Start, false); err != nil {
			return false, err
		}
	}
	next, it := *p.row, p.item.Clone()
	next.Version++
	next.Recurrence, it.Version = lines, next.Version
	it.Rest = &calendar.Rest{Heir: theirs.row.ID, From: at, Was: at, Is: theirs.row.Start, Since: p.w.Now()}
	if !head {
		next.Recurrence, next.Pending, it.Op = p.row.Recurrence, calendar.PendingDelete, calendar.OpDelete
	}
	pairs := []calendar.Pair{p.unsentPair(&next, it)}
	if len(calendar.Differing(merged, theirs.row.Content)) > 0 {
		pairs = append(pairs, p.handed(theirs.row, theirs.item, merged, edited))
	}
	return true, p.writeJoined(ctx, theirs.row, pairs...)
}

// joinLater ends the provider's half where Aura's begins, which gets what was changed
// of it there.
func (p *pusher) joinLater(ctx context.Context, theirs half, began, at calendar.Time) (bool, error) {
	lines, head, tail, err := p.w.Halves.Before(theirs.row, at)
	if err != nil || !tail || !head || theirs.row.Invited() > 0 { // its guests would be lost to Aura's
		if err == nil && tail {
			err = errBeside
		}
		return false, p.keptIf(ctx, err, theirs.row)
	}
	was := p.item.Beside.Was
	merged, edited := p.row.Content, maps.Clone(p.row.Edited)
	if edited == nil {
		edited = map[string]time.Time{}
	}
	var conflicts []calendar.Conflict
	for _, f := range calendar.OfHalves(calendar.Differing(theirs.row.Content, was)) {
		one, state := was, calendar.Remote{Content: merged, Updated: theirs.row.Link.Updated}
		state.Content.Take(f, theirs.row.Content)
		for _, other := range calendar.Fields() {
			if other != f {
				one.Take(other, merged)
			}
		}
		next, lost := calendar.Merge(merged, p.row.Edited, &calendar.Item{Base: &one}, state)
		if len(calendar.Differing(next, merged)) > 0 {
			edited[string(f)] = theirs.row.Link.Updated
		}
		merged, conflicts = next, append(conflicts, lost...)
	}
	if err := p.name(ctx, p.row, met{conflicts: conflicts}); err != nil {
		return false, err
	}
	if err := p.nameOccurrences(ctx, theirs.row, p.row, at, p.row.Start, false); err != nil {
		return false, err
	}
	if !theirs.row.Start.SameMoment(began) || theirs.row.Lasts() != lasts(was) {
		if err := p.nameTimes(ctx, p.row, theirs.row, p.row.Start, at, true); err != nil {
			return false, err
		}
	}
	next, it := *p.row, p.item.Clone()
	next.Content, next.Edited = merged, edited
	next.Version++
	it.Version = next.Version
	ended := theirs.row.Content
	ended.Recurrence = lines
	cut := p.handed(theirs.row, theirs.item, ended, theirs.row.Edited)
	order := cut.Item.Put
	if order == nil {
		order = cut.Item.Update
	}
	order.Rest = &calendar.Rest{Heir: p.id, From: at, Was: at, Is: p.row.Start, Since: p.w.Now()}
	return true, p.writeJoined(ctx, theirs.row, p.unsentPair(&next, it), cut)
}

// errBeside says that halves stay beside each other.
var errBeside = fault.New(fault.Invalid, "beside", "")

func (p *pusher) keptIf(ctx context.Context, why error, theirs *calendar.Row) error {
	if why == nil {
		return nil
	}
	return p.nameKept(ctx, theirs)
}

func lasts(c calendar.Content) time.Duration { return (&calendar.Row{Content: c}).Lasts() }
