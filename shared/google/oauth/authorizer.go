package oauth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"time"

	"golang.org/x/oauth2"

	"aura.example/integrations/shared/connect"
	"aura.example/integrations/shared/google"
)

// Authorizer speaks to Google's OAuth endpoints. It is safe for concurrent use.
type Authorizer struct {
	conf      oauth2.Config // without a redirect address, which each flow brings
	revokeURL string
	issuers   []string
	client    *http.Client
	now       func() time.Time
}

var _ connect.Authorizer = (*Authorizer)(nil)

// New makes an Authorizer for one OAuth client. It refuses a configuration
// without a client secret, or with an endpoint that secrets can't be sent to.
func New(c google.Config, now func() time.Time) (*Authorizer, error) {
	if err := c.Check(); err != nil {
		return nil, err
	}
	if c.ClientSecret == "" {
		return nil, errors.New("configuration of google: no ClientSecret")
	}
	return &Authorizer{
		conf: oauth2.Config{
			ClientID:     c.ClientID,
			ClientSecret: c.ClientSecret,
			Endpoint: oauth2.Endpoint{
				AuthURL:   c.AuthURL,
				TokenURL:  c.TokenURL,
				AuthStyle: oauth2.AuthStyleInParams,
			},
		},
		revokeURL: c.RevokeURL,
		issuers:   c.Issuers,
		client:    c.Client(),
		now:       now,
	}, nil
}

// AuthURL is where to send the browser.
//
// access_type=offline asks for a refresh token and prompt=consent makes sure of
// it: without a fresh consent Google gives one on the first connect only, and a
// reconnect would end up without. include_granted_scopes keeps what was granted
// before, so that asking again for one missing permission gives none away.
func (a *Authorizer) AuthURL(r connect.AuthRequest) string {
	conf := a.conf
	conf.RedirectURL = r.RedirectURI
	conf.Scopes = r.Scopes
	opts := []oauth2.AuthCodeOption{
		oauth2.AccessTypeOffline,
		oauth2.ApprovalForce,
		oauth2.SetAuthURLParam("include_granted_scopes", "true"),
		oauth2.SetAuthURLParam("code_challenge", r.Challenge),
		oauth2.SetAuthURLParam("code_challenge_method", "S256"),
		oauth2.SetAuthURLParam("nonce", r.Nonce),
	}
	if r.LoginHint != "" {
		opts = append(opts, oauth2.SetAuthURLParam("login_hint", r.LoginHint))
	}
	return conf.AuthCodeURL(r.State, opts...)
}

// Exchange turns a code into a grant. Errors: CredentialGone where Google
// doesn't accept the code (used, expired, another verifier: it doesn't tell
// which) or gives no refresh token; Invalid where the id token doesn't prove
// who signed in; Operator where our registration is wrong; Transient for what
// may pass, though the code may be used up by then.
func (a *Authorizer) Exchange(ctx context.Context, code, verifier, redirectURI, nonce string) (connect.Grant, error) {
	conf := a.conf
	conf.RedirectURL = redirectURI
	asked := a.now()
	answer, err := conf.Exchange(a.with(ctx), code, oauth2.VerifierOption(verifier))
	if err != nil {
		return connect.Grant{}, fmt.Errorf("exchanging a code: %w", a.translate(err))
	}
	token, err := bearer(answer, asked)
	if err != nil {
		return connect.Grant{}, fmt.Errorf("exchanging a code: %w", err)
	}
	if token.Refresh == "" {
		return connect.Grant{}, fmt.Errorf("exchanging a code: %w", errNoRefreshToken())
	}
	raw, _ := answer.Extra("id_token").(string)
	who, err := a.identify(raw, nonce)
	if err != nil {
		return connect.Grant{}, fmt.Errorf("exchanging a code: %w", err)
	}
	granted, _ := answer.Extra("scope").(string)
	return connect.Grant{
		Subject: who.Subject,
		Email:   who.Email,
		Scopes:  google.CanonicalScopes(granted),
		Token:   token,
	}, nil
}

// Refresh renews access. Google's answer carries no refresh token; the old one
// stays good and is kept. Errors: CredentialGone where the grant has ended
// (revoked, unused for six months, displaced by the hundredth newer one, a
// session policy); Operator, Transient as in Exchange.
func (a *Authorizer) Refresh(ctx context.Context, t connect.Token) (connect.Token, error) {
	if t.Refresh == "" {
		return connect.Token{}, fmt.Errorf("renewing access: %w", errNoRefreshToken())
	}
	asked := a.now()
	// A source made for this one call: it keeps the context it was made with.
	// Without an access token in it, it has nothing to reuse and must refresh.
	source := a.conf.TokenSource(a.with(ctx), &oauth2.Token{RefreshToken: t.Refresh})
	answer, err := source.Token()
	if err != nil {
		return connect.Token{}, fmt.Errorf("renewing access: %w", a.translate(err))
	}
	fresh, err := bearer(answer, asked) // with the old refresh token, where none came: x/oauth2 fills it in
	if err != nil {
		return connect.Token{}, fmt.Errorf("renewing access: %w", err)
	}
	return fresh, nil
}

// with gives x/oauth2 the client, and with it the timeout, the bound on the
// answer and the counter.
func (a *Authorizer) with(ctx context.Context) context.Context {
	return context.WithValue(ctx, oauth2.HTTPClient, a.client)
}
