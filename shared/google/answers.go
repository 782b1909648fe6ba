package google

import (
	"context"
	"maps"
	"net/http"
	"strconv"
	"sync"
)

// answers counts what was answered under a context.
type answers struct {
	mu sync.Mutex
	by map[string]int
}

type answersKey struct{}

// CountAnswers returns a context that counts what Google answers under it, and a
// function that gives the counts so far: "2xx", the client errors that mean
// something of their own by their number, "4xx" for the
// rest, "5xx", "3xx", and "none" where no answer came. As CountCalls, otherwise.
func CountAnswers(ctx context.Context) (context.Context, func() map[string]int) {
	a := &answers{by: map[string]int{}}
	return context.WithValue(ctx, answersKey{}, a), func() map[string]int {
		a.mu.Lock()
		defer a.mu.Unlock()
		return maps.Clone(a.by)
	}
}

// countAnswer counts one answer; nil is none.
func countAnswer(ctx context.Context, resp *http.Response) {
	a, ok := ctx.Value(answersKey{}).(*answers)
	if !ok {
		return
	}
	a.mu.Lock()
	defer a.mu.Unlock()
	a.by[answerOf(resp)]++
}

func answerOf(resp *http.Response) string {
	if resp == nil {
		return "none"
	}
	switch code := resp.StatusCode; code {
	case http.StatusBadRequest, http.StatusUnauthorized, http.StatusForbidden, http.StatusNotFound, http.StatusConflict,
		http.StatusGone, http.StatusPreconditionFailed, http.StatusTooManyRequests:
		return strconv.Itoa(code)
	default:
		return strconv.Itoa(code/100) + "xx"
	}
}
