package convergence_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"

	"aura.example/integrations/shared/job"
)

var (
	errDead = errors.New("this process is dead")
	errLost = errors.New("the answer is lost")
)

// crossing is one call that leaves a process.
type crossing struct {
	what  string // "dynamodb TransactWriteItems", "google PATCH", "queue send"
	to    string // the table, the path
	write bool   // it changes something
}

// gate stands between a process and everything outside. It counts the calls that
// are boundaries: writes to the database, calls to Google, sending of jobs.
type gate struct {
	mu     sync.Mutex
	dead   bool
	seen   []crossing
	took   int                          // calls to Google that changed something there
	before func(n int, c crossing) bool // ends the process before the n-th
	after  func(n int, c crossing) bool // ends it after the n-th took effect
	lose   func(n int, c crossing) bool // takes the n-th's answer away
	meet   func(n int, c crossing)      // what happens meanwhile, before the n-th
}

// enter counts a crossing, and says which it is, or that the process is dead.
func (g *gate) enter(c crossing) (n int, err error) {
	g.mu.Lock()
	if g.dead {
		g.mu.Unlock()
		return 0, errDead
	}
	g.seen = append(g.seen, c)
	n = len(g.seen)
	meet := g.meet
	if g.before != nil && g.before(n, c) {
		g.dead = true
		g.mu.Unlock()
		return n, errDead
	}
	g.mu.Unlock()
	if meet != nil {
		meet(n, c)
	}
	return n, nil
}

// leave says whether the answer arrives.
func (g *gate) leave(n int, c crossing) error {
	g.mu.Lock()
	defer g.mu.Unlock()
	if g.after != nil && g.after(n, c) {
		g.dead = true
	}
	if g.dead {
		return errDead
	}
	if g.lose != nil && g.lose(n, c) {
		return errLost
	}
	return nil
}

func (g *gate) crossings() []crossing {
	g.mu.Lock()
	defer g.mu.Unlock()
	return append([]crossing(nil), g.seen...)
}

// writes gives how often something was written where the name says so.
func (g *gate) writes(where string) int {
	n := 0
	for _, c := range g.crossings() {
		if c.write && (strings.Contains(c.what, where) || strings.Contains(c.to, where)) {
			n++
		}
	}
	return n
}

// dynamo is the way to the database. Reads pass uncounted while the process lives.
func (g *gate) dynamo() http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		raw, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		r.Body = io.NopCloser(bytes.NewReader(raw))
		_, op, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
		if !strings.HasPrefix(op, "Put") && !strings.HasPrefix(op, "Update") && !strings.HasPrefix(op, "Delete") && !strings.HasPrefix(op, "Transact") {
			if g.gone() {
				return nil, errDead
			}
			return http.DefaultTransport.RoundTrip(r)
		}
		return g.pass(crossing{what: "dynamodb " + op, to: tablesOf(raw), write: true}, http.DefaultTransport, r)
	})
}

func (g *gate) gone() bool {
	g.mu.Lock()
	defer g.mu.Unlock()
	return g.dead
}

// google is the way to Google: every call is a boundary.
func (g *gate) google(to http.RoundTripper) http.RoundTripper {
	return roundTripper(func(r *http.Request) (*http.Response, error) {
		write := r.Method != http.MethodGet && strings.HasPrefix(r.URL.Path, "/calendar/")
		return g.pass(crossing{what: "google " + r.Method, to: r.URL.Path, write: write}, to, r)
	})
}

func (g *gate) pass(c crossing, to http.RoundTripper, r *http.Request) (*http.Response, error) {
	n, err := g.enter(c)
	if err != nil {
		return nil, err
	}
	resp, err := to.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	if c.write && strings.HasPrefix(c.what, "google") && resp.StatusCode < 300 {
		g.mu.Lock()
		g.took++
		g.mu.Unlock()
	}
	if err := g.leave(n, c); err != nil {
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		return nil, err
	}
	return resp, nil
}

// queue is the way to the queue.
func (g *gate) queue(to job.Queue) job.Queue {
	return sender(func(ctx context.Context, msgs ...job.Message) error {
		c := crossing{what: "queue send", write: true}
		n, err := g.enter(c)
		if err != nil {
			return err
		}
		if err := to.Send(ctx, msgs...); err != nil {
			return err
		}
		return g.leave(n, c)
	})
}

// tablesOf names the tables that a request is about.
func tablesOf(raw []byte) string {
	var in struct {
		TableName     string
		TransactItems []map[string]struct{ TableName string }
	}
	_ = json.Unmarshal(raw, &in)
	names := []string{in.TableName}
	for _, x := range in.TransactItems {
		for _, y := range x {
			names = append(names, y.TableName)
		}
	}
	return strings.Join(names, " ")
}

type roundTripper func(*http.Request) (*http.Response, error)

func (f roundTripper) RoundTrip(r *http.Request) (*http.Response, error) { return f(r) }

type sender func(context.Context, ...job.Message) error

func (f sender) Send(ctx context.Context, msgs ...job.Message) error { return f(ctx, msgs...) }
