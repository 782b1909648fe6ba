package calsync

import (
	"context"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
)

// An edit may be given up while a run is sending it. The line of the outbox decides
// between the two: an attempt is recorded there before it is made, and what is taken
// back goes on condition that none was. So what is taken back is never sent any more,
// and what may have been sent is asked for first.

// underWay reports whether an edit that was given up is on its way to the provider, or
// has got there, and settles it in the latter case: then it isn't given up. A run that
// was under way when its lease was taken away may still send; a deletion leaves no
// attempt, so that of one is waited out too.
func (p *pusher) underWay(ctx context.Context, series *calendar.Row) (bool, error) {
	sent := len(p.item.Sent) > 0
	if late := !p.rec.VerifyAfter.IsZero() && !p.verifying; late && (sent || p.item.Op == calendar.OpDelete && !p.refused()) {
		return true, nil
	}
	if !sent || p.item.Op == calendar.OpDelete || p.row.IsException() && (series == nil || series.Link == nil) {
		return false, nil
	}
	if p.row.IsException() {
		p.series, p.seriesTag, p.whole, p.odd = series.Link.ProviderID, series.Link.ETag, series.Content, series.Odd
	}
	theirs, err := p.getSurely(ctx)
	switch {
	case fault.Is(err, fault.Gone): // nothing that was sent is there
		return false, nil
	case err != nil:
		return true, err
	case !p.item.Bears(theirs.Stamp):
		return false, nil
	}
	m := p.meeting(theirs)
	if m.nothing {
		return false, nil
	}
	return true, p.carryOn(ctx, p.notGivenUp(m, theirs))
}

// notGivenUp has a meeting with what had been sent say so, where the edit was given up:
// its person expects something else.
func (p *pusher) notGivenUp(m met, theirs calendar.Remote) met {
	if m.item == nil && p.item.Bears(theirs.Stamp) && p.gaveUp(p.item) {
		m.why = "it had been sent before it was given up, so both sides have it"
	}
	return m
}
