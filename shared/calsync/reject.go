package calsync

import (
	"context"
	"errors"
	"fmt"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// restoreAll orders that what vanished at the provider is put back there, since
// the user rejected its deletion. Nothing vanishes here: each event waits from
// now on as an edit would, and the push of this run, or of any later one, brings
// it back. An occurrence comes back with its series.
func (p *pull) restoreAll(ctx context.Context, gone []calendar.LinkRow) (restored int, err error) {
	for _, l := range gone {
		if err := p.commit(ctx, integration.PhaseDeleting, false); err != nil {
			return restored, err
		}
		if p.deadlineNear(ctx) {
			return restored, errCut
		}
		if l.MasterID != "" {
			restored++
			continue
		}
		ok, err := p.restoreOne(ctx, l)
		if err != nil {
			return restored, err
		}
		if ok {
			restored++
		}
	}
	return restored, nil
}

// errCut ends a pull whose deadline came first: what it did stands, and the same run
// goes on in another process.
var errCut = errors.New("the deadline is near")

// restoreOne looks at what the provider has of an event: a deleted one is
// undeleted on condition of that very state; of one that is gone without a trace
// a new one is made, which is Aura's, and of a series with its exceptions.
func (p *pull) restoreOne(ctx context.Context, l calendar.LinkRow) (bool, error) {
	for range putTries {
		row, item, err := p.w.Edits.Pair(ctx, p.rec.Account, l.ID)
		if err != nil {
			return false, fmt.Errorf("reading an event to restore: %w", err)
		}
		if row == nil || row.Link == nil || row.Pending != "" || item != nil {
			return row != nil, nil // an edit waits: it survives the deletion by itself
		}
		theirs, err := p.surely(ctx, func(ctx context.Context) (calendar.Remote, error) {
			return p.reader.Event(ctx, p.rec.Settings.CalendarID, row.Link.ProviderID)
		})
		without := fault.Is(err, fault.Gone)
		if err != nil && !without {
			return false, fmt.Errorf("reading what was deleted: %w", err)
		}
		if err == nil && !theirs.Deleted {
			return true, nil // somebody brought it back: the next pull says how it is
		}
		err = p.w.Edits.WritePair(ctx, p.restoration(row, theirs, without))
		switch {
		case fault.Is(err, fault.Stale) && newer(row.Link, p.hold):
			return false, fmt.Errorf("%w: %w", errSuperseded, err)
		case fault.Is(err, fault.Stale):
			continue
		case err != nil:
			return false, fmt.Errorf("ordering a restoration: %w", err)
		}
		return true, p.decide(ctx, integration.Decision{Event: l.ID, Title: l.Title, What: "to_be_restored", Why: "its deletion was rejected"})
	}
	return false, fault.New(fault.Transient, "event_contended", "An event keeps changing.")
}

// restoration is the order to put an event back. Its guests are told nothing:
// nobody decided to write to them.
func (p *pull) restoration(row *calendar.Row, theirs calendar.Remote, without bool) calendar.Pair {
	silent := false
	var next *calendar.Row
	it := calendar.Item{Account: row.Account, EventID: row.ID, NotifyGuests: &silent, Since: p.w.Now(), Under: p.rec.Version}
	if without {
		c := *row
		c.Link, c.Origin, c.Version = nil, calendar.BornInAura, row.Version+1
		c.Mirror, c.ReadOnly = calendar.Alone(), false
		next, it.Op, it.Rest = &c, calendar.OpCreate, anewWith(row, it.Since)
	} else {
		base := row.Content
		next, it.Op, it.Base = relink(row, theirs), calendar.OpRestore, &base
	}
	next.Pending, it.Version = calendar.PendingEdit, next.Version
	return calendar.Pair{
		Account: row.Account, ID: row.ID, Hold: calendar.Hold{Generation: p.hold.Generation, Fence: p.hold.Fence},
		Row: next, Expect: row.Version, Stood: calendar.PlaceOf(row), Item: calendar.ItemWrite{Put: &it},
	}
}
