package calsync

import (
	"context"
	"fmt"

	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// chunkBytes is about how much of decisions one item holds (100 KB).
const chunkBytes = 90 << 10

// decide notes a decision about one event; full chunks are stored on the way,
// so a report of any length is held in bounded memory.
func (r *run) decide(ctx context.Context, d integration.Decision) error {
	d.At = r.w.Now()
	size := 200 + len(d.Title) + len(d.Why) + len(d.Ours) + len(d.Their)
	if r.decided+size > chunkBytes {
		if err := r.flush(ctx); err != nil {
			return err
		}
	}
	r.report.Decisions = append(r.report.Decisions, d)
	r.decided += size
	return nil
}

func (r *run) flush(ctx context.Context) error {
	if len(r.report.Decisions) == 0 {
		return nil
	}
	err := r.chunk(ctx)
	// What an earlier process of this run stored stays: where its report wasn't read,
	// its chunks are found here.
	for ; fault.Is(err, fault.Stale) && r.report.Chunks < mostChunks; err = r.chunk(ctx) {
		r.report.Chunks++
	}
	if err != nil {
		return fmt.Errorf("storing decisions: %w", err)
	}
	r.report.Chunks++
	r.report.Decisions, r.decided = nil, 0
	return nil
}

// mostChunks is more than any run has: 9 MB of decisions.
const mostChunks = 100

func (r *run) chunk(ctx context.Context) error {
	return r.w.Journal.PutDecisions(ctx, r.rec.Key, r.report.ID, r.report.Chunks, r.report.Decisions, r.w.Now().Add(integration.Retention))
}

// keep stores the report where one is kept: something changed, something
// failed, or a person asked.
func (r *run) keep(ctx context.Context) error {
	r.count()
	if !r.report.Kept() {
		return nil
	}
	if err := r.flush(ctx); err != nil {
		return err
	}
	if err := r.w.Journal.PutRun(ctx, r.report); err != nil {
		return fmt.Errorf("storing the run's report: %w", err)
	}
	return nil
}

// count brings what the run consumed, in this process and in those before it,
// into its report.
func (r *run) count() Usage {
	u := r.usage()
	r.report.ProviderCalls = r.earlier.ProviderCalls + u.ProviderCalls
	r.report.Units.Read, r.report.Units.Write = r.earlier.Units.Read+u.Units.Read, r.earlier.Units.Write+u.Units.Write
	r.report.Retries = r.earlier.Retries + r.retries
	return u
}

// keepSoFar stores what a run has done so far, before it hands itself on or does
// what must not go without a word: as superseded, which is what it will have been
// if nobody goes on. While somebody does, the lease speaks for it. Whoever takes a
// vanished run's lease away reports it, but a person who disconnects doesn't.
func (r *run) keepSoFar(ctx context.Context) error {
	if err := r.flush(ctx); err != nil {
		return err
	}
	r.count()
	so := r.report
	so.State, so.EndedAt = integration.RunSuperseded, r.w.Now()
	if err := r.w.Journal.PutRun(ctx, so); err != nil {
		return fmt.Errorf("storing what the run has done so far: %w", err)
	}
	return nil
}

// goOn takes up what the processes before this one have counted.
func (r *run) goOn(ctx context.Context) {
	was, err := r.w.Journal.Run(ctx, r.rec.Key, r.report.ID, r.w.Now())
	if err != nil {
		r.w.Log.WarnContext(ctx, "what the run did so far isn't known; its counts begin anew", "run", r.report.ID, "error", err)
		return
	}
	r.earlier = *was
	r.report.Pulled, r.report.Pushed, r.report.Conflicts = was.Pulled, was.Pushed, was.Conflicts
	r.report.Quarantined, r.report.Chunks, r.report.CorrelationID = was.Quarantined, was.Chunks, was.CorrelationID
}

// reportSuperseded is the only thing that a superseded run still writes.
func (r *run) reportSuperseded(ctx context.Context) {
	r.report.State, r.report.EndedAt = integration.RunSuperseded, r.w.Now()
	if err := r.keep(ctx); err != nil {
		r.w.Log.WarnContext(ctx, "report of a superseded run not stored", "run", r.report.ID, "error", err)
	}
}

// reportVanished reports the run whose expired lease this one took over.
func (r *run) reportVanished(ctx context.Context, l *integration.Lease) {
	gone := integration.Run{
		Key: r.rec.Key, ID: l.RunID, Generation: r.rec.ID, Trigger: l.Trigger, State: integration.RunFailed,
		StartedAt: l.Started, EndedAt: r.w.Now(), Progress: integration.Progress{Phase: l.Phase, Pages: l.Pages, Events: l.Events},
		Error: &integration.RunError{Class: string(classTransient), Code: "vanished", Message: "The sync stopped without an answer. Another one took over."},
	}
	if err := r.w.Journal.PutRun(ctx, gone); err != nil {
		r.w.Log.WarnContext(ctx, "report of a vanished run not stored", "run", l.RunID, "error", err)
	}
}
