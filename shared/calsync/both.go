package calsync

import (
	"context"
	"fmt"
	"slices"

	"aura.example/integrations/shared/calendar"
)

// A series may be divided on both sides before either hears of it, and has a second
// half of each then. The two are put together, so that each date is in one of them:
// the half that begins earlier ends where the later begins, and what was changed of
// the earlier reaches the later, with its exceptions from there on (calendar.Rest).
// So an edit shows from the date on that its author chose.
//
// A pair of halves is put together in one transaction, by whichever run comes to
// send Aura's, or to what waits of it if it was sent already. Its order says what is
// needed for it (calendar.Beside), and whether there is anything to do, the dates of
// both say.

// together puts Aura's half, which is about to be created or changed, together with
// what was divided off the same series at the provider. done says that nothing is to
// be sent of it now.
func (p *pusher) together(ctx context.Context) (done bool, err error) {
	if p.item.Beside == nil || p.w.Halves == nil {
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
	p.joined = true
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
		if row == nil || item == nil || item.Beside == nil || !row.Start.Instant().After(p.row.Start.Instant()) {
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
