// Package calendarv3 simulates Google Calendar's API version 3: its state and its HTTP face.
//
// It behaves as Google is known to behave, where that is inconvenient too; it is not bent to any client. What Google
// documents comes from its guides and from the discovery document in the Go module google.golang.org/api; what Google
// merely does, from public reports. Where neither says, the stricter reading was taken. The structs are this package's
// own: a client and its simulator that share types share their mistakes.
//
// # State
//
// An account has a calendar list; an entry of it is a calendar and a role. A calendar has events: single ones, masters
// (with recurrence lines) and exceptions (with recurringEventId and originalStartTime). Instances without an exception
// are not stored; they are worked out from their master, and become exceptions when they are written to. Nothing is
// ever removed: a deleted event stays as a tombstone, whose id stays taken.
//
// An event is stored as the JSON that the calendar's owner gets, so a listing copies bytes. Beside it stand the few
// fields that are searched. Whoever sees less or other (readers, freeBusyReader, other people's reminders, another time
// zone, maxAttendees) gets a rewritten copy.
//
// Every change of a calendar has a number. A sync token is such a number, under a signature, bound to account, calendar
// and parameters; a listing's token says when the listing began, so that what changes while it is paged comes again in
// the next one. Page tokens say where a page begins and what the listing covers.
//
// Etags come from a stamp that is the time in microseconds, pushed on so that it never repeats or falls, even if the
// clock stands still or is set back. `updated` is the same stamp to the millisecond.
//
// # Consistency
//
// The server is linearizable: one lock, and every call sees all calls that ended before. Google promises less. What a
// client has to survive of that (lost answers, repeated pages, collisions that go unnoticed) is injected from outside,
// see Faults. Push messages are handed out after the change is visible and before the call that made it is answered, so
// the `sync` message is always there before the answer to watch.
//
// # Decisions
//
// Where Google leaves something open or its documentation is silent, this is what happens here, for once and all:
//
//   - A page looks at maxResults stored rows and shows those that pass the filter. Pages are short or empty whenever
//     rows are hidden (deleted events, other types), and the last page may be, too.
//   - Parameters that differ from those of a sync token's first request are "undefined behavior" at Google; here they
//     are 400. maxResults, fields, timeZone and the like may differ.
//   - Sync tokens end after 28 days, when the account's role changes, and when ExpireSyncTokens says so.
//   - A write that changes nothing gives a new etag and `updated` all the same.
//   - PATCH of a deleted event without a status answers 404; with one it brings the event back, as PUT does. PUT without
//     a sequence number counts as number 0.
//   - Half of the tombstones of deleted events are listed as {id, status} and nothing else, chosen by their id.
//   - Deleting a series deletes its exceptions with it, listed as {id, status}; undeleting it brings those back.
//   - Changing start or recurrence of a series cancels the exceptions that have no occurrence any more.
//   - "This and following" gives exceptions after the cut to the new master, under the ids they had; if the new master
//     begins at another time, it cancels them.
//   - An occurrence that a series loses and gets back is as the master says: neither the exception nor the hole that was
//     there returns. The tombstone of the exception is then no longer found by its id; the instance is.
//   - A second split at the place of an earlier one makes a master with an id of its own. Where two parts of a split
//     series have an occurrence at the same time, the later part's instance is called after its own master. One collision
//     is left: the first part, extended by hand over an exception that the second part took along.
//   - An incremental listing with series expanded names the instances that a changed series no longer has, as cancelled.
//   - A channel of an account that loses the calendar says not_exists and is closed.
//   - Changing a master doesn't change its exceptions, except visibility, which becomes stricter everywhere.
//   - A series without an end is followed for two years beyond now, and no rule beyond 20,000 occurrences.
//   - Descriptions keep a few tags (a, b, br, em, i, li, ol, p, span, strong, u, ul); everything else goes. Rules are
//     rewritten in Google's order of parts, days in alphabetical order.
//   - Quota refusals don't count as calls. Project: 403 rateLimitExceeded; user: 403 userRateLimitExceeded; writes to one
//     calendar: 429 rateLimitExceeded; writes of a day: 403 quotaExceeded, for writes only.
//   - Members that a body has too many are ignored, as Calendar does; query parameters too many are refused.
//   - A channel lives seven days at most, whatever was asked for.
//
// # Faults
//
// The package injects none. Two deviations that only the inside can produce are asked for through the request's
// context: WithRepeatedPage and WithBlindInsert. Everything else (delays, lost and damaged answers, lost and late push
// messages) is the business of package googlesim around it.
//
// # What it deliberately does not do
//
// Nobody is mailed, and invitations don't travel: an event with guests exists on the calendar it was written to and
// nowhere else; copies on other calendars come from seeds. There are no conferences, attachments, labels, colors,
// settings, access control lists and free/busy queries; those methods and parameters answer 501 with their name (the
// list is shared/docs/googlesim.md). Tombstones are kept for ever. There is no role writerWithoutPrivateAccess, no
// public calendar, no domain. Text limits (length of titles and descriptions) are not enforced.
package calendarv3
