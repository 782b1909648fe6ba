package calsync

import (
	"context"
	"errors"
	"fmt"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// pushTries bounds how often one item is read, merged and sent in one run.
const pushTries = 6

// push sends what waits in the outbox, item by item. One item that can't be
// written is quarantined and the others go on; quotaExceeded pauses the push of
// this integration and nothing else.
func (r *run) push(ctx context.Context) error {
	writer, ok := r.reader.(calendar.ProviderWriter)
	if err := r.welcome(ctx); err != nil {
		return err
	}
	if !ok {
		return nil
	}
	paused, before := r.resting(), r.report.Pushed
	r.pushed = false
	r.phase(integration.PhasePushing)
	cursor, tried := "", false
	for { // while writes rest too: nothing has to be sent for what is taken back
		items, next, err := r.w.Edits.Outbox(ctx, r.rec.Account, cursor)
		if err != nil {
			return fmt.Errorf("reading the outbox: %w", err)
		}
		for i := range items {
			if r.rests(&items[i]) || paused && !r.onlyIn() && !r.gaveUp(&items[i]) {
				continue
			}
			r.pushes = true
			if err := r.commit(ctx, integration.PhasePushing, false); err != nil {
				return err
			}
			if tried && r.deadlineNear(ctx) { // the next run goes on, with the cursor that this one reached
				r.cutShort = true
				return nil
			}
			tried = true // one at least, or runs that begin late would hand on to each other for ever
			p := &pusher{run: r, writer: writer, id: items[i].EventID}
			err := p.settleItem(ctx)
			if fault.Is(err, fault.QuotaExceeded) {
				return r.pausePush(ctx, r.report.Pushed != before)
			}
			if err != nil {
				return err
			}
		}
		if next == "" {
			if paused && !r.onlyIn() {
				return nil
			}
			r.pushed = true
			r.rested(r.report.Pushed != before)
			return nil
		}
		cursor = next
	}
}

// pusher brings one item to the provider.
type pusher struct {
	*run
	writer    calendar.ProviderWriter
	id        string
	row       *calendar.Row
	item      *calendar.Item
	series    string           // of an occurrence: its series' id at the provider
	seriesTag string           // that series' etag, as pulled
	whole     calendar.Content // and its content
	odd       string           // what is odd about it
	around    []*calendar.Row  // of a series that is being deleted: its exceptions, once they were read
	passedOn  map[string]bool  // and those that live on in a half that Aura divided off it
	added     bool             // the attempt that is being made wasn't recorded before
	joined    bool             // of a half: in this pass there was nothing left to put together
	unlanded  int              // so many attempts are recorded, and the last was refused outright; 0: none was
}

// errAgain says that row and item have to be read again.
var errAgain = errors.New("read again")

// settleItem reads, sends and settles, again while somebody else moves the
// event, and a bounded number of times.
func (p *pusher) settleItem(ctx context.Context) error {
	for range pushTries {
		var err error
		if p.row, p.item, err = p.w.Edits.Pair(ctx, p.rec.Account, p.id); err != nil {
			return fmt.Errorf("reading an edit: %w", err)
		}
		if p.item == nil {
			return nil
		}
		p.added, p.unlanded, p.joined = false, 0, false
		switch err = p.finish(ctx, p.item); {
		case err == nil:
			err = p.once(ctx)
		case errors.Is(err, errAgain):
			p.run.again = true // what it gave its exceptions to do may lie behind in the list
		}
		if fault.Is(err, fault.Item) {
			err = p.quarantine(ctx, err) // Stale where its person has changed it meanwhile
		}
		switch {
		case errors.Is(err, errSuperseded): // which is a stale write, too
			return err
		case errors.Is(err, errAgain):
			continue
		case fault.Is(err, fault.Stale):
			if later(p.row, p.item, p.hold) {
				return fmt.Errorf("%w: %w", errSuperseded, err)
			}
			continue
		}
		return err
	}
	return p.decide(ctx, integration.Decision{
		Event: p.id, What: "postponed", Why: "it kept changing while it was written; the next sync takes it up",
	})
}

func later(row *calendar.Row, item *calendar.Item, h integration.Hold) bool {
	if row != nil && newer(row.Link, h) {
		return true
	}
	return item != nil && (item.Generation > h.Generation || item.Generation == h.Generation && item.Fence > h.Fence)
}

// once is one pass over an item as it was read.
func (p *pusher) once(ctx context.Context) error {
	if p.row == nil || p.row.Pending == "" { // left over
		return p.write(ctx, calendar.Pair{Row: p.row, KeepRow: true, Item: calendar.ItemWrite{Delete: true}})
	}
	if done, err := p.comesIn(ctx); done || err != nil {
		return err
	}
	if p.resting() && !p.onlyIn() {
		return nil // it was edited again since it was given up
	}
	if p.refused() && !resumes(p.item.Refused) && !p.afresh() {
		return nil
	}
	if l := p.row.Link; l != nil && l.Calendar != p.rec.Settings.CalendarID {
		return nil // an imported event is never pushed to another calendar
	}
	if p.row.Origin == calendar.BornAtProvider && p.row.Link != nil && !calendar.ImportedAs(p.row, p.rec.Provider, p.rec.Subject, p.rec.Settings.CalendarID) {
		return nil // nor to another account's
	}
	if pair, ok := p.regained(p.row, p.item); ok { // an earlier connection's wind-down let it go after the pull
		if err := p.forgetCursor(ctx); err != nil {
			return err
		}
		if err := p.write(ctx, pair); err != nil {
			return err
		}
		p.run.again, p.run.listAll = true, true
		return errAgain
	}
	if p.row.IsException() {
		return p.occurrence(ctx)
	}
	if p.run.whole[p.id] {
		return nil // what came back with it is pulled first, whoever asks for the series to go before
	}
	switch p.item.Op {
	case calendar.OpDelete:
		return p.delete(ctx)
	case calendar.OpCreate:
		return p.create(ctx)
	case calendar.OpRestore:
		return p.restore(ctx)
	}
	return p.change(ctx)
}

// waiting says that the record waits for its verifying resync and this isn't
// it: an attempt of a late holder may still land.
func (p *pusher) waiting() bool {
	return !p.rec.VerifyAfter.IsZero() && !p.verifying && len(p.item.Sent) > 0
}

// refused reports whether this very state is in quarantine already.
func (p *pusher) refused() bool { return refused(p.row, p.item) }

func refused(row *calendar.Row, item *calendar.Item) bool {
	ref := item.Refused
	return ref != nil && ref.Version == item.Version && ref.ETag == etagOf(row)
}

func (p *pusher) etag() string { return etagOf(p.row) }

func etagOf(row *calendar.Row) string {
	if row == nil || row.Link == nil {
		return ""
	}
	return row.Link.ETag
}

func (p *pusher) providerID() string {
	if p.row.Link != nil {
		return p.row.Link.ProviderID
	}
	return calendar.ProviderIDOf(p.id)
}
