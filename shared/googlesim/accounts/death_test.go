package accounts_test

import (
	"net/url"
	"testing"
	"time"

	"aura.example/integrations/shared/googlesim/accounts"
)

const day = 24 * time.Hour

func TestRefreshOfAnUnknownTokenIsInvalidGrantWithGooglesText(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	got := w.refresh("1//0nothing")
	w.wantRefusal(got, 400, "invalid_grant")
	if got.Description != "Token has been expired or revoked." {
		t.Errorf("description %q", got.Description)
	}
}

func TestRefreshWithTheWrongSecretIsInvalidClient(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.connect(params(), ana)
	w.wantRefusal(w.refresh(a.RefreshToken, "client_secret", "wrong"), 401, "invalid_client")
	w.client(accounts.Client{ID: "other", Secret: secret})
	w.wantRefusal(w.refresh(a.RefreshToken, "client_id", "other"), 401, "unauthorized_client")
	if r := w.refresh(a.RefreshToken); r.Status != 200 {
		t.Errorf("a failed attempt spent the token: %+v", r)
	}
}

func TestInvalidRaptIsSessionPolicyUntilThePersonSignsInAgain(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.connect(params(), ana)
	w.account(accounts.Account{Email: ana, ReauthRequired: true})
	got := w.refresh(a.RefreshToken)
	w.wantRefusal(got, 400, "invalid_grant")
	if got.Subtype != "invalid_rapt" {
		t.Errorf("subtype %q", got.Subtype)
	}
	w.connect(params("prompt", "", "login_hint", ana), ana) // a page again, though all is granted
	if r := w.refresh(a.RefreshToken); r.Status != 200 {
		t.Errorf("after signing in: %+v", r)
	}
}

func TestAdminPolicyEndsRefreshes(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.connect(params(), ana)
	w.account(accounts.Account{Email: ana, AdminBlocked: true})
	w.wantRefusal(w.refresh(a.RefreshToken), 400, "admin_policy_enforced")
}

func TestRefreshTokenDiesWhenUnusedForSixMonths(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.connect(params(), ana)
	for range 3 { // used now and then, it lives on
		w.now = w.now.AddDate(0, 6, 0).Add(-time.Second)
		if r := w.refresh(a.RefreshToken); r.Status != 200 {
			t.Fatalf("used within six months: %+v", r)
		}
	}
	w.now = w.now.AddDate(0, 6, 0)
	w.wantRefusal(w.refresh(a.RefreshToken), 400, "invalid_grant")
}

func TestHundredAndFirstRefreshTokenEndsTheOldestSilently(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.client(accounts.Client{ID: "second", Secret: secret, Project: clientID, AnyLoopback: true})
	var tokens []string
	for range 101 {
		tokens = append(tokens, w.connect(params(), ana).RefreshToken)
	}
	other := w.connect(params(), ben).RefreshToken // another account's don't count
	w.wantRefusal(w.refresh(tokens[0]), 400, "invalid_grant")
	for i, token := range append(tokens[1:], other) {
		if r := w.refresh(token); r.Status != 200 {
			t.Errorf("token %d: %+v", i+1, r)
		}
	}
}

func TestRefreshTokenLivesSevenDaysWhileExternalAndInTesting(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	w.client(accounts.Client{ID: clientID, Secret: secret, AnyLoopback: true, Testing: true})
	a := w.connect(params(), ana)
	if a.RefreshExpiresIn != 604799 {
		t.Errorf("announced %d", a.RefreshExpiresIn)
	}
	signIn := w.connect(params("scope", "openid email"), ben) // these alone are exempt
	w.now = w.now.Add(7*day - time.Second)
	if r := w.refresh(a.RefreshToken); r.Status != 200 {
		t.Errorf("before: %+v", r)
	}
	w.now = w.now.Add(time.Second)
	w.wantRefusal(w.refresh(a.RefreshToken), 400, "invalid_grant") // using it did not help
	if r := w.refresh(signIn.RefreshToken); r.Status != 200 {
		t.Errorf("sign-in scopes: %+v", r)
	}
}

func TestRevokeEndsTheWholeGrantOfTheUserForTheProject(t *testing.T) {
	t.Parallel()
	for _, kind := range []string{"refresh in the body", "access in the body", "refresh in the query"} {
		t.Run(kind, func(t *testing.T) {
			t.Parallel()
			w := newWorld(t)
			w.client(accounts.Client{ID: "sibling", Secret: secret, Project: clientID, AnyLoopback: true})
			w.client(accounts.Client{ID: "stranger", Secret: secret, AnyLoopback: true})
			first, second, others := w.connect(params(), ana), w.connect(params(), ana), w.connect(params(), ben)
			via := func(id string) answer {
				return w.token(exchangeForm(w.allow(params("client_id", id), ana).Get("code"), "client_id", id))
			}
			sibling, stranger := via("sibling"), via("stranger")
			pending := w.allow(params(), ana).Get("code")

			path, form := "/revoke", url.Values{"token": {first.RefreshToken}}
			switch kind {
			case "access in the body":
				form.Set("token", first.AccessToken)
			case "refresh in the query":
				path, form = "/revoke?"+form.Encode(), url.Values{}
			}
			if rec := w.do("POST", path, form); rec.Code != 200 {
				t.Fatalf("%d %s", rec.Code, rec.Body)
			}
			if rec := w.do("POST", path, form); rec.Code != 400 {
				t.Errorf("revoked twice: %d", rec.Code)
			}
			w.wantRefusal(w.refresh(first.RefreshToken), 400, "invalid_grant")
			w.wantRefusal(w.refresh(second.RefreshToken), 400, "invalid_grant")
			w.wantRefusal(w.refresh(sibling.RefreshToken, "client_id", "sibling"), 400, "invalid_grant")
			w.wantRefusal(w.token(exchangeForm(pending)), 400, "invalid_grant")
			for _, dead := range []string{first.AccessToken, second.AccessToken, sibling.AccessToken} {
				if _, ok := w.s.Bearer(dead); ok {
					t.Error("an access token outlived the grant")
				}
			}
			if r := w.refresh(stranger.RefreshToken, "client_id", "stranger"); r.Status != 200 {
				t.Errorf("another project's: %+v", r)
			}
			if r := w.refresh(others.RefreshToken); r.Status != 200 {
				t.Errorf("another person's: %+v", r)
			}
			if again := w.connect(params("prompt", ""), ana); again.RefreshToken == "" {
				t.Error("after a revocation consent is a first consent again")
			}
		})
	}
}

func TestRevokeWithoutOrWithAnUnknownTokenIs400(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, form := range []url.Values{{}, {"token": {""}}, {"token": {"1//0unknown"}}} {
		if rec := w.do("POST", "/revoke", form); rec.Code != 400 {
			t.Errorf("%v: %d", form, rec.Code)
		}
	}
	if rec := w.do("GET", "/revoke?token=x", nil); rec.Code != 405 {
		t.Errorf("GET: %d", rec.Code)
	}
}

func TestPersonRemovesAccessOnTheirOwn(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.connect(params(), ana)
	grants := w.s.Grants()
	if len(grants) != 1 || grants[0].Email != ana || grants[0].RefreshTokens != 1 || grants[0].Clients[0] != "Aura" {
		t.Fatalf("grants %+v", grants)
	}
	if w.s.RevokeGrant(ben, clientID) || w.s.RevokeGrant("nobody@example.com", clientID) {
		t.Error("revoked what was not there")
	}
	if !w.s.RevokeGrant(ana, grants[0].Project) {
		t.Error("there was a grant")
	}
	w.wantRefusal(w.refresh(a.RefreshToken), 400, "invalid_grant")
}
