package calendartest

import (
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
)

// World is one account at a provider, as its own user sees and changes it, and
// the reader under test. Its methods fail the test they were made for rather
// than return errors. They may be called from one goroutine at a time.
type World interface {
	// Open is the factory under test.
	Open(calendar.Access) calendar.Reader
	// Access is a working access to the account: it renews the token that it is
	// told was refused.
	Access() calendar.Access

	// AddCalendar makes another calendar, on which the account has a role.
	AddCalendar(name string, role calendar.Role) (id string)
	// DropCalendar deletes one that AddCalendar made.
	DropCalendar(id string)

	// Create makes an event and gives its id at the provider.
	Create(calendarID string, g Given) (id string)
	// Change replaces what an event, or a whole series, holds.
	Change(calendarID, id string, c calendar.Content)
	// Delete deletes an event or a whole series.
	Delete(calendarID, id string)
	// ChangeOne replaces what one occurrence of a series holds.
	ChangeOne(calendarID, master string, original calendar.Time, c calendar.Content)
	// DeleteOne deletes one occurrence of a series.
	DeleteOne(calendarID, master string, original calendar.Time)
	// Split gives an occurrence of a series and all that follow another title, as
	// people do with "this and following events".
	Split(calendarID, master string, from calendar.Time, title string)

	// ForgetCursors makes every cursor given out for a calendar useless.
	ForgetCursors(calendarID string)
	// Fail makes the nth call from now that reads events meet a trouble, once:
	// 1 is the next. The channel is closed when that call has come.
	Fail(f Failure, nth int) (met <-chan struct{})

	// Kinds lists the kinds that are left out unless they are asked for.
	Kinds() []string
}

// Given is an event to make. What it leaves out is the provider's default.
type Given struct {
	calendar.Content
	Kind    string           // one of Kinds; "" is an ordinary event
	Guests  []calendar.Guest // Self stands for the account, whatever its address
	Foreign bool             // organized by somebody else
	Stamp   string           // as if one of our writes had left it
}

// Failure is something that goes wrong between a reader and its provider.
type Failure string

// The failures that any provider may meet, and Wait, which Throttled asks for.
const (
	Throttled     Failure = "throttled, to wait for Wait"
	Slowed        Failure = "throttled, without saying for how long"
	Down          Failure = "an answer that says that the server is broken"
	Unplugged     Failure = "no answer at all"
	Truncated     Failure = "an answer that breaks off"
	Silent        Failure = "an answer that never begins"
	Dripping      Failure = "an answer that comes too slowly ever to end"
	Garbled       Failure = "a success that isn't in the provider's language"
	Incomplete    Failure = "a page that doesn't say how the list goes on"
	Repeated      Failure = "the page before, with the same way on" // from the second page on
	Forbidden     Failure = "a refusal that nobody has a name for"
	Forgotten     Failure = "what the list was continued with is no longer known"
	TokenRefused  Failure = "the access token is refused"
	TokensRefused Failure = "the access token and the renewed one are refused"

	Wait = 7 * time.Second
)

// Maker makes a fresh World, which ends with the test.
type Maker func(t *testing.T) World

// Run holds a reader to everything; each part gets a World of its own.
func Run(t *testing.T, fresh Maker) {
	t.Helper()
	for _, part := range []struct {
		name string
		run  func(t *testing.T, w World)
	}{
		{"calendars", testCalendars},
		{"a lost calendar", testLostCalendar},
		{"events as they were made", testContent},
		{"mirror", testMirror},
		{"kinds", testKinds},
		{"one event", testEvent},
		{"pages", testPages},
		{"changes", testChanges},
		{"the same cursor again", testSameCursor},
		{"changes while a list is read", testChangesMeanwhile},
		{"cursors that no longer work", testForgottenCursors},
		{"series", testSeries},
		{"a series that was split", testSplit},
		{"anything in any order", testAnything},
		{"a refused token", testRefusedToken},
		{"cancelled", testCancelled},
		{"several calls at once", testConcurrent},
	} {
		t.Run(part.name, func(t *testing.T) {
			t.Parallel()
			part.run(t, fresh(t))
		})
	}
	t.Run("troubles", func(t *testing.T) {
		t.Parallel()
		testTroubles(t, fresh)
	})
}
