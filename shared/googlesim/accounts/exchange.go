package accounts

import (
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// exchange turns an authorization code into tokens, once. The code is spent
// by the first attempt that presents it with the right client, even one that
// fails afterwards: a verifier cannot be guessed at leisure.
func (s *Server) exchange(c Client, form url.Values, issuer string) (grantAnswer, *tokenError) {
	value := form.Get("code")
	if value == "" {
		return grantAnswer{}, refuse(http.StatusBadRequest, "invalid_request", "Missing required parameter: code")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	granted, ok := s.state.Codes[sum(value)]
	switch {
	case !ok && !strings.HasPrefix(value, "4/"):
		return grantAnswer{}, invalidGrant("Malformed auth code.")
	case !ok, granted.ClientID != c.ID, !now.Before(granted.Expires):
		return grantAnswer{}, invalidGrant("Bad Request") // unknown, used before, another client's, too old
	}
	delete(s.state.Codes, sum(value))
	s.version++
	if form.Get("redirect_uri") != granted.RedirectURI {
		return grantAnswer{}, refuse(http.StatusBadRequest, "redirect_uri_mismatch", "Bad Request")
	}
	if bad := granted.verify(form.Get("code_verifier")); bad != nil {
		return grantAnswer{}, bad
	}
	person, ok := s.state.accountBySubject(granted.Subject)
	if !ok {
		return grantAnswer{}, invalidGrant("Bad Request")
	}
	answer, err := s.issue(c, person, granted.Scopes, granted.Nonce, issuer)
	if err != nil {
		return grantAnswer{}, refuse(http.StatusInternalServerError, "internal_failure", "Backend Error")
	}
	if granted.Refresh {
		var life int
		answer.RefreshToken, life = s.issueRefresh(c, person.Subject, granted.Scopes)
		answer.RefreshExpiresIn = life
	}
	return answer, nil
}

// verify checks PKCE, RFC 7636 section 4.6; every failure is invalid_grant.
func (g code) verify(verifier string) *tokenError {
	switch {
	case g.Challenge == "" && verifier == "":
		return nil
	case g.Challenge == "":
		return invalidGrant("code_verifier or verifier is not needed.")
	case verifier == "":
		return invalidGrant("Missing code verifier.")
	case !pkceValue.MatchString(verifier):
		return invalidGrant("Invalid code verifier.")
	}
	if g.Method == "S256" {
		h := sha256.Sum256([]byte(verifier))
		verifier = base64.RawURLEncoding.EncodeToString(h[:])
	}
	if !sameSecret(verifier, g.Challenge) {
		return invalidGrant("Invalid code verifier.")
	}
	return nil
}

// issue makes an access token, and an id token where openid was granted. The
// caller holds the lock.
func (s *Server) issue(c Client, person Account, scopes []string, nonce, issuer string) (grantAnswer, error) {
	now := s.now()
	s.state.sweep(now)
	value := newAccess()
	answer := grantAnswer{
		AccessToken: value,
		ExpiresIn:   accessAnnounced,
		Scope:       strings.Join(scopes, " "),
		TokenType:   "Bearer",
	}
	if slices.Contains(scopes, scopeOpenID) {
		signed, err := s.idToken(c, person, scopes, nonce, value, issuer)
		if err != nil {
			return grantAnswer{}, err
		}
		answer.IDToken = signed
	}
	s.state.Access[sum(value)] = access{
		ClientID: c.ID,
		Subject:  person.Subject,
		Scopes:   slices.Clone(scopes),
		Expires:  now.Add(accessLife),
	}
	return answer, nil
}
