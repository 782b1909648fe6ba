package calendar

import (
	"context"

	"aura.example/integrations/shared/fault"
)

// Pace keeps the calls of this process to its share of the project's quota at
// the provider (a rate.Limiter does). nil lets everything through. It is safe for
// concurrent use.
type Pace interface {
	// Wait returns when the next call's turn has come; an error when that would be
	// after the context's end.
	Wait(ctx context.Context) error
}

// Await waits for the turn of a call; transient when nobody can wait so long.
func Await(ctx context.Context, p Pace) error {
	if p == nil {
		return nil
	}
	if err := p.Wait(ctx); err != nil {
		return fault.Wrap(fault.Transient, "rate_limited", "Too many syncs at once.", err)
	}
	return nil
}
