package calsync

import (
	"context"
	"fmt"

	"aura.example/integrations/shared/calendar"
)

// found is who a remote event is here.
type found struct {
	id     string
	master string // of an exception
	born   bool   // in Aura, itself or its series
}

// identify computes who the events of a page are, and reads their rows as far
// as the mode compares with rows.
//
// An event that was born in Aura keeps Aura's id, and its provider id is
// computed from that; any other's id is computed from the provider's. First and
// full pulls know what was born here. An incremental one reads: the stamp says
// where to look first, and what isn't there is looked for under the other id
// before it is taken for new, since a stamp can be erased there and is copied to
// exceptions: it is evidence of a write, never of identity.
func (p *pull) identify(ctx context.Context, events []calendar.Remote) ([]found, map[string]*calendar.Row, error) {
	who := make([]found, len(events))
	if p.mode == full {
		for i := range events {
			if _, known := p.links[p.as(&events[i], false).id]; !known {
				if err := p.awaits(ctx, &events[i]); err != nil {
					return nil, nil, err
				}
			}
		}
	}
	for i := range events {
		e := &events[i]
		who[i] = p.as(e, p.born[base(e)] || p.mode == incremental && calendar.HintsBorn(e.Stamp))
	}
	rows, err := p.rows(ctx, events, who)
	if err != nil || p.mode != incremental {
		return who, rows, err
	}
	var more []string
	for i := range events {
		if rows[who[i].id] != nil {
			continue
		}
		if !who[i].born && !calendar.MayBeBorn(base(&events[i])) {
			continue // no other id
		}
		more = append(more, p.as(&events[i], !who[i].born).id)
		if events[i].MasterID != "" {
			more = append(more, calendar.Prefix+events[i].MasterID)
		}
	}
	if len(more) == 0 {
		return who, rows, nil
	}
	others, err := p.w.Events.Rows(ctx, p.rec.Account, unique(more))
	if err != nil {
		return nil, nil, fmt.Errorf("looking for events under their other id: %w", err)
	}
	for i := range events {
		if rows[who[i].id] == nil && others[p.as(&events[i], !who[i].born).id] == nil {
			if err := p.awaits(ctx, &events[i]); err != nil {
				return nil, nil, err
			}
		}
	}
	for i := range events {
		e := &events[i]
		if rows[who[i].id] != nil {
			continue
		}
		other := p.as(e, !who[i].born)
		switch {
		case others[other.id] != nil:
			who[i] = other
			rows[other.id] = others[other.id]
		default:
			who[i] = p.as(e, p.born[base(e)] || e.MasterID != "" && others[calendar.Prefix+e.MasterID] != nil)
		}
	}
	return who, rows, nil
}

// base is the provider id that an event's identity hangs on: its series', or its own.
func base(e *calendar.Remote) string {
	if e.MasterID != "" {
		return e.MasterID
	}
	return e.ProviderID
}

// as computes who an event is, born here or there. An exception is found by its
// master and its original start, never by its own id.
func (p *pull) as(e *calendar.Remote, born bool) found {
	id := calendar.Prefix + base(e)
	if !born {
		id = calendar.ImportedID(p.rec.Provider, p.rec.Subject, p.rec.Settings.CalendarID, base(e))
	}
	if e.MasterID == "" {
		return found{id: id, born: born}
	}
	return found{id: calendar.ExceptionID(id, e.OriginalStart), master: id, born: born}
}

// readBorn notes what waits to be created at the provider, so that a first pull
// recognises it when it is there already, and what waits to be deleted.
func (p *pull) readBorn(ctx context.Context) error {
	cursor := ""
	for {
		items, next, err := p.w.Edits.Outbox(ctx, p.rec.Account, cursor)
		if err != nil {
			return fmt.Errorf("reading the outbox: %w", err)
		}
		for _, it := range items {
			p.born[calendar.ProviderIDOf(it.EventID)] = true
			p.leaving[it.EventID] = it.Op == calendar.OpDelete
			if it.KeptIn(p.rec.Provider, p.rec.Subject, p.rec.Settings.CalendarID) {
				p.kept = append(p.kept, it.EventID)
			}
			if err := p.remake(ctx, &it); err != nil {
				return err
			}
		}
		if next == "" {
			return nil
		}
		cursor = next
	}
}
