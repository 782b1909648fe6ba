package memory

import (
	"cmp"
	"context"
	"fmt"
	"maps"
	"slices"

	"aura.example/integrations/shared/calendar"
)

// Pair gives an event with its outbox item.
func (s *Events) Pair(_ context.Context, account, id string) (*calendar.Row, *calendar.Item, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	a := s.look(account)
	return cloneRow(a.rows[id]), cloneItem(a.outbox[id]), nil
}

// WritePair carries out a transaction on events and their items.
func (s *Events) WritePair(_ context.Context, pairs ...calendar.Pair) error {
	if len(pairs) > calendar.MostPairs {
		return fmt.Errorf("writing %d events in one transaction; %d are the most", len(pairs), calendar.MostPairs)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range pairs {
		a := s.account(p.Account)
		if !pairAsRead(a, p, a.rows[p.ID], a.outbox[p.ID]) {
			return errStaleRow()
		}
	}
	for _, p := range pairs {
		s.writePair(p)
	}
	return nil
}

func (s *Events) writePair(p calendar.Pair) {
	a := s.account(p.Account)
	switch {
	case p.KeepRow:
	case p.Row == nil:
		delete(a.rows, p.ID)
		delete(a.marks, p.ID)
	default:
		next := cloneRow(p.Row)
		m := a.marks[p.ID]
		if !p.Hold.Person() {
			m = mark{p.Hold.Generation, p.Hold.Fence}
		}
		if next.Link != nil {
			next.Link.Generation, next.Link.Fence = m.generation, m.fence
		}
		a.rows[p.ID], a.marks[p.ID] = next, m
	}
	s.writeItem(a, p, a.outbox[p.ID])
}

// Exceptions gives the exceptions of a series, by id.
func (s *Events) Exceptions(_ context.Context, account, master string) ([]*calendar.Row, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	var out []*calendar.Row
	for _, r := range s.look(account).rows {
		if r.MasterID == master && calendar.PlaceOf(r).Class == calendar.ClassSeries {
			out = append(out, cloneRow(r))
		}
	}
	slices.SortFunc(out, func(a, b *calendar.Row) int { return cmp.Compare(a.ID, b.ID) })
	return out, nil
}

func (s *Events) writeItem(a *account, p calendar.Pair, item *calendar.Item) {
	w := p.Item
	switch {
	case w.Delete:
		delete(a.outbox, p.ID)
	case w.Put != nil:
		next := cloneItem(w.Put)
		next.Generation, next.Fence = p.Hold.Generation, p.Hold.Fence
		a.outbox[p.ID] = next
	case w.Fresh != nil:
		next := cloneItem(item)
		next.Fresh = slices.Clone(w.Fresh)
		a.outbox[p.ID] = next
	case w.Update != nil:
		next := cloneItem(w.Update)
		next.Sent, next.Fresh = slices.Clone(item.Sent), slices.Clone(item.Fresh)
		switch {
		case w.ClearSent:
			next.Sent = nil
		case w.Unlanded == 1:
			next.Sent = nil
		case w.Unlanded > 1:
			next.Sent = next.Sent[:w.Unlanded-1]
		}
		next.Generation, next.Fence = item.Generation, item.Fence
		if !p.Hold.Person() {
			next.Generation, next.Fence = p.Hold.Generation, p.Hold.Fence
		}
		a.outbox[p.ID] = next
	}
}

// pairAsRead is the transaction's condition.
func pairAsRead(a *account, p calendar.Pair, row *calendar.Row, item *calendar.Item) bool {
	var rowVersion, itemVersion int64
	if row != nil {
		rowVersion = row.Version
	}
	if item != nil {
		itemVersion = item.Version
	}
	if rowVersion != p.Expect || itemVersion != p.Item.Expect {
		return false
	}
	if p.Item.Unsent && item != nil && len(item.Sent) > 0 {
		return false
	}
	if p.Item.Aware && (item == nil || len(item.Fresh) != p.Item.Knew) {
		return false
	}
	if n := p.Item.Unlanded; n > 0 && (item == nil || len(item.Sent) != n) {
		return false
	}
	if p.Hold.Person() {
		return true
	}
	m := a.marks[p.ID]
	late := m.generation > p.Hold.Generation || m.generation == p.Hold.Generation && m.fence > p.Hold.Fence
	return !late && !laterItem(item, p.Hold)
}

func laterItem(item *calendar.Item, h calendar.Hold) bool {
	return item != nil && (item.Generation > h.Generation || item.Generation == h.Generation && item.Fence > h.Fence)
}

// outboxPage is how many items one page gives.
const outboxPage = 100

// Outbox lists what waits, by event id.
func (s *Events) Outbox(_ context.Context, account, cursor string) ([]calendar.Item, string, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	outbox := s.look(account).outbox
	ids := slices.Sorted(maps.Keys(outbox))
	from, found := slices.BinarySearch(ids, cursor)
	if found {
		from++
	}
	ids = ids[from:]
	next := ""
	if len(ids) > outboxPage {
		ids = ids[:outboxPage]
		next = ids[outboxPage-1]
	}
	out := make([]calendar.Item, len(ids))
	for i, id := range ids {
		out[i] = *cloneItem(outbox[id])
	}
	return out, next, nil
}

// RecordSent adds an attempt to an item that is as it was read.
func (s *Events) RecordSent(_ context.Context, item calendar.Item, at calendar.Attempt, h calendar.Hold) (*calendar.Item, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.account(item.Account)
	stored := a.outbox[item.EventID]
	if stored == nil || stored.Version != item.Version || len(stored.Sent) != len(item.Sent) || laterItem(stored, h) {
		return nil, errStaleRow()
	}
	next := cloneItem(stored.Try(at))
	next.Generation, next.Fence = h.Generation, h.Fence
	a.outbox[item.EventID] = next
	return cloneItem(next), nil
}

func cloneItem(i *calendar.Item) *calendar.Item { return i.Clone() }
