package calsync

import (
	"context"
	"errors"
	"fmt"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
)

// meetPending merges a pulled change with the edit that waits for the same
// event, there and then, in one transaction: the next If-Match must never pass
// over something that Aura hasn't seen.
//
// It gives the row to go on with where no edit waits any more.
func (p *pull) meetPending(ctx context.Context, who found, e *calendar.Remote, t *tally) (*calendar.Row, error) {
	for range putTries {
		row, item, err := p.w.Edits.Pair(ctx, p.rec.Account, who.id)
		if err != nil {
			return nil, fmt.Errorf("reading an edit: %w", err)
		}
		if row == nil || item == nil || row.Pending == "" {
			return row, nil
		}
		switch err := p.finish(ctx, item); {
		case errors.Is(err, errAgain):
			continue
		case err != nil:
			return nil, err
		}
		push := &pusher{run: p.run, id: who.id, row: row, item: item}
		theirs, err := push.deleted(ctx, e)
		if err != nil {
			return nil, err
		}
		m := push.notGivenUp(push.inStep(meet(push.linked(), push.here(item), theirs, push.waiting()), theirs), theirs)
		if m.nothing || m.wait {
			t.count(&t.unchanged)
			return nil, errMet
		}
		t.Lock() // decisions and counts are the run's, not this writer's
		if err = push.hand(ctx, theirs); err == nil {
			err = push.store(ctx, m)
		}
		t.Unlock()
		switch {
		case errors.Is(err, errSuperseded): // which is a stale write, too
			return nil, err
		case errors.Is(err, errAgain):
			continue
		case err == nil:
			t.count(&t.updated)
			return nil, errMet
		case !fault.Is(err, fault.Stale):
			return nil, err
		case later(row, item, p.hold):
			return nil, fmt.Errorf("%w: %w", errSuperseded, err)
		}
	}
	return nil, fault.New(fault.Transient, "event_contended", "An event keeps changing.")
}

// deleted gives a listed state as it is to be met. A list says of what was deleted
// little more than its id, but whether the deletion's author had seen what was
// sent can be told only from what was deleted: then it is read.
func (p *pusher) deleted(ctx context.Context, listed *calendar.Remote) (calendar.Remote, error) {
	if !listed.Deleted || len(p.item.Sent) == 0 || p.item.Op == calendar.OpDelete {
		return *listed, nil
	}
	var theirs calendar.Remote
	err := p.call(ctx, func(ctx context.Context) (err error) { // by its id, which of an occurrence gives more than its series does
		theirs, err = p.reader.Event(ctx, p.rec.Settings.CalendarID, listed.ProviderID)
		return err
	})
	switch {
	case fault.Is(err, fault.Gone): // gone without a trace
		return *listed, nil
	case err != nil:
		return theirs, fmt.Errorf("reading what was deleted: %w", err)
	}
	return theirs, nil
}

// errMet says that the remote state was dealt with.
var errMet = fault.New(fault.Internal, "met", "")
