package memory_test

import (
	"context"
	"errors"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"aura.example/integrations/shared/job"
	"aura.example/integrations/shared/memory"
	"aura.example/integrations/shared/queuetest"
)

func TestQueueConforms(t *testing.T) {
	t.Parallel()
	queuetest.Run(t, func(t *testing.T, handle job.Handler) queuetest.Running {
		q := memory.NewQueue(memory.QueueOptions{Handle: handle, Backoff: time.Millisecond})
		t.Cleanup(func() {
			if err := q.Close(context.Background()); err != nil {
				t.Error(err)
			}
		})
		return queuetest.Running{Queue: q, Dead: func() int { return len(q.Dead()) }}
	})
}

func TestQueueBoundsWhatIsUnderWay(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var busy, most, done atomic.Int32
		q := memory.NewQueue(memory.QueueOptions{Workers: 3, Handle: func(context.Context, job.Job) error {
			if n := busy.Add(1); n > most.Load() {
				most.Store(n)
			}
			<-time.After(time.Second) // virtual
			busy.Add(-1)
			done.Add(1)
			return nil
		}})
		defer func() { _ = q.Close(context.Background()) }()
		for i := range 9 {
			if err := q.Send(t.Context(), job.Message{Job: queuetest.Job(i)}); err != nil {
				t.Fatal(err)
			}
		}
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
		q := memory.NewQueue(memory.QueueOptions{Handle: func(context.Context, job.Job) error {
			at = append(at, time.Since(start))
			return errors.New("always")
		}})
		defer func() { _ = q.Close(context.Background()) }()
		if err := q.Send(t.Context(), job.Message{Job: queuetest.Job(1)}); err != nil {
			t.Fatal(err)
		}
		<-time.After(time.Hour)
		synctest.Wait()
		want := []time.Duration{0, time.Second, 3 * time.Second, 7 * time.Second, 15 * time.Second}
		if len(at) != len(want) {
			t.Fatalf("tried at %v, want %v", at, want)
		}
		for i := range want {
			if at[i] != want[i] {
				t.Errorf("try %d came at %s, want %s", i+1, at[i], want[i])
			}
		}
		if d := q.Dead(); len(d) != 1 || d[0].Reason != "always" {
			t.Errorf("dead letters %+v", d)
		}
	})
}

func TestAClosedQueueTakesNothing(t *testing.T) {
	t.Parallel()
	q := memory.NewQueue(memory.QueueOptions{Handle: func(context.Context, job.Job) error { return nil }})
	if err := q.Close(t.Context()); err != nil {
		t.Fatal(err)
	}
	if err := q.Send(t.Context(), job.Message{Job: queuetest.Job(1)}); err == nil {
		t.Error("a closed queue took a job")
	}
}
