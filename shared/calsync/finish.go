package calsync

import (
	"context"
	"fmt"

	"aura.example/integrations/shared/calendar"
)

// finish carries out what an edit of a series has left to do to its exceptions,
// where the process died that began it: before anything is sent of the series, or
// merged into it. errAgain says that there was something.
func (r *run) finish(ctx context.Context, item *calendar.Item) error {
	if item.Rest == nil || r.w.Finish == nil {
		return nil
	}
	if err := r.w.Finish(ctx, r.rec.Account, item.EventID); err != nil {
		return fmt.Errorf("finishing an edit of a series: %w", err)
	}
	return errAgain
}
