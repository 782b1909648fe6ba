package calendarv3

import (
	"context"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Identity is who a bearer token speaks for, as the OAuth half knows it.
type Identity struct {
	// Email names the account; it must have been added with AddAccount, or
	// every call answers 403 notACalendarUser.
	Email string
	// Subject is the `sub` of the id token. Calendar never shows it; it is here
	// for whoever logs.
	Subject string
	// Project is the client's project, for quotas and for the uniqueness of
	// channel ids.
	Project string
	// Scopes are full URLs as granted, in any order.
	Scopes []string
}

// Options are the server's surroundings. Only Now and Authenticate are
// required.
type Options struct {
	// Now is the only clock: quotas, `updated`, expiry of tokens and channels
	// follow it.
	Now func() time.Time
	// Authenticate resolves a bearer token; false means 401 authError.
	Authenticate func(bearer string) (Identity, bool)
	// Deliver is handed every push message, after the change is visible and
	// before the answer to the call that caused it is written, without any lock
	// held. It decides about transport, order and loss. nil: messages are
	// dropped.
	Deliver func(*http.Request)
	// AllowPush decides about a channel's address. nil: any https address. An
	// address that is refused answers 400 push.webhookUrlNotHttps if it isn't
	// https, else 401 push.webhookUrlUnauthorized.
	AllowPush func(*url.URL) bool
	// Limits are the quotas; the zero value means Google's.
	Limits Limits
	// PageRows says how many stored rows a list page looks at when the client
	// asks for at most n. nil: n. Rows that a filter hides are not replaced by
	// others, so pages may be short or empty, as Google's are.
	PageRows func(n int) int
}

// Server is the simulated Calendar v3. It is safe for concurrent use and every
// call sees all calls that ended before.
type Server struct {
	o       Options
	methods []*method // what it has, then what it refuses by name
	quota   *quota

	mu    sync.RWMutex
	state *state
}

// New returns an empty server: no accounts, no calendars.
func New(o Options) *Server {
	if o.PageRows == nil {
		o.PageRows = func(n int) int { return n }
	}
	if o.Deliver == nil {
		o.Deliver = func(*http.Request) {}
	}
	return &Server{o: o, methods: append(methods(), absent()...), quota: newQuota(o.Limits.withDefaults()), state: newState()}
}

const (
	basePath  = "/calendar/v3/"
	batchPath = "/batch/calendar/v3"
)

// ServeHTTP answers /calendar/v3/ and /batch/calendar/v3. What is no method of
// Calendar gets a 404 without JSON, as at Google, where another front end says
// it.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	path := r.URL.EscapedPath()
	if strings.TrimSuffix(path, "/") == batchPath {
		s.serveBatch(w, r)
		return
	}
	if err := overrideMethod(r); err != nil {
		fail(w, r, err)
		return
	}
	if below, ok := strings.CutPrefix(path, basePath); ok {
		for _, m := range s.methods {
			if vars, ok := m.match(r.Method, below); ok {
				s.serve(w, r, m, vars)
				return
			}
		}
	}
	w.Header().Set("Content-Type", "text/html; charset=UTF-8")
	w.WriteHeader(http.StatusNotFound)
	if _, err := w.Write([]byte("Not Found")); err != nil {
		return // the client has gone
	}
}

// overrideMethod honours X-HTTP-Method-Override. Google's clients send a GET
// with a long query as a POST whose body is the query.
func overrideMethod(r *http.Request) *Error {
	verb := r.Header.Get("X-Http-Method-Override")
	if verb == "" || r.Method != http.MethodPost {
		return nil
	}
	r.Method = strings.ToUpper(verb)
	if r.Method == http.MethodGet && strings.HasPrefix(r.Header.Get("Content-Type"), "application/x-www-form-urlencoded") {
		raw, err := readBody(r)
		if err != nil {
			return err
		}
		r.URL.RawQuery = strings.Trim(r.URL.RawQuery+"&"+string(raw), "&")
	}
	return nil
}

// view runs f with the state held still.
func (s *Server) view(f func(*state) *Error) *Error {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return f(s.state)
}

// change runs f with the state to itself and then delivers the push messages
// that f caused: after the change is visible, before anybody is told that it
// succeeded. That is why `sync` may overtake the answer to watch.
func (s *Server) change(f func(*state) *Error) *Error {
	err, messages := s.locked(f)
	for _, m := range messages {
		s.o.Deliver(m)
	}
	return err
}

// locked is apart from change so that a panic in f can't leave the lock behind.
func (s *Server) locked(f func(*state) *Error) (*Error, []*http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.state.now = s.o.Now()
	err := f(s.state)
	if err == nil { // a refusal is nothing that persistence would have to write
		s.state.version++
	}
	messages := s.state.outgoing
	s.state.outgoing = nil
	return err, messages
}

// A fault hook outside changes two behaviours in here that only the inside can
// change, through the context.
type contextKey int

const (
	repeatPage contextKey = iota
	blindInsert
)

// WithRepeatedPage makes a list call with a page token answer the page before,
// page token included.
func WithRepeatedPage(ctx context.Context) context.Context {
	return context.WithValue(ctx, repeatPage, true)
}

// WithBlindInsert makes events.insert overlook a stored event of the same id
// and take its place: Google does not promise to detect collisions at creation
// (discovery document, Event.id).
func WithBlindInsert(ctx context.Context) context.Context {
	return context.WithValue(ctx, blindInsert, true)
}

// asked says whether the context carries one of the two wishes.
func asked(ctx context.Context, k contextKey) bool {
	on, ok := ctx.Value(k).(bool)
	return ok && on
}
