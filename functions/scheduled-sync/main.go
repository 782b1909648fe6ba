// Command scheduled-sync sends jobs for what is due, once a minute.
package main

import (
	"context"
	"fmt"
	"os"
	"time"

	"github.com/aws/aws-lambda-go/lambda"

	"aura.example/integrations/shared/boot"
	"aura.example/integrations/shared/boot/awsdynamodb"
	"aura.example/integrations/shared/boot/awssqs"
	"aura.example/integrations/shared/dispatch"
	"aura.example/integrations/shared/dynamo"
	"aura.example/integrations/shared/sqsqueue"
	"aura.example/integrations/shared/telemetry"
)

func main() {
	if err := run(); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func run() error {
	cfg, err := boot.LoadScheduledSync(os.Getenv)
	if err != nil {
		return err
	}
	log := telemetry.NewLogger(os.Stdout, cfg.LogLevel, cfg.Name)
	watch := telemetry.NewWatch(log, telemetry.NewEmitter(os.Stdout, time.Now).In(cfg.Metrics), time.Now)
	scheduler := &dispatch.Scheduler{
		Slots: dynamo.NewIntegrations(awsdynamodb.New(cfg.AWS), dynamo.Names{Integrations: cfg.IntegrationsTable}, time.Now),
		Queue: sqsqueue.New(awssqs.New(cfg.AWS), cfg.QueueURL),
		Quota: cfg.Quota,
		Now:   time.Now,
		NewID: boot.NewID,
		Log:   log,
	}
	// What the scheduler sends with its event says nothing that is needed: a tick
	// catches up from the watermark, so a repeated or late one does no harm.
	lambda.Start(func(ctx context.Context) error {
		ctx = telemetry.WithCorrelation(ctx, boot.NewID())
		sent, err := scheduler.Tick(ctx)
		watch.Tick(ctx, telemetry.Ticked{
			Sent: sent.Syncs + sent.WindDowns, Held: sent.Held, Unread: sent.Unreadable, Factor: sent.Factor, Lag: sent.Behind,
		}, err)
		return err
	})
	return nil
}
