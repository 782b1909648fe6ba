package calendarv3_test

import (
	"context"
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"net/http"
	"net/http/httptest"
	"sync"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/calendartest"
	"aura.example/integrations/shared/connect"
	"aura.example/integrations/shared/google"
	"aura.example/integrations/shared/google/calendarv3"
	"aura.example/integrations/shared/google/oauth"
	"aura.example/integrations/shared/googlesim"
	"aura.example/integrations/shared/googlesim/accounts"
	sim "aura.example/integrations/shared/googlesim/calendarv3"
	drift "aura.example/integrations/shared/googlesim/discovery"
)

var signingKey = sync.OnceValue(func() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
})

const me = "ana@example.com"

// world is the simulated Google as a calendartest.World.
type world struct {
	*testing.T
	saboteur
	google *googlesim.Sim
	client *calendarv3.Client
	auth   *oauth.Authorizer

	mu    sync.Mutex
	token connect.Token
}

func newWorld(t *testing.T) *world {
	t.Helper()
	w := &world{T: t, saboteur: saboteur{over: make(chan time.Time)}}
	w.google = googlesim.New(googlesim.Options{
		Fault:    w.decide,
		Around:   drift.Around(t, false), // whatever the client sends must be in Google's document
		After:    w.after,
		Accounts: accounts.Options{SigningKey: signingKey()},
		Limits:   sim.Limits{ProjectPerMinute: -1, UserPerMinute: -1, CalendarWritesPerMinute: -1, UserWritesPerDay: -1},
	})
	t.Cleanup(w.google.Close)
	srv := httptest.NewServer(w.google)
	t.Cleanup(srv.Close)
	t.Cleanup(func() { close(w.over) })
	if _, err := w.google.Accounts.AddAccount(accounts.Account{Email: me}); err != nil {
		t.Fatal(err)
	}
	if err := w.google.Accounts.AddClient(accounts.Client{ID: "aura", Secret: "secret", AnyLoopback: true}); err != nil {
		t.Fatal(err)
	}
	w.must(w.google.Calendar.AddAccount(me, "Europe/Madrid"))

	c := google.Config{
		ClientID: "aura", ClientSecret: "secret",
		AuthURL: srv.URL + "/o/oauth2/v2/auth", TokenURL: srv.URL + "/token", RevokeURL: srv.URL + "/revoke",
		Issuers: []string{srv.URL}, CalendarURL: srv.URL + "/calendar/v3",
		// Go's transport repeats a request by itself where a connection that was
		// used before closes without a word; here each failure is to be seen.
		HTTPClient: &http.Client{Transport: &http.Transport{DisableKeepAlives: true}},
	}
	var err error
	if w.client, err = calendarv3.New(c, time.Now); err != nil {
		t.Fatal(err)
	}
	if w.auth, err = oauth.New(c, time.Now); err != nil {
		t.Fatal(err)
	}
	w.signIn()
	return w
}

// signIn goes through consent as a person does.
func (w *world) signIn() {
	w.Helper()
	const verifier, callback = "a-verifier-of-at-least-forty-three-characters-it-is", "http://127.0.0.1:9/callback"
	sum := sha256.Sum256([]byte(verifier))
	r := connect.AuthRequest{State: "s", Challenge: base64.RawURLEncoding.EncodeToString(sum[:]), Nonce: "n", RedirectURI: callback}
	for _, s := range google.Provider().Scopes {
		r.Scopes = append(r.Scopes, s.Name)
	}
	back := consent(w.T, w.auth.AuthURL(r), me, google.ScopeEvents, google.ScopeCalendarList)
	g, err := w.auth.Exchange(w.Context(), back.Get("code"), verifier, callback, "n")
	if err != nil {
		w.Fatal(err)
	}
	w.token = g.Token
}

func (w *world) must(err error) {
	w.Helper()
	if err != nil {
		w.Fatal(err)
	}
}

// Open implements calendartest.World.
func (w *world) Open(a calendar.Access) calendar.Reader { return w.client.Open(a) }

// Access implements calendartest.World: it renews the token that was refused.
func (w *world) Access() calendar.Access {
	return func(ctx context.Context, refused string) (string, error) {
		w.mu.Lock()
		defer w.mu.Unlock()
		if refused == w.token.Access {
			t, err := w.auth.Refresh(ctx, w.token)
			if err != nil {
				return "", err
			}
			w.token = t
		}
		return w.token.Access, nil
	}
}

// Kinds implements calendartest.World.
func (w *world) Kinds() []string {
	var out []string
	for _, k := range google.Provider().Kinds {
		out = append(out, k.Key)
	}
	return out
}

// AddCalendar implements calendartest.World.
func (w *world) AddCalendar(name string, role calendar.Role) string {
	w.Helper()
	id, err := w.google.Calendar.AddCalendar(me, sim.Calendar{Summary: name, TimeZone: "Europe/Madrid"}, sim.Role(role))
	w.must(err)
	return id
}

// DropCalendar implements calendartest.World.
func (w *world) DropCalendar(id string) { w.Helper(); w.must(w.google.Calendar.DeleteCalendar(id)) }

// ForgetCursors implements calendartest.World.
func (w *world) ForgetCursors(id string) {
	w.Helper()
	w.must(w.google.Calendar.ExpireSyncTokens(realID(id)))
}

// realID is the id that a calendar has at Google.
func realID(id string) string {
	if id == calendartest.Primary {
		return me
	}
	return id
}
