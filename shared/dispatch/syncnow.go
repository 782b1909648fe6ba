package dispatch

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
)

// SyncNow starts a run because a person asked.
type SyncNow struct {
	Leases integration.Leases
	Queue  job.Queue
	Now    func() time.Time
	NewID  func() string
	Log    *slog.Logger
}

// Start takes the lease as queued, sends the job and gives the promised run.
// Of N callers at once exactly one succeeds. It costs one write and no read: the
// conditional update that takes the lease says all that is to be known.
//
// NotFound; Conflict sync_in_progress with the run that holds the lease,
// Conflict not_syncable with the status; Unavailable where the job could not be
// sent and no worker had adopted the run meanwhile: nothing was started then.
func (s *SyncNow) Start(ctx context.Context, key integration.Key, full bool, correlation string) (integration.Lease, error) {
	now := s.Now()
	claim := integration.Claim{
		Key: key, NewRunID: s.NewID(), Attempt: s.NewID(), Due: now, Now: now,
		Trigger: integration.TriggerSyncNow, Full: full, Queue: true,
	}
	held, verdict, err := s.Leases.Take(ctx, claim)
	if err != nil {
		return integration.Lease{}, fmt.Errorf("taking the lease: %w", err)
	}
	switch {
	case verdict == integration.Busy:
		return integration.Lease{}, inProgress(held.Lease, now)
	case verdict != integration.Taken:
		return integration.Lease{}, refused(held)
	}
	j := job.Job{
		Kind: job.Sync, Account: key.Account, Provider: key.Provider, Generation: held.ID, Run: claim.NewRunID,
		Trigger: integration.TriggerSyncNow, Full: full, Due: now, CorrelationID: correlation,
	}
	if err := s.Queue.Send(ctx, job.Message{Job: j}); err != nil {
		claim.Generation = held.ID
		return *held.Lease, s.unsent(ctx, claim, err)
	}
	return *held.Lease, nil
}

// unsent gives the lease back, unless a worker adopted the run all the same (a
// send can fail and have taken effect): then the promise holds.
func (s *SyncNow) unsent(ctx context.Context, c integration.Claim, cause error) error {
	err := s.Leases.Drop(ctx, c.Key, c.Generation, c.Attempt)
	if fault.Is(err, fault.Stale) {
		return nil
	}
	if err != nil {
		s.Log.WarnContext(ctx, "queued lease not dropped; it expires by itself", "error", err)
	}
	return fault.Wrap(fault.Unavailable, "queue_unavailable", "The sync could not be started. Try again in a moment.", cause).After(5 * time.Second)
}

func inProgress(l *integration.Lease, now time.Time) error {
	started := l.Started
	if started.IsZero() {
		started = l.Until.Add(-integration.QueuedFor)
	}
	return fault.New(fault.Conflict, "sync_in_progress", integration.MessageSyncInProgress).
		With("run", map[string]any{
			"id": l.RunID, "state": l.State, "phase": l.Phase, "pages": l.Pages, "events": l.Events,
			"age_seconds": int(now.Sub(started).Seconds()),
		}).After(5 * time.Second)
}

func refused(rec *integration.Integration) error {
	if rec == nil {
		return fault.New(fault.NotFound, "not_found", "There is no such integration.")
	}
	return fault.Newf(fault.Conflict, "not_syncable", "The integration is %s, so it can't be synced now.", rec.Status).
		With("integration_status", string(rec.Status))
}
