package connect

import (
	"context"
	"fmt"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// elsewhere is why a copy stays whose event is another connection's by now.
const elsewhere = "it was edited at the provider, and its event is elsewhere by now"

// mergeCopy brings in what was edited in a copy since Aura last saw it, before the
// copy goes, and gives the etag on whose condition it may go then. keep says why
// it has to stay: its event is another connection's by now, or keeps changing, or
// guests were invited about whom nobody decided.
//
// Where both sides changed a field, the newer wins, as in a run, and it is named.
func (w *WindDown) mergeCopy(ctx context.Context, o *integration.Order, at calendar.Reader, c integration.Copy) (etag, keep string, err error) {
	if err := calendar.Await(ctx, w.Pace); err != nil {
		return "", "", fmt.Errorf("reading a copy: %w", err)
	}
	theirs, err := at.Event(ctx, c.Calendar, c.ID)
	if fault.Is(err, fault.Gone) {
		return "", "", nil
	}
	if err != nil {
		return "", "", fmt.Errorf("reading a copy: %w", err)
	}
	if theirs.Deleted {
		return theirs.ETag, "", nil
	}
	named := false
	for range purgeTries {
		row, item, err := w.Edits.Pair(ctx, o.Key.Account, c.Event)
		if err != nil {
			return "", "", fmt.Errorf("reading an event to merge: %w", err)
		}
		if row == nil || item == nil { // its person has deleted it for good
			return theirs.ETag, "", nil
		}
		if row.Link != nil {
			return "", elsewhere, nil
		}
		item = item.At(o.Key.Provider, o.Subject, c.Calendar)
		next, it := *row, *item
		var met []integration.Decision
		why := unasked(row, item, &theirs)
		switch {
		case row.Pending == calendar.PendingDelete && item.Unchanged(theirs) && why == "":
			return theirs.ETag, "", nil
		case row.Pending == calendar.PendingDelete: // the edit there wins: the event comes back
			next.Content = theirs.Content
			next.Pending, it.Op = calendar.PendingEdit, calendar.OpCreate
			met = outlived(row, theirs)
		default:
			var conflicts []calendar.Conflict
			next.Content, conflicts = calendar.Merge(row.Content, row.Edited, item, theirs)
			met = fought(row, conflicts)
		}
		if !named {
			if err := w.name(ctx, o, met); err != nil {
				return "", "", err
			}
			named = len(met) > 0
		}
		base := theirs.Content
		it.Base, it.Former = &base, formerAt(o, c.Calendar, theirs)
		next.Version++
		it.Version = next.Version
		err = w.Edits.WritePair(ctx, calendar.Pair{
			Account: row.Account, ID: row.ID, Row: &next, Expect: row.Version, Stood: calendar.PlaceOf(row),
			Item: calendar.ItemWrite{Expect: item.Version, Update: &it},
		})
		if err == nil {
			return theirs.ETag, why, nil
		}
		if !fault.Is(err, fault.Stale) {
			return "", "", fmt.Errorf("merging a copy: %w", err)
		}
	}
	return "", elsewhere, nil
}
