package calsync

import (
	"context"
	"fmt"
	"time"

	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// The breaker: five windows in a row with a failed run of class
// transient, and the integration rests. A probe that fails doubles its rest.
const (
	breakAt    = 5
	firstProbe = time.Hour
	lastProbe  = 24 * time.Hour
)

// counted is what a failed run does to its integration's breaker.
type counted struct {
	failures int   // windows in a row, this one included
	window   int64 // the last one that was looked at
	opens    bool
	probe    time.Duration // how long until the next probe, where this one failed
}

// judgeFailure decides what a failed run does to the breaker: nil, nothing.
//
// A window is counted once, and not at all while most of the fleet fails. Only
// what is transient is counted; a spent quota for writes rests the push alone,
// and a verification has a time of its own. A probe is a single run, and the
// next comes later whatever class it failed with: so every one of them counts,
// unless it is the fleet that fails, which leaves the rest as long as it was.
func (r *run) judgeFailure(ctx context.Context, cause error) *counted {
	b := &counted{failures: r.rec.Failures, window: integration.WindowOf(r.w.Now())}
	transient := outcomeOf(cause).class == classTransient && !fault.Is(cause, fault.QuotaExceeded)
	switch r.rec.Status {
	case integration.Error:
		if !transient || !r.fleetFails(ctx, b.window) {
			b.failures = max(b.failures, breakAt) + 1
		}
		b.probe = rest(b.failures)
		return b
	case integration.Active:
		if !transient || b.window == r.rec.FailureWindow {
			return nil
		}
		if !r.fleetFails(ctx, b.window) {
			b.failures++
		}
		b.opens = b.failures >= breakAt
		return b
	}
	return nil
}

// rest is how long until the next probe: an hour when the breaker opens, twice
// as long after every probe that failed.
func rest(failures int) time.Duration {
	return min(firstProbe<<min(max(failures-breakAt, 0), 5), lastProbe)
}

// fleetFails reports whether most of the fleet fails: then it is not this
// integration's own trouble, and nobody's breaker counts. A poll is counted among
// the window's failures for it; what the dispatcher didn't send for, or sends for
// without counting it (a probe), only asks. Where that can't be found out, it is the store that
// fails, which is nobody's own trouble either.
func (r *run) fleetFails(ctx context.Context, window int64) bool {
	var tally integration.FleetTally
	var err error
	if r.report.Trigger == integration.TriggerSchedule && r.rec.Status.Spread() {
		tally, err = r.w.Fleet.CountFailure(ctx, r.rec.Key, window)
	} else {
		tally, err = r.w.Fleet.Tally(ctx, window)
	}
	if err != nil {
		r.w.Log.WarnContext(ctx, "failed run not counted, so not held against its integration", "run", r.report.ID, "error", err)
		r.froze = true
		return true
	}
	if !tally.MostFail() {
		return false
	}
	r.froze = true
	r.w.Log.WarnContext(ctx, "most integrations fail: the breaker's counters stand still", "run", r.report.ID,
		"failed", tally.Failed, "due", tally.Due, "failed_before", tally.FailedBefore, "due_before", tally.DueBefore)
	return true
}

// deactivate opens the breaker: the integration rests until its probe.
func (r *run) deactivate(ctx context.Context, b *counted, wait time.Duration) error {
	before := r.rec.Clone()
	at := r.w.Now().Add(max(rest(b.failures), wait))
	m := r.moving()
	m.RetryAt = at // what is shown names it; a message that did would have to be kept, and grow old
	after, entry, err := integration.Move(before, integration.Deactivated, m)
	if err != nil {
		return fmt.Errorf("deactivating: %w", err)
	}
	after.VerifyAfter, after.Failures, after.FailureWindow = before.VerifyAfter, b.failures, b.window
	after.LastRun = before.Failed(r.report)
	if err := r.w.Store.Apply(ctx, integration.Change{Before: before, After: after, Entry: &entry}); err != nil {
		return r.refused(err)
	}
	r.broke = true
	r.w.Log.WarnContext(ctx, "the breaker opened: five windows in a row failed", "run", r.report.ID, "retry_at", at)
	return nil
}
