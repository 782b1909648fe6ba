package work

import (
	"context"

	"aura.example/integrations/shared/job"
	"aura.example/integrations/shared/telemetry"
)

// Notes keeps why jobs failed, as a log would have it: without what has the
// shape of a token.
type Notes struct{ job.Failures }

// NoteFailure keeps it.
func (n Notes) NoteFailure(ctx context.Context, f job.Failure) error {
	f.Reason = telemetry.Scrub(f.Reason)
	return n.Failures.NoteFailure(ctx, f)
}
