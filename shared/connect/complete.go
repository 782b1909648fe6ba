package connect

import (
	"context"
	"fmt"
	"slices"
	"time"

	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// Returned is what the provider sent the browser back with.
type Returned struct {
	State string
	Code  string
	Error string // the provider's error code, instead of a code
}

// Complete finishes a flow for the caller who began it: consumes the state,
// exchanges the code, checks who it is and what was granted, seals the token
// and moves the integration to testing, all in one transaction after the
// exchange.
//
// Nothing changes where the state is forged, expired, used or somebody
// else's. Unavailable while this generation's grant is just being revoked,
// before the state is consumed, so the same completion may be tried again.
func (f *Flows) Complete(ctx context.Context, c Caller, r Returned) (*integration.Integration, error) {
	if err := checkState(f.FlowKey, r.State, f.Now()); err != nil {
		return nil, err
	}
	hash := hashState(r.State)
	flow, err := f.Flows.Flow(ctx, hash, f.Now())
	if fault.Is(err, fault.NotFound) {
		return nil, errReplayed()
	}
	if err != nil {
		return nil, fmt.Errorf("reading the flow: %w", err)
	}
	if flow.Key.Account != c.Account || flow.User != c.User {
		return nil, fault.New(fault.Forbidden, "flow_not_yours", "This sign-in was started by somebody else. Only who began it can finish it.")
	}
	rec, err := f.Store.Get(ctx, flow.Key)
	if fault.Is(err, fault.NotFound) || err == nil && rec.ID != flow.Generation {
		return nil, tryAgain(fault.New(fault.Malformed, "flow_superseded", "The integration was replaced or deleted since this sign-in was started. Nothing was changed."))
	}
	if err != nil {
		return nil, fmt.Errorf("reading the integration: %w", err)
	}
	if err := f.notRevoking(ctx, rec); err != nil {
		return nil, err
	}
	if err := f.Flows.Consume(ctx, hash); err != nil {
		if fault.Is(err, fault.NotFound) {
			return nil, errReplayed()
		}
		return nil, fmt.Errorf("consuming the state: %w", err)
	}
	if r.Error != "" || r.Code == "" {
		f.cameBack(ctx, rec, flow)
		return nil, refusal(r.Error)
	}
	v := verifier(f.FlowKey, r.State)
	grant, err := f.Authorizers[flow.Key.Provider].Exchange(ctx, r.Code, v, f.RedirectURI, nonce(f.FlowKey, r.State))
	if err != nil {
		f.cameBack(ctx, rec, flow)
		return nil, exchangeFailed(err)
	}
	return f.authorized(ctx, c, flow, grant)
}

// notRevoking keeps a completion from racing a wind-down's revoke, this
// generation's or an earlier one's: it would end the very grant that is being
// completed.
func (f *Flows) notRevoking(ctx context.Context, rec *integration.Integration) error {
	orders, err := f.Orders.OrdersOf(ctx, rec.Key)
	if err != nil {
		return fmt.Errorf("reading the wind-downs: %w", err)
	}
	for _, o := range orders {
		if o.Revoking(f.Now()) {
			return errRevoking(o.ClaimedTo.Sub(f.Now()))
		}
	}
	return nil
}

func errRevoking(wait time.Duration) error {
	return fault.New(fault.Unavailable, "revoking", "The old access is just being withdrawn. Try again in a minute.").After(wait)
}

// authorized stores the grant, or says why it can't.
func (f *Flows) authorized(ctx context.Context, c Caller, flow integration.Flow, g Grant) (*integration.Integration, error) {
	p, err := f.Catalogue.Find(flow.Key.Provider)
	if err != nil {
		return nil, err
	}
	missing := Missing(p, g.Scopes)
	run := integration.QueuedRun(f.NewID(), f.NewID(), integration.TriggerConnected, f.Now())
	for range tries {
		before, err := f.Store.Get(ctx, flow.Key)
		if err != nil {
			return nil, fmt.Errorf("reading the integration: %w", err)
		}
		if before.ID != flow.Generation {
			return nil, tryAgain(fault.New(fault.Malformed, "flow_superseded", "The integration was replaced since this sign-in was started. Nothing was changed."))
		}
		if before.Subject != "" && before.Subject != g.Subject {
			f.cameBack(ctx, before, flow)
			return nil, errMismatch(before, g.Email)
		}
		if len(missing) > 0 {
			after, err := f.incomplete(ctx, c, before, missing)
			if fault.Is(err, fault.Stale) {
				continue
			}
			return after, err
		}
		m := f.moving(c, f.Now())
		m.Run = run
		after, entry, err := integration.Move(before, integration.Authorized, m)
		if err != nil {
			return nil, err
		}
		after.Subject, after.Email, after.Scopes = g.Subject, g.Email, g.Scopes
		cred, err := f.Seal.credential(ctx, after, g.Token)
		if err != nil {
			return nil, fmt.Errorf("sealing the credential: %w", err)
		}
		ch := integration.Change{
			Before: before, After: after, Entry: &entry, Credential: &cred, DropOrder: before.ID,
			Ended: integration.Superseded(before, after, m.Now, c.CorrelationID),
		}
		err = f.Store.Apply(ctx, ch)
		switch {
		case fault.Is(err, fault.Stale):
			continue
		case err != nil:
			return nil, fmt.Errorf("storing the grant: %w", err)
		}
		f.send(ctx, RunJob(after, c.CorrelationID, f.Now()))
		f.stopWatching(ctx, c, before)
		return after, nil
	}
	return nil, errBusy()
}

// incomplete records a consent that left a needed permission out. While
// configuring, the integration says so; elsewhere nothing changes and the
// caller is told.
func (f *Flows) incomplete(ctx context.Context, c Caller, before *integration.Integration, missing []integration.Scope) (*integration.Integration, error) {
	m := f.moving(c, f.Now())
	m.Message = integration.MissingMessage(missing...)
	after, entry, err := integration.Move(before, integration.ConsentIncomplete, m)
	if err != nil {
		return nil, err
	}
	after.FlowExpires = time.Time{}
	if after.Version != before.Version {
		return after, f.Store.Apply(ctx, integration.Change{Before: before, After: after, Entry: &entry})
	}
	if err := f.Store.Note(ctx, after, nil, &entry); err != nil {
		return nil, fmt.Errorf("noting an incomplete consent: %w", err)
	}
	return nil, fault.New(fault.Malformed, "scope_missing", m.Message).WithFix("Re-authorize", integration.ActionReauthorize)
}

// cameBack notes that the flow did come back, so that nobody is told it didn't.
// Another flow that was opened since, in another window, is still out.
func (f *Flows) cameBack(ctx context.Context, rec *integration.Integration, flow integration.Flow) {
	if rec.FlowExpires.UnixMilli() != flow.Expires.UnixMilli() {
		return
	}
	after := rec.Clone()
	after.FlowExpires = time.Time{}
	if err := f.Store.Note(ctx, after, nil, nil); err != nil {
		f.Log.WarnContext(ctx, "flow's return not noted", "error", err)
	}
}

// Missing gives the required scopes that were not granted.
func Missing(p integration.Provider, granted []string) []integration.Scope {
	var out []integration.Scope
	for _, s := range p.Scopes {
		if s.Required && !slices.Contains(granted, s.Name) {
			out = append(out, s)
		}
	}
	return out
}

// errMismatch offers what it says: to leave the account that this integration
// belongs to. (To go on with that one, the integration's own button is there.)
func errMismatch(rec *integration.Integration, got string) error {
	do, label, action := "disconnect this integration and create a new one", "Disconnect", integration.ActionDisconnect
	if rec.Status == integration.Disconnected {
		do, label, action = "create a new integration in place of this one", "Start over", integration.ActionStartOver
	}
	return fault.Newf(fault.Conflict, "account_mismatch",
		"This integration belongs to %s, but you signed in as %s. Nothing was changed. To use the other account, %s.", rec.Email, got, do).
		WithFix(label, action)
}

// refusal says what the provider's error means.
func refusal(code string) error {
	switch code {
	case "access_denied":
		return tryAgain(fault.New(fault.Malformed, "consent_denied", "You didn't allow access, so nothing was connected and nothing was changed."))
	case "":
		return tryAgain(fault.New(fault.Malformed, "code_missing", "The sign-in came back without a code. Nothing was changed."))
	}
	return tryAgain(fault.New(fault.Malformed, "provider_refused", "The sign-in was refused by the provider. Nothing was changed."))
}

// exchangeFailed says what became of a code that could not be exchanged.
func exchangeFailed(err error) error {
	switch fault.KindOf(err) {
	case fault.CredentialGone:
		return tryAgain(fault.Wrap(fault.Malformed, "code_refused", "The provider no longer accepts this sign-in. Nothing was changed.", err))
	case fault.Operator:
		return fault.Wrap(fault.Unavailable, "provider_configuration", "Aura's registration at the provider is not in order. We have been told; nothing was changed.", err)
	case fault.Transient:
		return tryAgain(fault.Wrap(fault.Unavailable, "provider_unavailable", "The provider didn't answer. Nothing was changed.", err))
	}
	return tryAgain(fault.Wrap(fault.Malformed, "identity_refused", "The provider's answer didn't prove who signed in. Nothing was changed.", err))
}
