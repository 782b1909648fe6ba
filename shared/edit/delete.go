package edit

import (
	"context"
	"slices"

	"aura.example/integrations/shared/calendar"
)

// Delete deletes what a target means. NotFound, Stale, Invalid (scope,
// guests_decision_required), Conflict event_read_only and direction_read_only,
// Unavailable busy.
func (e *Editor) Delete(ctx context.Context, by Author, t Target) error {
	return e.again(ctx, func() error {
		a, err := e.aim(ctx, by, t)
		if err != nil {
			return err
		}
		recs, err := e.records(ctx, by.Account)
		if err != nil {
			return err
		}
		if err := mayEdit(a, recs); err != nil {
			return err
		}
		if err := askGuests(a.subject(), t.Notify); err != nil {
			return err
		}
		var w writing
		switch a.scope {
		case This:
			w = e.deleteOne(a, t.Notify)
		case Following:
			w, err = e.deleteFollowing(ctx, a, t.Notify)
		default:
			w, err = e.deleteAll(ctx, a, t.Notify)
		}
		if err != nil {
			return err
		}
		w.keep, w.under = onlyGo(a, recs), underOf(a.link(), recs)
		if err := e.write(ctx, w); err != nil {
			return err
		}
		e.announce(ctx, by, recs, a.subject())
		return nil
	})
}

// deleteOne takes one occurrence out of its series: an exception that is
// cancelled keeps its place empty.
func (e *Editor) deleteOne(a *aimed, notify *bool) writing {
	base := a.content()
	next := base
	next.Status = calendar.Cancelled
	w := writing{}
	e.exception(a, &w, base, next, []calendar.Field{calendar.FieldStatus}, calendar.OpDelete, notify)
	return w
}

// deleteAll deletes a whole event, a series with its exceptions.
func (e *Editor) deleteAll(ctx context.Context, a *aimed, notify *bool) (writing, error) {
	row, item := a.row, a.item
	if a.occurrence {
		row, item = a.master, a.masterItem
	}
	deletion := e.deletion(row, item, notify)
	w := writing{pairs: []calendar.Pair{deletion}}
	if !row.IsMaster() {
		return w, nil
	}
	e.series(&w, calendar.Rest{Notify: notify})
	exceptions, err := e.exceptions(ctx, row, item)
	if err != nil {
		return w, err
	}
	if err := askOccurrences(exceptions, notify); err != nil {
		return w, err
	}
	waits := deletion.Row != nil && deletion.Row.Pending == calendar.PendingDelete
	if !waits && len(exceptions) >= calendar.MostPairs { // an order says what is left
		w.pairs[0], waits, w.unsent = e.tombstone(row, item, notify), true, true
	}
	for _, x := range exceptions {
		if waits {
			e.goWith(&w, x, notify)
		} else {
			w.remove(x)
		}
	}
	return w, nil
}

// goWith lets an exception go with its series, whose deletion waits.
func (e *Editor) goWith(w *writing, x stored, notify *bool) {
	switch {
	case x.item != nil && unknownThere(x) && x.row.Status != calendar.Cancelled: // what was taken out stays so where the series comes back
		w.remove(x)
	case x.item != nil || !x.row.Hidden(): // a hole has nothing that could be lost
		w.pairs = append(w.pairs, e.withSeries(x, notify))
	}
}

// withSeries is the pair of an exception whose series is being deleted: a
// tombstone too, which keeps what the provider had of it. Without that, an edit
// which somebody makes to it there meanwhile couldn't be told from the state that
// its person wanted gone.
func (e *Editor) withSeries(x stored, notify *bool) calendar.Pair {
	p := e.deletion(x.row, x.item, notify)
	if it := p.Item.Update; it != nil && it.Base == nil {
		it.Base = &x.row.Content
	}
	return p
}

// unknownThere reports an exception that was made here and never sent.
func unknownThere(x stored) bool {
	return x.row.Link == nil && len(x.item.Sent) == 0 && x.item.Base != nil
}

// deletion is the pair that deletes an event: at once where the provider can't
// know of it, else as a tombstone with the order to delete it there.
func (e *Editor) deletion(row *calendar.Row, item *calendar.Item, notify *bool) calendar.Pair {
	never := item == nil && row.Link == nil || item != nil && item.Op == calendar.OpCreate && len(item.Sent) == 0 && item.Base == nil
	if !never {
		return e.tombstone(row, item, notify)
	}
	return removal(row, item)
}

func (e *Editor) tombstone(row *calendar.Row, item *calendar.Item, notify *bool) calendar.Pair {
	gone := e.touched(row, row.Content, nil)
	gone.Pending = calendar.PendingDelete
	return e.replaced(row, item, gone, calendar.OpDelete, &row.Content, notify)
}

// removal is the pair that deletes an event which no provider knows.
func removal(row *calendar.Row, item *calendar.Item) calendar.Pair {
	p := calendar.Pair{Account: row.Account, ID: row.ID, Expect: row.Version, Stood: calendar.PlaceOf(row)}
	p.Row = row.Remains()
	if item != nil {
		// A run may be recording its first attempt at this very moment; then it is
		// too late to act as if nothing had been sent.
		p.Item.Expect, p.Item.Delete, p.Item.Unsent = item.Version, true, true
		aware(&p, row, item)
	}
	return p
}

// deleteFollowing ends a series before an occurrence.
func (e *Editor) deleteFollowing(ctx context.Context, a *aimed, notify *bool) (writing, error) {
	if first(a) {
		return e.deleteAll(ctx, a, notify)
	}
	head, _, err := e.cut(a.master, a.original, false)
	if err != nil {
		return writing{}, err
	}
	next := a.master.Content
	next.Recurrence = head
	w := writing{}
	e.rewrite(&w, a.master, a.masterItem, next, []calendar.Field{calendar.FieldRecurrence}, notify)
	e.series(&w, calendar.Rest{})
	later, err := e.after(ctx, a)
	if err != nil {
		return w, err
	}
	if err := askOccurrences(later, notify); err != nil {
		return w, err
	}
	for _, x := range later {
		w.remove(x)
	}
	return w, nil
}

// after gives the exceptions at or after the occurrence that is aimed at.
func (e *Editor) after(ctx context.Context, a *aimed) ([]stored, error) {
	all, err := e.exceptions(ctx, a.master, a.masterItem)
	if err != nil {
		return nil, err
	}
	return slices.DeleteFunc(all, func(x stored) bool {
		return x.row.OriginalStart.Instant().Before(a.original.Instant())
	}), nil
}

// first reports whether an occurrence is its series' first.
func first(a *aimed) bool {
	return !a.original.Instant().After(a.master.Start.Instant())
}
