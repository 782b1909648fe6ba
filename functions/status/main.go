// Command status answers what integrations there are and how they are.
package main

import (
	"fmt"
	"os"
	"time"

	"aura.example/integrations/shared/boot"
	"aura.example/integrations/shared/boot/awsdynamodb"
	"aura.example/integrations/shared/boot/web"
	"aura.example/integrations/shared/dynamo"
	"aura.example/integrations/shared/google"
	"aura.example/integrations/shared/httpapi"
	"aura.example/integrations/shared/integration"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	cfg, err := boot.LoadStatus(os.Getenv)
	if err != nil {
		return err
	}
	log := web.Log(cfg.Function)
	edge, err := web.Edge(cfg.Function, cfg.Access, log)
	if err != nil {
		return err
	}
	client := awsdynamodb.New(cfg.AWS)
	records := dynamo.NewIntegrations(client, dynamo.Names{Integrations: cfg.IntegrationsTable}, time.Now)
	web.Serve(httpapi.New(edge, httpapi.StatusRoutes(&httpapi.Status{
		Catalogue:   integration.Catalogue{google.Provider()},
		Store:       records,
		Lists:       records,
		Journal:     records,
		Quarantines: dynamo.NewEvents(client, cfg.EventsTable, time.Now),
		Paced:       &httpapi.Pacer{Source: records, Now: time.Now, Log: log},
		Now:         time.Now,
	})), log)
	return nil
}
