package httpapi

import (
	"context"
	"fmt"
	"net/http"
	"time"

	"aura.example/integrations/shared/connect"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
)

// pollAfter is how many seconds after a 202 it is worth asking.
const pollAfter = "2"

// asked gives the connected integration that a request without a body is about.
func (h *Integrations) asked(r *http.Request) (*integration.Integration, error) {
	k, err := key(r)
	if err != nil {
		return nil, err
	}
	if err := nothing(r); err != nil {
		return nil, err
	}
	rec, err := h.Flows.Store.Get(r.Context(), k)
	if err != nil {
		return nil, fmt.Errorf("reading the integration: %w", err)
	}
	return rec, connected(rec)
}

// refreshCalendars asks the worker to look at the account's calendars again.
// Only the worker calls the provider; the outcome is the list, once its
// fetched_at has moved.
func (h *Integrations) refreshCalendars(w http.ResponseWriter, r *http.Request) error {
	rec, err := h.asked(r)
	if err != nil {
		return err
	}
	j := job.Job{
		Kind: job.RefreshCalendars, Account: rec.Account, Provider: rec.Provider, Generation: rec.ID,
		Due: h.Flows.Now(), CorrelationID: caller(r).CorrelationID,
	}
	if err := h.Flows.Queue.Send(r.Context(), job.Message{Job: j}); err != nil {
		return fault.Wrap(fault.Unavailable, "unavailable", "The calendars could not be asked for. Try again in a moment.", err).After(5 * time.Second)
	}
	w.Header().Set("Location", "/v1/integrations/"+rec.Provider+"/calendars")
	w.Header().Set("Retry-After", pollAfter)
	w.WriteHeader(http.StatusAccepted)
	return nil
}

// retry asks the worker to try one quarantined event again; what came of it
// stands in the quarantine.
func (h *Integrations) retry(w http.ResponseWriter, r *http.Request) error {
	return h.aside(w, r, h.Flows.RetryEvent)
}

// discard asks the worker to take back the edit of a quarantined event, which leaves
// the quarantine then.
func (h *Integrations) discard(w http.ResponseWriter, r *http.Request) error {
	return h.aside(w, r, h.Flows.DiscardEvent)
}

// aside asks the worker for something about one quarantined event.
func (h *Integrations) aside(w http.ResponseWriter, r *http.Request, ask func(context.Context, connect.Caller, *integration.Integration, string) error) error {
	rec, err := h.asked(r)
	if err != nil {
		return err
	}
	if err := ask(r.Context(), caller(r), rec, r.PathValue("event")); err != nil {
		return err
	}
	w.Header().Set("Location", "/v1/integrations/"+rec.Provider+"/quarantine")
	w.Header().Set("Retry-After", pollAfter)
	w.WriteHeader(http.StatusAccepted)
	return nil
}

// connected refuses where there is no credential to ask the provider with.
func connected(rec *integration.Integration) error {
	action, label := integration.ActionConnect, "Connect"
	switch rec.Status {
	case integration.Disconnected:
		action, label = integration.ActionReconnect, "Reconnect"
	case integration.Draft, integration.Configuring:
	default:
		return nil
	}
	return fault.Newf(fault.Conflict, "not_connected", "The integration is %s, so there is nothing to ask. Connect it first.", rec.Status).
		With("integration_status", string(rec.Status)).WithFix(label, action)
}
