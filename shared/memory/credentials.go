package memory

import (
	"context"

	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/seal"
)

// Credential gives one; NotFound.
func (s *Credentials) Credential(_ context.Context, key integration.Key, generation string) (*integration.Credential, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	c := s.look(key.Account).credentials[genKey{key, generation}]
	if c == nil {
		return nil, integration.ErrNotFound()
	}
	return cloneCredential(c), nil
}

// Refresh stores a renewed token on condition of the version read.
func (s *Credentials) Refresh(_ context.Context, c integration.Credential) (integration.Credential, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, k := s.account(c.Key.Account), genKey{c.Key, c.Generation}
	stored := a.credentials[k]
	switch {
	case stored == nil:
		return integration.Credential{}, integration.ErrNotFound()
	case stored.Version != c.Version:
		return integration.Credential{}, integration.ErrStale()
	}
	next := cloneCredential(&c)
	next.Subject = stored.Subject
	next.Version++
	a.credentials[k] = next
	return *cloneCredential(next), nil
}

// DropCredential deletes one and its subject registration, on condition of the
// version read; one that is gone is no error.
func (s *Credentials) DropCredential(_ context.Context, c integration.Credential) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, k := s.account(c.Key.Account), genKey{c.Key, c.Generation}
	stored := a.credentials[k]
	switch {
	case stored == nil:
		return nil
	case stored.Version != c.Version:
		return integration.ErrStale()
	}
	s.unregister(stored.Subject, k)
	delete(a.credentials, k)
	return nil
}

// Retire deletes the subject registration alone, on condition that the
// credential is as read.
func (s *Credentials) Retire(_ context.Context, c integration.Credential) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	k := genKey{c.Key, c.Generation}
	stored := s.account(c.Key.Account).credentials[k]
	if stored == nil || stored.Version != c.Version {
		return integration.ErrStale()
	}
	s.unregister(stored.Subject, k)
	return nil
}

// OthersOf counts the live credentials of a subject besides this one.
func (s *Credentials) OthersOf(_ context.Context, subject string, key integration.Key, generation string) (int, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	n := 0
	for k := range s.subjects[subject] {
		if k != (genKey{key, generation}) {
			n++
		}
	}
	return n, nil
}

// putCredential stores a new credential, whatever is stored, above its version.
func (s *state) putCredential(a *account, c integration.Credential) {
	k := genKey{c.Key, c.Generation}
	next := cloneCredential(&c)
	next.Version = 1
	if old := a.credentials[k]; old != nil {
		next.Version = old.Version + 1
	}
	a.credentials[k] = next
	if s.subjects[c.Subject] == nil {
		s.subjects[c.Subject] = map[genKey]struct{}{}
	}
	s.subjects[c.Subject][k] = struct{}{}
}

func (s *state) unregister(subject string, k genKey) {
	delete(s.subjects[subject], k)
	if len(s.subjects[subject]) == 0 {
		delete(s.subjects, subject)
	}
}

// DataKey gives a wrapped key; NotFound.
func (s *Credentials) DataKey(_ context.Context, id string) (seal.DataKey, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	k, ok := s.dataKeys[id]
	if !ok {
		return seal.DataKey{}, fault.New(fault.NotFound, "not_found", "There is no such data key.")
	}
	return k, nil
}

// AddDataKey stores a key where the id is free, and gives the one stored now.
func (s *Credentials) AddDataKey(_ context.Context, k seal.DataKey) (seal.DataKey, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if stored, ok := s.dataKeys[k.ID]; ok {
		return stored, nil
	}
	s.dataKeys[k.ID] = k
	return k, nil
}
