// Package fault is the one error vocabulary of Aura Integrations: a kind that
// code branches on, a message that may be shown to anybody, and a wrapped
// cause that is only ever logged.
//
// Two tables consume it: httpapi turns a kind into a status and a problem
// document, the sync worker turns it into a class and an action. Everything
// between an adapter and those two tables passes errors on, adding context.
package fault

import (
	"errors"
	"fmt"
	"time"
)

// Kind says what sort of thing went wrong. Code branches on kinds and codes,
// never on messages.
type Kind string

// Kinds of the request side: what the caller did, or what we could not do for it.
const (
	Internal             Kind = "internal"              // our defect; nothing the caller can do
	Malformed            Kind = "malformed"             // the request can't be read at all
	Invalid              Kind = "invalid"               // readable, but it asks for something that can't be
	Unauthenticated      Kind = "unauthenticated"       // no acceptable token
	Forbidden            Kind = "forbidden"             // a good token that may not do this
	NotFound             Kind = "not_found"             // unknown here, or somebody else's: the caller can't tell which
	Conflict             Kind = "conflict"              // right request, wrong moment: the state forbids it
	Stale                Kind = "stale"                 // what the caller read has changed since
	PreconditionRequired Kind = "precondition_required" // a change without If-Match
	TooLarge             Kind = "too_large"             // the body is over the limit
	Unavailable          Kind = "unavailable"           // try again after RetryAfter
)

// Kinds of the provider side: what an answer from outside means.
const (
	Transient       Kind = "transient"        // rate limits, 5xx, network: try again
	QuotaExceeded   Kind = "quota_exceeded"   // writes refused for hours, reads go on
	Unauthorized    Kind = "unauthorized"     // the access token was refused: force a refresh, once
	CredentialGone  Kind = "credential_gone"  // the refresh token no longer works
	ScopeMissing    Kind = "scope_missing"    // a permission was not granted
	Resync          Kind = "resync"           // the cursor is no longer good: list everything, compare
	Item            Kind = "item"             // this event can't be written; others can
	Duplicate       Kind = "duplicate"        // the id exists already, perhaps deleted
	Gone            Kind = "gone"             // the thing was deleted at the provider
	CalendarLost    Kind = "calendar_lost"    // the calendar itself is not there
	ServiceDisabled Kind = "service_disabled" // this person has no calendar service
	Operator        Kind = "operator"         // our registration at the provider is wrong; never the user's fault
	Refused         Kind = "refused"          // a 403 nobody has a name for
)

// Fix is the one thing that the user can do about an error.
type Fix struct {
	Label  string `json:"label"`  // as on the button
	Action string `json:"action"` // stable code of the action
}

// Error is a failure with a kind. The zero RetryAfter means "no advice".
type Error struct {
	Kind       Kind
	Code       string         // stable machine code, e.g. plan_limit_reached
	Message    string         // safe to show; never holds a secret or an internal
	RetryAfter time.Duration  // how long to wait before trying again
	Fix        *Fix           // nil where the user can't do anything
	Extra      map[string]any // documented members of the problem document
	Err        error          // the cause; logged, never sent
}

// New makes an error of a kind with its code and safe message.
func New(kind Kind, code, message string) *Error {
	return &Error{Kind: kind, Code: code, Message: message}
}

// Newf is New with a formatted message. The arguments end up in front of
// users: pass nothing secret.
func Newf(kind Kind, code, format string, args ...any) *Error {
	return New(kind, code, fmt.Sprintf(format, args...))
}

// Wrap makes an error of a kind around a cause.
func Wrap(kind Kind, code, message string, err error) *Error {
	return &Error{Kind: kind, Code: code, Message: message, Err: err}
}

// Error renders kind, code, message and cause for logs.
func (e *Error) Error() string {
	s := string(e.Kind) + " " + e.Code
	if e.Message != "" {
		s += ": " + e.Message
	}
	if e.Err != nil {
		s += ": " + e.Err.Error()
	}
	return s
}

// Unwrap gives the cause.
func (e *Error) Unwrap() error { return e.Err }

// With returns a copy that carries one more documented member.
func (e *Error) With(key string, value any) *Error {
	c := *e
	c.Extra = make(map[string]any, len(e.Extra)+1)
	for k, v := range e.Extra {
		c.Extra[k] = v
	}
	c.Extra[key] = value
	return &c
}

// WithFix returns a copy that names the one fix.
func (e *Error) WithFix(label, action string) *Error {
	c := *e
	c.Fix = &Fix{Label: label, Action: action}
	return &c
}

// After returns a copy that advises to wait.
func (e *Error) After(d time.Duration) *Error {
	c := *e
	c.RetryAfter = d
	return &c
}

// Of gives the first *Error in err's chain, or nil.
func Of(err error) *Error {
	var e *Error
	if errors.As(err, &e) {
		return e
	}
	return nil
}

// KindOf gives err's kind; an error without one is Internal, nil is "".
func KindOf(err error) Kind {
	if err == nil {
		return ""
	}
	if e := Of(err); e != nil {
		return e.Kind
	}
	return Internal
}

// Is reports whether err is of one of the kinds.
func Is(err error, kinds ...Kind) bool {
	k := KindOf(err)
	for _, want := range kinds {
		if k == want {
			return true
		}
	}
	return false
}

// CodeOf gives err's stable code, or "" where it has none.
func CodeOf(err error) string {
	if e := Of(err); e != nil {
		return e.Code
	}
	return ""
}

// Field is one part of a request that can't be accepted, and why.
type Field struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// Fields makes the error of a request whose parts can't be accepted, naming each.
func Fields(bad ...Field) *Error {
	msg := "The request can't be accepted."
	if len(bad) > 0 {
		msg = bad[0].Field + ": " + bad[0].Message + "."
	}
	return New(Invalid, "invalid", msg).With("errors", bad)
}
