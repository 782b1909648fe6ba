package integration

import (
	"time"

	"aura.example/integrations/shared/fault"
)

// ReasonCode names what is wrong; the list is closed.
type ReasonCode string

// The reasons: what each means, who sets it, what ends it.
const (
	// ReasonCredentialsExpired: the provider refuses to renew access. Set by
	// the worker; ended by a reconnect.
	ReasonCredentialsExpired ReasonCode = "credentials_expired"
	// ReasonCredentialsRevoked: somebody took access away at the provider. Set
	// by the worker; ended by a reconnect.
	ReasonCredentialsRevoked ReasonCode = "credentials_revoked"
	// ReasonScopeMissing: a needed permission wasn't granted, or was withdrawn.
	// Set at completion or by the worker; ended by authorizing again.
	ReasonScopeMissing ReasonCode = "scope_missing"
	// ReasonRepeatedFailures: the breaker opened. Set by the worker; ended by a
	// probe that succeeds, or by a reconnect.
	ReasonRepeatedFailures ReasonCode = "repeated_failures"
	// ReasonCalendarNotFound: the chosen calendar is gone or no longer shared.
	// Set by the worker; ended by choosing another.
	ReasonCalendarNotFound ReasonCode = "calendar_not_found"
	// ReasonCalendarServiceDisabled: this person's account has no calendar
	// service. Set by the worker; ended by a reconnect once it has.
	ReasonCalendarServiceDisabled ReasonCode = "calendar_service_disabled"
	// ReasonMassDeletionHeld: most events vanished at the provider at once, so
	// nothing was deleted here. Set by the worker; ended by the user's decision.
	ReasonMassDeletionHeld ReasonCode = "mass_deletion_held"
	// ReasonVerificationFailed: the first look at the calendars failed for good.
	// Set by the worker; ended by trying again or by a reconnect.
	ReasonVerificationFailed ReasonCode = "verification_failed"
)

// The FAQ's messages, word for word, the typographic apostrophe included.
const (
	MessageCredentialsExpired = "Integration credentials have expired. Please reconnect."
	MessagePlanLimit          = "You’ve reached the maximum integrations for your subscription plan."
	MessageSyncInProgress     = "A sync operation is already in progress"
	MessageProviderExists     = "An integration with this provider already exists."
)

// Actions that a fix may name. The page has a button for each but two: changing the
// plan is the host product's, discarding is asked for in a dialog.
const (
	ActionReconnect       = "reconnect"
	ActionReauthorize     = "reauthorize"
	ActionChooseCalendar  = "choose_calendar"
	ActionReviewDeletions = "review_deletions"
	ActionVerify          = "verify"
	ActionConnect         = "connect"
	ActionChangePlan      = "change_plan"
	ActionDiscardChanges  = "discard_changes"
	ActionDisconnect      = "disconnect"
	ActionStartOver       = "start_over"
)

// Reason says what is wrong, since when, in words that may be shown.
type Reason struct {
	Code    ReasonCode
	Message string
	Since   time.Time
}

// ReasonInfo is one line of the closed list.
type ReasonInfo struct {
	Code    ReasonCode
	Message string // the default; scope_missing, mass_deletion_held and verification_failed fill in their own
	Fix     fault.Fix
}

// Reasons lists all of them with their one fix, in the order of the product's own list.
func Reasons() []ReasonInfo {
	return []ReasonInfo{
		{ReasonCredentialsExpired, MessageCredentialsExpired, fault.Fix{Label: "Reconnect", Action: ActionReconnect}},
		{ReasonCredentialsRevoked, "Google says that access was revoked. Reconnect to go on.", fault.Fix{Label: "Reconnect", Action: ActionReconnect}},
		{ReasonScopeMissing, "A permission that Aura needs was not granted.", fault.Fix{Label: "Re-authorize", Action: ActionReauthorize}},
		{ReasonRepeatedFailures, "Several syncs failed in a row, so the integration was deactivated to protect your account.", fault.Fix{Label: "Reconnect", Action: ActionReconnect}},
		{ReasonCalendarNotFound, "The chosen calendar no longer exists or isn't shared with you.", fault.Fix{Label: "Choose a calendar", Action: ActionChooseCalendar}},
		{ReasonCalendarServiceDisabled, "Google Calendar is turned off for this Google account (notACalendarUser): ask your administrator.", fault.Fix{Label: "Reconnect", Action: ActionReconnect}},
		{ReasonMassDeletionHeld, "Most events were deleted at Google. Nothing was deleted here.", fault.Fix{Label: "Review deletions", Action: ActionReviewDeletions}},
		{ReasonVerificationFailed, "The connection could not be verified.", fault.Fix{Label: "Try again", Action: ActionVerify}},
	}
}

// InfoOf gives the line of a reason; an unknown code gives the zero line.
func InfoOf(code ReasonCode) ReasonInfo {
	for _, r := range Reasons() {
		if r.Code == code {
			return r
		}
	}
	return ReasonInfo{}
}
