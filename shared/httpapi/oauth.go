package httpapi

import (
	"context"
	"fmt"
	"html"
	"math"
	"net/http"
	"net/url"
	"strconv"
	"time"

	"aura.example/integrations/shared/connect"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/telemetry"
)

// Completer is the second half of an OAuth flow; *connect.Flows is the one.
type Completer interface {
	ReturnURL(ctx context.Context, state string) (string, error)
	Complete(ctx context.Context, c connect.Caller, r connect.Returned) (*integration.Integration, error)
}

// OAuth takes a browser back from the provider and finishes flows.
type OAuth struct {
	Flows Completer
	Now   func() time.Time
}

// Bounds of what a provider sends back (a code has at most 256
// bytes), with room for another provider's.
const (
	maxState = 512
	maxCode  = 2048
	maxError = 200
)

// callback hands a browser over to the page that its flow was opened from: code
// and state go in the fragment, which browsers send to nobody. It exchanges
// nothing and changes nothing, so it may be called any number of times.
//
// Whoever looks at its failures is a person in front of a browser, without the
// page that they began at: a plain page says what happened. The provider may add
// parameters of its own, so unknown ones are let pass, but not handed on.
func (h *OAuth) callback(w http.ResponseWriter, r *http.Request) error {
	q := r.URL.Query()
	state, code, failure := q.Get("state"), q.Get("code"), q.Get("error")
	if len(state) > maxState || len(code) > maxCode || len(failure) > maxError || len(q["state"]) > 1 || len(q["code"]) > 1 {
		return showPage(w, r, fault.New(fault.Malformed, "malformed_request", "This address can't have come from the provider. Nothing was changed."))
	}
	target, err := h.Flows.ReturnURL(r.Context(), state)
	if err != nil {
		return showPage(w, r, err)
	}
	hand := url.Values{"state": {state}}
	if failure != "" {
		hand.Set("error", failure)
	} else {
		hand.Set("code", code)
	}
	// Not http.Redirect, which would repeat the address in a body.
	w.Header().Set("Location", target+"#"+hand.Encode())
	w.WriteHeader(http.StatusSeeOther)
	return nil
}

// page is what a person sees whom the callback can't send on. It needs no
// script, no style and no other file. Not a template of html/template: that
// finds methods by name at run time, so the linker would have to keep every
// method of every type, which made this function seven megabytes larger.
const page = `<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1"><title>Sign-in not finished</title></head>
<body>
<main>
<h1>Sign-in not finished</h1>
<p>%s</p>
<p>%s</p>
<p><small>Reference: %s</small></p>
</main>
</body>
</html>
`

// showPage says in a page what writeProblem would say in a document: the same
// table decides status and words. What isn't the person's doing is returned as
// well, so that it is logged.
func showPage(w http.ResponseWriter, r *http.Request, err error) error {
	status, say := statusOf(err)
	if status < http.StatusInternalServerError {
		status = http.StatusBadRequest
	}
	w.Header().Set("Content-Type", "text/html; charset=utf-8")
	what := "Close this window, go to Agent > Integrations and try again."
	if say.RetryAfter > 0 {
		w.Header().Set("Retry-After", strconv.Itoa(int(math.Ceil(say.RetryAfter.Seconds()))))
		what = "Reload this page in a moment."
	}
	w.WriteHeader(status)
	_, _ = fmt.Fprintf(w, page, html.EscapeString(say.Message), html.EscapeString(what), html.EscapeString(telemetry.Correlation(r.Context())))
	if status >= http.StatusInternalServerError {
		return err
	}
	return nil
}

// complete finishes a flow for the caller who began it.
func (h *OAuth) complete(w http.ResponseWriter, r *http.Request) error {
	var in connect.Returned
	err := read(r, map[string]field{
		"state": required(&in.State), "code": optional(&in.Code), "error": optional(&in.Error),
	})
	if err != nil {
		return err
	}
	var bad []fault.Field
	if (in.Code == "") == (in.Error == "") {
		bad = append(bad, fault.Field{Field: "code", Message: "either this or error is needed, and not both"})
	}
	for _, f := range []struct {
		name, value string
		most        int
	}{{"state", in.State, maxState}, {"code", in.Code, maxCode}, {"error", in.Error, maxError}} {
		if len(f.value) > f.most {
			bad = append(bad, fault.Field{Field: f.name, Message: "is too long"})
		}
	}
	if len(bad) > 0 {
		return fault.Fields(bad...)
	}
	rec, err := h.Flows.Complete(r.Context(), caller(r), in)
	if err != nil {
		return err
	}
	return presenter{now: h.Now}.answer(w, r, http.StatusOK, rec)
}
