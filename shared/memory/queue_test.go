package memory_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
	"aura.example/integrations/shared/memory"
	"aura.example/integrations/shared/queuetest"
)

// open starts a queue that ends with the test.
func open(t *testing.T, o memory.QueueOptions) *memory.Queue {
	t.Helper()
	q := memory.NewQueue(o)
	t.Cleanup(func() {
		if err := q.Close(context.Background()); err != nil {
			t.Error(err)
		}
	})
	return q
}

func send(t *testing.T, q *memory.Queue, msgs ...job.Message) {
	t.Helper()
	if err := q.Send(t.Context(), msgs...); err != nil {
		t.Fatal(err)
	}
}

func TestQueueConforms(t *testing.T) {
	t.Parallel()
	queuetest.Run(t, func(t *testing.T, handle job.Handler) queuetest.Running {
		died := make(chan memory.DeadLetter, 100)
		q := open(t, memory.QueueOptions{Handle: handle, Backoff: time.Millisecond, OnDead: func(d memory.DeadLetter) { died <- d }})
		return queuetest.Running{
			Queue: q,
			DeadLetters: func(ctx context.Context) ([]job.Job, error) {
				select {
				case d := <-died:
					if !slices.Equal(q.Dead(), []memory.DeadLetter{d}) {
						return nil, fmt.Errorf("told of %+v, has %+v", d, q.Dead())
					}
					return []job.Job{d.Job}, nil
				case <-ctx.Done():
					return nil, ctx.Err()
				}
			},
			Redrive: func(context.Context) error {
				if n := q.Redrive(); n != 1 || len(q.Dead()) != 0 {
					return fmt.Errorf("redrove %d and kept %+v", n, q.Dead())
				}
				return nil
			},
		}
	})
}

func TestQueueBoundsWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var busy, most, done atomic.Int32
		q := open(t, memory.QueueOptions{Workers: 3, Handle: func(context.Context, job.Job) error {
			n := busy.Add(1)
			most.Store(max(most.Load(), n))
			<-time.After(time.Second) // virtual
			busy.Add(-1)
			done.Add(1)
			return nil
		}})
		send(t, q, queuetest.Jobs(9)...)
		<-time.After(time.Minute)
		synctest.Wait()
		if most.Load() != 3 || done.Load() != 9 || !q.Idle() {
			t.Errorf("%d were under way at once, %d were done, idle %v; want 3, 9, idle", most.Load(), done.Load(), q.Idle())
		}
	})
}

func TestQueueBacksOffAndSaysWhyALetterIsDead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var at []time.Duration
		start := time.Now()
		q := open(t, memory.QueueOptions{Handle: func(context.Context, job.Job) error {
			at = append(at, time.Since(start))
			return errors.New("always")
		}})
		send(t, q, job.Message{Job: queuetest.Job(1)})
		<-time.After(time.Hour)
		synctest.Wait()
		want := []time.Duration{0, time.Second, 3 * time.Second, 7 * time.Second, 15 * time.Second}
		if !slices.Equal(at, want) {
			t.Errorf("tried at %v, want %v", at, want)
		}
		if d := q.Dead(); len(d) != 1 || d[0].Reason != "always" || d[0].At.Sub(start) != 15*time.Second {
			t.Errorf("dead letters %+v", d)
		}
	})
}

// A worker that holds on to a job for too long is a late holder, as in the
// deployed queue: the job comes to another, and the late answer counts for
// nothing, good or bad.
func TestAJobThatTakesTooLongComesAgain(t *testing.T) {
	t.Parallel()
	for _, late := range []error{nil, errors.New("late and bad")} {
		synctest.Test(t, func(t *testing.T) {
			var times atomic.Int32
			q := open(t, memory.QueueOptions{Visibility: time.Minute, Handle: func(context.Context, job.Job) error {
				if times.Add(1) == 1 {
					<-time.After(90 * time.Second) // deaf to its context
					return late
				}
				return nil
			}})
			send(t, q, job.Message{Job: queuetest.Job(1)})
			<-time.After(59 * time.Second)
			synctest.Wait()
			if times.Load() != 1 {
				t.Errorf("it came %d times while the first had its time", times.Load())
			}
			<-time.After(time.Hour)
			synctest.Wait()
			if times.Load() != 2 || !q.Idle() || len(q.Dead()) != 0 {
				t.Errorf("it came %d times, idle %v, dead %v", times.Load(), q.Idle(), q.Dead())
			}
		})
	}
}

func TestAJobThatAlwaysTakesTooLongIsDead(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var times atomic.Int32
		q := open(t, memory.QueueOptions{Workers: 10, Visibility: time.Minute, Handle: func(context.Context, job.Job) error {
			times.Add(1)
			<-time.After(time.Hour)
			return nil
		}})
		send(t, q, job.Message{Job: queuetest.Job(1)})
		<-time.After(3 * time.Hour)
		synctest.Wait()
		if times.Load() != job.MaxReceives || len(q.Dead()) != 1 || !q.Idle() {
			t.Errorf("it came %d times, dead %v, idle %v", times.Load(), q.Dead(), q.Idle())
		}
	})
}

// A job has the function's time limit, as a Lambda has.
func TestAJobHasTheFunctionsTimeLimit(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		limit := make(chan time.Duration, 1)
		q := open(t, memory.QueueOptions{Handle: func(ctx context.Context, _ job.Job) error {
			deadline, _ := ctx.Deadline()
			limit <- time.Until(deadline)
			return nil
		}})
		send(t, q, job.Message{Job: queuetest.Job(1)})
		if d := <-limit; d != integration.FunctionLimit || d >= integration.Visibility {
			t.Errorf("it has %s", d)
		}
	})
}

// A clock that is moved by hand moves the queue when it is told to look.
func TestAQueueOnAClockOfItsOwn(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var ahead atomic.Int64
		var came atomic.Int32
		start := time.Now()
		q := open(t, memory.QueueOptions{
			Now:    func() time.Time { return start.Add(time.Duration(ahead.Load())) },
			Handle: func(context.Context, job.Job) error { came.Add(1); return nil },
		})
		send(t, q, job.Message{Job: queuetest.Job(1), Delay: 10 * time.Minute}, job.Message{Job: queuetest.Job(2), Delay: 24 * time.Hour})
		for _, step := range []struct {
			by   time.Duration
			want int32
		}{{9 * time.Minute, 0}, {time.Minute, 1}, {job.MaxDelay - 10*time.Minute, 2}} {
			ahead.Add(int64(step.by))
			q.Tick()
			synctest.Wait()
			if came.Load() != step.want || q.Idle() != (step.want == 2) {
				t.Errorf("after %s: %d came, want %d; idle %v", time.Duration(ahead.Load()), came.Load(), step.want, q.Idle())
			}
		}
	})
}

func TestClosing(t *testing.T) {
	t.Parallel()
	// begun starts a queue with a job under way that takes what it is given.
	begun := func(t *testing.T, take func(ctx context.Context)) (*memory.Queue, *atomic.Bool) {
		t.Helper()
		var once sync.Once
		started, finished := make(chan struct{}), &atomic.Bool{}
		q := memory.NewQueue(memory.QueueOptions{Workers: 1, Handle: func(ctx context.Context, _ job.Job) error {
			once.Do(func() { close(started) })
			take(ctx)
			finished.Store(ctx.Err() == nil)
			return nil
		}})
		send(t, q, queuetest.Jobs(2)...)
		<-started
		return q, finished
	}
	t.Run("what is under way may end", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			q, finished := begun(t, func(context.Context) { <-time.After(500 * time.Millisecond) })
			if err := q.Close(t.Context()); err != nil || !finished.Load() {
				t.Errorf("%v, finished %v", err, finished.Load())
			}
			if q.Idle() {
				t.Error("the second job was begun while closing")
			}
			if err := q.Send(t.Context(), queuetest.Jobs(1)...); !fault.Is(err, fault.Unavailable) {
				t.Errorf("a closed queue: %v", err)
			}
		})
	})
	t.Run("what takes long is called off", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			q, finished := begun(t, func(ctx context.Context) { <-ctx.Done() })
			began := time.Now()
			if err := q.Close(t.Context()); err != nil || finished.Load() || time.Since(began) != time.Second {
				t.Errorf("%v after %s, finished %v", err, time.Since(began), finished.Load())
			}
		})
	})
	t.Run("what is deaf is left behind", func(t *testing.T) {
		t.Parallel()
		synctest.Test(t, func(t *testing.T) {
			q, _ := begun(t, func(context.Context) { <-time.After(time.Hour) })
			ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
			defer cancel()
			if err := q.Close(ctx); !errors.Is(err, context.DeadlineExceeded) {
				t.Errorf("%v", err)
			}
			<-time.After(2 * time.Hour) // let it end within the bubble
		})
	})
}
