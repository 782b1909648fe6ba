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

// unrefuse makes a quarantined edit worth trying again.
func (w *Worker) unrefuse(ctx context.Context, q calendar.Quarantine) error {
	for range putTries {
		row, item, err := w.Edits.Pair(ctx, q.Account, q.EventID)
		if err != nil {
			return fmt.Errorf("reading a quarantined edit: %w", err)
		}
		if item == nil || item.Refused == nil {
			break
		}
		it := *item
		it.Refused = nil
		p := calendar.Pair{Account: q.Account, ID: q.EventID, Row: row, KeepRow: true, Item: calendar.ItemWrite{Expect: item.Version, Update: &it}}
		if row != nil {
			p.Expect = row.Version
		}
		err = w.Edits.WritePair(ctx, p)
		if fault.Is(err, fault.Stale) {
			continue
		}
		if err != nil {
			return fmt.Errorf("giving an edit out of the quarantine: %w", err)
		}
		break
	}
	if err := w.Quarantines.DropQuarantine(ctx, q.Account, q.EventID); err != nil {
		return fmt.Errorf("giving an event out of the quarantine: %w", err)
	}
	return nil
}
