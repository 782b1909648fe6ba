// Command events shows and changes Aura's calendar.
package main

import (
	"fmt"
	"os"
	"time"

	"aura.example/integrations/shared/boot"
	"aura.example/integrations/shared/boot/awsdynamodb"
	"aura.example/integrations/shared/boot/web"
	"aura.example/integrations/shared/dynamo"
	"aura.example/integrations/shared/httpapi"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	cfg, err := boot.LoadEvents(os.Getenv)
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
	web.Serve(httpapi.New(edge, httpapi.EventsRoutes(&httpapi.Events{
		Events:  dynamo.NewEvents(client, cfg.EventsTable, time.Now),
		Records: records,
		Lists:   records,
	})), log)
	return nil
}
