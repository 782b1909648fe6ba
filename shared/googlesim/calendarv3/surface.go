package calendarv3

import "time"

// Role is an access role, as calendarList's accessRole spells it.
type Role string

// The access roles, weakest first. A calendar without any role for an account
// doesn't exist for it (404).
const (
	RoleFreeBusy Role = "freeBusyReader"
	RoleReader   Role = "reader"
	RoleWriter   Role = "writer"
	RoleOwner    Role = "owner"
)

// Calendar is a calendar's own metadata, the same for everybody who sees it.
type Calendar struct {
	ID          string `json:"id"`
	Summary     string `json:"summary"`
	Description string `json:"description,omitempty"`
	Location    string `json:"location,omitempty"`
	TimeZone    string `json:"timeZone"` // IANA name
}

// Entry is a calendar as one account has it in its list.
type Entry struct {
	Calendar
	Role    Role `json:"role"`
	Primary bool `json:"primary,omitempty"`
	Hidden  bool `json:"hidden,omitempty"`
	Deleted bool `json:"deleted,omitempty"`
}

// Event is an event resource as JSON has it: strings, numbers, bool, nil, []any
// and map[string]any.
type Event map[string]any

// Span says which occurrences of a series an operation is meant for. A single
// event has only SpanThis.
type Span string

// The three choices of Google's own dialogue.
const (
	SpanThis      Span = "this"
	SpanFollowing Span = "following"
	SpanAll       Span = "all"
)

// ChannelInfo is an open push channel, for display.
type ChannelInfo struct {
	ID, Calendar, Account, Address string
	Expires                        time.Time
	Messages                       int64
}
