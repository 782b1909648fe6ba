package memory

import (
	"context"
	"slices"

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

// PutCheckpoint stores it.
func (s *Integrations) PutCheckpoint(_ context.Context, c integration.Checkpoint) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.place(c.Key).checkpoint = &c
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

// PutCalendars stores it.
func (s *Integrations) PutCalendars(_ context.Context, l integration.CalendarList) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	l.Calendars = slices.Clone(l.Calendars)
	s.place(l.Key).calendars = &l
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

// PutHeld stores it.
func (s *Integrations) PutHeld(_ context.Context, h integration.HeldDeletions) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	h.Titles = slices.Clone(h.Titles)
	s.place(h.Key).held = &h
	return nil
}

// DropHeld deletes it.
func (s *Integrations) DropHeld(_ context.Context, key integration.Key) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.place(key).held = nil
	return nil
}
