package calendarv3

import (
	"encoding/json"
	"fmt"
	"net/http"
)

// Error is a refusal in Google's terms. Every refusal of this package is one;
// operations for the page return it too. Texts of messages follow Google's
// guide "Handle API errors" and public reports where those quote them; clients
// must branch on Reason, never on Message.
type Error struct {
	Status       int    // HTTP status
	Domain       string // "global", "calendar", "usageLimits", "push"
	Reason       string // what a client branches on
	Message      string
	LocationType string // "parameter" or "header", with Location; mostly empty
	Location     string

	rpcStatus string // "status" of the newer error format, on errors that the API's front end makes
	details   []any  // google.rpc details, likewise
	header    http.Header
}

// Error implements error.
func (e *Error) Error() string {
	return fmt.Sprintf("calendar: %d %s: %s", e.Status, e.Reason, e.Message)
}

// body renders the error document, compact.
func (e *Error) body() []byte {
	item := map[string]any{"domain": e.Domain, "reason": e.Reason, "message": e.Message}
	if e.Location != "" {
		item["locationType"], item["location"] = e.LocationType, e.Location
	}
	doc := map[string]any{"code": e.Status, "message": e.Message, "errors": []any{item}}
	if e.rpcStatus != "" {
		doc["status"] = e.rpcStatus
	}
	if e.details != nil {
		doc["details"] = e.details
	}
	raw, err := json.Marshal(map[string]any{"error": doc})
	if err != nil { // strings, ints and maps of them always marshal
		return []byte(`{"error":{}}`)
	}
	return raw
}

// refuse makes an error of domain "global", the common case.
func refuse(status int, reason, format string, args ...any) *Error {
	return &Error{Status: status, Domain: "global", Reason: reason, Message: fmt.Sprintf(format, args...)}
}

// refuseCalendar makes an error of domain "calendar": rules of the product
// rather than of the API's front end.
func refuseCalendar(status int, reason, format string, args ...any) *Error {
	e := refuse(status, reason, format, args...)
	e.Domain = "calendar"
	return e
}

// at names the query parameter that is to blame.
func (e *Error) at(parameter string) *Error {
	e.LocationType, e.Location = "parameter", parameter
	return e
}

// errNotFound is also what a calendar or event answers that the caller has no
// right to: Google does not say which.
func errNotFound() *Error { return refuse(http.StatusNotFound, "notFound", "Not Found") }

// errInvalid and errRequired are the two reasons that nearly every bad body
// has; only the message tells more.
func errInvalid(format string, args ...any) *Error {
	return refuse(http.StatusBadRequest, "invalid", format, args...)
}

func errRequired(format string, args ...any) *Error {
	return refuse(http.StatusBadRequest, "required", format, args...)
}

// errLogin is what a call without any credentials gets.
func errLogin() *Error {
	e := refuse(http.StatusUnauthorized, "required", "Login Required.")
	e.LocationType, e.Location = "header", "Authorization"
	e.header = http.Header{"Www-Authenticate": {`Bearer realm="https://accounts.google.com/"`}}
	return e
}

// errCredentials is what a dead access token gets: clients refresh and try once
// more.
func errCredentials() *Error {
	e := refuse(http.StatusUnauthorized, "authError", "Invalid Credentials")
	e.LocationType, e.Location = "header", "Authorization"
	e.rpcStatus = "UNAUTHENTICATED"
	e.header = http.Header{"Www-Authenticate": {`Bearer realm="https://accounts.google.com/", error="invalid_token"`}}
	return e
}

// errScope is what a live token gets that was not granted what the method
// demands. The old list says insufficientPermissions and the new details
// ACCESS_TOKEN_SCOPE_INSUFFICIENT; clients meet both at once.
func errScope(m *method) *Error {
	e := refuse(http.StatusForbidden, "insufficientPermissions", "Insufficient Permission: Request had insufficient authentication scopes.")
	e.rpcStatus = "PERMISSION_DENIED"
	e.details = []any{map[string]any{
		"@type":  "type.googleapis.com/google.rpc.ErrorInfo",
		"reason": "ACCESS_TOKEN_SCOPE_INSUFFICIENT",
		"domain": "googleapis.com",
		"metadata": map[string]any{
			"service": "calendar-json.googleapis.com",
			"method":  m.name,
		},
	}}
	e.header = http.Header{"Www-Authenticate": {`Bearer realm="https://accounts.google.com/", error="insufficient_scope"`}}
	return e
}

// errAccess is what writing (or, for freeBusyReader, more than looking) gets
// where the role is too weak.
func errAccess(need Role) *Error {
	return refuseCalendar(http.StatusForbidden, "requiredAccessLevel", "You need to have %s access to this calendar.", need)
}

// errNonOrganizer belongs to the copy of an event on a guest's calendar. It is
// lasting: a client that retries it retries for ever.
func errNonOrganizer() *Error {
	return refuseCalendar(http.StatusForbidden, "forbiddenForNonOrganizer",
		"Shared properties can only be changed by the organizer of the event.")
}

// errEventType belongs to birthdays, events from mail, and status events, which
// follow rules of their own.
func errEventType(format string, args ...any) *Error {
	return refuseCalendar(http.StatusBadRequest, "eventTypeRestriction", format, args...)
}
