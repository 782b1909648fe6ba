package oauth_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"net/url"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"aura.example/integrations/shared/connect"
	"aura.example/integrations/shared/google"
	"aura.example/integrations/shared/google/oauth"
	"aura.example/integrations/shared/googlesim/accounts"
)

// Making a key takes longer than all the tests here together.
var signingKey = sync.OnceValue(func() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
})

const (
	clientID = "aura.apps.example"
	secret   = "canary-of-the-client-secret"
	callback = "http://127.0.0.1:9/v1/oauth/callback"
	person   = "ana@example.com"
	verifier = "a-verifier-of-at-least-forty-three-characters-it-is"
	nonce    = "n-once"
	state    = "the-state"
)

// moment is when every test begins.
var moment = time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)

// world is Google's accounts half under a port, and an Authorizer for it.
type world struct {
	*testing.T
	google   *accounts.Server
	url      string
	auth     *oauth.Authorizer
	clock    *atomic.Pointer[time.Time]
	requests *atomic.Int64 // to the token endpoint
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{T: t, clock: new(atomic.Pointer[time.Time]), requests: new(atomic.Int64)}
	w.clock.Store(&moment)
	w.google = accounts.New(accounts.Options{Now: w.now, SigningKey: signingKey()})
	if _, err := w.google.AddAccount(accounts.Account{Email: person, Name: "Ana Example"}); err != nil {
		t.Fatal(err)
	}
	w.client(accounts.Client{ID: clientID, Secret: secret, AnyLoopback: true})
	srv := httptest.NewServer(http.HandlerFunc(func(rw http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/token" {
			w.requests.Add(1)
		}
		w.google.ServeHTTP(rw, r)
	}))
	t.Cleanup(srv.Close)
	w.url = srv.URL
	w.auth = authorizer(t, srv.URL, w.now)
	return w
}

func (w *world) client(c accounts.Client) {
	w.Helper()
	if err := w.google.AddClient(c); err != nil {
		w.Fatal(err)
	}
}

func (w *world) now() time.Time { return *w.clock.Load() }

func (w *world) advance(d time.Duration) {
	t := w.now().Add(d)
	w.clock.Store(&t)
}

// authorizer is one for a Google under base.
func authorizer(t *testing.T, base string, now func() time.Time) *oauth.Authorizer {
	t.Helper()
	c := google.Defaults()
	c.ClientID, c.ClientSecret = clientID, secret
	c.AuthURL, c.TokenURL, c.RevokeURL = base+"/o/oauth2/v2/auth", base+"/token", base+"/revoke"
	c.Issuers = []string{base}
	a, err := oauth.New(c, now)
	if err != nil {
		t.Fatal(err)
	}
	return a
}

func authRequest() connect.AuthRequest {
	sum := sha256.Sum256([]byte(verifier))
	r := connect.AuthRequest{
		State:       state,
		Challenge:   base64.RawURLEncoding.EncodeToString(sum[:]),
		Nonce:       nonce,
		RedirectURI: callback,
		LoginHint:   person,
	}
	for _, s := range google.Provider().Scopes {
		r.Scopes = append(r.Scopes, s.Name)
	}
	return r
}

// consent opens the consent page and presses Allow with these boxes ticked; it
// gives what the browser comes back with.
func (w *world) consent(ticked ...string) url.Values {
	w.Helper()
	page, err := url.Parse(w.auth.AuthURL(authRequest()))
	if err != nil {
		w.Fatal(err)
	}
	form := page.Query()
	form.Set("account", person)
	form.Set("decision", "allow")
	form["granted"] = ticked
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := browser.PostForm(w.url+"/o/oauth2/v2/auth", form)
	if err != nil {
		w.Fatal(err)
	}
	defer resp.Body.Close()
	back, err := resp.Location()
	if err != nil {
		w.Fatalf("no way back: %d", resp.StatusCode)
	}
	return back.Query()
}

// code is a consent that grants everything.
func (w *world) code() string {
	w.Helper()
	q := w.consent(google.ScopeEvents, google.ScopeCalendarList)
	if q.Get("code") == "" || q.Get("state") != state {
		w.Fatalf("came back with %v", q)
	}
	return q.Get("code")
}

// grant is a whole sign-in.
func (w *world) grant() connect.Grant {
	w.Helper()
	g, err := w.auth.Exchange(w.Context(), w.code(), verifier, callback, nonce)
	if err != nil {
		w.Fatal(err)
	}
	return g
}
