package connect

import (
	"context"
	"time"
)

// Token is what a provider gives out for a grant. It exists in memory only;
// at rest it is sealed.
type Token struct {
	Access  string    `json:"access"`
	Refresh string    `json:"refresh"`
	Expiry  time.Time `json:"expiry"`
}

// AuthRequest is what the consent page is asked with.
type AuthRequest struct {
	State       string
	Challenge   string // PKCE S256 of the verifier
	Nonce       string
	RedirectURI string
	LoginHint   string // e-mail of the account to reconnect; "" on a first connect
	Scopes      []string
}

// Grant is what a consent ended in.
type Grant struct {
	Subject string   // the provider's stable id of the user: the identity
	Email   string   // for people only
	Scopes  []string // canonical spelling, what was granted
	Token   Token
}

// Authorizer is a provider's OAuth side. Implementations are safe for
// concurrent use and never retry; errors are fault kinds: CredentialGone for
// invalid_grant, Operator for invalid_client, Transient for what may pass.
type Authorizer interface {
	// AuthURL is where to send the browser.
	AuthURL(r AuthRequest) string
	// Exchange turns a code into a grant; the id token's issuer, audience,
	// expiry and nonce are checked. Invalid where one of them is wrong.
	Exchange(ctx context.Context, code, verifier, redirectURI, nonce string) (Grant, error)
	// Refresh renews access; the refresh token is kept where none comes back.
	Refresh(ctx context.Context, t Token) (Token, error)
	// Revoke ends the user's whole grant for our client; an unknown token is
	// success.
	Revoke(ctx context.Context, t Token) error
}
