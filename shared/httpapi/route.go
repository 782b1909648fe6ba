package httpapi

import (
	"net/http"
)

// Scope is what a token must grant for a route.
type Scope string

// The scopes, and the two words for what needs none (openapi.yaml, x-scope). A
// route that names nothing here can't be called by anybody. GET needs the resource's :read, all else its :write.
const (
	IntegrationsRead  Scope = "integrations:read"
	IntegrationsWrite Scope = "integrations:write"
	EventsRead        Scope = "events:read"
	EventsWrite       Scope = "events:write"
	BillingWrite      Scope = "billing:write"
	// Public routes ask for no token: the OAuth callback, which a browser is sent
	// to, and the contract itself.
	Public Scope = "public"
	// ChannelToken routes are the provider's push, which carries a token of its own.
	ChannelToken Scope = "channel_token"
)

// Handler answers a request or says why it can't. It writes nothing once it
// returns an error.
type Handler func(w http.ResponseWriter, r *http.Request) error

// Route is one line of the contents page.
type Route struct {
	Method   string
	Path     string
	Function string // the function that serves it: its folder's name
	Scope    Scope
	Handler  Handler
	Caller   string // who calls it
	Retry    string // whether and when the caller may try again
}
