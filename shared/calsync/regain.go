package calsync

import (
	"context"
	"fmt"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// Who disconnects, begins anew and signs in to the same account again has the copies
// there that an earlier generation linked. They are this generation's: so what isn't
// there any more was deleted there meanwhile, and most of it at once is held. Some are
// linked still, since the earlier one's wind-down is not done; the others it has let
// go, and their orders say which copy stayed.

// Orders is the part of integration.Orders that runs need.
type Orders interface {
	Order(ctx context.Context, key integration.Key, generation string) (*integration.Order, error)
}

// regained is calendar.Regain in the calendar that is synced.
func (r *run) regained(row *calendar.Row, item *calendar.Item) (calendar.Pair, bool) {
	return calendar.Regain(row, item, r.rec.Provider, r.rec.Subject, r.rec.Settings.CalendarID)
}

// compareAll turns a first sync into a list of everything, whatever page one before
// had come to.
func (p *pull) compareAll(ctx context.Context) error {
	p.mode = full
	if p.resume != nil {
		p.resume = nil
		if err := p.forget(ctx); err != nil {
			return err
		}
	}
	if err := p.readLinks(ctx); err != nil {
		return err
	}
	return p.regain(ctx)
}

// regain links what was let go with the copies that stayed, before they are listed.
func (p *pull) regain(ctx context.Context) error {
	if p.ours { // a calendar that is left: nothing is taken back in it
		return nil
	}
	for _, id := range p.kept {
		if err := p.commit(ctx, integration.PhasePulling, false); err != nil {
			return err
		}
		if _, err := p.mine(ctx, id); err != nil {
			return err
		}
	}
	return nil
}

// takeOver makes this generation's, of what isn't listed, what an earlier one had in
// this very calendar of the same person's. What was another's is its wind-down's, and
// nothing was looked for where it is.
func (p *pull) takeOver(ctx context.Context) error {
	var earlier []calendar.LinkRow
	for id, l := range p.links {
		if _, listed := p.seen[id]; !listed && l.Generation != p.hold.Generation {
			earlier = append(earlier, l)
		}
	}
	if len(earlier) == 0 || p.ours {
		return nil
	}
	same := map[string]bool{}
	for _, l := range earlier {
		if _, asked := same[l.Generation]; !asked && p.w.Orders != nil {
			o, err := p.w.Orders.Order(ctx, p.rec.Key, l.Generation)
			if err != nil {
				return fmt.Errorf("reading whose an earlier generation's events are: %w", err)
			}
			same[l.Generation] = o != nil && o.Cause != integration.Delete && o.Subject != "" && o.Subject == p.rec.Subject
		}
		if !same[l.Generation] {
			delete(p.links, l.ID) // it doesn't count
			continue
		}
		if err := p.commit(ctx, integration.PhaseDeleting, false); err != nil {
			return err
		}
		mine, err := p.mine(ctx, l.ID)
		if err != nil {
			return err
		}
		if !mine {
			delete(p.links, l.ID)
		}
	}
	return nil
}

// mine makes one event this generation's, linked to the copy that it has here. false
// says that there is no such copy.
func (p *pull) mine(ctx context.Context, id string) (bool, error) {
	for range putTries {
		row, item, err := p.w.Edits.Pair(ctx, p.rec.Account, id)
		if err != nil {
			return false, fmt.Errorf("reading an event of an earlier generation: %w", err)
		}
		pair, ok := p.regained(row, item)
		switch {
		case ok:
		case row == nil || row.Link == nil || row.Link.Calendar != p.rec.Settings.CalendarID:
			return false, nil
		case newer(row.Link, p.hold):
			return false, fmt.Errorf("an event was written by a later run: %w", errSuperseded)
		case row.Pending != "" || row.Link.Generation == p.hold.Generation:
			return true, nil // what waits meets its copy, or its deletion, when it is sent
		default:
			next := *row
			next.Version++
			pair = calendar.Pair{Account: row.Account, ID: id, Row: &next, Expect: row.Version, Stood: calendar.PlaceOf(row)}
			if item != nil { // left over
				pair.Item.Expect, pair.Item.Delete = item.Version, true
			}
		}
		pair.Hold = calendar.Hold{Generation: p.hold.Generation, Fence: p.hold.Fence}
		switch err = p.w.Edits.WritePair(ctx, pair); {
		case fault.Is(err, fault.Stale):
			continue
		case err != nil:
			return false, fmt.Errorf("taking an event over from an earlier generation: %w", err)
		}
		l := linkOf(pair.Row)
		l.Generation, l.Fence = p.hold.Generation, p.hold.Fence
		p.links[id] = l
		if l.MasterID == "" {
			p.born[l.ProviderID] = p.born[l.ProviderID] || l.Origin == calendar.BornInAura
		}
		return true, nil
	}
	return false, fault.New(fault.Transient, "event_contended", "An event keeps changing.")
}
