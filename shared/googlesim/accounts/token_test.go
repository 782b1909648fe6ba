package accounts_test

import (
	"crypto/sha256"
	"encoding/base64"
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/googlesim/accounts"
	"github.com/MicahParks/keyfunc/v3"
	"github.com/golang-jwt/jwt/v5"
)

func TestCodeFlowWithPKCE(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.connect(params(), ana)
	if a.TokenType != "Bearer" || a.ExpiresIn != 3599 || a.RefreshToken == "" || a.RefreshExpiresIn != 0 {
		t.Errorf("answer %+v", a)
	}
	id, ok := w.s.Bearer(a.AccessToken)
	if !ok || id.Email != ana || id.ClientID != clientID || id.Project != clientID {
		t.Errorf("bearer %+v %v", id, ok)
	}
	w.now = w.now.Add(time.Hour)
	if _, ok := w.s.Bearer(a.AccessToken); ok {
		t.Error("the access token outlived its hour")
	}
}

func TestPKCEFailuresAreInvalidGrant(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct{ authorize, exchange []string }{
		"wrong verifier":         {nil, []string{"code_verifier", verifier + "x"}},
		"missing verifier":       {nil, []string{"code_verifier", ""}},
		"short verifier":         {nil, []string{"code_verifier", "short"}},
		"challenge as verifier":  {nil, []string{"code_verifier", s256(verifier)}},
		"verifier, no challenge": {[]string{"code_challenge", "", "code_challenge_method", ""}, nil},
		"plain, hashed":          {[]string{"code_challenge_method", "plain"}, nil},
		"no method means plain":  {[]string{"code_challenge_method", ""}, nil},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			code := w.allow(params(c.authorize...), ana).Get("code")
			got := w.token(exchangeForm(code, c.exchange...))
			w.wantRefusal(got, 400, "invalid_grant")
			if unneeded := strings.Contains(got.Description, "not needed"); unneeded != (name == "verifier, no challenge") {
				t.Errorf("description %q", got.Description)
			}
			// The code is burnt: nobody guesses verifiers.
			w.wantRefusal(w.token(exchangeForm(code)), 400, "invalid_grant")
		})
	}
}

func TestPlainPKCEIsAcceptedAsGoogleAcceptsIt(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect(params("code_challenge", verifier, "code_challenge_method", "plain"), ana)
	w.connect(params("code_challenge", verifier, "code_challenge_method", ""), ana)
	code := w.allow(params("code_challenge", "", "code_challenge_method", ""), ana).Get("code")
	if a := w.token(exchangeForm(code, "code_verifier", "")); a.Status != 200 {
		t.Errorf("without PKCE: %+v", a)
	}
}

func TestCodeReuseIsInvalidGrant(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	code := w.allow(params(), ana).Get("code")
	if a := w.token(exchangeForm(code)); a.Status != 200 {
		t.Fatalf("%+v", a)
	}
	w.wantRefusal(w.token(exchangeForm(code)), 400, "invalid_grant")
}

func TestCodeExpiryAndOthersCodesAreInvalidGrant(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.client(accounts.Client{ID: "other", Secret: "s", AnyLoopback: true})
	code := w.allow(params(), ana).Get("code")
	w.wantRefusal(w.token(exchangeForm(code, "client_id", "other", "client_secret", "s")), 400, "invalid_grant")
	w.wantRefusal(w.token(exchangeForm("garbage")), 400, "invalid_grant")
	w.now = w.now.Add(10 * time.Minute)
	w.wantRefusal(w.token(exchangeForm(code)), 400, "invalid_grant")
}

func TestExchangeNeedsTheSameRedirectURI(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	code := w.allow(params(), ana).Get("code")
	w.wantRefusal(w.token(exchangeForm(code, "redirect_uri", redirect+"/")), 400, "redirect_uri_mismatch")
}

func TestClientAuthentication(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.client(accounts.Client{ID: "deleted", Secret: secret, Deleted: true})
	form := func(change ...string) answer { return w.token(exchangeForm("4/x", change...)) }
	w.wantRefusal(form("client_secret", "wrong"), 401, "invalid_client")
	w.wantRefusal(form("client_secret", secret+"x"), 401, "invalid_client")
	w.wantRefusal(form("client_id", "nobody"), 401, "invalid_client")
	w.wantRefusal(form("client_id", "deleted"), 401, "deleted_client")
	w.wantRefusal(form("client_secret", ""), 400, "invalid_request")
	w.wantRefusal(form("client_id", ""), 400, "invalid_request")
	w.wantRefusal(form("grant_type", ""), 400, "invalid_request")
	w.wantRefusal(form("grant_type", "password"), 400, "unsupported_grant_type")
	w.wantRefusal(form("code", ""), 400, "invalid_request")
	twice := exchangeForm("4/x")
	twice.Add("code", "4/y")
	w.wantRefusal(w.token(twice), 400, "invalid_request")
	w.wantRefusal(w.token(exchangeForm("4/x"), "Content-Type", "application/json"), 400, "invalid_request")

	basic := func(id, pw string) string {
		return "Basic " + base64.StdEncoding.EncodeToString([]byte(id+":"+pw))
	}
	code := w.allow(params(), ana).Get("code")
	no := exchangeForm(code, "client_id", "", "client_secret", "")
	w.wantRefusal(w.token(no, "Authorization", basic(clientID, "wrong")), 401, "invalid_client")
	if a := w.token(no, "Authorization", basic(clientID, strings.ReplaceAll(secret, " ", "+"))); a.Status != 200 {
		t.Errorf("Basic: %+v", a)
	}
}

func TestGranularConsentIsWhatTheTokenResponseSays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.connect(params(), ana, events)
	if want := list + " " + email + " openid"; a.Scope != want {
		t.Errorf("scope %q, want %q", a.Scope, want)
	}
	id, _ := w.s.Bearer(a.AccessToken)
	if strings.Join(id.Scopes, " ") != a.Scope {
		t.Errorf("the token carries %q", id.Scopes)
	}
	if r := w.refresh(a.RefreshToken); r.Scope != a.Scope {
		t.Errorf("refreshed scope %q", r.Scope)
	}
}

func TestScopesComeBackCanonical(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.connect(params("scope", "profile email email openid"), ana)
	if want := email + " https://www.googleapis.com/auth/userinfo.profile openid"; a.Scope != want {
		t.Errorf("scope %q, want %q", a.Scope, want)
	}
}

func TestIncludeGrantedScopesAddsWhatWasGrantedBefore(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.connect(params("scope", "openid "+list), ana)
	if a := w.connect(params("scope", events), ana); a.Scope != list+" "+events+" openid" {
		t.Errorf("with: %q", a.Scope)
	}
	if a := w.connect(params("scope", events, "include_granted_scopes", ""), ana); a.Scope != events {
		t.Errorf("without: %q", a.Scope)
	}
	if a := w.connect(params("scope", events), ben); a.Scope != events {
		t.Errorf("somebody else's: %q", a.Scope)
	}
}

func TestRefreshTokenOnFirstConsentOnlyUnlessPromptConsent(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	if a := w.connect(params("access_type", "online"), ben); a.RefreshToken != "" {
		t.Error("access_type=online got a refresh token")
	}
	quiet := params("prompt", "", "login_hint", ana)
	if a := w.connect(quiet, ana); a.RefreshToken == "" {
		t.Error("first consent: no refresh token")
	}
	again := w.token(exchangeForm(w.callback(w.open(quiet)).Get("code")))
	if again.Status != 200 || again.RefreshToken != "" {
		t.Errorf("second time: %+v", again)
	}
	if a := w.connect(params(), ana); a.RefreshToken == "" {
		t.Error("prompt=consent: no refresh token")
	}
}

func TestRefreshAnswersWithoutANewRefreshTokenAndKeepsTheOld(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.connect(params(), ana)
	for range 3 {
		w.now = w.now.Add(2 * time.Hour)
		r := w.refresh(a.RefreshToken)
		if r.Status != 200 || r.RefreshToken != "" || r.AccessToken == a.AccessToken || r.IDToken == "" {
			t.Fatalf("refresh: %+v", r)
		}
		if _, ok := w.s.Bearer(r.AccessToken); !ok {
			t.Fatal("the refreshed token doesn't work")
		}
	}
	if r := w.refresh(a.RefreshToken, "scope", events); r.Scope != events {
		t.Errorf("narrowed: %q", r.Scope)
	}
	w.wantRefusal(w.refresh(a.RefreshToken, "scope", "profile"), 400, "invalid_scope")
}

func TestIdentityIsTheIDTokensSubject(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.connect(params(), ana)
	keys, err := keyfunc.NewJWKSetJSON(json.RawMessage(w.do("GET", "/oauth2/v3/certs", nil).Body.Bytes()))
	if err != nil {
		t.Fatal(err)
	}
	claims := jwt.MapClaims{}
	_, err = jwt.ParseWithClaims(a.IDToken, claims, keys.Keyfunc, jwt.WithIssuer(base), jwt.WithAudience(clientID),
		jwt.WithValidMethods([]string{"RS256"}), jwt.WithTimeFunc(func() time.Time { return w.now }), jwt.WithExpirationRequired())
	if err != nil {
		t.Fatal(err)
	}
	id, _ := w.s.Bearer(a.AccessToken)
	if claims["sub"] != id.Subject || len(id.Subject) != 21 || strings.Contains(id.Subject, "ana") {
		t.Errorf("sub %v", claims["sub"])
	}
	half := sha256.Sum256([]byte(a.AccessToken))
	if claims["at_hash"] != base64.RawURLEncoding.EncodeToString(half[:16]) {
		t.Error("at_hash does not belong to the access token")
	}
	if claims["nonce"] != "n-once" || claims["email"] != ana || claims["azp"] != clientID {
		t.Errorf("claims %v", claims)
	}
	if _, has := claims["name"]; has {
		t.Error("a name without the profile scope")
	}
	refreshed := jwt.MapClaims{}
	if _, _, err := jwt.NewParser().ParseUnverified(w.refresh(a.RefreshToken).IDToken, refreshed); err != nil {
		t.Fatal(err)
	}
	if _, has := refreshed["nonce"]; has || refreshed["sub"] != id.Subject {
		t.Errorf("refreshed claims %v", refreshed)
	}
}

func TestSizesStayUnderGooglesLimits(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	code := w.allow(params(), ana).Get("code")
	a := w.token(exchangeForm(code))
	for name, c := range map[string]struct {
		value    string
		min, max int
	}{
		// The lower bounds are ours: long enough to catch a field made for toys.
		"code": {code, 60, 256}, "access": {a.AccessToken, 150, 2048}, "refresh": {a.RefreshToken, 100, 512},
	} {
		if n := len(c.value); n < c.min || n > c.max {
			t.Errorf("%s: %d bytes", name, n)
		}
	}
}

func TestUserinfo(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.connect(params("scope", "openid profile"), ana)
	rec := w.do("GET", "/v1/userinfo", nil, "Authorization", "Bearer "+a.AccessToken)
	var got map[string]any
	if err := json.Unmarshal(rec.Body.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	id, _ := w.s.Bearer(a.AccessToken)
	if rec.Code != 200 || got["sub"] != id.Subject || got["given_name"] != "Ana" || got["email"] != nil {
		t.Errorf("%d %v", rec.Code, got)
	}
	for _, h := range []string{"", "Bearer x", "Basic " + a.AccessToken} {
		if rec := w.do("GET", "/v1/userinfo", nil, "Authorization", h); rec.Code != http.StatusUnauthorized {
			t.Errorf("%q: %d", h, rec.Code)
		}
	}
}

func TestDiscoveryNamesOnlyWhatIsServed(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	var doc map[string]any
	if err := json.Unmarshal(w.do("GET", "/.well-known/openid-configuration", nil).Body.Bytes(), &doc); err != nil {
		t.Fatal(err)
	}
	if doc["issuer"] != base {
		t.Errorf("issuer %v", doc["issuer"])
	}
	for _, name := range []string{"authorization_endpoint", "token_endpoint", "userinfo_endpoint", "revocation_endpoint", "jwks_uri"} {
		path, ok := strings.CutPrefix(doc[name].(string), base)
		method := "GET"
		if name == "token_endpoint" || name == "revocation_endpoint" {
			method = "POST"
		}
		if rec := w.do(method, path, nil); !ok || rec.Code == 404 || rec.Code == 405 {
			t.Errorf("%s %s: %d", name, path, rec.Code)
		}
	}
}
