package connect

import (
	"context"
	"fmt"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// leftovers takes away what a walk over links doesn't find: edits of occurrences
// that were never sent, of a series that is purged by now, and what was set aside
// before it was ever stored. A newer connection's are its own.
func (w *WindDown) leftovers(ctx context.Context, o *integration.Order) error {
	rec, err := w.Store.Get(ctx, o.Key)
	if fault.Is(err, fault.NotFound) {
		rec, err = nil, nil
	}
	if err != nil {
		return fmt.Errorf("looking who is connected now: %w", err)
	}
	if err := w.unreadable(ctx, o, rec); err != nil {
		return err
	}
	if rec != nil && rec.ID != o.Generation && rec.Subject != "" && rec.Subject == o.Subject &&
		(rec.Settings.CalendarID == "" || rec.Settings.CalendarID == o.CalendarID) {
		return nil // the new first sync brings the series, and the edit with it
	}
	cursor := ""
	for {
		items, next, err := w.Edits.Outbox(ctx, o.Key.Account, cursor)
		if err != nil {
			return fmt.Errorf("reading what waits: %w", err)
		}
		for _, it := range items {
			if err := w.leaveOrphan(ctx, o, it.EventID); err != nil {
				return err
			}
		}
		if next == "" {
			return nil
		}
		cursor = next
	}
}

func (w *WindDown) leaveOrphan(ctx context.Context, o *integration.Order, id string) error {
	for range purgeTries {
		row, item, err := w.Edits.Pair(ctx, o.Key.Account, id)
		if err != nil {
			return fmt.Errorf("reading an edit to purge: %w", err)
		}
		if row == nil || !row.IsException() || row.Link != nil {
			return nil
		}
		series, _, err := w.Edits.Pair(ctx, o.Key.Account, row.MasterID)
		if err != nil {
			return fmt.Errorf("reading the series of an edit to purge: %w", err)
		}
		if !calendar.Orphan(row, series) {
			return nil
		}
		err = w.Edits.WritePair(ctx, calendar.Leave(row, item))
		if err == nil {
			return w.unquarantine(ctx, o, id)
		}
		if !fault.Is(err, fault.Stale) {
			return fmt.Errorf("purging an edit: %w", err)
		}
	}
	return fault.New(fault.Transient, "event_contended", "An event keeps changing.")
}

// unreadable forgets what this generation set aside: all of it, or where somebody
// has connected since, what was there before the order.
func (w *WindDown) unreadable(ctx context.Context, o *integration.Order, rec *integration.Integration) error {
	list, err := w.Events.Quarantined(ctx, o.Key.Account)
	if err != nil {
		return fmt.Errorf("reading what was set aside: %w", err)
	}
	newer := rec != nil && rec.ID != o.Generation
	for _, q := range list {
		if q.Code != calendar.CodeUnreadable || q.Provider != o.Key.Provider || newer && q.Since.After(o.Since) {
			continue
		}
		if err := w.unquarantine(ctx, o, q.EventID); err != nil {
			return err
		}
	}
	return nil
}
