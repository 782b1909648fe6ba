// Package icsfile reads iCalendar files (RFC 5545) into event resources in the
// shape of Google Calendar's JSON, and writes them back.
//
// It exists so that the simulator's calendars can be filled with somebody's
// real ones: what Google, Apple Calendar, Outlook and Exchange export has to
// load, with their private time zone names, their folding and their habits.
//
// # Two promises
//
// A file loads whole or not at all. Parse returns every calendar of a file, or
// an *Error with the file, the line (of the file as an editor counts it, not
// of the unfolded text) and the reason; a seed that loses an event silently
// would make every later comparison worthless.
//
// Nothing is shifted. Times come out with the wall clock and the zone that
// they went in with; a private zone name is replaced by the IANA zone with the
// same rules, and refused where there is none.
//
// # What is skipped on purpose
//
// To-dos, journals and free/busy components, attachments, categories, colours
// and X- properties have no place in an event resource here. Properties that
// the package does not read are not checked either, so a vendor's oddities in
// them stop nobody.
//
// # Series
//
// A VEVENT with RECURRENCE-ID becomes an exception: it carries its master's id
// in recurringEventId and the original start, and follows the master in the
// result. One whose master is not in the file (an invitation to a single
// occurrence) becomes an event of its own. Cancelled occurrences are
// exceptions with status cancelled; EXDATE stays in the recurrence.
//
// # Which calendar goes where
//
// Three X- properties of this package say to whom a VCALENDAR belongs, so that
// a whole simulator fits one file: X-GOOGLESIM-ACCOUNT, X-GOOGLESIM-ID and
// X-GOOGLESIM-ROLE. Export writes them, other programs ignore them.
package icsfile
