package calsync

import (
	"context"
	"fmt"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/integration"
)

// stayingCopy reports whether an event's copy stays in the calendar that was left
// although the copies are to go: it has guests whom nobody decided about, or one of
// its occurrences has. The run names it before the event is unlinked, since after that
// nothing leads to the copy any more; named says that it did already.
func (r *run) stayingCopy(ctx context.Context, row *calendar.Row, item *calendar.Item, named *bool) (bool, error) {
	why, err := calendar.CopyStays(ctx, r.w.Edits, row, item, r.rec.Provider, row.Link.Calendar)
	if err != nil {
		return false, fmt.Errorf("reading the occurrences of a series that leaves a calendar: %w", err)
	}
	if why == "" || *named {
		return why != "", nil
	}
	*named = true
	if err := r.decide(ctx, integration.Decision{Event: row.ID, Title: row.Title, What: "copy_left", Why: why}); err != nil {
		return false, err
	}
	return true, r.keepSoFar(ctx)
}
