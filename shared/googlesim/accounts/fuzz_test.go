package accounts_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"aura.example/integrations/shared/googlesim/accounts"
)

// fuzzServer knows one client and one person.
func fuzzServer(t testing.TB) *accounts.Server {
	s := accounts.New(accounts.Options{SigningKey: testKey()})
	if err := s.AddClient(accounts.Client{ID: clientID, Secret: secret, AnyLoopback: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := s.AddAccount(accounts.Account{Email: ana}); err != nil {
		t.Fatal(err)
	}
	return s
}

// FuzzToken: whatever is posted, the answer is a JSON refusal in OAuth's shape,
// and never a token, since no code was ever issued.
func FuzzToken(f *testing.F) {
	f.Add("application/x-www-form-urlencoded", "", exchangeForm("4/0Ax").Encode())
	f.Add("application/x-www-form-urlencoded; charset=utf-8", "Basic YTpi", "grant_type=refresh_token&refresh_token=1//0")
	f.Add("application/json", "", `{"grant_type":"authorization_code"}`)
	f.Add("", "Basic %", "a=%zz;b&&&=")
	f.Fuzz(func(t *testing.T, kind, auth, body string) {
		r := httptest.NewRequest("POST", base+"/token", strings.NewReader(body))
		r.Header.Set("Content-Type", kind)
		r.Header.Set("Authorization", auth)
		rec := httptest.NewRecorder()
		fuzzServer(t).ServeHTTP(rec, r)
		var a answer
		if err := json.Unmarshal(rec.Body.Bytes(), &a); err != nil {
			t.Fatalf("not JSON: %q", rec.Body)
		}
		if (rec.Code != 400 && rec.Code != 401) || a.Error == "" || a.AccessToken != "" {
			t.Fatalf("%d %s", rec.Code, rec.Body)
		}
	})
}

// FuzzAuthorize: whatever the query or form, a browser is sent to a loopback
// address or nowhere, and nothing of the request becomes markup.
func FuzzAuthorize(f *testing.F) {
	v := params()
	f.Add("GET", v.Encode())
	v.Set("account", ana)
	v.Set("decision", "allow")
	v.Set("granted", events)
	f.Add("POST", v.Encode())
	f.Add("GET", params("redirect_uri", "http://127.0.0.1\\@evil.example/").Encode())
	f.Add("GET", params("state", "\"><script>").Encode())
	f.Add("GET", params("prompt", "none", "redirect_uri", "http://localhost/%0d%0ax").Encode())
	f.Fuzz(func(t *testing.T, method, query string) {
		path, body := "/o/oauth2/v2/auth", query
		if method != http.MethodPost {
			method, path, body = http.MethodGet, path+"?", ""
		}
		r := httptest.NewRequest(method, base+path, strings.NewReader(body))
		if method == http.MethodGet {
			r.URL.RawQuery = query
		}
		r.Header.Set("Content-Type", "application/x-www-form-urlencoded")
		rec := httptest.NewRecorder()
		fuzzServer(t).ServeHTTP(rec, r)
		if to := rec.Header().Get("Location"); to != "" {
			u, err := url.Parse(to)
			if err != nil {
				t.Fatalf("sent to %q: %v", to, err)
			}
			if h := u.Hostname(); h != "localhost" && !strings.HasPrefix(h, "127.") && h != "::1" && !strings.HasPrefix(h, "::ffff:127.") {
				t.Fatalf("sent to %q", to)
			}
		}
		if strings.Contains(rec.Body.String(), "<script") {
			t.Fatalf("markup: %s", rec.Body)
		}
	})
}
