package calsync

import (
	"context"
	"fmt"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
)

// Retries inside a run (truncated exponential backoff with
// jitter).
const (
	callTries = 6
	firstWait = 500 * time.Millisecond
	lastWait  = 32 * time.Second
)

// call makes a provider call, again after transient failures: full jitter,
// Retry-After honoured, and never longer than the run's budget allows.
func (r *run) call(ctx context.Context, do func(ctx context.Context) error) error {
	wait := firstWait
	for try := 1; ; try++ {
		if err := calendar.Await(ctx, r.w.Pace); err != nil {
			return err
		}
		err := do(ctx)
		if !fault.Is(err, fault.Transient) || try == callTries || ctx.Err() != nil {
			return err
		}
		pause := time.Duration(r.w.Jitter() * float64(wait))
		if advice := retryAfter(err); advice > 0 {
			pause = advice + time.Duration(r.w.Jitter()*float64(firstWait))
		}
		if d, ok := ctx.Deadline(); ok && r.w.Now().Add(pause+margin).After(d) {
			return err // no time left: the run fails with this, and the advice with it
		}
		if pause > lastWait*2 {
			return err // minutes are not waited out inside a run
		}
		if err := r.wait(ctx, pause); err != nil {
			return err
		}
		r.mu.Lock()
		r.retries++
		r.mu.Unlock()
		wait = min(2*wait, lastWait)
	}
}

// wait sleeps, and keeps the lease meanwhile: advice may be longer than the
// lease is.
func (r *run) wait(ctx context.Context, pause time.Duration) error {
	for pause > 0 {
		nap := min(pause, commitEvery)
		if err := r.commit(ctx, r.progress(nil).Phase, false); err != nil {
			return err
		}
		if err := r.w.Sleep(ctx, nap); err != nil {
			return fmt.Errorf("waiting to try again: %w", err)
		}
		pause -= nap
	}
	return nil
}
