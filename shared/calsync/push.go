package calsync

import (
	"context"
	"errors"
	"fmt"
	"time"

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
	if !ok || r.rec.Settings.Direction == integration.FromProvider || r.readOnly() {
		return nil
	}
	paused := r.w.Now().Before(r.rec.PushPausedUntil)
	r.phase(integration.PhasePushing)
	cursor := ""
	for !paused {
		items, next, err := r.w.Edits.Outbox(ctx, r.rec.Account, cursor)
		if err != nil {
			return fmt.Errorf("reading the outbox: %w", err)
		}
		for i := range items {
			if err := r.commit(ctx, integration.PhasePushing, false); err != nil {
				return err
			}
			p := &pusher{run: r, writer: writer, id: items[i].EventID}
			err := p.settleItem(ctx)
			if fault.Is(err, fault.QuotaExceeded) {
				return r.pausePush(ctx)
			}
			if err != nil {
				return err
			}
		}
		if next == "" {
			return nil
		}
		cursor = next
	}
	return nil
}

// pausePush lets the writes rest: an hour, doubling while it goes on.
func (r *run) pausePush(ctx context.Context) error {
	rest := time.Hour
	if !r.rec.PushPausedUntil.IsZero() {
		rest = min(2*rest, 24*time.Hour)
	}
	until := r.w.Now().Add(rest)
	r.pausedUntil = &until
	return r.decide(ctx, integration.Decision{What: "push_paused", Why: "Google's limit for changes is used up until " + until.UTC().Format(time.RFC3339)})
}

// pusher brings one item to the provider.
type pusher struct {
	*run
	writer calendar.ProviderWriter
	id     string
	row    *calendar.Row
	item   *calendar.Item
	series string           // of an occurrence: its series' id at the provider
	whole  calendar.Content // and its content
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
		err = p.once(ctx)
		if fault.Is(err, fault.Item) {
			err = p.quarantine(ctx, err) // Stale where its person has changed it meanwhile
		}
		switch {
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
	if ref := p.item.Refused; ref != nil && ref.Version == p.item.Version && ref.ETag == p.etag() {
		return nil
	}
	if l := p.row.Link; l != nil && l.Calendar != p.rec.Settings.CalendarID {
		return nil // an imported event is never pushed to another calendar
	}
	if p.row.Origin == calendar.BornAtProvider && p.row.Link != nil && !calendar.ImportedAs(p.row, p.rec.Provider, p.rec.Subject, p.rec.Settings.CalendarID) {
		return nil // nor to another account's
	}
	if p.row.IsException() {
		return p.occurrence(ctx)
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

func (p *pusher) etag() string {
	if p.row == nil || p.row.Link == nil {
		return ""
	}
	return p.row.Link.ETag
}

func (p *pusher) providerID() string {
	if p.row.Link != nil {
		return p.row.Link.ProviderID
	}
	return calendar.ProviderIDOf(p.id)
}

// create inserts under the computed id. After an attempt whose answer was lost
// the id is looked at first: Google does not promise to detect a collision.
func (p *pusher) create(ctx context.Context) error {
	if len(p.item.Sent) > 0 {
		if p.waiting() {
			return nil
		}
		theirs, err := p.get(ctx)
		if err == nil {
			return p.meet(ctx, theirs)
		}
		if !fault.Is(err, fault.Gone) {
			return err
		}
	}
	at, err := p.record(ctx, calendar.Fields())
	if err != nil {
		return err
	}
	var answer calendar.Remote
	tried, landed := false, false
	err = p.call(ctx, func(ctx context.Context) (err error) {
		if tried { // an answer was lost, so it may be there
			answer, err = p.reader.Event(ctx, p.rec.Settings.CalendarID, p.providerID())
			if landed = err == nil; !fault.Is(err, fault.Gone) {
				return err
			}
		}
		tried = true
		answer, err = p.writer.Insert(ctx, calendar.Insertion{
			Calendar: p.rec.Settings.CalendarID, ID: p.providerID(), Content: p.row.Content, Stamp: at.Stamp,
		})
		return err
	})
	if fault.Is(err, fault.Duplicate) {
		return p.look(ctx)
	}
	if err != nil {
		return fmt.Errorf("inserting an event: %w", err)
	}
	if landed {
		return p.meet(ctx, answer)
	}
	p.report.Pushed.Created++
	return p.settle(ctx, answer, "inserted")
}

// change patches what differs, on condition of the etag.
func (p *pusher) change(ctx context.Context) error {
	fields := p.item.Carry(p.row.Content)
	if len(fields) == 0 {
		return p.settleNothing(ctx)
	}
	if err := p.guests(fields...); err != nil {
		return err
	}
	at, err := p.record(ctx, fields)
	if err != nil {
		return err
	}
	var answer calendar.Remote
	err = p.call(ctx, func(ctx context.Context) (err error) {
		answer, err = p.writer.Patch(ctx, p.edit(fields, at.Stamp))
		return err
	})
	if fault.Is(err, fault.Stale, fault.Gone) {
		return p.look(ctx)
	}
	if err != nil {
		return fmt.Errorf("changing an event: %w", err)
	}
	p.report.Pushed.Updated++
	return p.settle(ctx, answer, "changed")
}

// restore puts the whole event back after it was deleted there.
func (p *pusher) restore(ctx context.Context) error {
	if err := p.guests(calendar.Fields()...); err != nil {
		return err
	}
	at, err := p.record(ctx, calendar.Fields())
	if err != nil {
		return err
	}
	var answer calendar.Remote
	err = p.call(ctx, func(ctx context.Context) (err error) {
		answer, err = p.writer.Restore(ctx, p.edit(calendar.Fields(), at.Stamp))
		return err
	})
	if fault.Is(err, fault.Stale, fault.Gone) {
		return p.look(ctx)
	}
	if err != nil {
		return fmt.Errorf("restoring an event: %w", err)
	}
	p.report.Pushed.Created++
	return p.settle(ctx, answer, "restored")
}

// delete removes the event there, on condition of the etag.
func (p *pusher) delete(ctx context.Context) error {
	if p.row.Link == nil || p.row.Link.ETag == "" {
		if p.waiting() {
			return nil
		}
		theirs, err := p.get(ctx)
		if fault.Is(err, fault.Gone) {
			return p.settleDelete(ctx)
		}
		if err != nil {
			return err
		}
		return p.meet(ctx, theirs)
	}
	if err := p.guests(calendar.FieldWhen); err != nil {
		return err
	}
	err := p.call(ctx, func(ctx context.Context) error { return p.writer.Delete(ctx, p.edit(nil, "")) })
	switch {
	case fault.Is(err, fault.Gone) && p.row.IsException(): // cancelled, or not even a date of the series
		return p.look(ctx)
	case fault.Is(err, fault.Gone):
		if p.waiting() {
			return nil
		}
	case fault.Is(err, fault.Stale):
		return p.look(ctx)
	case err != nil:
		return fmt.Errorf("deleting an event: %w", err)
	}
	p.report.Pushed.Deleted++
	return p.settleDelete(ctx)
}

// guests refuses to change when, where or whether an event with guests is that
// nobody decided about: no automatic write may mail people, or fail to.
func (p *pusher) guests(fields ...calendar.Field) error {
	if p.row.Invited() == 0 || p.item.NotifyGuests != nil {
		return nil
	}
	for _, f := range fields {
		switch f {
		case calendar.FieldWhen, calendar.FieldRecurrence, calendar.FieldLocation:
			return fault.New(fault.Item, "guests_decision_required", "This event has guests. Say whether they are to be told.")
		}
	}
	return nil
}

func (p *pusher) edit(fields []calendar.Field, stamp string) calendar.Edit {
	return calendar.Edit{
		Calendar: p.rec.Settings.CalendarID, ID: p.providerID(), ETag: p.etag(), Fields: fields, Content: p.row.Content, Stamp: stamp,
		Occurrence: p.row.IsException(),
		Notify:     p.item.NotifyGuests != nil && *p.item.NotifyGuests,
	}
}
