package memory

import (
	"context"
	"slices"
	"strings"
	"time"

	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// run is a stored report with its end of life.
type run struct {
	integration.Run
	expires time.Time
}

// chunk is part of a run's decisions.
type chunk struct {
	n       int
	list    []integration.Decision
	expires time.Time
}

// addEntry keeps the history sorted by id, and forgets what has expired: a
// simulation of months must not grow.
func (s *state) addEntry(e integration.Entry) {
	p := s.place(e.Key)
	i, found := slices.BinarySearchFunc(p.entries, e.ID, func(x integration.Entry, id string) int { return strings.Compare(x.ID, id) })
	if found {
		p.entries[i] = e
		return
	}
	p.entries = slices.Insert(p.entries, i, e)
	now := s.now()
	p.entries = slices.DeleteFunc(p.entries, func(e integration.Entry) bool { return !now.Before(e.At.Add(integration.Retention)) })
}

// Entries gives history, newest first.
func (s *Integrations) Entries(_ context.Context, key integration.Key, p integration.Page, now time.Time) ([]integration.Entry, string, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out, next := newest(s.seen(key).entries, p, func(e integration.Entry) (string, bool) {
		return e.ID, now.Before(e.At.Add(integration.Retention))
	})
	return out, next, nil
}

// newest pages backwards through a list that is sorted by id.
func newest[T any](list []T, p integration.Page, look func(T) (id string, live bool)) (out []T, next string) {
	for _, x := range slices.Backward(list) {
		id, live := look(x)
		if !live || p.Cursor != "" && id >= p.Cursor {
			continue
		}
		if p.Limit > 0 && len(out) == p.Limit {
			last, _ := look(out[len(out)-1])
			return out, last
		}
		out = append(out, x)
	}
	return out, ""
}

// PutRun stores a run's report. Decisions are stored apart.
func (s *Integrations) PutRun(_ context.Context, r integration.Run) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.keepRun(r)
	return nil
}

func (s *state) keepRun(r integration.Run) {
	p := s.place(r.Key)
	r.Decisions = nil
	if r.Error != nil {
		e := *r.Error
		r.Error = &e
	}
	x := run{r, r.StartedAt.Add(integration.Retention)}
	i, found := slices.BinarySearchFunc(p.runs, r.ID, func(x run, id string) int { return strings.Compare(x.ID, id) })
	if found {
		p.runs[i] = x
		return
	}
	p.runs = slices.Insert(p.runs, i, x)
	now := s.now()
	p.runs = slices.DeleteFunc(p.runs, func(x run) bool { return !now.Before(x.expires) })
	for id, chunks := range p.decisions {
		if !now.Before(chunks[0].expires) {
			delete(p.decisions, id)
		}
	}
}

// Run gives one report; NotFound.
func (s *Integrations) Run(_ context.Context, key integration.Key, id string, now time.Time) (*integration.Run, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	for _, x := range s.seen(key).runs {
		if x.ID == id && now.Before(x.expires) {
			r := x.Run
			return &r, nil
		}
	}
	return nil, integration.ErrNotFound()
}

// Runs gives reports, newest first.
func (s *Integrations) Runs(_ context.Context, key integration.Key, p integration.Page, now time.Time) ([]integration.Run, string, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	list, next := newest(s.seen(key).runs, p, func(x run) (string, bool) { return x.ID, now.Before(x.expires) })
	out := make([]integration.Run, len(list))
	for i, x := range list {
		out[i] = x.Run
	}
	return out, next, nil
}

// PutDecisions stores one chunk of a run's decisions, once.
func (s *Integrations) PutDecisions(_ context.Context, key integration.Key, id string, n int, d []integration.Decision, expires time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	p := s.place(key)
	c := chunk{n, slices.Clone(d), expires}
	i, found := slices.BinarySearchFunc(p.decisions[id], n, func(c chunk, n int) int { return c.n - n })
	switch {
	case found && !slices.Equal(p.decisions[id][i].list, d):
		return fault.New(fault.Stale, "stale", "Another part of this sync was stored here.")
	case found:
		p.decisions[id][i] = c
		return nil
	}
	p.decisions[id] = slices.Insert(p.decisions[id], i, c)
	return nil
}

// Decisions gives a run's decisions in the order of their chunks.
func (s *Integrations) Decisions(_ context.Context, key integration.Key, id string) ([]integration.Decision, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var out []integration.Decision
	for _, c := range s.seen(key).decisions[id] {
		if s.now().Before(c.expires) {
			out = append(out, c.list...)
		}
	}
	return out, nil
}
