package jwtauth

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/golang-jwt/jwt/v5"

	"aura.example/integrations/shared/fault"
)

// MaxToken bounds a bearer token in bytes: what is longer is refused unread.
const MaxToken = 8 << 10

// leeway is how far the issuer's clock may be from ours.
const leeway = 30 * time.Second

// Config says whose tokens are accepted.
type Config struct {
	Issuer   string // exactly as in the token
	Audience string // one of the token's audiences must be this
	KeysURL  string // where the issuer publishes its keys (JWKS)
	Names    Names
	// Client fetches the keys; nil means one with a timeout of its own.
	Client *http.Client
}

// Verifier verifies bearer tokens. It is safe for concurrent use and runs
// nothing in the background.
type Verifier struct {
	names  Names
	keys   *keys
	parser *jwt.Parser
}

// New makes a Verifier. It refuses a configuration that is incomplete, since
// half a check is none, and keys that would come in the clear from elsewhere.
func New(c Config, now func() time.Time) (*Verifier, error) {
	if c.Issuer == "" || c.Audience == "" || c.KeysURL == "" {
		return nil, errors.New("token verifier: issuer, audience and keys URL are all needed")
	}
	if c.Names == (Names{}) {
		c.Names = DefaultNames()
	}
	u, err := url.Parse(c.KeysURL)
	if err != nil || u.Host == "" || u.Scheme != "https" && !(u.Scheme == "http" && loopback(u.Hostname())) {
		return nil, errors.New("token verifier: the keys URL must be https, or http to this very machine")
	}
	if c.Client == nil {
		c.Client = &http.Client{Timeout: keysTimeout}
	}
	return &Verifier{
		names: c.Names,
		keys:  &keys{url: c.KeysURL, client: c.Client, now: now},
		parser: jwt.NewParser(
			jwt.WithValidMethods([]string{jwt.SigningMethodRS256.Alg(), jwt.SigningMethodES256.Alg()}),
			jwt.WithIssuer(c.Issuer), jwt.WithAudience(c.Audience),
			jwt.WithExpirationRequired(), jwt.WithIssuedAt(), jwt.WithLeeway(leeway), jwt.WithTimeFunc(now),
		),
	}, nil
}

// Verify gives the identity of a bearer token. Unauthenticated where it is not
// accepted; Unavailable where the issuer's keys can't be had.
func (v *Verifier) Verify(ctx context.Context, token string) (Identity, error) {
	if len(token) > MaxToken {
		return Identity{}, refuse(fmt.Sprintf("it is %d bytes long", len(token)))
	}
	claims := jwt.MapClaims{}
	_, err := v.parser.ParseWithClaims(token, claims, func(t *jwt.Token) (any, error) {
		if !accessTyp(t.Header["typ"]) {
			return nil, errors.New("its typ is not that of an access token")
		}
		if _, ok := t.Header["crit"]; ok { // RFC 7515, 4.1.11: what isn't understood must be refused
			return nil, errors.New("it demands an extension that isn't understood here")
		}
		return v.keys.find(ctx, t)
	})
	var down *keysError
	switch {
	case errors.As(err, &down):
		return Identity{}, fault.Wrap(fault.Unavailable, "unavailable", "Sign-in can't be checked right now. Try again in a moment.", err).After(5 * time.Second)
	case err != nil:
		return Identity{}, refuse(err.Error())
	}
	return v.names.Identify(claims)
}

// accessTyp accepts what access tokens are labelled with: nothing, JWT
// (RFC 7519) or at+jwt (RFC 9068). Other labels exist so that one kind of token
// can't be passed off as another.
func accessTyp(v any) bool {
	if v == nil {
		return true
	}
	s, _ := v.(string)
	s = strings.TrimPrefix(strings.ToLower(s), "application/")
	return s == "jwt" || s == "at+jwt"
}

// loopback takes names literally, so that nobody's name server has a say.
func loopback(host string) bool {
	return host == "localhost" || host == "127.0.0.1" || host == "::1"
}
