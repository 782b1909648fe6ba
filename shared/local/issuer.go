package local

import (
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/x509"
	"encoding/base64"
	"encoding/json"
	"encoding/pem"
	"errors"
	"fmt"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"time"

	"github.com/golang-jwt/jwt/v5"
)

const (
	issuerName = "aura-local"
	audience   = "aura"
	tokenFor   = time.Hour
	keyID      = "local"
)

// allScopes is what a token carries that doesn't ask for less: everything but
// changing the plan.
const allScopes = "integrations:read integrations:write events:read events:write"

// issuer gives out tokens that the API's ordinary verifier accepts. It exists
// in the local run only; a deployed function never sees it.
type issuer struct {
	key *ecdsa.PrivateKey
	now func() time.Time
}

// newIssuer reads the signing key, making it the first time, so that a page
// that is open over a restart stays signed in, with the stores in memory too: it
// opens nothing but this machine's own run. "" keeps it in memory.
func newIssuer(file string, now func() time.Time) (*issuer, error) {
	if file == "" {
		key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
		if err != nil {
			return nil, fmt.Errorf("making the local issuer's key: %w", err)
		}
		return &issuer{key: key, now: now}, nil
	}
	raw, err := os.ReadFile(file)
	if errors.Is(err, fs.ErrNotExist) {
		return createIssuer(file, now)
	}
	if err != nil {
		return nil, fmt.Errorf("reading the local issuer's key: %w", err)
	}
	block, _ := pem.Decode(raw)
	if block == nil {
		return nil, fmt.Errorf("%s is no key any more: `make reset` starts over", filepath.Base(file))
	}
	key, err := x509.ParseECPrivateKey(block.Bytes)
	if err != nil {
		return nil, fmt.Errorf("%s is no key any more: `make reset` starts over", filepath.Base(file))
	}
	return &issuer{key: key, now: now}, nil
}

func createIssuer(file string, now func() time.Time) (*issuer, error) {
	i, err := newIssuer("", now)
	if err != nil {
		return nil, err
	}
	der, err := x509.MarshalECPrivateKey(i.key)
	if err != nil {
		return nil, fmt.Errorf("encoding the local issuer's key: %w", err)
	}
	block := pem.EncodeToMemory(&pem.Block{Type: "EC PRIVATE KEY", Bytes: der})
	if err := os.WriteFile(file, block, 0o600); err != nil {
		return nil, fmt.Errorf("storing the local issuer's key: %w", err)
	}
	return i, nil
}

// tokenRequest is POST /local/token.
type tokenRequest struct {
	Account string  `json:"account"`
	User    string  `json:"user"`
	Scope   *string `json:"scope"`
}

// token answers POST /local/token.
func (i *issuer) token(w http.ResponseWriter, r *http.Request) {
	var req tokenRequest
	dec := json.NewDecoder(http.MaxBytesReader(w, r.Body, 4<<10))
	dec.DisallowUnknownFields()
	if err := dec.Decode(&req); err != nil || req.Account == "" || req.User == "" {
		http.Error(w, `send {"account": "…", "user": "…"} and, if you like, "scope"`, http.StatusBadRequest)
		return
	}
	scope := allScopes
	if req.Scope != nil {
		scope = *req.Scope
	}
	tok, err := i.sign(req.Account, req.User, scope)
	if err != nil {
		http.Error(w, "no token could be made", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	_ = json.NewEncoder(w).Encode(map[string]any{"access_token": tok, "expires_in": int(tokenFor.Seconds())})
}

// sign makes a token.
func (i *issuer) sign(account, user, scope string) (string, error) {
	now := i.now()
	t := jwt.NewWithClaims(jwt.SigningMethodES256, jwt.MapClaims{
		"iss": issuerName, "aud": audience, "sub": user, "account": account, "scope": scope,
		"iat": now.Unix(), "exp": now.Add(tokenFor).Unix(),
	})
	t.Header["kid"] = keyID
	s, err := t.SignedString(i.key)
	if err != nil {
		return "", fmt.Errorf("signing a token: %w", err)
	}
	return s, nil
}

// jwks answers the key set that the verifier fetches.
func (i *issuer) jwks(w http.ResponseWriter, _ *http.Request) {
	point, err := i.key.PublicKey.Bytes() // 4, then both coordinates in 32 bytes each
	if err != nil || len(point) != 65 {
		http.Error(w, "no key to show", http.StatusInternalServerError)
		return
	}
	w.Header().Set("Content-Type", "application/json")
	_ = json.NewEncoder(w).Encode(map[string]any{"keys": []map[string]string{{
		"kty": "EC", "crv": "P-256", "alg": "ES256", "use": "sig", "kid": keyID,
		"x": base64.RawURLEncoding.EncodeToString(point[1:33]), "y": base64.RawURLEncoding.EncodeToString(point[33:]),
	}}})
}
