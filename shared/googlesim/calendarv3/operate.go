package calendarv3

import (
	"fmt"
	"time"
)

// What a person does in Google's own page, as operations in process: the same
// rules as through the API, without tokens, scopes and quotas. Refusals are
// *Error.

// Events returns what email sees between from and to, series expanded, by
// start.
func (s *Server) Events(email, calendarID string, from, to time.Time) ([]Event, error) {
	var out []Event
	now := s.o.Now()
	err := s.view(func(st *state) *Error {
		e, err := st.entryFor(email, calendarID)
		if err != nil {
			return err
		}
		f := filter{single: true, orderBy: "startTime", from: from, to: to}
		v := &viewer{e: e, own: e.owns()}
		for _, ev := range e.cal.expanded(&f, bookmark{at: -1 << 62}, 1<<30, now).events {
			out = append(out, v.document(ev))
		}
		return nil
	})
	return out, plain(err)
}

// Event returns one event or instance as email sees it.
func (s *Server) Event(email, calendarID, id string) (out Event, _ error) {
	now := s.o.Now()
	err := s.view(func(st *state) *Error {
		e, err := st.entryFor(email, calendarID)
		if err != nil {
			return err
		}
		ev := e.cal.find(id, now)
		if ev == nil {
			return errNotFound()
		}
		out = (&viewer{e: e, own: e.owns()}).document(ev)
		return nil
	})
	return out, plain(err)
}

// Insert creates an event as email would through the API.
func (s *Server) Insert(email, calendarID string, body Event) (Event, error) {
	return s.operate(email, calendarID, body, func(st *state, e *entry, body Event) (*event, *Error) {
		return st.insert(e, body, false)
	})
}

// Patch changes an event, an instance, an instance and all that follow, or the
// whole series that id belongs to. With SpanAll and a start or end in the
// patch, the master is moved by the same distance.
func (s *Server) Patch(email, calendarID, id string, patch Event, span Span) (Event, error) {
	return s.operate(email, calendarID, patch, func(st *state, e *entry, patch Event) (*event, *Error) {
		ev, err := e.living(id, st.now)
		if err != nil {
			return nil, err
		}
		if ev.master != "" && span == SpanFollowing {
			return st.splitAt(e, ev, patch)
		}
		if master := e.cal.events[ev.master]; master != nil && span == SpanAll {
			patch = e.cal.series(master).shift(ev, patch)
			ev = master
		}
		after := (&viewer{e: e, own: e.owns()}).document(ev)
		merge(after, patch)
		return st.amend(e, ev, after)
	})
}

// Delete removes an event, an instance, an instance and all that follow, or the
// whole series that id belongs to.
func (s *Server) Delete(email, calendarID, id string, span Span) error {
	_, err := s.operate(email, calendarID, Event{}, func(st *state, e *entry, _ Event) (*event, *Error) {
		ev, err := e.living(id, st.now)
		if err != nil {
			return nil, err
		}
		master := e.cal.events[ev.master]
		if master == nil || span == SpanThis {
			return st.cancelEvent(e, ev)
		}
		series := e.cal.series(master)
		at, ok := series.cutAt(ev)
		if span == SpanAll || !ok || !at.After(series.start.at) {
			return st.cancelEvent(e, master)
		}
		if err := st.endBefore(e.cal, series, at); err != nil {
			return nil, err
		}
		st.notify(e.cal)
		return ev, st.orphanChildren(e.cal, e.cal.events[master.id])
	})
	return err
}

// MoveTo moves an event to another calendar of the account.
func (s *Server) MoveTo(email, calendarID, id, destination string) (Event, error) {
	return s.operate(email, calendarID, Event{}, func(st *state, e *entry, _ Event) (*event, *Error) {
		to, err := st.entryFor(email, destination)
		if err != nil {
			return nil, err
		}
		return st.move(e, to, id)
	})
}

// operate runs a change on a calendar that email may write to, with a body that
// has been checked as the API checks it.
func (s *Server) operate(email, calendarID string, body Event, do func(*state, *entry, Event) (*event, *Error)) (out Event, _ error) {
	err := s.change(func(st *state) *Error {
		e, err := st.entryFor(email, calendarID)
		if err != nil {
			return err
		}
		if !e.role.writes() {
			return errAccess(RoleWriter)
		}
		kept, err := eventShape.conform(map[string]any(body), "")
		if err != nil {
			return err
		}
		ev, err := do(st, e, copyDoc(asObject(kept)))
		if err != nil {
			return err
		}
		out = (&viewer{e: e, own: e.owns()}).document(ev)
		return nil
	})
	return out, plain(err)
}

// living is an event or instance that isn't deleted.
func (e *entry) living(id string, now time.Time) (*event, *Error) {
	ev := e.cal.find(id, now)
	switch {
	case ev == nil:
		return nil, errNotFound()
	case ev.is(cancelled):
		return nil, errDeleted()
	}
	return ev, nil
}

// entryFor is a calendar as an account has it, by its real id or as "primary".
func (st *state) entryFor(email, calendarID string) (*entry, *Error) {
	a := st.account(email)
	if a == nil {
		return nil, errNotFound()
	}
	if e := a.entry(calendarID); e != nil {
		return e, nil
	}
	return nil, errNotFound()
}

// plain keeps a nil *Error from becoming a non-nil error.
func plain(err *Error) error {
	if err == nil {
		return nil
	}
	return fmt.Errorf("simulated calendar: %w", err)
}
