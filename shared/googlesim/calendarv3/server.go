package calendarv3

import (
	"net/http"
	"net/url"
	"sync"
	"time"
)

// Identity is who a bearer token speaks for, as the OAuth half knows it.
type Identity struct {
	// Email names the account; it must have been added with AddAccount, or every call answers 403 notACalendarUser.
	Email string
	// Subject is the `sub` of the id token. Calendar never shows it; it is here for whoever logs.
	Subject string
	// Project is the client's project, for quotas and for the uniqueness of channel ids.
	Project string
	// Scopes are full URLs as granted, in any order.
	Scopes []string
}

// Options are the server's surroundings. Only Now and Authenticate are required.
type Options struct {
	// Now is the only clock: quotas, `updated`, expiry of tokens and channels follow it.
	Now func() time.Time
	// Authenticate resolves a bearer token; false means 401 authError.
	Authenticate func(bearer string) (Identity, bool)
	// Deliver is handed every push message, after the change is visible and before the answer to the call that
	// caused it is written, without any lock held. It decides about transport, order and loss. nil: messages are dropped.
	Deliver func(*http.Request)
	// AllowPush decides about a channel's address. nil: any https address. An address that is refused answers
	// 400 push.webhookUrlNotHttps if it isn't https, else 401 push.webhookUrlUnauthorized.
	AllowPush func(*url.URL) bool
	// Limits are the quotas; the zero value means Google's.
	Limits Limits
	// PageRows says how many stored rows a list page looks at when the client asks for at most n. nil: n.
	// Rows that a filter hides are not replaced by others, so pages may be short or empty, as Google's are.
	PageRows func(n int) int
}

// Limits are the quotas. For each: 0 is Google's figure, negative is no limit.
type Limits struct {
	ProjectPerMinute        int           // 10,000; beyond: 403 rateLimitExceeded
	UserPerMinute           int           // 600 for each user of a project; beyond: 403 userRateLimitExceeded
	CalendarWritesPerMinute int           // 500 (Google publishes no figure); beyond: 429 rateLimitExceeded
	UserWritesPerDay        int           // 10,000; beyond: writes answer 403 quotaExceeded, reads go on
	SyncTokenLife           time.Duration // 28 days; a token older than this answers 410
}

// Server is the simulated Calendar v3. It is safe for concurrent use and every call sees all calls that ended before.
type Server struct {
	o  Options
	mu sync.RWMutex
}

// New returns an empty server: no accounts, no calendars.
func New(o Options) *Server {
	return &Server{o: o}
}

// ServeHTTP answers /calendar/v3/ and /batch/calendar/v3.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	http.Error(w, "Not Found", http.StatusNotFound)
}
