package accounts_test

import (
	"fmt"
	"net/url"
	"testing"
	"time"

	"aura.example/integrations/shared/googlesim/accounts"
)

// BenchmarkBearer: what every call of the Calendar half pays, among ten
// thousand people with a token each. It must not depend on their number.
func BenchmarkBearer(b *testing.B) {
	for _, people := range []int{10, 10_000} {
		b.Run(fmt.Sprintf("%d people", people), func(b *testing.B) {
			w := &world{TB: b, s: accounts.New(accounts.Options{}), now: time.Now()}
			if err := w.s.AddClient(accounts.Client{ID: clientID, Secret: secret, AnyLoopback: true}); err != nil {
				b.Fatal(err)
			}
			var token string
			for n := range people {
				email := fmt.Sprintf("p%d@example.com", n)
				if _, err := w.s.AddAccount(accounts.Account{Email: email}); err != nil {
					b.Fatal(err)
				}
				token = w.quickly(email)
			}
			b.ReportAllocs()
			for b.Loop() {
				if _, ok := w.s.Bearer(token); !ok {
					b.Fatal("not accepted")
				}
			}
		})
	}
}

// quickly connects without reading the page, and without an id token.
func (w *world) quickly(who string) string {
	w.Helper()
	v := params("scope", events, "code_challenge", "", "code_challenge_method", "")
	v.Set("account", who)
	v.Set("granted", events)
	to, err := url.Parse(w.do("POST", "/o/oauth2/v2/auth", v).Header().Get("Location"))
	if err != nil {
		w.Fatal(err)
	}
	a := w.token(exchangeForm(to.Query().Get("code"), "code_verifier", ""))
	if a.Status != 200 {
		w.Fatalf("%+v", a)
	}
	return a.AccessToken
}
