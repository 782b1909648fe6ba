package connect

import (
	"cmp"
	"context"
	"fmt"
	"math"

	"golang.org/x/sync/errgroup"
	"golang.org/x/time/rate"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// purgeTries bounds how often a row that moves under the purge is read again.
const purgeTries = 4

// purge takes away a bounded number of what this generation or an earlier one
// linked: what was imported is deleted, what was born in Aura loses its link. A
// newer generation's rows are not touched. It goes on where it stopped, so what
// it leaves alone is listed once and not once a batch.
func (w *WindDown) purge(ctx context.Context, o *integration.Order) (more bool, err error) {
	budget := cmp.Or(w.Batch, purgeBatch)
	for {
		rows, next, err := w.Events.Links(ctx, o.Key.Account, o.Key.Provider, "", o.Cursor)
		if err != nil {
			return false, fmt.Errorf("listing what was linked: %w", err)
		}
		var due []calendar.LinkRow
		for _, r := range rows {
			if r.Generation <= o.Generation {
				due = append(due, r)
			}
		}
		cut := len(due) > budget
		if cut { // the rest of this page is listed again, without what is gone by then
			due = due[:budget]
		}
		if err := w.purgeAll(ctx, o, due); err != nil {
			return false, err
		}
		if budget -= len(due); cut {
			return true, w.again(ctx, o)
		}
		if next == "" {
			return false, w.leftovers(ctx, o)
		}
		passed := *o
		passed.Cursor = next
		stored, err := w.Orders.PutOrder(ctx, passed)
		if err != nil {
			return false, err
		}
		*o = stored
		if budget == 0 {
			return true, w.again(ctx, o)
		}
	}
}

// purgeAll takes rows away side by side, paced to the account's partition.
func (w *WindDown) purgeAll(ctx context.Context, o *integration.Order, rows []calendar.LinkRow) error {
	pace := rate.NewLimiter(purgeUnits, purgeUnits)
	g, gctx := errgroup.WithContext(ctx)
	g.SetLimit(purgeWriters)
	for _, r := range rows {
		g.Go(func() error {
			units := 2
			if r.Origin == calendar.BornInAura || r.Pending != "" {
				units = 6 // a transaction on the event and its item
			}
			if err := pace.WaitN(gctx, units); err != nil {
				return fmt.Errorf("pacing the purge: %w", err)
			}
			return w.purgeOne(gctx, o, r)
		})
	}
	return g.Wait()
}

// purgeOne takes one row away. One that has changed meanwhile is read again: a
// late edit doesn't save an imported event, a newer generation's hand does.
func (w *WindDown) purgeOne(ctx context.Context, o *integration.Order, r calendar.LinkRow) error {
	if r.Origin == calendar.BornAtProvider && r.Pending == "" {
		_, err := w.Events.Delete(ctx, calendar.Write{
			Row: &calendar.Row{Account: o.Key.Account, ID: r.ID}, Expect: r.Version, Generation: o.Generation, Fence: math.MaxInt64,
		})
		if err == nil || !fault.Is(err, fault.Stale) {
			return wrapped("purging an imported event", err)
		}
	}
	for range purgeTries {
		row, item, err := w.Edits.Pair(ctx, o.Key.Account, r.ID)
		if err != nil {
			return fmt.Errorf("reading an event to purge: %w", err)
		}
		if !letGo(row, o) {
			return nil
		}
		if kept, err := w.awaited(ctx, o, row); err != nil || kept {
			return err
		}
		p := calendar.Leave(row, item)
		if row.Origin == calendar.BornInAura {
			subject, err := w.subjectOf(ctx, row, o)
			if err != nil {
				return err
			}
			p = calendar.Unlink(row, item, subject, w.Now())
			if o.Cause != integration.Delete { // who deletes is told that Aura's own events stay, whatever becomes of their copies
				p = p.Keep(row, item)
			}
		}
		err = w.Edits.WritePair(ctx, p)
		if err == nil {
			return w.unquarantine(ctx, o, r.ID)
		}
		if !fault.Is(err, fault.Stale) {
			return fmt.Errorf("purging an event: %w", err)
		}
	}
	return fault.New(fault.Transient, "event_contended", "An event keeps changing.")
}

// awaited reports an edit of an imported event, or the deletion of any, whose
// calendar the same person has connected again: the new first sync meets it, so
// it isn't lost. (A changed event that was born in Aura is unlinked and meets its
// copy under its own id.)
func (w *WindDown) awaited(ctx context.Context, o *integration.Order, row *calendar.Row) (bool, error) {
	edited := row.Origin == calendar.BornAtProvider && row.Pending == calendar.PendingEdit
	if !edited && row.Pending != calendar.PendingDelete {
		return false, nil
	}
	rec, err := w.Store.Get(ctx, o.Key)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("looking who is connected now: %w", err)
	}
	same := rec.Settings.CalendarID == "" || rec.Settings.CalendarID == row.Link.Calendar
	return rec.ID != o.Generation && rec.Subject != "" && rec.Subject == o.Subject && same, nil
}

// letGo reports whether a row is still linked by the generation that is wound
// down, or by an earlier one.
func letGo(row *calendar.Row, o *integration.Order) bool {
	return row != nil && row.Link != nil && row.Link.Provider == o.Key.Provider && row.Link.Generation <= o.Generation
}

// subjectOf gives whose calendar a row is linked to. An earlier generation may have been
// another person's: its own order says whose, while it isn't done; "" afterwards.
func (w *WindDown) subjectOf(ctx context.Context, row *calendar.Row, o *integration.Order) (string, error) {
	if row.Link.Generation == o.Generation {
		return o.Subject, nil
	}
	earlier, err := w.Orders.Order(ctx, o.Key, row.Link.Generation)
	if err != nil || earlier == nil {
		return "", wrapped("reading an earlier generation's wind-down", err)
	}
	return earlier.Subject, nil
}

// unquarantine forgets why an event could not be synced with what is gone.
func (w *WindDown) unquarantine(ctx context.Context, o *integration.Order, id string) error {
	return wrapped("releasing an event", w.Quarantines.DropQuarantine(ctx, o.Key.Account, id))
}

func wrapped(doing string, err error) error {
	if err != nil {
		return fmt.Errorf("%s: %w", doing, err)
	}
	return nil
}
