package calsync

import (
	"context"
	"fmt"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// Where the provider refuses a write, since what is there is another state than the
// one that it was meant for, the push looks at it and meets it: what that comes to is
// stored, with the names of what lost, before anything is sent again.

// get reads the event there, a deleted one too.
func (p *pusher) get(ctx context.Context) (calendar.Remote, error) {
	if p.row.IsException() {
		return p.instance(ctx)
	}
	var theirs calendar.Remote
	err := p.call(ctx, func(ctx context.Context) (err error) {
		theirs, err = p.reader.Event(ctx, p.rec.Settings.CalendarID, p.providerID())
		return err
	})
	if err != nil {
		return theirs, fmt.Errorf("reading an event: %w", err)
	}
	return theirs, nil
}

// getSurely is get, where much hangs on an event being gone (surely).
func (p *pusher) getSurely(ctx context.Context) (calendar.Remote, error) {
	if p.row.IsException() {
		return p.instance(ctx)
	}
	theirs, err := p.surely(ctx, func(ctx context.Context) (calendar.Remote, error) {
		return p.reader.Event(ctx, p.rec.Settings.CalendarID, p.providerID())
	})
	if err != nil {
		return theirs, fmt.Errorf("reading an event: %w", err)
	}
	return theirs, nil
}

// look reads what made a write fail, and merges with it.
func (p *pusher) look(ctx context.Context) error {
	theirs, err := p.getSurely(ctx)
	if fault.Is(err, fault.Gone) {
		switch {
		case p.row.IsException():
			return p.vanished(ctx, errDateGone)
		case p.item.Op == calendar.OpDelete && p.waiting():
			return nil
		case p.item.Op == calendar.OpDelete:
			return p.settleDelete(ctx)
		}
		theirs, err = calendar.Remote{ProviderID: p.providerID(), Deleted: true}, nil
		if p.row.Link != nil && (p.row.Link.ETag != "" || p.item.Op == calendar.OpRestore) { // gone without a trace: made anew
			return p.anew(ctx)
		}
	}
	if err != nil {
		return err
	}
	if theirs.Deleted && p.item.Op == calendar.OpDelete && p.etag() == theirs.ETag && !p.waiting() {
		return p.settleDelete(ctx) // it was to be put back, and wasn't yet
	}
	if p.row.IsException() && p.series != "" && !theirs.Deleted { // it may be its series that was edited, and not this
		if late, err := p.behind(ctx); err != nil || late {
			return err
		}
		p.item = p.item.OnOccurrence(p.row.Content, calendar.Inherited(p.whole, p.row.OriginalStart, theirs.Content), theirs)
	}
	return p.meet(ctx, theirs)
}

// anew turns a change of what no longer exists there into a creation, under the
// id that is computed for what is born in Aura. The attempts stay: while one of
// them may still land, nothing is inserted. Of a series the order says that its
// exceptions come along, before anything else is done with it.
func (p *pusher) anew(ctx context.Context) error {
	if err := p.notBesideItsHalf(ctx); err != nil {
		return err
	}
	next := *p.row
	next.Link, next.Origin, next.Version = nil, calendar.BornInAura, next.Version+1
	next.Mirror, next.ReadOnly = calendar.Alone(), false
	it := *p.item
	it.Op, it.Base, it.Former, it.Rest = calendar.OpCreate, nil, nil, anewWith(p.row, p.w.Now())
	if err := p.write(ctx, calendar.Pair{Row: &next, Item: calendar.ItemWrite{Update: &it}}); err != nil {
		return err
	}
	return errAgain
}

// meet merges with a remote state, and goes on with what is left to push.
func (p *pusher) meet(ctx context.Context, theirs calendar.Remote) error {
	m := p.unlessAsSeries(p.meeting(theirs), theirs)
	if m.item != nil && m.item.Parted != nil {
		p.parted[p.id] = true // unless it was noted before, which costs a round
	}
	if !m.nothing && !m.wait {
		if m.halves != nil { // the provider's half comes with another round
			if err := p.awaitHalves(ctx); err != nil {
				return err
			}
		}
		if err := p.hand(ctx, theirs); err != nil {
			return err
		}
	}
	return p.carryOn(ctx, m)
}

// carryOn stores what a meeting came to, where it came to something, and has row
// and item read again.
func (p *pusher) carryOn(ctx context.Context, m met) error {
	if m.nothing || m.wait {
		return nil
	}
	if err := p.store(ctx, m); err != nil {
		return err
	}
	return errAgain
}

// here gives the item as it is met in the calendar that is synced.
func (r *run) here(item *calendar.Item) *calendar.Item {
	return item.At(r.rec.Provider, r.rec.Subject, r.rec.Settings.CalendarID)
}

// linked gives the row with a link to hang a remote state on.
func (p *pusher) linked() *calendar.Row {
	if p.row.Link != nil {
		return p.row
	}
	row := *p.row
	row.Link = p.newLink()
	return &row
}

func (p *pusher) newLink() *calendar.Link {
	l := &calendar.Link{Provider: p.rec.Provider, Calendar: p.rec.Settings.CalendarID, ProviderID: calendar.ProviderIDOf(p.id)}
	if !p.row.IsException() {
		l.Under = p.rec.Version
	}
	return l
}

// store names a meeting's conflicts, and writes what it came to. The names are
// stored first: once the merge is, the value that lost is nowhere else, and this
// process may die. Where the write is refused, the next try names them again.
func (p *pusher) store(ctx context.Context, m met) error {
	if err := p.name(ctx, p.row, m); err != nil {
		return err
	}
	if m.item == nil && (m.row == nil || m.row.Hidden()) {
		if err := p.takeAlong(ctx); err != nil {
			return err
		}
	}
	if p.item.Op == calendar.OpDelete && m.row != nil && !m.row.Hidden() {
		if err := p.relist(ctx); err != nil {
			return err
		}
	}
	pair := calendar.Pair{Row: m.row}
	switch {
	case m.item == nil:
		pair.Item.Delete = true
	default:
		pair.Item.Update = m.item
	}
	if err := p.write(ctx, pair); err != nil {
		return err
	}
	if m.what == "not_applied" {
		p.report.NotApplied++
	}
	return p.decide(ctx, integration.Decision{Event: p.id, Title: p.row.Title, What: m.what, Why: m.why})
}

// name stores a meeting's conflicts, with both values, rule and winner.
func (r *run) name(ctx context.Context, row *calendar.Row, m met) error {
	for _, c := range m.conflicts {
		r.report.Conflicts++
		d := integration.Decision{
			Event: row.ID, Title: row.Title, What: "conflict", Why: "both sides changed it", Field: string(c.Field),
			Ours: c.Ours.Text(c.Field), Their: c.Theirs.Text(c.Field), Won: "provider",
			Rule: "the newer wins: edited in Aura " + stampTime(c.OursAt) + ", last changed at the provider (an upper bound) " + stampTime(c.TheirsAt),
		}
		if c.Bound {
			d.Rule = "the newer wins: last changed in the calendar that it comes from (an upper bound) " + stampTime(c.OursAt) + ", and in this one " + stampTime(c.TheirsAt)
		}
		if c.OursWon {
			d.Won = "aura"
		}
		if r.sendsOnly() {
			d.Rule = "this integration only sends edits to the provider"
		}
		if err := r.decide(ctx, d); err != nil {
			return err
		}
	}
	if m.outlived != nil {
		r.report.Conflicts++
		ours, theirs := m.outlived.values()
		d := integration.Decision{
			Event: row.ID, Title: row.Title, What: "conflict", Why: "edited on one side, deleted on the other", Field: "existence",
			Ours: ours, Their: theirs, Won: "provider", Rule: "an edit that the deletion's author had not seen outlives the deletion",
		}
		if m.outlived.here {
			d.Won = "aura"
		}
		if err := r.decide(ctx, d); err != nil {
			return err
		}
	}
	if m.halves != nil {
		r.report.Conflicts++
		d := integration.Decision{
			Event: row.ID, Title: row.Title, What: "conflict", Why: whyBoth, Field: string(calendar.FieldRecurrence),
			Ours: m.halves.ours.Text(calendar.FieldRecurrence), Their: m.halves.theirs.Text(calendar.FieldRecurrence), Won: "aura",
			Rule: "each date stays in one second half, with what either side made of it",
		}
		if err := r.decide(ctx, d); err != nil {
			return err
		}
	}
	if len(m.conflicts) == 0 && m.outlived == nil && m.halves == nil {
		return nil
	}
	return r.keepSoFar(ctx)
}

func stampTime(t time.Time) string {
	if t.IsZero() {
		return "never"
	}
	return t.UTC().Format(time.RFC3339)
}
