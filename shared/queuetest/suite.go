// Package queuetest is the conformance suite of the job queue: what each
// implementation must do, whatever it is made of.
package queuetest

import (
	"context"
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
)

// Running is a queue with its workers.
type Running struct {
	Queue job.Queue
	Dead  func() int // how many dead letters there are
}

// Start makes an empty queue whose workers hand jobs to a handler, and ends it
// with the test. Redelivery should be as fast as the technology allows.
type Start func(t *testing.T, handle job.Handler) Running

// patience bounds what a test waits for; nothing is asserted about time.
const patience = 60 * time.Second

// Run holds an implementation to the suite.
func Run(t *testing.T, start Start) {
	t.Run("every job of several batches arrives", func(t *testing.T) { t.Parallel(); everyJob(t, start) })
	t.Run("a delayed job doesn't come early", func(t *testing.T) { t.Parallel(); delayed(t, start) })
	t.Run("a failed job comes back and its neighbours don't", func(t *testing.T) { t.Parallel(); failed(t, start) })
	t.Run("a poisoned job ends in the dead letters", func(t *testing.T) { t.Parallel(); poisoned(t, start) })
	t.Run("a job arrives as it was sent", func(t *testing.T) { t.Parallel(); intact(t, start) })
}

// Job makes a job that tests can tell apart.
func Job(n int) job.Job {
	return job.Job{
		Kind: job.Sync, Account: fmt.Sprintf("account-%d", n), Provider: "google-calendar", Generation: "01G", Run: "01R",
		Trigger: integration.TriggerSyncNow, Due: time.Date(2026, 11, 22, 9, 0, n, 123e6, time.UTC), CorrelationID: "c",
	}
}

// seen counts arrivals by account.
type seen struct {
	mu    sync.Mutex
	times map[string]int
	bell  chan struct{}
}

func newSeen() *seen { return &seen{times: map[string]int{}, bell: make(chan struct{}, 1000)} }

func (s *seen) note(j job.Job) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.times[j.Account]++
	s.bell <- struct{}{}
	return s.times[j.Account]
}

// until waits for arrivals until something is so.
func (s *seen) until(t *testing.T, what string, so func(map[string]int) bool) {
	t.Helper()
	deadline := time.After(patience)
	for {
		s.mu.Lock()
		ok := so(s.times)
		s.mu.Unlock()
		if ok {
			return
		}
		select {
		case <-s.bell:
		case <-deadline:
			t.Fatalf("%s never came about: %v", what, s.times)
		}
	}
}

func everyJob(t *testing.T, start Start) {
	s := newSeen()
	r := start(t, func(_ context.Context, j job.Job) error { s.note(j); return nil })
	const n = 25 // three batches of ten, the last one short
	msgs := make([]job.Message, n)
	for i := range msgs {
		msgs[i] = job.Message{Job: Job(i)}
	}
	if err := r.Queue.Send(t.Context(), msgs...); err != nil {
		t.Fatal(err)
	}
	s.until(t, "25 jobs", func(m map[string]int) bool { return len(m) == n })
}

func delayed(t *testing.T, start Start) {
	s := newSeen()
	var at sync.Map
	r := start(t, func(_ context.Context, j job.Job) error { at.Store(j.Account, time.Now()); s.note(j); return nil })
	sent := time.Now()
	const wait = 1500 * time.Millisecond
	if err := r.Queue.Send(t.Context(), job.Message{Job: Job(1), Delay: wait}, job.Message{Job: Job(2)}); err != nil {
		t.Fatal(err)
	}
	s.until(t, "both jobs", func(m map[string]int) bool { return len(m) == 2 })
	came, _ := at.Load(Job(1).Account)
	if took := came.(time.Time).Sub(sent); took < wait {
		t.Errorf("a job delayed by %s came after %s", wait, took)
	}
}

func failed(t *testing.T, start Start) {
	s := newSeen()
	r := start(t, func(_ context.Context, j job.Job) error {
		if s.note(j) == 1 && j.Account == Job(3).Account {
			return errors.New("once")
		}
		return nil
	})
	msgs := make([]job.Message, 10)
	for i := range msgs {
		msgs[i] = job.Message{Job: Job(i)}
	}
	if err := r.Queue.Send(t.Context(), msgs...); err != nil {
		t.Fatal(err)
	}
	s.until(t, "the second try", func(m map[string]int) bool { return len(m) == 10 && m[Job(3).Account] == 2 })
	for i := range msgs {
		if i != 3 && s.times[Job(i).Account] != 1 {
			t.Errorf("job %d came %d times beside a failing one", i, s.times[Job(i).Account])
		}
	}
}

func poisoned(t *testing.T, start Start) {
	s := newSeen()
	r := start(t, func(_ context.Context, j job.Job) error { s.note(j); return errors.New("always") })
	if err := r.Queue.Send(t.Context(), job.Message{Job: Job(1)}); err != nil {
		t.Fatal(err)
	}
	s.until(t, "the last try", func(m map[string]int) bool { return m[Job(1).Account] >= job.MaxReceives })
	deadline := time.Now().Add(patience)
	for r.Dead() != 1 {
		if time.Now().After(deadline) {
			t.Fatalf("%d dead letters, want 1", r.Dead())
		}
		<-time.After(50 * time.Millisecond)
	}
	if got := s.times[Job(1).Account]; got != job.MaxReceives {
		t.Errorf("tried %d times, want %d", got, job.MaxReceives)
	}
}

func intact(t *testing.T, start Start) {
	got := make(chan job.Job, 1)
	r := start(t, func(_ context.Context, j job.Job) error { got <- j; return nil })
	want := Job(7)
	want.Full, want.Event, want.Channel, want.Resource = true, "evt_1", "ch", "res"
	if err := r.Queue.Send(t.Context(), job.Message{Job: want}); err != nil {
		t.Fatal(err)
	}
	select {
	case j := <-got:
		if j != want {
			t.Errorf("arrived as %+v, sent as %+v", j, want)
		}
	case <-time.After(patience):
		t.Fatal("it never arrived")
	}
}
