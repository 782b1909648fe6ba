package calsync

import (
	"context"

	"aura.example/integrations/shared/fault"
)

// invitedSince looks, before a deleted event is put back, whether guests were
// invited before it was deleted: a list says of the deleted no more than its id.
// done says that somebody has put it back already, and that it was merged.
func (p *pusher) invitedSince(ctx context.Context) (done bool, err error) {
	if p.item.NotifyGuests != nil {
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
	case theirs.Invited() > 0:
		return false, errUndecided
	}
	return false, nil
}

var errUndecided = fault.New(fault.Item, guestsUndecided, "This event has guests. Make the change once more, and say whether they are to be told.")

// guestsUndecided is the code of what waits for a person's decision.
const guestsUndecided = "guests_decision_required"
