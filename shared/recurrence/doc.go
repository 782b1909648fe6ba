// Package recurrence expands a range of a calendar: from masters, exceptions
// and single events it says what shows between two moments, in order.
//
// # How a series is expanded
//
// A row's recurrence lines are split, checked and compiled here; rrule-go then
// generates one rule at a time on the wall clock, in UTC, as if time zones did
// not exist. Each wall-clock time is turned into an instant afterwards, by this
// package's own reading of the zone (zone.go). So a meeting stays at nine
// whatever the clocks do, and no DST rule hides in a library. All-day series
// are the same thing with dates for instants, and never meet a zone at all.
//
// rrule-go v1.8.2 is kept away from what it was seen to do wrong: it panics on
// BYDAY=53MO beside BYMONTH, loops for ever on FREQ=HOURLY;INTERVAL=2;BYHOUR=8
// from nine o'clock, keeps the last of two RRULE lines, ignores EXRULE, ends an
// open rule after 292 years, gives all seven days for a BYWEEKNO without BYDAY,
// nothing for BYDAY=MO,2TU, and counts BYSETPOS from DTSTART instead of from
// the week's start. Therefore: rules reach it normalised, with everything that
// DTSTART implies said aloud and DTSTART moved to the start of its period
// (generate.go); rules on the clock (HOURLY, MINUTELY, SECONDLY) never reach it
// (clock.go); COUNT, UNTIL, BYWEEKNO and the sets are done here. The table in
// differences_test.go has each case with what RFC 5545 says.
//
// # Where RFC 5545 leaves a choice
//
//   - A local time that does not exist is moved by the gap and one that exists
//     twice is the first (3.8.5.3 with 3.3.5). Section 3.3.10 says that the
//     former be ignored; the two contradict each other, and a meeting that is
//     shown an hour late is better than one that is not shown. Google Calendar
//     does the same.
//   - DTSTART is always an occurrence (3.8.5.3). COUNT counts it where the rule
//     gives it, and doesn't where it doesn't: what the set is then, 3.8.5.3
//     leaves undefined. People who looked report that of Google Calendar: a rule
//     with COUNT=5 shows six times. Others saw it leave such a start out. So
//     Check marks such a series, Expand its start, and edits make none (Step).
//   - Every occurrence has the exact duration of the first (3.8.5.3, DTEND).
//   - A rule on the clock steps through wall-clock time, as do all others.
//
// # What can't be expanded
//
// A rule that RFC 5545 forbids has no meaning that two calendars agree on. Such
// a series is shown once, at its first start, and marked with the reason; its
// lines stay as they are in the row. Check gives the mark when the row is
// stored. A zone that this machine doesn't know is milder: the calendar's own
// zone is used, the name is kept, and the mark says so.
//
// # Bounds
//
// Work is bounded by the range and by constants (bounds.go), never by what a
// rule says: uncounted rules are entered near the range, not at their start,
// and a rule that never matches ends its search within 400 years because it is
// run just below the library's last year. What a bound cuts off is said in
// Result.Cuts; nothing is cut silently.
package recurrence
