package calsync

import (
	"context"
	"errors"
	"fmt"
	"time"

	"aura.example/integrations/shared/connect"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
)

// class is whose fault a failure is.
type class string

const (
	classTransient  class = "transient"  // tried again inside the run, then the run fails; the breaker counts it
	classCredential class = "credential" // the status changes; no retry
	classCalendar   class = "calendar"   // the chosen calendar or the whole service is gone: the status changes
	classHeld       class = "held"       // the tripwire: the user decides
	classOperator   class = "operator"   // ours to mend: alarm, the status stays
	classUnknown    class = "unknown"    // the run fails with its reason; never the credential
)

// verdict is one line of the failures table.
type verdict struct {
	class class
	code  string
	// move is the transition that a run in an active integration ends with, ""
	// for none; testing is the one while it is verified.
	move, testing integration.Name
}

// outcomes is the one table of failures: what each kind of failure does to
// a run and to its integration. The worker consumes it, and nothing else
// decides.
var outcomes = map[fault.Kind]verdict{
	fault.Transient:       {class: classTransient, code: "provider_unavailable", testing: integration.VerificationFailed},
	fault.Unavailable:     {class: classTransient, code: "unavailable", testing: integration.VerificationFailed},
	fault.QuotaExceeded:   {class: classTransient, code: "quota_exceeded", testing: integration.VerificationFailed},
	fault.CredentialGone:  {class: classCredential, code: "credentials_expired", move: integration.CredentialsRejected, testing: integration.CredentialsRejected},
	fault.Unauthorized:    {class: classCredential, code: "credentials_expired", move: integration.CredentialsRejected, testing: integration.CredentialsRejected},
	fault.ScopeMissing:    {class: classCredential, code: "scope_missing", move: integration.ScopeLost, testing: integration.ScopeLost},
	fault.ServiceDisabled: {class: classCalendar, code: "calendar_service_disabled", move: integration.CalendarServiceLost, testing: integration.CalendarServiceLost},
	fault.CalendarLost:    {class: classCalendar, code: "calendar_not_found", move: integration.CalendarLost, testing: integration.VerificationFailed},
	fault.Conflict:        {class: classHeld, code: string(integration.ReasonMassDeletionHeld), move: integration.Held},
	fault.Operator:        {class: classOperator, code: "provider_configuration"},
	fault.Refused:         {class: classUnknown, code: "refused", testing: integration.VerificationFailed},
	fault.Internal:        {class: classTransient, code: "internal", testing: integration.VerificationFailed},
}

func outcomeOf(err error) verdict {
	if errors.Is(err, context.DeadlineExceeded) || errors.Is(err, context.Canceled) {
		return outcomes[fault.Transient]
	}
	v, ok := outcomes[fault.KindOf(err)]
	if !ok {
		v = outcomes[fault.Refused]
	}
	if v.move == integration.CredentialsRejected && fault.CodeOf(err) == connect.CodeRevoked {
		v.code, v.move, v.testing = "credentials_revoked", integration.AccessRevoked, integration.AccessRevoked
	}
	return v
}

// failed ends a run that could not go on: its report first, then the
// transition that the table names, or the lease given up.
func (r *run) failed(ctx context.Context, cause error) (again bool, err error) {
	if errors.Is(cause, errSuperseded) {
		return false, cause
	}
	// What must still be written has its own time: the run's may be over.
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), margin/2)
	defer cancel()

	v := outcomeOf(cause)
	message := safeMessage(cause)
	r.report.State, r.report.EndedAt = integration.RunFailed, r.w.Now()
	r.report.Error = &integration.RunError{Class: string(v.class), Code: v.code, Message: message}
	log := r.w.Log.WarnContext
	if v.class == classOperator {
		log = r.w.Log.ErrorContext
	}
	log(ctx, "run failed", "run", r.report.ID, "class", v.class, "code", v.code, "error", cause)
	if err := r.keep(ctx); err != nil {
		r.w.Log.WarnContext(ctx, "failed run's report not stored", "run", r.report.ID, "error", err)
	}
	name := v.move
	if r.rec.Status == integration.Testing {
		name = v.testing
	}
	switch {
	case name == integration.Held && r.rec.Status == integration.Error: // the probe worked; the next run asks
		if err := r.giveUp(ctx, cause); err != nil {
			return false, err
		}
		return false, r.recovered(ctx)
	case name == integration.VerificationFailed && v.class == classTransient:
		return false, r.verificationFailed(ctx, cause, message)
	case name == integration.CalendarLost && r.rec.Status != integration.Active, name == "":
		return false, r.giveUp(ctx, cause)
	case name == integration.ScopeLost && r.rec.Status == integration.Error, name == integration.CalendarServiceLost && r.rec.Status == integration.Error:
		return false, r.giveUp(ctx, cause)
	}
	if name == integration.CredentialsRejected || name == integration.AccessRevoked || name == integration.CalendarLost || name == integration.CalendarServiceLost {
		message = "" // the reason's own words
	}
	return false, r.move(ctx, name, message, time.Time{})
}

// safeMessage gives words that may be shown.
func safeMessage(err error) string {
	if e := fault.Of(err); e != nil {
		if m, ok := e.Extra["message"].(string); ok {
			return m
		}
	}
	if e := fault.Of(err); e != nil && e.Kind != fault.Internal && e.Message != "" {
		return e.Message
	}
	return "The sync could not be completed."
}

// giveUp gives the lease back after a failure, and tells the breaker.
func (r *run) giveUp(ctx context.Context, cause error) error {
	now := r.w.Now()
	e := integration.Ending{Outcome: integration.RunFailed, LastRun: r.rec.Failed(r.report)}
	wait := retryAfter(cause)
	if r.rec.Status == integration.Testing && outcomeOf(cause).class == classTransient {
		wait = verifyWait(cause)
	}
	if wait > 0 {
		at := now.Add(wait)
		e.RetryNotBefore = &at
	}
	if b := r.judgeFailure(ctx, cause); b != nil {
		if b.opens {
			return r.deactivate(ctx, b, retryAfter(cause))
		}
		e.Failures, e.FailureWindow = &b.failures, &b.window
		if b.probe > 0 {
			at := now.Add(b.probe)
			e.RetryAt = &at
		}
	}
	if r.rec.EditsWait.IsZero() && r.rec.Status == integration.Active && !r.pushed && (r.pushes || r.report.Trigger == integration.TriggerAuraEdit) {
		e.EditsWait = now // its job ends with this run
	}
	// Whoever asked meanwhile is not forgotten, for a failed run covers nothing: a
	// job follows. But it must not come before the provider's advice or the probe;
	// what lies beyond the queue's longest delay is left to the slot.
	e.ClearDirty = e.RetryAt != nil || retryAfter(cause) > job.MaxDelay
	err := r.w.Leases.End(ctx, r.hold, e)
	if fault.CodeOf(err) == CodeDirty {
		e.Next = integration.QueuedRun(r.w.NewID(), r.w.NewID(), integration.TriggerContinuation, now)
		err = r.w.Leases.End(ctx, r.hold, e)
	}
	if err != nil {
		return r.refused(fmt.Errorf("giving up the lease: %w", err))
	}
	if e.Next == nil {
		return nil
	}
	j := r.job
	j.Run, j.Due, j.Trigger = e.Next.RunID, now, e.Next.Trigger
	m := job.Message{Job: j, Delay: min(max(retryAfter(cause), verifyAgain), job.MaxDelay)}
	if err := r.w.Queue.Send(ctx, m); err != nil {
		r.w.Log.WarnContext(ctx, "continuation not sent; the slot brings it", "error", err)
	}
	r.followed = true
	return nil
}

func retryAfter(err error) time.Duration {
	if e := fault.Of(err); e != nil {
		return e.RetryAfter
	}
	return 0
}
