package calsync

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"time"

	"aura.example/integrations/shared/calendar"
)

// What is gone at the provider without a trace is made anew under the id that is
// computed for what is born in Aura. Of a series its exceptions have to come along,
// and nothing that the provider still says of the copy before may be taken for word
// of the new one.

// anewWith is what the order for a series made anew has left to do; nil for a single
// event.
func anewWith(row *calendar.Row, now time.Time) *calendar.Rest {
	if !row.IsMaster() {
		return nil
	}
	return &calendar.Rest{Anew: true, Since: now}
}

// remake carries out, before a list of everything is compared, what an order for a
// series made anew has left to do, where a process died in between: its exceptions
// are on no list, and aren't deleted.
func (p *pull) remake(ctx context.Context, it *calendar.Item) error {
	if it.Rest == nil || !it.Rest.Anew {
		return nil
	}
	p.remade[it.EventID] = true
	if err := p.finish(ctx, it); err != nil && !errors.Is(err, errAgain) {
		return err
	}
	return nil
}

// comesBack reports a series whose deletion an edit outlives: it is put back, or made
// anew, with its exceptions, so what is said of those says no more than that the
// series went. known has what was asked before.
func (p *pull) comesBack(ctx context.Context, series string, known map[string]bool) (bool, error) {
	if back, asked := known[series]; asked || series == "" {
		return back, nil
	}
	_, item, err := p.w.Edits.Pair(ctx, p.rec.Account, series)
	if err != nil {
		return false, fmt.Errorf("reading the series of what was deleted: %w", err)
	}
	known[series] = item != nil && (item.Op == calendar.OpRestore || item.Op == calendar.OpCreate)
	return known[series], nil
}

// waitsForSeries reports, in a list of everything, an occurrence that isn't listed
// because its series isn't, which an edit in Aura brings back.
func (p *pull) waitsForSeries(l calendar.LinkRow) bool {
	_, listed := p.seen[l.MasterID]
	return p.remade[l.MasterID] || l.MasterID != "" && !listed && p.links[l.MasterID].Pending == calendar.PendingEdit
}

// replaced reports the deletion of a copy that another has taken the place of: the
// event was imported, and is Aura's own since it was made anew.
func replaced(who found, e *calendar.Remote, row *calendar.Row) bool {
	return e.Deleted && row.Origin == calendar.BornInAura && !who.born
}

// awaits notes a series that nothing is stored of as born in Aura, where an edit of one
// of its occurrences has waited here since it was deleted there: somebody has brought
// it back, under its id and with its stamp. Only of what bears such a stamp is it asked.
func (p *pull) awaits(ctx context.Context, e *calendar.Remote) error {
	if e.Deleted || len(e.Recurrence) == 0 || p.born[e.ProviderID] || !calendar.HintsBorn(e.Stamp) || !calendar.MayBeBorn(e.ProviderID) {
		return nil
	}
	waiting, err := p.w.Edits.Exceptions(ctx, p.rec.Account, calendar.Prefix+e.ProviderID)
	if err != nil {
		return fmt.Errorf("looking for what waits for a series: %w", err)
	}
	p.born[e.ProviderID] = slices.ContainsFunc(waiting, func(x *calendar.Row) bool { return x.Pending == calendar.PendingEdit })
	return nil
}
