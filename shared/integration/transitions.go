package integration

import (
	"slices"

	"aura.example/integrations/shared/fault"
)

// Name is a transition's name, as in the history.
type Name string

// The transitions.
const (
	Create              Name = "create"
	Replace             Name = "replace"
	BeginAuthorization  Name = "begin_authorization"
	Authorized          Name = "authorized"
	ConsentIncomplete   Name = "consent_incomplete"
	Verified            Name = "verified"
	VerificationFailed  Name = "verification_failed"
	VerifyAgain         Name = "verify_again"
	CalendarChosen      Name = "calendar_chosen"
	Pause               Name = "pause"
	Resume              Name = "resume"
	CredentialsRejected Name = "credentials_rejected"
	AccessRevoked       Name = "access_revoked"
	ScopeLost           Name = "scope_lost"
	Deactivated         Name = "deactivated"
	Recovered           Name = "recovered"
	CalendarServiceLost Name = "calendar_service_lost"
	CalendarLost        Name = "calendar_lost"
	Held                Name = "held"
	DeletionsConfirm    Name = "deletions_confirmed"
	DeletionsReject     Name = "deletions_rejected"
	Disconnect          Name = "disconnect"
	Delete              Name = "delete"
)

// Actor is who moves an integration.
type Actor string

// The actors.
const (
	ByUser     Actor = "user"
	ByCallback Actor = "callback" // the completion of an OAuth flow
	ByWorker   Actor = "worker"
	ByOperator Actor = "operator"
)

// Transition is one line of the table: a value, not code.
type Transition struct {
	Name Name
	From []Status
	To   Status // "" keeps the status that it has
	By   Actor
	// Only limits the source to these reasons; empty means any.
	Only []ReasonCode
	// Sets is the reason that it leaves behind; "" clears the reason.
	Sets ReasonCode
	// Quiet transitions write the flow, the history item and flow_expires
	// only: version, fence and lease stay, so that a consent page that is
	// opened and abandoned disturbs nothing.
	Quiet bool
}

// Transitions is the only place that says where a
// status may go. Nothing else assigns one.
func Transitions() []Transition {
	anyConnected := []Status{Testing, Active, Paused, Error, Disconnected}
	return []Transition{
		{Name: Create, From: []Status{None}, To: Draft, By: ByUser},
		{Name: Replace, From: []Status{Disconnected}, To: Draft, By: ByUser},
		{Name: BeginAuthorization, From: []Status{Draft}, To: Configuring, By: ByUser},
		{Name: BeginAuthorization, From: append([]Status{Configuring}, anyConnected...), By: ByUser, Quiet: true},
		{Name: Authorized, From: append([]Status{Configuring}, anyConnected...), To: Testing, By: ByCallback},
		{Name: ConsentIncomplete, From: []Status{Configuring}, To: Configuring, By: ByCallback, Sets: ReasonScopeMissing},
		{Name: ConsentIncomplete, From: anyConnected, By: ByCallback, Quiet: true},
		{Name: Verified, From: []Status{Testing}, To: Active, By: ByWorker}, // Paused where it was paused: see Move
		{Name: VerificationFailed, From: []Status{Testing}, To: Error, By: ByWorker, Sets: ReasonVerificationFailed},
		{Name: VerifyAgain, From: []Status{Error}, To: Testing, By: ByUser, Only: []ReasonCode{ReasonVerificationFailed}},
		{Name: CalendarChosen, From: []Status{Active, Paused, Error}, To: Testing, By: ByUser},
		{Name: Pause, From: []Status{Active}, To: Paused, By: ByUser},
		{Name: Resume, From: []Status{Paused}, To: Active, By: ByUser},
		{Name: CredentialsRejected, From: []Status{Testing, Active, Error}, To: Error, By: ByWorker, Sets: ReasonCredentialsExpired},
		{Name: AccessRevoked, From: []Status{Testing, Active, Error}, To: Disconnected, By: ByWorker, Sets: ReasonCredentialsRevoked},
		{Name: ScopeLost, From: []Status{Testing, Active}, To: Error, By: ByWorker, Sets: ReasonScopeMissing},
		{Name: Deactivated, From: []Status{Active}, To: Error, By: ByWorker, Sets: ReasonRepeatedFailures},
		{Name: Recovered, From: []Status{Error}, To: Active, By: ByWorker, Only: []ReasonCode{ReasonRepeatedFailures}},
		{Name: CalendarServiceLost, From: []Status{Testing, Active}, To: Error, By: ByWorker, Sets: ReasonCalendarServiceDisabled},
		{Name: CalendarLost, From: []Status{Active}, To: Error, By: ByWorker, Sets: ReasonCalendarNotFound},
		{Name: Held, From: []Status{Active}, To: Error, By: ByWorker, Sets: ReasonMassDeletionHeld},
		{Name: DeletionsConfirm, From: []Status{Error}, To: Active, By: ByUser, Only: []ReasonCode{ReasonMassDeletionHeld}},
		{Name: DeletionsReject, From: []Status{Error}, To: Active, By: ByUser, Only: []ReasonCode{ReasonMassDeletionHeld}},
		{Name: Disconnect, From: []Status{Configuring, Testing, Active, Paused, Error}, To: Disconnected, By: ByUser},
		{Name: Delete, From: Statuses(), To: Gone, By: ByUser},
	}
}

// Find gives the line that leads out of a status (and reason) by a name. Where
// there is none it fails with invalid_transition, naming both statuses.
func Find(name Name, from Status, reason ReasonCode) (Transition, error) {
	var to Status
	for _, t := range Transitions() {
		if t.Name != name {
			continue
		}
		if to == "" {
			to = t.To
		}
		if slices.Contains(t.From, from) && (len(t.Only) == 0 || slices.Contains(t.Only, reason)) {
			return t, nil
		}
	}
	if to == "" {
		to = from
	}
	e := fault.Newf(fault.Conflict, "invalid_transition", "%s is not possible: the integration is %s and can't become %s that way.", name, from, to)
	return Transition{}, e.With("from", string(from)).With("to", string(to))
}
