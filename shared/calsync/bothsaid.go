package calsync

import (
	"context"
	"fmt"
	"slices"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// whyBoth is why a value of divided halves is named.
const whyBoth = "both sides divided or ended the series"

// ruleApart is what becomes of halves that aren't put together.
const ruleApart = "the second half that was made in Aura is kept, beside what the provider has of those dates"

// unsentPair gives Aura's half as it is to be, where nothing of it was sent meanwhile.
func (p *pusher) unsentPair(next *calendar.Row, it *calendar.Item) calendar.Pair {
	pair := calendar.Pair{
		Account: p.rec.Account, ID: p.id, Hold: p.pairHold(), Row: next, Expect: p.row.Version, Stood: calendar.PlaceOf(p.row),
		Item: calendar.ItemWrite{Expect: p.item.Version, Update: it, Unsent: true},
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

// nameKept names halves that can't be put together: both stay.
func (p *pusher) nameKept(ctx context.Context, theirs *calendar.Row) error {
	return p.nameValues(ctx, p.row, calendar.FieldRecurrence, p.row.Text(calendar.FieldRecurrence), theirs.Text(calendar.FieldRecurrence), true,
		ruleApart)
}

// nameTimes names that one half's time of day holds on the dates that they share: when
// each half is, is its own. start and other are where either begins on the first of
// those.
func (p *pusher) nameTimes(ctx context.Context, ours, theirs *calendar.Row, start, other calendar.Time, oursWon bool) error {
	if start.SameMoment(other) && ours.Lasts() == theirs.Lasts() {
		return nil
	}
	return p.nameValues(ctx, ours, calendar.FieldWhen, ours.Text(calendar.FieldWhen), theirs.Text(calendar.FieldWhen), oursWon,
		"each date stays in one second half, at the times of that one")
}

// nameOccurrences names what both sides made of one occurrence: it goes over from one
// half to another, whose own holds. What was from and later there, is from is on here.
func (p *pusher) nameOccurrences(ctx context.Context, giver, taker *calendar.Row, from, is calendar.Time, ours bool) error {
	found, err := p.w.Edits.Exceptions(ctx, p.rec.Account, giver.ID)
	if err != nil {
		return fmt.Errorf("reading the occurrences of a second half: %w", err)
	}
	ids := slices.Clone(p.brought[giver.ID])
	for _, x := range found {
		ids = append(ids, x.ID)
	}
	for _, id := range unique(ids) {
		x, _, err := p.w.Edits.Pair(ctx, p.rec.Account, id)
		if err != nil {
			return fmt.Errorf("reading an occurrence of a second half: %w", err)
		}
		if x == nil || x.MasterID != giver.ID || x.OriginalStart.Instant().Before(from.Instant()) {
			continue
		}
		to := calendar.ExceptionID(taker.ID, p.w.Halves.Moved(from, is, x.OriginalStart))
		other, _, err := p.w.Edits.Pair(ctx, p.rec.Account, to)
		if err != nil {
			return fmt.Errorf("reading an occurrence of a second half: %w", err)
		}
		if other == nil {
			continue
		}
		mine, there := x, other
		if !ours {
			mine, there = other, x
		}
		for _, f := range ownOf(x, giver) {
			if slices.Contains(ownOf(other, taker), f) && slices.Contains(calendar.Differing(x.Content, other.Content), f) {
				if err := p.nameValues(ctx, other, f, mine.Text(f), there.Text(f), !ours, ruleOne); err != nil {
					return err
				}
			}
		}
		if (x.Status == calendar.Cancelled) != (other.Status == calendar.Cancelled) {
			if err := p.nameValues(ctx, other, "existence", existence(mine), existence(there), !ours, ruleOne); err != nil {
				return err
			}
		}
	}
	return nil
}

const ruleOne = "each date stays in one second half, and what that one's occurrence has of its own holds"

func existence(x *calendar.Row) string {
	if x.Status == calendar.Cancelled {
		return "deleted"
	}
	return x.Title
}

// ownOf gives what an occurrence has of its own.
func ownOf(x, series *calendar.Row) []calendar.Field {
	if x.Status == calendar.Cancelled {
		return nil
	}
	out := calendar.OfHalves(calendar.Differing(x.Content, series.Content))
	if !x.Start.SameMoment(x.OriginalStart) || x.Lasts() != series.Lasts() {
		out = append(out, calendar.FieldWhen)
	}
	return out
}

func (p *pusher) nameValues(ctx context.Context, row *calendar.Row, f calendar.Field, ours, theirs string, oursWon bool, rule string) error {
	p.report.Conflicts++
	d := integration.Decision{
		Event: row.ID, Title: row.Title, What: "conflict", Why: whyBoth, Field: string(f), Ours: ours, Their: theirs, Won: "provider", Rule: rule,
	}
	if oursWon {
		d.Won = "aura"
	}
	if err := p.decide(ctx, d); err != nil {
		return err
	}
	return p.keepSoFar(ctx)
}

// apart says of halves that were met whether they are put together: none of Aura's
// was sent yet.
func (p *pusher) apart(ctx context.Context, h *halves) error {
	h.together = p.w.Halves != nil
	heirs, err := p.heirs(ctx)
	if err != nil {
		return err
	}
	for _, id := range heirs {
		row, item, err := p.w.Edits.Pair(ctx, p.rec.Account, id)
		if err != nil {
			return fmt.Errorf("reading the second half of a series: %w", err)
		}
		h.together = h.together && (row == nil || item != nil && item.Beside != nil)
	}
	return nil
}
