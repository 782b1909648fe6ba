package calendarv3

import (
	"net/http"
	"sync"
	"time"
)

// Limits are the quotas. For each: 0 is Google's figure, negative is no limit.
type Limits struct {
	ProjectPerMinute        int           // 10,000; beyond: 403 rateLimitExceeded
	UserPerMinute           int           // 600 for each user of a project; beyond: 403 userRateLimitExceeded
	CalendarWritesPerMinute int           // 500 (Google publishes no figure); beyond: 429 rateLimitExceeded
	UserWritesPerDay        int           // 10,000; beyond: writes answer 403 quotaExceeded, reads go on
	SyncTokenLife           time.Duration // 28 days; a token older than this answers 410
}

// withDefaults puts Google's figures where none are given.
func (l Limits) withDefaults() Limits {
	for _, d := range []struct {
		of     *int
		google int
	}{{&l.ProjectPerMinute, 10_000}, {&l.UserPerMinute, 600}, {&l.CalendarWritesPerMinute, 500}, {&l.UserWritesPerDay, 10_000}} {
		if *d.of == 0 {
			*d.of = d.google
		}
	}
	if l.SyncTokenLife == 0 {
		l.SyncTokenLife = 28 * 24 * time.Hour
	}
	return l
}

// quota counts calls. It is forgotten on restart; it has a lock of its own,
// since reads are counted too.
type quota struct {
	limits Limits

	mu     sync.Mutex
	counts map[string]*window
	swept  time.Time
}

// window counts in a sliding span, in slices of a sixtieth of it: a minute in
// seconds, a day in 24 minutes.
type window struct {
	span   time.Duration
	slices map[int64]int
	total  int
}

func newQuota(l Limits) *quota { return &quota{limits: l, counts: map[string]*window{}} }

const windowSlices = 60

// take counts one call, or says that there is no room for it. What is refused
// isn't counted.
func (q *quota) take(now time.Time, key string, limit int, span time.Duration) bool {
	if limit < 0 {
		return true
	}
	w := q.counts[key]
	if w == nil {
		w = &window{span: span, slices: map[int64]int{}}
		q.counts[key] = w
	}
	w.forget(now)
	if w.total >= limit {
		return false
	}
	w.slices[now.UnixNano()/int64(span/windowSlices)]++
	w.total++
	return true
}

// forget drops what has left the span. What lies ahead of the clock is dropped
// too: a clock that was set back must not leave a user locked out for as long.
func (w *window) forget(now time.Time) {
	at := now.UnixNano() / int64(w.span/windowSlices)
	for slice, n := range w.slices {
		if slice <= at-windowSlices || slice > at+windowSlices { // the clock may have been set back
			delete(w.slices, slice)
			w.total -= n
		}
	}
}

// sweep forgets idle windows now and then, so that a long simulation's memory
// doesn't grow with its users.
func (q *quota) sweep(now time.Time) {
	if now.Sub(q.swept).Abs() < time.Hour {
		return
	}
	q.swept = now
	for key, w := range q.counts {
		if w.forget(now); w.total == 0 {
			delete(q.counts, key)
		}
	}
}

// checkQuota counts the call against everything that it falls under. Each call
// of a batch comes here by itself.
func (c *call) checkQuota() *Error {
	q, now := c.s.quota, c.s.o.Now()
	user := c.id.Project + "\x00" + c.id.Email
	if as := c.q.Get("quotaUser"); as != "" {
		user = c.id.Project + "\x00quotaUser\x00" + as
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	q.sweep(now)
	if !q.take(now, "project "+c.id.Project, q.limits.ProjectPerMinute, time.Minute) {
		return errUsage(http.StatusForbidden, "rateLimitExceeded", "Rate Limit Exceeded")
	}
	if !q.take(now, "user "+user, q.limits.UserPerMinute, time.Minute) {
		return errUsage(http.StatusForbidden, "userRateLimitExceeded", "User Rate Limit Exceeded")
	}
	if !c.m.write || c.m.body == channelShape {
		return nil
	}
	id := c.vars["calendarId"]
	if id == "primary" {
		id = c.id.Email
	}
	if !q.take(now, "calendar "+id, q.limits.CalendarWritesPerMinute, time.Minute) {
		return errUsage(http.StatusTooManyRequests, "rateLimitExceeded", "Rate Limit Exceeded")
	}
	if !q.take(now, "writes "+c.id.Email, q.limits.UserWritesPerDay, 24*time.Hour) {
		return errUsage(http.StatusForbidden, "quotaExceeded", "Calendar usage limits exceeded.")
	}
	return nil
}

// errUsage is a refusal that time heals.
func errUsage(status int, reason, message string) *Error {
	e := refuse(status, reason, "%s", message)
	e.Domain = "usageLimits"
	return e
}
