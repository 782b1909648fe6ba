package local

import (
	"context"
	"log/slog"
	"sync"
	"sync/atomic"
	"time"

	"aura.example/integrations/shared/job"
)

type interimQueue struct {
	handle job.Handler
	log    *slog.Logger
	wg     sync.WaitGroup
	n      atomic.Int64
	ctx    context.Context
	stop   context.CancelFunc
}

func newInterim(h job.Handler, log *slog.Logger) *interimQueue {
	q := &interimQueue{handle: h, log: log}
	q.ctx, q.stop = context.WithCancel(context.Background())
	return q
}

func (q *interimQueue) Send(_ context.Context, msgs ...job.Message) error {
	for _, m := range msgs {
		q.wg.Add(1)
		q.n.Add(1)
		go func() {
			defer q.wg.Done()
			defer q.n.Add(-1)
			if sleep(q.ctx, m.Delay) != nil {
				return
			}
			ctx, cancel := context.WithTimeout(q.ctx, 5*time.Minute)
			defer cancel()
			if err := q.handle(ctx, m.Job); err != nil {
				q.log.Warn("job failed", "error", err)
			}
		}()
	}
	return nil
}

func (q *interimQueue) Close(context.Context) error { q.stop(); q.wg.Wait(); return nil }

func (q *interimQueue) Idle() bool { return q.n.Load() == 0 }
