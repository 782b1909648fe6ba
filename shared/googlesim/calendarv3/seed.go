package calendarv3

import (
	"errors"
	"fmt"
	"strings"
)

var (
	// ErrNoAccount and ErrNoCalendar are returned by seeding for what was never
	// added.
	ErrNoAccount  = errors.New("calendar: no such account")
	ErrNoCalendar = errors.New("calendar: no such calendar")
)

// seed runs a change whose errors are the seeder's own fault, not Google's
// refusals.
func (s *Server) seed(f func(*state) error) error {
	var out error
	s.change(func(st *state) *Error {
		out = f(st)
		return nil
	})
	return out
}

// AddAccount adds an account with its primary calendar, whose id is the e-mail.
// timeZone is an IANA name; empty: UTC. Adding an account again changes
// nothing.
func (s *Server) AddAccount(email, timeZone string) error {
	return s.seed(func(st *state) error {
		if st.account(email) != nil {
			return nil
		}
		if !strings.Contains(email, "@") {
			return fmt.Errorf("calendar: account %q is not an e-mail address", email)
		}
		st.addAccount(&account{num: st.nextNum(), email: email})
		_, err := st.addCalendar(email, Calendar{ID: email, Summary: email, TimeZone: timeZone}, RoleOwner, true)
		return err
	})
}

// AddCalendar gives email a role on a calendar, creating it if its id is
// unknown (an empty id is generated).
func (s *Server) AddCalendar(email string, c Calendar, role Role) (id string, err error) {
	err = s.seed(func(st *state) error {
		id, err = st.addCalendar(email, c, role, false)
		return err
	})
	return id, err
}

// addCalendar gives an account its entry for a calendar, new or known.
func (st *state) addCalendar(email string, meta Calendar, role Role, primary bool) (string, error) {
	a := st.account(email)
	if a == nil {
		return "", fmt.Errorf("%w: %s", ErrNoAccount, email)
	}
	if !role.known() || role == "" {
		return "", fmt.Errorf("calendar: unknown role %q", role)
	}
	if meta.ID == "" {
		meta.ID = st.newID() + "@group.calendar.google.com"
	}
	c := st.calendars[meta.ID]
	if c == nil {
		var err error
		if c, err = st.newCalendar(meta, email); err != nil {
			return "", err
		}
	}
	for _, e := range a.entries {
		if e.cal == c {
			st.setRole(e, role)
			return c.meta.ID, nil
		}
	}
	e := &entry{cal: c, acct: a, role: role, primary: primary}
	a.entries = append(a.entries, e)
	st.touch(e)
	st.notifyList(a)
	return c.meta.ID, nil
}

// newCalendar needs a zone that can be loaded: everything about all-day events
// hangs on it.
func (st *state) newCalendar(meta Calendar, owner string) (*calendar, error) {
	if meta.TimeZone == "" {
		meta.TimeZone = "UTC"
	}
	zone, err := loadZone(meta.TimeZone)
	if err != nil {
		return nil, fmt.Errorf("calendar %s: time zone %q: %w", meta.ID, meta.TimeZone, err)
	}
	c := &calendar{num: st.nextNum(), meta: meta, owner: owner, zone: zone, stamp: st.tick(), stray: st.stray,
		events: map[string]*event{}, children: map[string][]*event{}, splits: map[string][]*event{}, vanished: map[string]vanished{}}
	st.calendars[meta.ID] = c
	return c, nil
}

// nextNum numbers accounts and calendars together, so that a number alone says
// what a token or a channel is about.
func (st *state) nextNum() uint32 {
	st.nums++
	return st.nums
}

// PutEvent stores an event as it is given (id, organizer, status, eventType
// included), even what the API would never let in, and fills in what is
// missing. It is for seeds: a calendar has a past that no client wrote.
func (s *Server) PutEvent(calendarID string, body Event) (out Event, err error) {
	err = s.seed(func(st *state) error {
		c := st.calendars[calendarID]
		if c == nil {
			return fmt.Errorf("%w: %s", ErrNoCalendar, calendarID)
		}
		d := copyDoc(body)
		owner := &entry{cal: c, acct: &account{email: c.owner}}
		for name, v := range st.newEvent(owner, Event{"id": d["id"], "sequence": d["sequence"]}) {
			if _, ok := d[name]; !ok {
				d[name] = v
			}
		}
		for name, v := range map[string]any{"status": statusConfirmed, "organizer": organizerOf(c), "reminders": map[string]any{"useDefault": true}} {
			if _, ok := d[name]; !ok {
				d[name] = v
			}
		}
		for _, name := range []string{"start", "end", "originalStartTime"} {
			if m, err := readMoment(d.object(name), c.zone); err == nil {
				d[name] = m.write(c.zone, c.meta.TimeZone)
			}
		}
		_, given := d["updated"]
		e, perr := st.put(c, d, given, nil)
		if perr != nil {
			return plain(perr)
		}
		st.notify(c)
		out = e.resource()
		return nil
	})
	return out, err
}

// Stored returns what a calendar stores and isn't deleted: single events,
// masters and exceptions (cancelled ones too, for those are what an export
// writes as EXDATE), oldest first, unexpanded.
func (s *Server) Stored(calendarID string) (out []Event, err error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	c := s.state.calendars[calendarID]
	if c == nil {
		return nil, fmt.Errorf("%w: %s", ErrNoCalendar, calendarID)
	}
	for _, e := range c.order {
		if !e.is(cancelled) || c.standsForHole(e, false) {
			out = append(out, e.resource())
		}
	}
	return out, nil
}

// ExpireSyncTokens makes every sync token of a calendar answer 410 from now on.
func (s *Server) ExpireSyncTokens(calendarID string) error {
	return s.seed(func(st *state) error {
		c := st.calendars[calendarID]
		if c == nil {
			return fmt.Errorf("%w: %s", ErrNoCalendar, calendarID)
		}
		c.epoch++
		return nil
	})
}

// RenameAccount changes an account's e-mail, and with it the real id of its
// primary calendar.
func (s *Server) RenameAccount(from, to string) error {
	return s.seed(func(st *state) error {
		a := st.account(from)
		if a == nil {
			return fmt.Errorf("%w: %s", ErrNoAccount, from)
		}
		if st.account(to) != nil || st.calendars[to] != nil || !strings.Contains(to, "@") {
			return fmt.Errorf("calendar: account cannot be renamed to %q", to)
		}
		was := a.email
		for _, c := range st.calendars {
			if strings.EqualFold(c.owner, was) {
				c.owner = to
			}
		}
		for _, e := range a.entries {
			if e.primary {
				delete(st.calendars, e.cal.meta.ID)
				e.cal.meta.ID = to
				st.calendars[to] = e.cal
			}
			st.touch(e)
		}
		delete(st.byEmail, strings.ToLower(was))
		a.email, st.byEmail[strings.ToLower(to)] = to, a
		st.notifyList(a)
		return nil
	})
}
