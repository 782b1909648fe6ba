// Command sync-worker works jobs off the queue: syncs, wind-downs, a look at the
// calendars. It is the only function that reads calendars at the provider.
package main

import (
	"context"
	"fmt"
	"os"
	"runtime/debug"
	"sync"
	"time"

	"github.com/aws/aws-lambda-go/events"
	"github.com/aws/aws-lambda-go/lambda"

	"aura.example/integrations/shared/boot"
	"aura.example/integrations/shared/boot/awsdynamodb"
	"aura.example/integrations/shared/boot/work"
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
	cfg, err := boot.LoadSyncWorker(os.Getenv)
	if err != nil {
		return err
	}
	log := telemetry.NewLogger(os.Stdout, cfg.LogLevel, cfg.Name)
	watch := telemetry.NewWatch(log, telemetry.NewEmitter(os.Stdout, time.Now).In(cfg.Metrics), time.Now)
	handler := work.New(cfg, watch, log)
	if _, err := handler.Get(context.Background()); err != nil {
		return err
	}
	notes := work.Notes{Failures: dynamo.NewIntegrations(awsdynamodb.New(cfg.AWS), dynamo.Names{Integrations: cfg.IntegrationsTable}, time.Now)}
	thrift := sync.OnceFunc(func() { debug.SetGCPercent(work.GCPercent) }) // at the first job: a start that collects takes a sixth longer
	lambda.Start(func(ctx context.Context, e events.SQSEvent) (out events.SQSEventResponse, err error) {
		thrift()
		handle, err := handler.Get(ctx)
		if err != nil {
			return out, err // the whole batch comes back
		}
		records := make([]sqsqueue.Record, len(e.Records))
		for i, r := range e.Records {
			records[i] = sqsqueue.Record{ID: r.MessageId, Body: r.Body}
		}
		for _, id := range sqsqueue.Work(ctx, records, handle, notes, log) {
			out.BatchItemFailures = append(out.BatchItemFailures, events.SQSBatchItemFailure{ItemIdentifier: id})
		}
		return out, nil
	})
	return nil
}
