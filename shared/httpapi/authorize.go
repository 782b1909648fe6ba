package httpapi

import (
	"context"
	"errors"
	"net/http"
	"strings"

	"aura.example/integrations/shared/connect"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/jwtauth"
	"aura.example/integrations/shared/telemetry"
)

// Verifier verifies a bearer token; *jwtauth.Verifier is the one.
type Verifier interface {
	Verify(ctx context.Context, token string) (jwtauth.Identity, error)
}

// Authorize says how requests prove who they are from. The zero value lets
// nobody in.
type Authorize struct {
	// Gateway gives the claims that API Gateway's JWT authorizer verified, false
	// where no authorizer stood in front. nil where there is never one.
	Gateway func(ctx context.Context) (claims map[string]any, ok bool)
	// Names says where the authorizer's claims hold what.
	Names jwtauth.Names
	// Verifier verifies the token where there are no such claims; nil where it
	// isn't configured, and then nobody gets in that way.
	Verifier Verifier
}

// identify decides who is asking. Fail closed: whatever isn't proved is refused.
func (a Authorize) identify(r *http.Request) (jwtauth.Identity, error) {
	if a.Gateway != nil {
		if claims, ok := a.Gateway(r.Context()); ok {
			return a.Names.Identify(claims)
		}
	}
	if a.Verifier == nil {
		return jwtauth.Identity{}, errUnauthenticated(errors.New("neither an authorizer's claims nor a verifier"))
	}
	token, ok := bearer(r)
	if !ok {
		return jwtauth.Identity{}, errUnauthenticated(errors.New("no bearer token"))
	}
	return a.Verifier.Verify(r.Context(), token)
}

// bearer reads the one Authorization header (RFC 6750, 2.1). Tokens in the
// query or in a body aren't looked for: they end up in logs.
func bearer(r *http.Request) (string, bool) {
	if len(r.Header.Values("Authorization")) != 1 {
		return "", false
	}
	scheme, token, ok := strings.Cut(r.Header.Get("Authorization"), " ")
	token = strings.TrimSpace(token)
	if !ok || !strings.EqualFold(scheme, "Bearer") || token == "" {
		return "", false
	}
	return token, true
}

func errUnauthenticated(cause error) error {
	return fault.Wrap(fault.Unauthenticated, "unauthorized", jwtauth.Message, cause)
}

func errScope(need Scope) error {
	return fault.Newf(fault.Forbidden, "insufficient_scope", "This needs the scope %s, which the token lacks.", need)
}

type identityKey struct{}

// authorize puts the caller into the context, or says why not. A route that
// needs no token has no caller, whatever token it was called with.
func (a Authorize) authorize(ctx context.Context, r *http.Request, need Scope) (context.Context, error) {
	if need == Public || need == ChannelToken {
		return ctx, nil
	}
	id, err := a.identify(r)
	if err != nil {
		return ctx, err
	}
	ctx = telemetry.WithAccount(ctx, id.Account)
	if !id.May(string(need)) {
		return ctx, errScope(need)
	}
	return context.WithValue(ctx, identityKey{}, id), nil
}

// caller gives who asks, from the token's claims and from nowhere else. Only
// the wrapper lets a request through to a handler, so it is always there on a
// route that isn't public.
func caller(r *http.Request) connect.Caller {
	id, _ := r.Context().Value(identityKey{}).(jwtauth.Identity)
	return connect.Caller{Account: id.Account, User: id.User, CorrelationID: telemetry.Correlation(r.Context())}
}
