package calsync

import (
	"context"
	"fmt"
	"slices"

	"aura.example/integrations/shared/calendar"
)

// finish carries out what an edit of a series has left to do to its exceptions,
// where the process died that began it: before anything is sent of the series, or
// merged into it. errAgain says that there was something.
func (r *run) finish(ctx context.Context, item *calendar.Item) error {
	if item.Rest == nil || r.w.Finish == nil {
		return nil
	}
	r.mu.Lock()
	known := slices.Clone(r.brought[item.EventID])
	r.mu.Unlock()
	if err := r.w.Finish(ctx, r.rec.Account, item.EventID, known...); err != nil {
		return fmt.Errorf("finishing an edit of a series: %w", err)
	}
	return errAgain
}
