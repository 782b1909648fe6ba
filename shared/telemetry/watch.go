package telemetry

import (
	"context"
	"log/slog"
	"time"

	"aura.example/integrations/shared/integration"
)

// Watch measures what the functions do. A metric that can't be written is
// logged; it never fails what it measures.
type Watch struct {
	log  *slog.Logger
	emit *Emitter
	now  func() time.Time
}

// NewWatch makes a Watch.
func NewWatch(log *slog.Logger, emit *Emitter, now func() time.Time) *Watch {
	return &Watch{log: log, emit: emit, now: now}
}

// Request notes an answered HTTP request.
func (w *Watch) Request(ctx context.Context, function string, status int, took time.Duration) {
	values := []Value{Requests.Of(1, function), RequestDuration.Of(float64(took.Milliseconds()), function)}
	if status >= 500 {
		values = append(values, RequestFaults.Of(1, function))
	}
	w.send(ctx, values...)
}

// Job notes that a job begins; the function that it gives notes how it ended.
// due is the moment that the job stands for, zero where it stands for none.
func (w *Watch) Job(ctx context.Context, kind string, due time.Time) func(error) {
	began := w.now()
	return func(err error) {
		took := w.now().Sub(began)
		values := []Value{JobDuration.Of(float64(took.Milliseconds()), kind)}
		if !due.IsZero() {
			values = append(values, JobAge.Of(float64(began.Sub(due).Milliseconds()), kind))
		}
		if err != nil {
			w.send(ctx, append(values, JobsFailed.Of(1, kind))...)
			w.log.ErrorContext(ctx, "job failed", "kind", kind, "took_ms", took.Milliseconds(), "error", err)
			return
		}
		w.send(ctx, append(values, JobsHandled.Of(1, kind))...)
		w.log.InfoContext(ctx, "job done", "kind", kind, "took_ms", took.Milliseconds())
	}
}

// Ticked is what a tick of the dispatcher did.
type Ticked struct {
	Sent   int           // jobs
	Held   int           // polls left for a later turn
	Unread int           // entries that nobody can read
	Factor int           // how many times longer intervals are
	Lag    time.Duration // how far behind it began
}

// Tick notes what a tick did, and how it ended.
func (w *Watch) Tick(ctx context.Context, d Ticked, err error) {
	values := []Value{JobsDispatched.Of(float64(d.Sent)), DispatchLag.Of(d.Lag.Seconds()), PollingFactor.Of(float64(d.Factor))}
	for _, v := range []Value{PollsHeld.Of(float64(d.Held)), SlotsUnread.Of(float64(d.Unread))} {
		if v.Number > 0 {
			values = append(values, v)
		}
	}
	if err != nil {
		w.send(ctx, append(values, DispatchFailed.Of(1))...)
		w.log.ErrorContext(ctx, "dispatching failed; the next tick repeats it", "sent", d.Sent, "error", err)
		return
	}
	w.send(ctx, values...)
	w.log.InfoContext(ctx, "dispatched what is due", "sent", d.Sent, "held", d.Held, "factor", d.Factor, "lag_s", int(d.Lag.Seconds()))
}

// Synced is a run that ended, as it is measured.
type Synced struct {
	Report    integration.Run
	FreshAsOf time.Time      // the integration's, before this run; zero where it never synced
	Answers   map[string]int // of the provider, by what they were
	TookOver  bool           // from a run that had vanished
	Broke     bool           // the breaker opened
	Froze     bool           // it counted nothing, since most of the fleet fails
}

// Synced notes a run that ended.
func (w *Watch) Synced(ctx context.Context, s Synced) {
	r := s.Report
	values := []Value{
		Syncs.Of(1, string(r.State)), SyncDuration.Of(float64(r.EndedAt.Sub(r.StartedAt).Milliseconds())),
		ReadUnits.Of(r.Units.Read), WriteUnits.Of(r.Units.Write),
	}
	if !s.FreshAsOf.IsZero() {
		values = append(values, SyncStaleness.Of(r.EndedAt.Sub(s.FreshAsOf).Seconds()))
	}
	if r.Error != nil {
		values = append(values, SyncFailures.Of(1, r.Error.Class))
	}
	for _, v := range []Value{
		EventsPulled.Of(float64(r.Pulled.Created + r.Pulled.Updated + r.Pulled.Deleted)),
		EventsPushed.Of(float64(r.Pushed.Created + r.Pushed.Updated + r.Pushed.Deleted)),
		Conflicts.Of(float64(r.Conflicts)), Quarantined.Of(float64(r.Quarantined)),
		LeaseTakeovers.Of(count(s.TookOver)), BreakerOpened.Of(count(s.Broke)), BreakerFrozen.Of(count(s.Froze)),
		Throttles.Of(float64(s.Answers["429"]), "provider"),
	} {
		if v.Number > 0 { // a quiet run's zeros would be most of the bill
			values = append(values, v)
		}
	}
	w.send(ctx, values...)
	for answer, n := range s.Answers {
		w.send(ctx, ProviderCalls.Of(float64(n), answer))
	}
}

func count(b bool) float64 {
	if b {
		return 1
	}
	return 0
}

// Throttled notes that a service of AWS told a run to slow down.
func (w *Watch) Throttled(ctx context.Context, service string) {
	w.send(ctx, Throttles.Of(1, service))
}

// SealingFailed notes a token that could not be sealed ("seal") or did not open
// ("open").
func (w *Watch) SealingFailed(ctx context.Context, operation string, err error) {
	w.send(ctx, SealingFailures.Of(1, operation))
	w.log.ErrorContext(ctx, "sealing failed", "operation", operation, "error", err)
}

// GrantAbandoned notes a credential that was destroyed unrevoked.
func (w *Watch) GrantAbandoned(ctx context.Context) { w.send(ctx, GrantsAbandoned.Of(1)) }

func (w *Watch) send(ctx context.Context, values ...Value) {
	if err := w.emit.Emit(ctx, values...); err != nil {
		w.log.WarnContext(ctx, "metric not emitted", "metric", values[0].Metric.Name, "error", err)
	}
}
