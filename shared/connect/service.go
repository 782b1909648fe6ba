package connect

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
)

// Caller is who asks: from the token's claims and from nowhere else.
type Caller struct {
	Account       string
	User          string
	CorrelationID string
}

// Service is the user's side of the lifecycle.
type Service struct {
	Catalogue  integration.Catalogue
	Store      integration.Store
	Accounts   integration.Accounts
	Lists      integration.Lists
	Queue      job.Queue
	Waiting    Waiting     // what a calendar's switch would give up
	Quarantine Quarantined // what a person may have tried again
	Now        func() time.Time
	NewID      func() string // ULIDs
	Log        *slog.Logger
	PlanLimits map[string]int // plan → limit; DefaultPlan's is what new accounts get
	// PlanIntervals gives the shortest interval that a plan allows, one of
	// integration.Intervals; a plan that isn't named allows any.
	PlanIntervals map[string]time.Duration

	seen func(*integration.Integration) bool // see If
}

// If gives the same service for a caller who changes only what they have seen:
// a record of which that isn't true refuses with Stale. It is asked of the very
// record that the change is then conditional on, so nothing gets in between.
func (s *Service) If(seen func(*integration.Integration) bool) *Service {
	c := *s
	c.seen = seen
	return &c
}

// get reads the record that a change begins with.
func (s *Service) get(ctx context.Context, key integration.Key) (*integration.Integration, error) {
	rec, err := s.Store.Get(ctx, key)
	if err != nil {
		return nil, err
	}
	if s.seen != nil && !s.seen(rec) {
		return nil, fault.New(fault.Stale, "stale", "The integration has changed since you looked. Load it again.")
	}
	return rec, nil
}

// tries bounds how often a change that lost a race is decided anew.
const tries = 8

// Create makes a draft, or replaces a disconnected integration with a new
// generation. Conflict provider_exists, Forbidden plan_limit_reached.
func (s *Service) Create(ctx context.Context, c Caller, provider string) (*integration.Integration, error) {
	p, err := s.Catalogue.Find(provider)
	if err != nil {
		return nil, err
	}
	key := integration.Key{Account: c.Account, Provider: p.Key}
	for range tries {
		old, err := s.Store.Get(ctx, key)
		if err != nil && !fault.Is(err, fault.NotFound) {
			return nil, fmt.Errorf("reading the integration: %w", err)
		}
		after, err := s.create(ctx, c, key, old)
		if fault.Is(err, fault.Stale) {
			continue
		}
		return after, err
	}
	return nil, errBusy()
}

func (s *Service) create(ctx context.Context, c Caller, key integration.Key, old *integration.Integration) (*integration.Integration, error) {
	now := s.Now()
	m := s.moving(c, now)
	_, shortest, err := s.shortest(ctx, c.Account)
	if err != nil {
		return nil, err
	}
	if old == nil {
		rec := integration.New(key, s.NewID(), now)
		rec.Settings.Interval = max(rec.Settings.Interval, shortest)
		after, entry, err := integration.Move(rec, integration.Create, m)
		if err != nil {
			return nil, err
		}
		err = s.Store.Apply(ctx, integration.Change{After: after, Entry: &entry, Limit: s.PlanLimits[integration.DefaultPlan]})
		return after, explain(err)
	}
	if old.Status != integration.Disconnected {
		return nil, ErrProviderExists()
	}
	fresh, entry, err := integration.MoveAs(old, integration.Replace, s.NewID(), m)
	if err != nil {
		return nil, err
	}
	fresh.Settings.Interval = max(fresh.Settings.Interval, shortest)
	order := Order(old, integration.Replace, false, now)
	err = s.Store.Apply(ctx, integration.Change{Before: old, After: fresh, Entry: &entry, Order: order})
	if err == nil {
		s.send(ctx, windDownJob(order, c, now))
	}
	return fresh, explain(err)
}

// ErrProviderExists is the FAQ's second message of uniqueness.
func ErrProviderExists() *fault.Error {
	return fault.New(fault.Conflict, "provider_exists", integration.MessageProviderExists)
}

// ErrPlanLimit is the FAQ's message at the plan's limit.
func ErrPlanLimit() *fault.Error {
	return fault.New(fault.Forbidden, "plan_limit_reached", integration.MessagePlanLimit).
		WithFix("Billing > Subscription > Change plan", integration.ActionChangePlan)
}

// explain puts the product's words to the store's refusals.
func explain(err error) error {
	switch fault.CodeOf(err) {
	case "provider_exists":
		return ErrProviderExists()
	case "plan_limit_reached":
		return ErrPlanLimit()
	}
	return err
}

func errBusy() error {
	return fault.New(fault.Unavailable, "busy", "The integration is changing too fast right now. Try again in a moment.").After(time.Second)
}

// Pause stops syncing until Resume; configuration is kept.
func (s *Service) Pause(ctx context.Context, c Caller, provider string) (*integration.Integration, error) {
	var watched *integration.Integration
	after, err := s.move(ctx, c, provider, integration.Pause, func(before, _ *integration.Integration, _ *integration.Change) {
		watched = before
	})
	if err == nil {
		s.stopWatching(ctx, c, watched)
	}
	return after, err
}

// stopWatching asks for the push channel of a record as it was to be stopped. If
// the job is lost, the channel's next message has it stopped.
func (s *Service) stopWatching(ctx context.Context, c Caller, before *integration.Integration) {
	ch := before.Channel
	if ch == nil || ch.ID == "" || ch.Resource == "" {
		return
	}
	s.send(ctx, job.Job{
		Kind: job.StopChannel, Account: before.Account, Provider: before.Provider, Generation: before.ID,
		Channel: ch.ID, Resource: ch.Resource, Due: s.Now(), CorrelationID: c.CorrelationID,
	})
}

// Resume makes it active again and due now.
func (s *Service) Resume(ctx context.Context, c Caller, provider string) (*integration.Integration, error) {
	return s.moveAndRun(ctx, c, provider, integration.Resume, integration.TriggerResumed)
}

// Verify tries a failed verification again.
func (s *Service) Verify(ctx context.Context, c Caller, provider string) (*integration.Integration, error) {
	return s.moveAndRun(ctx, c, provider, integration.VerifyAgain, integration.TriggerConnected)
}

// ConfirmDeletions lets the next run apply the deletions that were held.
func (s *Service) ConfirmDeletions(ctx context.Context, c Caller, provider string) (*integration.Integration, error) {
	return s.moveAndRun(ctx, c, provider, integration.DeletionsConfirm, integration.TriggerConnected)
}

// RejectDeletions lets the next run restore at the provider what vanished there.
// Conflict direction_read_only where edits only come in: nothing can be put back.
func (s *Service) RejectDeletions(ctx context.Context, c Caller, provider string) (*integration.Integration, error) {
	rec, err := s.get(ctx, integration.Key{Account: c.Account, Provider: provider})
	if err != nil {
		return nil, err
	}
	if rec.Reason != nil && rec.Reason.Code == integration.ReasonMassDeletionHeld && !rec.SendsEdits() {
		return nil, rec.OnlyIn(", so the events can't be put back at the provider. Nothing is deleted here until you confirm it.")
	}
	return s.moveAndRun(ctx, c, provider, integration.DeletionsReject, integration.TriggerConnected)
}

// Disconnect ends the connection by hand: the channel, the grant and the
// credential go, configuration, links and history stay. remove takes away at
// the provider what Aura created there; in Aura it stays.
func (s *Service) Disconnect(ctx context.Context, c Caller, provider string, remove bool) (*integration.Integration, error) {
	var order *integration.Order
	after, err := s.move(ctx, c, provider, integration.Disconnect, func(before, _ *integration.Integration, ch *integration.Change) {
		order = Order(before, integration.Disconnect, remove, s.Now())
		ch.Order = order
	})
	if err == nil {
		s.send(ctx, windDownJob(order, c, s.Now()))
	}
	return after, err
}

// Delete removes the integration and gives its place in the plan back at once,
// whatever the provider's state; NotFound the second time. What was imported
// goes, what was born in Aura stays, and goes at the provider with remove.
func (s *Service) Delete(ctx context.Context, c Caller, provider string, remove bool) error {
	var order *integration.Order
	_, err := s.move(ctx, c, provider, integration.Delete, func(before, _ *integration.Integration, ch *integration.Change) {
		order = Order(before, integration.Delete, remove, s.Now())
		ch.Order, ch.After, ch.Ended = order, nil, nil // its runs' addresses go with it
	})
	if err == nil {
		s.send(ctx, windDownJob(order, c, s.Now()))
	}
	return err
}

// moveAndRun is a transition whose run follows at once, promised in the same write.
func (s *Service) moveAndRun(ctx context.Context, c Caller, provider string, name integration.Name, t integration.Trigger) (*integration.Integration, error) {
	run := integration.QueuedRun(s.NewID(), s.NewID(), t, s.Now())
	after, err := s.moveWith(ctx, c, provider, name, run, nil)
	if err == nil {
		s.send(ctx, RunJob(after, c.CorrelationID, s.Now()))
	}
	return after, err
}

func (s *Service) move(ctx context.Context, c Caller, provider string, name integration.Name, prepare func(before, after *integration.Integration, ch *integration.Change)) (*integration.Integration, error) {
	return s.moveWith(ctx, c, provider, name, nil, prepare)
}

// moveWith reads, moves and writes; a lost race is read and decided anew.
func (s *Service) moveWith(ctx context.Context, c Caller, provider string, name integration.Name, run *integration.Lease, prepare func(before, after *integration.Integration, ch *integration.Change)) (*integration.Integration, error) {
	key := integration.Key{Account: c.Account, Provider: provider}
	for range tries {
		before, err := s.get(ctx, key)
		if err != nil {
			return nil, err
		}
		m := s.moving(c, s.Now())
		m.Run = run
		after, entry, err := integration.Move(before, name, m)
		if err != nil {
			return nil, err
		}
		ch := integration.Change{Before: before, After: after, Entry: &entry, Ended: integration.Superseded(before, after, m.Now, c.CorrelationID)}
		if prepare != nil {
			prepare(before, after, &ch)
		}
		err = s.Store.Apply(ctx, ch)
		if fault.Is(err, fault.Stale) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("applying %s: %w", name, err)
		}
		return after, nil
	}
	return nil, errBusy()
}

func (s *Service) moving(c Caller, now time.Time) integration.Moving {
	return integration.Moving{Now: now, EntryID: s.NewID(), CorrelationID: c.CorrelationID}
}

// RunJob is the job of the run that a record's queued lease promises.
func RunJob(rec *integration.Integration, correlation string, now time.Time) job.Job {
	return job.Job{
		Kind: job.Sync, Account: rec.Account, Provider: rec.Provider, Generation: rec.ID,
		Run: rec.Lease.RunID, Trigger: rec.Lease.Trigger, Due: now, CorrelationID: correlation,
	}
}

// send sends a job whose loss is healed by the slot: the failure is logged.
func (s *Service) send(ctx context.Context, j job.Job) {
	if err := s.Queue.Send(ctx, job.Message{Job: j}); err != nil {
		s.Log.WarnContext(ctx, "job not sent; the slot brings it back", "kind", j.Kind, "error", err)
	}
}
