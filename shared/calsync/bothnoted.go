package calsync

import (
	"context"
	"fmt"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
)

// That both sides divided a series is seen where its first half is met, and only
// there: so it is noted with what is to be put together before that meeting is stored.

// noteBeside notes in the orders of what Aura divided off a series that a state shows
// the series divided at the provider too. Of what was sent and settled an order begins.
func (p *pusher) noteBeside(ctx context.Context, theirs calendar.Remote, heirs []string) error {
	if p.row.Link == nil || p.w.Halves == nil {
		return nil
	}
	beside := p.item.BesideTheirs(p.row.Link.ProviderID, p.row.Content, theirs, heirs)
	if beside == nil {
		return nil
	}
	for _, id := range heirs {
		heir, item, err := p.w.Edits.Pair(ctx, p.rec.Account, id)
		if err != nil {
			return fmt.Errorf("reading the second half of a series: %w", err)
		}
		if heir == nil || heir.Hidden() || item != nil && item.Beside != nil {
			continue
		}
		pair := p.handed(heir, item, heir.Content, heir.Edited)
		orderOf(&pair).Beside = beside
		if err := p.w.Edits.WritePair(ctx, pair); fault.Is(err, fault.Stale) {
			return errAgain
		} else if err != nil {
			return fmt.Errorf("noting that a series is divided on both sides: %w", err)
		}
	}
	return nil
}

// awaitHalves has what Aura divided off the series wait for the round that brings what
// the provider did, where this push has found that out.
func (p *pusher) awaitHalves(ctx context.Context) error {
	heirs, err := p.heirs(ctx)
	if err != nil {
		return err
	}
	for _, id := range heirs {
		p.parted[id] = true
	}
	p.run.again = true
	return nil
}

// dividedToo notes that a series which was deleted at the provider had been divided
// there before.
func (p *pusher) dividedToo(ctx context.Context, theirs calendar.Remote) error {
	if err := p.awaitHalves(ctx); err != nil {
		return err
	}
	heirs, err := p.heirs(ctx)
	if err != nil {
		return err
	}
	return p.noteBeside(ctx, theirs, heirs)
}

// orderOf gives the order in a pair that puts or updates one.
func orderOf(pair *calendar.Pair) *calendar.Item {
	if pair.Item.Put != nil {
		return pair.Item.Put
	}
	return pair.Item.Update
}
