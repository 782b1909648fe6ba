// Command webhook takes the providers' notifications and turns them into jobs.
package main

import (
	"fmt"
	"os"

	"aura.example/integrations/shared/boot"
	"aura.example/integrations/shared/boot/notified"
	"aura.example/integrations/shared/boot/renewed"
	"aura.example/integrations/shared/boot/web"
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
	log := web.Log(cfg.Function)
	handler, err := renewed.Handler(notified.New(cfg, web.Open(cfg.Function, log), log), log)
	if err != nil {
		return err
	}
	web.Serve(handler, log)
	return nil
}
