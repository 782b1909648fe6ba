package calsync

import (
	"context"
	"fmt"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// A series may be divided in Aura while somebody at the provider edits, or takes
// out, one of the occurrences that are the second half's now. Whoever divided it
// hadn't seen that; and the provider forgets it with the date once the first half
// ends earlier, or is put back so. So it goes over to the second half, as what was
// known when the series was divided does.

// passOn gives what an occurrence has of its own at the provider to the half that
// Aura divided off and that has its date. False where none has, where it has
// guests, who can't go along, or where that half's occurrence says something else
// already. It may come twice.
func (p *pusher) passOn(ctx context.Context, x *calendar.Row, was calendar.Content) (bool, error) {
	whole := *p.row
	whole.Content = was
	if x.Invited() > 0 || !p.w.Has(&whole, x.OriginalStart) { // or the provider ended the series itself before it
		return false, nil
	}
	for _, id := range p.item.Heirs {
		heir, waits, err := p.w.Edits.Pair(ctx, p.rec.Account, id)
		if err != nil {
			return false, fmt.Errorf("reading the second half of a series: %w", err)
		}
		if heir == nil || !heir.IsMaster() || heir.Hidden() || heir.ReadOnly || !p.w.Has(heir, x.OriginalStart) {
			continue
		}
		return p.passTo(ctx, heir, waits, x, was)
	}
	return false, nil
}

// passOnFirst passes on what occurrences of a divided series have of their own at the
// provider, before the series itself is deleted there.
func (p *pusher) passOnFirst(ctx context.Context) error {
	if len(p.item.Heirs) == 0 || p.item.Base == nil || len(p.item.Base.Recurrence) == 0 {
		return nil
	}
	ids, err := p.exceptions(ctx, func(x *calendar.Row) bool { return true })
	if err != nil {
		return err
	}
	p.passedOn = map[string]bool{}
	for _, id := range ids {
		x, _, err := p.w.Edits.Pair(ctx, p.rec.Account, id)
		if err != nil {
			return fmt.Errorf("reading an occurrence of a divided series: %w", err)
		}
		if x == nil || x.Link == nil || x.Pending != "" || x.MasterID != p.id || p.w.Has(p.row, x.OriginalStart) {
			continue
		}
		if p.passedOn[id], err = p.passOn(ctx, x, *p.item.Base); err != nil {
			return err
		}
	}
	return nil
}

func (p *pusher) passTo(ctx context.Context, heir *calendar.Row, waits *calendar.Item, x *calendar.Row, was calendar.Content) (bool, error) {
	pair := p.passed(heir, x, was)
	there, _, err := p.w.Edits.Pair(ctx, p.rec.Account, pair.ID)
	switch {
	case err != nil:
		return false, fmt.Errorf("reading the occurrence that an edit goes over to: %w", err)
	case there != nil && there.Status == calendar.Cancelled: // it went the same way, or before
		return x.Status == calendar.Cancelled, nil
	case there != nil:
		return len(calendar.Differing(there.Content, pair.Row.Content)) == 0, nil
	}
	pairs := []calendar.Pair{pair}
	if waits != nil && heir.Link == nil { // who deletes it next has to find this one
		made := calendar.Making(heir, waits, pair.ID)
		made.Hold = p.pairHold()
		pairs = append(pairs, made)
	}
	err = p.w.Edits.WritePair(ctx, pairs...)
	if fault.Is(err, fault.Stale) {
		return false, errAgain
	}
	if err != nil {
		return false, fmt.Errorf("giving an occurrence to the second half of its series: %w", err)
	}
	p.run.again = true // it goes there after both halves
	return true, p.decide(ctx, integration.Decision{
		Event: pair.ID, Title: pair.Row.Title, What: "carried_over",
		Why: "it was changed at the provider while its series was divided in Aura: it goes to the new series",
	})
}

// passed is an occurrence of the second half with what the first half's has of its
// own; of one that was taken out nothing more is known.
func (p *pusher) passed(heir, x *calendar.Row, was calendar.Content) calendar.Pair {
	own := calendar.Differing(calendar.Inherited(was, x.OriginalStart, x.Content), x.Content)
	base := calendar.Inherited(heir.Content, x.OriginalStart, x.Content)
	row := &calendar.Row{
		Account: p.rec.Account, ID: calendar.ExceptionID(heir.ID, x.OriginalStart), MasterID: heir.ID, OriginalStart: x.OriginalStart,
		Content: base, Mirror: heir.Mirror, Origin: heir.Origin, Version: max(heir.Version, x.Version) + 1,
		CreatedAt: p.w.Now(), UpdatedAt: x.UpdatedAt, Pending: calendar.PendingEdit, Edited: map[string]time.Time{},
	}
	op := calendar.OpChange
	if x.Status == calendar.Cancelled {
		own, op = []calendar.Field{calendar.FieldStatus}, calendar.OpDelete
	}
	for _, f := range own {
		if f != calendar.FieldRecurrence && f != calendar.FieldVisibility {
			row.Content.Take(f, x.Content)
			row.Edited[string(f)] = x.UpdatedAt
		}
	}
	return calendar.Pair{
		Account: row.Account, ID: row.ID, Hold: p.pairHold(), Row: row,
		Item: calendar.ItemWrite{Put: &calendar.Item{Account: row.Account, EventID: row.ID, Op: op, Base: &base, Version: row.Version, Since: p.w.Now(), Under: p.rec.Version}},
	}
}

// wholeAgain lets a series that Aura divided, and that was deleted at the provider
// before it heard of that, be put back with all the dates that it had: only then
// does anything tell what was edited there of those that are the second half's. It
// gives what the series is to be in the end; nil where it is put back as that.
func (p *pusher) wholeAgain() *calendar.Content {
	if len(p.item.Heirs) == 0 || p.item.Base == nil || len(p.item.Base.Recurrence) == 0 || !p.row.IsMaster() || p.sendsOnly() {
		return nil
	}
	ours, next := p.row.Content, *p.row
	next.Content.Take(calendar.FieldWhen, *p.item.Base)
	next.Content.Take(calendar.FieldRecurrence, *p.item.Base)
	if len(calendar.Differing(ours, next.Content)) == 0 {
		return nil
	}
	p.row = &next
	return &ours
}

// stillToDivide settles that a series was put back whole: what it is to be waits as
// a change of that, for the round that has listed what came back with it.
func (p *pusher) stillToDivide(ctx context.Context, ours calendar.Content, answer calendar.Remote) error {
	if !answer.Updated.IsZero() && answer.Updated.Before(p.row.Link.Updated) {
		return nil
	}
	next, it := relink(p.row, answer), p.item.Clone()
	next.Content, next.Mirror, next.Pending = ours, answer.Mirror, calendar.PendingEdit
	it.Op, it.Base, it.Former = calendar.OpChange, &answer.Content, nil
	if err := p.write(ctx, calendar.Pair{Row: next, Item: calendar.ItemWrite{Update: it, ClearSent: true}}); err != nil {
		return err
	}
	p.run.whole[p.id] = true
	return p.decide(ctx, integration.Decision{Event: p.id, Title: ours.Title, What: "restored", Why: "edited in Aura"})
}
