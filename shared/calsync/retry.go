package calsync

import (
	"context"
	"fmt"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
)

// retryLater is how long after a run that is going on the next try comes.
const retryLater = 30 * time.Second

// retryEvent gives one event out of the quarantine, because a person asked, and
// syncs: if it still can't be synced the run puts it back with its reason. An
// edit is sent again as it is. What could not be read comes only with a list of
// everything, so it waits for a run of its own.
func (w *Worker) retryEvent(ctx context.Context, j job.Job) error {
	list, err := w.Events.Quarantined(ctx, j.Account)
	if err != nil {
		return fmt.Errorf("reading the quarantine: %w", err)
	}
	again := j
	again.Kind, again.Event, again.Trigger, again.Due = job.Sync, "", integration.TriggerSyncNow, w.Now()
	for _, q := range list {
		if q.EventID != j.Event || q.Provider != j.Provider {
			continue
		}
		if q.Code == calendar.CodeUnreadable {
			return w.retryReading(ctx, j, again)
		}
		if err := w.unrefuse(ctx, q); err != nil {
			return err
		}
		return w.sync(ctx, again)
	}
	return nil // it has left by itself
}

// retryReading lists everything. Beside a run that is going on it would only be
// another ordinary round, so it comes later then.
func (w *Worker) retryReading(ctx context.Context, j, full job.Job) error {
	rec, err := w.Store.Get(ctx, j.Key())
	if fault.Is(err, fault.NotFound) || err == nil && rec.ID != j.Generation {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading the integration: %w", err)
	}
	if !rec.Syncs(w.Now()) { // a paused one's stays where it is
		return nil
	}
	if rec.Lease != nil && !rec.Lease.Expired(w.Now()) {
		if err := w.Queue.Send(ctx, job.Message{Job: j, Delay: retryLater}); err != nil {
			return fmt.Errorf("putting off another try: %w", err)
		}
		return nil
	}
	if err := w.Quarantines.DropQuarantine(ctx, j.Account, j.Event); err != nil {
		return fmt.Errorf("giving an event out of the quarantine: %w", err)
	}
	full.Full = true
	return w.sync(ctx, full)
}

// discardEvent marks one quarantined edit as given up, because a person takes it
// back, and syncs: a run does it, after it has listed everything where that is
// needed. What changed meanwhile is another edit, and stays.
func (w *Worker) discardEvent(ctx context.Context, j job.Job) error {
	list, err := w.Events.Quarantined(ctx, j.Account)
	if err != nil {
		return fmt.Errorf("reading the quarantine: %w", err)
	}
	for _, q := range list {
		if q.EventID != j.Event || q.Provider != j.Provider || q.Code == calendar.CodeUnreadable {
			continue
		}
		marked, err := w.remark(ctx, q, func(it *calendar.Item) *calendar.Refusal {
			if it.Refused.Version != 0 && it.Refused.Version != it.Version { // edited since it was set aside
				return it.Refused
			}
			return &calendar.Refusal{Code: calendar.CodeGivenUp, Version: it.Version, ETag: it.Refused.ETag}
		})
		if err != nil || !marked {
			return err
		}
		again := j
		again.Kind, again.Event, again.Trigger, again.Due = job.Sync, "", integration.TriggerAuraEdit, w.Now()
		return w.sync(ctx, again)
	}
	return nil // it has left by itself
}

// unrefuse makes a quarantined edit worth trying again.
func (w *Worker) unrefuse(ctx context.Context, q calendar.Quarantine) error {
	if _, err := w.remark(ctx, q, func(*calendar.Item) *calendar.Refusal { return nil }); err != nil {
		return err
	}
	if err := w.Quarantines.DropQuarantine(ctx, q.Account, q.EventID); err != nil {
		return fmt.Errorf("giving an event out of the quarantine: %w", err)
	}
	return nil
}

// remark changes why an edit isn't sent, and reports whether there was one.
func (w *Worker) remark(ctx context.Context, q calendar.Quarantine, as func(*calendar.Item) *calendar.Refusal) (bool, error) {
	for range putTries {
		row, item, err := w.Edits.Pair(ctx, q.Account, q.EventID)
		if err != nil {
			return false, fmt.Errorf("reading a quarantined edit: %w", err)
		}
		if item == nil || item.Refused == nil {
			return false, nil
		}
		it := *item
		it.Refused = as(item)
		p := calendar.Pair{Account: q.Account, ID: q.EventID, Row: row, KeepRow: true, Item: calendar.ItemWrite{Expect: item.Version, Update: &it}}
		if row != nil {
			p.Expect = row.Version
		}
		err = w.Edits.WritePair(ctx, p)
		if fault.Is(err, fault.Stale) {
			continue
		}
		if err != nil {
			return false, fmt.Errorf("changing what is said of a quarantined edit: %w", err)
		}
		return true, nil
	}
	return false, nil
}
