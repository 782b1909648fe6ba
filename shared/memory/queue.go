package memory

import (
	"container/heap"
	"context"
	"log/slog"
	"sync"
	"time"

	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
)

// QueueOptions are what a Queue is made of; Handle is needed.
type QueueOptions struct {
	Handle  job.Handler
	Workers int           // jobs worked off at once; 0 means 4
	Backoff time.Duration // before the first redelivery, doubling; 0 means a second
	Log     *slog.Logger  // nil: nothing is logged
}

// Queue is the queue and its workers in one process: delays, redelivery after an
// error, dead letters after job.MaxReceives tries. What it holds dies with the
// process, which is what a queue may do: whatever is due stands in a slot.
//
// Time is the machine's, or a bubble's (testing/synctest).
type Queue struct {
	o      QueueOptions
	ctx    context.Context
	cancel context.CancelFunc
	wake   chan struct{}
	wg     sync.WaitGroup

	mu      sync.Mutex
	waiting messages
	busy    int
	seq     int
	dead    []DeadLetter
	closed  bool
}

// DeadLetter is a job that was given up, and why.
type DeadLetter struct {
	Job    job.Job
	Reason string
	At     time.Time
}

// message is a job on its way.
type message struct {
	job      job.Job
	at       time.Time // not before
	seq      int       // in order of sending, among equals
	receives int
}

// NewQueue starts a queue. Close ends it.
func NewQueue(o QueueOptions) *Queue {
	if o.Workers == 0 {
		o.Workers = 4
	}
	if o.Backoff == 0 {
		o.Backoff = time.Second
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	q := &Queue{o: o, wake: make(chan struct{}, 1)}
	q.ctx, q.cancel = context.WithCancel(context.Background())
	q.wg.Go(q.deliver)
	return q
}

// Send takes jobs in; it fails only once the queue is closed.
func (q *Queue) Send(_ context.Context, msgs ...job.Message) error {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return context.Canceled
	}
	now := time.Now()
	for _, m := range msgs {
		q.push(message{job: m.Job, at: now.Add(min(max(m.Delay, 0), job.MaxDelay))})
	}
	return nil
}

// push needs the lock.
func (q *Queue) push(m message) {
	q.seq++
	m.seq = q.seq
	heap.Push(&q.waiting, m)
	select {
	case q.wake <- struct{}{}:
	default:
	}
}

// deliver hands jobs to workers as they become due.
func (q *Queue) deliver() {
	for {
		m, wait, ok := q.next()
		if ok {
			q.wg.Go(func() { q.work(m) })
			continue
		}
		t := time.NewTimer(wait)
		select {
		case <-q.ctx.Done():
			t.Stop()
			return
		case <-q.wake:
		case <-t.C:
		}
		t.Stop()
	}
}

// idleWait is how long an empty queue sleeps between looks; a Send wakes it.
const idleWait = time.Hour

// next takes the first message that is due, if a worker is free.
func (q *Queue) next() (m message, wait time.Duration, ok bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed || len(q.waiting) == 0 || q.busy >= q.o.Workers {
		return m, idleWait, false
	}
	if wait := time.Until(q.waiting[0].at); wait > 0 {
		return m, wait, false
	}
	q.busy++
	return heap.Pop(&q.waiting).(message), 0, true
}

// work carries one job out and decides what becomes of a failure.
func (q *Queue) work(m message) {
	ctx, cancel := context.WithTimeout(q.ctx, integration.FunctionLimit)
	defer cancel()
	err := q.o.Handle(ctx, m.job)
	m.receives++
	q.mu.Lock()
	defer q.mu.Unlock()
	q.busy--
	switch {
	case err == nil:
	case q.ctx.Err() != nil: // it was the process that ended
	case m.receives >= job.MaxReceives:
		q.dead = append(q.dead, DeadLetter{Job: m.job, Reason: err.Error(), At: time.Now()})
		q.o.Log.ErrorContext(ctx, "job dead-lettered", "kind", m.job.Kind, "receives", m.receives, "error", err)
	default:
		q.o.Log.WarnContext(ctx, "job failed; it comes back", "kind", m.job.Kind, "receives", m.receives, "error", err)
		m.at = time.Now().Add(q.o.Backoff << (m.receives - 1))
		q.push(m)
	}
	select {
	case q.wake <- struct{}{}: // a worker is free
	default:
	}
}

// Idle reports that nothing waits and nothing is under way.
func (q *Queue) Idle() bool {
	q.mu.Lock()
	defer q.mu.Unlock()
	return q.busy == 0 && len(q.waiting) == 0
}

// Dead gives the dead letters, oldest first.
func (q *Queue) Dead() []DeadLetter {
	q.mu.Lock()
	defer q.mu.Unlock()
	return append([]DeadLetter(nil), q.dead...)
}

// Close refuses what comes, ends what is under way by its context and waits for
// it.
func (q *Queue) Close(ctx context.Context) error {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.cancel()
	done := make(chan struct{})
	go func() { q.wg.Wait(); close(done) }()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// messages is a heap by due time, then by order of sending.
type messages []message

func (m messages) Len() int { return len(m) }
func (m messages) Less(i, j int) bool {
	if m[i].at.Equal(m[j].at) {
		return m[i].seq < m[j].seq
	}
	return m[i].at.Before(m[j].at)
}
func (m messages) Swap(i, j int) { m[i], m[j] = m[j], m[i] }
func (m *messages) Push(x any)   { *m = append(*m, x.(message)) }
func (m *messages) Pop() any {
	old := *m
	last := old[len(old)-1]
	*m = old[:len(old)-1]
	return last
}
