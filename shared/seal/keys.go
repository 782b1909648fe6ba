package seal

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"time"

	"aura.example/integrations/shared/fault"
)

// cacheFor is how long an unwrapped key is kept in memory.
const cacheFor = 5 * time.Minute

type cached struct {
	plain []byte
	until time.Time
}

// flight is a key on its way: whoever needs it meanwhile waits for the one who
// fetches it, so that a burst costs one call of the key service, not one each.
type flight struct {
	done      chan struct{}
	plain     []byte
	err       error
	calledOff bool // the one who fetched it gave up, which says nothing about the key
}

// current gives the key for sealing, making it where the day has none yet.
func (s *Sealer) current(ctx context.Context, purpose, id string) ([]byte, error) {
	// A flight of its own: one that only opens must not make a key, and finding
	// none is its answer but not this one's.
	return s.shared(ctx, id, "make "+id, func() ([]byte, error) {
		key, err := s.fetch(ctx, purpose, id)
		if err == nil || !fault.Is(err, fault.NotFound) {
			return key, err
		}
		plain, wrapped, err := s.wrapper.NewKey(ctx, purpose)
		if err != nil {
			return nil, fmt.Errorf("making data key %s: %w", id, err)
		}
		stored, err := s.store.AddDataKey(ctx, DataKey{ID: id, Purpose: purpose, Wrapped: wrapped, Created: s.now().UTC()})
		if err != nil {
			return nil, fmt.Errorf("storing data key %s: %w", id, err)
		}
		if bytes.Equal(stored.Wrapped, wrapped) {
			return plain, nil
		}
		return s.unwrap(ctx, purpose, stored) // another process was first today
	})
}

// named gives a key that exists, from the cache or unwrapped.
func (s *Sealer) named(ctx context.Context, purpose, id string) ([]byte, error) {
	return s.shared(ctx, id, "open "+id, func() ([]byte, error) { return s.fetch(ctx, purpose, id) })
}

func (s *Sealer) fetch(ctx context.Context, purpose, id string) ([]byte, error) {
	k, err := s.store.DataKey(ctx, id)
	if err != nil {
		return nil, fmt.Errorf("reading data key %s: %w", id, err)
	}
	return s.unwrap(ctx, purpose, k)
}

func (s *Sealer) unwrap(ctx context.Context, purpose string, k DataKey) ([]byte, error) {
	plain, err := s.wrapper.Unwrap(ctx, purpose, k.Wrapped)
	if err != nil {
		return nil, fmt.Errorf("unwrapping data key %s: %w", k.ID, err)
	}
	return plain, nil
}

// shared gives the key from the cache, from a flight that is under way, or from
// get, whose answer it keeps. Who waits for a flight whose leader was called off
// takes the lead itself: one request's end must not fail the others.
func (s *Sealer) shared(ctx context.Context, id, name string, get func() ([]byte, error)) ([]byte, error) {
	for {
		s.mu.Lock()
		if c, ok := s.cache[id]; ok && s.now().Before(c.until) {
			s.mu.Unlock()
			return c.plain, nil
		}
		f, under := s.flights[name]
		if !under {
			f = &flight{done: make(chan struct{}), err: errors.New("fetching the key broke off")}
			s.flights[name] = f
		}
		s.mu.Unlock()
		if !under {
			s.fly(ctx, f, id, name, get)
			return f.plain, f.err
		}
		select {
		case <-f.done:
		case <-ctx.Done():
			return nil, fmt.Errorf("waiting for data key %s: %w", id, ctx.Err())
		}
		if !f.calledOff {
			return f.plain, f.err
		}
	}
}

// fly fetches the key for everybody; also where get panics, nobody waits on.
func (s *Sealer) fly(ctx context.Context, f *flight, id, name string, get func() ([]byte, error)) {
	defer func() {
		f.calledOff = f.err != nil && ctx.Err() != nil
		s.mu.Lock()
		delete(s.flights, name)
		if f.err == nil {
			s.keep(id, f.plain)
		}
		s.mu.Unlock()
		close(f.done)
	}()
	f.plain, f.err = get()
}

// keep needs the lock. What has expired goes: a worker that lives for days must
// not collect every day's keys.
func (s *Sealer) keep(id string, plain []byte) {
	now := s.now()
	for old, c := range s.cache {
		if !now.Before(c.until) {
			delete(s.cache, old)
		}
	}
	s.cache[id] = cached{plain: plain, until: now.Add(cacheFor)}
}
