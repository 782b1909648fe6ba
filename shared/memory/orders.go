package memory

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"strings"
	"time"

	"aura.example/integrations/shared/integration"
)

// Order gives a wind-down; nil, nil where there is none.
func (s *Integrations) Order(_ context.Context, key integration.Key, generation string) (*integration.Order, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	o := s.look(key.Account).orders[genKey{key, generation}]
	if o == nil {
		return nil, nil
	}
	return cloneOrder(o), nil
}

// OrdersOf gives the orders of all generations at one place, oldest first.
func (s *Integrations) OrdersOf(_ context.Context, key integration.Key) ([]integration.Order, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var out []integration.Order
	for k, o := range s.look(key.Account).orders {
		if k.key == key {
			out = append(out, *cloneOrder(o))
		}
	}
	slices.SortFunc(out, func(a, b integration.Order) int { return cmp.Compare(a.Generation, b.Generation) })
	return out, nil
}

// PutOrder stores progress on condition of the version read.
func (s *Integrations) PutOrder(_ context.Context, o integration.Order) (integration.Order, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, k := s.account(o.Key.Account), genKey{o.Key, o.Generation}
	old := a.orders[k]
	if old == nil || old.Version != o.Version {
		return integration.Order{}, integration.ErrStale()
	}
	next := cloneOrder(&o)
	next.Version++
	a.orders[k] = next
	s.reslot(old.Slot, next.Slot, dueKey{k, true})
	return *cloneOrder(next), nil
}

// DropOrder ends a wind-down on condition of the version read; one that is gone
// already is no error.
func (s *Integrations) DropOrder(_ context.Context, o integration.Order) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	a, k := s.account(o.Key.Account), genKey{o.Key, o.Generation}
	old := a.orders[k]
	if old == nil {
		return nil
	}
	if old.Version != o.Version {
		return integration.ErrStale()
	}
	s.dropOrder(a, k)
	return nil
}

func (s *state) dropOrder(a *account, k genKey) {
	if o := a.orders[k]; o != nil {
		s.reslot(o.Slot, "", dueKey{k, true})
		delete(a.orders, k)
	}
}

// Due gives what stands in one slot, in a fixed order, after the cursor.
func (s *Integrations) Due(_ context.Context, slot string, p integration.Page) ([]integration.DueItem, string, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	keys := slices.SortedFunc(maps.Keys(s.slots[slot]), func(a, b dueKey) int { return cmp.Compare(a.name(), b.name()) })
	from, _ := slices.BinarySearchFunc(keys, p.Cursor, func(k dueKey, cursor string) int {
		if k.name() <= cursor {
			return -1
		}
		return 1
	})
	keys = keys[from:]
	next := ""
	if p.Limit > 0 && len(keys) > p.Limit {
		keys = keys[:p.Limit]
		next = keys[p.Limit-1].name()
	}
	out := make([]integration.DueItem, len(keys))
	for i, k := range keys {
		out[i] = integration.DueItem{Key: k.key, Generation: k.generation, WindDown: k.windDown}
		if rec := s.look(k.key.Account).records[k.key.Provider]; rec != nil && !k.windDown {
			out[i].Status, out[i].EditsWait, out[i].RetryAt = rec.Status, !rec.EditsWait.IsZero(), rec.RetryAt
		}
	}
	return out, next, nil
}

func (k dueKey) name() string {
	kind := "I"
	if k.windDown {
		kind = "W"
	}
	return strings.Join([]string{k.key.Account, kind, k.key.Provider, k.generation}, "\x00")
}

// Watermark gives how far a shard was dispatched.
func (s *Integrations) Watermark(_ context.Context, shard int) (integration.Mark, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.watermarks[shard], nil
}

// Pacing gives how a shard's polls are spread out.
func (s *Integrations) Pacing(ctx context.Context, shard int) (integration.Pacing, error) {
	m, err := s.Watermark(ctx, shard)
	return m.Pacing, err
}

// SetWatermark moves it on, on condition that it stands where it was read.
func (s *Integrations) SetWatermark(_ context.Context, shard int, from time.Time, to integration.Mark) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if !s.watermarks[shard].Minute.Equal(from) {
		return integration.ErrStale()
	}
	s.watermarks[shard] = to
	return nil
}
