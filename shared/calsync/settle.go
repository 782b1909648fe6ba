package calsync

import (
	"context"
	"fmt"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// record adds the attempt that is about to be made, so that whatever becomes of
// its answer, a remote that it reached is known by its stamp.
func (p *pusher) record(ctx context.Context, fields []calendar.Field) (calendar.Attempt, error) {
	at := calendar.Attempt{
		Stamp:  p.row.Origin.Stamped(calendar.StampOf(p.id, p.state(), fields, p.row.Content)),
		Fields: fields, Content: p.row.Content.Only(fields), Version: p.row.Version,
	}
	if overweight(p.item, at) {
		return at, p.lighten(ctx)
	}
	item, err := p.w.Edits.RecordSent(ctx, *p.item, at, p.pairHold())
	if err != nil {
		return at, fmt.Errorf("recording an attempt: %w", err)
	}
	p.added = len(item.Sent) > len(p.item.Sent)
	p.item = item
	return at, nil
}

// state is what an attempt is made from: the etag, or where nothing is known to
// be there the edit's own version, so that an event which is created a second
// time isn't taken for what its first creation left.
func (p *pusher) state() string {
	if tag := p.etag(); tag != "" {
		return tag
	}
	return fmt.Sprintf("version %d", p.item.Version)
}

func (p *pusher) pairHold() calendar.Hold {
	return calendar.Hold{Generation: p.hold.Generation, Fence: p.hold.Fence}
}

// settle stores the provider's answer in one transaction: at the pushed version
// the item goes; at a newer one the answer becomes its base. An answer older
// than what the row has seen is not stored.
func (p *pusher) settle(ctx context.Context, answer calendar.Remote, what string) error {
	pushed := p.item.Version
	for try := range putTries {
		if try > 0 { // somebody wrote it meanwhile
			row, item, err := p.w.Edits.Pair(ctx, p.rec.Account, p.id)
			if err != nil {
				return fmt.Errorf("reading what to settle: %w", err)
			}
			if row == nil || item == nil {
				return nil
			}
			p.row, p.item = row, item
		}
		if p.row.Link != nil && !answer.Updated.IsZero() && answer.Updated.Before(p.row.Link.Updated) {
			return nil
		}
		pair := p.settlement(pushed, answer)
		err := p.write(ctx, pair)
		if fault.Is(err, fault.Stale) && !later(p.row, p.item, p.hold) {
			continue
		}
		if err != nil {
			return err
		}
		if err := p.decide(ctx, integration.Decision{Event: p.id, Title: p.row.Title, What: what, Why: "edited in Aura"}); err != nil {
			return err
		}
		if pair.Item.Delete {
			return nil
		}
		return errAgain
	}
	return nil
}

func (p *pusher) settlement(pushed int64, answer calendar.Remote) calendar.Pair {
	next := relink(p.linked(), answer)
	next.Mirror = answer.Mirror
	if p.item.Version == pushed && (p.item.Beside == nil || p.joined) {
		next.Content, next.Pending = p.settled(answer), ""
		return calendar.Pair{Row: next, Item: calendar.ItemWrite{Delete: true}}
	}
	it := *p.item
	it.Told(pushed)
	base := p.settled(answer)
	it.Base, it.Former = &base, nil
	if it.Op != calendar.OpDelete {
		it.Op = calendar.OpChange
	}
	return calendar.Pair{Row: next, Item: calendar.ItemWrite{Update: &it, ClearSent: true}}
}

// settleNothing ends an item that has nothing to send.
func (p *pusher) settleNothing(ctx context.Context) error {
	next := *p.row
	next.Pending, next.Version = "", next.Version+1
	return p.write(ctx, calendar.Pair{Row: &next, Item: calendar.ItemWrite{Delete: true}})
}

// settleDelete removes tombstone and item together. Of an occurrence the hole
// stays, and of what an Idempotency-Key made, that the key is spent.
func (p *pusher) settleDelete(ctx context.Context) error {
	pair := calendar.Pair{Row: p.row.Remains(), Item: calendar.ItemWrite{Delete: true}}
	if p.row.IsException() {
		pair.Row = hole(p.row)
	}
	if err := p.takeAlong(ctx); err != nil {
		return err
	}
	if err := p.write(ctx, pair); err != nil {
		return err
	}
	return p.decide(ctx, integration.Decision{Event: p.id, Title: p.row.Title, What: "deleted_there", Why: "deleted in Aura"})
}

// write carries out a transaction on what was read. Where it ends an item that
// was refused once, the event leaves the quarantine first: after a crash between
// the two the item is still there to be ended. What goes along is filled already.
func (p *pusher) write(ctx context.Context, pair calendar.Pair, along ...calendar.Pair) error {
	pair, err := p.filled(ctx, pair)
	if err != nil {
		return err
	}
	if err := p.w.Edits.WritePair(ctx, append(along, pair)...); err != nil {
		return fmt.Errorf("settling an edit: %w", err)
	}
	return nil
}

// filled is a pair with what it depends on: what was read, and who holds the lease.
func (p *pusher) filled(ctx context.Context, pair calendar.Pair) (calendar.Pair, error) {
	if pair.Item.Delete && p.item != nil && p.item.Refused != nil {
		if err := p.w.Quarantines.DropQuarantine(ctx, p.rec.Account, p.id); err != nil {
			return pair, fmt.Errorf("releasing an event: %w", err)
		}
	}
	movedOn(&pair)
	p.sayOdd(&pair)
	pair.Account, pair.ID, pair.Hold = p.rec.Account, p.id, p.pairHold()
	if p.row != nil {
		pair.Expect, pair.Stood = p.row.Version, calendar.PlaceOf(p.row)
	}
	if p.item != nil {
		pair.Item.Expect = p.item.Version
	}
	return pair, nil
}

// quarantine sets an item aside that can't be written: the others go on, and it
// is tried again when something about it changes, or when the user asks.
func (p *pusher) quarantine(ctx context.Context, cause error) error {
	f := fault.Of(cause)
	since, err := p.asideSince(ctx, f.Code)
	if err != nil {
		return err
	}
	// The reason first: an item that is marked is not tried again, and must not be
	// without one.
	err = p.w.Quarantines.PutQuarantine(ctx, calendar.Quarantine{
		Account: p.rec.Account, EventID: p.id, Provider: p.rec.Provider, ProviderID: p.providerID(), Title: p.row.Title,
		Op: p.item.Op, Code: f.Code, Reason: f.Message, ETag: p.etag(), Since: since,
	})
	if err != nil {
		return fmt.Errorf("storing a quarantine: %w", err)
	}
	it := *p.item
	it.Refused = &calendar.Refusal{Code: f.Code, Version: it.Version, ETag: p.etag()}
	if err := p.write(ctx, calendar.Pair{Row: p.row, KeepRow: true, Item: calendar.ItemWrite{Update: &it, Unlanded: p.unlanded}}); err != nil {
		return err
	}
	p.report.Quarantined++
	return p.decide(ctx, integration.Decision{Event: p.id, Title: p.row.Title, What: "quarantined", Why: f.Message})
}
