package accounts_test

import (
	"bytes"
	"crypto/rand"
	"crypto/rsa"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/googlesim/accounts"
)

func TestSnapshotCarriesEverythingOverARestart(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.connect(params(), ana)
	code := w.allow(params(), ben).Get("code")
	certs := w.do("GET", "/oauth2/v3/certs", nil).Body.String()
	data, err := w.s.Snapshot()
	if err != nil {
		t.Fatal(err)
	}
	for _, issued := range []string{a.AccessToken, a.RefreshToken, code} {
		if bytes.Contains(data, []byte(issued)) {
			t.Error("a token stands in the snapshot in clear")
		}
	}

	other, err := rsa.GenerateKey(rand.Reader, 2048)
	if err != nil {
		t.Fatal(err)
	}
	w.s = accounts.New(accounts.Options{Now: func() time.Time { return w.now }, SigningKey: other})
	if err := w.s.Restore(data); err != nil {
		t.Fatal(err)
	}
	if _, ok := w.s.Bearer(a.AccessToken); !ok {
		t.Error("the access token is forgotten")
	}
	if r := w.refresh(a.RefreshToken); r.Status != 200 {
		t.Errorf("refresh: %+v", r)
	}
	if r := w.token(exchangeForm(code)); r.Status != 200 {
		t.Errorf("pending code: %+v", r)
	}
	if w.do("GET", "/oauth2/v3/certs", nil).Body.String() != certs {
		t.Error("id tokens from before no longer verify")
	}
	if len(w.s.Accounts()) != 2 || len(w.s.Clients()) != 1 || len(w.s.Grants()) != 2 {
		t.Error("accounts, clients or grants are missing")
	}
}

func TestBrokenSnapshotLeavesTheServerAsItWas(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	a := w.connect(params(), ana)
	for _, data := range []string{``, `[]`, `{"state":{"accounts":7}}`, `{"key":"AAAA"}`} {
		if err := w.s.Restore([]byte(data)); err == nil {
			t.Errorf("%q was taken", data)
		}
	}
	if _, ok := w.s.Bearer(a.AccessToken); !ok {
		t.Error("the server lost what it had")
	}
	if err := w.s.Restore([]byte(`{"state":{"grants":null}}`)); err != nil {
		t.Fatal(err)
	}
	w.account(accounts.Account{Email: ana})
	w.client(accounts.Client{ID: clientID, Secret: secret, AnyLoopback: true})
	w.connect(params(), ana) // no nil map behind a JSON null
}

func TestVersionGrowsWithEveryChangeAndOnlyThen(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	last := w.s.Version()
	step := func(name string, grows bool, f func()) {
		t.Helper()
		f()
		if v := w.s.Version(); (v > last) != grows {
			t.Errorf("%s: version %d → %d", name, last, v)
		}
		last = w.s.Version()
	}
	var code string
	var a answer
	step("looking", false, func() { w.open(params()) })
	step("allowing", true, func() { code = w.allow(params(), ana).Get("code") })
	step("failing", false, func() { w.token(exchangeForm("4/none")) })
	step("exchanging", true, func() { a = w.token(exchangeForm(code)) })
	step("using", false, func() { w.s.Bearer(a.AccessToken); w.s.Grants() })
	step("refreshing", true, func() { w.refresh(a.RefreshToken) })
	step("revoking", true, func() { w.s.RevokeGrant(ana, clientID) })
}

func TestAccountsAndClientsAreChecked(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	for _, bad := range []string{"", "nobody", "a b@example.com", "<a@example.com>"} {
		if _, err := w.s.AddAccount(accounts.Account{Email: bad}); err == nil {
			t.Errorf("account %q was taken", bad)
		}
	}
	a := w.account(accounts.Account{Email: "  Ana@Example.com "})
	if a.Email != ana || len(w.s.Accounts()) != 2 {
		t.Errorf("%+v is another account than %s", a, ana)
	}
	if _, err := w.s.AddAccount(accounts.Account{Email: "new@example.com", Subject: a.Subject}); err == nil {
		t.Error("two people with one subject")
	}
	tokens := w.connect(params(), ana)
	w.account(accounts.Account{Email: ana, Subject: "1"}) // the address now is somebody else's
	if _, ok := w.s.Bearer(tokens.AccessToken); ok {
		t.Error("a token of a person who is gone still works")
	}
	w.wantRefusal(w.refresh(tokens.RefreshToken), 400, "invalid_grant")
	for _, bad := range []accounts.Client{{ID: "x"}, {Secret: "x"}} {
		if err := w.s.AddClient(bad); err == nil {
			t.Errorf("client %+v was taken", bad)
		}
	}
}

// The consent page knows exactly the scopes of Google's own discovery
// document, which comes with the Go module of the API.
func TestCalendarScopesAreThoseOfTheDiscoveryDocument(t *testing.T) {
	t.Parallel()
	dir, err := exec.Command("go", "list", "-f", "{{.Dir}}", "google.golang.org/api/calendar/v3").Output()
	if err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "calendar-api.json"))
	if err != nil {
		t.Fatal(err)
	}
	var doc struct {
		Auth struct {
			OAuth2 struct {
				Scopes map[string]struct{ Description string }
			}
		}
	}
	if err := json.Unmarshal(data, &doc); err != nil {
		t.Fatal(err)
	}
	if len(doc.Auth.OAuth2.Scopes) < 10 {
		t.Fatalf("only %d scopes in the document", len(doc.Auth.OAuth2.Scopes))
	}
	known := accounts.CalendarScopes()
	for scope, d := range doc.Auth.OAuth2.Scopes {
		if got, want := known[scope], strings.ReplaceAll(d.Description, "’", "'"); got != want {
			t.Errorf("%s: %q, want %q", scope, got, want)
		}
		delete(known, scope)
	}
	for scope := range known {
		t.Errorf("%s is not Google's", scope)
	}
}
