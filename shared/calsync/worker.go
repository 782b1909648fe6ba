package calsync

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
)

// Usage is what a run consumed outside.
type Usage struct {
	ProviderCalls int
	Answers       map[string]int // the calls by what was answered
	Units         integration.Units
}

// Meter starts counting what is consumed under a context; the function reads it.
type Meter func(ctx context.Context) (context.Context, func() Usage)

// Worker works jobs off. It is safe for concurrent use.
type Worker struct {
	Leases      integration.Leases
	Store       integration.Store
	Checkpoints integration.Checkpoints
	Lists       integration.Lists
	Journal     integration.Journal
	Fleet       integration.Fleet
	Orders      Orders // of wind-downs that are not done; nil: there are none
	Events      calendar.Store
	Edits       calendar.Edits
	Quarantines calendar.Quarantines
	Providers   map[string]calendar.Open // by provider key
	Access      func(key integration.Key, generation string) calendar.Access
	WindDown    func(ctx context.Context, j job.Job) error
	// Watch keeps the push channel of the run's integration, before the calendar is
	// listed; StopChannel works off a job of that kind. nil: there are none.
	Watch       func(ctx context.Context, h integration.Hold, rec *integration.Integration) error
	StopChannel func(ctx context.Context, j job.Job) error
	Check       func(row *calendar.Row, zone string) (odd string) // can this row be expanded?
	// Has says whether a series has an occurrence with that original start; nil
	// leaves unnamed what a series' new dates take away.
	Has func(series *calendar.Row, original calendar.Time) bool
	// Finish carries out what an edit of a series has left to do to its exceptions
	// (calendar.Rest), those included that the index may not lead to yet; nil leaves
	// it to the next edit.
	Finish func(ctx context.Context, account, series string, known ...string) error
	// Halves works out dates where both sides divided a series; nil keeps what either
	// side made of it beside the other's.
	Halves  Halves
	Queue   job.Queue
	Now     func() time.Time
	Sleep   func(ctx context.Context, d time.Duration) error
	Jitter  func() float64 // in [0, 1)
	NewID   func() string
	Meter   Meter
	Observe func(ctx context.Context, o Observed) // of every run that ends; nil drops it
	// UnitsPerSecond bounds the write units of one run; 0 means 900, a tenth less
	// than AWS allows a partition.
	UnitsPerSecond int
	// Writers is how many rows a run writes at once; 0 means 32. With one, the order
	// of what a run does is the same each time.
	Writers int
	Pace    calendar.Pace // provider calls of this process: the project's quota ÷ concurrency; nil for none
	Log     *slog.Logger
}

// Halves works out which dates of divided series are whose.
type Halves interface {
	// Before cuts a series at a moment. Refused where it can't be cut there.
	Before(series *calendar.Row, at calendar.Time) (calendar.Cut, error)
	// Next gives the first date of a series after those that another recurrence of it
	// has; false where there is none.
	Next(series *calendar.Row, head []string) (calendar.Time, bool)
	// Follows reports whether a half that began at a date of the whole series is when
	// that was, and as long; and whether it has all its dates from there on, or all
	// moved alike.
	Follows(whole *calendar.Row, began calendar.Time, half *calendar.Row) (when, rule bool)
	// Moved gives where a start goes to when another goes from was to is.
	Moved(was, is, start calendar.Time) calendar.Time
}

// Observed is a run that ended.
type Observed struct {
	Report    integration.Run
	FreshAsOf time.Time      // before the run; zero where the integration had never synced
	Answers   map[string]int // of the provider
	TookOver  bool           // from a run that had vanished
	Broke     bool           // the breaker opened
	Froze     bool           // it counted nothing, since most of the fleet fails
}

// errSuperseded is a run whose write was refused: somebody else holds the
// lease, or a transition ended it.
var errSuperseded = errors.New("superseded")

// futureMost is how far ahead of the worker's clock a job's due may lie.
const futureMost = time.Minute

// acquireTries bounds how often a job goes back to acquiring in one delivery.
const acquireTries = 10

// Handle works one job off. An error gives it back to the queue.
func (w *Worker) Handle(ctx context.Context, j job.Job) error {
	if err := j.Check(); err != nil {
		return fmt.Errorf("unusable job: %w", err)
	}
	switch j.Kind {
	case job.Sync:
		return w.sync(ctx, j)
	case job.WindDown:
		return w.WindDown(ctx, j)
	case job.RetryEvent:
		return w.retryEvent(ctx, j)
	case job.DiscardEvent:
		return w.discardEvent(ctx, j)
	case job.RefreshCalendars:
		return w.refreshCalendars(ctx, j)
	case job.StopChannel:
		if w.StopChannel != nil {
			return w.StopChannel(ctx, j)
		}
	}
	return fmt.Errorf("no way to work off a job of kind %q", j.Kind)
}

// sync takes the lease and runs; superseded or handed on, it goes back to
// acquiring with the same job, and status and generation decide.
func (w *Worker) sync(ctx context.Context, j job.Job) error {
	if now := w.Now(); j.Due.After(now.Add(futureMost)) { // from a clock that is wrong; nobody waits for that
		j.Due = now
	}
	if wait := j.Ready().Sub(w.Now()); wait >= 0 && !j.Ready().IsZero() {
		if err := w.Sleep(ctx, wait+time.Millisecond); err != nil {
			return fmt.Errorf("waiting for the burst to pass: %w", err)
		}
	}
	for range acquireTries {
		rec, verdict, err := w.take(ctx, j)
		if err != nil {
			return fmt.Errorf("taking the lease: %w", err)
		}
		switch verdict {
		case integration.Acknowledge:
			return nil
		case integration.Busy:
			err := w.Leases.SetDirty(ctx, j.Key(), j.Generation, rec.Lease.Attempt)
			if fault.Is(err, fault.Stale) {
				continue // that holder has gone meanwhile
			}
			return err
		}
		again, err := w.run(ctx, j, rec)
		if err != nil || !again {
			return err
		}
	}
	return fault.New(fault.Unavailable, "busy", "the integration keeps changing hands")
}

func (w *Worker) take(ctx context.Context, j job.Job) (*integration.Integration, integration.Verdict, error) {
	return w.Leases.Take(ctx, integration.Claim{
		Key: j.Key(), Generation: j.Generation, RunID: j.Run, NewRunID: w.NewID(), Attempt: w.NewID(),
		Due: j.Due, Now: w.Now(), Trigger: j.Trigger, Full: j.Full,
	})
}

// run carries out the run that was taken, and says whether the job goes on.
func (w *Worker) run(ctx context.Context, j job.Job, rec *integration.Integration) (again bool, err error) {
	ctx, usage := w.Meter(ctx)
	r := newRun(w, j, rec, usage)
	defer r.observe(ctx, rec)
	if rec.Vanished != nil {
		r.reportVanished(ctx, rec.Vanished)
	}
	if l := rec.Lease; l != nil && l.Pages > 0 { // checkpointed: a run that begins has none
		r.goOn(ctx)
	}
	if rec.Status == integration.Testing {
		again, err = r.verify(ctx)
	} else {
		again, err = r.rounds(ctx)
	}
	if errors.Is(err, errSuperseded) {
		r.reportSuperseded(ctx)
		return true, nil
	}
	return again, err
}

// observe tells of the run, if it ended: one that was handed on goes on.
func (r *run) observe(ctx context.Context, before *integration.Integration) {
	if r.w.Observe == nil || r.report.EndedAt.IsZero() {
		return
	}
	u := r.count()
	r.w.Observe(ctx, Observed{
		Report: r.report, FreshAsOf: before.FreshAsOf, Answers: u.Answers, TookOver: before.Vanished != nil, Broke: r.broke, Froze: r.froze,
	})
}

// refreshCalendars looks at the account's calendars again, for the console.
func (w *Worker) refreshCalendars(ctx context.Context, j job.Job) error {
	rec, err := w.Store.Get(ctx, j.Key())
	if fault.Is(err, fault.NotFound) || err == nil && rec.ID != j.Generation {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading the integration: %w", err)
	}
	r := newRun(w, j, rec, func() Usage { return Usage{} })
	if _, err := r.listCalendars(ctx); err != nil && fault.Is(err, fault.Transient) {
		return fmt.Errorf("listing the calendars: %w", err)
	} else if err != nil {
		w.Log.InfoContext(ctx, "calendars not refreshed; the next run says why", "error", err)
	}
	return nil
}
