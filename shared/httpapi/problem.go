package httpapi

import (
	"encoding/json"
	"errors"
	"maps"
	"math"
	"net/http"
	"strconv"
	"time"

	"aura.example/integrations/shared/fault"
)

// problemType precedes a problem's code in its type: the code's place in the
// documentation, relative to the server.
const problemType = "/v1/docs#problem-"

// statuses is the one table from what went wrong to what is answered.
var statuses = map[fault.Kind]int{
	fault.Malformed:            http.StatusBadRequest,
	fault.Unauthenticated:      http.StatusUnauthorized,
	fault.Forbidden:            http.StatusForbidden,
	fault.NotFound:             http.StatusNotFound,
	fault.Conflict:             http.StatusConflict,
	fault.Stale:                http.StatusPreconditionFailed,
	fault.TooLarge:             http.StatusRequestEntityTooLarge,
	fault.Invalid:              http.StatusUnprocessableEntity,
	fault.PreconditionRequired: http.StatusPreconditionRequired,
	fault.Internal:             http.StatusInternalServerError,
	fault.Unavailable:          http.StatusServiceUnavailable,
	// The provider's side, where it gets as far as a caller: what may pass is
	// worth another try; our registration not being in order is for us to mend.
	fault.Transient:     http.StatusServiceUnavailable,
	fault.QuotaExceeded: http.StatusServiceUnavailable,
	fault.Operator:      http.StatusServiceUnavailable,
	// The rest of the provider's side belongs to the worker. If it ever gets
	// here a use case forgot to say what it means to a person, which is a defect.
}

// What is said where the error itself can't be shown.
var (
	errInternal    = fault.New(fault.Internal, "internal", "Something went wrong on our side. It has been logged under this correlation id.")
	errUnavailable = fault.New(fault.Unavailable, "unavailable", "Something that is needed is not reachable just now. Try again in a moment.")
	// errUnknown is the same for what doesn't exist, for what is somebody else's
	// and for what can't exist.
	errUnknown = fault.New(fault.NotFound, "not_found", "There is no such thing here.")
)

func errNotFound() error { return errUnknown }

// retryAfter is advised where an error says that trying again helps, but not when.
const retryAfter = 5 * time.Second

// refusal is a failure that only HTTP knows: it brings its own status.
type refusal struct {
	status int
	say    *fault.Error
}

func (r *refusal) Error() string { return r.say.Error() }
func (r *refusal) Unwrap() error { return r.say }

// statusOf gives the status of an error and what may be said about it.
func statusOf(err error) (int, *fault.Error) {
	var own *refusal
	if errors.As(err, &own) {
		return own.status, own.say
	}
	e := fault.Of(err)
	if e == nil {
		return http.StatusInternalServerError, errInternal
	}
	status, ok := statuses[e.Kind]
	known := titles[e.Code] != ""
	switch {
	case !ok, status == http.StatusInternalServerError:
		return http.StatusInternalServerError, errInternal
	case e.Kind == fault.NotFound:
		return status, errUnknown
	case e.Kind == fault.Stale && !known: // a store's refusal that nobody put words to
		return status, fault.Of(errStale())
	case e.Kind == fault.Stale && e.Fix == nil:
		return status, e.WithFix("Reload", "reload")
	case status == http.StatusServiceUnavailable:
		wait := e.RetryAfter
		if !known {
			e = errUnavailable
		}
		return status, e.After(max(wait, retryAfter))
	case !known: // the list of codes is closed: a code that isn't on it is a defect
		return http.StatusInternalServerError, errInternal
	}
	return status, e
}

// problem renders a failure as a problem document (RFC 9457). Documented members
// of its own can't replace the standard ones.
func problem(status int, e *fault.Error, correlation string) map[string]any {
	doc := maps.Clone(e.Extra)
	if doc == nil {
		doc = map[string]any{}
	}
	doc["type"] = problemType + e.Code
	doc["title"] = titles[e.Code]
	doc["status"] = status
	doc["detail"] = e.Message
	doc["code"] = e.Code
	doc["correlation_id"] = correlation
	delete(doc, "fix")
	if e.Fix != nil {
		doc["fix"] = e.Fix
	}
	return doc
}

// writeProblem sends a failure.
func writeProblem(w http.ResponseWriter, status int, e *fault.Error, correlation string) {
	h := w.Header()
	h.Del("ETag")
	h.Del("Location")
	h.Set("Content-Type", "application/problem+json")
	if e.RetryAfter > 0 {
		h.Set("Retry-After", strconv.Itoa(int(math.Ceil(e.RetryAfter.Seconds()))))
	}
	if status == http.StatusUnauthorized && h.Get("WWW-Authenticate") == "" {
		h.Set("WWW-Authenticate", "Bearer")
	}
	w.WriteHeader(status)
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	_ = enc.Encode(problem(status, e, correlation)) // the client is gone, or nothing is left to be said
}
