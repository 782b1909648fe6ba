package calsync

import (
	"context"
	"fmt"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// Where edits only come in (integration, direction.go), a push sends nothing. What
// waits of events that live at the provider is set aside with its reason, or taken
// back where it was given up; the rest lives in Aura only, and is left alone.

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
	return ref != nil && ref.Version == i.Version && !r.gaveUp(i)
}

// gaveUp reports an edit that its person has given up: this very one, or all that
// waited when they chose that edits only come in. It goes by the event's last edit, and
// not by what is chosen now: who turns the direction back before a run has
// come doesn't get what they gave up sent, and an edit made since then is none of it.
// What was created in Aura is never given up so: it stays, and may be deleted there.
func (r *run) gaveUp(i *calendar.Item) bool {
	if i.Op == calendar.OpCreate {
		return false
	}
	return r.rec.GaveUp(i.Under) || byItself(i)
}

// byItself reports an edit that its person takes back, this very one.
func byItself(i *calendar.Item) bool {
	return i.Refused != nil && i.Refused.Code == calendar.CodeGivenUp && i.Refused.Version == i.Version
}

// comesIn takes back what was given up, and sets aside what can't be sent; done says
// that nothing is to be sent.
func (p *pusher) comesIn(ctx context.Context) (done bool, err error) {
	only, gaveUp := p.onlyIn(), p.gaveUp(p.item)
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
	here := calendar.HereOnly(p.row, series) || p.wasHere(series)
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

// wasHere reports what lived in Aura only when everything that waited was given up, an
// occurrence with its series, so that it wasn't, and has gone to the provider since.
func (p *pusher) wasHere(series *calendar.Row) bool {
	of := p.row
	if of.IsException() {
		of = series
	}
	return p.rec.GaveUp(p.item.Under) && !byItself(p.item) && of != nil && of.Link != nil && of.Origin == calendar.BornInAura && of.Link.Under >= p.rec.GaveUpIn
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
