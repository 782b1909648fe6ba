package integration

import "time"

// Timing of the single in-flight sync. All comparisons allow for
// clocks that differ by Skew.
const (
	Skew          = 2 * time.Second                                   // how far two clocks may be apart
	Burst         = 3 * time.Second                                   // how long a burst of notifications may last
	LeaseFor      = 30 * time.Second                                  // a running lease, extended at every commit
	QueuedFor     = 5 * time.Minute                                   // a queued lease waits so long for its worker
	FunctionLimit = 5 * time.Minute                                   // the worker's time limit (template.yaml, Timeout)
	MaxRounds     = 3                                                 // rounds of one run before it hands over
	FlowFor       = 10 * time.Minute                                  // an OAuth flow
	Visibility    = FunctionLimit + LeaseFor + 2*Skew + 2*time.Second // SQS visibility timeout, at least
)

// Trigger says what asked for a run.
type Trigger string

// The triggers.
const (
	TriggerConnected    Trigger = "connected"    // completion, verification, a chosen calendar, a decision
	TriggerResumed      Trigger = "resumed"      // the user resumed it
	TriggerSyncNow      Trigger = "sync_now"     // a person asked
	TriggerSchedule     Trigger = "schedule"     // its slot came round
	TriggerNotification Trigger = "notification" // the provider's push
	TriggerAuraEdit     Trigger = "aura_edit"    // an edit waits in the outbox
	TriggerContinuation Trigger = "continuation" // the last round's handover
)

// ByPerson reports whether a person waits for the run; such runs are always kept.
func (t Trigger) ByPerson() bool { return t == TriggerSyncNow }

// RunState is where a run stands.
type RunState string

// The states of a run.
const (
	RunQueued     RunState = "queued"     // promised, no worker has it yet (also between a checkpoint and its adoption)
	RunRunning    RunState = "running"    // a worker holds the lease
	RunSucceeded  RunState = "succeeded"  // completed: only this covers jobs
	RunFailed     RunState = "failed"     // ended with an error, or its holder vanished
	RunSuperseded RunState = "superseded" // a transition or a takeover ended it
)

// Lease is the single in-flight sync. Attempt is random per acquire, so that a
// conditional write whose acknowledgement was lost recognises itself.
type Lease struct {
	RunID   string
	Attempt string
	State   RunState  // RunQueued or RunRunning
	Started time.Time // when the run began to read; zero if it hasn't begun
	Until   time.Time
	Trigger Trigger
	Full    bool // list everything and compare, whoever carries it out
	Phase   Phase
	Pages   int
	Events  int
	// Instead is the vanished run whose lease Sync now took: it can't report that
	// run itself, so the worker that adopts this lease does. Only while queued.
	Instead *Vanished
}

// Vanished is what is left to know of a run whose holder vanished.
type Vanished struct {
	RunID   string
	Started time.Time
	Trigger Trigger
}

// Phase is what a run is doing, for people.
type Phase string

// The phases.
const (
	PhaseQueued    Phase = "queued"
	PhaseVerifying Phase = "verifying"
	PhasePulling   Phase = "pulling"
	PhaseDeleting  Phase = "deleting"
	PhasePushing   Phase = "pushing"
	PhaseFinishing Phase = "finishing"
)

// Expired reports whether a takeover may happen: the lease and the skew bound
// have passed on the asker's clock.
func (l *Lease) Expired(now time.Time) bool { return now.After(l.Until.Add(Skew)) }

// Begun reports whether a queued lease is that of a run that was checkpointed
// rather than of one that never ran.
func (l *Lease) Begun() bool { return !l.Started.IsZero() }

// Claim is what a worker (or Sync now) presents to take the lease.
type Claim struct {
	Key
	Generation string    // "" for whichever stands there: Sync now's, which asks for no earlier one
	RunID      string    // the job's run; "" for a job that stands for none
	NewRunID   string    // the id that a run begun by this claim gets
	Attempt    string    // random, made for this claim
	Due        time.Time // the moment that the job stands for
	Now        time.Time // the asker's clock
	Trigger    Trigger
	Full       bool // a run that this claim begins lists everything
	Queue      bool // Sync now: take the lease as queued, ignore RetryNotBefore
}

// Verdict is what becomes of a claim.
type Verdict string

// The verdicts.
const (
	Taken       Verdict = "taken"       // the claimant holds the lease
	Acknowledge Verdict = "acknowledge" // nothing to do: refused for good, or covered
	Busy        Verdict = "busy"        // a live run that started earlier: set dirty
	Retake      Verdict = "retake"      // the state allows it, in the way that Taking says
)

// Taking is how a lease may be taken, given the record.
type Taking string

// The ways to take a lease.
const (
	TakeFresh    Taking = "fresh"    // no lease
	TakeAdopt    Taking = "adopt"    // a queued run that has not begun
	TakeContinue Taking = "continue" // a checkpointed run: keeps its start
	TakeOver     Taking = "takeover" // an expired lease; its holder vanished
)

// Covered reports whether a run that started more than the skew bound after due
// has completed, or is still under a live or queued lease. A run that crashed,
// failed or was superseded covers nothing.
func (i *Integration) Covered(due, now time.Time) bool {
	started := i.LastStarted
	if l := i.Lease; l != nil && (l.State == RunQueued || !l.Expired(now)) && l.Started.After(started) {
		started = l.Started
	}
	return started.After(due.Add(Skew))
}

// Judge decides a claim against a record, in this order:
// other generation or a status that doesn't sync; covered, or the run is over
// or at work already; a live holder; RetryNotBefore. It is the one place where
// that decision is made: the memory store calls it before it writes, the
// DynamoDB store on the record that a refused condition returned.
//
// A nil record is no integration. With Retake, the Taking says what to write.
func Judge(rec *Integration, c Claim) (Verdict, Taking) {
	if rec == nil || c.Generation != "" && rec.ID != c.Generation || !rec.Syncs(c.Now) {
		return Acknowledge, ""
	}
	l := rec.Lease
	if l != nil && l.Attempt == c.Attempt { // our own write, whose acknowledgement was lost
		return Taken, ""
	}
	if c.Queue { // Sync now: its run begins after now, so nothing covers it
		switch {
		case l == nil:
			return Retake, TakeFresh
		case l.RunID == c.NewRunID: // a worker has adopted our run meanwhile
			return Taken, ""
		case l.Expired(c.Now):
			return Retake, TakeOver
		}
		return Busy, ""
	}
	if l != nil && l.State == RunQueued { // any job may adopt it, so that neither a crash nor reordering strands it
		if l.Begun() {
			return Retake, TakeContinue
		}
		return Retake, TakeAdopt
	}
	if l == nil && c.RunID != "" && rec.Completed() == c.RunID {
		return Acknowledge, "" // this run has completed
	}
	if rec.Covered(c.Due, c.Now) {
		return Acknowledge, ""
	}
	if l != nil && !l.Expired(c.Now) {
		if c.RunID != "" && c.RunID == l.RunID {
			return Acknowledge, "" // a second copy of the holder's own job
		}
		return Busy, ""
	}
	if c.Now.Before(rec.RetryNotBefore) {
		return Acknowledge, "" // the slot brings it back
	}
	if l != nil {
		return Retake, TakeOver
	}
	return Retake, TakeFresh
}
