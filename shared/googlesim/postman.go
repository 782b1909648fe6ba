package googlesim

import (
	"context"
	"io"
	"net/http"
	"sync"
	"time"
)

// postman takes push messages to their addresses, or loses, delays, doubles and
// reorders them as the fault hook decides.
type postman struct {
	send   func(*http.Request)
	inline bool // send is the test's own and called in order
	after  func(time.Duration) <-chan time.Time
	decide Fault

	ctx  context.Context
	stop context.CancelFunc
	wg   sync.WaitGroup
	mu   sync.Mutex
	held []*http.Request
	done bool
}

// newPostman sends by a function of the test, in order, or by HTTP in
// goroutines.
func newPostman(send func(*http.Request), after func(time.Duration) <-chan time.Time, decide Fault) *postman {
	p := &postman{send: send, inline: send != nil, after: after, decide: decide}
	p.ctx, p.stop = context.WithCancel(context.Background())
	if send == nil {
		client := &http.Client{Timeout: 10 * time.Second}
		p.send = func(r *http.Request) { p.try(client, r) }
	}
	return p
}

// deliver handles one message that the calendar wants sent.
func (p *postman) deliver(r *http.Request) {
	d := p.decide(r)
	if d.Cut || d.Drop {
		return // lost
	}
	if d.Hold {
		p.mu.Lock()
		p.held = append(p.held, r)
		p.mu.Unlock()
		return
	}
	p.mu.Lock()
	batch := append([]*http.Request{r}, p.held...)
	p.held = nil
	p.mu.Unlock()
	if d.Twice {
		batch = append([]*http.Request{r.Clone(p.ctx)}, batch...)
	}
	if p.inline && d.Delay == 0 {
		for _, m := range batch {
			p.send(m)
		}
		return
	}
	p.background(batch, d.Delay)
}

// background sends in order, in a goroutine of its own; messages that are sent
// apart may overtake each other, as Google's do.
func (p *postman) background(batch []*http.Request, delay time.Duration) {
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.done {
		return
	}
	p.wg.Add(1)
	go func() {
		defer p.wg.Done()
		if delay > 0 && !p.wait(delay) {
			return
		}
		for _, m := range batch {
			p.send(m)
		}
	}()
}

// wait passes the time, unless the simulator is closed first.
func (p *postman) wait(d time.Duration) bool {
	select {
	case <-p.after(d):
		return true
	case <-p.ctx.Done():
		return false
	}
}

// retries after a webhook's failure, as the guide says: 500, 502, 503 and 504
// are tried again with growing pauses.
var retries = []time.Duration{time.Second, 4 * time.Second, 16 * time.Second}

// try posts one message, and again while the webhook says that it can't just
// now. A webhook that can't be reached at all has lost the message: Google
// makes no promise, and clients must not live on one.
func (p *postman) try(client *http.Client, r *http.Request) {
	for attempt := 0; ; attempt++ {
		res, err := client.Do(r.Clone(p.ctx))
		again := false
		if err == nil {
			// Nothing in an answer matters but its status; reading it lets the
			// connection be used again.
			_, _ = io.Copy(io.Discard, io.LimitReader(res.Body, 1<<16))
			_ = res.Body.Close()
			again = res.StatusCode == 500 || res.StatusCode >= 502 && res.StatusCode <= 504
		}
		if !again || attempt == len(retries) || !p.wait(retries[attempt]) {
			return
		}
	}
}

// close ends what waits and waits for what runs.
func (p *postman) close() {
	p.mu.Lock()
	p.done = true
	p.mu.Unlock()
	p.stop()
	p.wg.Wait()
}
