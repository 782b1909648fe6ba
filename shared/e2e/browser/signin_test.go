package browser_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"strings"
	"sync"
	"testing"

	"github.com/chromedp/cdproto/page"

	"aura.example/integrations/shared/console"
)

// issuer is an OpenID Connect issuer that signs everybody in at once. It checks
// what a real one checks of a public client: redirect URI, PKCE, single use. Its
// endpoints are at another origin than its own name, as some issuers' are.
type issuer struct {
	*httptest.Server
	door  *httptest.Server
	token func(scope string) string

	mu     sync.Mutex
	open   map[string]url.Values // by code: what it was asked with
	visits int
	life   int // seconds that a token is said to live
}

func newIssuer(t *testing.T, token func(scope string) string) *issuer {
	i := &issuer{token: token, open: map[string]url.Values{}, life: 3600}
	mux := http.NewServeMux()
	mux.HandleFunc("GET /.well-known/openid-configuration", i.allow(func(w http.ResponseWriter, _ *http.Request) {
		_ = json.NewEncoder(w).Encode(map[string]string{"issuer": i.URL, "authorization_endpoint": i.door.URL + "/authorize", "token_endpoint": i.door.URL + "/token"})
	}))
	i.Server = httptest.NewServer(mux)
	t.Cleanup(i.Close)
	mux = http.NewServeMux()
	mux.HandleFunc("GET /authorize", func(w http.ResponseWriter, r *http.Request) {
		q := r.URL.Query()
		i.mu.Lock()
		i.visits++
		code := "code-" + q.Get("state")[:8]
		i.open[code] = q
		i.mu.Unlock()
		if q.Get("client_id") != "pages" || q.Get("code_challenge_method") != "S256" || q.Get("response_type") != "code" {
			http.Error(w, "refused", http.StatusBadRequest)
			return
		}
		http.Redirect(w, r, q.Get("redirect_uri")+"?"+url.Values{"code": {code}, "state": {q.Get("state")}}.Encode(), http.StatusFound)
	})
	mux.HandleFunc("POST /token", i.allow(func(w http.ResponseWriter, r *http.Request) {
		i.mu.Lock()
		asked, ok := i.open[r.FormValue("code")]
		delete(i.open, r.FormValue("code"))
		life := i.life
		i.mu.Unlock()
		sum := sha256.Sum256([]byte(r.FormValue("code_verifier")))
		if !ok || r.FormValue("redirect_uri") != asked.Get("redirect_uri") || base64.RawURLEncoding.EncodeToString(sum[:]) != asked.Get("code_challenge") {
			http.Error(w, `{"error":"invalid_grant"}`, http.StatusBadRequest)
			return
		}
		_ = json.NewEncoder(w).Encode(map[string]any{"access_token": i.token(asked.Get("scope")), "expires_in": life, "token_type": "Bearer"})
	}))
	i.door = httptest.NewServer(mux)
	t.Cleanup(i.door.Close)
	return i
}

// allow lets pages of any origin read the answer, as issuers do for public clients.
func (i *issuer) allow(h http.HandlerFunc) http.HandlerFunc {
	return func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Access-Control-Allow-Origin", "*")
		h(w, r)
	}
}

// page is how a page is told of it.
func (i *issuer) page() console.Config {
	return console.Config{Issuer: i.URL, ClientID: "pages", IssuerOrigins: []string{i.door.URL}}
}

func (i *issuer) visited() int {
	i.mu.Lock()
	defer i.mu.Unlock()
	return i.visits
}

// Deployed, the page signs in at the issuer, by code and PKCE; what an integration's
// provider hands over on the way survives that trip, in this tab alone.
func TestSigningInAtAnIssuer(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := newIssuer(t, func(scope string) string {
		tok, err := w.program.Token("demo", "mia", strings.TrimPrefix(scope, "openid "))
		if err != nil {
			t.Error(err)
		}
		return tok
	})
	at, err := url.Parse(w.program.URL)
	if err != nil {
		t.Fatal(err)
	}
	api := &httputil.ReverseProxy{Rewrite: func(r *httputil.ProxyRequest) { r.SetURL(at) }}
	mux := http.NewServeMux()
	mux.Handle("/v1/", api)
	mux.Handle("/agent/", console.Handler(id.page()))
	site := httptest.NewServer(mux)
	t.Cleanup(site.Close)

	p := w.tab()
	p.do(navigate(site.URL + "/agent/integrations#code=abc&state=" + strings.Repeat("B", 75)))
	p.until(`look.ready('Connect')`)
	p.until(`look.text('.box.bad').length > 0`) // the parked code was posted, and refused as forged
	if n := id.visited(); n != 1 {
		t.Errorf("signing in took %d visits", n)
	}
	if left := eval[string](p, `JSON.stringify({ ...sessionStorage, ...localStorage }) + document.cookie + location.href`); strings.Contains(left, "eyJ") || strings.Contains(left, "code") || strings.Contains(left, "verifier") {
		t.Errorf("something is left of the sign-in: %s", left)
	}

	// A token that ends while the page is open takes nobody away from what they are at.
	id.mu.Lock()
	id.life = 1
	id.mu.Unlock()
	p.do(navigate(site.URL + "/agent/calendar"))
	p.until(`look.says('Connect a calendar to see its events here.') || look.says('Your session has ended.')`)
	p.until(`(dispatchEvent(new Event('online')), look.says('Your session has ended.'))`) // each makes the page look again
	id.mu.Lock()
	id.life = 3600
	id.mu.Unlock()
	p.press("Sign in again")
	p.until(`look.says('Connect a calendar to see its events here.') && !look.says('Your session')`)
}

// A sign-in that was begun elsewhere isn't finished here.
func TestAForeignSignInIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	id := newIssuer(t, func(string) string { return "none" })
	mux := http.NewServeMux()
	mux.Handle("/agent/", console.Handler(id.page()))
	site := httptest.NewServer(mux)
	t.Cleanup(site.Close)
	p := w.tab()
	p.do(call(page.AddScriptToEvaluateOnNewDocument, page.AddScriptToEvaluateOnNewDocumentParams{
		Source: `if (location.search) sessionStorage.setItem('aura.signin', JSON.stringify({ verifier: 'v', state: 'mine', hash: '' }))`,
	}))
	p.do(navigate(site.URL + "/agent/integrations?code=theirs&state=theirs"))
	p.sees("That sign-in was begun somewhere else.")
	if at := eval[string](p, `location.href`); strings.Contains(at, "theirs") {
		t.Errorf("the foreign code stays in the address: %s", at)
	}
}
