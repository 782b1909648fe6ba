// Command integrations changes what integrations there are and what they do.
package main

import (
	"fmt"
	"os"

	"aura.example/integrations/shared/boot"
	"aura.example/integrations/shared/boot/opening"
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
	cfg, err := boot.LoadIntegrations(os.Getenv)
	if err != nil {
		return err
	}
	log := web.Log(cfg.Function)
	edge, err := web.Edge(cfg.Function, cfg.Access, log)
	if err != nil {
		return err
	}
	handler, err := renewed.Handler(opening.New(cfg, edge, log), log)
	if err != nil {
		return err
	}
	web.Serve(handler, log)
	return nil
}
