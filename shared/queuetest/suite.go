// Package queuetest is the conformance suite of the job queue: what each
// implementation must do, whatever it is made of. Nothing in it asserts order,
// and nothing that a job comes once only, except where one that failed must not
// bring its neighbours back.
package queuetest

import (
	"context"
	"errors"
	"fmt"
	"strings"
	"sync"
	"testing"
	"time"

	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
)

// Running is a queue with its workers.
type Running struct {
	Queue job.Queue
	// DeadLetters waits until there are some, or ctx ends, and gives their jobs.
	DeadLetters func(ctx context.Context) ([]job.Job, error)
	// Redrive sends the dead letters once more.
	Redrive func(ctx context.Context) error
}

// Start makes an empty queue whose workers hand jobs to a handler, and ends it
// with the test. Redelivery should be as fast as the technology allows.
type Start func(t *testing.T, handle job.Handler) Running

// patience bounds what a test waits for.
const patience = 60 * time.Second

// Run holds an implementation to the suite.
func Run(t *testing.T, start Start) {
	for name, test := range map[string]func(*testing.T, Start){
		"every job of several batches arrives":                everyJob,
		"sending nothing is no error":                         nothing,
		"a delayed job doesn't come early":                    delayed,
		"a delay beyond the longest is cut":                   longest,
		"a failed job comes back and its neighbours don't":    failed,
		"a poisoned job ends in the dead letters and returns": poisoned,
		"a job arrives as it was sent":                        intact,
		"a job that nobody could work off is refused":         unusable,
		"a caller who gave up sends nothing":                  givenUp,
		"many senders at once":                                manySenders,
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			test(t, start)
		})
	}
}

// Job makes a job that tests can tell apart.
func Job(n int) job.Job {
	return job.Job{
		Kind: job.Sync, Account: fmt.Sprintf("account-%d", n), Provider: "google-calendar", Generation: "01G", Run: "01R",
		Trigger: integration.TriggerSyncNow, Due: time.Date(2026, 11, 22, 9, 0, n, 123e6, time.UTC), CorrelationID: "c",
	}
}

// Jobs makes messages with the jobs from 0 to n-1.
func Jobs(n int) []job.Message {
	msgs := make([]job.Message, n)
	for i := range msgs {
		msgs[i] = job.Message{Job: Job(i)}
	}
	return msgs
}

func send(t *testing.T, r Running, msgs ...job.Message) {
	t.Helper()
	if err := r.Queue.Send(t.Context(), msgs...); err != nil {
		t.Fatal(err)
	}
}

func everyJob(t *testing.T, start Start) {
	s := newSeen()
	r := start(t, s.note)
	const n = 25 // three batches of ten, the last one short
	send(t, r, Jobs(n)...)
	s.until(t, "25 jobs", func(m map[string]int) bool { return len(m) == n })
}

func nothing(t *testing.T, start Start) {
	send(t, start(t, newSeen().note))
}

func delayed(t *testing.T, start Start) {
	s := newSeen()
	came := make(chan time.Time, 10)
	r := start(t, func(ctx context.Context, j job.Job) error {
		if j.Account == Job(1).Account {
			came <- time.Now()
		}
		return s.note(ctx, j)
	})
	// A part of a second, since SQS counts in whole ones: it must round up.
	const wait = 1100 * time.Millisecond
	sent := time.Now()
	send(t, r, job.Message{Job: Job(1), Delay: wait}, job.Message{Job: Job(2), Delay: -time.Second})
	s.until(t, "both jobs", func(m map[string]int) bool { return len(m) == 2 })
	if took := (<-came).Sub(sent); took < wait {
		t.Errorf("a job delayed by %s came after %s", wait, took)
	}
}

func longest(t *testing.T, start Start) {
	send(t, start(t, newSeen().note), job.Message{Job: Job(1), Delay: 24 * time.Hour})
}

func failed(t *testing.T, start Start) {
	s := newSeen()
	r := start(t, func(ctx context.Context, j job.Job) error {
		_ = s.note(ctx, j)
		if j.Account == Job(3).Account && s.count(j) == 1 {
			return errors.New("once")
		}
		return nil
	})
	send(t, r, Jobs(10)...)
	s.until(t, "the second try", func(m map[string]int) bool { return len(m) == 10 && m[Job(3).Account] == 2 })
	for i := range 10 {
		if n := s.count(Job(i)); i != 3 && n != 1 {
			t.Errorf("job %d came %d times beside a failing one", i, n)
		}
	}
}

func poisoned(t *testing.T, start Start) {
	s := newSeen()
	r := start(t, func(ctx context.Context, j job.Job) error {
		_ = s.note(ctx, j)
		if s.count(j) <= job.MaxReceives {
			return errors.New("always")
		}
		return nil
	})
	send(t, r, job.Message{Job: Job(1)})
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	dead, err := r.DeadLetters(ctx)
	if err != nil || len(dead) != 1 || dead[0] != Job(1) {
		t.Fatalf("dead letters %+v, %v; want the one job", dead, err)
	}
	if n := s.count(Job(1)); n != job.MaxReceives {
		t.Errorf("tried %d times, want %d", n, job.MaxReceives)
	}
	if err := r.Redrive(ctx); err != nil {
		t.Fatal(err)
	}
	s.until(t, "the redriven job", func(m map[string]int) bool { return m[Job(1).Account] > job.MaxReceives })
}

func intact(t *testing.T, start Start) {
	got := make(chan job.Job, 10)
	r := start(t, func(_ context.Context, j job.Job) error { got <- j; return nil })
	want := Job(7)
	want.Full, want.Event, want.Channel, want.Resource = true, "evt_1", "ch", "res"
	want.CorrelationID = strings.Repeat("ä\"\n<&>", 30)
	send(t, r, job.Message{Job: want})
	select {
	case j := <-got:
		if j != want {
			t.Errorf("arrived as %+v, sent as %+v", j, want)
		}
	case <-time.After(patience):
		t.Fatal("it never arrived")
	}
}

// Nothing of a call with an unusable job is sent: it is a defect of the caller's
// and must not hide as a dead letter.
func unusable(t *testing.T, start Start) {
	s := newSeen()
	r := start(t, s.note)
	if err := r.Queue.Send(t.Context(), job.Message{Job: Job(1)}, job.Message{Job: job.Job{Kind: job.Sync}}); err == nil {
		t.Error("it was taken")
	}
	send(t, r, job.Message{Job: Job(2)})
	s.until(t, "the good job", func(m map[string]int) bool { return m[Job(2).Account] > 0 })
	if s.count(Job(1)) != 0 {
		t.Error("its neighbour was sent")
	}
}

func givenUp(t *testing.T, start Start) {
	r := start(t, newSeen().note)
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if err := r.Queue.Send(ctx, Jobs(1)...); !errors.Is(err, context.Canceled) {
		t.Errorf("%v", err)
	}
}

func manySenders(t *testing.T, start Start) {
	s := newSeen()
	r := start(t, s.note)
	var wg sync.WaitGroup
	for i := range 8 {
		wg.Go(func() {
			for n := range 5 {
				if err := r.Queue.Send(t.Context(), job.Message{Job: Job(i*5 + n)}); err != nil {
					t.Error(err)
				}
			}
		})
	}
	wg.Wait()
	s.until(t, "40 jobs", func(m map[string]int) bool { return len(m) == 40 })
}
