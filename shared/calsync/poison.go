package calsync

import (
	"context"
	"fmt"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/integration"
)

// largest is what an event may weigh to be stored: under DynamoDB's 400 KB an
// item, with room for what the store adds.
const largest = 300 << 10

// poison says why an event can't be stored, "" where it can. One bad event is
// set aside with its reason; the others go on and the cursor moves.
func poison(e *calendar.Remote) string {
	if e.Deleted {
		return ""
	}
	switch {
	case e.ProviderID == "":
		return "The event has no id."
	case e.Start.IsZero() || e.End.IsZero():
		return "The event has no start or end that could be read."
	case e.MasterID != "" && e.OriginalStart.IsZero():
		return "The event belongs to a series, but not to any of its dates."
	}
	row := calendar.Row{Content: e.Content, Mirror: e.Mirror}
	if row.Weight() > largest {
		return "The event is too large to be stored."
	}
	return ""
}

// setAside notes an event in the quarantine. What is stored of it stays as it
// is; it is tried again when it changes at the provider.
func (p *pull) setAside(ctx context.Context, who found, e *calendar.Remote, why string, t *tally) error {
	err := p.w.Quarantines.PutQuarantine(ctx, calendar.Quarantine{
		Account: p.rec.Account, EventID: who.id, Provider: p.rec.Provider, ProviderID: e.ProviderID, Title: e.Title,
		Code: calendar.CodeUnreadable, Reason: why, ETag: e.ETag, Since: p.w.Now(),
	})
	if err != nil {
		return fmt.Errorf("storing a quarantine: %w", err)
	}
	t.Lock()
	defer t.Unlock()
	p.aside[who.id] = true
	t.setAside++
	t.decisions = append(t.decisions, integration.Decision{Event: who.id, Title: e.Title, What: "quarantined", Why: why})
	return nil
}

// release takes out of the quarantine what has come in after all. Only a pull
// that stored something looks.
func (p *pull) release(ctx context.Context) error {
	if p.report.Pulled.Created+p.report.Pulled.Updated == 0 {
		return nil
	}
	list, err := p.w.Events.Quarantined(ctx, p.rec.Account)
	if err != nil || len(list) == 0 {
		return err
	}
	ids := make([]string, len(list))
	for i, q := range list {
		ids[i] = q.EventID
	}
	rows, err := p.w.Events.Rows(ctx, p.rec.Account, ids)
	if err != nil {
		return fmt.Errorf("looking for what left the quarantine: %w", err)
	}
	for _, q := range list {
		row := rows[q.EventID]
		if q.Code != calendar.CodeUnreadable || row == nil || row.Link == nil || row.Link.ETag == q.ETag {
			continue
		}
		if row.Link.Fence != p.hold.Fence || row.Link.Generation != p.hold.Generation {
			continue // stored by an earlier run, before it was set aside
		}
		if err := p.w.Quarantines.DropQuarantine(ctx, q.Account, q.EventID); err != nil {
			return fmt.Errorf("releasing an event: %w", err)
		}
	}
	return nil
}
