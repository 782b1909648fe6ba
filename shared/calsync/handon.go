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

// handOn gives what was edited of a whole series in Aura, and is about to be sent,
// to the halves that were divided off it at the provider while the edit waited. The
// order says what is left of that, since when the division was met (calendar.Parted),
// so it is done by whichever run sends the edit, in one transaction, or for many
// halves in several, the last of which says that all of it is done. later says that
// this push has found the division itself: the halves come with another round.
func (p *pusher) handOn(ctx context.Context) (later bool, err error) {
	if p.item.Parted == nil || p.item.Base == nil || p.row.Link == nil {
		return false, nil
	}
	if p.parted[p.id] {
		p.run.again = true
		return true, nil
	}
	ids, err := p.halvesOf(ctx, p.row.Link.ProviderID)
	if err != nil {
		return false, err
	}
	var pairs []calendar.Pair
	for _, id := range ids {
		heir, item, err := p.w.Edits.Pair(ctx, p.rec.Account, id)
		if err != nil {
			return false, fmt.Errorf("reading the second half of a series: %w", err)
		}
		if !p.inherits(heir) {
			continue
		}
		merged, edited, conflicts := p.inherited(heir, item)
		if err := p.name(ctx, heir, met{conflicts: conflicts}); err != nil {
			return false, err
		}
		if err := p.nameUnmoved(ctx, heir); err != nil {
			return false, err
		}
		if len(calendar.Differing(merged, heir.Content)) > 0 {
			pairs = append(pairs, p.handed(heir, item, merged, edited))
		}
	}
	for len(pairs) >= calendar.MostPairs {
		if err := p.handPart(ctx, pairs[:calendar.MostPairs-1], p.item); err != nil {
			return false, err
		}
		pairs = pairs[calendar.MostPairs-1:]
	}
	it := p.item.Clone()
	it.Parted = nil
	return false, p.handPart(ctx, pairs, it)
}

// handPart writes some of the halves with what is left to do then, and sends them.
func (p *pusher) handPart(ctx context.Context, pairs []calendar.Pair, left *calendar.Item) error {
	whole := calendar.Pair{
		Account: p.rec.Account, ID: p.id, Hold: p.pairHold(), Row: p.row, Expect: p.row.Version, KeepRow: true,
		Item: calendar.ItemWrite{Expect: p.item.Version, Update: left},
	}
	err := p.w.Edits.WritePair(ctx, append(slices.Clone(pairs), whole)...)
	if fault.Is(err, fault.Stale) {
		return errAgain
	}
	if err != nil {
		return fmt.Errorf("handing an edit of a series to its second half: %w", err)
	}
	p.item = left
	for _, pair := range pairs {
		if err := p.sayHanded(ctx, pair.ID, pair.Row.Title); err != nil {
			return err
		}
		if err := (&pusher{run: p.run, writer: p.writer, id: pair.ID}).settleItem(ctx); err != nil {
			return err
		}
	}
	return nil
}

// halvesOf gives what may have been divided off a series of the provider's, by its
// id: among what is linked, and what this run brought, which the index may not know yet.
func (p *pusher) halvesOf(ctx context.Context, series string) ([]string, error) {
	ids := slices.Clone(p.begun)
	err := p.run.linked(ctx, p.rec.Settings.CalendarID, func(l calendar.LinkRow) error {
		if l.Series && p.writer.Divided(series, l.ProviderID) {
			ids = append(ids, l.ID)
		}
		return nil
	})
	return unique(ids), err
}

// cameOf reports whether a row is a living series that was divided off one of the
// provider's, which isn't this one itself.
func (p *pusher) cameOf(row *calendar.Row, series string) bool {
	return row != nil && row.ID != p.id && row.IsMaster() && !row.Hidden() &&
		row.Link != nil && row.Link.Calendar == p.rec.Settings.CalendarID && p.writer.Divided(series, row.Link.ProviderID)
}

// inherits reports whether a series is a half that the edit is meant for: it goes
// on where the first half now ends.
func (p *pusher) inherits(heir *calendar.Row) bool {
	return p.cameOf(heir, p.row.Link.ProviderID) && !heir.ReadOnly &&
		heir.Start.Instant().After(p.item.Base.Start.Instant()) && !heir.Start.Instant().After(p.item.Parted.Until)
}

// inherited merges the edit into a half, field by field: where the half was given
// something else meanwhile, by the division or in Aura, the newer wins.
func (p *pusher) inherited(heir *calendar.Row, item *calendar.Item) (merged calendar.Content, edited map[string]time.Time, conflicts []calendar.Conflict) {
	still := calendar.Differing(p.row.Content, *p.item.Base)
	fields := slices.DeleteFunc(calendar.OfHalves(p.item.Parted.Fields), func(f calendar.Field) bool { return !slices.Contains(still, f) })
	return p.given(heir, item, p.row, *p.item.Base, fields)
}

// given merges fields of another series, which were edited there since it was so,
// into a half, field by field: the newer wins.
func (p *pusher) given(heir *calendar.Row, item *calendar.Item, from *calendar.Row, was calendar.Content, fields []calendar.Field) (merged calendar.Content, edited map[string]time.Time, conflicts []calendar.Conflict) {
	merged, edited = heir.Content, maps.Clone(heir.Edited)
	if edited == nil {
		edited = map[string]time.Time{}
	}
	for _, f := range fields {
		at := heir.Link.Updated
		if item != nil && item.Base != nil && slices.Contains(calendar.Differing(heir.Content, *item.Base), f) {
			at = heir.Edited[string(f)]
		}
		ours, base := merged, merged
		ours.Take(f, from.Content)
		base.Take(f, was)
		next, lost := calendar.Merge(ours, from.Edited, &calendar.Item{Base: &base}, calendar.Remote{Content: merged, Updated: at})
		if len(calendar.Differing(next, merged)) > 0 {
			edited[string(f)] = from.Edited[string(f)]
		}
		merged, conflicts = next, append(conflicts, lost...)
	}
	return merged, edited, conflicts
}

// nameUnmoved names that a half stays when it is, though the whole was moved: when
// each half is, is its own, and its exceptions hang on it.
func (p *pusher) nameUnmoved(ctx context.Context, heir *calendar.Row) error {
	if !slices.Contains(p.item.Parted.Fields, calendar.FieldWhen) || !slices.Contains(calendar.Differing(p.row.Content, *p.item.Base), calendar.FieldWhen) {
		return nil
	}
	p.report.Conflicts++
	err := p.decide(ctx, integration.Decision{
		Event: heir.ID, Title: heir.Title, What: "conflict", Why: "the whole series was moved in Aura while it was divided at the provider", Field: string(calendar.FieldWhen),
		Ours: p.row.Text(calendar.FieldWhen), Their: heir.Text(calendar.FieldWhen), Won: "provider",
		Rule: "the first half is moved; the second stays when it is at the provider",
	})
	if err != nil {
		return err
	}
	return p.keepSoFar(ctx)
}
