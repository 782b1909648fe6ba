package accounts

import (
	"cmp"
	"crypto/rand"
	"crypto/sha256"
	"encoding/base64"
	"fmt"
	"maps"
	"math/big"
	"slices"
	"strings"
	"time"
)

// state is everything a Server remembers. Its JSON form is the persisted one,
// so a field renamed here is a file that no longer loads.
type state struct {
	Accounts []Account         `json:"accounts"` // in the order they were added, as the chooser shows them
	Clients  map[string]Client `json:"clients"`
	// Grants by project and subject; see grantKey.
	Grants map[string]grant `json:"grants"`
	// The following are keyed by sum(token): what was issued is not kept.
	Codes   map[string]code    `json:"codes"`
	Refresh map[string]refresh `json:"refresh"`
	Access  map[string]access  `json:"access"`
	// Serial orders refresh tokens issued within one tick of the clock.
	Serial int64 `json:"serial"`

	// Derived, so that ten thousand people cost no more a request than two:
	people map[string]int      // index in Accounts, by address and by subject
	held   map[string][]string // keys of Refresh by holder, oldest first; some may be gone
	sweeps int                 // how many codes and access tokens are worth a sweep
}

// grant is what a person has allowed a project so far.
type grant struct {
	Project string    `json:"project"`
	Subject string    `json:"subject"`
	Scopes  []string  `json:"scopes"`
	Since   time.Time `json:"since"`
	// Clients of the project that this person has consented to at least once:
	// a refresh token comes at the first consent only.
	Clients []string `json:"clients"`
}

type code struct {
	ClientID    string    `json:"client_id"`
	Subject     string    `json:"subject"`
	RedirectURI string    `json:"redirect_uri"`
	Scopes      []string  `json:"scopes"`
	Challenge   string    `json:"challenge,omitempty"`
	Method      string    `json:"method,omitempty"` // plain or S256
	Nonce       string    `json:"nonce,omitempty"`
	Refresh     bool      `json:"refresh,omitempty"` // the exchange yields a refresh token
	Expires     time.Time `json:"expires"`
}

type refresh struct {
	ClientID string    `json:"client_id"`
	Subject  string    `json:"subject"`
	Scopes   []string  `json:"scopes"`
	Serial   int64     `json:"serial"`
	LastUsed time.Time `json:"last_used"`
	Expires  time.Time `json:"expires,omitzero"` // zero: no fixed end
}

type access struct {
	ClientID string    `json:"client_id"`
	Subject  string    `json:"subject"`
	Scopes   []string  `json:"scopes"`
	Expires  time.Time `json:"expires"`
}

func newState() state {
	return state{
		Clients: map[string]Client{},
		Grants:  map[string]grant{},
		Codes:   map[string]code{},
		Refresh: map[string]refresh{},
		Access:  map[string]access{},
		people:  map[string]int{},
		held:    map[string][]string{},
	}
}

// derive makes the derived fields anew.
func (st *state) derive() {
	st.people, st.held, st.sweeps = map[string]int{}, map[string][]string{}, 0
	for i, a := range st.Accounts {
		st.people[addressKey(a.Email)], st.people[subjectKey(a.Subject)] = i, i
	}
	for _, k := range slices.SortedFunc(maps.Keys(st.Refresh), func(a, b string) int {
		return cmp.Compare(st.Refresh[a].Serial, st.Refresh[b].Serial)
	}) {
		h := holderKey(st.Refresh[k].ClientID, st.Refresh[k].Subject)
		st.held[h] = append(st.held[h], k)
	}
}

// Addresses and subjects share a map and must not be taken for each other.
func addressKey(email string) string            { return "@" + strings.ToLower(email) }
func subjectKey(subject string) string          { return "=" + subject }
func holderKey(clientID, subject string) string { return clientID + " " + subject }

func grantKey(project, subject string) string { return project + " " + subject }

func (st *state) accountIndex(email string) int {
	if i, ok := st.people[addressKey(email)]; ok {
		return i
	}
	return -1
}

// account finds a person by address or by subject: login_hint may be either.
func (st *state) account(hint string) (Account, bool) {
	if i := st.accountIndex(hint); i >= 0 {
		return st.Accounts[i], true
	}
	return st.accountBySubject(hint)
}

func (st *state) accountBySubject(subject string) (Account, bool) {
	if i, ok := st.people[subjectKey(subject)]; ok {
		return st.Accounts[i], true
	}
	return Account{}, false
}

// sweep forgets codes and access tokens that nothing can be done with any
// more, so that a simulator run for weeks does not grow with every refresh. It
// looks at all of them only once their number has doubled: a constant cost a
// token, however many there are.
func (st *state) sweep(now time.Time) {
	if len(st.Codes)+len(st.Access) < st.sweeps {
		return
	}
	defer func() { st.sweeps = 2*(len(st.Codes)+len(st.Access)) + 100 }()
	for k, c := range st.Codes {
		if !now.Before(c.Expires) {
			delete(st.Codes, k)
		}
	}
	for k, a := range st.Access {
		if !now.Before(a.Expires) {
			delete(st.Access, k)
		}
	}
}

// sum is the form in which issued secrets are remembered.
func sum(token string) string {
	h := sha256.Sum256([]byte(token))
	return base64.RawURLEncoding.EncodeToString(h[:])
}

// opaque makes a secret with Google's look and n random bytes. Nothing about
// the holder can be read from it. The prefixes are what Google's own secrets
// start with; programs that redact logs by pattern recognise them.
func opaque(prefix string, n int) string {
	b := make([]byte, n)
	rand.Read(b) // never fails: crypto/rand ends the program instead
	return prefix + base64.RawURLEncoding.EncodeToString(b)
}

// Google documents upper limits for sizes (code 256 bytes, access token 2048,
// refresh token 512: https://developers.google.com/identity/protocols/oauth2#size)
// and issues well below them. These sizes are like those seen in the wild, long
// enough that a column of 64 characters for "a token" shows itself at once.
func newCode() string    { return opaque("4/0A", 52) }
func newRefresh() string { return opaque("1//0", 75) }
func newAccess() string  { return opaque("ya29.a0", 150) }

// subjectOf derives a stable 21-digit subject from an address, in the range
// that Google's own subjects have.
func subjectOf(email string) string {
	h := sha256.Sum256([]byte("subject of " + email))
	n := new(big.Int).SetBytes(h[:])
	n.Mod(n, new(big.Int).Exp(big.NewInt(10), big.NewInt(20), nil))
	return fmt.Sprintf("1%020s", n.String())
}
