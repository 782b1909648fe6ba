package calsync

import (
	"context"
	"errors"
	"fmt"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// leave takes Aura's own events out of the calendars that were left, before the
// chosen one is read: what waits to be created is known there by its id, also
// where that calendar was left once and has a copy still. What was edited in the
// calendars that are left is brought in before. cut says that the deadline came
// first.
//
// Where the copies are to go, an event is marked as waiting before its copy is
// deleted: one that waits is never taken for deleted at the provider, whatever
// happens in between and whichever calendar is chosen next.
func (r *run) leave(ctx context.Context) (cut bool, err error) {
	if r.rec.CalendarSwitch == nil {
		return false, nil
	}
	left, err := r.ours(ctx)
	if err != nil {
		return false, err
	}
	from := calendarsOf(left)
	maybe, err := r.landed(ctx)
	if err != nil {
		return false, err
	}
	if old := r.rec.CalendarSwitch.OldCalendar; maybe && old != r.rec.Settings.CalendarID {
		from = unique(append(from, old))
	}
	if len(from) == 0 {
		return false, nil
	}
	if cut, err := r.lastLook(ctx, from); err != nil || cut {
		return cut, err
	}
	if left, err = r.ours(ctx); err != nil { // it brought occurrences, and took away what was deleted
		return false, err
	}
	for i, l := range left {
		if err := r.commit(ctx, integration.PhasePulling, false); err != nil {
			return false, err
		}
		if i > 0 && r.deadlineNear(ctx) {
			return true, nil
		}
		if err := r.leaveOne(ctx, l); err != nil {
			return false, err
		}
	}
	return false, nil
}

// ours gives what is linked of Aura's own events to calendars that were left.
func (r *run) ours(ctx context.Context) (left []calendar.LinkRow, err error) {
	err = r.linked(ctx, "", func(l calendar.LinkRow) error {
		if l.Origin == calendar.BornInAura && l.Calendar != r.rec.Settings.CalendarID {
			left = append(left, l)
		}
		return nil
	})
	return left, err
}

// linked visits what is linked to a calendar, "" for any of the provider's.
func (r *run) linked(ctx context.Context, cal string, visit func(calendar.LinkRow) error) error {
	cursor := ""
	for {
		rows, next, err := r.w.Events.Links(ctx, r.rec.Account, r.rec.Provider, cal, cursor)
		if err != nil {
			return fmt.Errorf("reading what is linked: %w", err)
		}
		for _, l := range rows {
			if err := visit(l); err != nil {
				return err
			}
		}
		if next == "" {
			return nil
		}
		cursor = next
	}
}

// leaveOne unlinks one event, after its copy is gone where that was asked for.
func (r *run) leaveOne(ctx context.Context, l calendar.LinkRow) error {
	removed := !r.rec.CalendarSwitch.RemoveCopies || l.MasterID != "" // occurrences go with their series
	if !removed && r.resting() {                                      // it is unlinked once its copy is gone
		r.copiesWait = true
		return nil
	}
	named := false
	for range 2 * putTries {
		row, item, err := r.w.Edits.Pair(ctx, r.rec.Account, l.ID)
		if err != nil {
			return fmt.Errorf("reading an event that leaves a calendar: %w", err)
		}
		if row == nil || row.Link == nil || row.Link.Calendar == r.rec.Settings.CalendarID {
			return nil
		}
		if err := r.releaseItem(ctx, item); err != nil {
			return err
		}
		if !removed {
			if removed, err = r.stayingCopy(ctx, row, item, &named); err != nil {
				return err
			}
		}
		pair := calendar.Unlink(row, item, r.rec.Subject, r.w.Now())
		switch {
		case removed:
		case row.Pending == "": // first it waits, still linked
			pair.Row.Link, pair.Row.Mirror, pair.Row.ReadOnly = row.Link, row.Mirror, row.ReadOnly
		default:
			again, err := r.removeCopy(ctx, l, row, item)
			if fault.Is(err, fault.QuotaExceeded) {
				r.copiesWait = true
				return r.pausePush(ctx, r.report.Pushed.Deleted > 0)
			}
			if err != nil {
				return err
			}
			if again {
				continue
			}
			removed = true
		}
		pair.Hold = calendar.Hold{Generation: r.hold.Generation, Fence: r.hold.Fence}
		err = r.w.Edits.WritePair(ctx, pair)
		switch {
		case fault.Is(err, fault.Stale) && later(row, item, r.hold):
			return fmt.Errorf("%w: %w", errSuperseded, err)
		case fault.Is(err, fault.Stale):
			continue
		case err != nil:
			return fmt.Errorf("unlinking an event: %w", err)
		}
		if !removed {
			continue
		}
		return r.decide(ctx, integration.Decision{Event: l.ID, Title: l.Title, What: "unlinked", Why: "another calendar was chosen"})
	}
	return fault.New(fault.Transient, "event_contended", "An event keeps changing.")
}

// removeCopy deletes the copy in the calendar that was left, and tells nobody but
// whom its person wanted told that the event is deleted. It is deleted as Aura knows it: what was edited there in this very moment is merged
// first, and the event has to be read again. Where the provider won't delete it,
// it stays: the switch doesn't hang on that.
func (r *run) removeCopy(ctx context.Context, l calendar.LinkRow, row *calendar.Row, item *calendar.Item) (again bool, err error) {
	writer, ok := r.reader.(calendar.ProviderWriter)
	if !ok {
		return false, nil
	}
	told := calendar.Decided(row, item)
	err = r.call(ctx, func(ctx context.Context) error {
		return writer.Delete(ctx, calendar.Edit{Calendar: l.Calendar, ID: l.ProviderID, ETag: row.Link.ETag, Notify: told != nil && *told})
	})
	switch {
	case err == nil:
		r.report.Pushed.Deleted++
		return false, r.decide(ctx, integration.Decision{Event: l.ID, Title: l.Title, What: "copy_removed", Why: "its calendar was left, and the copies were to go"})
	case fault.Is(err, fault.Gone):
		return false, nil
	case fault.Is(err, fault.Stale) && item != nil:
		return true, r.meetLeaving(ctx, l, row, item)
	case fault.Is(err, fault.Item, fault.Refused, fault.CalendarLost):
		return false, r.decide(ctx, integration.Decision{Event: l.ID, Title: l.Title, What: "copy_left", Why: "the provider doesn't let it be deleted: " + safeMessage(err)})
	}
	return false, fmt.Errorf("removing a copy from the calendar that was left: %w", err)
}

// meetLeaving merges what somebody has just edited in the calendar that is left.
func (r *run) meetLeaving(ctx context.Context, l calendar.LinkRow, row *calendar.Row, item *calendar.Item) error {
	var theirs calendar.Remote
	err := r.call(ctx, func(ctx context.Context) (err error) {
		theirs, err = r.reader.Event(ctx, l.Calendar, l.ProviderID)
		return err
	})
	if fault.Is(err, fault.Gone) {
		return nil // the next try finds it gone
	}
	if err != nil {
		return fmt.Errorf("reading a copy in the calendar that was left: %w", err)
	}
	p := &pusher{run: r, id: l.ID, row: row, item: item}
	if err = p.carryOn(ctx, p.meeting(theirs)); errors.Is(err, errAgain) {
		return nil
	}
	if fault.Is(err, fault.Stale) && !later(row, item, r.hold) {
		return nil
	}
	return err
}

// leftBehind gives what was imported from calendars that were left: any but the
// chosen one, since a second choice may have come before the first was pulled.
func (p *pull) leftBehind(ctx context.Context) ([]calendar.LinkRow, error) {
	if p.rec.CalendarSwitch == nil {
		return nil, nil
	}
	var out []calendar.LinkRow
	err := p.linked(ctx, "", func(l calendar.LinkRow) error {
		if l.Origin == calendar.BornAtProvider && l.Calendar != p.rec.Settings.CalendarID {
			out = append(out, l)
		}
		return nil
	})
	return out, err
}

// giveUpEdits takes away what was imported and still waits with an edit: whoever chose
// another calendar gave it up, or made it too late. The run names each.
func (p *pull) giveUpEdits(ctx context.Context, left []calendar.LinkRow) ([]calendar.LinkRow, error) {
	quiet := left[:0:0]
	for _, l := range left {
		if l.Pending == "" {
			quiet = append(quiet, l)
			continue
		}
		if err := p.giveUpEdit(ctx, l); err != nil {
			return nil, err
		}
	}
	return quiet, nil
}

func (p *pull) giveUpEdit(ctx context.Context, l calendar.LinkRow) error {
	for range putTries {
		row, item, err := p.w.Edits.Pair(ctx, p.rec.Account, l.ID)
		if err != nil {
			return fmt.Errorf("reading an edit that is given up: %w", err)
		}
		if row == nil || row.Link == nil || row.Link.Calendar == p.rec.Settings.CalendarID {
			return nil
		}
		if err := p.releaseItem(ctx, item); err != nil {
			return err
		}
		pair := calendar.Leave(row, item)
		pair.Hold = calendar.Hold{Generation: p.hold.Generation, Fence: p.hold.Fence}
		err = p.w.Edits.WritePair(ctx, pair)
		switch {
		case fault.Is(err, fault.Stale) && later(row, item, p.hold):
			return fmt.Errorf("%w: %w", errSuperseded, err)
		case fault.Is(err, fault.Stale):
			continue
		case err != nil:
			return fmt.Errorf("giving an edit up: %w", err)
		}
		p.report.Pulled.Deleted++
		return p.decide(ctx, integration.Decision{Event: l.ID, Title: l.Title, What: "discarded", Why: "another calendar was chosen while this edit waited"})
	}
	return fault.New(fault.Transient, "event_contended", "An event keeps changing.")
}
