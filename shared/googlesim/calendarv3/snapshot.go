package calendarv3

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// State is everything the server knows, tombstones, etags, counters and
// channels included. It survives encoding/json. What it isn't: the quotas'
// counts, which start anew.
type State struct {
	Format    int             `json:"format"`
	Stamp     int64           `json:"stamp"`
	Made      uint64          `json:"made"`
	Nums      uint32          `json:"nums"`
	Key       []byte          `json:"key"`
	Calendars []CalendarState `json:"calendars"`
	Accounts  []AccountState  `json:"accounts"`
	Channels  []ChannelState  `json:"channels,omitempty"`
}

// CalendarState is a calendar with its events.
type CalendarState struct {
	Calendar
	Num    uint32       `json:"num"`
	Owner  string       `json:"owner"`
	Seq    uint64       `json:"seq"`
	Epoch  uint64       `json:"epoch"`
	Stamp  int64        `json:"stamp"`
	Events []EventState `json:"events"` // in the calendar's order
	// Vanished are instances that changed series no longer have.
	Vanished []VanishedState `json:"vanished,omitempty"`
}

// VanishedState is an instance that its series no longer has.
type VanishedState struct {
	ID      string `json:"id"`
	Order   uint32 `json:"order"` // its master's
	Changed uint64 `json:"changed"`
	Start   int64  `json:"start"` // Unix seconds
}

// EventState is a stored event and what its resource doesn't show.
type EventState struct {
	Resource  json.RawMessage            `json:"resource"`
	Changed   uint64                     `json:"changed"`
	Stamp     int64                      `json:"stamp"`
	Updated   int64                      `json:"updated"`
	Marks     uint16                     `json:"marks,omitempty"`
	Reminders map[string]json.RawMessage `json:"reminders,omitempty"`
}

// AccountState is an account with its calendar list.
type AccountState struct {
	Num     uint32       `json:"num"`
	Email   string       `json:"email"`
	Seq     uint64       `json:"seq"`
	Epoch   uint64       `json:"epoch"`
	Entries []EntryState `json:"entries"`
}

// EntryState is a calendar in a list.
type EntryState struct {
	Calendar Calendar `json:"calendar"` // whole, for the tombstone of a calendar that is gone
	Role     Role     `json:"role,omitempty"`
	Primary  bool     `json:"primary,omitempty"`
	Hidden   bool     `json:"hidden,omitempty"`
	Deleted  bool     `json:"deleted,omitempty"`
	Changed  uint64   `json:"changed"`
	Stamp    int64    `json:"stamp"`
	Epoch    uint64   `json:"epoch"`
}

const stateFormat = 1

// Version grows with every change of the state, so that persistence knows when
// there is something to write.
func (s *Server) Version() uint64 {
	s.mu.RLock()
	defer s.mu.RUnlock()
	return s.state.version
}

// Snapshot copies the whole state. The copy shares no memory that changes.
func (s *Server) Snapshot() State {
	s.mu.RLock()
	defer s.mu.RUnlock()
	st := s.state
	out := State{Format: stateFormat, Stamp: st.stamp, Made: st.made, Nums: st.nums, Key: slices.Clone(st.key[:])}
	for _, id := range slices.Sorted(maps.Keys(st.calendars)) {
		out.Calendars = append(out.Calendars, st.calendars[id].snapshot())
	}
	for _, a := range st.accounts {
		as := AccountState{Num: a.num, Email: a.email, Seq: a.seq, Epoch: a.epoch}
		for _, e := range a.entries {
			as.Entries = append(as.Entries, EntryState{Calendar: e.cal.meta, Role: e.role, Primary: e.primary, Hidden: e.hidden,
				Deleted: e.deleted, Changed: e.changed, Stamp: e.stamp, Epoch: e.epoch})
		}
		out.Accounts = append(out.Accounts, as)
	}
	for _, key := range slices.Sorted(maps.Keys(st.channels)) {
		out.Channels = append(out.Channels, *st.channels[key])
	}
	return out
}

// snapshot keeps with each event what its resource doesn't say; everything else
// is worked out again by index.
func (c *calendar) snapshot() CalendarState {
	out := CalendarState{Calendar: c.meta, Num: c.num, Owner: c.owner, Seq: c.seq, Epoch: c.epoch, Stamp: c.stamp}
	out.Events = make([]EventState, 0, len(c.order))
	for _, e := range c.order {
		out.Events = append(out.Events, EventState{Resource: e.raw, Changed: e.changed, Stamp: e.stamp, Updated: e.updated,
			Marks: uint16(e.marks & (withMaster | orphaned)), Reminders: e.reminders})
	}
	for _, id := range slices.Sorted(maps.Keys(c.vanished)) {
		v := c.vanished[id]
		out.Vanished = append(out.Vanished, VanishedState{ID: id, Order: v.ord, Changed: v.changed, Start: v.start})
	}
	return out
}

// Restore replaces the whole state. After an error nothing has changed.
func (s *Server) Restore(from State) error {
	st, err := from.build()
	if err != nil {
		return fmt.Errorf("restore calendars: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	st.version = s.state.version + 1
	st.treat(s.state.stray)
	s.state = st
	return nil
}

// build makes a whole new state before anything is replaced.
func (from State) build() (*state, error) {
	if from.Format != stateFormat {
		return nil, fmt.Errorf("format %d is not %d", from.Format, stateFormat)
	}
	st := newState()
	if len(from.Key) != len(st.key) {
		return nil, errors.New("key has the wrong length")
	}
	copy(st.key[:], from.Key)
	for _, cs := range from.Calendars {
		c, err := cs.build(st)
		if err != nil {
			return nil, fmt.Errorf("calendar %s: %w", cs.ID, err)
		}
		st.calendars[cs.ID] = c
	}
	st.stamp, st.made, st.nums = from.Stamp, from.Made, from.Nums // after newCalendar, which moves them
	for _, as := range from.Accounts {
		a, err := as.build(st)
		if err != nil {
			return nil, fmt.Errorf("account %s: %w", as.Email, err)
		}
		st.addAccount(a)
	}
	for _, ch := range from.Channels {
		st.addChannel(&ch)
	}
	return st, nil
}

// build stores the events in their old order and then puts back the change
// numbers, which storing has counted anew.
func (cs CalendarState) build(st *state) (*calendar, error) {
	if st.calendars[cs.ID] != nil {
		return nil, errors.New("comes twice")
	}
	c, err := st.newCalendar(cs.Calendar, cs.Owner)
	if err != nil {
		return nil, err
	}
	for i, es := range cs.Events {
		d, err := decodeObject(es.Resource)
		if err != nil {
			return nil, fmt.Errorf("event %d: %w", i, err)
		}
		e, err := index(d, c.zone)
		if err != nil || c.events[e.id] != nil {
			return nil, fmt.Errorf("event %d (%s): broken or twice", i, clip(e.id))
		}
		e.raw = append([]byte(nil), es.Resource...)
		e.stamp, e.updated, e.reminders = es.Stamp, es.Updated, es.Reminders
		e.marks |= mark(es.Marks) & (withMaster | orphaned)
		c.store(e)
		e.changed = es.Changed
	}
	for _, v := range cs.Vanished {
		c.vanished[v.ID] = vanished{ord: v.Order, changed: v.Changed, start: v.Start}
	}
	c.num, c.seq, c.epoch, c.stamp = cs.Num, cs.Seq, cs.Epoch, cs.Stamp
	c.log = c.log[:0]
	for _, e := range c.order {
		c.log = append(c.log, logged{e.changed, e})
	}
	slices.SortFunc(c.log, func(a, b logged) int { return int(a.seq) - int(b.seq) })
	return c, nil
}

// build ties the entries to the calendars that were built before.
func (as AccountState) build(st *state) (*account, error) {
	if st.account(as.Email) != nil || !strings.Contains(as.Email, "@") {
		return nil, errors.New("broken or twice")
	}
	a := &account{num: as.Num, email: as.Email, seq: as.Seq, epoch: as.Epoch}
	for _, es := range as.Entries {
		c := st.calendars[es.Calendar.ID]
		if c == nil {
			if es.Role != "" {
				return nil, fmt.Errorf("calendar %s is missing", es.Calendar.ID)
			}
			c = &calendar{meta: es.Calendar} // deleted: only its name is left
		}
		a.entries = append(a.entries, &entry{cal: c, acct: a, role: es.Role, primary: es.Primary, hidden: es.Hidden,
			deleted: es.Deleted, changed: es.Changed, stamp: es.Stamp, epoch: es.Epoch})
	}
	return a, nil
}
