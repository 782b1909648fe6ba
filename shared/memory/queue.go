package memory

import (
	"cmp"
	"container/heap"
	"context"
	"fmt"
	"log/slog"
	"slices"
	"sync"
	"time"

	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
)

// QueueOptions are what a Queue is made of; Handle is needed, all else has the
// default that is named.
type QueueOptions struct {
	Handle     job.Handler
	Workers    int              // jobs worked off at once; 4
	Backoff    time.Duration    // before the first redelivery, doubling; a second
	Visibility time.Duration    // after which a job that is still under way comes again; integration.Visibility
	Grace      time.Duration    // how long Close leaves what is under way alone; a second
	Now        func() time.Time // time.Now, which is a bubble's in testing/synctest; call Tick after moving another
	OnDead     func(DeadLetter) // told of each dead letter; nobody
	Log        *slog.Logger     // nothing is logged
}

// Queue is the queue and its workers in one process: delays, redelivery after an
// error or after too long, dead letters after job.MaxReceives tries. What it
// holds dies with the process, which is what a queue may do: whatever is due
// stands in a slot. It is safe for concurrent use.
type Queue struct {
	o      QueueOptions
	ctx    context.Context
	cancel context.CancelFunc
	wake   chan struct{}
	wg     sync.WaitGroup

	mu      sync.Mutex
	waiting messages
	flights map[*flight]struct{}
	busy    int // workers, also those whose job has come again
	seq     int
	dead    []DeadLetter
	deadSeq int
	closed  bool
}

var _ job.Queue = (*Queue)(nil)

// DeadLetter is a job that was given up, and why. The id is the queue's own.
type DeadLetter struct {
	ID     string
	Job    job.Job
	Reason string
	At     time.Time
}

// NewQueue starts a queue. Close ends it.
func NewQueue(o QueueOptions) *Queue {
	o.Workers = cmp.Or(o.Workers, 4)
	o.Backoff = cmp.Or(o.Backoff, time.Second)
	o.Visibility = cmp.Or(o.Visibility, integration.Visibility)
	o.Grace = cmp.Or(o.Grace, time.Second)
	if o.Now == nil {
		o.Now = time.Now
	}
	if o.OnDead == nil {
		o.OnDead = func(DeadLetter) {}
	}
	if o.Log == nil {
		o.Log = slog.New(slog.DiscardHandler)
	}
	q := &Queue{o: o, wake: make(chan struct{}, 1), flights: map[*flight]struct{}{}}
	q.ctx, q.cancel = context.WithCancel(context.Background())
	q.wg.Go(q.deliver)
	return q
}

// Send takes jobs in, all or none: it refuses jobs that no worker could work
// off, and is Unavailable once the queue is closed. A delay beyond job.MaxDelay
// is cut to that.
func (q *Queue) Send(ctx context.Context, msgs ...job.Message) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("sending %d jobs: %w", len(msgs), err)
	}
	for _, m := range msgs {
		if err := m.Job.Check(); err != nil {
			return fmt.Errorf("sending %d jobs: %w", len(msgs), err)
		}
	}
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return fault.New(fault.Unavailable, "queue_closed", "The job queue is being shut down.")
	}
	now := q.o.Now()
	for _, m := range msgs {
		q.push(message{job: m.Job, at: now.Add(min(max(m.Delay, 0), job.MaxDelay))})
	}
	return nil
}

// Tick makes the queue look at the clock again; for clocks that are moved by
// hand.
func (q *Queue) Tick() {
	select {
	case q.wake <- struct{}{}:
	default: // it is about to look anyway
	}
}

// Idle reports that nothing waits, not even for later, and nothing is under way.
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

// Redrive sends dead letters once more, as if they were new, and says how many:
// those with the ids, or all where none is named.
func (q *Queue) Redrive(ids ...string) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	taken := q.takeDead(ids)
	for _, d := range taken {
		q.push(message{job: d.Job, at: q.o.Now()})
	}
	return len(taken)
}

// Drop takes dead letters out for good and says how many; none named, all.
func (q *Queue) Drop(ids ...string) int {
	q.mu.Lock()
	defer q.mu.Unlock()
	return len(q.takeDead(ids))
}

// takeDead takes dead letters out. It needs the lock.
func (q *Queue) takeDead(ids []string) (taken []DeadLetter) {
	q.dead = slices.DeleteFunc(q.dead, func(d DeadLetter) bool {
		named := len(ids) == 0 || slices.Contains(ids, d.ID)
		if named {
			taken = append(taken, d)
		}
		return named
	})
	return taken
}

// Close refuses what comes and delivers nothing more. What is under way has
// Options.Grace to end by itself, then ends by its context; Close waits for it,
// at most until ctx ends.
func (q *Queue) Close(ctx context.Context) error {
	q.mu.Lock()
	q.closed = true
	q.mu.Unlock()
	q.Tick()
	done := make(chan struct{})
	go func() { q.wg.Wait(); close(done) }()
	grace := time.AfterFunc(q.o.Grace, q.cancel)
	defer grace.Stop()
	defer q.cancel()
	select {
	case <-done:
		return nil
	case <-ctx.Done():
		return fmt.Errorf("waiting for jobs under way: %w", ctx.Err())
	}
}

// message is a job on its way.
type message struct {
	job      job.Job
	at       time.Time // not before
	seq      int       // in order of sending, among equals
	receives int
}

// push needs the lock.
func (q *Queue) push(m message) {
	q.seq++
	m.seq = q.seq
	heap.Push(&q.waiting, m)
	q.Tick()
}

// messages is a heap by due time, then by order of sending.
type messages []message

func (m messages) Len() int { return len(m) }
func (m messages) Less(i, j int) bool {
	return cmp.Or(m[i].at.Compare(m[j].at), cmp.Compare(m[i].seq, m[j].seq)) < 0
}
func (m messages) Swap(i, j int) { m[i], m[j] = m[j], m[i] }
func (m *messages) Push(x any)   { *m = append(*m, x.(message)) }
func (m *messages) Pop() any {
	old := *m
	last := old[len(old)-1]
	*m = old[:len(old)-1]
	return last
}
