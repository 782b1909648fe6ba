package accounts_test

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"aura.example/integrations/shared/googlesim/accounts"
)

func TestConsentPageIsAnOrdinaryFormWithAccountsAndOneBoxAScope(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	f := readConsent(t, w.open(params("login_hint", ben)))
	if !slices.Equal(f.people, []string{ana, ben}) {
		t.Errorf("accounts offered: %q", f.people)
	}
	if !slices.Equal(f.boxes, []string{list, events}) {
		t.Errorf("boxes: %q, want the two calendar scopes and none for the sign-in scopes", f.boxes)
	}
	if f.method != "post" || !slices.Equal(f.buttons, []string{"allow", "cancel"}) {
		t.Errorf("method %q, buttons %q", f.method, f.buttons)
	}
	if got := f.fields.Get("account"); got != ben {
		t.Errorf("login_hint chose %q", got)
	}
}

func TestStateComesBackExactlyAndQueryOfRedirectURIStays(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const state = "a b&c=d+e%20f/ü#"
	uri := "http://localhost:99/cb?keep=this"
	got := w.allow(params("state", state, "redirect_uri", uri), ana)
	if got.Get("state") != state || got.Get("keep") != "this" {
		t.Errorf("callback %v", got)
	}
	if got.Get("code") == "" || got.Get("error") != "" {
		t.Errorf("callback %v has no code", got)
	}
}

func TestDenialRedirectsWithAccessDenied(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	f := readConsent(t, w.open(params()))
	f.fields.Set("decision", "cancel")
	got := w.callback(w.do("POST", f.action, f.fields))
	if got.Get("error") != "access_denied" || got.Get("state") != "the state" || got.Has("code") {
		t.Errorf("callback %v", got)
	}
	if len(w.s.Grants()) != 0 {
		t.Error("a denial left a grant behind")
	}
}

func TestNothingTickedAndNoSignInScopeIsADenial(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	got := w.allow(params("scope", events), ana, events)
	if got.Get("error") != "access_denied" {
		t.Errorf("callback %v", got)
	}
}

// Refusals that are pages: the program is never called back.
func TestSomeRefusalsArePagesAndNoCallbackComes(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		change []string
		status int
		code   string
	}{
		"redirect_uri_mismatch, another host": {[]string{"redirect_uri", "https://evil.example/callback"}, 400, "redirect_uri_mismatch"},
		"redirect_uri_mismatch, a suffix":     {[]string{"redirect_uri", "http://127.0.0.1.evil.example/"}, 400, "redirect_uri_mismatch"},
		"redirect_uri_mismatch, user part":    {[]string{"redirect_uri", "http://127.0.0.1@evil.example/"}, 400, "redirect_uri_mismatch"},
		"redirect_uri_mismatch, fragment":     {[]string{"redirect_uri", "http://127.0.0.1/#x"}, 400, "redirect_uri_mismatch"},
		"redirect_uri_mismatch, scheme":       {[]string{"redirect_uri", "javascript://127.0.0.1/"}, 400, "redirect_uri_mismatch"},
		"deleted_client":                      {[]string{"client_id", "deleted"}, 401, "deleted_client"},
		"unknown client":                      {[]string{"client_id", "nobody"}, 401, "invalid_client"},
		"no client":                           {[]string{"client_id", ""}, 400, "invalid_request"},
		"no redirect":                         {[]string{"redirect_uri", ""}, 400, "invalid_request"},
		"no scope":                            {[]string{"scope", " "}, 400, "invalid_request"},
		"no response type":                    {[]string{"response_type", ""}, 400, "invalid_request"},
		"implicit flow":                       {[]string{"response_type", "token"}, 400, "unsupported_response_type"},
		"unknown scope":                       {[]string{"scope", "openid https://www.googleapis.com/auth/teapot"}, 400, "invalid_scope"},
		"short challenge":                     {[]string{"code_challenge", "short"}, 400, "invalid_request"},
		"challenge method":                    {[]string{"code_challenge_method", "S512"}, 400, "invalid_request"},
		"method without challenge":            {[]string{"code_challenge", ""}, 400, "invalid_request"},
		"access type":                         {[]string{"access_type", "sometimes"}, 400, "invalid_request"},
		"prompt":                              {[]string{"prompt", "please"}, 400, "invalid_request"},
		"prompt none with another":            {[]string{"prompt", "none consent"}, 400, "invalid_request"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.client(accounts.Client{ID: "deleted", Secret: "x", AnyLoopback: true, Deleted: true})
			// The page and, for whoever posts without reading it, the form.
			for _, method := range []string{"GET", "POST"} {
				rec := w.open(params(c.change...))
				if method == "POST" {
					v := params(c.change...)
					v.Set("account", ana)
					v.Set("decision", "allow")
					rec = w.do("POST", "/o/oauth2/v2/auth", v)
				}
				if rec.Code != c.status || rec.Header().Get("Location") != "" || !strings.Contains(rec.Body.String(), ": "+c.code) {
					t.Errorf("%s: %d %q %s", method, rec.Code, rec.Header().Get("Location"), rec.Body)
				}
			}
		})
	}
}

func TestAdminPolicyEnforcedIsAPageAfterTheAccountIsChosen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.account(accounts.Account{Email: ana, AdminBlocked: true})
	f := readConsent(t, w.open(params()))
	f.fields.Set("account", ana)
	f.fields.Set("decision", "allow")
	rec := w.do("POST", f.action, f.fields)
	if rec.Code != http.StatusBadRequest || rec.Header().Get("Location") != "" || !strings.Contains(rec.Body.String(), "admin_policy_enforced") {
		t.Errorf("%d %s", rec.Code, rec.Body)
	}
	if len(w.s.Grants()) != 0 {
		t.Error("a blocked account left a grant")
	}
}

func TestRepeatedParameterIsRefused(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	v := params()
	v.Add("redirect_uri", "http://127.0.0.1/other")
	if rec := w.open(v); rec.Code != http.StatusBadRequest {
		t.Errorf("%d", rec.Code)
	}
}

func TestRedirectURIExactUnlessTheClientAllowsAnyLoopback(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		uri           string
		local, strict bool
	}{
		{"https://app.example.com/callback", false, true},
		{"https://app.example.com/callback/", false, false},
		{"https://app.example.com/callback?x=1", false, false},
		{"https://APP.example.com/callback", false, false},
		{"http://127.0.0.1:1/a", true, false},
		{"http://127.9.9.9/a/b?c=d", true, false},
		{"https://[::1]:8443/a", true, false},
		{"http://localhost", true, false},
		{"http://localhost.example.com/", false, false},
		{"http://10.0.0.1/", false, false},
		{"http://somebody@127.0.0.1/", false, false},
	} {
		w := newWorld(t)
		w.client(accounts.Client{ID: "strict", Secret: secret, RedirectURIs: []string{"https://app.example.com/callback"}})
		if got := w.open(params("redirect_uri", c.uri)).Code == 200; got != c.local {
			t.Errorf("%s by the loopback client: %v", c.uri, got)
		}
		if got := w.open(params("redirect_uri", c.uri, "client_id", "strict")).Code == 200; got != c.strict {
			t.Errorf("%s by the strict client: %v", c.uri, got)
		}
	}
}

func TestGrantedScopesComeBackWithoutAPageAndPromptNoneWithoutGrantIsAnError(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	quiet := params("prompt", "", "login_hint", ana)
	readConsent(t, w.open(quiet)) // nothing granted: a page
	if got := w.callback(w.open(params("prompt", "none", "login_hint", ana))); got.Get("error") != "interaction_required" {
		t.Errorf("prompt=none: %v", got)
	}
	w.connect(params(), ana)
	for _, v := range []url.Values{quiet, params("prompt", "none", "login_hint", strings.ToUpper(ana))} {
		if got := w.callback(w.open(v)); got.Get("code") == "" {
			t.Errorf("granted, yet no code: %v", got)
		}
	}
	readConsent(t, w.open(params("prompt", "")))                                  // two accounts: the chooser
	readConsent(t, w.open(params("prompt", "select_account", "login_hint", ana))) // asked for
	readConsent(t, w.open(params("prompt", "", "login_hint", ben)))               // another person
	readConsent(t, w.open(params("prompt", "", "login_hint", ana, "scope",        // a new scope
		"https://www.googleapis.com/auth/calendar.settings.readonly")))
}

func TestPageIsProtectedAgainstMarkupInNamesAndParameters(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.account(accounts.Account{Email: "eve@example.org", Name: `<script>alert(1)</script>`})
	w.client(accounts.Client{ID: clientID, Secret: secret, Name: `"><img src=x>`, AnyLoopback: true})
	rec := w.open(params("state", `"><script>alert(2)</script>`))
	if body := rec.Body.String(); strings.Contains(body, "<script") || strings.Contains(body, "<img") {
		t.Errorf("markup came through: %s", body)
	}
	if csp := rec.Header().Get("Content-Security-Policy"); !strings.Contains(csp, "default-src 'none'") || strings.Contains(csp, "form-action") {
		t.Errorf("policy %q", csp)
	}
}
