// Package work wires the worker: the engine, the wind-down, and what both need.
package work

import (
	"context"
	"log/slog"
	"math/rand/v2"
	"time"

	"golang.org/x/time/rate"

	"aura.example/integrations/shared/boot"
	"aura.example/integrations/shared/boot/awsdynamodb"
	"aura.example/integrations/shared/boot/awskms"
	"aura.example/integrations/shared/boot/awssqs"
	"aura.example/integrations/shared/boot/awsssm"
	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/calsync"
	"aura.example/integrations/shared/connect"
	"aura.example/integrations/shared/dynamo"
	"aura.example/integrations/shared/edit"
	"aura.example/integrations/shared/google"
	"aura.example/integrations/shared/google/calendarv3"
	"aura.example/integrations/shared/google/oauth"
	"aura.example/integrations/shared/job"
	"aura.example/integrations/shared/kmskey"
	"aura.example/integrations/shared/recurrence"
	"aura.example/integrations/shared/seal"
	"aura.example/integrations/shared/sqsqueue"
	"aura.example/integrations/shared/ssmsecrets"
	"aura.example/integrations/shared/telemetry"
	"aura.example/integrations/shared/watch"
)

// GCPercent is how much the worker's heap may grow before it is collected, in
// percent of what lives. A first sync makes garbage by the page, and memory is
// what a function costs by: benchmarks.md has what either setting holds.
const GCPercent = 40

// New makes the handler of jobs, built anew when a secret changes.
func New(c boot.SyncWorker, measure *telemetry.Watch, log *slog.Logger) *ssmsecrets.Built[job.Handler] {
	names := dynamo.Names{Integrations: c.IntegrationsTable, Credentials: c.CredentialsTable, Events: c.EventsTable}
	db := dynamo.New(awsdynamodb.New(c.AWS, dynamo.WithRecorder(dynamo.NewRecorder(names, nil)), dynamo.WithThrottles(func(ctx context.Context) { measure.Throttled(ctx, "dynamodb") })), names, time.Now)
	queue := sqsqueue.New(awssqs.New(c.AWS), c.QueueURL)
	sealer := seal.New(kmskey.New(awskms.New(c.AWS), c.KMSKeyID), db.Credentials, time.Now)
	pace := rate.NewLimiter(c.Pace, max(1, int(c.Pace))) // of every call to the calendar, whoever makes it

	build := func(s ssmsecrets.Secrets) (job.Handler, error) {
		conf := c.Google
		conf.ClientSecret = s.Text(c.ClientSecretParameter)
		auth, err := oauth.New(conf, time.Now)
		if err != nil {
			return nil, err
		}
		reader, err := calendarv3.New(conf, time.Now)
		if err != nil {
			return nil, err
		}
		subject, err := s.Key(c.SubjectKeyParameter)
		if err != nil {
			return nil, err
		}
		vault := &connect.Vault{Sealer: sealer, SubjectKey: subject, Failed: measure.SealingFailed}
		authorizers := map[string]connect.Authorizer{google.Key: auth}
		providers := map[string]calendar.Open{google.Key: reader.Open}
		access := (&connect.Tokens{Credentials: db.Credentials, Vault: vault, Authorizers: authorizers, Now: time.Now, Pause: sleep}).Access
		channel, err := s.Key(c.ChannelKeyParameter)
		if err != nil {
			return nil, err
		}
		keeper := &watch.Keeper{
			Leases: db.Integrations, Store: db.Integrations, Providers: providers, Access: access,
			Addresses: map[string]string{google.Key: c.WebhookURL}, Keys: watch.Keys{Current: channel},
			Pace: pace, Now: time.Now, NewID: boot.NewID, Log: log,
		}
		windDown := &connect.WindDown{
			Store: db.Integrations, Orders: db.Integrations, Credentials: db.Credentials, Events: db.Events, Edits: db.Events, Quarantines: db.Events,
			Vault: vault, Authorizers: authorizers, Providers: providers, Access: access, Pace: pace, Queue: queue, Now: time.Now, Log: log,
			CloseChannel: keeper.Close, Abandoned: measure.GrantAbandoned, Journal: db.Integrations, NewID: boot.NewID,
		}
		worker := &calsync.Worker{
			Orders: db.Integrations, Leases: db.Integrations, Store: db.Integrations, Checkpoints: db.Integrations, Lists: db.Integrations, Journal: db.Integrations, Fleet: db.Integrations,
			Events: db.Events, Edits: db.Events, Quarantines: db.Events,
			Providers: providers, Access: access,
			WindDown: windDown.Carry, Watch: keeper.Keep, StopChannel: keeper.Stop, Check: recurrence.Check, Has: recurrence.Has, Finish: (&edit.Editor{Store: db.Events, Series: recurrence.Reckoner{}, Now: time.Now}).Finish, Halves: &edit.Editor{Store: db.Events, Series: recurrence.Reckoner{}, Now: time.Now}, Queue: queue, Now: time.Now, Sleep: sleep, Jitter: rand.Float64,
			NewID: boot.NewID, Meter: meter, Pace: pace, Log: log,
			Observe: func(ctx context.Context, o calsync.Observed) {
				measure.Synced(telemetry.WithRun(ctx, o.Report.ID), telemetry.Synced(o))
			},
		}
		return watched(worker.Handle, measure), nil
	}
	return ssmsecrets.New(awsssm.New(c.AWS), time.Now, build, c.SubjectKeyParameter, c.ChannelKeyParameter, c.ClientSecretParameter)
}

// watched says of every job what it belongs to, how long it took and how it ended.
func watched(do job.Handler, measure *telemetry.Watch) job.Handler {
	return func(ctx context.Context, j job.Job) error {
		ctx = telemetry.WithAccount(telemetry.WithCorrelation(ctx, j.CorrelationID), j.Account)
		if j.Run != "" {
			ctx = telemetry.WithRun(ctx, j.Run)
		}
		done := measure.Job(ctx, string(j.Kind), j.Due)
		err := do(ctx, j)
		done(err)
		return err
	}
}

// meter counts a run's provider calls and capacity units.
func meter(ctx context.Context) (context.Context, func() calsync.Usage) {
	ctx, calls := google.CountCalls(ctx)
	ctx, answers := google.CountAnswers(ctx)
	ctx, units := dynamo.Record(ctx)
	return ctx, func() calsync.Usage {
		return calsync.Usage{ProviderCalls: int(calls()), Answers: answers(), Units: units.Total()}
	}
}

// sleep waits, or gives up with the context.
func sleep(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
