package calsync

import (
	"context"
	"fmt"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
)

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
	if done, err := p.together(ctx); done || err != nil {
		return err
	}
	at, err := p.record(ctx, calendar.Fields())
	if err != nil {
		return err
	}
	var answer calendar.Remote
	tried, landed := false, false
	err = p.send(ctx, func(ctx context.Context) (err error) {
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
	if done, err := p.together(ctx); done || err != nil {
		return err
	}
	if later, err := p.handOn(ctx); later || err != nil {
		return err
	}
	if p.etag() == "" { // nothing is overwritten that nobody has looked at
		return p.look(ctx)
	}
	fields := p.item.Carry(p.row.Content)
	if len(fields) == 0 {
		return p.settleNothing(ctx)
	}
	if err := p.guests(fields...); err != nil {
		return err
	}
	if err := p.nameDropped(ctx, fields); err != nil {
		return err
	}
	at, err := p.record(ctx, fields)
	if err != nil {
		return err
	}
	var answer calendar.Remote
	err = p.send(ctx, func(ctx context.Context) (err error) {
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
	if done, err := p.lastSaid(ctx); done || err != nil {
		return err
	}
	if later, err := p.handOn(ctx); err != nil || later {
		return err
	}
	if p.row.IsMaster() && !p.sendsOnly() {
		if err := p.forgetCursor(ctx); err != nil {
			return err
		}
	}
	ours := p.wholeAgain()
	at, err := p.record(ctx, calendar.Fields())
	if err != nil {
		return err
	}
	var answer calendar.Remote
	err = p.send(ctx, func(ctx context.Context) (err error) {
		answer, err = p.writer.Restore(ctx, p.edit(calendar.Fields(), at.Stamp))
		return err
	})
	if fault.Is(err, fault.Stale, fault.Gone) {
		return p.look(ctx)
	}
	if err != nil {
		return fmt.Errorf("restoring an event: %w", err)
	}
	if p.row.IsMaster() && !p.sendsOnly() {
		// Which of its exceptions came back with it, only a list of everything says: of
		// those whose dates it no longer had, no more is said than that they went.
		p.run.listAll, p.run.again = true, true
	}
	p.report.Pushed.Created++
	if ours != nil {
		return p.stillToDivide(ctx, *ours, answer)
	}
	return p.settle(ctx, answer, "restored")
}

// delete removes the event there, on condition of the etag.
func (p *pusher) delete(ctx context.Context) error {
	if p.item.Beside != nil && p.row.Link == nil && len(p.item.Sent) == 0 { // nothing is left of it, and it was never there
		if err := p.takeAlong(ctx); err != nil {
			return err
		}
		return p.write(ctx, calendar.Pair{Row: p.row.Remains(), Item: calendar.ItemWrite{Delete: true, Unsent: true}})
	}
	if p.row.Link == nil || p.row.Link.ETag == "" {
		if p.waiting() {
			return nil
		}
		theirs, err := p.getSurely(ctx)
		if fault.Is(err, fault.Gone) {
			return p.settleDelete(ctx)
		}
		if err != nil {
			return err
		}
		return p.meet(ctx, theirs)
	}
	if err := p.spare(ctx); err != nil {
		return err
	}
	if err := p.guests(calendar.FieldWhen); err != nil {
		return err
	}
	if wait, err := p.editedSince(ctx); err != nil || wait {
		return err
	}
	err := p.call(ctx, func(ctx context.Context) error { return p.writer.Delete(ctx, p.edit(nil, "")) })
	switch {
	case fault.Is(err, fault.Gone, fault.Stale): // deleted already, edited meanwhile, or the whole calendar isn't there
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
			return errUndecided
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
