package calsync

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/integration"
)

// takenBack makes an event what the provider has of it, as of the last sync. The run
// names what is given up, before nothing else says it.
//
// An edit of a series has taken occurrences along that only a list of everything
// brings again, so that comes first; a process that dies in between does both anew.
func (p *pusher) takenBack(ctx context.Context, series *calendar.Row) error {
	if p.ofSeries() && !p.listed {
		p.run.listAll, p.run.again = true, true
		return nil
	}
	if err := p.nameGivenUp(ctx); err != nil {
		return err
	}
	var halves []calendar.Pair
	if p.ofSeries() {
		var err error
		if halves, err = p.takeHalvesBack(ctx); err != nil {
			return err
		}
	}
	pair := calendar.Pair{Item: calendar.ItemWrite{Delete: true, Unsent: len(p.item.Sent) == 0}}
	switch {
	case p.item.Op == calendar.OpRestore: // it was deleted there
		if err := p.takeAlong(ctx); err != nil {
			return err
		}
		if pair.Row = p.row.Remains(); p.row.IsException() {
			pair.Row = hole(p.row)
		}
	case p.row.IsException() && (p.row.Link == nil || series == nil || p.plain(series)): // as its series has it
	default:
		if p.item.Base == nil { // nor is known what is there
			if err := p.forgetCursor(ctx); err != nil {
				return err
			}
		}
		pair.Row = p.asThere()
		back, err := p.bringBack(ctx, pair.Row)
		if err != nil {
			return err
		}
		if back, err = p.ahead(ctx, back, calendar.MostPairs-1-len(halves)); err != nil {
			return err
		}
		halves = append(halves, back...)
	}
	return p.write(ctx, pair, halves...)
}

// plain reports an occurrence that was looked up for its edit, and is at the provider as
// its series has it: it is no exception there.
func (p *pusher) plain(series *calendar.Row) bool {
	base := p.item.Base
	return base != nil && calendar.AsSeries(*base, calendar.Inherited(series.Content, p.row.OriginalStart, *base)) &&
		slices.Equal(p.row.Guests, series.Guests) && p.row.MyResponse == series.MyResponse && p.row.Conference == series.Conference
}

// asThere is the row as the provider has it. Where that isn't known, its etag isn't
// either, and a list of everything brings both.
func (p *pusher) asThere() *calendar.Row {
	next := *p.row
	next.Pending, next.Version = "", p.row.Version+1
	if p.item.Base == nil {
		link := *p.row.Link
		link.ETag = ""
		next.Link = &link
		p.run.listAll, p.run.again = true, true
		return &next
	}
	next.Content = *p.item.Base
	next.Odd = p.w.Check(&next, "")
	return &next
}

// ofSeries reports an edit of a whole series, as it is or as it was.
func (p *pusher) ofSeries() bool {
	return !p.row.IsException() && (p.row.IsMaster() || p.item.Base != nil && len(p.item.Base.Recurrence) > 0)
}

// takeHalvesBack names and empties what an edit of a series made beside it and nobody
// else has seen, the series that were divided off it and off those, and gives the pairs
// that take them away: they go in one transaction with the edit, since together they
// are the series. Its occurrences that were to be deleted with it come back.
func (p *pusher) takeHalvesBack(ctx context.Context) (gone []calendar.Pair, err error) {
	heirs := slices.Clone(p.item.Heirs)
	for n := 0; n < len(heirs) && len(gone) < calendar.MostPairs-1; n++ {
		heir := &pusher{run: p.run, writer: p.writer, id: heirs[n]}
		if heir.row, heir.item, err = p.w.Edits.Pair(ctx, p.rec.Account, heir.id); err != nil {
			return nil, fmt.Errorf("reading a series that was divided off: %w", err)
		}
		if heir.row == nil || heir.item == nil || heir.item.Op != calendar.OpCreate || len(heir.item.Sent) > 0 {
			continue // it is there by now, or may be
		}
		for _, id := range heir.item.Heirs {
			if id != p.id && !slices.Contains(heirs, id) {
				heirs = append(heirs, id)
			}
		}
		if err := heir.nameGivenUp(ctx); err != nil {
			return nil, err
		}
		if err := heir.empty(ctx); err != nil {
			return nil, err
		}
		pair, err := heir.filled(ctx, calendar.Pair{Row: heir.row.Remains(), Item: calendar.ItemWrite{Delete: true, Unsent: true}})
		if err != nil {
			return nil, err
		}
		gone = append(gone, pair)
	}
	if p.item.Op != calendar.OpDelete {
		return gone, nil
	}
	ids, err := p.exceptions(ctx, func(x *calendar.Row) bool { return x.Pending == calendar.PendingDelete })
	if err != nil {
		return nil, err
	}
	series := *p.row // as it will be again, which its occurrences are compared with
	if p.item.Base != nil {
		series.Content = *p.item.Base
	}
	for _, id := range ids {
		x := &pusher{run: p.run, writer: p.writer, id: id}
		if x.row, x.item, err = p.w.Edits.Pair(ctx, p.rec.Account, id); err != nil {
			return nil, fmt.Errorf("reading an occurrence that went with its series: %w", err)
		}
		if x.row == nil || x.item == nil || x.row.Pending != calendar.PendingDelete {
			continue
		}
		if err := x.takenBack(ctx, &series); err != nil {
			return nil, err
		}
	}
	return gone, nil
}

// empty takes the occurrences of a series away that nobody but Aura knows, and names
// what was edited of them.
func (p *pusher) empty(ctx context.Context) error {
	ids, err := p.exceptions(ctx, func(*calendar.Row) bool { return true })
	if err != nil {
		return err
	}
	for _, id := range ids {
		x := &pusher{run: p.run, writer: p.writer, id: id}
		if x.row, x.item, err = p.w.Edits.Pair(ctx, p.rec.Account, id); err != nil {
			return fmt.Errorf("reading an occurrence of a series that was divided off: %w", err)
		}
		if x.row == nil {
			continue
		}
		if it := x.item; it != nil && (it.Op == calendar.OpDelete || it.Base == nil || len(calendar.Differing(x.row.Content, *it.Base)) > 0) {
			if err := x.nameGivenUp(ctx); err != nil {
				return err
			}
		}
		gone := calendar.Pair{Row: x.row.Remains()}
		gone.Item.Delete = x.item != nil
		if err := x.write(ctx, gone); err != nil {
			return err
		}
	}
	return nil
}

// nameGivenUp stores what an edit said that is given up, before it goes.
func (p *pusher) nameGivenUp(ctx context.Context) error {
	said := string(p.item.Op)
	if b := p.item.Base; b != nil && p.item.Op == calendar.OpChange {
		var edits []string
		for _, f := range calendar.Differing(p.row.Content, *b) {
			edits = append(edits, string(f)+": "+p.row.Text(f))
		}
		said = strings.Join(edits, "; ")
	}
	err := p.decide(ctx, integration.Decision{Event: p.id, Title: p.row.Title, What: "discarded", Why: "given up before it was sent: " + said})
	if err != nil {
		return err
	}
	return p.keepSoFar(ctx)
}
