package google

import (
	"net/http"
	"strconv"
	"strings"
	"time"
)

// longestWait bounds a Retry-After: a longer one is a clock gone wrong, or an
// overflow in the making.
const longestWait = 24 * time.Hour

// RetryAfter reads how long an answer asks to wait; 0 where it doesn't say, or
// not understandably. Both forms of RFC 9110 section 10.2.3 are read: seconds,
// and a date, which is taken relative to the answer's own Date where it has
// one, so that neither clock has to be right. now is for where it has none.
func RetryAfter(h http.Header, now time.Time) time.Duration {
	value := strings.TrimSpace(h.Get("Retry-After"))
	if value == "" {
		return 0
	}
	if seconds, err := strconv.ParseInt(value, 10, 64); err == nil {
		// Bounded before it is multiplied: a large count of seconds would overflow.
		return time.Duration(min(max(seconds, 0), int64(longestWait/time.Second))) * time.Second
	}
	at, err := http.ParseTime(value)
	if err != nil {
		return 0
	}
	if theirs, err := http.ParseTime(h.Get("Date")); err == nil {
		now = theirs
	}
	return min(max(at.Sub(now), 0), longestWait)
}
