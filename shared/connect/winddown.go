package connect

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"math"
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
	purgeBatch   = 500            // rows purged by one job, so that each step is short
)

// windDown makes the order for a generation that was let go, written in the
// transaction that lets it go, so that no crash can lose it.
func windDown(rec *integration.Integration, cause integration.Name, remove bool, now time.Time) *integration.Order {
	o := &integration.Order{
		Key: rec.Key, Generation: rec.ID, Cause: cause, Remove: remove, Since: now, Version: 1,
		CalendarID: rec.Settings.CalendarID, Channel: rec.Channel, Step: integration.StepChannel,
		Slot: integration.OrderSlot(rec.Key, rec.ID),
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
	Quarantines calendar.Quarantines
	Vault       *Vault
	Authorizers map[string]Authorizer
	Queue       job.Queue
	Now         func() time.Time
	Log         *slog.Logger
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
	case integration.StepChannel, integration.StepRemove:
		return false, w.advance(ctx, o, integration.StepRevoke)
	case integration.StepRevoke:
		if err := w.revoke(ctx, o); err != nil {
			return false, err
		}
		return false, w.advance(ctx, o, integration.StepCredential)
	case integration.StepCredential:
		if err := w.destroy(ctx, o); err != nil {
			return false, err
		}
		if o.Cause == integration.Disconnect {
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

func (w *WindDown) advance(ctx context.Context, o *integration.Order, to integration.OrderStep) error {
	next := *o
	next.Step, next.NotBefore = to, time.Time{}
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

// purge deletes a bounded number of what was imported by this generation or an
// earlier one. A newer generation's rows refuse.
func (w *WindDown) purge(ctx context.Context, o *integration.Order) (more bool, err error) {
	cursor, done := "", 0
	for {
		rows, next, err := w.Events.Links(ctx, o.Key.Account, o.Key.Provider, "", cursor)
		if err != nil {
			return false, fmt.Errorf("listing what was imported: %w", err)
		}
		for _, r := range rows {
			if r.Origin != calendar.BornAtProvider || r.Generation > o.Generation {
				continue
			}
			if done == purgeBatch {
				return true, w.again(ctx, o)
			}
			_, err := w.Events.Delete(ctx, calendar.Write{
				Row:    &calendar.Row{Account: o.Key.Account, ID: r.ID},
				Expect: r.Version, Generation: o.Generation, Fence: math.MaxInt64,
			})
			if err != nil && !fault.Is(err, fault.Stale) {
				return false, fmt.Errorf("purging an imported event: %w", err)
			}
			done++
		}
		if next == "" {
			return false, nil
		}
		cursor = next
	}
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
