// Command oauth-callback takes a browser back from the provider and finishes OAuth flows.
package main

import (
	"fmt"
	"os"

	"aura.example/integrations/shared/boot"
	"aura.example/integrations/shared/boot/completing"
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
	cfg, err := boot.LoadOAuthCallback(os.Getenv)
	if err != nil {
		return err
	}
	log := web.Log(cfg.Function)
	edge, err := web.Edge(cfg.Function, cfg.Access, log)
	if err != nil {
		return err
	}
	handler, err := renewed.Handler(completing.New(cfg, edge, log), log)
	if err != nil {
		return err
	}
	web.Serve(handler, log)
	return nil
}
