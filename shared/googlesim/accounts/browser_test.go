package accounts_test

import (
	"crypto/rand"
	"crypto/rsa"
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"aura.example/integrations/shared/googlesim/accounts"
	"golang.org/x/net/html"
)

// One key for the whole package: making one takes longer than any test here.
var testKey = sync.OnceValue(func() *rsa.PrivateKey {
	k, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		panic(err)
	}
	return k
})

const (
	base      = "http://accounts.test"
	redirect  = "http://127.0.0.1:8137/callback"
	clientID  = "aura.apps.example"
	secret    = "not much of a secret"
	ana       = "ana@example.com"
	ben       = "ben@example.org"
	events    = "https://www.googleapis.com/auth/calendar.events"
	list      = "https://www.googleapis.com/auth/calendar.calendarlist.readonly"
	email     = "https://www.googleapis.com/auth/userinfo.email"
	allScopes = "openid email " + events + " " + list
	verifier  = "a-verifier-of-at-least-forty-three-characters-it-is"
)

// world is one simulator with two people and one client, and a clock.
type world struct {
	testing.TB
	s   *accounts.Server
	now time.Time
}

func newWorld(t testing.TB) *world {
	t.Helper()
	w := &world{TB: t, now: time.Date(2026, 11, 22, 9, 0, 0, 0, time.UTC)}
	w.s = accounts.New(accounts.Options{Now: func() time.Time { return w.now }, SigningKey: testKey()})
	w.account(accounts.Account{Email: ana, Name: "Ana Example"})
	w.account(accounts.Account{Email: ben, Name: "Ben Example"})
	w.client(accounts.Client{ID: clientID, Secret: secret, Name: "Aura", AnyLoopback: true})
	return w
}

func (w *world) account(a accounts.Account) accounts.Account {
	w.Helper()
	a, err := w.s.AddAccount(a)
	if err != nil {
		w.Fatal(err)
	}
	return a
}

func (w *world) client(c accounts.Client) {
	w.Helper()
	if err := w.s.AddClient(c); err != nil {
		w.Fatal(err)
	}
}

func (w *world) do(method, path string, form url.Values, headers ...string) *httptest.ResponseRecorder {
	w.Helper()
	r := httptest.NewRequest(method, base+path, strings.NewReader(form.Encode()))
	if form != nil {
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
	}
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	rec := httptest.NewRecorder()
	w.s.ServeHTTP(rec, r)
	return rec
}

func s256(v string) string {
	h := sha256.Sum256([]byte(v))
	return base64.RawURLEncoding.EncodeToString(h[:])
}

// params is the request that Aura itself would make; change overrides, and a
// pair with an empty value removes.
func params(change ...string) url.Values {
	v := url.Values{
		"client_id": {clientID}, "redirect_uri": {redirect}, "response_type": {"code"},
		"scope": {allScopes}, "state": {"the state"}, "access_type": {"offline"},
		"prompt": {"consent"}, "include_granted_scopes": {"true"},
		"code_challenge": {s256(verifier)}, "code_challenge_method": {"S256"}, "nonce": {"n-once"},
	}
	for i := 0; i+1 < len(change); i += 2 {
		v.Del(change[i])
		if change[i+1] != "" {
			v.Set(change[i], change[i+1])
		}
	}
	return v
}

func (w *world) open(v url.Values) *httptest.ResponseRecorder {
	w.Helper()
	return w.do("GET", "/o/oauth2/v2/auth?"+v.Encode(), nil)
}

// form is a consent page read as a program without JavaScript reads it.
type form struct {
	action, method string
	fields         url.Values // what a browser would send untouched
	boxes, people  []string
	buttons        []string
}

func readConsent(t testing.TB, rec *httptest.ResponseRecorder) form {
	t.Helper()
	if rec.Code != http.StatusOK {
		t.Fatalf("no consent page: %d %s", rec.Code, rec.Body)
	}
	doc, err := html.Parse(rec.Body)
	if err != nil {
		t.Fatal(err)
	}
	f := form{fields: url.Values{}}
	for n := range doc.Descendants() {
		at := map[string]string{}
		for _, a := range n.Attr {
			at[a.Key] = a.Val
		}
		switch n.Data {
		case "script":
			t.Error("the page needs JavaScript")
		case "form":
			f.action, f.method = at["action"], at["method"]
		case "button":
			f.buttons = append(f.buttons, at["value"])
		case "input":
			_, checked := at["checked"]
			if at["type"] == "checkbox" {
				f.boxes = append(f.boxes, at["value"])
			} else if at["type"] == "radio" {
				f.people = append(f.people, at["value"])
			}
			if at["type"] == "hidden" || checked {
				f.fields.Add(at["name"], at["value"])
			}
		}
	}
	return f
}

// allow goes through the page as who, unticking some scopes, and returns the
// callback's query.
func (w *world) allow(v url.Values, who string, untick ...string) url.Values {
	w.Helper()
	f := readConsent(w.TB, w.open(v))
	f.fields.Set("account", who)
	f.fields["granted"] = slices.DeleteFunc(f.fields["granted"], func(s string) bool { return slices.Contains(untick, s) })
	f.fields.Set("decision", "allow")
	return w.callback(w.do(strings.ToUpper(f.method), f.action, f.fields))
}

func (w *world) callback(rec *httptest.ResponseRecorder) url.Values {
	w.Helper()
	if rec.Code != http.StatusSeeOther {
		w.Fatalf("no callback: %d %s", rec.Code, rec.Body)
	}
	u, err := url.Parse(rec.Header().Get("Location"))
	if err != nil {
		w.Fatal(err)
	}
	return u.Query()
}

type answer struct {
	Status           int    `json:"-"`
	AccessToken      string `json:"access_token"`
	ExpiresIn        int    `json:"expires_in"`
	RefreshToken     string `json:"refresh_token"`
	RefreshExpiresIn int    `json:"refresh_token_expires_in"`
	Scope            string `json:"scope"`
	TokenType        string `json:"token_type"`
	IDToken          string `json:"id_token"`
	Error            string `json:"error"`
	Description      string `json:"error_description"`
	Subtype          string `json:"error_subtype"`
}

func (w *world) token(form url.Values, headers ...string) answer {
	w.Helper()
	rec := w.do("POST", "/token", form, headers...)
	a := answer{Status: rec.Code}
	if err := json.Unmarshal(rec.Body.Bytes(), &a); err != nil {
		w.Fatalf("token answer %d %q: %v", rec.Code, rec.Body, err)
	}
	return a
}

func exchangeForm(code string, change ...string) url.Values {
	v := url.Values{
		"grant_type": {"authorization_code"}, "code": {code}, "redirect_uri": {redirect},
		"client_id": {clientID}, "client_secret": {secret}, "code_verifier": {verifier},
	}
	for i := 0; i+1 < len(change); i += 2 {
		v.Del(change[i])
		if change[i+1] != "" {
			v.Set(change[i], change[i+1])
		}
	}
	return v
}

// connect is the whole flow: consent and exchange.
func (w *world) connect(v url.Values, who string, untick ...string) answer {
	w.Helper()
	a := w.token(exchangeForm(w.allow(v, who, untick...).Get("code")))
	if a.Status != http.StatusOK {
		w.Fatalf("exchange: %+v", a)
	}
	return a
}

func (w *world) refresh(token string, change ...string) answer {
	w.Helper()
	v := exchangeForm("", append([]string{"grant_type", "refresh_token", "code", "", "redirect_uri", "",
		"code_verifier", "", "refresh_token", token}, change...)...)
	return w.token(v)
}

func (w *world) wantRefusal(got answer, status int, code string) {
	w.Helper()
	if got.Status != status || got.Error != code {
		w.Errorf("got %d %s (%s), want %d %s", got.Status, got.Error, got.Description, status, code)
	}
	if got.AccessToken+got.RefreshToken+got.IDToken != "" {
		w.Errorf("a refusal carries tokens: %+v", got)
	}
}
