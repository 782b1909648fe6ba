package memory

import (
	"context"
	"slices"

	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// Checkpoint gives a first sync's place; nil, nil where there is none.
func (s *Integrations) Checkpoint(_ context.Context, key integration.Key) (*integration.Checkpoint, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	c := s.seen(key).checkpoint
	if c == nil {
		return nil, nil
	}
	d := *c
	return &d, nil
}

// PutCheckpoint stores it, refused to an earlier generation and to a lower fence.
func (s *Integrations) PutCheckpoint(_ context.Context, c integration.Checkpoint) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.place(c.Key)
	if was := p.checkpoint; was != nil && (was.Generation > c.Generation || was.Generation == c.Generation && was.Fence > c.Fence) {
		return fault.New(fault.Stale, "stale", "Another sync has taken over.")
	}
	p.checkpoint = &c
	return nil
}

// DropCheckpoint deletes it.
func (s *Integrations) DropCheckpoint(_ context.Context, key integration.Key) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.place(key).checkpoint = nil
	return nil
}

// Calendars gives the calendar list; nil, nil where there is none.
func (s *Integrations) Calendars(_ context.Context, key integration.Key) (*integration.CalendarList, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	l := s.seen(key).calendars
	if l == nil {
		return nil, nil
	}
	c := *l
	c.Calendars = slices.Clone(l.Calendars)
	return &c, nil
}

// PutCalendars stores it unless a younger one is there.
func (s *Integrations) PutCalendars(_ context.Context, l integration.CalendarList) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	l.Calendars = slices.Clone(l.Calendars)
	if was := s.place(l.Key).calendars; was == nil || !was.FetchedAt.After(l.FetchedAt) {
		s.place(l.Key).calendars = &l
	}
	return nil
}

// Held gives what the tripwire held back; nil, nil where nothing is.
func (s *Integrations) Held(_ context.Context, key integration.Key) (*integration.HeldDeletions, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	h := s.seen(key).held
	if h == nil {
		return nil, nil
	}
	c := *h
	c.Titles = slices.Clone(h.Titles)
	return &c, nil
}

// PutHeld stores it unless something younger is there.
func (s *Integrations) PutHeld(_ context.Context, h integration.HeldDeletions) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	h.Titles = slices.Clone(h.Titles)
	if was := s.place(h.Key).held; was == nil || !was.At.After(h.At) {
		s.place(h.Key).held = &h
	}
	return nil
}

// DropHeld deletes it.
func (s *Integrations) DropHeld(_ context.Context, key integration.Key) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.place(key).held = nil
	return nil
}
