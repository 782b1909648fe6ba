package httpapi

import (
	"net/http"

	"aura.example/integrations/shared/connect"
)

// The contents page: what is served where, by which function, to whom, and
// what happens when the caller tries again. One list a function, so that a
// function links no other's handlers. openapi.yaml says the same at length; a
// test holds the two equal, and template.yaml to both.

// StatusRoutes are reads: they change nothing and may be repeated at will.
func StatusRoutes(h *Status) []Route {
	const fn, at = "status", "/v1/integrations/{provider}"
	return []Route{
		{http.MethodGet, "/v1/providers", fn, IntegrationsRead, h.providers, "page, before Connect", "any time"},
		{http.MethodGet, "/v1/integrations", fn, IntegrationsRead, h.list, "page, on load", "any time"},
		{http.MethodGet, at, fn, IntegrationsRead, h.one, "page, every few seconds while something happens", "any time"},
		{http.MethodGet, at + "/runs", fn, IntegrationsRead, h.runs, "page, operator", "any time"},
		{http.MethodGet, at + "/runs/{run}", fn, IntegrationsRead, h.run, "whoever was given a 202", "any time; Retry-After while it is under way"},
		{http.MethodGet, at + "/history", fn, IntegrationsRead, h.history, "page, operator", "any time"},
		{http.MethodGet, at + "/quarantine", fn, IntegrationsRead, h.quarantine, "page", "any time"},
		{http.MethodGet, at + "/calendars", fn, IntegrationsRead, h.calendars, "page, to choose", "any time"},
	}
}

// IntegrationsRoutes are what a person does with an integration.
func IntegrationsRoutes(h *Integrations) []Route {
	const fn, at = "integrations", "/v1/integrations/{provider}"
	return []Route{
		{http.MethodPost, "/v1/integrations", fn, IntegrationsWrite, h.create, "Connect", "409 provider_exists: the first try took effect"},
		{http.MethodPatch, at, fn, IntegrationsWrite, h.settings, "Settings", "412: the first try took effect, or somebody was faster"},
		{http.MethodDelete, at, fn, IntegrationsWrite, h.delete, "Delete", "404: the first try took effect"},
		{http.MethodPost, at + "/authorization", fn, IntegrationsWrite, h.authorization, "Connect, Reconnect, Re-authorize", "any time: a flow more"},
		{http.MethodPost, at + "/pause", fn, IntegrationsWrite, h.transition((*connect.Service).Pause), "Pause", "409 invalid_transition: it is paused"},
		{http.MethodPost, at + "/resume", fn, IntegrationsWrite, h.transition((*connect.Service).Resume), "Resume", "409 invalid_transition: it is active"},
		{http.MethodPost, at + "/verify", fn, IntegrationsWrite, h.transition((*connect.Service).Verify), "Try again", "409 invalid_transition: it is testing"},
		{http.MethodPost, at + "/disconnect", fn, IntegrationsWrite, h.disconnect, "Disconnect", "409 invalid_transition: it is disconnected"},
		{http.MethodPost, at + "/confirm-deletions", fn, IntegrationsWrite, h.transition((*connect.Service).ConfirmDeletions), "Review deletions", "409 invalid_transition: it was answered"},
		{http.MethodPost, at + "/reject-deletions", fn, IntegrationsWrite, h.transition((*connect.Service).RejectDeletions), "Review deletions", "409 invalid_transition: it was answered"},
		{http.MethodPost, at + "/calendars/refresh", fn, IntegrationsWrite, h.refreshCalendars, "page, to choose", "any time: one look more"},
		{http.MethodPost, at + "/quarantine/{event}/retry", fn, IntegrationsWrite, h.retry, "page", "any time: one try more"},
		{http.MethodPost, at + "/quarantine/{event}/discard", fn, IntegrationsWrite, h.discard, "page", "404: the first try took effect"},
	}
}

// OAuthRoutes take a browser back from the provider.
func OAuthRoutes(h *OAuth) []Route {
	const fn = "oauth-callback"
	return []Route{
		{http.MethodGet, "/v1/oauth/callback", fn, Public, h.callback, "the provider, through the browser", "any time: nothing is consumed"},
		{http.MethodPost, "/v1/oauth/complete", fn, IntegrationsWrite, h.complete, "the page at the return target", "after 503 revoking only; else look at the integration"},
	}
}

// SyncRoutes start a run.
func SyncRoutes(h *Sync) []Route {
	return []Route{
		{http.MethodPost, "/v1/integrations/{provider}/sync", "sync-now", IntegrationsWrite, h.start, "Sync now", "409 sync_in_progress names the run of the first try"},
	}
}

// EventsRoutes are Aura's calendar.
func EventsRoutes(h *Events) []Route {
	const fn = "events"
	return []Route{
		{http.MethodGet, "/v1/events", fn, EventsRead, h.list, "page, product", "any time"},
		{http.MethodGet, "/v1/events/{event}", fn, EventsRead, h.one, "page, product", "any time"},
		{http.MethodPost, "/v1/events", fn, EventsWrite, h.create, "page, product", "with an Idempotency-Key, for good"},
		{http.MethodPatch, "/v1/events/{event}", fn, EventsWrite, h.change, "page, product", "412: the first try took effect, or somebody was faster"},
		{http.MethodDelete, "/v1/events/{event}", fn, EventsWrite, h.remove, "page, product", "404: the first try took effect"},
	}
}

// SubscriptionRoutes are the plan.
func SubscriptionRoutes(h *Subscription) []Route {
	const fn, at = "subscription", "/v1/subscription"
	return []Route{
		{http.MethodGet, at, fn, IntegrationsRead, h.get, "page", "any time"},
		{http.MethodPut, at, fn, BillingWrite, h.put, "the billing system", "any time: the same plan twice changes nothing"},
	}
}

// WebhookRoutes are the providers' notifications.
func WebhookRoutes(h *Webhook) []Route {
	return []Route{
		{http.MethodPost, "/v1/webhooks/google-calendar", "webhook", ChannelToken, h.receive, "Google", "never: polling finds what is lost"},
	}
}

// DocsRoutes are the contract; the console serves it.
func DocsRoutes(h *Docs) []Route {
	const fn = "console"
	return []Route{
		{http.MethodGet, "/v1/openapi.yaml", fn, Public, h.document, "developers, tools", "any time"},
		{http.MethodGet, "/v1/docs", fn, Public, h.page, "developers", "any time"},
		{http.MethodGet, "/v1/docs/style.css", fn, Public, h.style, "the page", "any time"},
	}
}

// AllRoutes lists every route without anything behind it, for tests and tools
// that need to know what there is.
func AllRoutes() [][]Route {
	return [][]Route{
		StatusRoutes(&Status{}), IntegrationsRoutes(&Integrations{}), OAuthRoutes(&OAuth{}), SyncRoutes(&Sync{}),
		EventsRoutes(&Events{}), SubscriptionRoutes(&Subscription{}), WebhookRoutes(&Webhook{}), DocsRoutes(&Docs{}),
	}
}
