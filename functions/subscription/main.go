// Command subscription shows an account's plan and lets billing change it.
package main

import (
	"fmt"
	"os"
	"time"

	"aura.example/integrations/shared/boot"
	"aura.example/integrations/shared/boot/awsdynamodb"
	"aura.example/integrations/shared/boot/web"
	"aura.example/integrations/shared/connect"
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
	cfg, err := boot.LoadSubscription(os.Getenv)
	if err != nil {
		return err
	}
	log := web.Log(cfg.Function)
	edge, err := web.Edge(cfg.Function, cfg.Access, log)
	if err != nil {
		return err
	}
	accounts := dynamo.NewIntegrations(awsdynamodb.New(cfg.AWS), dynamo.Names{Integrations: cfg.IntegrationsTable}, time.Now)
	service := &connect.Service{Accounts: accounts, Now: time.Now, NewID: boot.NewID, Log: log, PlanLimits: cfg.PlanLimits}
	web.Serve(httpapi.New(edge, httpapi.SubscriptionRoutes(&httpapi.Subscription{Service: service})), log)
	return nil
}
