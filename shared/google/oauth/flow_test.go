package oauth_test

import (
	"net/url"
	"slices"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/connect"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/google"
	"aura.example/integrations/shared/google/oauth"
	"aura.example/integrations/shared/googlesim/accounts"
)

func TestAuthURLAsksForLastingAccess(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	u, err := url.Parse(w.auth.AuthURL(authRequest()))
	if err != nil {
		t.Fatal(err)
	}
	want := map[string]string{
		"response_type":          "code",
		"client_id":              clientID,
		"redirect_uri":           callback,
		"scope":                  "openid email " + google.ScopeEvents + " " + google.ScopeCalendarList,
		"state":                  state,
		"access_type":            "offline",
		"prompt":                 "consent",
		"include_granted_scopes": "true",
		"code_challenge":         authRequest().Challenge,
		"code_challenge_method":  "S256",
		"nonce":                  nonce,
		"login_hint":             person,
	}
	got := u.Query()
	for name, value := range want {
		if got.Get(name) != value {
			t.Errorf("%s is %q, want %q", name, got.Get(name), value)
		}
	}
	if len(got) != len(want) {
		t.Errorf("asks with %v", got)
	}
	if strings.Contains(u.String(), secret) {
		t.Error("the client secret is in the browser's address")
	}
	r := authRequest()
	r.LoginHint = ""
	if strings.Contains(w.auth.AuthURL(r), "login_hint") {
		t.Error("hints at nobody")
	}
}

func TestExchange(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	g := w.grant()
	if g.Subject == "" || g.Subject == person || g.Email != person {
		t.Errorf("signed in %q, %q", g.Subject, g.Email)
	}
	for _, s := range google.Provider().Scopes {
		if !slices.Contains(g.Scopes, s.Name) {
			t.Errorf("%s counts as not granted: %v", s.Name, g.Scopes)
		}
	}
	if g.Token.Access == "" || g.Token.Refresh == "" {
		t.Error("a token is missing")
	}
	if want := moment.Add(3599 * time.Second); !g.Token.Expiry.Equal(want) {
		t.Errorf("expires %v, want %v", g.Token.Expiry, want)
	}
	// Guessing the authentication style would have sent the code twice.
	if n := w.requests.Load(); n != 1 {
		t.Errorf("%d requests for one code", n)
	}
	if _, ok := w.google.Bearer(g.Token.Access); !ok {
		t.Error("the token isn't one of Google's")
	}
}

// Complaint 24 lies at the other end: a reconnect that comes back without a
// refresh token must not replace one that works.
func TestReconnectBringsARefreshTokenAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	first, second := w.grant(), w.grant()
	if second.Token.Refresh == "" || second.Token.Refresh == first.Token.Refresh {
		t.Error("the second consent brought no refresh token of its own")
	}
	if first.Subject != second.Subject {
		t.Error("the same person is somebody else")
	}
}

func TestUntickedBoxIsMissingInTheGrant(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	g, err := w.auth.Exchange(t.Context(), w.consent(google.ScopeEvents).Get("code"), verifier, callback, nonce)
	if err != nil {
		t.Fatal(err)
	}
	if slices.Contains(g.Scopes, google.ScopeCalendarList) || !slices.Contains(g.Scopes, google.ScopeEvents) || !slices.Contains(g.Scopes, google.ScopeEmail) {
		t.Errorf("granted %v", g.Scopes)
	}
}

func TestExchangeRefused(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name string
		do   func(w *world) error
		kind fault.Kind
		code string
	}{
		{"a code used twice", func(w *world) error {
			code := w.code()
			if _, err := w.auth.Exchange(w.Context(), code, verifier, callback, nonce); err != nil {
				w.Fatal(err)
			}
			_, err := w.auth.Exchange(w.Context(), code, verifier, callback, nonce)
			return err
		}, fault.CredentialGone, "grant_refused"},
		{"a code too old", func(w *world) error {
			code := w.code()
			w.advance(time.Hour)
			_, err := w.auth.Exchange(w.Context(), code, verifier, callback, nonce)
			return err
		}, fault.CredentialGone, "grant_refused"},
		{"another verifier", func(w *world) error {
			_, err := w.auth.Exchange(w.Context(), w.code(), verifier+"!", callback, nonce)
			return err
		}, fault.CredentialGone, "grant_refused"},
		{"another nonce", func(w *world) error {
			_, err := w.auth.Exchange(w.Context(), w.code(), verifier, callback, "another")
			return err
		}, fault.Invalid, "identity_refused"},
		{"another client secret", func(w *world) error {
			code := w.code()
			w.client(accounts.Client{ID: clientID, Secret: "rotated", AnyLoopback: true})
			_, err := w.auth.Exchange(w.Context(), code, verifier, callback, nonce)
			return err
		}, fault.Operator, "client_refused"},
		{"a client that was deleted", func(w *world) error {
			code := w.code()
			w.client(accounts.Client{ID: clientID, Secret: secret, AnyLoopback: true, Deleted: true})
			_, err := w.auth.Exchange(w.Context(), code, verifier, callback, nonce)
			return err
		}, fault.Operator, "client_refused"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			err := tc.do(newWorld(t))
			if fault.KindOf(err) != tc.kind || fault.CodeOf(err) != tc.code {
				t.Errorf("%v, want %s %s", err, tc.kind, tc.code)
			}
		})
	}
}

func TestRefreshKeepsTheRefreshToken(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	was := w.grant().Token
	w.advance(30 * time.Minute)
	got, err := w.auth.Refresh(t.Context(), was)
	if err != nil {
		t.Fatal(err)
	}
	if got.Refresh != was.Refresh {
		t.Error("the refresh token was lost")
	}
	if got.Access == "" || got.Access == was.Access {
		t.Error("no new access token, though the old one was still good: a forced refresh must refresh")
	}
	if want := w.now().Add(3599 * time.Second); !got.Expiry.Equal(want) {
		t.Errorf("expires %v, want %v", got.Expiry, want)
	}
}

func TestRefreshRefused(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		happen func(w *world)
		kind   fault.Kind
		code   string
	}{
		{"access was revoked", func(w *world) { w.google.RevokeGrant(person, clientID) }, fault.CredentialGone, "grant_refused"},
		{"unused for half a year", func(w *world) { w.advance(190 * 24 * time.Hour) }, fault.CredentialGone, "grant_refused"},
		{"a session policy", func(w *world) { w.become(accounts.Account{ReauthRequired: true}) }, fault.CredentialGone, "grant_refused"},
		{"an administrator's policy", func(w *world) { w.become(accounts.Account{AdminBlocked: true}) }, fault.CredentialGone, "policy_refused"},
		{"the client secret was rotated", func(w *world) { w.client(accounts.Client{ID: clientID, Secret: "rotated"}) }, fault.Operator, "client_refused"},
		{"the client was deleted", func(w *world) { w.client(accounts.Client{ID: clientID, Secret: secret, Deleted: true}) }, fault.Operator, "client_refused"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			token := w.grant().Token
			tc.happen(w)
			_, err := w.auth.Refresh(t.Context(), token)
			if fault.KindOf(err) != tc.kind || fault.CodeOf(err) != tc.code {
				t.Errorf("%v, want %s %s", err, tc.kind, tc.code)
			}
			if strings.Contains(err.Error(), token.Refresh) || strings.Contains(err.Error(), secret) {
				t.Errorf("the error tells a secret: %v", err)
			}
		})
	}
}

// become changes the person, keeping who it is.
func (w *world) become(a accounts.Account) {
	w.Helper()
	a.Email = person
	if _, err := w.google.AddAccount(a); err != nil {
		w.Fatal(err)
	}
}

func TestRefreshWithoutARefreshTokenAsksNobody(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	_, err := w.auth.Refresh(t.Context(), connect.Token{Access: "a"})
	if !fault.Is(err, fault.CredentialGone) || w.requests.Load() != 0 {
		t.Errorf("%v after %d requests", err, w.requests.Load())
	}
}

func TestRevokeEndsTheGrant(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	token := w.grant().Token
	for _, which := range []string{"the grant", "what is already revoked"} { // 200, then 400
		if err := w.auth.Revoke(t.Context(), token); err != nil {
			t.Fatalf("revoking %s: %v", which, err)
		}
	}
	if _, err := w.auth.Refresh(t.Context(), token); !fault.Is(err, fault.CredentialGone) {
		t.Errorf("after revoking, a refresh gives %v", err)
	}
	if len(w.google.Grants()) != 0 {
		t.Error("Google still lists the grant")
	}
}

func TestNewRefusesAClientWithoutSecret(t *testing.T) {
	t.Parallel()
	c := google.Defaults()
	c.ClientID = clientID
	if _, err := oauth.New(c, time.Now); err == nil || !strings.Contains(err.Error(), "ClientSecret") {
		t.Errorf("%v", err)
	}
	c.ClientSecret, c.TokenURL = secret, "http://example.com/token"
	if _, err := oauth.New(c, time.Now); err == nil || !strings.Contains(err.Error(), "TokenURL") {
		t.Errorf("secrets would travel in the clear: %v", err)
	}
}
