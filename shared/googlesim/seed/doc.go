// Package seed fills a simulator's calendars from iCalendar files.
//
// default.ics is what a new simulator shows: the calendars of an imaginary
// design studio, with everything in them that a synchronisation can stumble
// over. It is written by the generator in generate_test.go; after changing that,
//
//	go test ./shared/googlesim/seed -run TestDefaultFile -update
//
// writes the file anew. Its dates are fixed, around late 2026 to 2027, and are
// never shifted: what a test or a reader sees in it is the same every day.
//
// Anybody's own export does as well. Which calendar of which account a
// VCALENDAR becomes:
//
//   - X-GOOGLESIM-ACCOUNT, -ID and -ROLE say so, where they are there.
//   - Else the account is the calendar's name, if that is an e-mail address, as
//     it is in Google's export of a primary calendar: the events that the
//     person organizes then stay their own.
//   - Else it is the account of the calendar before it, or DefaultAccount.
//   - An account's first calendar without an id is its primary one, unless it
//     is read-only; further ones become calendars of their own.
package seed
