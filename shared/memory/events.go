package memory

import (
	"cmp"
	"context"
	"maps"
	"slices"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
)

// mark is who wrote a row last: what a late holder's write is refused by.
type mark struct {
	generation string
	fence      int64
}

// Rows reads many rows at once.
func (s *Events) Rows(_ context.Context, account string, ids []string) (map[string]*calendar.Row, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	rows := s.look(account).rows
	out := make(map[string]*calendar.Row, len(ids))
	for _, id := range ids {
		if r := rows[id]; r != nil {
			out[id] = cloneRow(r)
		}
	}
	return out, nil
}

// Put writes a row; refused, it gives the row that is stored.
func (s *Events) Put(_ context.Context, w calendar.Write) (*calendar.Row, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.account(w.Row.Account)
	stored := a.rows[w.Row.ID]
	if !s.mayWrite(a, w, stored) {
		return cloneRow(stored), errStaleRow()
	}
	row := cloneRow(w.Row)
	if row.Link != nil { // the link says who wrote the row last, whatever the caller filled in
		row.Link.Generation, row.Link.Fence = w.Generation, w.Fence
	}
	a.rows[w.Row.ID] = row
	a.marks[w.Row.ID] = mark{w.Generation, w.Fence}
	return nil, nil
}

// Delete removes a row while no edit is pending; one that is gone already is no
// error.
func (s *Events) Delete(_ context.Context, w calendar.Write) (*calendar.Row, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	a := s.account(w.Row.Account)
	stored := a.rows[w.Row.ID]
	if stored == nil {
		return nil, nil
	}
	if !s.mayWrite(a, w, stored) || stored.Pending != "" {
		return cloneRow(stored), errStaleRow()
	}
	delete(a.rows, w.Row.ID)
	delete(a.marks, w.Row.ID)
	return nil, nil
}

// mayWrite is the condition of every run's write to a row.
func (s *Events) mayWrite(a *account, w calendar.Write, stored *calendar.Row) bool {
	if stored == nil {
		return w.Expect == 0
	}
	m := a.marks[w.Row.ID]
	return stored.Version == w.Expect &&
		(m.generation < w.Generation || m.generation == w.Generation && m.fence <= w.Fence)
}

func errStaleRow() *fault.Error {
	return fault.New(fault.Stale, "stale", "The event has changed since you looked. Load it again.")
}

// Range gives what may show between two moments, by id.
func (s *Events) Range(_ context.Context, account string, from, to time.Time) ([]*calendar.Row, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	if to.Before(from) {
		return nil, nil
	}
	rows := s.look(account).rows
	var longest time.Duration
	for _, r := range rows {
		if r.IsMaster() && r.MayShow(from, to, 0) {
			longest = max(longest, r.Lasts())
		}
	}
	var out []*calendar.Row
	for _, r := range rows {
		if r.MayShow(from, to, longest) {
			out = append(out, cloneRow(r))
		}
	}
	slices.SortFunc(out, func(a, b *calendar.Row) int { return cmp.Compare(a.ID, b.ID) })
	return out, nil
}

// linksPage is how many rows one page of links looks at.
const linksPage = 1000

// Links gives the projection of what is linked to a calendar, or to any of the
// provider's where calendar is "".
func (s *Events) Links(_ context.Context, account, provider, cal, cursor string) ([]calendar.LinkRow, string, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	rows := s.look(account).rows
	ids := slices.Sorted(maps.Keys(rows))
	from, found := slices.BinarySearch(ids, cursor)
	if found {
		from++
	}
	ids = ids[from:]
	next := ""
	if len(ids) > linksPage {
		ids = ids[:linksPage]
		next = ids[linksPage-1]
	}
	var out []calendar.LinkRow
	for _, id := range ids {
		r := rows[id]
		if l := r.Link; l != nil && l.Provider == provider && (cal == "" || l.Calendar == cal) {
			out = append(out, calendar.LinkRow{
				ID: r.ID, MasterID: r.MasterID, Series: r.IsMaster(), Calendar: l.Calendar, Title: r.Title, Kind: r.Kind, ProviderID: l.ProviderID, ETag: l.ETag, Origin: r.Origin,
				Pending: r.Pending, Generation: l.Generation, Fence: l.Fence, Version: r.Version,
			})
		}
	}
	return out, next, nil
}

// Quarantined gives the events that can't be synced, by id.
func (s *Events) Quarantined(_ context.Context, account string) ([]calendar.Quarantine, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	q := s.look(account).quarantine
	out := make([]calendar.Quarantine, 0, len(q))
	for _, id := range slices.Sorted(maps.Keys(q)) {
		out = append(out, q[id])
	}
	return out, nil
}

// PutQuarantine stores one.
func (s *Events) PutQuarantine(_ context.Context, q calendar.Quarantine) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.account(q.Account).quarantine[q.EventID] = q
	return nil
}

// DropQuarantine deletes one; one that is gone is no error.
func (s *Events) DropQuarantine(_ context.Context, account, eventID string) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.account(account).quarantine, eventID)
	return nil
}

func cloneRow(r *calendar.Row) *calendar.Row {
	if r == nil {
		return nil
	}
	c := *r
	c.Recurrence = slices.Clone(r.Recurrence)
	c.Guests = slices.Clone(r.Guests)
	c.Edited = maps.Clone(r.Edited)
	if r.Link != nil {
		l := *r.Link
		c.Link = &l
	}
	return &c
}
