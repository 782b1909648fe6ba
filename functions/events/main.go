// Command events shows and changes Aura's calendar.
package main

import (
	"fmt"
	"os"
	"time"

	"aura.example/integrations/shared/boot"
	"aura.example/integrations/shared/boot/awsdynamodb"
	"aura.example/integrations/shared/boot/awssqs"
	"aura.example/integrations/shared/boot/web"
	"aura.example/integrations/shared/dynamo"
	"aura.example/integrations/shared/edit"
	"aura.example/integrations/shared/google"
	"aura.example/integrations/shared/httpapi"
	"aura.example/integrations/shared/recurrence"
	"aura.example/integrations/shared/sqsqueue"
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
	events := dynamo.NewEvents(client, cfg.EventsTable, time.Now)
	web.Serve(httpapi.New(edge, httpapi.EventsRoutes(&httpapi.Events{
		Events: events, Records: records, Lists: records,
		Editor: &edit.Editor{
			Store: events, Integrations: records, Providers: []string{google.Key}, Series: recurrence.Reckoner{},
			Queue: sqsqueue.New(awssqs.New(cfg.AWS), cfg.QueueURL), Now: time.Now, Random: boot.Random, Log: log,
		},
	})), log)
	return nil
}
