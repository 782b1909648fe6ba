package telemetry

import (
	"context"
	"log/slog"
	"time"
)

// Watch measures what functions that nobody calls over HTTP do. A metric that
// can't be written is logged; it never fails what it measures.
type Watch struct {
	log  *slog.Logger
	emit *Emitter
	now  func() time.Time
}

// NewWatch makes a Watch.
func NewWatch(log *slog.Logger, emit *Emitter, now func() time.Time) *Watch {
	return &Watch{log: log, emit: emit, now: now}
}

// Job notes that a job begins; the function that it gives notes how it ended.
// due is the moment that the job stands for, zero where it stands for none.
func (w *Watch) Job(ctx context.Context, kind string, due time.Time) func(error) {
	began := w.now()
	if !due.IsZero() {
		w.send(ctx, JobAge, float64(began.Sub(due).Milliseconds()), kind)
	}
	return func(err error) {
		took := w.now().Sub(began)
		w.send(ctx, JobDuration, float64(took.Milliseconds()), kind)
		if err != nil {
			w.send(ctx, JobsFailed, 1, kind)
			w.log.ErrorContext(ctx, "job failed", "kind", kind, "took_ms", took.Milliseconds(), "error", err)
			return
		}
		w.send(ctx, JobsHandled, 1, kind)
		w.log.InfoContext(ctx, "job done", "kind", kind, "took_ms", took.Milliseconds())
	}
}

// Tick notes what a tick of the dispatcher sent and how it ended.
func (w *Watch) Tick(ctx context.Context, sent int, err error) {
	w.send(ctx, JobsDispatched, float64(sent))
	if err != nil {
		w.send(ctx, DispatchFailed, 1)
		w.log.ErrorContext(ctx, "dispatching failed; the next tick repeats it", "sent", sent, "error", err)
		return
	}
	w.log.InfoContext(ctx, "dispatched what is due", "sent", sent)
}

func (w *Watch) send(ctx context.Context, m Metric, value float64, dims ...string) {
	if err := w.emit.Emit(ctx, m, value, dims...); err != nil {
		w.log.WarnContext(ctx, "metric not emitted", "metric", m.Name, "error", err)
	}
}
