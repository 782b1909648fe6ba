package calsync

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// A series may be divided on one side while the whole of it is edited on the
// other. Whoever edited the whole meant what both halves show, so the edit reaches
// the second half too: of fields that halves have in common, and not of when they
// are. Where the division itself changed the same field, the newer wins and the
// other is named, as in any conflict.

// hand gives what was edited of a whole series at the provider to the halves that
// Aura has divided off it and not yet sent. It comes before the merge with the
// series is stored, and may come twice.
func (p *pusher) hand(ctx context.Context, theirs calendar.Remote) error {
	if len(p.item.Heirs) == 0 || theirs.Deleted || p.sendsOnly() || p.item.Op == calendar.OpDelete && p.item.Former != nil {
		return nil
	}
	there, base := p.item.EditedThere(theirs)
	heirs, err := p.heirs(ctx)
	if err != nil {
		return err
	}
	if err := p.noteBeside(ctx, theirs, heirs); err != nil {
		return err
	}
	for _, id := range heirs {
		heir, item, err := p.w.Edits.Pair(ctx, p.rec.Account, id)
		if err != nil {
			return fmt.Errorf("reading the second half of a series: %w", err)
		}
		if heir == nil || heir.Hidden() || heir.Link != nil && !theirs.Updated.Before(heir.Link.Updated) {
			continue // or whoever edited the first half had seen the second
		}
		state, from := theirs, heir.Content
		state.Content, state.Stamp = heir.Content, ""
		for _, f := range there {
			state.Content.Take(f, theirs.Content)
			from.Take(f, base)
		}
		edited := maps.Clone(p.row.Edited) // the half began with what the series had
		if edited == nil {
			edited = map[string]time.Time{}
		}
		maps.Copy(edited, heir.Edited)
		merged, conflicts := calendar.Merge(heir.Content, edited, &calendar.Item{Base: &from}, state)
		if err := p.half(ctx, heir, item, merged, conflicts); err != nil {
			return err
		}
	}
	return nil
}

// heirs gives what Aura has divided off the series, and off those in turn, while
// something waits of them.
func (p *pusher) heirs(ctx context.Context) ([]string, error) {
	ids := slices.Clone(p.item.Heirs)
	for n := 0; n < len(ids); n++ {
		_, item, err := p.w.Edits.Pair(ctx, p.rec.Account, ids[n])
		if err != nil {
			return nil, fmt.Errorf("reading the second half of a series: %w", err)
		}
		if item != nil {
			ids = append(ids, slices.DeleteFunc(slices.Clone(item.Heirs), func(id string) bool { return slices.Contains(ids, id) })...)
		}
	}
	return ids, nil
}

// half names the conflicts of a half and writes what it is to be, with the order
// to push it.
func (p *pusher) half(ctx context.Context, heir *calendar.Row, item *calendar.Item, merged calendar.Content, conflicts []calendar.Conflict) error {
	if err := p.name(ctx, heir, met{conflicts: conflicts}); err != nil {
		return err
	}
	if len(calendar.Differing(merged, heir.Content)) == 0 {
		return nil
	}
	err := p.w.Edits.WritePair(ctx, p.handed(heir, item, merged, heir.Edited))
	if fault.Is(err, fault.Stale) {
		return errAgain
	}
	if err != nil {
		return fmt.Errorf("handing an edit of a series to its second half: %w", err)
	}
	return p.sayHanded(ctx, heir.ID, merged.Title)
}

// handed gives a half as it is to be, with the order to push it.
func (p *pusher) handed(heir *calendar.Row, item *calendar.Item, merged calendar.Content, edited map[string]time.Time) calendar.Pair {
	next := *heir
	next.Content, next.Edited, next.Pending, next.Version = merged, edited, calendar.PendingEdit, heir.Version+1
	pair := calendar.Pair{
		Account: p.rec.Account, ID: heir.ID, Hold: p.pairHold(), Row: &next, Expect: heir.Version, Stood: calendar.PlaceOf(heir),
	}
	if item == nil {
		pair.Item.Put = &calendar.Item{
			Account: p.rec.Account, EventID: heir.ID, Op: calendar.OpChange, Base: &heir.Content, NotifyGuests: p.item.NotifyGuests,
			Version: next.Version, Since: p.w.Now(), Under: p.item.Under,
		}
		return pair
	}
	it := item.Clone()
	it.Version = next.Version
	pair.Item.Expect, pair.Item.Update = item.Version, it
	return pair
}

func (p *pusher) sayHanded(ctx context.Context, id, title string) error {
	return p.decide(ctx, integration.Decision{
		Event: id, Title: title, What: "carried_over", Why: "the whole series was edited on one side while it was divided on the other: both halves have the edit",
	})
}
