package googlesim

import (
	"net/http"
	"net/url"
	"strings"
	"time"

	"aura.example/integrations/shared/googlesim/accounts"
	"aura.example/integrations/shared/googlesim/calendarv3"
)

// Options are what a simulator is made of. All may be left out.
type Options struct {
	// Clock is the one clock; nil runs with the machine's.
	Clock *Clock
	// Fault is the one fault hook; nil: nothing goes wrong but what POST
	// /sim/faults asks for.
	Fault Fault
	// Accounts configures the OAuth half; its Now is overwritten with the
	// Clock.
	Accounts accounts.Options
	// Limits are the Calendar quotas; zero means Google's.
	Limits calendarv3.Limits
	// AllowPush decides about webhook addresses, see calendarv3.Options. nil:
	// any https address.
	AllowPush func(*url.URL) bool
	// PageRows shortens pages, see calendarv3.Options.
	PageRows func(n int) int
	// Push sends a push message; nil posts it with a plain client in a
	// goroutine of its own. A function given here is called in the order in
	// which Google would send, before the call that caused the message is
	// answered.
	Push func(*http.Request)
	// Around wraps the Calendar handler inside the faults: a drift guard sees
	// what the simulator itself answers.
	Around func(http.Handler) http.Handler
	// After is the timer behind delays and drips; nil means time.After.
	After func(time.Duration) <-chan time.Time
}

// Sim is the simulated Google: an http.Handler over the two halves. It is safe
// for concurrent use.
type Sim struct {
	Accounts *accounts.Server
	Calendar *calendarv3.Server
	Clock    *Clock

	o        Options
	calendar http.Handler   // Calendar, possibly with something around it
	own      *http.ServeMux // /sim/ and what was mounted
	rules    rules
	post     *postman
}

// New builds a simulator without accounts or clients. Close ends what it
// started.
func New(o Options) *Sim {
	if o.Clock == nil {
		o.Clock = NewClock(nil)
	}
	if o.After == nil {
		o.After = time.After
	}
	s := &Sim{o: o, Clock: o.Clock, own: http.NewServeMux()}
	s.post = newPostman(o.Push, o.After, s.decide)
	o.Accounts.Now = o.Clock.Now
	s.Accounts = accounts.New(o.Accounts)
	s.Calendar = calendarv3.New(calendarv3.Options{
		Now:          o.Clock.Now,
		Authenticate: s.authenticate,
		Deliver:      s.post.deliver,
		AllowPush:    o.AllowPush,
		Limits:       o.Limits,
		PageRows:     o.PageRows,
	})
	s.calendar = s.Calendar
	if o.Around != nil {
		s.calendar = o.Around(s.Calendar)
	}
	s.own.HandleFunc("GET /sim/clock", s.getClock)
	s.own.HandleFunc("POST /sim/clock", s.postClock)
	s.own.HandleFunc("GET /sim/faults", s.getFaults)
	s.own.HandleFunc("POST /sim/faults", s.postFault)
	s.own.HandleFunc("DELETE /sim/faults", s.deleteFaults)
	s.pageRoutes(s.own)
	return s
}

// authenticate is the seam between the halves: what a bearer token of the one
// means to the other.
func (s *Sim) authenticate(bearer string) (calendarv3.Identity, bool) {
	id, ok := s.Accounts.Bearer(bearer)
	if !ok {
		return calendarv3.Identity{}, false
	}
	return calendarv3.Identity{Email: id.Email, Subject: id.Subject, Project: id.Project, Scopes: id.Scopes}, true
}

// Mount serves further routes (the page, persistence) beside Google's own.
// Faults don't reach them.
func (s *Sim) Mount(pattern string, h http.Handler) { s.own.Handle(pattern, h) }

// ServeHTTP answers every route. Google's go through the fault hook; the
// simulator's own, and what was mounted, don't.
func (s *Sim) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	if _, pattern := s.own.Handler(r); pattern != "" {
		s.own.ServeHTTP(w, r)
		return
	}
	var google http.Handler = s.Accounts
	if path := r.URL.Path; strings.HasPrefix(path, "/calendar/") || strings.HasPrefix(path, "/batch/") {
		// Not through a mux, which would clean the path: an event id may hold
		// anything.
		google = s.calendar
	}
	s.apply(s.decide(r), google, w, r)
}

// Close ends deliveries that are still under way and waits for them.
func (s *Sim) Close() { s.post.close() }
