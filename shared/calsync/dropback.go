package calsync

import (
	"context"
	"fmt"

	"aura.example/integrations/shared/calendar"
)

// bringBack gives the pairs that put back the exceptions which an edit of a series took
// away, as that series' order kept them (calendar.Item, Dropped), once the series is as
// it was. Only where edits only go there: elsewhere a list of everything has brought
// them, as they are by now. One that is here is newer than what was kept, and stays.
func (p *pusher) bringBack(ctx context.Context, series *calendar.Row) (back []calendar.Pair, err error) {
	if !p.sendsOnly() || series.Link == nil {
		return nil, nil
	}
	for _, was := range p.item.Dropped {
		if was.Link.Provider != series.Link.Provider || was.Link.Calendar != series.Link.Calendar ||
			p.w.Has != nil && !p.w.Has(series, was.OriginalStart) {
			continue
		}
		x := &pusher{run: p.run, writer: p.writer, id: was.ID}
		if x.row, x.item, err = p.w.Edits.Pair(ctx, p.rec.Account, x.id); err != nil {
			return nil, fmt.Errorf("reading an occurrence that an edit took away: %w", err)
		}
		if x.row != nil || x.item != nil {
			continue
		}
		row := *was
		row.Version = max(was.Version+1, p.w.Now().UnixMilli()) // of the same id there may have been a row since
		pair, err := x.filled(ctx, calendar.Pair{Row: &row})
		if err != nil {
			return nil, err
		}
		back = append(back, pair)
	}
	return back, nil
}

// ahead writes what doesn't fit into one transaction with what follows, and gives the
// rest. A process that ends in between does it anew, and finds these done.
func (p *pusher) ahead(ctx context.Context, pairs []calendar.Pair, fit int) ([]calendar.Pair, error) {
	for len(pairs) > fit {
		n := min(calendar.MostPairs, len(pairs)-fit)
		if err := p.w.Edits.WritePair(ctx, pairs[:n]...); err != nil {
			return nil, fmt.Errorf("putting back occurrences that an edit took away: %w", err)
		}
		pairs = pairs[n:]
	}
	return pairs, nil
}
