package queuetest

import (
	"context"
	"maps"
	"sync"
	"testing"
	"time"

	"aura.example/integrations/shared/job"
)

// seen counts arrivals by account and rings for those who wait for them.
type seen struct {
	mu    sync.Mutex
	times map[string]int
	bell  chan struct{} // closed and replaced at each arrival
}

func newSeen() *seen { return &seen{times: map[string]int{}, bell: make(chan struct{})} }

// note is a handler that always succeeds.
func (s *seen) note(_ context.Context, j job.Job) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.times[j.Account]++
	close(s.bell)
	s.bell = make(chan struct{})
	return nil
}

func (s *seen) count(j job.Job) int {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.times[j.Account]
}

// until waits until something is so of the arrivals.
func (s *seen) until(t *testing.T, what string, so func(map[string]int) bool) {
	t.Helper()
	deadline := time.After(patience)
	for {
		s.mu.Lock()
		times, bell := maps.Clone(s.times), s.bell
		s.mu.Unlock()
		if so(times) {
			return
		}
		select {
		case <-bell:
		case <-deadline:
			t.Fatalf("%s never came about: %v", what, times)
		}
	}
}
