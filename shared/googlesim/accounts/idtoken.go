package accounts

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"crypto/x509"
	"encoding/base64"
	"fmt"
	"math/big"
	"net/http"
	"slices"
	"strings"

	"github.com/golang-jwt/jwt/v5"
)

// signingKey is the key of id tokens, made at the first need: most tests never
// ask for one, and making it is slow. The caller holds the lock.
func (s *Server) signingKey() (*rsa.PrivateKey, error) {
	if s.key == nil {
		k, err := rsa.GenerateKey(rand.Reader, 2048)
		if err != nil {
			return nil, fmt.Errorf("making the signing key: %w", err)
		}
		s.key = k
	}
	return s.key, nil
}

// keyID names a public key by its own sum, so a restored server announces the
// same name and a new key another one.
func keyID(k *rsa.PublicKey) string {
	h := sha256.Sum256(k.N.Bytes())
	return fmt.Sprintf("%x", h[:20])
}

// idToken signs who signed in, RS256, with the claims that Google documents:
// https://developers.google.com/identity/openid-connect/openid-connect#an-id-tokens-payload.
// The nonce comes back exactly as sent, and only in an exchange: an id token
// from a refresh has none. The caller holds the lock.
func (s *Server) idToken(c Client, person Account, scopes []string, nonce, accessToken, issuer string) (string, error) {
	key, err := s.signingKey()
	if err != nil {
		return "", err
	}
	now := s.now()
	half := sha256.Sum256([]byte(accessToken))
	claims := jwt.MapClaims{
		"iss":     issuer,
		"azp":     c.ID,
		"aud":     c.ID,
		"sub":     person.Subject,
		"at_hash": base64.RawURLEncoding.EncodeToString(half[:16]),
		"iat":     now.Unix(),
		"exp":     now.Add(accessLife).Unix(),
	}
	if nonce != "" {
		claims["nonce"] = nonce
	}
	for k, v := range profile(person, scopes) {
		claims[k] = v
	}
	t := jwt.NewWithClaims(jwt.SigningMethodRS256, claims)
	t.Header["kid"] = keyID(&key.PublicKey)
	signed, err := t.SignedString(key)
	if err != nil {
		return "", fmt.Errorf("signing an id token: %w", err)
	}
	return signed, nil
}

// profile is what the granted scopes tell about a person, in an id token and
// at the userinfo endpoint alike.
func profile(person Account, scopes []string) map[string]any {
	out := map[string]any{}
	if slices.Contains(scopes, scopeEmail) {
		out["email"] = person.Email
		out["email_verified"] = true
	}
	if slices.Contains(scopes, scopeProfile) {
		out["name"] = person.Name
		given, family, _ := strings.Cut(person.Name, " ")
		out["given_name"] = given
		if family != "" {
			out["family_name"] = family
		}
	}
	return out
}

// certs publishes the public half as a JWK set, RFC 7517.
func (s *Server) certs(w http.ResponseWriter, _ *http.Request) {
	s.mu.Lock()
	key, err := s.signingKey()
	s.mu.Unlock()
	if err != nil {
		http.Error(w, "The keys could not be made.", http.StatusInternalServerError)
		return
	}
	b64 := base64.RawURLEncoding.EncodeToString
	writeJSON(w, http.StatusOK, map[string]any{"keys": []map[string]string{{
		"kty": "RSA",
		"alg": "RS256",
		"use": "sig",
		"kid": keyID(&key.PublicKey),
		"n":   b64(key.N.Bytes()),
		"e":   b64(big.NewInt(int64(key.E)).Bytes()),
	}}})
}

// userinfo answers who the bearer is, OpenID Connect Core section 5.3.
func (s *Server) userinfo(w http.ResponseWriter, r *http.Request) {
	scheme, value, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	id, ok := Identity{}, false
	if strings.EqualFold(scheme, "Bearer") {
		id, ok = s.Bearer(strings.TrimSpace(value))
	}
	if !ok {
		w.Header().Set("WWW-Authenticate", `Bearer realm="https://accounts.google.com/", error="invalid_token"`)
		writeJSON(w, http.StatusUnauthorized, refuse(0, "invalid_request", "Invalid Credentials"))
		return
	}
	s.mu.Lock()
	person, _ := s.state.accountBySubject(id.Subject)
	s.mu.Unlock()
	answer := profile(person, id.Scopes)
	answer["sub"] = id.Subject
	writeJSON(w, http.StatusOK, answer)
}

// parseKey reads what Snapshot saved.
func parseKey(der []byte) (*rsa.PrivateKey, error) {
	k, err := x509.ParsePKCS8PrivateKey(der)
	if err != nil {
		return nil, fmt.Errorf("reading the signing key: %w", err)
	}
	key, ok := k.(*rsa.PrivateKey)
	if !ok {
		return nil, fmt.Errorf("reading the signing key: %T is not an RSA key", k)
	}
	return key, nil
}
