package connect

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

const (
	revokeClaim  = time.Minute    // how long a completion waits for a revoke
	giveUpAfter  = 24 * time.Hour // then the credential is destroyed unrevoked
	firstBackoff = time.Minute    // after a failed step, doubling
	lastBackoff  = time.Hour      // at most
	purgeBatch   = 5000           // rows purged by one job: at most a page of links, some ten seconds
	purgeWriters = 16             // at once
	purgeUnits   = 900            // write units a second of one account's partition, a tenth less than AWS allows
)

// Order makes the wind-down of a generation that was let go, written in the
// transaction that lets it go, so that no crash can lose it. remove asks for
// Aura's copies at the provider to go as well.
func Order(rec *integration.Integration, cause integration.Name, remove bool, now time.Time) *integration.Order {
	o := &integration.Order{
		Key: rec.Key, Generation: rec.ID, Subject: rec.Subject, Cause: cause, Remove: remove, Since: now, Version: 1,
		CalendarID: rec.Settings.CalendarID, Channel: rec.Channel, Step: integration.StepChannel,
		Slot: integration.OrderSlot(rec.Key, rec.ID),
	}
	if rec.Settings.Direction != integration.ToProvider && rec.Settings.CalendarID != "" {
		o.Look = &integration.Look{Calendar: rec.Settings.CalendarID, Cursor: rec.Cursor, Kinds: rec.Settings.ImportKinds}
		if s := rec.CalendarSwitch; s != nil { // the copies are where it began
			o.Look = &integration.Look{Calendar: s.OldCalendar, Kinds: rec.Settings.ImportKinds}
		}
	}
	o.PurgeAfter = rec.VerifyAfter // a holder whose lease was cleared before may still write
	if rec.Lease != nil {
		o.PurgeAfter = now.Add(integration.FunctionLimit + integration.Skew)
	}
	return o
}

func windDownJob(o *integration.Order, c Caller, now time.Time) job.Job {
	return job.Job{
		Kind: job.WindDown, Account: o.Key.Account, Provider: o.Key.Provider, Generation: o.Generation,
		Due: now, CorrelationID: c.CorrelationID,
	}
}

// WindDown carries orders out, step by step. Every step is idempotent, and
// claimed by a write on condition that the order still exists: a reconnect of
// the same generation deletes it, and with it the right to go on.
type WindDown struct {
	Store       integration.Store
	Orders      integration.Orders
	Credentials integration.Credentials
	Events      calendar.Store
	Edits       calendar.Edits
	Quarantines calendar.Quarantines
	Vault       *Vault
	Authorizers map[string]Authorizer
	Providers   map[string]calendar.Open // by provider key, to remove copies
	Access      func(key integration.Key, generation string) calendar.Access
	Pace        calendar.Pace // the worker's; nil for none
	Batch       int           // rows purged by one job; 0 means 5,000
	// CloseChannel stops a push channel: Transient where that is worth another
	// try. nil: there are none.
	CloseChannel func(ctx context.Context, key integration.Key, generation, channel, resource string) error
	Journal      Journal // names what both sides edited of a copy that goes; nil names nothing
	NewID        func() string
	Queue        job.Queue
	Now          func() time.Time
	Log          *slog.Logger
	// Abandoned is told of a credential that is destroyed unrevoked; nil drops it.
	Abandoned func(ctx context.Context)
}

// Carry does what is left of the order that the job names. An order that is
// gone is done, or was taken back by a reconnect.
func (w *WindDown) Carry(ctx context.Context, j job.Job) error {
	o, err := w.Orders.Order(ctx, j.Key(), j.Generation)
	if err != nil {
		return fmt.Errorf("reading the wind-down: %w", err)
	}
	if o == nil || w.Now().Before(o.NotBefore) {
		return nil // the slot brings it back
	}
	for o.Step != integration.StepDone {
		wait, err := w.step(ctx, o)
		if fault.Is(err, fault.Stale) {
			w.Log.InfoContext(ctx, "wind-down taken back or carried on elsewhere", "generation", o.Generation)
			return nil
		}
		if err != nil {
			return w.backOff(ctx, *o, err)
		}
		if wait {
			return nil
		}
	}
	if err := w.Orders.DropOrder(ctx, *o); err != nil && !fault.Is(err, fault.Stale) {
		return fmt.Errorf("ending the wind-down: %w", err)
	}
	return nil
}

// step does one step and stores the next; wait says that the rest comes later.
func (w *WindDown) step(ctx context.Context, o *integration.Order) (wait bool, err error) {
	switch o.Step {
	case integration.StepChannel:
		if err := w.stopChannel(ctx, o); err != nil {
			return false, err
		}
		return false, w.advance(ctx, o, integration.StepRemove)
	case integration.StepRemove:
		if !o.Remove {
			return false, w.advance(ctx, o, afterRemoval(o))
		}
		if w.Now().Before(o.PurgeAfter) {
			return true, nil
		}
		more, err := w.remove(ctx, o)
		if err != nil || more {
			return more, err
		}
		return false, w.advance(ctx, o, afterRemoval(o))
	case integration.StepRevoke:
		if err := w.revoke(ctx, o); err != nil {
			return false, err
		}
		return false, w.advance(ctx, o, integration.StepCredential)
	case integration.StepCredential:
		if err := w.destroy(ctx, o); err != nil {
			return false, err
		}
		if o.Cause != integration.Delete && o.Cause != integration.Replace { // what was imported stays
			return false, w.advance(ctx, o, integration.StepDone)
		}
		return false, w.advance(ctx, o, integration.StepPurge)
	case integration.StepPurge:
		if w.Now().Before(o.PurgeAfter) {
			return true, nil
		}
		more, err := w.purge(ctx, o)
		if err != nil || more {
			return more, err
		}
		o.Step = integration.StepDone // nothing between this and the order's deletion
		return false, nil
	}
	return false, fmt.Errorf("wind-down at unknown step %q", o.Step)
}

// afterRemoval leaves the revoke out where the provider has withdrawn the grant
// itself: to revoke again would end what the same person granted since.
func afterRemoval(o *integration.Order) integration.OrderStep {
	if o.Cause == integration.AccessRevoked {
		return integration.StepCredential
	}
	return integration.StepRevoke
}

// stopChannel stops the provider's push channel, as far as it can be: one that
// goes on is no harm, since what it says is for a generation that nobody has.
// Until a day has passed it is tried again.
func (w *WindDown) stopChannel(ctx context.Context, o *integration.Order) error {
	if w.CloseChannel == nil || o.Channel == nil || o.Channel.Resource == "" {
		return nil
	}
	for _, id := range []string{o.Channel.ID, o.Channel.Next} {
		if id == "" {
			continue
		}
		err := w.CloseChannel(ctx, o.Key, o.Generation, id, o.Channel.Resource)
		if err != nil && w.Now().Sub(o.Since) < giveUpAfter {
			return err
		}
		if err != nil {
			w.Log.WarnContext(ctx, "push channel could not be stopped within a day; it ends by itself", "error", err)
		}
	}
	return nil
}

func (w *WindDown) advance(ctx context.Context, o *integration.Order, to integration.OrderStep) error {
	next := *o
	next.Step, next.NotBefore, next.ClaimedTo = to, time.Time{}, time.Time{}
	if to != o.Step {
		next.Cursor = ""
	}
	if o.Step == integration.StepRemove { // before it, an order may note what an earlier one left
		next.Noted = nil
	}
	stored, err := w.Orders.PutOrder(ctx, next)
	if err != nil {
		return err
	}
	*o = stored
	return nil
}

// revoke ends the grant at the provider, only if no other live credential has
// the same subject: the provider's revoke ends the person's whole grant.
func (w *WindDown) revoke(ctx context.Context, o *integration.Order) error {
	cred, err := w.Credentials.Credential(ctx, o.Key, o.Generation)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading the credential: %w", err)
	}
	if err := w.flowOpen(ctx, o); err != nil {
		return err
	}
	claimed := *o
	claimed.ClaimedTo = w.Now().Add(revokeClaim)
	stored, err := w.Orders.PutOrder(ctx, claimed)
	if err != nil {
		return err
	}
	*o = stored
	// It stops counting before the others are counted: of two that are wound down
	// at the same time neither takes the other for a living one.
	if err := w.Credentials.Retire(ctx, *cred); err != nil {
		return fmt.Errorf("retiring the credential: %w", err)
	}
	others, err := w.Credentials.OthersOf(ctx, cred.Subject, o.Key, o.Generation)
	if err != nil {
		return fmt.Errorf("counting the person's other connections: %w", err)
	}
	if others > 0 {
		w.Log.InfoContext(ctx, "grant not revoked: the person has other live connections", "others", others)
		return nil
	}
	token, err := w.Vault.open(ctx, cred)
	if err == nil {
		err = w.Authorizers[o.Key.Provider].Revoke(ctx, token)
	}
	if err != nil && w.Now().Sub(o.Since) > giveUpAfter {
		w.Log.ErrorContext(ctx, "grant could not be revoked within a day; the credential is destroyed anyway", "error", err)
		if w.Abandoned != nil {
			w.Abandoned(ctx)
		}
		return nil
	}
	if err != nil {
		return fmt.Errorf("revoking the grant: %w", err)
	}
	return nil
}

// destroy deletes the credential. It is read before the order is seen to exist
// and deleted as it was read: a reconnect deletes the order and raises the
// credential's version in one transaction, so its new one is never destroyed.
func (w *WindDown) destroy(ctx context.Context, o *integration.Order) error {
	cred, err := w.Credentials.Credential(ctx, o.Key, o.Generation)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("reading the credential: %w", err)
	}
	if err := w.advance(ctx, o, o.Step); err != nil { // the order still exists
		return err
	}
	if err := w.Credentials.DropCredential(ctx, *cred); err != nil {
		return fmt.Errorf("deleting the credential: %w", err)
	}
	return nil
}

// errFlowOpen postpones a revoke.
var errFlowOpen = errors.New("somebody is just signing in again")

// flowOpen reports whether somebody is just signing in again at this place: a
// revoke now would end the very consent that is being given. Whatever becomes
// of that flow, it is over within minutes.
func (w *WindDown) flowOpen(ctx context.Context, o *integration.Order) error {
	rec, err := w.Store.Get(ctx, o.Key)
	if fault.Is(err, fault.NotFound) {
		return nil
	}
	if err != nil {
		return fmt.Errorf("looking for an open flow: %w", err)
	}
	if w.Now().Before(rec.FlowExpires) && w.Now().Sub(o.Since) < giveUpAfter {
		return errFlowOpen
	}
	return nil
}

// again asks for the next batch; if the job is lost the slot brings it.
func (w *WindDown) again(ctx context.Context, o *integration.Order) error {
	if err := w.Queue.Send(ctx, job.Message{Job: windDownJob(o, Caller{}, w.Now())}); err != nil {
		w.Log.WarnContext(ctx, "wind-down's next job not sent; the slot brings it", "error", err)
	}
	return nil
}

// backOff notes when the order is tried again; its slot finds it then.
func (w *WindDown) backOff(ctx context.Context, o integration.Order, cause error) error {
	wait := firstBackoff
	for age := w.Now().Sub(o.Since); wait < lastBackoff && wait < age; {
		wait *= 2
	}
	o.NotBefore = w.Now().Add(min(wait, lastBackoff))
	w.Log.WarnContext(ctx, "wind-down step failed; tried again later", "step", o.Step, "at", o.NotBefore, "error", cause)
	if _, err := w.Orders.PutOrder(ctx, o); err != nil && !fault.Is(err, fault.Stale) {
		return fmt.Errorf("noting the wind-down's back-off: %w", err)
	}
	return nil
}
