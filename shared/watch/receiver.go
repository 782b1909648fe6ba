package watch

import (
	"context"
	"log/slog"
	"sync"
	"time"

	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
)

// Window is within how long a sandbox sends one job for an integration, however
// many notifications come. The job's due is the window's end, so it stands for
// all of them, and a run that covers it started after the last.
const Window = time.Second

const (
	strayWindow = time.Hour // a stray is stopped once in it
	mostWindows = 10_000    // remembered; beyond that all are forgotten, and some jobs sent twice
)

// Message is what came in: who says so is to be proved by the token.
type Message struct {
	Provider string
	Channel  string
	Token    string
	Resource string
	Opening  bool // only says that the channel was opened
}

// Receiver turns notifications into jobs. It is safe for concurrent use; the
// windows live as long as the process, since it may write nothing.
type Receiver struct {
	Store integration.Store
	Queue job.Queue
	Keys  Keys
	Now   func() time.Time
	NewID func() string // correlation ids
	Log   *slog.Logger

	mu   sync.Mutex
	open map[string]time.Time // end of the window by what it is for
}

// Receive judges one message. It tells the caller nothing: what is wrong, and
// what couldn't be looked up or sent, is found by polling.
func (r *Receiver) Receive(ctx context.Context, m Message) {
	key, generation, ok := r.Keys.Open(m.Token, m.Provider, m.Channel)
	if !ok {
		return
	}
	now := r.Now()
	j := job.Job{
		Kind: job.Sync, Account: key.Account, Provider: key.Provider, Generation: generation,
		Trigger: integration.TriggerNotification, CorrelationID: r.NewID(),
	}
	rec, err := r.Store.Get(ctx, key)
	switch {
	case err != nil && !fault.Is(err, fault.NotFound):
		// Better a job too many: the worker looks at status and generation itself.
		r.Log.WarnContext(ctx, "channel not looked up; a sync is asked for all the same", "error", err)
	case rec == nil || rec.ID != generation || !rec.Channel.Names(m.Channel):
		j.Kind, j.Trigger, j.Channel, j.Resource, j.Due = job.StopChannel, "", m.Channel, m.Resource, now
		if m.Resource != "" {
			r.send(ctx, "stray "+m.Channel, strayWindow, now, job.Message{Job: j})
		}
		return
	}
	if m.Opening { // the run that opened it lists the calendar afterwards
		return
	}
	j.Due = now.Add(Window)
	wait := j.Ready().Add(integration.Skew + time.Second).Sub(now)
	r.send(ctx, "sync "+key.Account+"\x00"+key.Provider+"\x00"+generation, Window, now, job.Message{Job: j, Delay: wait})
}

// send sends once a window.
func (r *Receiver) send(ctx context.Context, what string, window time.Duration, now time.Time, m job.Message) {
	r.mu.Lock()
	if now.Before(r.open[what]) {
		r.mu.Unlock()
		return
	}
	if r.open == nil || len(r.open) >= mostWindows {
		r.open = map[string]time.Time{}
	}
	r.open[what] = now.Add(window)
	r.mu.Unlock()
	if err := r.Queue.Send(ctx, m); err != nil {
		r.Log.WarnContext(ctx, "notification's job not sent; polling finds the change", "error", err)
		r.mu.Lock()
		delete(r.open, what) // the next message tries again
		r.mu.Unlock()
	}
}
