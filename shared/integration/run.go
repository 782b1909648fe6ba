package integration

import "time"

// Run is the report of one sync.
type Run struct {
	Key           Key
	ID            string
	Generation    string
	Trigger       Trigger
	State         RunState
	StartedAt     time.Time
	EndedAt       time.Time // zero while it runs
	Progress      Progress
	Pulled        Pulled
	Pushed        Pushed
	Conflicts     int
	Quarantined   int
	NotApplied    int // edits at the provider that the direction leaves there
	ProviderCalls int
	Units         Units
	Retries       int
	Error         *RunError
	CorrelationID string
	Decisions     []Decision // stored apart, in chunks
	Chunks        int        // of decisions that are stored
}

// Superseded is the report of the run whose lease a change clears before the
// run is over, where a person was promised it: whoever was given its address
// learns what became of it. It is nil where nobody was, and where the run goes
// on. A run that had begun reports itself as well, and knows more.
func Superseded(before, after *Integration, now time.Time, correlation string) *Run {
	l := before.Lease
	if l == nil || !l.Trigger.ByPerson() || after != nil && after.Lease != nil && after.Lease.RunID == l.RunID {
		return nil
	}
	r := &Run{
		Key: before.Key, ID: l.RunID, Generation: before.ID, Trigger: l.Trigger, State: RunSuperseded, StartedAt: l.Started, EndedAt: now,
		Progress: Progress{Phase: l.Phase, Pages: l.Pages, Events: l.Events}, CorrelationID: correlation,
	}
	if r.StartedAt.IsZero() { // it never began
		r.StartedAt = now
	}
	return r
}

// Progress is how far a run has come.
type Progress struct {
	Phase  Phase
	Pages  int
	Events int
}

// Pulled counts what a run brought in.
type Pulled struct{ Created, Updated, Deleted, Unchanged int }

// Pushed counts what a run sent out.
type Pushed struct{ Created, Updated, Deleted int }

// Units are DynamoDB capacity units that a run consumed.
type Units struct{ Read, Write float64 }

// RunError is why a run failed: its class, code, and a
// message that may be shown.
type RunError struct {
	Class   string
	Code    string
	Message string
}

// Decision is one thing a run decided about one event, so that "why did this
// event change?" has an answer.
type Decision struct {
	At    time.Time
	Event string
	Title string
	What  string // created, updated, deleted, merged, conflict, quarantined, held, restored …
	Why   string
	Field string // for a conflict: the field, both values, the rule and the winner
	Ours  string
	Their string
	Rule  string
	Won   string
}

// Kept reports whether a run's report is stored: it changed something, decided
// something, failed, or was asked for by a person. Quiet runs only update last_run.
func (r *Run) Kept() bool {
	return r.State != RunSucceeded || r.Trigger.ByPerson() || r.Pulled != (Pulled{Unchanged: r.Pulled.Unchanged}) ||
		r.Pushed != (Pushed{}) || r.Conflicts > 0 || r.Quarantined > 0 || r.NotApplied > 0 || r.Chunks > 0 || len(r.Decisions) > 0
}
