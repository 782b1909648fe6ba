// Command console serves the pages under /agent/, and the API's contract.
package main

import (
	"fmt"
	"net/http"
	"os"

	"aura.example/integrations/shared/boot"
	"aura.example/integrations/shared/boot/web"
	"aura.example/integrations/shared/console"
	"aura.example/integrations/shared/httpapi"
	"aura.example/integrations/shared/httpapi/apispec"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	cfg, err := boot.LoadConsole(os.Getenv)
	if err != nil {
		return err
	}
	log := web.Log(cfg.Function)
	mux := http.NewServeMux()
	mux.Handle("/", httpapi.New(web.Open(cfg.Function, log), httpapi.DocsRoutes(&httpapi.Docs{Site: apispec.NewSite()})))
	mux.Handle("/agent/", console.Handler(console.Config{
		Issuer: cfg.Issuer, ClientID: cfg.ClientID, ScopePrefix: cfg.ScopePrefix, Scope: cfg.Scope,
		IssuerOrigins: cfg.IssuerOrigins, BillingURL: cfg.BillingURL,
	}))
	web.Serve(mux, log)
	return nil
}
