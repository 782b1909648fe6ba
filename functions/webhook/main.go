// Command webhook takes the providers' notifications.
package main

import (
	"fmt"
	"os"

	"aura.example/integrations/shared/boot"
	"aura.example/integrations/shared/boot/web"
	"aura.example/integrations/shared/httpapi"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	cfg, err := boot.LoadWebhook(os.Getenv)
	if err != nil {
		return err
	}
	log := web.Log(cfg)
	web.Serve(httpapi.New(web.Open(cfg, log), httpapi.WebhookRoutes(&httpapi.Webhook{})), log)
	return nil
}
