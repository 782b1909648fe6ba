package integration

// Status is where an integration stands in its life. The words are the
// product's FAQ's; each constant says what it means, who moves it on and what
// ends it.
type Status string

// The seven statuses.
const (
	// Draft: created, nothing configured yet. Moved on by the user
	// (begin_authorization); ended by that or by delete.
	Draft Status = "draft"
	// Configuring: being set up, access not granted yet. Moved on by the OAuth
	// completion (authorized); a consent page that is abandoned leaves it here.
	Configuring Status = "configuring"
	// Testing: a credential is stored and the worker verifies that it works.
	// Holds a slot, so a crash never strands it; ended by verified or
	// verification_failed.
	Testing Status = "testing"
	// Active: connected and syncing, the ideal status. Ended by the user or by
	// a failure that the worker classifies.
	Active Status = "active"
	// Paused: stopped by the user; configuration kept, nothing synced. Ended by
	// resume, or by a reconnect.
	Paused Status = "paused"
	// Error: something is wrong; the reason says what and names the one fix.
	Error Status = "error"
	// Disconnected: by hand, or because access was revoked. Ended by a
	// reconnect, or replaced by a new integration.
	Disconnected Status = "disconnected"
)

// None and Gone are the two ends of a life that no record shows: before
// create, after delete.
const (
	None Status = "none"
	Gone Status = "gone"
)

// Statuses lists all of them, in the order of the FAQ; exhaustive tests and
// the API's enum are fed from it.
func Statuses() []Status {
	return []Status{Draft, Configuring, Testing, Active, Paused, Error, Disconnected}
}

var explanations = map[Status]string{
	Draft:        "The integration has been created but hasn’t been fully configured yet. You need to complete the setup.",
	Configuring:  "You’re in the process of setting up the integration (for example, entering credentials or authorizing access).",
	Testing:      "Aura is verifying that the connection to the external service works correctly.",
	Active:       "Everything is working correctly. The integration is connected and syncing data.",
	Paused:       "The integration is temporarily stopped. Data isn’t being synced, but the configuration is preserved. You can resume it anytime from Agent > Integrations.",
	Error:        "Something has gone wrong with the connection. It could be due to expired credentials, external service failures, or other issues. Check the error details and reconnect if needed.",
	Disconnected: "The integration has been manually disconnected or the credentials have been revoked. You need to reconnect it.",
}

// Explanation is the FAQ's own sentence for the status, word for word.
func (s Status) Explanation() string { return explanations[s] }
