package memory

import (
	"context"
	"maps"
	"time"

	"aura.example/integrations/shared/integration"
)

// Account gives plan and usage.
func (s *Integrations) Account(_ context.Context, id string) (integration.Account, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if p := s.look(id).plan; p != nil {
		return *p, nil
	}
	return integration.Account{ID: id, Plan: integration.DefaultPlan}, nil
}

// SetPlan stores plan and limit on condition of the version read.
func (s *Integrations) SetPlan(_ context.Context, n integration.Account) (integration.Account, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.account(n.ID)
	stored := integration.Account{ID: n.ID}
	if a.plan != nil {
		stored = *a.plan
	}
	if stored.Version != n.Version {
		return integration.Account{}, integration.ErrStale()
	}
	stored.Plan, stored.Limit, stored.Version = n.Plan, n.Limit, n.Version+1
	a.plan = &stored
	return stored, nil
}

// putFlow keeps a flow, and forgets those that nobody came back for.
func (s *state) putFlow(f integration.Flow) {
	now := s.now()
	maps.DeleteFunc(s.flows, func(_ string, f integration.Flow) bool { return now.After(f.Expires.Add(time.Hour)) })
	s.flows[f.StateHash] = f
}

// Flow gives an open flow; an expired one is gone whether or not it is deleted.
func (s *Integrations) Flow(_ context.Context, stateHash string, now time.Time) (integration.Flow, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	f, ok := s.flows[stateHash]
	if !ok || !now.Before(f.Expires) {
		delete(s.flows, stateHash)
		return integration.Flow{}, integration.ErrNotFound()
	}
	return f, nil
}

// Consume deletes the flow; NotFound for whoever comes second.
func (s *Integrations) Consume(_ context.Context, stateHash string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if _, ok := s.flows[stateHash]; !ok {
		return integration.ErrNotFound()
	}
	delete(s.flows, stateHash)
	return nil
}
