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

// takes merges what the provider's half was given there into Aura's, field by field:
// the newer wins.
func (p *pusher) takes(theirs *calendar.Row, was calendar.Content) (merged calendar.Content, edited map[string]time.Time, conflicts []calendar.Conflict) {
	merged, edited = p.row.Content, maps.Clone(p.row.Edited)
	if edited == nil {
		edited = map[string]time.Time{}
	}
	for _, f := range calendar.OfHalves(calendar.Differing(theirs.Content, was)) {
		base, state := merged, calendar.Remote{Content: merged, Updated: theirs.Link.Updated}
		base.Take(f, was)
		state.Content.Take(f, theirs.Content)
		next, lost := calendar.Merge(merged, p.row.Edited, &calendar.Item{Base: &base}, state)
		if len(calendar.Differing(next, merged)) > 0 {
			edited[string(f)] = theirs.Link.Updated
		}
		merged, conflicts = next, append(conflicts, lost...)
	}
	return merged, edited, conflicts
}

// datesGo reports whether the later half takes over the dates of the earlier: where
// only the earlier was given others than the series had, and nothing hangs on the
// later's own.
func (p *pusher) datesGo(ctx context.Context, j joint, earlier *calendar.Row, began calendar.Time, later half, from calendar.Time, cut calendar.Cut) (bool, error) {
	whole := &calendar.Row{ID: p.id, Content: j.was}
	if when, rule := p.w.Halves.Follows(whole, began, earlier); len(cut.After) == 0 || when && rule {
		return false, nil
	}
	if when, rule := p.w.Halves.Follows(whole, from, later.row); !when || !rule {
		return false, nil
	}
	ids, err := p.occurrencesOf(ctx, later)
	return len(ids) == 0, err
}

// occurrencesOf gives the ids of what is stored of a half's occurrences, that included
// which the index may not know yet.
func (p *pusher) occurrencesOf(ctx context.Context, h half) ([]string, error) {
	found, err := p.w.Edits.Exceptions(ctx, p.rec.Account, h.row.ID)
	if err != nil {
		return nil, fmt.Errorf("reading the occurrences of a second half: %w", err)
	}
	ids := slices.Clone(p.brought[h.row.ID])
	for _, x := range found {
		ids = append(ids, x.ID)
	}
	if h.item != nil {
		ids = append(ids, h.item.Fresh...)
	}
	var out []string
	for _, id := range unique(ids) {
		x, _, err := p.w.Edits.Pair(ctx, p.rec.Account, id)
		if err != nil {
			return nil, fmt.Errorf("reading the occurrences of a second half: %w", err)
		}
		if x != nil && x.MasterID == h.row.ID {
			out = append(out, id)
		}
	}
	return out, nil
}

// dateOf gives the date of the whole series that a half began at, wherever it was
// moved to since.
func (p *pusher) dateOf(b *calendar.Beside, began calendar.Time, head []string) (calendar.Time, bool) {
	whole := &calendar.Row{ID: p.id, Content: b.Was}
	if p.w.Has == nil || p.w.Has(whole, began) {
		return began, true
	}
	return p.w.Halves.Next(whole, head)
}

// halfPair gives Aura's half as it is to be. One that was never sent is held to that,
// and to the occurrences that were made of it.
func (p *pusher) halfPair(next *calendar.Row, it *calendar.Item) calendar.Pair {
	pair := calendar.Pair{
		Account: p.rec.Account, ID: p.id, Hold: p.pairHold(), Row: next, Expect: p.row.Version, Stood: calendar.PlaceOf(p.row),
		Item: calendar.ItemWrite{Expect: p.item.Version, Update: it, Unsent: p.row.Link == nil && len(p.item.Sent) == 0},
	}
	if pair.Item.Unsent {
		pair.Item.Aware, pair.Item.Knew = true, len(p.item.Fresh)
	}
	movedOn(&pair)
	return pair
}

// writeJoined puts two halves together, in one transaction, and says so.
func (p *pusher) writeJoined(ctx context.Context, theirs *calendar.Row, pairs ...calendar.Pair) error {
	err := p.w.Edits.WritePair(ctx, pairs...)
	if fault.Is(err, fault.Stale) {
		return errAgain
	}
	if err != nil {
		return fmt.Errorf("putting the halves of a series together: %w", err)
	}
	return p.decide(ctx, integration.Decision{
		Event: theirs.ID, Title: theirs.Title, What: "carried_over", Why: "both sides divided the series: each date is in one second half, with what either side made of it",
	})
}
