package calsync

import (
	"context"
	"fmt"
	"slices"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// Deleting a series takes its occurrences along, and the condition of its etag
// says nothing about them: an exception has an etag of its own at the provider. So
// that nobody's edit goes with it (deleted on one side, edited on the
// other → the edit survives), the exceptions that Aura knew when its person deleted
// the series are tombstones of their own, with what the provider had of them. What
// a pull brings differs from that, or is new: then an exception is alive under the
// tombstone of its series, and the series comes back.
//
// What was edited after the pull is looked for right before the deletion, by
// listing once more from the pull's cursor. That costs a call, for series only. An
// edit between that answer and the deletion, a round trip, can't be seen by any
// means that the provider has.

// note keeps in mind what the push may have to find before the index knows of it,
// which may be a second behind: exceptions that are stored as they are at the
// provider, and series that are new.
func (p *pull) note(was, row *calendar.Row) {
	p.mu.Lock()
	defer p.mu.Unlock()
	switch {
	case row == nil || row.Hidden():
	case row.IsException() && (p.mode != first || p.leaving[row.MasterID]):
		p.brought[row.MasterID] = append(p.brought[row.MasterID], row.ID)
	case row.IsMaster() && was == nil && p.mode == incremental:
		p.begun = append(p.begun, row.ID)
	}
}

// exceptions gives the ids of what is stored of a series' occurrences.
func (p *pusher) exceptions(ctx context.Context, which func(*calendar.Row) bool) ([]string, error) {
	if p.around == nil {
		found, err := p.w.Edits.Exceptions(ctx, p.rec.Account, p.id)
		if err != nil {
			return nil, fmt.Errorf("reading the occurrences of a series: %w", err)
		}
		p.around = append([]*calendar.Row{}, found...)
	}
	p.mu.Lock()
	ids := slices.Clone(p.brought[p.id])
	p.mu.Unlock()
	for _, x := range p.around {
		if which(x) {
			ids = append(ids, x.ID)
		}
	}
	return unique(ids), nil
}

// edited reports an occurrence that is alive under the tombstone of its series.
// One that the provider never had isn't anybody's edit there.
func edited(x *calendar.Row) bool { return x != nil && !x.Hidden() && x.Link != nil }

// ownEdit reports an occurrence that is alive though nobody at the provider edited
// it: Aura did, right before the series was deleted, and the index that leads to its
// occurrences didn't know of it yet. What a pull stores is as old as its state there.
func (p *pusher) ownEdit(x *calendar.Row, item *calendar.Item) bool {
	switch {
	case p.item.Op != calendar.OpDelete || !x.UpdatedAt.Before(p.row.UpdatedAt):
		return false
	case item != nil:
		return x.Pending == calendar.PendingEdit && item.Base != nil &&
			calendar.AsSeries(*item.Base, calendar.Inherited(p.row.Content, x.OriginalStart, *item.Base))
	}
	return x.Link != nil && !x.UpdatedAt.Equal(x.Link.Updated)
}

// spare lets a series that is being deleted come back (errAgain) where somebody
// has edited one of its occurrences at the provider. Its other occurrences follow
// when their turn comes (comeBack).
func (p *pusher) spare(ctx context.Context) error {
	if !p.row.IsMaster() || p.sendsOnly() {
		return nil
	}
	if err := p.passOnFirst(ctx); err != nil {
		return err
	}
	ids, err := p.exceptions(ctx, edited)
	if err != nil {
		return err
	}
	for _, id := range ids {
		if p.passedOn[id] {
			continue
		}
		x, item, err := p.w.Edits.Pair(ctx, p.rec.Account, id)
		if err != nil {
			return fmt.Errorf("reading an occurrence of a series that is deleted: %w", err)
		}
		if !edited(x) || x.MasterID != p.id || p.ownEdit(x, item) {
			continue
		}
		if err := p.takeBack(ctx); err != nil {
			return err
		}
		err = p.decide(ctx, integration.Decision{
			Event: p.id, Title: p.row.Title, What: "restored",
			Why: fmt.Sprintf("deleted in Aura, but its occurrence of %s was edited at Google meanwhile: the edit survives", x.OriginalStart.Text()),
		})
		if err != nil {
			return err
		}
		return errAgain
	}
	return nil
}

// takeBack turns the deletion that waits into the change, if any, that waited
// before it. A series comes back as it is at the provider, but for a division: moved
// after all, it would lose the very edit that it comes back for.
func (p *pusher) takeBack(ctx context.Context) error {
	next, it := *p.row, *p.item
	next.Pending, next.Version, it.Op = calendar.PendingEdit, p.row.Version+1, calendar.OpChange
	switch {
	case p.row.IsException() && p.row.Status == calendar.Cancelled: // it was deleted before its series was
		it.Op = calendar.OpDelete
	case p.row.IsMaster() && it.Base != nil:
		if err := p.relist(ctx); err != nil {
			return err
		}
		next.Content = withoutEdits(p.row, p.item)
		if len(calendar.Differing(next.Content, *it.Base)) == 0 {
			next.Pending = ""
			return p.write(ctx, calendar.Pair{Row: &next, Item: calendar.ItemWrite{Delete: true}})
		}
	}
	return p.write(ctx, calendar.Pair{Row: &next, Item: calendar.ItemWrite{Update: &it}})
}

// comeBack is an occurrence that went with its series, which came back.
func (p *pusher) comeBack(ctx context.Context) error {
	theirs, err := p.instance(ctx)
	switch {
	case fault.Is(err, fault.Gone):
		return p.vanished(ctx, errDateGone)
	case err != nil:
		return err
	case theirs.Deleted:
		return p.write(ctx, calendar.Pair{Row: hole(relink(p.linked(), theirs)), Item: calendar.ItemWrite{Delete: true}})
	}
	if err := p.takeBack(ctx); err != nil {
		return err
	}
	return errAgain
}

// editedSince looks, right before a series is deleted, at what has changed since
// the pull. Where that holds an occurrence of it which Aura hasn't seen, the
// deletion waits for another round, whose pull decides.
func (p *pusher) editedSince(ctx context.Context) (bool, error) {
	if !p.row.IsMaster() || p.sendsOnly() || p.run.cursor == "" {
		return false, nil
	}
	q := calendar.Query{Calendar: p.rec.Settings.CalendarID, Cursor: p.run.cursor, MaxResults: pageSize, Kinds: p.rec.Settings.ImportKinds}
	for {
		var page calendar.Page
		err := p.call(ctx, func(ctx context.Context) (err error) {
			page, err = p.reader.Changes(ctx, q)
			return err
		})
		if fault.Is(err, fault.Resync) { // the next round lists everything
			p.run.again = true
			return true, nil
		}
		if err != nil {
			return false, fmt.Errorf("looking for edits of a series that is deleted: %w", err)
		}
		for i := range page.Events {
			if seen, err := p.seen(ctx, &page.Events[i]); err != nil || !seen {
				p.run.again = err == nil
				return !seen, err
			}
		}
		if page.NextPage == "" || page.NextPage == q.PageToken {
			return false, nil
		}
		q.PageToken = page.NextPage
	}
}

// seen reports whether a listed state is nothing new about an occurrence of the
// series: another event's, a deletion, or what is stored.
func (p *pusher) seen(ctx context.Context, e *calendar.Remote) (bool, error) {
	if e.MasterID != p.providerID() || e.Deleted && len(p.item.Heirs) == 0 {
		return true, nil
	}
	row, _, err := p.w.Edits.Pair(ctx, p.rec.Account, calendar.ExceptionID(p.id, e.OriginalStart))
	if err != nil {
		return false, fmt.Errorf("reading an occurrence of a series that is deleted: %w", err)
	}
	return row != nil && row.Link != nil && row.Link.ETag == e.ETag, nil
}

// takeAlong removes what is stored of a series' occurrences before the series
// itself goes: a process that dies in between finds the series and goes on. One
// that is alive was edited in the moment of the deletion, and is named.
func (p *pusher) takeAlong(ctx context.Context) error {
	if !p.row.IsMaster() {
		return nil
	}
	ids, err := p.exceptions(ctx, func(*calendar.Row) bool { return true })
	if err != nil {
		return err
	}
	for part := range slices.Chunk(ids, calendar.MostPairs) {
		var pairs []calendar.Pair
		for _, id := range part {
			row, item, err := p.w.Edits.Pair(ctx, p.rec.Account, id)
			if err != nil {
				return fmt.Errorf("reading an occurrence that goes with its series: %w", err)
			}
			if row == nil || row.MasterID != p.id || item != nil && row.Pending == calendar.PendingEdit && !p.ownEdit(row, item) {
				continue // an edit that waits stays, and is set aside with its reason
			}
			if err := p.farewell(ctx, row, item); err != nil {
				return err
			}
			leave := calendar.Leave(row, item)
			leave.Hold = p.pairHold()
			pairs = append(pairs, leave)
		}
		if len(pairs) == 0 {
			continue
		}
		if err := p.w.Edits.WritePair(ctx, pairs...); err != nil {
			return fmt.Errorf("removing the occurrences of a series that was deleted: %w", err)
		}
	}
	return nil
}

// farewell names an edit that goes with its series, and forgets why it waited.
func (p *pusher) farewell(ctx context.Context, row *calendar.Row, item *calendar.Item) error {
	if item != nil && item.Refused != nil {
		if err := p.w.Quarantines.DropQuarantine(ctx, p.rec.Account, row.ID); err != nil {
			return fmt.Errorf("releasing an occurrence: %w", err)
		}
	}
	if !edited(row) || p.item.Op != calendar.OpDelete || p.ownEdit(row, item) || p.passedOn[row.ID] { // or it went there with its series
		return nil
	}
	err := p.decide(ctx, integration.Decision{
		Event: row.ID, Title: row.Title, What: "deleted",
		Why: "its series was deleted in Aura in the moment in which this occurrence was edited at Google",
	})
	if err != nil {
		return err
	}
	return p.flush(ctx) // once the row is gone, nothing else says that there was an edit
}
