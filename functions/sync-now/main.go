// Command sync-now starts a sync because a person asked.
package main

import (
	"fmt"
	"os"
	"time"

	"aura.example/integrations/shared/boot"
	"aura.example/integrations/shared/boot/awsdynamodb"
	"aura.example/integrations/shared/boot/awssqs"
	"aura.example/integrations/shared/boot/web"
	"aura.example/integrations/shared/dispatch"
	"aura.example/integrations/shared/dynamo"
	"aura.example/integrations/shared/httpapi"
	"aura.example/integrations/shared/sqsqueue"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	cfg, err := boot.LoadSyncNow(os.Getenv)
	if err != nil {
		return err
	}
	log := web.Log(cfg.Function)
	edge, err := web.Edge(cfg.Function, cfg.Access, log)
	if err != nil {
		return err
	}
	records := dynamo.NewIntegrations(awsdynamodb.New(cfg.AWS), dynamo.Names{Integrations: cfg.IntegrationsTable}, time.Now)
	web.Serve(httpapi.New(edge, httpapi.SyncRoutes(&httpapi.Sync{SyncNow: &dispatch.SyncNow{
		Leases: records,
		Queue:  sqsqueue.New(awssqs.New(cfg.AWS), cfg.QueueURL),
		Now:    time.Now,
		NewID:  boot.NewID,
		Log:    log,
	}})), log)
	return nil
}
