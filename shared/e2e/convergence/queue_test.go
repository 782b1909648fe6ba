package convergence_test

import (
	"context"
	"slices"
	"sync"
	"time"

	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
)

// queue is an SQS in a few lines: messages wait for their time, come back when
// they were not acknowledged, and a test may hand them out as it likes.
type queue struct {
	now func() time.Time

	mu   sync.Mutex
	msgs []message
	dead []job.Job
}

type message struct {
	job      job.Job
	at       time.Time // not before
	receives int
}

// Send implements job.Queue.
func (q *queue) Send(_ context.Context, msgs ...job.Message) error {
	at := q.now()
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, m := range msgs {
		q.msgs = append(q.msgs, message{job: m.Job, at: at.Add(m.Delay)})
	}
	return nil
}

// take gives the message that is due first.
func (q *queue) take() (message, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.msgs) == 0 {
		return message{}, false
	}
	i := 0
	for k, m := range q.msgs {
		if m.at.Before(q.msgs[i].at) {
			i = k
		}
	}
	m := q.msgs[i]
	q.msgs = slices.Delete(q.msgs, i, i+1)
	return m, true
}

// jobMessage is a job that is due as soon as it may be.
func jobMessage(j job.Job) job.Message { return job.Message{Job: j} }

// reorder turns the queue by so many places and makes all of it due, some twice.
func (q *queue) reorder(by int, twice bool) {
	at := q.now()
	q.mu.Lock()
	defer q.mu.Unlock()
	for i := range q.msgs {
		q.msgs[i].at = at.Add(time.Duration((i+by)%4) * time.Millisecond)
	}
	if twice && len(q.msgs) > 0 {
		q.msgs = append(q.msgs, q.msgs[0])
	}
}

// back returns a message that was not acknowledged.
func (q *queue) back(m message) {
	at := q.now().Add(integration.Visibility)
	q.mu.Lock()
	defer q.mu.Unlock()
	m.at = at
	if m.receives++; m.receives >= job.MaxReceives {
		q.dead = append(q.dead, m.job)
		return
	}
	q.msgs = append(q.msgs, m)
}

// next hands the next message to a process; false where there is none. A process
// that fails, or is dead, gives it back.
func (p *process) next(ctx context.Context) bool {
	w := p.world
	m, ok := w.queue.take()
	if !ok {
		return false
	}
	if wait := m.at.Sub(w.now()); wait > 0 {
		w.pass(wait)
	}
	if err := p.worker.Handle(ctx, m.job); err != nil {
		w.queue.back(m)
	}
	return true
}

// settle works everything off.
func (w *world) settle() {
	w.Helper()
	for range 100 {
		if !w.me.next(context.Background()) {
			return
		}
	}
	w.Fatal("the queue never empties")
}
