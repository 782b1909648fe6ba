package calsync

import (
	"context"
	"fmt"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// record adds the attempt that is about to be made, so that whatever becomes of
// its answer, a remote that it reached is known by its stamp.
func (p *pusher) record(ctx context.Context, fields []calendar.Field) (calendar.Attempt, error) {
	at := calendar.Attempt{
		Stamp:  p.row.Origin.Stamped(calendar.StampOf(p.id, p.state(), fields, p.row.Content)),
		Fields: fields, Content: p.row.Content.Only(fields), Version: p.row.Version,
	}
	if overweight(p.item, at) {
		return at, p.lighten(ctx)
	}
	item, err := p.w.Edits.RecordSent(ctx, *p.item, at, p.pairHold())
	if err != nil {
		return at, fmt.Errorf("recording an attempt: %w", err)
	}
	p.added = len(item.Sent) > len(p.item.Sent)
	p.item = item
	return at, nil
}

// state is what an attempt is made from: the etag, or where nothing is known to
// be there the edit's own version, so that an event which is created a second
// time isn't taken for what its first creation left.
func (p *pusher) state() string {
	if tag := p.etag(); tag != "" {
		return tag
	}
	return fmt.Sprintf("version %d", p.item.Version)
}

func (p *pusher) pairHold() calendar.Hold {
	return calendar.Hold{Generation: p.hold.Generation, Fence: p.hold.Fence}
}

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

// settle stores the provider's answer in one transaction: at the pushed version
// the item goes; at a newer one the answer becomes its base. An answer older
// than what the row has seen is not stored.
func (p *pusher) settle(ctx context.Context, answer calendar.Remote, what string) error {
	pushed := p.item.Version
	for try := range putTries {
		if try > 0 { // somebody wrote it meanwhile
			row, item, err := p.w.Edits.Pair(ctx, p.rec.Account, p.id)
			if err != nil {
				return fmt.Errorf("reading what to settle: %w", err)
			}
			if row == nil || item == nil {
				return nil
			}
			p.row, p.item = row, item
		}
		if p.row.Link != nil && !answer.Updated.IsZero() && answer.Updated.Before(p.row.Link.Updated) {
			return nil
		}
		pair := p.settlement(pushed, answer)
		err := p.write(ctx, pair)
		if fault.Is(err, fault.Stale) && !later(p.row, p.item, p.hold) {
			continue
		}
		if err != nil {
			return err
		}
		if err := p.decide(ctx, integration.Decision{Event: p.id, Title: p.row.Title, What: what, Why: "edited in Aura"}); err != nil {
			return err
		}
		if pair.Item.Delete {
			return nil
		}
		return errAgain
	}
	return nil
}

func (p *pusher) settlement(pushed int64, answer calendar.Remote) calendar.Pair {
	next := relink(p.linked(), answer)
	next.Mirror = answer.Mirror
	if p.item.Version == pushed && (p.item.Beside == nil || p.joined) {
		next.Content, next.Pending = p.settled(answer), ""
		return calendar.Pair{Row: next, Item: calendar.ItemWrite{Delete: true}}
	}
	it := *p.item
	it.Told(pushed)
	base := p.settled(answer)
	it.Base, it.Former = &base, nil
	if it.Op != calendar.OpDelete {
		it.Op = calendar.OpChange
	}
	return calendar.Pair{Row: next, Item: calendar.ItemWrite{Update: &it, ClearSent: true}}
}

// settleNothing ends an item that has nothing to send.
func (p *pusher) settleNothing(ctx context.Context) error {
	next := *p.row
	next.Pending, next.Version = "", next.Version+1
	return p.write(ctx, calendar.Pair{Row: &next, Item: calendar.ItemWrite{Delete: true}})
}

// settleDelete removes tombstone and item together. Of an occurrence the hole
// stays, and of what an Idempotency-Key made, that the key is spent.
func (p *pusher) settleDelete(ctx context.Context) error {
	pair := calendar.Pair{Row: p.row.Remains(), Item: calendar.ItemWrite{Delete: true}}
	if p.row.IsException() {
		pair.Row = hole(p.row)
	}
	if err := p.takeAlong(ctx); err != nil {
		return err
	}
	if err := p.write(ctx, pair); err != nil {
		return err
	}
	return p.decide(ctx, integration.Decision{Event: p.id, Title: p.row.Title, What: "deleted_there", Why: "deleted in Aura"})
}

// write carries out a transaction on what was read. Where it ends an item that
// was refused once, the event leaves the quarantine first: after a crash between
// the two the item is still there to be ended. What goes along is filled already.
func (p *pusher) write(ctx context.Context, pair calendar.Pair, along ...calendar.Pair) error {
	pair, err := p.filled(ctx, pair)
	if err != nil {
		return err
	}
	if err := p.w.Edits.WritePair(ctx, append(along, pair)...); err != nil {
		return fmt.Errorf("settling an edit: %w", err)
	}
	return nil
}

// filled is a pair with what it depends on: what was read, and who holds the lease.
func (p *pusher) filled(ctx context.Context, pair calendar.Pair) (calendar.Pair, error) {
	if pair.Item.Delete && p.item != nil && p.item.Refused != nil {
		if err := p.w.Quarantines.DropQuarantine(ctx, p.rec.Account, p.id); err != nil {
			return pair, fmt.Errorf("releasing an event: %w", err)
		}
	}
	movedOn(&pair)
	p.sayOdd(&pair)
	pair.Account, pair.ID, pair.Hold = p.rec.Account, p.id, p.pairHold()
	if p.row != nil {
		pair.Expect, pair.Stood = p.row.Version, calendar.PlaceOf(p.row)
	}
	if p.item != nil {
		pair.Item.Expect = p.item.Version
	}
	return pair, nil
}

// quarantine sets an item aside that can't be written: the others go on, and it
// is tried again when something about it changes, or when the user asks.
func (p *pusher) quarantine(ctx context.Context, cause error) error {
	f := fault.Of(cause)
	since, err := p.asideSince(ctx, f.Code)
	if err != nil {
		return err
	}
	// The reason first: an item that is marked is not tried again, and must not be
	// without one.
	err = p.w.Quarantines.PutQuarantine(ctx, calendar.Quarantine{
		Account: p.rec.Account, EventID: p.id, Provider: p.rec.Provider, ProviderID: p.providerID(), Title: p.row.Title,
		Op: p.item.Op, Code: f.Code, Reason: f.Message, ETag: p.etag(), Since: since,
	})
	if err != nil {
		return fmt.Errorf("storing a quarantine: %w", err)
	}
	it := *p.item
	it.Refused = &calendar.Refusal{Code: f.Code, Version: it.Version, ETag: p.etag()}
	if err := p.write(ctx, calendar.Pair{Row: p.row, KeepRow: true, Item: calendar.ItemWrite{Update: &it, Unlanded: p.unlanded}}); err != nil {
		return err
	}
	p.report.Quarantined++
	return p.decide(ctx, integration.Decision{Event: p.id, Title: p.row.Title, What: "quarantined", Why: f.Message})
}
