package memory

import (
	"container/heap"
	"context"
	"errors"
	"strconv"
	"time"

	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
)

// flight is one delivery of a message: until then nobody else gets it.
type flight struct {
	message
	until time.Time
}

// idleWait is how long a queue with nothing to do sleeps between looks; Send, a
// worker that is done, and Tick wake it.
const idleWait = time.Hour

// deliver hands jobs to workers as they become due, until the queue is closed.
func (q *Queue) deliver() {
	for {
		f, wait, open := q.next()
		if !open {
			return
		}
		if f != nil {
			q.wg.Go(func() { q.work(f) })
			continue
		}
		t := time.NewTimer(wait)
		select {
		case <-q.wake:
		case <-t.C:
		}
		t.Stop()
	}
}

// next takes the first message that is due, if a worker is free; else it says
// how long there is nothing to do.
func (q *Queue) next() (f *flight, wait time.Duration, open bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if q.closed {
		return nil, 0, false
	}
	now := q.o.Now()
	wait = idleWait
	for f := range q.flights {
		if now.Before(f.until) {
			wait = min(wait, f.until.Sub(now))
			continue
		}
		// Its worker may still be at it: from here on that one is a late holder,
		// and what it answers counts for nothing.
		delete(q.flights, f)
		q.comeBack(f.message, 0, errOverdue)
	}
	if len(q.waiting) == 0 || q.busy >= q.o.Workers {
		return nil, wait, true
	}
	if d := q.waiting[0].at.Sub(now); d > 0 {
		return nil, min(wait, d), true
	}
	f = &flight{message: heap.Pop(&q.waiting).(message), until: now.Add(q.o.Visibility)}
	f.receives++
	q.flights[f] = struct{}{}
	q.busy++
	return f, 0, true
}

var errOverdue = errors.New("it was under way for too long")

// work carries one job out and decides what becomes of a failure.
func (q *Queue) work(f *flight) {
	ctx, cancel := context.WithTimeout(q.ctx, integration.FunctionLimit)
	defer cancel()
	err := q.o.Handle(ctx, f.job)
	q.mu.Lock()
	defer q.mu.Unlock()
	defer q.Tick() // a worker is free
	q.busy--
	if _, mine := q.flights[f]; !mine {
		q.o.Log.WarnContext(ctx, "a job ended after it had come again", "kind", f.job.Kind, "receives", f.receives, "error", err)
		return
	}
	delete(q.flights, f)
	if err != nil && q.ctx.Err() == nil { // else it was the process that ended
		q.comeBack(f.message, q.o.Backoff<<(f.receives-1), err)
	}
}

// comeBack delivers a message again after a while, or gives it up. It needs the
// lock.
func (q *Queue) comeBack(m message, after time.Duration, why error) {
	now := q.o.Now()
	if m.receives < job.MaxReceives {
		q.o.Log.Warn("job failed; it comes back", "kind", m.job.Kind, "receives", m.receives, "error", why)
		m.at = now.Add(after)
		q.push(m)
		return
	}
	q.deadSeq++
	d := DeadLetter{ID: strconv.Itoa(q.deadSeq), Job: m.job, Reason: why.Error(), At: now}
	q.dead = append(q.dead, d)
	q.o.Log.Error("job dead-lettered", "kind", m.job.Kind, "receives", m.receives, "error", why)
	q.wg.Go(func() { q.o.OnDead(d) }) // not under the lock
}
