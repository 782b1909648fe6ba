package calsync

import (
	"context"
	"fmt"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// What nothing links is found by no walk over links: what was set aside before it
// was ever stored, and an edit of an occurrence that hadn't been sent.

// forgetSetAside drops what was set aside and isn't there any more: what was listed
// as deleted, or what a list of everything, another calendar's too, doesn't set
// aside again. A deletion of what was never stored looks in an incremental list
// like the echo of Aura's own, which must cost nothing: so it is looked for only
// where the record says that something may stand there, a read then.
func (p *pull) forgetSetAside(ctx context.Context, gone []calendar.LinkRow) error {
	all := p.mode == full || p.mode == first && !p.resumed && p.rec.CalendarSwitch != nil
	if !all && len(gone) == 0 && (len(p.unheardOf) == 0 || !p.mayBeUnreadable()) {
		return nil
	}
	list, err := p.w.Events.Quarantined(ctx, p.rec.Account)
	if err != nil {
		return fmt.Errorf("looking for what is set aside no more: %w", err)
	}
	deleted := map[string]bool{}
	for _, l := range gone {
		deleted[l.ProviderID] = true
	}
	for _, id := range p.unheardOf {
		deleted[id] = true
	}
	left := false
	for _, q := range list {
		if q.Code != calendar.CodeUnreadable || q.Provider != p.rec.Provider {
			continue
		}
		if p.aside[q.EventID] || !all && !deleted[q.ProviderID] {
			left = true
			continue
		}
		if err := p.w.Quarantines.DropQuarantine(ctx, q.Account, q.EventID); err != nil {
			return fmt.Errorf("releasing an event: %w", err)
		}
	}
	p.noteUnreadable(left)
	return nil
}

// mayBeUnreadable reports whether something may stand in the quarantine that
// couldn't be stored: as this run knows, or as the record says.
func (r *run) mayBeUnreadable() bool {
	if r.unreadable != nil {
		return *r.unreadable
	}
	return r.rec.Unreadable
}

// noteUnreadable keeps that for the write that ends the run.
func (r *run) noteUnreadable(yes bool) { r.unreadable = &yes }

// releaseItem takes an event out of the quarantine whose refused order is about to
// go, or to begin anew elsewhere.
func (r *run) releaseItem(ctx context.Context, item *calendar.Item) error {
	if item == nil || item.Refused == nil {
		return nil
	}
	if err := r.w.Quarantines.DropQuarantine(ctx, item.Account, item.EventID); err != nil {
		return fmt.Errorf("releasing an event: %w", err)
	}
	return nil
}

// giveUpOrphans takes away edits of occurrences whose series was of a calendar that
// was left, and has gone by now. The run names each.
func (p *pull) giveUpOrphans(ctx context.Context) error {
	if p.rec.CalendarSwitch == nil {
		return nil
	}
	return p.eachWaiting(ctx, func(it calendar.Item) error {
		for range putTries {
			row, item, err := p.w.Edits.Pair(ctx, p.rec.Account, it.EventID)
			if err != nil || row == nil || item == nil || !row.IsException() || row.Link != nil {
				return err
			}
			series, _, err := p.w.Edits.Pair(ctx, p.rec.Account, row.MasterID)
			if err != nil || !calendar.Orphan(row, series) {
				return err
			}
			if err := p.releaseItem(ctx, item); err != nil {
				return err
			}
			pair := calendar.Leave(row, item)
			pair.Hold = calendar.Hold{Generation: p.hold.Generation, Fence: p.hold.Fence}
			err = p.w.Edits.WritePair(ctx, pair)
			switch {
			case fault.Is(err, fault.Stale) && later(row, item, p.hold):
				return fmt.Errorf("%w: %w", errSuperseded, err)
			case fault.Is(err, fault.Stale):
				continue
			case err != nil:
				return fmt.Errorf("giving an edit up: %w", err)
			}
			return p.decide(ctx, integration.Decision{Event: row.ID, Title: row.Title, What: "discarded", Why: "another calendar was chosen while this edit waited"})
		}
		return nil // it keeps being edited: it is set aside with its reason
	})
}

// eachWaiting visits what waits in the outbox.
func (r *run) eachWaiting(ctx context.Context, visit func(calendar.Item) error) error {
	cursor := ""
	for {
		items, next, err := r.w.Edits.Outbox(ctx, r.rec.Account, cursor)
		if err != nil {
			return fmt.Errorf("reading the outbox: %w", err)
		}
		for _, it := range items {
			if err := visit(it); err != nil {
				return err
			}
		}
		if next == "" {
			return nil
		}
		cursor = next
	}
}

// landed reports whether an insert may have reached the calendar that was left,
// its answer lost: nothing links it, so only a look tells.
func (r *run) landed(ctx context.Context) (maybe bool, err error) {
	err = r.eachWaiting(ctx, func(it calendar.Item) error {
		maybe = maybe || it.Op == calendar.OpCreate && len(it.Sent) > 0
		return nil
	})
	return maybe, err
}
