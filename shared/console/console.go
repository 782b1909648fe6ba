// Package console serves the pages of Agent: Integrations and Calendar. They are
// plain HTML, one stylesheet and JavaScript modules, embedded in the binary, with
// no build step, no framework and no request to anywhere else.
//
// The pages are programs of the API like any other: they sign in, hold a token in
// memory and see what openapi.yaml promises. This package renders the frame that
// they start in and says, in a Content-Security-Policy, what a browser may do
// with them: run and load nothing but these files, and turn no text into markup
// (Trusted Types). Event titles come from strangers' invitations; that they stay
// text doesn't rest on care alone.
package console

import (
	"net/http"
	"strings"
)

// Config is what the pages need to know of where they run.
type Config struct {
	// TokenURL is where the local run gives out tokens; "" when deployed, where
	// the page signs in at the issuer.
	TokenURL string
	// Issuer and ClientID are the OpenID Connect issuer and our public client
	// there; its redirect URIs are the addresses of both pages. Without either
	// nobody can sign in, and the pages say so.
	Issuer, ClientID string
	// Scope is what is asked for: "" means openid and what the pages need of the
	// API's scopes, each with ScopePrefix before its name.
	Scope, ScopePrefix string
	// IssuerOrigins are where the issuer's endpoints live beside its own origin:
	// some have their token endpoint at another host, which the pages must be
	// allowed to call.
	IssuerOrigins []string
	// ReturnTo names the configured return target that is the page
	// Agent > Integrations; "" means "integrations".
	ReturnTo string
	// BillingURL leads to the host product's Billing > Subscription > Change plan;
	// "" shows those words without a link.
	BillingURL string
	// GoogleURL is the simulator's page in the local run; "" otherwise.
	GoogleURL string
}

// needed are the API's scopes that the pages call for. Changing the plan is the
// billing system's.
var needed = []string{"integrations:read", "integrations:write", "events:read", "events:write"}

// scope is what the issuer is asked for.
func (c Config) scope() string {
	if c.Scope != "" {
		return c.Scope
	}
	return "openid " + c.ScopePrefix + strings.Join(needed, " "+c.ScopePrefix)
}

// The pages. The name of each is its script's and its address's.
var pages = []page{
	{Name: "integrations", Title: "Integrations"},
	{Name: "calendar", Title: "Calendar"},
}

// Handler serves the pages under /agent/ and their assets. Whatever else is under
// /agent/ is not found.
func Handler(c Config) http.Handler {
	assets := newAssets("/agent/assets/", bundled)
	mux := http.NewServeMux()
	for _, p := range pages {
		mux.Handle("GET /agent/"+p.Name, c.show(p, assets))
	}
	mux.Handle("GET /agent/assets/", assets)
	mux.Handle("GET /agent/{$}", http.RedirectHandler("/agent/integrations", http.StatusFound))
	return mux
}
