package accounts

import (
	"net/http"
	"net/url"
	"slices"
	"time"
)

// The ways in which a refresh token dies, from
// https://developers.google.com/identity/protocols/oauth2#expiration: revoked
// (revoke.go), unused for six months, one of more than a hundred, issued in
// Testing. All look the same to the client: 400 invalid_grant.
const (
	unusedMonths = 6
	perAccount   = 100
	testingLife  = 7 * 24 * time.Hour
)

// issueRefresh makes a refresh token and, where the account now has more than
// a hundred for this client, silently ends the oldest: its holder learns of it
// at the next refresh. The second result is the announced life in seconds, 0
// where there is no fixed end. The caller holds the lock.
func (s *Server) issueRefresh(c Client, subject string, scopes []string) (value string, life int) {
	now := s.now()
	s.state.Serial++
	t := refresh{ClientID: c.ID, Subject: subject, Scopes: slices.Clone(scopes), Serial: s.state.Serial, LastUsed: now}
	if c.Testing && slices.ContainsFunc(scopes, func(sc string) bool { return !isSignIn(sc) }) {
		t.Expires = now.Add(testingLife)
		life = int(testingLife/time.Second) - 1
	}
	value = newRefresh()
	s.state.Refresh[sum(value)] = t

	holder := holderKey(c.ID, subject)
	held := slices.DeleteFunc(s.state.held[holder], func(k string) bool {
		alive := s.state.alive(k, now)
		if !alive { // the dead don't count
			delete(s.state.Refresh, k)
		}
		return !alive
	})
	held = append(held, sum(value))
	if len(held) > perAccount {
		delete(s.state.Refresh, held[0])
		held = held[1:]
	}
	s.state.held[holder] = held
	return value, life
}

// alive reports whether a refresh token would still work.
func (st *state) alive(key string, now time.Time) bool {
	t, ok := st.Refresh[key]
	return ok && !t.dead(now)
}

func (t refresh) dead(now time.Time) bool {
	return !now.Before(t.LastUsed.AddDate(0, unusedMonths, 0)) || (!t.Expires.IsZero() && !now.Before(t.Expires))
}

// refresh answers grant_type=refresh_token: a new access token, never a new
// refresh token; the old one stays good and counts as used now.
func (s *Server) refresh(c Client, form url.Values, issuer string) (grantAnswer, *tokenError) {
	value := form.Get("refresh_token")
	if value == "" {
		return grantAnswer{}, refuse(http.StatusBadRequest, "invalid_request", "Missing required parameter: refresh_token")
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	now := s.now()
	t, ok := s.state.Refresh[sum(value)]
	if !ok || t.dead(now) {
		delete(s.state.Refresh, sum(value))
		return grantAnswer{}, invalidGrant("Token has been expired or revoked.")
	}
	if t.ClientID != c.ID {
		return grantAnswer{}, refuse(http.StatusUnauthorized, "unauthorized_client", "Unauthorized")
	}
	person, ok := s.state.accountBySubject(t.Subject)
	switch {
	case !ok:
		return grantAnswer{}, invalidGrant("Token has been expired or revoked.")
	case person.AdminBlocked:
		return grantAnswer{}, refuse(http.StatusBadRequest, "admin_policy_enforced", "Access to your account data is restricted by policies within your organization.")
	case person.ReauthRequired:
		// Workspace session control; the help page is the one Google names.
		e := invalidGrant("reauth related error (invalid_rapt)")
		e.URI, e.Subtype = "https://support.google.com/a/answer/9368756", "invalid_rapt"
		return grantAnswer{}, e
	}
	scopes := t.Scopes
	if asked := parseScopes(form.Get("scope")); len(asked) > 0 {
		if !subset(asked, t.Scopes) { // RFC 6749 section 6: never more than was granted
			return grantAnswer{}, refuse(http.StatusBadRequest, "invalid_scope", "Some requested scopes were invalid or not granted.")
		}
		scopes = asked
	}
	answer, err := s.issue(c, person, scopes, "", issuer)
	if err != nil {
		return grantAnswer{}, refuse(http.StatusInternalServerError, "internal_failure", "Backend Error")
	}
	t.LastUsed = now
	s.version++
	s.state.Refresh[sum(value)] = t
	return answer, nil
}
