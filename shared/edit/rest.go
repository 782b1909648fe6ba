package edit

import (
	"context"
	"fmt"
	"slices"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
)

// An edit of a series may concern more exceptions than one transaction takes. It
// is decided by the pairs that it can't be without, in one transaction, and what
// is left is noted in the series' outbox item (calendar.Rest). It is carried out
// at once, by the same request; and where that one dies, by whoever comes to the
// series next, a person or a run. Nothing of it is decided anew.

// begin writes the pairs that decide, with what is left.
func (e *Editor) begin(ctx context.Context, w writing) error {
	series := w.pairs[w.decide-1]
	it := series.Item.Put
	if it == nil {
		it = series.Item.Update
	}
	it.Rest = w.rest
	if err := e.Store.WritePair(ctx, w.pairs[:w.decide]...); err != nil {
		return fmt.Errorf("writing an edit: %w", err)
	}
	err := e.Finish(ctx, series.Account, series.ID)
	if err == nil && w.unsent {
		err = e.vanish(ctx, series.Account, series.ID)
	}
	if err != nil {
		e.Log.WarnContext(ctx, "the rest of an edit is left to the next sync", "event", series.ID, "error", err)
	}
	return nil
}

// vanish removes the tombstone of a series that was never sent, once nothing is
// left of its exceptions. Where this process dies before it, the next sync finds
// that the provider hasn't got the series.
func (e *Editor) vanish(ctx context.Context, account, series string) error {
	row, item, err := e.pair(ctx, account, series)
	if err != nil || row == nil || item == nil || row.Pending != calendar.PendingDelete || row.Link != nil || item.Rest != nil || item.Base != nil || len(item.Sent) > 0 {
		return err
	}
	if err := e.Store.WritePair(ctx, removal(row, item)); err != nil {
		return fmt.Errorf("removing a series that was never sent: %w", err)
	}
	return nil
}

// Finish carries out what an edit of a series has left to do to its exceptions.
// It does nothing where nothing is left, and may be done twice. Unavailable where
// they keep changing. known are exceptions that the index may not lead to yet.
func (e *Editor) Finish(ctx context.Context, account, series string, known ...string) error {
	for range tries {
		err := e.finish(ctx, account, series, known)
		if !fault.Is(err, fault.Stale) {
			return err
		}
		if ctx.Err() != nil {
			return fmt.Errorf("finishing an edit: %w", ctx.Err())
		}
	}
	return errBusy
}

func (e *Editor) finish(ctx context.Context, account, series string, known []string) error {
	row, item, err := e.pair(ctx, account, series)
	if err != nil || row == nil || item == nil || item.Rest == nil {
		return err
	}
	exceptions, err := e.exceptions(ctx, row, item, known...)
	if err != nil {
		return err
	}
	most := calendar.MostPairs
	if item.Rest.Heir != "" {
		most = (most - 1) / 2 // one that goes over is two pairs, and the heir remembers them
	}
	for part := range slices.Chunk(exceptions, most) {
		w := writing{}
		var heir *calendar.Row
		var waits *calendar.Item
		if item.Rest.Heir != "" {
			if heir, waits, err = e.pair(ctx, account, item.Rest.Heir); err != nil {
				return err
			}
		}
		for _, x := range part {
			if err := e.settle(ctx, &w, row, heir, item.Rest, x); err != nil {
				return err
			}
		}
		if len(w.pairs) == 0 {
			continue
		}
		w.under = item.Under // the edit that goes on here is its author's still
		w.underIt()
		if heir != nil && waits != nil && heir.Link == nil {
			if made := w.madeOf(heir); len(made) > 0 {
				w.pairs = append(w.pairs, calendar.Making(heir, waits, made...))
			}
		}
		if err := e.Store.WritePair(ctx, w.pairs...); err != nil {
			return fmt.Errorf("finishing an edit: %w", err)
		}
	}
	done := unchanged(row, item)
	done.Item.Update = item.Clone()
	done.Item.Update.Rest = nil
	if err := e.Store.WritePair(ctx, done); err != nil {
		return fmt.Errorf("finishing an edit: %w", err)
	}
	return nil
}

// settle does to one exception what is left to do.
func (e *Editor) settle(ctx context.Context, w *writing, series, heir *calendar.Row, rest *calendar.Rest, x stored) error {
	switch {
	case rest.Anew:
		e.anew(w, x)
	case series.Pending == calendar.PendingDelete && rest.Heir == "":
		since := x.row.Link != nil && x.row.Link.Updated.After(rest.Since) // somebody's edit there: it decides (calsync, series.go)
		if !since && x.row.Pending != calendar.PendingDelete {
			e.goWith(w, x, rest.Notify)
		}
	case rest.Heir == "":
		if !e.keeps(series, x.row) {
			w.remove(x)
		}
	case x.row.OriginalStart.Instant().Before(rest.From.Instant()):
	case heir == nil || heir.Hidden():
		w.remove(x)
	default:
		return e.carry(ctx, w, series, heir, x, move{rest.Was, rest.Is})
	}
	return nil
}

// anew has an exception sent to the series that is made anew, as what it changes of
// it, or as the hole that it is. What is deleted with its series goes with the order
// to delete that.
func (e *Editor) anew(w *writing, x stored) {
	if x.row.Link == nil || x.row.Pending == calendar.PendingDelete {
		return
	}
	p := calendar.Unlink(x.row, x.item, "", e.Now().UTC())
	it := p.Item.Put
	if it == nil {
		it = p.Item.Update
		if ref := x.item.Refused; ref != nil { // it is tried on the new one, and set aside until that settles
			it.Refused = &calendar.Refusal{Code: ref.Code}
		}
	}
	it.Former = nil // its series' order says what becomes of it
	p.Row.Origin = calendar.BornInAura
	w.pairs = append(w.pairs, p)
}

// carry makes an exception the heir's, where that has no such occurrence of its
// own by now. What the heir's own was given since is newer and stays.
func (e *Editor) carry(ctx context.Context, w *writing, series, heir *calendar.Row, x stored, m move) error {
	over := writing{}
	if err := e.carryOver(&over, series, heir, x, x.row.Content, m); err != nil {
		return nil // it has got guests meanwhile: it stays with what its series becomes
	}
	for i, p := range over.pairs {
		if p.Row == nil {
			continue
		}
		row, item, err := e.pair(ctx, p.Account, p.ID)
		if err != nil {
			return err
		}
		if row == nil {
			continue
		}
		over.pairs = slices.Delete(over.pairs, i, i+1)
		base, next := *p.Item.Put.Base, row.Content
		var fields []calendar.Field
		own := calendar.Differing(base, row.Content)
		if item != nil && item.Base != nil { // which says what the heir was like when it was made
			own = calendar.Differing(*item.Base, row.Content)
		}
		for _, f := range calendar.Differing(base, p.Row.Content) {
			if f == calendar.FieldStatus && len(own) > 0 {
				continue // an edit outlives a deletion
			}
			if !slices.Contains(own, f) && !row.Hidden() {
				next.Take(f, p.Row.Content)
				fields = append(fields, f)
			}
		}
		if len(fields) > 0 {
			op := calendar.OpChange
			if next.Status == calendar.Cancelled {
				op = calendar.OpDelete
			}
			edited := e.touched(row, next, fields)
			edited.Pending = calendar.PendingEdit
			over.pairs = append(over.pairs, e.replaced(row, item, edited, op, &row.Content, nil))
		}
		break
	}
	w.pairs = append(w.pairs, over.pairs...)
	return nil
}

// keeps reports whether a series has the date of an exception.
func (e *Editor) keeps(series, x *calendar.Row) bool {
	if !series.IsMaster() {
		return false
	}
	_, kept := e.occurrence(series, x.OriginalStart)
	return kept
}
