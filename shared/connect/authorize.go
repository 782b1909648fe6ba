package connect

import (
	"context"
	"fmt"
	"time"

	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// Flows opens and completes OAuth flows.
type Flows struct {
	*Service
	Flows       integration.Flows
	Orders      integration.Orders
	Authorizers map[string]Authorizer // by provider key
	FlowKey     []byte
	RedirectURI string            // this deployment's callback
	Returns     map[string]string // return target → URL of the page; never taken from a request
	Seal        *Vault            // nil where flows are only opened
}

// Opened is where to send the browser.
type Opened struct {
	AuthorizationURL string
	ExpiresAt        time.Time
}

// Begin opens a flow to connect or reconnect; returnTo names one of the
// configured return targets. An abandoned consent page changes nothing but
// flow_expires.
func (f *Flows) Begin(ctx context.Context, c Caller, provider, returnTo string) (Opened, error) {
	if _, ok := f.Returns[returnTo]; !ok {
		return Opened{}, fault.New(fault.Invalid, "unknown_return_target", "return_to must be one of the configured return targets.")
	}
	auth, ok := f.Authorizers[provider]
	if !ok {
		return Opened{}, fault.New(fault.NotFound, "not_found", "There is no such integration.")
	}
	p, err := f.Catalogue.Find(provider)
	if err != nil {
		return Opened{}, err
	}
	now := f.Now()
	state, err := newState(f.FlowKey, now)
	if err != nil {
		return Opened{}, err
	}
	flow := integration.Flow{
		StateHash: hashState(state), Key: integration.Key{Account: c.Account, Provider: provider},
		User: c.User, ReturnTo: returnTo, Expires: now.Add(integration.FlowFor),
	}
	rec, err := f.open(ctx, c, flow)
	if err != nil {
		return Opened{}, err
	}
	req := AuthRequest{
		State: state, Challenge: challenge(verifier(f.FlowKey, state)), Nonce: nonce(f.FlowKey, state),
		RedirectURI: f.RedirectURI, LoginHint: rec.Email,
	}
	for _, s := range p.Scopes {
		req.Scopes = append(req.Scopes, s.Name)
	}
	return Opened{AuthorizationURL: auth.AuthURL(req), ExpiresAt: flow.Expires}, nil
}

// open writes the flow, with the transition out of draft or quietly.
func (f *Flows) open(ctx context.Context, c Caller, flow integration.Flow) (*integration.Integration, error) {
	for range tries {
		before, err := f.Store.Get(ctx, flow.Key)
		if err != nil {
			return nil, err
		}
		flow.Generation = before.ID
		after, entry, err := integration.Move(before, integration.BeginAuthorization, f.moving(c, f.Now()))
		if err != nil {
			return nil, err
		}
		after.FlowExpires = flow.Expires
		if after.Version == before.Version {
			err = f.Store.Note(ctx, after, &flow, &entry)
		} else {
			err = f.Store.Apply(ctx, integration.Change{Before: before, After: after, Entry: &entry, Flow: &flow})
		}
		if fault.Is(err, fault.Stale) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("opening a flow: %w", err)
		}
		return after, nil
	}
	return nil, errBusy()
}

// ReturnURL is where the callback hands a browser back to: the flow's return
// target. NotFound where the state is unknown, used or too old; the callback
// exchanges nothing and consumes nothing.
func (f *Flows) ReturnURL(ctx context.Context, state string) (string, error) {
	if err := checkState(f.FlowKey, state, f.Now()); err != nil {
		return "", err
	}
	flow, err := f.Flows.Flow(ctx, hashState(state), f.Now())
	if fault.Is(err, fault.NotFound) {
		return "", errReplayed()
	}
	if err != nil {
		return "", fmt.Errorf("reading the flow: %w", err)
	}
	target, ok := f.Returns[flow.ReturnTo]
	if !ok {
		return "", errForged()
	}
	return target, nil
}
