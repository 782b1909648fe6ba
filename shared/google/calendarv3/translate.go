package calendarv3

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"google.golang.org/api/googleapi"

	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/google"
	"aura.example/integrations/shared/integration"
)

// answered is what a refusal is logged as: status and reasons. Google's message
// and body are left out, for they may repeat what was sent.
type answered struct {
	status  int
	reasons []string
}

// Error implements error.
func (a answered) Error() string { return "google answered " + a.brief() }

func (a answered) brief() string {
	return strings.Join(append([]string{strconv.Itoa(a.status)}, a.reasons...), " ")
}

// translate gives an error of the client library its kind, and the name of the
// call for context. What the library wraps is dropped: its errors print bodies
// and addresses, and an address holds an e-mail and a cursor.
func (c *Client) translate(o op, err error) error {
	return fmt.Errorf("%s: %w", o, c.kind(o, err))
}

func (c *Client) kind(o op, err error) error {
	// Access has its own kinds (CredentialGone, Operator …), or none where a
	// store failed. Either is the caller's own and goes back as it came.
	var own accessError
	if errors.As(err, &own) {
		return own.error
	}
	var refused *googleapi.Error
	if errors.As(err, &refused) {
		return c.refused(o, refused)
	}
	if errors.Is(err, google.ErrTooLarge) {
		return fault.Wrap(fault.Refused, "answer_too_large", unreadable, google.ErrTooLarge)
	}
	var syntax *json.SyntaxError
	var mismatch *json.UnmarshalTypeError
	if errors.As(err, &syntax) || errors.As(err, &mismatch) {
		return errUnreadable("the body isn't what the API documents")
	}
	var network *url.Error
	if errors.As(err, &network) {
		err = network.Err
	}
	return fault.Wrap(fault.Transient, "provider_unreachable", unavailable, err)
}

// errUnreadable is a success whose body is none. It may pass: something on the
// way, or a server half way through a deployment.
func errUnreadable(why string) error {
	return fault.Wrap(fault.Transient, "provider_unreadable", unreadable, errors.New(why))
}

func (c *Client) refused(o op, refused *googleapi.Error) error {
	cause := answered{status: refused.Code, reasons: reasons(refused)}
	m := meaningOf(o, cause.status, cause.reasons)
	if m.kind == fault.Refused || m.message == notTaken { // all that is known is what it said
		m.message = fmt.Sprintf("%s (%s).", m.message, cause.brief())
	}
	f := fault.Wrap(m.kind, m.code, m.message, cause).After(google.RetryAfter(refused.Header, c.now()))
	if m.kind == fault.ScopeMissing {
		f.Message = integration.MissingMessage(google.Scope(o.scope()))
		f = f.With("scopes", []string{o.scope()})
	}
	return f
}

// reasons collects Google's reason codes: the classic ones in errors[], and
// those of google.rpc.ErrorInfo in details[], which is where a missing scope and
// a disabled service are said. A body that isn't JSON has none.
func reasons(refused *googleapi.Error) []string {
	var out []string
	add := func(reason string) {
		if isReason(reason) && !slices.Contains(out, reason) {
			out = append(out, reason)
		}
	}
	for _, item := range refused.Errors {
		add(item.Reason)
	}
	for _, detail := range refused.Details {
		if d, ok := detail.(map[string]any); ok {
			reason, _ := d["reason"].(string)
			add(reason)
		}
	}
	return out
}

// isReason lets through what looks like a reason code, so that nothing else
// that a body holds reaches a log or a page.
func isReason(s string) bool {
	return s != "" && len(s) <= 64 && !strings.ContainsFunc(s, func(r rune) bool {
		return (r < 'a' || r > 'z') && (r < 'A' || r > 'Z') && (r < '0' || r > '9') && r != '_' && r != '.'
	})
}
