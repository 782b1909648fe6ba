package calsync

import (
	"context"
	"fmt"
	"slices"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/integration"
)

// whyBoth is why a value of divided halves is named.
const whyBoth = "both sides divided or ended the series"

// ruleApart is what becomes of halves that aren't put together.
const ruleApart = "the second half that was made in Aura is kept, beside what the provider has of those dates"

// nameKept names halves that can't be put together: both stay.
func (p *pusher) nameKept(ctx context.Context, theirs *calendar.Row) error {
	return p.nameValues(ctx, p.row, calendar.FieldRecurrence, p.row.Text(calendar.FieldRecurrence), theirs.Text(calendar.FieldRecurrence), true,
		ruleApart)
}

// nameDates names that the earlier half's dates end where the later begins: when each
// half is, is its own. at and is are where either is on the first date that they share.
func (p *pusher) nameDates(ctx context.Context, j joint, earlier *calendar.Row, began, at, is calendar.Time, oursWon bool) error {
	theirs := j.theirs.row
	when, rule := p.w.Halves.Follows(&calendar.Row{ID: p.id, Content: j.was}, began, earlier)
	if !when && !(at.SameMoment(is) && p.row.Lasts() == theirs.Lasts()) {
		err := p.nameValues(ctx, theirs, calendar.FieldWhen, p.row.Text(calendar.FieldWhen), theirs.Text(calendar.FieldWhen), oursWon,
			"each date stays in one second half, at the times of that one")
		if err != nil {
			return err
		}
	}
	if rule {
		return nil
	}
	return p.nameValues(ctx, theirs, calendar.FieldRecurrence, p.row.Text(calendar.FieldRecurrence), theirs.Text(calendar.FieldRecurrence), oursWon,
		"each second half keeps its own dates")
}

// nameFromEarlier names what was edited of Aura's half and holds from an earlier date
// on, with what it was there.
func (p *pusher) nameFromEarlier(ctx context.Context, j joint) error {
	theirs := j.theirs.row
	merged, _, _ := p.given(theirs, j.theirs.item, p.row, j.was, calendar.OfHalves(calendar.Differing(p.row.Content, j.was)))
	for _, f := range calendar.Differing(merged, theirs.Content) {
		err := p.nameValues(ctx, theirs, f, p.row.Text(f), theirs.Text(f), true,
			"the series has guests at the provider, who would be lost to another: what was edited in Aura from "+p.row.Start.Text()+" on is of all its dates")
		if err != nil {
			return err
		}
	}
	return nil
}

// nameOccurrences names what both sides made of one occurrence: it goes over from one
// half to another, whose own holds. What was from and later there, is from is on here.
// stay says that the taker's dates stay as they are.
func (p *pusher) nameOccurrences(ctx context.Context, from half, taker *calendar.Row, at, is calendar.Time, ours, stay bool) error {
	giver := from.row
	ids, err := p.occurrencesOf(ctx, from)
	if err != nil {
		return err
	}
	for _, id := range ids {
		x, _, err := p.w.Edits.Pair(ctx, p.rec.Account, id)
		if err != nil {
			return fmt.Errorf("reading an occurrence of a second half: %w", err)
		}
		if x == nil || x.OriginalStart.Instant().Before(at.Instant()) {
			continue
		}
		to := calendar.ExceptionID(taker.ID, p.w.Halves.Moved(at, is, x.OriginalStart))
		other, _, err := p.w.Edits.Pair(ctx, p.rec.Account, to)
		if err != nil {
			return fmt.Errorf("reading an occurrence of a second half: %w", err)
		}
		if other == nil {
			if date := p.w.Halves.Moved(at, is, x.OriginalStart); ours && stay && !p.w.Has(taker, date) {
				if err := p.nameGone(ctx, x, giver); err != nil {
					return err
				}
			}
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

// nameGone names what an occurrence of Aura's half has of its own whose date the
// provider's, which it goes over to, hasn't: that part of it was deleted there.
func (p *pusher) nameGone(ctx context.Context, x, giver *calendar.Row) error {
	for _, f := range ownOf(x, giver) {
		if err := p.nameValues(ctx, x, f, x.Text(f), "deleted", false, ruleGone); err != nil {
			return err
		}
	}
	return nil
}

const ruleGone = "the provider's half doesn't have this date any more, so nothing can differ on it"

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

// keptIf names halves that stay beside each other where they couldn't be cut.
func (p *pusher) keptIf(ctx context.Context, why error, theirs *calendar.Row) error {
	if why == nil {
		return nil
	}
	return p.nameKept(ctx, theirs)
}
