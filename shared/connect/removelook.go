package connect

import (
	"context"
	"fmt"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// A series that is deleted takes its occurrences along, and the condition of its
// etag says nothing about them: an exception has an etag of its own at the
// provider. So before the copies of a batch go, what has changed since is listed,
// from where the last sync stopped, and what somebody edited of an occurrence is
// brought in. That is one call a batch as a rule.
//
// The order keeps how far was looked, in the write that claims the batch: whoever
// dies before it looks again, and finds what it brought in as it left it. An edit
// between that answer and the deletion can't be seen.

// listed is how many changes one call brings, the provider's most.
const listed = 2500

// look brings in what was edited of occurrences of Aura's series, and moves the
// order's cursor on, which its caller stores.
func (w *WindDown) look(ctx context.Context, o *integration.Order, at calendar.Reader) error {
	if o.Look == nil {
		return nil
	}
	if taken, err := w.takenOver(ctx, o); err != nil || taken {
		return err
	}
	changed, cursor, err := w.changed(ctx, *o.Look, at)
	if fault.Is(err, fault.Resync) && o.Look.Cursor != "" {
		everything := *o.Look
		everything.Cursor = ""
		changed, cursor, err = w.changed(ctx, everything, at)
	}
	switch {
	case fault.Is(err, fault.CalendarLost, fault.Refused, fault.CredentialGone, fault.Unauthorized, fault.ScopeMissing, fault.ServiceDisabled):
		w.Log.WarnContext(ctx, "what was edited in the copies can't be read", "error", err)
		return nil // nor can a copy be deleted
	case err != nil:
		return fmt.Errorf("looking for edits of what is removed: %w", err)
	}
	for i := range changed {
		if err := w.bringIn(ctx, o, &changed[i]); err != nil {
			return err
		}
	}
	if cursor != "" {
		next := *o.Look
		next.Cursor = cursor
		o.Look = &next
	}
	return nil
}

// changed lists what may be an occurrence of a series of Aura's. Those of a series
// that is deleted itself say no more than that.
func (w *WindDown) changed(ctx context.Context, l integration.Look, at calendar.Reader) (out []calendar.Remote, cursor string, err error) {
	gone := map[string]bool{}
	q := calendar.Query{Calendar: l.Calendar, Cursor: l.Cursor, MaxResults: listed, Kinds: l.Kinds}
	for {
		if err := calendar.Await(ctx, w.Pace); err != nil {
			return nil, "", fmt.Errorf("listing changes: %w", err)
		}
		page, err := at.Changes(ctx, q)
		if err != nil {
			return nil, "", fmt.Errorf("listing changes: %w", err)
		}
		for _, e := range page.Events {
			switch {
			case e.MasterID == "" && e.Deleted:
				gone[e.ProviderID] = true
			case e.MasterID == "":
				delete(gone, e.ProviderID)
			case calendar.MayBeBorn(e.MasterID):
				out = append(out, e)
			}
		}
		if page.NextPage == "" || page.NextPage == q.PageToken {
			cursor = page.Cursor
			break
		}
		q.PageToken = page.NextPage
	}
	alive := out[:0]
	for _, e := range out {
		if !gone[e.MasterID] {
			alive = append(alive, e)
		}
	}
	return alive, cursor, nil
}

// bringIn takes one occurrence over as somebody left it there, where it isn't
// known so.
func (w *WindDown) bringIn(ctx context.Context, o *integration.Order, theirs *calendar.Remote) error {
	named := false
	for range purgeTries {
		series, seriesItem, err := w.Edits.Pair(ctx, o.Key.Account, calendar.Prefix+theirs.MasterID)
		if err != nil {
			return fmt.Errorf("reading the series of an occurrence that was edited: %w", err)
		}
		if !w.goes(series, seriesItem, o) {
			return nil
		}
		row, item, err := w.Edits.Pair(ctx, o.Key.Account, calendar.ExceptionID(series.ID, theirs.OriginalStart))
		if err != nil {
			return fmt.Errorf("reading an occurrence that was edited: %w", err)
		}
		pair, met := w.occurrence(o, series, row, item, *theirs)
		if pair == nil && len(met) == 0 {
			return nil
		}
		if !named {
			if err := w.name(ctx, o, met); err != nil {
				return err
			}
			named = true
		}
		if pair == nil {
			return nil
		}
		if series.Pending == calendar.PendingDelete {
			err = w.comeBack(ctx, series, seriesItem, pair.ID)
		}
		if err == nil {
			err = w.Edits.WritePair(ctx, *pair)
		}
		switch {
		case err == nil:
			return nil
		case !fault.Is(err, fault.Stale):
			return fmt.Errorf("bringing an occurrence in that was edited: %w", err)
		}
	}
	return fault.New(fault.Transient, "event_contended", "An event keeps changing.")
}

// goes reports a series of Aura's whose copy goes with this order, or went.
func (w *WindDown) goes(series *calendar.Row, item *calendar.Item, o *integration.Order) bool {
	switch {
	case series == nil || series.Origin != calendar.BornInAura:
		return false
	case series.Link != nil:
		return letGo(series, o) && series.Link.Calendar == o.Look.Calendar
	}
	return item != nil && item.Former != nil && item.Former.Provider == o.Key.Provider && item.Former.Calendar == o.Look.Calendar
}

// comeBack takes the deletion of a series back of which somebody edited an
// occurrence: its other occurrences first, since a series that is back is left alone.
func (w *WindDown) comeBack(ctx context.Context, series *calendar.Row, item *calendar.Item, but string) error {
	exceptions, err := w.Edits.Exceptions(ctx, series.Account, series.ID)
	if err != nil {
		return fmt.Errorf("reading the occurrences of a series that comes back: %w", err)
	}
	for _, x := range exceptions {
		row, it, err := w.Edits.Pair(ctx, x.Account, x.ID)
		if err != nil {
			return fmt.Errorf("reading an occurrence of a series that comes back: %w", err)
		}
		if row == nil || it == nil || row.ID == but || row.Pending != calendar.PendingDelete {
			continue
		}
		op := calendar.OpChange
		if row.Status == calendar.Cancelled {
			op = calendar.OpDelete
		}
		if err := w.Edits.WritePair(ctx, revived(row, it, op)); err != nil {
			return fmt.Errorf("taking a deletion back: %w", err)
		}
	}
	if item == nil {
		return nil
	}
	op := calendar.OpChange
	if series.Link == nil {
		op = calendar.OpCreate
	}
	if err := w.Edits.WritePair(ctx, revived(series, item, op)); err != nil {
		return fmt.Errorf("taking a deletion back: %w", err)
	}
	return nil
}

// revived takes a deletion that waits back.
func revived(row *calendar.Row, item *calendar.Item, op calendar.Operation) calendar.Pair {
	next, it := *row, *item
	next.Pending, next.Version = calendar.PendingEdit, row.Version+1
	it.Op, it.Version = op, next.Version
	return calendar.Pair{
		Account: row.Account, ID: row.ID, Row: &next, Expect: row.Version, Stood: calendar.PlaceOf(row),
		Item: calendar.ItemWrite{Expect: item.Version, Update: &it},
	}
}
