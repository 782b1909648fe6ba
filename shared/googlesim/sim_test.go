package googlesim_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"aura.example/integrations/shared/googlesim"
	"aura.example/integrations/shared/googlesim/accounts"
	"aura.example/integrations/shared/googlesim/discovery"
)

const owner = "owner@example.com"

// signingKey is shared, since making one takes a tenth of a second.
var signingKey = sync.OnceValues(func() (*rsa.PrivateKey, error) { return rsa.GenerateKey(rand.Reader, 2048) })

// bench is a simulator with one account, a client that is signed in, and no network.
type bench struct {
	t     testing.TB
	sim   *googlesim.Sim
	token string

	mu     sync.Mutex
	fault  googlesim.Fault
	pushed []string
	came   chan string // every message, as it comes
	waits  []time.Duration
	fire   chan struct{} // each receive lets one wait pass; nil: waits pass at once
}

func newBench(t testing.TB, configure ...func(*googlesim.Options)) *bench {
	t.Helper()
	b := &bench{t: t, came: make(chan string, 100)}
	key, err := signingKey()
	b.must(err)
	now := time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC)
	o := googlesim.Options{
		Clock:    googlesim.NewClock(func() time.Time { return now }),
		Accounts: accounts.Options{SigningKey: key},
		Fault: func(r *http.Request) googlesim.Decision {
			b.mu.Lock()
			f := b.fault
			b.mu.Unlock()
			if f == nil {
				return googlesim.Decision{}
			}
			return f(r)
		},
		Push:   func(r *http.Request) { b.note(r.Header.Get("X-Goog-Message-Number")) },
		After:  b.after,
		Around: discovery.Around(t, true),
	}
	for _, c := range configure {
		c(&o)
	}
	b.sim = googlesim.New(o)
	t.Cleanup(b.sim.Close)
	_, err = b.sim.Accounts.AddAccount(accounts.Account{Email: owner})
	b.must(err)
	b.must(b.sim.Accounts.AddClient(accounts.Client{ID: "client", Secret: "secret", AnyLoopback: true}))
	b.must(b.sim.Calendar.AddAccount(owner, "Europe/Madrid"))
	b.token = b.signIn()
	return b
}

func (b *bench) must(err error) {
	b.t.Helper()
	if err != nil {
		b.t.Fatal(err)
	}
}

func (b *bench) note(s string) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.pushed = append(b.pushed, s)
	b.came <- s
}

func (b *bench) messages() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return strings.Join(b.pushed, " ")
}

func (b *bench) hook(f googlesim.Fault) {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.fault = f
}

// once lets a fault befall one request that fits.
func (b *bench) once(fits func(*http.Request) bool, d googlesim.Decision) {
	used := false
	b.hook(func(r *http.Request) googlesim.Decision {
		b.mu.Lock()
		defer b.mu.Unlock()
		if used || !fits(r) {
			return googlesim.Decision{}
		}
		used = true
		return d
	})
}

func (b *bench) after(d time.Duration) <-chan time.Time {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.waits = append(b.waits, d)
	c := make(chan time.Time, 1)
	if b.fire == nil {
		c <- time.Time{}
		return c
	}
	fire := b.fire
	go func() { <-fire; c <- time.Time{} }()
	return c
}

func (b *bench) client() *http.Client {
	return &http.Client{Transport: b.sim.Transport(), CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
}

// signIn goes through the OAuth flow, as a browser without JavaScript and a client do.
func (b *bench) signIn() string {
	b.t.Helper()
	scope := "openid email https://www.googleapis.com/auth/calendar.events https://www.googleapis.com/auth/calendar.calendarlist.readonly"
	form := url.Values{"client_id": {"client"}, "redirect_uri": {"http://127.0.0.1/cb"}, "response_type": {"code"}, "scope": {scope},
		"access_type": {"offline"}, "account": {owner}, "granted": strings.Fields(scope), "decision": {"allow"}}
	res, err := b.client().PostForm("http://google.test/o/oauth2/v2/auth", form)
	b.must(err)
	where, err := res.Location()
	b.must(err)
	res, err = b.client().PostForm("http://google.test/token", url.Values{"grant_type": {"authorization_code"}, "code": {where.Query().Get("code")},
		"client_id": {"client"}, "client_secret": {"secret"}, "redirect_uri": {"http://127.0.0.1/cb"}})
	b.must(err)
	var doc struct {
		Token string `json:"access_token"`
	}
	b.must(json.NewDecoder(res.Body).Decode(&doc))
	if doc.Token == "" {
		b.t.Fatalf("no token: %d", res.StatusCode)
	}
	return doc.Token
}

// call sends a request to the simulator and reads the answer whole.
func (b *bench) call(verb, target, body string) (status int, text string, err error) {
	b.t.Helper()
	return b.callWith(b.client(), "http://google.test", verb, target, body)
}

func (b *bench) callWith(c *http.Client, base, verb, target, body string) (int, string, error) {
	b.t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), verb, base+target, bytes.NewReader([]byte(body)))
	b.must(err)
	r.Header.Set("Authorization", "Bearer "+b.token)
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	res, err := c.Do(r)
	if err != nil {
		return 0, "", err
	}
	defer func() { _ = res.Body.Close() }()
	raw, err := io.ReadAll(res.Body)
	return res.StatusCode, string(raw), err
}

// ok is a call that has to succeed.
func (b *bench) ok(verb, target, body string) map[string]any {
	b.t.Helper()
	status, text, err := b.call(verb, target, body)
	if err != nil || status > 204 {
		b.t.Fatalf("%s %s: %d %v %s", verb, target, status, err, text)
	}
	var doc map[string]any
	if text != "" {
		b.must(json.Unmarshal([]byte(text), &doc))
	}
	return doc
}

const (
	listPath = "/calendar/v3/calendars/primary/events"
	aDay     = `"start":{"date":"2026-12-01"},"end":{"date":"2026-12-02"}`
)

func TestTheTwoHalvesAreOneGoogle(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	if got := b.ok("GET", listPath, "")["accessRole"]; got != "owner" {
		t.Errorf("role %v", got)
	}
	if got := b.ok("GET", "/.well-known/openid-configuration", "")["issuer"]; got == nil {
		t.Error("no issuer")
	}
	b.sim.Clock.Advance(2 * time.Hour) // one clock: the access token has died
	if status, _, err := b.call("GET", listPath, ""); status != 401 || err != nil {
		t.Errorf("after two hours: %d %v", status, err)
	}
	b.token = b.signIn()
	b.ok("GET", listPath, "")
	if status, _, _ := b.call("POST", "/calendar/v3/calendars/primary", "{}"); status != 404 {
		t.Errorf("unknown: %d", status)
	}
}

func TestWhatIsMountedStandsBesideGoogleAndOutsideTheFaults(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	b.sim.Mount("GET /page", http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "{}") }))
	b.hook(func(*http.Request) googlesim.Decision { return googlesim.Decision{Cut: true} })
	b.ok("GET", "/page", "")
	b.ok("GET", "/sim/clock", "")
	if _, _, err := b.call("GET", listPath, ""); err == nil {
		t.Error("Google's own route was spared")
	}
}

func TestClock(t *testing.T) {
	t.Parallel()
	base := time.Date(2026, 1, 1, 0, 0, 0, 0, time.UTC)
	c := googlesim.NewClock(func() time.Time { return base })
	c.Advance(time.Hour)
	if !c.Now().Equal(base.Add(time.Hour)) || c.Offset() != time.Hour {
		t.Errorf("advanced: %v", c.Now())
	}
	c.Set(base.AddDate(1, 0, 0))
	base = base.Add(time.Minute)
	if !c.Now().Equal(time.Date(2027, 1, 1, 0, 1, 0, 0, time.UTC)) {
		t.Errorf("set, and a minute later: %v", c.Now())
	}
	if real := googlesim.NewClock(nil).Now(); time.Since(real) > time.Minute || real.Location() != time.UTC {
		t.Errorf("without a base: %v", real)
	}
}

func TestOverTCP(t *testing.T) {
	t.Parallel()
	b := newBench(t)
	srv := httptest.NewServer(b.sim)
	t.Cleanup(srv.Close)
	text := func(d googlesim.Decision) (int, string, error) {
		b.once(func(*http.Request) bool { return true }, d)
		return b.callWith(srv.Client(), srv.URL, "GET", listPath, "")
	}
	_, whole, err := text(googlesim.Decision{})
	b.must(err)
	if _, got, err := text(googlesim.Decision{Truncate: 40}); err == nil || got != whole[:40] {
		t.Errorf("truncated: %v %q", err, got)
	}
	if _, _, err := text(googlesim.Decision{Cut: true}); err == nil {
		t.Error("cut: no error")
	}
	if _, got, err := text(googlesim.Decision{Drip: time.Millisecond}); err != nil || got != whole {
		t.Errorf("dripped: %v %q", err, got)
	}
}
