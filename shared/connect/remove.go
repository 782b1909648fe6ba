package connect

import (
	"context"
	"errors"
	"fmt"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// removeFor is how long one batch of removals may hold a completion up, well
// within its claim.
const removeFor = revokeClaim * 3 / 4

// remove takes away at the provider what Aura created there, a noted batch at a
// time: the order notes whose copies go, each event is unlinked, then its copy is
// deleted. In that order, since an event whose copy went first would be taken
// for deleted by whoever reconnects in between; one that is unlinked first is
// pushed again. Before all that, what was edited of occurrences is looked for (look),
// and what has guests is named and left there (staying).
//
// The batch is claimed as a revoke is: a completion that would connect the
// calendar again waits for it, or takes the order back before it begins.
func (w *WindDown) remove(ctx context.Context, o *integration.Order) (more bool, err error) {
	reader := w.Providers[o.Key.Provider](w.Access(o.Key, o.Generation))
	writer, ok := reader.(calendar.ProviderWriter)
	if !ok {
		return false, nil
	}
	began := w.Now()
	if began.Sub(o.Since) > giveUpAfter {
		w.Log.ErrorContext(ctx, "what Aura created could not be removed within a day; it stays", "generation", o.Generation)
		return false, nil
	}
	if len(o.Noted) == 0 {
		noted, cursor, err := w.note(ctx, o)
		if err != nil || len(noted) == 0 {
			return false, err
		}
		o.Noted, o.Cursor = noted, cursor
	}
	if err := w.look(ctx, o, reader); err != nil {
		return false, err
	}
	tell, err := w.staying(ctx, o)
	if err != nil {
		return false, err
	}
	if err := w.claim(ctx, o); err != nil {
		return false, err
	}
	titles := map[string]string{}
	for _, c := range o.Noted {
		if titles[c.Event], err = w.unlink(ctx, o, c.Event); err != nil {
			return false, err
		}
	}
	var told []integration.Decision
	for len(o.Noted) > 0 && w.Now().Before(began.Add(removeFor)) {
		taken, err := w.takenOver(ctx, o)
		if err != nil || taken {
			return false, errors.Join(err, w.name(ctx, o, told))
		}
		what, why, err := w.removeCopy(ctx, o, reader, writer, o.Noted[0], tell[o.Noted[0].Event])
		if err != nil { // what is done so far is noted with the back-off
			return false, errors.Join(err, w.name(ctx, o, told))
		}
		if what == "" { // no way left to remove anything
			return false, w.name(ctx, o, append(told, accessGone(o)))
		}
		if c := o.Noted[0]; c.ID != "" {
			told = append(told, integration.Decision{Event: c.Event, Title: titles[c.Event], What: what, Why: causeOf(o) + why})
		}
		o.Noted = o.Noted[1:]
	}
	// Named before the batch is stored as done: after a crash between the two it is
	// named again, with each copy that is gone already.
	if err := w.name(ctx, o, told); err != nil {
		return false, err
	}
	o.ClaimedTo = time.Time{}
	stored, err := w.Orders.PutOrder(ctx, *o)
	if err != nil {
		return false, err
	}
	*o = stored
	return true, w.again(ctx, o)
}

// claim stores the order with a claim that completions wait for.
func (w *WindDown) claim(ctx context.Context, o *integration.Order) error {
	claimed := *o
	claimed.ClaimedTo = w.Now().Add(revokeClaim)
	stored, err := w.Orders.PutOrder(ctx, claimed)
	if err != nil {
		return err
	}
	*o = stored
	return nil
}

// note gives the next copies to remove, and where to look after those.
// Occurrences are noted to be unlinked; at the provider they go with their series.
func (w *WindDown) note(ctx context.Context, o *integration.Order) ([]integration.Copy, string, error) {
	cursor := o.Cursor
	for {
		rows, next, err := w.Events.Links(ctx, o.Key.Account, o.Key.Provider, "", cursor)
		if err != nil {
			return nil, "", fmt.Errorf("listing what Aura created: %w", err)
		}
		var noted []integration.Copy
		for _, r := range rows {
			if r.Origin != calendar.BornInAura || r.Generation > o.Generation || len(noted) == integration.MaxNoted {
				continue
			}
			c := integration.Copy{Event: r.ID, Calendar: r.Calendar, ID: r.ProviderID, ETag: r.ETag}
			if r.MasterID != "" {
				c.ID, c.ETag = "", ""
			}
			noted = append(noted, c)
		}
		if len(noted) > 0 || next == "" {
			return noted, cursor, nil
		}
		cursor = next
	}
}

// unlink takes an event from its copy, whatever it is just edited into, and gives
// its title.
func (w *WindDown) unlink(ctx context.Context, o *integration.Order, id string) (title string, err error) {
	for range purgeTries {
		row, item, err := w.Edits.Pair(ctx, o.Key.Account, id)
		if err != nil {
			return "", fmt.Errorf("reading an event to unlink: %w", err)
		}
		if row == nil {
			return "", nil
		}
		if !letGo(row, o) {
			return row.Title, nil
		}
		subject, err := w.subjectOf(ctx, row, o)
		if err != nil {
			return "", err
		}
		err = w.Edits.WritePair(ctx, calendar.Unlink(row, item, subject, w.Now()))
		if err == nil {
			return row.Title, w.unquarantine(ctx, o, id)
		}
		if !fault.Is(err, fault.Stale) {
			return "", fmt.Errorf("unlinking an event: %w", err)
		}
	}
	return "", fault.New(fault.Transient, "event_contended", "An event keeps changing.")
}

// takenOver reports that the same person's calendar is connected again by a
// newer generation: the copies are that one's now.
func (w *WindDown) takenOver(ctx context.Context, o *integration.Order) (bool, error) {
	rec, err := w.Store.Get(ctx, o.Key)
	if fault.Is(err, fault.NotFound) {
		return false, nil
	}
	if err != nil {
		return false, fmt.Errorf("looking who is connected now: %w", err)
	}
	return rec.ID != o.Generation && rec.Subject != "" && rec.Subject == o.Subject, nil
}

// removeCopy deletes one copy, as Aura knows it; tell is for the guests of what its
// person deleted. What was edited in it since is merged first. What the provider
// refuses to delete stays there. It gives what became of the copy and why; nothing
// where the provider lets us delete nothing any more.
func (w *WindDown) removeCopy(ctx context.Context, o *integration.Order, reader calendar.Reader, writer calendar.ProviderWriter, c integration.Copy, tell bool) (what, why string, err error) {
	if c.ID == "" {
		return whatRemoved, "", nil
	}
	for range purgeTries {
		err := calendar.Await(ctx, w.Pace)
		if err == nil {
			err = writer.Delete(ctx, calendar.Edit{Calendar: c.Calendar, ID: c.ID, ETag: c.ETag, Notify: tell})
		}
		keep := ""
		if fault.Is(err, fault.Stale) {
			if c.ETag, keep, err = w.mergeCopy(ctx, o, reader, c); err == nil && keep == "" {
				continue
			}
		}
		switch {
		case keep != "":
			w.Log.WarnContext(ctx, "a copy was edited; it stays", "event", c.Event, "why", keep)
			return whatLeft, keep, nil
		case err == nil:
			return whatRemoved, "what Aura had created at the provider was to go", nil
		case fault.Is(err, fault.Gone):
			return whatRemoved, "what Aura had created at the provider was to go, and this copy was gone already", nil
		case fault.Is(err, fault.Item, fault.Refused, fault.CalendarLost):
			w.Log.WarnContext(ctx, "a copy could not be removed; it stays", "event", c.Event, "error", err)
			return whatLeft, "the provider doesn't let it be deleted: " + fault.Of(err).Message, nil
		case fault.Is(err, fault.CredentialGone, fault.Unauthorized, fault.ScopeMissing, fault.ServiceDisabled):
			w.Log.WarnContext(ctx, "access is gone, so the copies stay", "error", err)
			return "", "", nil
		}
		return "", "", fmt.Errorf("removing a copy: %w", err)
	}
	return "", "", fault.New(fault.Transient, "copy_contended", "A copy keeps changing.")
}
