package local

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"strings"

	"aura.example/integrations/shared/boot"
	"aura.example/integrations/shared/connect"
	"aura.example/integrations/shared/console"
	"aura.example/integrations/shared/dispatch"
	"aura.example/integrations/shared/edit"
	"aura.example/integrations/shared/google"
	"aura.example/integrations/shared/httpapi"
	"aura.example/integrations/shared/httpapi/apispec"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/jwtauth"
	"aura.example/integrations/shared/recurrence"
)

// routes puts every function's routes, the page and the local run's own on one
// port.
func (a *app) routes(p *Program, st stores, catalogue integration.Catalogue, flows *connect.Flows, syncNow *dispatch.SyncNow, notified func(context.Context, http.Header)) (http.Handler, error) {
	verifier, err := jwtauth.New(jwtauth.Config{Issuer: issuerName, Audience: audience, KeysURL: p.URL + jwksPath}, p.o.Now)
	if err != nil {
		return nil, fmt.Errorf("setting up the token verifier: %w", err)
	}
	edge := httpapi.Edge{Auth: httpapi.Authorize{Names: jwtauth.DefaultNames(), Verifier: verifier}, Log: p.log, Now: p.o.Now, NewID: newID}
	paced := &httpapi.Pacer{Source: st.integrations, Now: p.o.Now, Log: p.log}
	api := httpapi.New(edge,
		httpapi.StatusRoutes(&httpapi.Status{
			Catalogue: catalogue, Store: st.integrations, Lists: st.integrations, Journal: st.integrations, Quarantines: st.events, Paced: paced, Now: p.o.Now,
		}),
		httpapi.IntegrationsRoutes(&httpapi.Integrations{Flows: flows, Paced: paced}),
		httpapi.OAuthRoutes(&httpapi.OAuth{Flows: flows, Now: p.o.Now}),
		httpapi.SyncRoutes(&httpapi.Sync{SyncNow: syncNow}),
		httpapi.EventsRoutes(&httpapi.Events{
			Events: st.events, Records: st.integrations, Lists: st.integrations,
			Editor: &edit.Editor{
				Store: st.events, Integrations: st.integrations, Providers: []string{google.Key}, Series: recurrence.Reckoner{},
				Queue: hindered{a.queue, p.o.Sends}, Now: p.o.Now, Random: boot.Random, Log: p.log,
			},
		}),
		httpapi.SubscriptionRoutes(&httpapi.Subscription{Service: flows.Service}),
		httpapi.WebhookRoutes(&httpapi.Webhook{Receive: notified}),
		httpapi.DocsRoutes(&httpapi.Docs{Site: apispec.NewSite()}),
	)
	page := console.Config{TokenURL: tokenPath, GoogleURL: p.GoogleURL}
	mux := http.NewServeMux()
	mux.Handle("/v1/", api)
	mux.Handle("/agent/", console.Handler(page))
	gallery := console.Gallery(page, p.o.Now)
	mux.Handle("GET "+galleryPath, gallery)
	mux.Handle("GET "+galleryPath+"/", gallery)
	mux.HandleFunc("POST "+tokenPath, a.issuer.token)
	mux.HandleFunc("GET "+jwksPath, a.issuer.jwks)
	operatorRoutes(mux, a.queue, p.log)
	mux.Handle("GET /{$}", http.RedirectHandler(consolePath, http.StatusFound))
	return hereOnly(mux), nil
}

// The routes that exist in the local run only, never in a deployed function.
const (
	tokenPath   = "/local/token"
	jwksPath    = "/local/jwks.json"
	galleryPath = "/local/gallery" // every state of the page, from fixtures
)

// hereOnly answers those who call this machine by a name of its own. Whoever else
// can make its name lead here (DNS rebinding) is a web page that wants a token.
func hereOnly(h http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		host := r.Host
		if name, _, err := net.SplitHostPort(host); err == nil {
			host = name
		}
		if ip := net.ParseIP(strings.Trim(host, "[]")); host != "localhost" && (ip == nil || !ip.IsLoopback()) {
			http.Error(w, "this is a local run: call it by 127.0.0.1 or localhost", http.StatusMisdirectedRequest)
			return
		}
		h.ServeHTTP(w, r)
	})
}
