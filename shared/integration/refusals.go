package integration

import (
	"time"

	"aura.example/integrations/shared/fault"
)

// The refusals of the store ports. Both adapters answer with these, so that
// nobody above can tell which of them answered.

// ErrNotFound refuses what isn't there.
func ErrNotFound() *fault.Error {
	return fault.New(fault.NotFound, "not_found", "There is no such integration.")
}

// ErrStale refuses a write whose reader's version, fence or attempt moved on.
func ErrStale() *fault.Error {
	return fault.New(fault.Stale, "stale", "It has changed since you looked. Load it again.")
}

// ErrPlaceTaken refuses a second integration with a provider.
func ErrPlaceTaken() *fault.Error {
	return fault.New(fault.Conflict, "provider_exists", MessageProviderExists)
}

// ErrPlanFull refuses a create at the plan's limit.
func ErrPlanFull() *fault.Error {
	return fault.New(fault.Conflict, "plan_limit_reached", MessagePlanLimit)
}

// ErrDirty refuses the end of a run that was asked for another round.
func ErrDirty() *fault.Error {
	return fault.New(fault.Conflict, "dirty", "Something asked for another round of this sync.")
}

// ErrRevoking refuses to delete an order while its grant is being revoked.
func ErrRevoking(wait time.Duration) *fault.Error {
	return fault.New(fault.Unavailable, "revoking", "The old access is just being withdrawn. Try again in a minute.").After(wait)
}

// Revoking reports whether somebody's claim to revoke may still be at work. The
// claim is far longer than a revoke takes, so clocks needn't agree closely.
func (o *Order) Revoking(now time.Time) bool { return now.Before(o.ClaimedTo) }
