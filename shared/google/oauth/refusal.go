package oauth

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"time"

	"golang.org/x/oauth2"

	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/google"
)

// refusal is one line of the table: what an error code of the token endpoint
// means.
type refusal struct {
	code    string // RFC 6749's error member, never the description
	kind    fault.Kind
	ours    string // stable code
	message string // safe to show
}

const (
	goneMessage     = "Google no longer accepts this access. Connect again."
	policyMessage   = "Your organization's or account's policy doesn't allow this access any more. Connect again to see what Google says."
	operatorMessage = "Aura's registration at Google is not in order. The operator has been told."
)

// refusals says what the token endpoint's error codes mean. A code that isn't
// listed is Refused: the run or the sign-in fails with it, and nobody's
// credential is declared lost by a guess.
//
// The two policy codes are permanent until an administrator or the person acts,
// and Google's own consent page explains them, which connecting again shows
// (Google, "Using OAuth 2.0 to Access Google APIs", Refresh token expiration).
var refusals = []refusal{
	{"invalid_grant", fault.CredentialGone, "grant_refused", goneMessage},
	{"admin_policy_enforced", fault.CredentialGone, "policy_refused", policyMessage},
	{"policy_enforced", fault.CredentialGone, "policy_refused", policyMessage},
	{"invalid_client", fault.Operator, "client_refused", operatorMessage},
	{"deleted_client", fault.Operator, "client_refused", operatorMessage},
	{"disabled_client", fault.Operator, "client_refused", operatorMessage},
	{"unauthorized_client", fault.Operator, "client_refused", operatorMessage},
	{"redirect_uri_mismatch", fault.Operator, "client_refused", operatorMessage},
	{"unsupported_grant_type", fault.Operator, "client_refused", operatorMessage},
	{"invalid_request", fault.Operator, "client_refused", operatorMessage},
	{"server_error", fault.Transient, "provider_unavailable", unavailableMessage},
	{"temporarily_unavailable", fault.Transient, "provider_unavailable", unavailableMessage},
	{"internal_failure", fault.Transient, "provider_unavailable", unavailableMessage},
}

const unavailableMessage = "Google isn't available at the moment."

// answered is what a refusal is logged as: status and codes, nothing else of
// the body. It is the cause of a fault; nothing branches on it.
type answered struct {
	status  int
	code    string
	subtype string // error_subtype, for instance invalid_rapt: a session policy
}

// Error implements error.
func (a answered) Error() string {
	s := fmt.Sprintf("the token endpoint answered %d", a.status)
	if a.code != "" {
		s += " " + a.code
	}
	if a.subtype != "" {
		s += " (" + a.subtype + ")"
	}
	return s
}

// translate gives an error of x/oauth2 its kind. The original is dropped: both
// RetrieveError and the decoding errors may print what the endpoint sent.
func (a *Authorizer) translate(err error) error {
	// Through As, not a type assertion: what a RoundTripper returns arrives
	// inside a *url.Error.
	var refused *oauth2.RetrieveError
	if errors.As(err, &refused) {
		return a.refused(refused)
	}
	if errors.Is(err, google.ErrTooLarge) {
		return fault.Wrap(fault.Refused, "answer_too_large", "Google's answer can't be read.", google.ErrTooLarge)
	}
	var network *url.Error
	if errors.As(err, &network) {
		return fault.Wrap(fault.Transient, "provider_unreachable", unavailableMessage, network.Err)
	}
	return fault.Wrap(fault.Transient, "provider_unreadable", unavailableMessage, errors.New("the token endpoint's answer can't be read"))
}

func (a *Authorizer) refused(r *oauth2.RetrieveError) error {
	cause := answered{code: plain(r.ErrorCode)}
	wait := time.Duration(0)
	if r.Response != nil {
		cause.status = r.Response.StatusCode
		wait = google.RetryAfter(r.Response.Header, a.now())
	}
	var more struct {
		Subtype string `json:"error_subtype"`
	}
	if json.Unmarshal(r.Body, &more) == nil {
		cause.subtype = plain(more.Subtype)
	}
	return classify(cause).After(wait)
}

// classify applies the table. Overload and outages are told by the status,
// whatever the body says; and a refusal without a code is not Google's token
// endpoint speaking, but something on the way, which may pass.
func classify(cause answered) *fault.Error {
	if cause.status >= 500 || cause.status == http.StatusTooManyRequests || cause.status == http.StatusRequestTimeout {
		return fault.Wrap(fault.Transient, "provider_unavailable", unavailableMessage, cause)
	}
	for _, r := range refusals {
		if r.code == cause.code {
			return fault.Wrap(r.kind, r.ours, r.message, cause)
		}
	}
	if cause.code == "" {
		return fault.Wrap(fault.Transient, "provider_unreadable", unavailableMessage, cause)
	}
	return fault.Wrap(fault.Refused, "provider_refused", "Google refused the request ("+cause.code+").", cause)
}

// plain lets an error code through only if it looks like one, so that nothing
// else that a body holds reaches a log or a page.
func plain(code string) string {
	ok := len(code) <= 64 && !strings.ContainsFunc(code, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' && r != '-' && r != '.'
	})
	if !ok {
		return "unprintable"
	}
	return code
}
