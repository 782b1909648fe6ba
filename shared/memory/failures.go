package memory

import (
	"context"

	"aura.example/integrations/shared/job"
)

// NoteFailure keeps why a try at a message failed, unless a later one is kept.
func (s *Integrations) NoteFailure(_ context.Context, f job.Failure) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.jobFailures[f.Message].At.After(f.At) {
		s.jobFailures[f.Message] = f
	}
	return nil
}

// Failure gives why the last try at a message failed.
func (s *Integrations) Failure(_ context.Context, message string) (job.Failure, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	f := s.jobFailures[message]
	if !s.now().Before(f.At.Add(job.FailureKept)) {
		return job.Failure{}, nil
	}
	return f, nil
}
