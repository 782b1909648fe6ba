package calendarv3

import (
	"errors"
	"time"
)

var errPending = errors.New("calendarv3: not built yet")

// AddAccount adds an account with its primary calendar, whose id is the e-mail.
func (s *Server) AddAccount(email, timeZone string) error { return errPending }

// RenameAccount changes an account's e-mail, and with it the real id of its primary calendar.
func (s *Server) RenameAccount(from, to string) error { return errPending }

// Accounts lists the e-mails in the order in which they were added.
func (s *Server) Accounts() []string { return nil }

// AddCalendar gives email a role on a calendar, creating it if its id is unknown (an empty id is generated).
func (s *Server) AddCalendar(email string, c Calendar, role Role) (id string, err error) {
	return "", errPending
}

// Share changes the role of an account on a calendar; an empty role takes the calendar away from it.
func (s *Server) Share(email, calendarID string, role Role) error { return errPending }

// HideCalendar sets whether a calendar is hidden in an account's list.
func (s *Server) HideCalendar(email, calendarID string, hidden bool) error { return errPending }

// DeleteCalendar removes a calendar for everybody.
func (s *Server) DeleteCalendar(calendarID string) error { return errPending }

// PutEvent stores an event as it is given (id, organizer, status, eventType included), filling in what is missing.
func (s *Server) PutEvent(calendarID string, e Event) (Event, error) { return nil, errPending }

// Stored returns what a calendar stores and isn't deleted: single events, masters and exceptions (cancelled ones
// too, for those are what an export writes as EXDATE), oldest first, unexpanded.
func (s *Server) Stored(calendarID string) ([]Event, error) { return nil, errPending }

// Calendars is an account's list, hidden and deleted entries included.
func (s *Server) Calendars(email string) ([]Entry, error) { return nil, errPending }

// Events returns what email sees between from and to, series expanded, by start.
func (s *Server) Events(email, calendarID string, from, to time.Time) ([]Event, error) {
	return nil, errPending
}

// Event returns one event or instance as email sees it.
func (s *Server) Event(email, calendarID, id string) (Event, error) { return nil, errPending }

// Insert creates an event as email would through the API.
func (s *Server) Insert(email, calendarID string, e Event) (Event, error) { return nil, errPending }

// Patch changes an event, an instance, an instance and all that follow, or the whole series that id belongs to.
// With SpanAll and a start or end in the patch, the master is moved by the same distance.
func (s *Server) Patch(email, calendarID, id string, patch Event, span Span) (Event, error) {
	return nil, errPending
}

// Delete removes an event, an instance, an instance and all that follow, or the whole series that id belongs to.
func (s *Server) Delete(email, calendarID, id string, span Span) error { return errPending }

// MoveTo moves an event to another calendar of the account.
func (s *Server) MoveTo(email, calendarID, id, destination string) (Event, error) {
	return nil, errPending
}

// ExpireSyncTokens makes every sync token of a calendar answer 410 from now on.
func (s *Server) ExpireSyncTokens(calendarID string) error { return errPending }

// Channels lists the open push channels.
func (s *Server) Channels() []ChannelInfo { return nil }

// Version grows with every change of the state, so that persistence knows when there is something to write.
func (s *Server) Version() uint64 { return 0 }

// Snapshot copies the whole state.
func (s *Server) Snapshot() State { return State{} }

// Restore replaces the whole state.
func (s *Server) Restore(State) error { return errPending }
