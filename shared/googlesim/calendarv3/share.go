package calendarv3

import (
	"fmt"
)

// Accounts lists the e-mails in the order in which they were added.
func (s *Server) Accounts() []string {
	s.mu.RLock()
	defer s.mu.RUnlock()
	out := make([]string, 0, len(s.state.accounts))
	for _, a := range s.state.accounts {
		out = append(out, a.email)
	}
	return out
}

// Calendars is an account's list, hidden and deleted entries included.
func (s *Server) Calendars(email string) ([]Entry, error) {
	s.mu.RLock()
	defer s.mu.RUnlock()
	a := s.state.account(email)
	if a == nil {
		return nil, fmt.Errorf("%w: %s", ErrNoAccount, email)
	}
	out := make([]Entry, 0, len(a.entries))
	for _, e := range a.entries {
		out = append(out, Entry{Calendar: e.cal.meta, Role: e.role, Primary: e.primary, Hidden: e.hidden, Deleted: e.deleted})
	}
	return out, nil
}

// Share changes the role of an account on a calendar; an empty role takes the
// calendar away from it. Sync tokens that the account has for the calendar's
// events end, as "changes in related access controls" end them at Google; the
// calendar list doesn't report a mere change of role.
func (s *Server) Share(email, calendarID string, role Role) error {
	return s.seed(func(st *state) error {
		a, c := st.account(email), st.calendars[calendarID]
		switch {
		case a == nil:
			return fmt.Errorf("%w: %s", ErrNoAccount, email)
		case c == nil:
			return fmt.Errorf("%w: %s", ErrNoCalendar, calendarID)
		case !role.known():
			return fmt.Errorf("calendar: unknown role %q", role)
		}
		for _, e := range a.entries {
			if e.cal == c {
				st.setRole(e, role)
				return nil
			}
		}
		if role == "" {
			return nil
		}
		_, err := st.addCalendar(email, c.meta, role, false)
		return err
	})
}

// setRole changes a right and what hangs on it: tokens, the list, channels.
func (st *state) setRole(e *entry, role Role) {
	if e.role == role {
		return
	}
	gone, back := role == "", e.role == ""
	e.role = role
	e.epoch++
	if !gone && !back {
		return
	}
	e.deleted = gone
	st.touch(e)
	st.notifyList(e.acct)
	if gone {
		st.notifyGone(e)
	}
}

// HideCalendar sets whether a calendar is hidden in an account's list.
func (s *Server) HideCalendar(email, calendarID string, hide bool) error {
	return s.seed(func(st *state) error {
		e, err := st.entryFor(email, calendarID)
		if err != nil {
			return fmt.Errorf("%w: %s of %s", ErrNoCalendar, calendarID, email)
		}
		e.hidden = hide
		st.touch(e)
		st.notifyList(e.acct)
		return nil
	})
}

// DeleteCalendar removes a calendar for everybody. A primary calendar can't be
// deleted.
func (s *Server) DeleteCalendar(calendarID string) error {
	return s.seed(func(st *state) error {
		c := st.calendars[calendarID]
		if c == nil {
			return fmt.Errorf("%w: %s", ErrNoCalendar, calendarID)
		}
		if c.meta.ID == c.owner {
			return fmt.Errorf("calendar: %s is a primary calendar", calendarID)
		}
		for _, e := range st.reaches(c) {
			st.setRole(e, "")
		}
		delete(st.calendars, calendarID)
		return nil
	})
}
