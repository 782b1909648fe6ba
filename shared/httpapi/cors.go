package httpapi

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"aura.example/integrations/shared/fault"
)

// Origins is the allow-list of pages that may call the API from a browser,
// besides those of its own origin: scheme, host and port, as browsers write
// them. Deployed, API Gateway answers preflights from the same list; here it is
// what refuses a request that a browser sent without asking first.
type Origins []string

// errOrigin is a page that isn't on the list.
func errOrigin() error {
	return fault.New(fault.Forbidden, "origin_not_allowed", "This page may not call Aura. Its origin isn't on the allow-list.")
}

// check refuses a request of a foreign page, and lets one of an allowed page
// read the answer. A request without Origin isn't a cross-origin one of a
// browser; whoever else sends it could send any.
func (o Origins) check(w http.ResponseWriter, r *http.Request) error {
	origin := r.Header.Get("Origin")
	if origin == "" {
		return nil
	}
	h := w.Header()
	h.Add("Vary", "Origin")
	if u, err := url.Parse(origin); err == nil && u.Host != "" && strings.EqualFold(u.Host, r.Host) {
		return nil
	}
	if !slices.Contains(o, origin) {
		return errOrigin()
	}
	h.Set("Access-Control-Allow-Origin", origin)
	h.Set("Access-Control-Expose-Headers", "ETag, Location, Retry-After, X-Request-Id")
	return nil
}

// preflight answers OPTIONS: what an allowed page may send.
func (o Origins) preflight(methods []string) Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		w.Header().Set("Allow", strings.Join(methods, ", "))
		if err := o.check(w, r); err != nil {
			return err
		}
		if w.Header().Get("Access-Control-Allow-Origin") != "" {
			w.Header().Set("Access-Control-Allow-Methods", strings.Join(methods, ", "))
			w.Header().Set("Access-Control-Allow-Headers", "Authorization, Content-Type, Idempotency-Key, If-Match, If-None-Match, Traceparent, X-Request-Id")
			w.Header().Set("Access-Control-Max-Age", "600")
		}
		w.WriteHeader(http.StatusNoContent)
		return nil
	}
}
