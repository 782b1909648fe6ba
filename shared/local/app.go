package local

import (
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync/atomic"
	"time"

	"aura.example/integrations/shared/boot"
	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/calsync"
	"aura.example/integrations/shared/connect"
	"aura.example/integrations/shared/dispatch"
	"aura.example/integrations/shared/dynamo"
	"aura.example/integrations/shared/edit"
	"aura.example/integrations/shared/google"
	"aura.example/integrations/shared/google/calendarv3"
	"aura.example/integrations/shared/google/oauth"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
	"aura.example/integrations/shared/memory"
	"aura.example/integrations/shared/recurrence"
	"aura.example/integrations/shared/seal"
	"aura.example/integrations/shared/telemetry"
	"aura.example/integrations/shared/watch"
)

// app is the deployed functions, wired for one process.
type app struct {
	handler   http.Handler
	scheduler *dispatch.Scheduler
	queue     *memory.Queue
	issuer    *issuer
	see       atomic.Pointer[func(job.Job)]
}

// newApp wires what each main in functions/ wires for itself.
func newApp(p *Program, st stores, conf google.Config) (*app, error) {
	a := &app{}
	dir := p.o.Dir
	keys, err := loadKeys(keptWithData(p))
	if err != nil {
		return nil, err
	}
	if a.issuer, err = newIssuer(dirFile(dir, "issuer.pem"), p.o.Now); err != nil {
		return nil, err
	}
	wrapper, err := keyWrapper(keptWithData(p))
	if err != nil {
		return nil, err
	}
	authorizer, err := oauth.New(conf, p.o.Now)
	if err != nil {
		return nil, fmt.Errorf("setting up Google's sign-in: %w", err)
	}
	reader, err := calendarv3.New(conf, p.o.Now)
	if err != nil {
		return nil, fmt.Errorf("setting up Google's calendar: %w", err)
	}
	catalogue := integration.Catalogue{google.Provider()}
	authorizers := map[string]connect.Authorizer{google.Key: authorizer}
	vault := &connect.Vault{Sealer: seal.New(wrapper, st.credentials, p.o.Now), SubjectKey: keys.Subject}

	providers := map[string]calendar.Open{google.Key: reader.Open}
	access := (&connect.Tokens{Credentials: st.credentials, Vault: vault, Authorizers: authorizers, Now: p.o.Now, Pause: sleep}).Access
	worker := &calsync.Worker{
		Orders: st.integrations, Leases: st.integrations, Store: st.integrations, Checkpoints: st.integrations, Lists: st.integrations, Journal: st.integrations, Fleet: st.integrations,
		Events: st.events, Edits: st.events, Quarantines: st.events,
		Providers: providers, Access: access,
		Check: recurrence.Check, Has: recurrence.Has, Finish: (&edit.Editor{Store: st.events, Series: recurrence.Reckoner{}, Now: p.o.Now}).Finish, Halves: &edit.Editor{Store: st.events, Series: recurrence.Reckoner{}, Now: p.o.Now}, Now: p.o.Now, Sleep: sleep, Jitter: rand.Float64, NewID: newID, Meter: meter, Log: p.log,
	}
	a.queue = memory.NewQueue(memory.QueueOptions{Handle: a.watched(worker.Handle), Log: p.log})
	worker.Queue = a.queue
	keeper := &watch.Keeper{
		Leases: st.integrations, Store: st.integrations, Providers: providers, Access: access,
		Keys: watch.Keys{Current: keys.Channel}, Now: p.o.Now, NewID: newID, Log: p.log,
	}
	if p.o.Channels {
		keeper.Addresses = map[string]string{google.Key: p.URL + "/v1/webhooks/google-calendar"}
	}
	worker.Watch, worker.StopChannel = keeper.Keep, keeper.Stop
	worker.WindDown = (&connect.WindDown{
		Store: st.integrations, Orders: st.integrations, Credentials: st.credentials, Events: st.events, Quarantines: st.events, Vault: vault,
		Edits: st.events, Authorizers: authorizers, Providers: providers, Access: access, CloseChannel: keeper.Close, Queue: a.queue, Now: p.o.Now, Log: p.log,
		Journal: st.integrations, NewID: newID,
	}).Carry
	a.scheduler = &dispatch.Scheduler{Slots: st.integrations, Queue: announced{Queue: a.queue, log: p.log}, Now: p.o.Now, NewID: newID, Log: p.log}

	service := &connect.Service{
		Catalogue: catalogue, Store: st.integrations, Accounts: st.integrations, Lists: st.integrations, Queue: a.queue,
		Waiting: st.events, Quarantine: st.events, Now: p.o.Now, NewID: newID, Log: p.log, PlanLimits: planLimits,
	}
	flows := &connect.Flows{
		Service: service, Flows: st.integrations, Orders: st.integrations, Authorizers: authorizers, FlowKey: keys.Flow,
		RedirectURI: p.URL + "/v1/oauth/callback", Returns: map[string]string{"integrations": p.URL + consolePath}, Seal: vault,
	}
	syncNow := &dispatch.SyncNow{Leases: st.integrations, Queue: a.queue, Now: p.o.Now, NewID: newID, Log: p.log}
	receiver := &watch.Receiver{Store: st.integrations, Queue: a.queue, Keys: keeper.Keys, Now: p.o.Now, NewID: newID, Log: p.log}
	a.handler, err = a.routes(p, st, catalogue, flows, syncNow, boot.Notifications(receiver))
	return a, err
}

// watched lets a test see jobs, and logs what came of each.
func (a *app) watched(do job.Handler) job.Handler {
	return func(ctx context.Context, j job.Job) error {
		if see := a.see.Load(); see != nil {
			(*see)(j)
		}
		return do(telemetry.WithFunction(ctx, "sync-worker"), j)
	}
}

func (a *app) close(ctx context.Context) error { return a.queue.Close(ctx) }

// meter counts a run's provider calls and capacity units; in memory there are
// none of the latter.
func meter(ctx context.Context) (context.Context, func() calsync.Usage) {
	ctx, calls := google.CountCalls(ctx)
	ctx, units := dynamo.Record(ctx)
	return ctx, func() calsync.Usage {
		return calsync.Usage{ProviderCalls: int(calls()), Units: units.Total()}
	}
}

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
