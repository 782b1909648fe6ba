package calsync_test

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/aws/retry"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/calsync"
	"aura.example/integrations/shared/dispatch"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
)

// boundary stands between one process and the database: it can stop the process
// before or after any call, and lose an answer.
type boundary struct {
	mu     sync.Mutex
	dead   bool
	before func(op, body string) // may kill, may do what happens meanwhile
	lose   func(op, body string) bool
	refuse func(op, body string) (status int, answer string) // instead of the database; 0: not
}

var (
	errDead = errors.New("this process is dead")
	errLost = errors.New("the answer is lost")
)

func (b *boundary) RoundTrip(r *http.Request) (*http.Response, error) {
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	_, op, _ := strings.Cut(r.Header.Get("X-Amz-Target"), ".")
	b.mu.Lock()
	before, lose, refuse := b.before, b.lose, b.refuse
	b.mu.Unlock()
	if before != nil {
		before(op, string(raw))
	}
	if b.isDead() {
		return nil, errDead
	}
	if refuse != nil {
		if status, answer := refuse(op, string(raw)); status != 0 {
			return &http.Response{
				StatusCode: status, Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1, Request: r,
				Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}}, Body: io.NopCloser(strings.NewReader(answer)),
			}, nil
		}
	}
	r.Body = io.NopCloser(bytes.NewReader(raw))
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err == nil && lose != nil && lose(op, string(raw)) {
		_, _ = io.Copy(io.Discard, resp.Body)
		_ = resp.Body.Close()
		return nil, errLost
	}
	return resp, err
}

func (b *boundary) isDead() bool {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.dead
}

// kill ends the process: it writes nothing more, not even that it failed.
func (b *boundary) kill() {
	b.mu.Lock()
	defer b.mu.Unlock()
	b.dead = true
}

// once makes something happen before the first call whose body holds a text.
func (b *boundary) once(op, text string, do func()) {
	var done sync.Once
	b.mu.Lock()
	defer b.mu.Unlock()
	b.before = func(o, body string) {
		if o == op && strings.Contains(body, text) {
			done.Do(do)
		}
	}
}

// process is a worker of its own on the world's tables.
type process struct {
	*boundary
	worker *calsync.Worker
	db     tables
}

// process starts another worker. retries is how often its SDK tries a call.
func (w *world) process(retries int) *process {
	w.t.Helper()
	p := &process{boundary: &boundary{}}
	p.db = w.reopen(&http.Client{Transport: p.boundary}, retries)
	c := *w.worker
	c.Leases, c.Store, c.Checkpoints, c.Lists, c.Journal = p.db.Integrations, p.db.Integrations, p.db.Integrations, p.db.Integrations, p.db.Integrations
	c.Events, c.Edits, c.Quarantines = p.db.Events, p.db.Events, p.db.Events
	c.Providers = map[string]calendar.Open{key.Provider: func(calendar.Access) calendar.Reader { return w.remote }}
	p.worker = &c
	return p
}

func (p *process) handle(w *world, j job.Job) error { return p.worker.Handle(context.Background(), j) }

// syncNow is a caller of Sync now on this process's tables.
func (p *process) syncNow(w *world) *dispatch.SyncNow {
	return &dispatch.SyncNow{Leases: p.db.Integrations, Queue: w.queue, Now: w.clock.Now, NewID: w.worker.NewID, Log: w.worker.Log}
}

// quickly is the SDK's own retrying, without its waiting.
func quickly(tries int) aws.Retryer {
	return retry.NewStandard(func(o *retry.StandardOptions) {
		o.MaxAttempts = tries
		o.Backoff = retry.BackoffDelayerFunc(func(int, error) (time.Duration, error) { return 0, nil })
		o.Retryables = append(o.Retryables, retry.IsErrorRetryableFunc(func(err error) aws.Ternary {
			return aws.BoolTernary(errors.Is(err, errLost))
		}))
	})
}

// during makes something happen while a run reads the provider, the n-th time
// that anybody does from now on.
func (w *world) during(n int, do func()) {
	w.remote.mu.Lock()
	defer w.remote.mu.Unlock()
	from := w.remote.calls
	w.remote.before = func(call int, _ calendar.Query) error {
		if call == from+n {
			do()
		}
		return nil
	}
}

// edit is a job that stands for an edit in Aura that was committed just now.
func (w *world) edit() job.Job { return w.job(integration.TriggerAuraEdit) }

// late lets a job's burst pass.
func (w *world) late() { w.clock.Advance(job.Settle + time.Second) }

// connectedInDynamoDB is a world whose first sync is done, on a real database.
func connectedInDynamoDB(t *testing.T, titles ...string) *world {
	t.Helper()
	w := newWorldIn(t, inDynamoDB)
	for _, title := range titles {
		w.remote.put("id-"+title, title)
	}
	w.sync()
	w.clock.Advance(time.Minute)
	w.queue.take()
	return w
}
