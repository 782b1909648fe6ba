package calsync

import (
	"context"
	"fmt"
	"slices"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// A series that is given other dates, or ends earlier, loses at the provider the
// exceptions whose dates it no longer has. Those that the author of such a change
// saw, the editor took away with it. What is here all the same came from the
// provider since, edited by somebody whom that author hadn't seen.

// nameDropped names, before a change of a series' dates is sent, what is lost by
// it of such exceptions: each field that they had of their own. Once the change is
// sent, the values are nowhere else. What goes over to a second half isn't lost.
func (p *pusher) nameDropped(ctx context.Context, fields []calendar.Field) error {
	was := p.item.Base
	if was == nil || len(was.Recurrence) == 0 || p.w.Has == nil ||
		!slices.Contains(fields, calendar.FieldWhen) && !slices.Contains(fields, calendar.FieldRecurrence) {
		return nil
	}
	exceptions, err := p.w.Edits.Exceptions(ctx, p.rec.Account, p.id)
	if err != nil {
		return fmt.Errorf("looking for occurrences that a series is about to lose: %w", err)
	}
	named := false
	var left []calendar.Pair
	for _, x := range exceptions {
		if x.Link == nil || x.Pending != "" || p.row.IsMaster() && p.w.Has(p.row, x.OriginalStart) {
			continue // one that was edited in Aura, too, is set aside with its reason
		}
		leave := calendar.Leave(x, nil)
		leave.Hold = p.pairHold()
		left = append(left, leave)
		if over, err := p.passOn(ctx, x, *was); err != nil {
			return err
		} else if over {
			continue
		}
		inherited := calendar.Inherited(*was, x.OriginalStart, x.Content)
		for _, f := range calendar.Differing(inherited, x.Content) {
			if f == calendar.FieldRecurrence {
				continue
			}
			named = true
			p.report.Conflicts++
			if err := p.decide(ctx, integration.Decision{
				Event: x.ID, Title: x.Title, What: "conflict", Why: "an occurrence was changed at the provider, and the dates of its series in Aura",
				Field: string(f), Ours: inherited.Text(f), Their: x.Content.Text(f), Won: "aura",
				Rule: "the series no longer has this date, so nothing can differ on it",
			}); err != nil {
				return err
			}
		}
	}
	if named {
		if err := p.keepSoFar(ctx); err != nil {
			return err
		}
	}
	return p.leaveDropped(ctx, left)
}

// leaveDropped takes away here what was named or has gone over, where edits only go to
// the provider: that it is gone there with its date is no word for Aura then.
func (p *pusher) leaveDropped(ctx context.Context, left []calendar.Pair) error {
	if !p.sendsOnly() {
		return nil
	}
	for part := range slices.Chunk(left, calendar.MostPairs) {
		err := p.w.Edits.WritePair(ctx, part...)
		if fault.Is(err, fault.Stale) {
			return errAgain
		}
		if err != nil {
			return fmt.Errorf("removing occurrences of dates that a series no longer has: %w", err)
		}
	}
	return nil
}
