package calendarv3

import (
	"slices"

	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/google"
)

// op is a call, as far as the meaning of its refusals depends on it.
type op string

// The calls. An error names its call by these words.
const (
	opCalendars op = "listing the calendars"
	opCalendar  op = "looking up a calendar"
	opList      op = "listing a calendar"           // from the beginning
	opListOn    op = "listing a calendar's changes" // with a cursor or a page token
	opGet       op = "reading an event"             // one event

	opOccurrence op = "looking up an occurrence"
	opInsert     op = "inserting an event"
	opPatch      op = "changing an event"
	opPut        op = "restoring an event"
	opDelete     op = "deleting an event"

	opWatch op = "watching a calendar"
	opStop  op = "stopping a channel"
)

var (
	ofEvents = []op{opGet, opOccurrence, opPatch, opPut, opDelete} // whose 404 is an event's
	writes   = []op{opInsert, opPatch, opPut, opDelete}
	ofItems  = []op{opGet, opOccurrence, opInsert, opPatch, opPut, opDelete}
)

// scope is the permission that a call needs, for saying which one is missing.
func (o op) scope() string {
	if o == opCalendars || o == opCalendar {
		return google.ScopeCalendarList
	}
	return google.ScopeEvents
}

// meaning is one line of the table. Empty parts match anything; a reason is
// Google's reason code, in errors[] or in details[].
type meaning struct {
	from, to int // HTTP statuses, both included
	reason   string
	on       []op

	kind    fault.Kind
	code    string
	message string
}

const (
	slowDown     = "Google asks to slow down."
	unavailable  = "Google Calendar isn't available at the moment."
	unreadable   = "Google's answer can't be read."
	notFound     = "Google doesn't know this event."
	lostCalendar = "The chosen calendar no longer exists or isn't shared with you."
	startOver    = "Google can't continue the list. Everything is compared anew."
	noPermission = "A permission that Aura needs was not granted."
	notSwitched  = "Google Calendar isn't enabled for Aura's registration. The operator has been told."
	notOurs      = "Google doesn't allow changing this event."
	notWatched   = "Google doesn't tell of changes to this calendar. It is checked at intervals."
	notTaken     = "Google doesn't accept this event"
)

// answers says what Google's refusals mean.
// The first line that fits decides. 403 is told apart by its reason alone:
// a 403 without one that is known is Refused and never the credential's fault.
//
// A 404 counts as Google's own word only with its reason. Without one it is a
// page of something on the way, or of a wrong base address, and must not make a
// calendar look lost.
var answers = []meaning{
	// Before the token's own 401: nobody's token makes an address acceptable.
	{from: 400, to: 401, reason: "pushNotSupportedForRequestedResource", on: []op{opWatch}, kind: fault.Refused, code: "watch_refused", message: notWatched},
	{from: 400, to: 401, reason: "push.webhookUrlUnauthorized", on: []op{opWatch}, kind: fault.Refused, code: "watch_refused", message: notWatched},
	{from: 400, to: 400, on: []op{opWatch}, kind: fault.Refused, code: "watch_refused", message: notWatched},
	{from: 404, to: 404, reason: "notFound", on: []op{opWatch}, kind: fault.CalendarLost, code: "calendar_not_found", message: lostCalendar},
	{from: 404, to: 404, reason: "notFound", on: []op{opStop}, kind: fault.Gone, code: "channel_not_found", message: "Google doesn't know this channel."},

	{from: 401, to: 401, kind: fault.Unauthorized, code: "token_refused", message: "Google refused the access token."},

	{from: 403, to: 403, reason: "rateLimitExceeded", kind: fault.Transient, code: "rate_limited", message: slowDown},
	{from: 403, to: 403, reason: "userRateLimitExceeded", kind: fault.Transient, code: "rate_limited", message: slowDown},
	{from: 403, to: 403, reason: "RATE_LIMIT_EXCEEDED", kind: fault.Transient, code: "rate_limited", message: slowDown},
	{from: 403, to: 403, reason: "quotaExceeded", kind: fault.QuotaExceeded, code: "quota_exceeded", message: "Google takes no more changes for a while."},
	{from: 403, to: 403, reason: "insufficientPermissions", kind: fault.ScopeMissing, code: "scope_missing", message: noPermission},
	{from: 403, to: 403, reason: "ACCESS_TOKEN_SCOPE_INSUFFICIENT", kind: fault.ScopeMissing, code: "scope_missing", message: noPermission},
	{from: 403, to: 403, reason: "accessNotConfigured", kind: fault.Operator, code: "access_not_configured", message: notSwitched},
	{from: 403, to: 403, reason: "SERVICE_DISABLED", kind: fault.Operator, code: "access_not_configured", message: notSwitched},
	{from: 403, to: 403, reason: "notACalendarUser", kind: fault.ServiceDisabled, code: "calendar_service_disabled", message: "Google Calendar is turned off for this Google account."},
	{from: 403, to: 403, reason: "forbiddenForNonOrganizer", on: ofItems, kind: fault.Item, code: "not_the_organizer", message: notOurs},
	{from: 403, to: 403, reason: "requiredAccessLevel", on: ofItems, kind: fault.Item, code: "access_level_too_low", message: notOurs},
	{from: 400, to: 403, reason: "eventTypeRestriction", on: ofItems, kind: fault.Item, code: "event_type_restricted", message: notOurs},

	{from: 404, to: 404, reason: "notFound", on: ofEvents, kind: fault.Gone, code: "event_not_found", message: notFound},
	{from: 404, to: 404, reason: "notFound", on: []op{opList, opListOn, opCalendar, opInsert}, kind: fault.CalendarLost, code: "calendar_not_found", message: lostCalendar},
	{from: 404, to: 404, kind: fault.Transient, code: "provider_unreadable", message: unreadable},

	// 410 while nothing was continued can't be mended by starting over: the
	// calendar itself is meant, and a resync would meet it for ever.
	{from: 410, to: 410, on: ofEvents, kind: fault.Gone, code: "event_deleted", message: notFound},
	{from: 410, to: 410, reason: "deleted", on: []op{opList, opListOn, opCalendar}, kind: fault.CalendarLost, code: "calendar_not_found", message: lostCalendar},
	{from: 410, to: 410, on: []op{opListOn}, kind: fault.Resync, code: "cursor_expired", message: startOver},
	{from: 410, to: 410, on: []op{opList, opCalendar, opInsert}, kind: fault.CalendarLost, code: "calendar_not_found", message: lostCalendar},

	// Of what such a request sends, only the two tokens come from outside this
	// package, so they are what is invalid.
	{from: 400, to: 400, reason: "invalid", on: []op{opListOn}, kind: fault.Resync, code: "cursor_invalid", message: startOver},

	// What was written on is no longer what was read.
	{from: 412, to: 412, on: writes, kind: fault.Stale, code: "event_changed", message: "The event has changed at Google meanwhile."},
	{from: 409, to: 409, reason: "duplicate", on: []op{opInsert}, kind: fault.Duplicate, code: "event_exists", message: "Google has an event of this id already."},
	{from: 409, to: 409, on: writes, kind: fault.Transient, code: "provider_conflict", message: unavailable},

	// A series that isn't one any more has no occurrences; any other 400 says
	// that this event, as it is, can't be written, whoever tries again.
	{from: 400, to: 400, on: []op{opOccurrence}, kind: fault.Gone, code: "occurrence_not_found", message: notFound},
	{from: 400, to: 400, on: writes, kind: fault.Item, code: "event_refused", message: notTaken},
	{from: 413, to: 413, on: writes, kind: fault.Item, code: "event_too_large", message: notTaken},

	{from: 408, to: 408, kind: fault.Transient, code: "provider_unavailable", message: unavailable},
	{from: 429, to: 429, kind: fault.Transient, code: "rate_limited", message: slowDown},
	{from: 500, to: 599, kind: fault.Transient, code: "provider_unavailable", message: unavailable},
	// Redirects, which Google doesn't send and which aren't followed.
	{from: 300, to: 399, kind: fault.Transient, code: "provider_unreadable", message: unreadable},
}

// meaningOf finds the line for an answer. Where there is none, the answer is
// Refused and its reasons are all that is known.
func meaningOf(o op, status int, reasons []string) meaning {
	for _, m := range answers {
		if status < m.from || status > m.to ||
			m.reason != "" && !slices.Contains(reasons, m.reason) ||
			m.on != nil && !slices.Contains(m.on, o) {
			continue
		}
		return m
	}
	return meaning{kind: fault.Refused, code: "provider_refused", message: "Google refused the request"}
}
