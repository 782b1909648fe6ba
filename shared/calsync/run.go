package calsync

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"time"

	"golang.org/x/time/rate"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
)

const (
	commitEvery = 10 * time.Second // a third of the lease
	margin      = 20 * time.Second // before the deadline, a run checkpoints
)

// run is one run in one process: what it holds, what it has done.
type run struct {
	w      *Worker
	job    job.Job
	rec    *integration.Integration // as taken; rounds update what they change
	hold   integration.Hold
	reader calendar.Reader
	usage  func() Usage

	started time.Time // of this round: what it covers
	report  integration.Run
	earlier integration.Run // what the run's earlier processes reported
	decided int             // bytes of decisions not stored yet

	// mu guards what the fetcher of the next page uses beside the writer of this
	// one: the fields below and report.Progress.
	mu        sync.Mutex
	committed time.Time // last extension of the lease
	retries   int

	resume      *integration.Checkpoint // where a killed first sync goes on
	marked      bool                    // a checkpoint item was written
	paceOnce    sync.Once
	limiter     *rate.Limiter // of this account's partition
	verifying   bool          // this round is the verifying resync
	pausedUntil *time.Time    // the push rests
	pushRest    time.Duration // so long
	copiesWait  bool          // copies are to be removed, and no write is taken now
	cutShort    bool          // the deadline came before everything was pushed
	listAll     bool          // a full resync was asked for
	forgot      bool          // the record has no cursor, by this run's doing
	owed        bool          // and everything is yet to be listed since
	verified    bool          // a round of this run was the verifying resync
	unreadable  *bool         // whether something may be set aside that couldn't be stored; nil: as the record says
	answered    bool          // an earlier round of this run carried out the decision about held deletions
	broke       bool          // the breaker opened
	froze       bool          // the run failed, and most of the fleet with it
	followed    bool          // a job was sent for whoever asked while it failed
	role        calendar.Role // of the calendar, as its list said; "" before that
	zone        string        // the calendar's own, likewise

	cursor  string                         // what this round's pull reached
	brought map[string][]string            // series → exceptions that pulls stored as they are there
	begun   []string                       // series that pulls found new
	pushes  bool                           // something waited in the outbox
	pushed  bool                           // and all of it was looked at
	went    map[string]string              // series that pulls deleted here → their ids at the provider
	came    bool                           // pulls listed a series that lives
	before  map[string]calendar.Quarantine // what was set aside, by event, when it was first asked
	again   bool                           // an item waits for another round: something came in between
	parted  map[string]bool                // series that this round's push found divided: their second halves weren't pulled yet
	whole   map[string]bool                // series that this round's push put back with all their dates, and that wait for a pull
	listed  bool                           // this round's pull listed everything
	asked   map[string]bool                // series at the provider that were asked whether they have changed since
}

func newRun(w *Worker, j job.Job, rec *integration.Integration, usage func() Usage) *run {
	now := w.Now()
	r := &run{
		w: w, job: j, rec: rec, usage: usage, started: now, committed: now,
		hold:    integration.Hold{Key: rec.Key, Generation: rec.ID, Fence: rec.Fence},
		reader:  w.Providers[rec.Provider](w.Access(rec.Key, rec.ID)),
		brought: map[string][]string{}, parted: map[string]bool{}, whole: map[string]bool{}, asked: map[string]bool{}, went: map[string]string{},
	}
	r.report = integration.Run{
		Key: rec.Key, Generation: rec.ID, State: integration.RunRunning, StartedAt: now, CorrelationID: j.CorrelationID, Trigger: j.Trigger,
	}
	if l := rec.Lease; l != nil {
		r.report.ID, r.report.Trigger, r.listAll = l.RunID, l.Trigger, l.Full
		if l.Begun() {
			r.started, r.report.StartedAt = l.Started, l.Started
		}
		r.report.Progress = integration.Progress{Phase: l.Phase, Pages: l.Pages, Events: l.Events}
	}
	return r
}

// rounds pulls until nobody asks for more and nothing waits for a look at what
// came in between, at most MaxRounds times; then the
// run ends and leaves a queued lease for the next, before it sends the job, so
// that whoever asked last is not forgotten.
func (r *run) rounds(ctx context.Context) (again bool, err error) {
	if r.w.Watch != nil {
		if err := r.w.Watch(ctx, r.hold, r.rec); err != nil {
			if err = r.refused(err); errors.Is(err, errSuperseded) {
				return false, err
			}
			return r.failed(ctx, err)
		}
		// Opening a channel may have taken as long as a lease lasts.
		if err := r.commit(ctx, integration.PhasePulling, false); err != nil {
			return r.failed(ctx, err)
		}
	}
	for round := 1; ; round++ {
		out, err := r.pull(ctx)
		if err != nil {
			return r.failed(ctx, err)
		}
		if out.checkpointed {
			return false, nil
		}
		r.cursor, r.again, r.listed, r.parted, r.whole = out.cursor, r.owed, out.full, map[string]bool{}, map[string]bool{}
		if err := r.push(ctx); err != nil {
			return r.failed(ctx, err)
		}
		if r.cutShort {
			return r.handOver(ctx, out)
		}
		if !r.again || round == integration.MaxRounds && !r.listAll && !r.owed { // what still waits is the next run's
			if err = r.end(ctx, out, nil); fault.CodeOf(err) != CodeDirty {
				return r.ended(ctx, err)
			}
		}
		if round < integration.MaxRounds {
			if err := r.nextRound(ctx, out); err != nil {
				return false, err
			}
			continue
		}
		return r.handOver(ctx, out)
	}
}

// CodeDirty is how the store says that somebody asked for another round.
const CodeDirty = "dirty"

// nextRound clears dirty and moves the start in one write. The cursor that the
// round reached goes on in memory: it is stored by the write that ends the run.
func (r *run) nextRound(ctx context.Context, out outcome) error {
	now := r.w.Now()
	err := r.w.Leases.Commit(ctx, r.hold, integration.Commit{Until: now.Add(integration.LeaseFor), Started: now, Phase: integration.PhasePulling})
	if err != nil {
		return r.refused(err)
	}
	r.started = now
	r.rec.Cursor, r.rec.LinkedCount = out.cursor, out.linked
	if r.rec.DeletionsDecision != "" { // it was about what was held, and that is done
		r.rec.DeletionsDecision, r.answered = "", true
	}
	if r.verifying {
		r.rec.VerifyAfter, r.verified = time.Time{}, true // the end write says so
	}
	r.progress(func(p *integration.Progress) { p.Pages = 0 })
	r.mu.Lock()
	r.committed = now
	r.mu.Unlock()
	return nil
}

// handOver ends the run and promises the next in one write.
func (r *run) handOver(ctx context.Context, out outcome) (bool, error) {
	next := integration.QueuedRun(r.w.NewID(), r.w.NewID(), integration.TriggerContinuation, r.w.Now())
	if err := r.end(ctx, out, next); err != nil {
		return r.ended(ctx, err)
	}
	j := r.job
	j.Run, j.Due, j.Trigger = next.RunID, r.w.Now(), next.Trigger
	if err := r.w.Queue.Send(ctx, job.Message{Job: j}); err != nil {
		r.w.Log.WarnContext(ctx, "continuation not sent; the slot brings it", "error", err)
	}
	return r.ended(ctx, nil)
}

// end writes the report where one is kept, then gives the lease up.
func (r *run) end(ctx context.Context, out outcome, next *integration.Lease) error {
	now := r.w.Now()
	r.report.State, r.report.EndedAt = integration.RunSucceeded, now
	r.phase(integration.PhaseFinishing)
	if err := r.keep(ctx); err != nil {
		return err
	}
	zero, none, never := 0, int64(0), time.Time{}
	if r.listAll || r.owed { // which the next run does, whoever makes it
		out.cursor = ""
	}
	e := integration.Ending{
		Outcome: integration.RunSucceeded, Started: r.started, FreshAsOf: r.started, Cursor: &out.cursor,
		LinkedCount: &out.linked, ClearVerify: r.verifying || r.verified, ClearDecision: r.rec.DeletionsDecision != "" || r.answered,
		ClearSwitch: r.rec.CalendarSwitch != nil && !r.copiesWait, Next: next,
		LastRun: &integration.LastRun{
			ID: r.report.ID, Started: r.report.StartedAt, Ended: now, Trigger: r.report.Trigger, Outcome: integration.RunSucceeded,
			Created:   r.report.Pulled.Created + r.report.Pushed.Created,
			Updated:   r.report.Pulled.Updated + r.report.Pushed.Updated,
			Deleted:   r.report.Pulled.Deleted + r.report.Pushed.Deleted,
			Conflicts: r.report.Conflicts,
		},
	}
	if r.pausedUntil != nil {
		e.PushPausedUntil, e.PushRest = r.pausedUntil, &r.pushRest
	}
	if only := r.readOnly(); only != r.rec.ReadOnly {
		e.ReadOnly = &only
	}
	// What was noted, to the second, after this round began by any clock, the list of
	// what waits may not have had.
	if w := r.rec.EditsWait; !w.IsZero() && w.Add(integration.Skew+time.Second).Before(r.started) && next == nil && !r.resting() {
		e.EditsSent = w
	}
	if r.unreadable != nil && *r.unreadable != r.rec.Unreadable {
		e.Unreadable = r.unreadable
	}
	if r.rec.Failures > 0 {
		e.Failures, e.FailureWindow = &zero, &none
	}
	if !r.rec.RetryNotBefore.IsZero() {
		e.RetryNotBefore = &never
	}
	return r.w.Leases.End(ctx, r.hold, e)
}

// readOnly reports whether the calendar takes no events: a role may change at
// any time, and a push that is refused event by event says nothing about why.
func (r *run) readOnly() bool {
	if r.role == "" {
		return r.rec.ReadOnly
	}
	return !r.role.CanWrite()
}

// ended finishes a run whose end was written, or refused.
func (r *run) ended(ctx context.Context, err error) (bool, error) {
	if err != nil {
		return false, r.refused(err)
	}
	if r.marked {
		if err := r.w.Checkpoints.DropCheckpoint(ctx, r.rec.Key); err != nil {
			r.w.Log.WarnContext(ctx, "checkpoint not dropped; the next first sync ignores it", "error", err)
		}
	}
	if r.rec.DeletionsDecision != "" || r.answered { // what was held is decided and done
		if err := r.w.Lists.DropHeld(ctx, r.rec.Key); err != nil {
			r.w.Log.WarnContext(ctx, "held deletions not forgotten; nobody is asked about them any more", "error", err)
		}
	}
	if r.rec.Status == integration.Error { // the probe succeeded
		return false, r.recovered(ctx)
	}
	return false, nil
}

// refused turns a refused condition into "superseded".
func (r *run) refused(err error) error {
	if fault.Is(err, fault.Stale, fault.NotFound) {
		return fmt.Errorf("%w: %w", errSuperseded, err)
	}
	return err
}

// progress changes what the run shows of itself, and gives it as it then is.
func (r *run) progress(change func(*integration.Progress)) integration.Progress {
	r.mu.Lock()
	defer r.mu.Unlock()
	if change != nil {
		change(&r.report.Progress)
	}
	return r.report.Progress
}

func (r *run) phase(now integration.Phase) {
	r.progress(func(p *integration.Progress) { p.Phase = now })
}

// commit extends the lease where a third of it has passed, and shows progress.
// The fetcher's retries call it while a page is written: only one of two that
// come at once writes.
func (r *run) commit(ctx context.Context, phase integration.Phase, force bool) error {
	now := r.w.Now()
	r.mu.Lock()
	if !force && now.Sub(r.committed) < commitEvery {
		r.mu.Unlock()
		return nil
	}
	r.committed = now // a refused or failed commit ends the run
	shown := r.report.Progress
	r.mu.Unlock()
	err := r.w.Leases.Commit(ctx, r.hold, integration.Commit{
		Until: now.Add(integration.LeaseFor), Phase: phase, Pages: shown.Pages, Events: shown.Events,
	})
	if err != nil {
		return r.refused(err)
	}
	return nil
}

// deadlineNear says that it is time to checkpoint.
func (r *run) deadlineNear(ctx context.Context) bool {
	d, ok := ctx.Deadline()
	return ok && r.w.Now().Add(margin).After(d)
}

// checkpoint hands the run on to whichever job comes next: the lease becomes
// queued first, then the job is sent, so neither a crash nor reordering strands it.
func (r *run) checkpoint(ctx context.Context) error {
	if err := r.keepSoFar(ctx); err != nil {
		return err
	}
	at := r.progress(nil)
	err := r.w.Leases.Commit(ctx, r.hold, integration.Commit{
		Until: r.w.Now().Add(integration.QueuedFor), State: integration.RunQueued, Phase: integration.PhaseQueued,
		Pages: at.Pages, Events: at.Events,
	})
	if err != nil {
		return r.refused(err)
	}
	j := r.job
	j.Run = r.report.ID
	if err := r.w.Queue.Send(ctx, job.Message{Job: j}); err != nil {
		r.w.Log.WarnContext(ctx, "checkpoint's job not sent; any other adopts the run", "error", err)
	}
	return nil
}
