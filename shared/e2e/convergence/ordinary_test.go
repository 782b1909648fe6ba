package convergence_test

import (
	"context"
	"fmt"
	"net/http"
	"strings"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/googlesim"
	"aura.example/integrations/shared/job"
)

// rest lets time go by: so many times two minutes, a slot, and whatever that brings.
func (w *world) rest(slots int) {
	w.Helper()
	for range slots {
		w.pass(time.Minute)
		w.sync()
		w.settle()
	}
}

// byID gives an event as it is stored, nil where there is none.
func (w *world) byID(id string) *calendar.Row {
	w.Helper()
	rows, err := w.me.db.Events.Rows(context.Background(), w.account, []string{id})
	w.must(err)
	return rows[id]
}

// outbox gives what waits to be pushed, by key and operation.
func (w *world) outbox() []string {
	var out []string
	for _, it := range w.items() {
		if sk, _ := it["sk"].(string); strings.HasPrefix(sk, "O#") {
			out = append(out, fmt.Sprint(sk, it["op"]))
		}
	}
	return out
}

// refusing makes Google refuse requests for events by method; on, where it is not
// nil, gives the end of the only path that is refused.
func (w *world) refusing(method string, on func() string, status int, domain, reason string) {
	w.fail(func(r *http.Request) googlesim.Decision {
		if r.Method == method && strings.Contains(r.URL.Path, "/events") && (on == nil || strings.HasSuffix(r.URL.Path, on())) {
			return googlesim.Decision{Answer: googlesim.Refusal(status, domain, reason, "no")}
		}
		return googlesim.Decision{}
	})
}

// refreshJob asks for another look at the account's calendars.
func refreshJob(w *world) job.Job {
	return job.Job{Kind: job.RefreshCalendars, Account: w.account, Provider: w.key.Provider, Generation: w.rec().ID}
}
