package memory

import (
	"context"

	"aura.example/integrations/shared/integration"
)

// CountFailure counts an integration that failed in a window, and gives what
// that window and the one before it amount to.
func (s *Integrations) CountFailure(_ context.Context, _ integration.Key, window int64) (integration.FleetTally, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.failures[window]++
	for w := range s.failures {
		if w < window-1 {
			delete(s.failures, w) // a clock that lags finds less of the past, and counts it less
		}
	}
	return s.tally(window), nil
}

// Tally gives the same and counts nobody.
func (s *Integrations) Tally(_ context.Context, window int64) (integration.FleetTally, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.tally(window), nil
}

func (s *state) tally(window int64) integration.FleetTally {
	tally := integration.FleetTally{Failed: s.failures[window], FailedBefore: s.failures[window-1]}
	var due, before int64
	for _, m := range s.watermarks {
		d, b := m.In(window)
		due, before = due+d, before+b
	}
	tally.Due, tally.DueBefore = int(due/integration.DueScale), int(before/integration.DueScale)
	return tally
}
