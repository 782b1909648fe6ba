package oauth_test

import (
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/google"
	"aura.example/integrations/shared/google/oauth"
)

const issuer = "https://accounts.google.com"

// idToken makes an id token of a good one's claims, changed.
func idToken(change map[string]any) string {
	claims := map[string]any{
		"iss": issuer, "aud": clientID, "azp": clientID, "sub": "1234567890",
		"exp": moment.Add(time.Hour).Unix(), "nonce": nonce, "email": person,
	}
	for k, v := range change {
		if v == nil {
			delete(claims, k)
		} else {
			claims[k] = v
		}
	}
	body, err := json.Marshal(claims)
	if err != nil {
		panic(err)
	}
	b64 := base64.RawURLEncoding.EncodeToString
	return b64([]byte(`{"alg":"RS256"}`)) + "." + b64(body) + ".c2lnbmF0dXJl"
}

// exchange signs in with an id token that Google would not have made.
func exchange(t testing.TB, token string) (subject, email string, err error) {
	t.Helper()
	body, err := json.Marshal(map[string]any{
		"access_token": "a", "refresh_token": "r", "expires_in": 60, "scope": "openid", "token_type": "Bearer", "id_token": token,
	})
	if err != nil {
		t.Fatal(err)
	}
	c := google.Defaults()
	c.ClientID, c.ClientSecret = clientID, secret
	c.HTTPClient = canned(body)
	a, err := oauth.New(c, func() time.Time { return moment })
	if err != nil {
		t.Fatal(err)
	}
	g, err := a.Exchange(t.Context(), "code", verifier, callback, nonce)
	return g.Subject, g.Email, err
}

func TestIDToken(t *testing.T) {
	t.Parallel()
	with := func(name string, value any) string { return idToken(map[string]any{name: value}) }
	for _, tc := range []struct {
		name, token string
		want        string // part of the refusal; "" where it is accepted
	}{
		{"a good one", idToken(nil), ""},
		{"Google's other spelling of itself", with("iss", "accounts.google.com"), ""},
		{"somebody else's", with("iss", "https://accounts.google.com.example"), "another issuer"},
		{"nobody's", with("iss", nil), "another issuer"},
		{"for another client", with("aud", "other"), "another client"},
		{"for nobody", with("aud", nil), "another client"},
		{"for several clients", with("aud", []string{"other", clientID}), ""},
		{"for several others", with("aud", []string{"other", "third"}), "another client"},
		{"for several, not saying who asked", idToken(map[string]any{"aud": []string{"other", clientID}, "azp": nil}), "which one asked"},
		{"for one, not saying who asked", with("azp", nil), ""},
		{"asked for by another", with("azp", "other"), "asked for by another client"},
		{"expired an hour ago", with("exp", moment.Add(-time.Hour).Unix()), "expired"},
		{"expired beyond the skew", with("exp", moment.Add(-61*time.Second).Unix()), "expired"},
		{"expired within the skew", with("exp", moment.Add(-59*time.Second).Unix()), ""},
		{"without an end", with("exp", nil), "expired"},
		{"with an end that is no number", with("exp", "tomorrow"), "isn't a set of claims"},
		{"of another sign-in", with("nonce", "canary"), "another sign-in"},
		{"of no sign-in", with("nonce", nil), "another sign-in"},
		{"of nobody", with("sub", nil), "no usable subject"},
		{"of somebody with a very long name", with("sub", strings.Repeat("9", 256)), "no usable subject"},
		{"whose subject is no string", with("sub", 7), "isn't a set of claims"},
		{"without an address", with("email", nil), ""},
		{"empty", "", "no id token"},
		{"of two parts", "a.b", "2 parts"},
		{"of five parts, encrypted", "a.b.c.d.e", "5 parts"},
		{"not base64", "a.#.c", "isn't base64url"},
		{"not JSON", "a." + base64.RawURLEncoding.EncodeToString([]byte("canary")) + ".c", "isn't a set of claims"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			subject, _, err := exchange(t, tc.token)
			switch {
			case tc.want == "" && (err != nil || subject == ""):
				t.Errorf("refused: %v", err)
			case tc.want != "" && (!fault.Is(err, fault.Invalid) || !strings.Contains(err.Error(), tc.want)):
				t.Errorf("got %v, want Invalid with %q", err, tc.want)
			case err != nil && strings.Contains(err.Error(), "canary"):
				t.Errorf("repeats the token: %v", err)
			}
		})
	}
}

// FuzzIDToken: whatever comes as an id token, nobody is signed in without a
// subject, and nothing panics.
func FuzzIDToken(f *testing.F) {
	f.Add(idToken(nil))
	f.Add(idToken(map[string]any{"aud": []string{}}))
	f.Add("a.e30.c")
	f.Add("..")
	f.Fuzz(func(t *testing.T, token string) {
		subject, _, err := exchange(t, token)
		if (err == nil) != (subject != "") {
			t.Errorf("subject %q with %v", subject, err)
		}
	})
}
