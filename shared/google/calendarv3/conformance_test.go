package calendarv3_test

import (
	"encoding/json"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"testing"
	"time"

	"aura.example/integrations/shared/calendartest"
	"aura.example/integrations/shared/googlesim"
)

// TestConformance holds the reader to what every provider's must do, over TCP
// against the simulated Google.
func TestConformance(t *testing.T) {
	t.Parallel()
	calendartest.Run(t, func(t *testing.T) calendartest.World { return newWorld(t) })
}

// A delay that never ends, and one that does after the first piece.
const (
	forever = time.Hour
	drip    = time.Minute
)

// decisions are the suite's failures, as Google would make them.
var decisions = map[calendartest.Failure]googlesim.Decision{
	calendartest.Throttled:     {Answer: wait(googlesim.Refusal(429, "usageLimits", "rateLimitExceeded", "Rate Limit Exceeded"), "7")},
	calendartest.Slowed:        {Answer: googlesim.Refusal(403, "usageLimits", "userRateLimitExceeded", "User Rate Limit Exceeded")},
	calendartest.Down:          {Answer: googlesim.Refusal(503, "global", "backendError", "Backend Error")},
	calendartest.Unplugged:     {Cut: true},
	calendartest.Truncated:     {Truncate: 100},
	calendartest.Silent:        {Delay: forever},
	calendartest.Dripping:      {Drip: drip, Edit: json.RawMessage(`{}`)}, // edited, so that it isn't compressed into one piece
	calendartest.Garbled:       {Answer: &googlesim.Answer{Status: 200, Header: http.Header{"Content-Type": {"text/html"}}, Body: "<h1>Welcome to the hotel</h1>"}},
	calendartest.Incomplete:    {Edit: json.RawMessage(`{"nextPageToken":null,"nextSyncToken":null}`)},
	calendartest.Repeated:      {RepeatPage: true},
	calendartest.Forbidden:     {Answer: googlesim.Refusal(403, "calendar", "somethingNew", "Forbidden")},
	calendartest.Forgotten:     {Answer: googlesim.Refusal(410, "calendar", "fullSyncRequired", "Sync token is no longer valid, a full sync is required.")},
	calendartest.TokenRefused:  {Answer: googlesim.Refusal(401, "global", "authError", "Invalid Credentials")},
	calendartest.TokensRefused: {Answer: googlesim.Refusal(401, "global", "authError", "Invalid Credentials")},
}

func wait(a *googlesim.Answer, seconds string) *googlesim.Answer {
	a.Header.Set("Retry-After", seconds)
	return a
}

// saboteur is the simulator's one fault hook.
type saboteur struct {
	mu      sync.Mutex
	failure calendartest.Failure
	in      int // calls that read events until the failing one; 0: none is due
	met     chan struct{}
	dripped bool

	onWrite *googlesim.Decision // what the next write meets
	wrote   chan struct{}
	onWatch *googlesim.Decision
	told    int            // writes that asked to tell the guests
	over    chan time.Time // closed when the test ends: what was held up lets go
}

// Fail implements calendartest.World.
func (s *saboteur) Fail(f calendartest.Failure, nth int) <-chan struct{} {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failure, s.in, s.met, s.dripped = f, nth, make(chan struct{}), false
	return s.met
}

func (s *saboteur) decide(r *http.Request) googlesim.Decision {
	if strings.HasSuffix(r.URL.Path, "/events/watch") || strings.HasSuffix(r.URL.Path, "/channels/stop") {
		return s.decideWatch()
	}
	if !strings.Contains(r.URL.Path, "/events") {
		return googlesim.Decision{}
	}
	if r.Method != http.MethodGet {
		return s.decideWrite(r)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.in == 0 {
		return googlesim.Decision{}
	}
	if s.in--; s.in > 0 {
		return googlesim.Decision{}
	}
	if s.failure == calendartest.TokensRefused { // the renewed one as well
		s.failure, s.in = calendartest.TokenRefused, 1
	} else {
		close(s.met)
	}
	return decisions[s.failure]
}

// after is the simulator's timer: nothing here waits on a clock. The first
// piece of a dripping body comes at once, and nothing after it. A server doesn't
// notice that the caller of a write is gone before it has read the body, so what
// waits for ever is let go at the end.
func (s *saboteur) after(d time.Duration) <-chan time.Time {
	s.mu.Lock()
	defer s.mu.Unlock()
	if d != drip || s.dripped {
		return s.over
	}
	s.dripped = true
	now := make(chan time.Time, 1)
	now <- time.Time{}
	return now
}

// consent presses Allow on the page at an address, and gives what the browser
// comes back with.
func consent(t *testing.T, page, email string, ticked ...string) url.Values {
	t.Helper()
	u, err := url.Parse(page)
	if err != nil {
		t.Fatal(err)
	}
	form := u.Query()
	form.Set("account", email)
	form.Set("decision", "allow")
	form["granted"] = ticked
	u.RawQuery = ""
	browser := &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }}
	resp, err := browser.PostForm(u.String(), form)
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	back, err := resp.Location()
	if err != nil {
		t.Fatalf("no way back: %d", resp.StatusCode)
	}
	return back.Query()
}
