package memory

import (
	"context"
	"fmt"
	"maps"
	"slices"
	"time"

	"aura.example/integrations/shared/integration"
)

// Get gives one record; NotFound where there is none.
func (s *Integrations) Get(_ context.Context, key integration.Key) (*integration.Integration, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	rec := s.look(key.Account).records[key.Provider]
	if rec == nil {
		return nil, integration.ErrNotFound()
	}
	return rec.Clone(), nil
}

// List gives all records of an account, by provider.
func (s *Integrations) List(_ context.Context, account string) ([]*integration.Integration, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	records := s.look(account).records
	out := make([]*integration.Integration, 0, len(records))
	for _, provider := range slices.Sorted(maps.Keys(records)) {
		out = append(out, records[provider].Clone())
	}
	return out, nil
}

// Apply carries out a change, all of it or nothing: every condition is checked
// before the first write.
func (s *Integrations) Apply(_ context.Context, ch integration.Change) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	key, err := subjectOf(ch)
	if err != nil {
		return err
	}
	a := s.account(key.Account)
	stored := a.records[key.Provider]
	if err := s.allowed(ch, key, a, stored); err != nil {
		return err
	}
	switch {
	case ch.Before == nil:
		if a.plan == nil {
			a.plan = &integration.Account{ID: key.Account, Plan: integration.DefaultPlan, Limit: ch.Limit}
		}
		a.plan.Used++
		s.put(a, nil, ch.After.Clone())
	case ch.After == nil:
		a.plan.Used--
		s.reslot(stored.Slot, "", due(stored))
		delete(a.records, key.Provider)
	default:
		s.put(a, stored, merge(stored, ch.Before, ch.After))
	}
	s.beside(ch, key, a)
	return nil
}

// subjectOf gives the place that a change is about.
func subjectOf(ch integration.Change) (integration.Key, error) {
	switch {
	case ch.After != nil && ch.Before != nil && ch.After.Key != ch.Before.Key:
		return integration.Key{}, fmt.Errorf("a change that moves %v to %v", ch.Before.Key, ch.After.Key)
	case ch.After != nil:
		return ch.After.Key, nil
	case ch.Before != nil:
		return ch.Before.Key, nil
	}
	return integration.Key{}, fmt.Errorf("a change of nothing")
}

// allowed checks every condition of a change.
func (s *Integrations) allowed(ch integration.Change, key integration.Key, a *account, stored *integration.Integration) error {
	if b := ch.Before; b != nil {
		switch {
		case stored == nil:
			return integration.ErrNotFound()
		case stored.ID != b.ID || stored.Version != b.Version || stored.Fence != b.Fence:
			return integration.ErrStale()
		}
	} else {
		limit, used := ch.Limit, 0
		if a.plan != nil {
			limit, used = a.plan.Limit, a.plan.Used
		}
		switch {
		case stored != nil:
			return integration.ErrPlaceTaken()
		case used >= limit:
			return integration.ErrPlanFull()
		}
	}
	if ch.DropOrder != "" {
		o := a.orders[genKey{key, ch.DropOrder}]
		if now := s.now(); o != nil && o.Revoking(now) {
			return integration.ErrRevoking(o.ClaimedTo.Sub(now))
		}
	}
	return nil
}

// beside writes what a change brings besides the record.
func (s *Integrations) beside(ch integration.Change, key integration.Key, a *account) {
	if ch.Entry != nil {
		s.addEntry(*ch.Entry)
	}
	if ch.Flow != nil {
		s.putFlow(*ch.Flow)
	}
	if c := ch.Credential; c != nil {
		s.putCredential(a, *c)
	}
	if ch.Order != nil {
		o := cloneOrder(ch.Order)
		k := genKey{o.Key, o.Generation}
		var slot string
		o.Version = 1
		if old := a.orders[k]; old != nil {
			o.Version, slot = old.Version+1, old.Slot
			o.Remove = o.Remove || old.Remove // what the older one still owes
			if len(o.Noted) == 0 {
				o.Noted = old.Noted
			}
			if o.ClaimedTo.IsZero() {
				o.ClaimedTo = old.ClaimedTo
			}
		}
		a.orders[k] = o
		s.reslot(slot, o.Slot, dueKey{k, true})
	}
	if ch.Ended != nil {
		s.keepRun(*ch.Ended)
	}
	if ch.DropOrder != "" {
		s.dropOrder(a, genKey{key, ch.DropOrder})
	}
}

// Note stores rec.FlowExpires and what comes with it, on condition that the
// generation is there.
func (s *Integrations) Note(_ context.Context, rec *integration.Integration, flow *integration.Flow, entry *integration.Entry) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	stored := s.look(rec.Account).records[rec.Provider]
	if stored == nil {
		return integration.ErrNotFound()
	}
	if stored.ID != rec.ID {
		return integration.ErrStale()
	}
	stored.FlowExpires = rec.FlowExpires
	if flow != nil {
		s.putFlow(*flow)
	}
	if entry != nil {
		s.addEntry(*entry)
	}
	return nil
}

// EditsWait notes that nobody comes for an edit that waits.
func (s *Integrations) EditsWait(_ context.Context, key integration.Key, generation string, at time.Time) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	stored := s.look(key.Account).records[key.Provider]
	if stored == nil || stored.ID != generation {
		return integration.ErrStale()
	}
	stored.EditsWait = at.UTC().Truncate(time.Second)
	return nil
}

// put stores a record and its line of the slot index.
func (s *state) put(a *account, old, rec *integration.Integration) {
	if old != nil {
		s.reslot(old.Slot, "", due(old))
	}
	s.reslot("", rec.Slot, due(rec))
	a.records[rec.Provider] = rec
}

func due(rec *integration.Integration) dueKey { return dueKey{genKey{rec.Key, rec.ID}, false} }
