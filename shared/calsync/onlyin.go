package calsync

import (
	"context"
	"fmt"
	"slices"
	"strings"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// Where edits only come in (integration, direction.go), a push sends nothing. What
// waits of events that live at the provider is set aside with its reason, or taken
// back where it was given up; the rest lives in Aura only, and is left alone.

// codeGivenUp marks an edit that its person takes back. It stands in the item until
// a run has done so.
const codeGivenUp = "given_up"

// onlyIn reports whether this run may send nothing.
func (r *run) onlyIn() bool {
	return r.rec.Settings.Direction == integration.FromProvider || r.readOnly()
}

// stays reports, by its line of the outbox alone, what has nothing to come of it
// while edits only come in.
func (r *run) stays(i *calendar.Item) bool {
	if i.Op == calendar.OpCreate {
		return true
	}
	ref := i.Refused
	return ref != nil && ref.Version == i.Version && !r.gaveUp(i, i.Since)
}

// gaveUp reports an edit that its person has given up: this very one, or all that
// waited when they chose that edits only come in. It goes by when the event was last
// edited, and not by what is chosen now: who turns the direction back before a run has
// come doesn't get what they gave up sent, and an edit made since then is none of it.
// What was created in Aura is never given up so: it stays, and may be deleted there.
func (r *run) gaveUp(i *calendar.Item, edited time.Time) bool {
	if i.Op == calendar.OpCreate {
		return false
	}
	ref := i.Refused
	return r.rec.GaveUp(edited) || ref != nil && ref.Code == codeGivenUp && ref.Version == i.Version
}

// comesIn takes back what was given up, and sets aside what can't be sent; done says
// that nothing is to be sent.
func (p *pusher) comesIn(ctx context.Context) (done bool, err error) {
	edited := p.edited()
	only, gaveUp := p.onlyIn(), p.gaveUp(p.item, edited)
	if !only && !gaveUp || only && p.item.Op == calendar.OpCreate {
		return only, nil
	}
	if l := p.row.Link; l != nil && l.Calendar != p.rec.Settings.CalendarID {
		return true, nil // its calendar was left: the pull takes it away
	}
	var series *calendar.Row
	if p.row.IsException() {
		if series, _, err = p.w.Edits.Pair(ctx, p.rec.Account, p.row.MasterID); err != nil {
			return true, fmt.Errorf("reading the series of an occurrence: %w", err)
		}
	}
	here := calendar.HereOnly(p.row, series) || p.wasHere(series, edited)
	switch {
	case gaveUp && !here:
		if sent, err := p.underWay(ctx, series); sent || err != nil {
			return true, err
		}
		return true, p.takenBack(ctx, series)
	case !only:
		return false, nil
	case p.refused():
		return true, nil
	case here, series != nil && series.Pending == calendar.PendingDelete && p.row.Pending == calendar.PendingDelete:
		return true, p.mark(ctx) // nothing is amiss, or its series says so already
	}
	return true, p.errOnlyIn()
}

// wasHere reports an occurrence that lived in Aura only with its series when everything
// that waited was given up, so that it wasn't, and whose series has gone there since.
func (p *pusher) wasHere(series *calendar.Row, edited time.Time) bool {
	return p.rec.GaveUp(edited) && p.row.Link == nil && series != nil && series.Link != nil &&
		series.Origin == calendar.BornInAura && series.Link.Updated.After(p.rec.GaveUpAt)
}

// errOnlyIn sets an edit aside: it can't be sent now, and will be once it can.
func (p *pusher) errOnlyIn() error {
	why := "The integration only brings events in"
	if p.readOnly() {
		why = "The calendar is shared with you for reading only"
	}
	what := "this change"
	switch p.item.Op {
	case calendar.OpDelete:
		what = "this deletion"
	case calendar.OpRestore:
		what = "this event, which was deleted there,"
	}
	return fault.New(fault.Item, integration.CodeOnlyIn, why+", so "+what+" can't be sent. It is kept and goes by itself once it can, unless you take it back.")
}

// mark notes that an item was looked at, so that the next run needn't.
func (p *pusher) mark(ctx context.Context) error {
	it := *p.item
	it.Refused = &calendar.Refusal{Code: integration.CodeOnlyIn, Version: it.Version, ETag: p.etag()}
	return p.write(ctx, calendar.Pair{Row: p.row, KeepRow: true, Item: calendar.ItemWrite{Update: &it}})
}

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
	case p.row.IsException() && (p.row.Link == nil || series == nil || p.plain): // as its series has it
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
	for _, id := range ids {
		x := &pusher{run: p.run, writer: p.writer, id: id}
		if x.row, x.item, err = p.w.Edits.Pair(ctx, p.rec.Account, id); err != nil {
			return nil, fmt.Errorf("reading an occurrence that went with its series: %w", err)
		}
		if x.row == nil || x.item == nil || x.row.Pending != calendar.PendingDelete {
			continue
		}
		if err := x.takenBack(ctx, p.row); err != nil {
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
