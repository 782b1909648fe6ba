package accounts

import (
	"crypto/rsa"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"sync"
	"time"
)

// Lifetimes as Google has them. Codes: Google promises nothing beyond "short";
// ten minutes is the maximum that RFC 6749 section 4.1.2 recommends. Access
// tokens are announced with 3599 seconds, one less than they live.
const (
	codeLife        = 10 * time.Minute
	accessLife      = time.Hour
	accessAnnounced = 3599
)

// Options are the plain dependencies of a Server.
type Options struct {
	// Now is the clock that every lifetime is measured on; nil means time.Now.
	Now func() time.Time
	// SigningKey signs id tokens (RS256). nil makes a fresh 2048-bit key at the
	// first need, which takes around 100 ms: tests that make hundreds of
	// servers share one.
	SigningKey *rsa.PrivateKey
}

// Account is a person who can sign in.
type Account struct {
	// Email is the address shown and accepted as login_hint. It can change at
	// Google, which is why nothing here is keyed by it but look-ups.
	Email string `json:"email"`
	Name  string `json:"name"`
	// Subject is the stable identity, the id token's sub. Left empty, one is
	// derived from the address: 21 digits, the same in every run.
	Subject string `json:"subject"`
	// AdminBlocked: the person's administrator forbids the app. Authorization
	// ends on the page admin_policy_enforced, refreshes answer the same error.
	AdminBlocked bool `json:"admin_blocked,omitempty"`
	// ReauthRequired: the Workspace session policy wants the person to sign in
	// again. Refreshes answer invalid_grant with error_subtype invalid_rapt
	// until the person presses Allow once more.
	ReauthRequired bool `json:"reauth_required,omitempty"`
}

// Client is a program registered with the simulator.
type Client struct {
	ID     string `json:"id"`
	Secret string `json:"secret"`
	// Name is what the consent page calls the program; empty means its ID.
	Name string `json:"name,omitempty"`
	// Project groups clients that share consent; empty means the client's own.
	Project string `json:"project,omitempty"`
	// RedirectURIs are compared exactly, character by character.
	RedirectURIs []string `json:"redirect_uris,omitempty"`
	// AnyLoopback additionally allows every http(s) URI whose host is a
	// loopback address or localhost, whatever its port and path.
	AnyLoopback bool `json:"any_loopback,omitempty"`
	// Testing: the consent screen is External and in Testing, so refresh
	// tokens live for seven days (except for sign-in scopes alone).
	Testing bool `json:"testing,omitempty"`
	// Deleted: authorization ends on the page deleted_client, the token
	// endpoint answers 401 with the same error.
	Deleted bool `json:"deleted,omitempty"`
}

// Identity is who a bearer token speaks for, and what it may do.
type Identity struct {
	Email    string
	Subject  string
	ClientID string
	Project  string
	// Scopes are canonical (see CanonicalScope) and sorted.
	Scopes []string
}

// Server is the accounts simulator. It is safe for concurrent use.
type Server struct {
	now func() time.Time
	mux *http.ServeMux

	mu      sync.Mutex
	state   state
	key     *rsa.PrivateKey // nil until the first need
	version uint64          // grows with every change of state
}

// New makes a server that knows no account and no client yet.
func New(o Options) *Server {
	if o.Now == nil {
		o.Now = time.Now
	}
	s := &Server{now: o.Now, key: o.SigningKey, state: newState()}
	s.mux = s.routes()
	return s
}

// routes reads as a contents page: what Google serves under which path. The
// hosts differ at Google (accounts, oauth2, openidconnect, www); clients learn
// them from the discovery document, so one host serves as well.
func (s *Server) routes() *http.ServeMux {
	m := http.NewServeMux()
	m.HandleFunc("GET /.well-known/openid-configuration", s.discovery)
	m.HandleFunc("GET /o/oauth2/v2/auth", s.authorizePage)
	m.HandleFunc("POST /o/oauth2/v2/auth", s.authorizeDecision)
	m.HandleFunc("GET /o/oauth2/style.css", stylesheet)
	m.HandleFunc("POST /token", s.token)
	m.HandleFunc("POST /revoke", s.revoke)
	m.HandleFunc("GET /oauth2/v3/certs", s.certs)
	m.HandleFunc("GET /v1/userinfo", s.userinfo)
	m.HandleFunc("POST /v1/userinfo", s.userinfo)
	return m
}

// ServeHTTP serves the routes above; everything else is 404 or 405.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) { s.mux.ServeHTTP(w, r) }

// AddAccount adds a person, or replaces the one with the same address, and
// returns it with its Subject filled in. Addresses compare without case.
func (s *Server) AddAccount(a Account) (Account, error) {
	a.Email = strings.ToLower(strings.TrimSpace(a.Email))
	if !strings.Contains(a.Email, "@") || strings.ContainsAny(a.Email, " <>,;") {
		return Account{}, fmt.Errorf("account address %q is not an e-mail address", a.Email)
	}
	if a.Subject == "" {
		a.Subject = subjectOf(a.Email)
	}
	if a.Name == "" {
		a.Name = a.Email
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if other, ok := s.state.accountBySubject(a.Subject); ok && other.Email != a.Email {
		return Account{}, fmt.Errorf("accounts %s and %s have the same subject %s", other.Email, a.Email, a.Subject)
	}
	i := s.state.accountIndex(a.Email)
	if i < 0 {
		i = len(s.state.Accounts)
		s.state.Accounts = append(s.state.Accounts, a)
	}
	delete(s.state.people, subjectKey(s.state.Accounts[i].Subject)) // it may be another one now
	s.state.Accounts[i] = a
	s.state.people[addressKey(a.Email)], s.state.people[subjectKey(a.Subject)] = i, i
	s.version++
	return a, nil
}

// AddClient registers a program, or replaces the one with the same ID.
func (s *Server) AddClient(c Client) error {
	if c.ID == "" || c.Secret == "" {
		return errors.New("a client needs an ID and a secret")
	}
	if c.Project == "" {
		c.Project = c.ID
	}
	c.RedirectURIs = slices.Clone(c.RedirectURIs)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.version++
	s.state.Clients[c.ID] = c
	return nil
}

// Version grows with every change of what the server remembers, so whoever
// saves it knows when there is something to save.
func (s *Server) Version() uint64 {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.version
}

// Bearer tells whom an access token speaks for; false where it is unknown,
// expired or revoked. The calendar half asks it for every request.
func (s *Server) Bearer(token string) (Identity, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, ok := s.state.Access[sum(token)]
	if !ok || !s.now().Before(a.Expires) {
		return Identity{}, false
	}
	person, ok := s.state.accountBySubject(a.Subject)
	if !ok {
		return Identity{}, false
	}
	return Identity{
		Email:    person.Email,
		Subject:  a.Subject,
		ClientID: a.ClientID,
		Project:  s.state.Clients[a.ClientID].Project,
		Scopes:   slices.Clone(a.Scopes),
	}, true
}
