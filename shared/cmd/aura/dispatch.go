package main

import (
	"context"
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"
	"sync/atomic"

	"github.com/oklog/ulid/v2"

	"aura.example/integrations/shared/dispatch"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
)

func newID() string { return ulid.MustNew(ulid.Now(), rand.Reader).String() }

type dispatchCommand struct {
	Account  string `arg:"" optional:"" help:"Only this account's integration; without it, everything that is due."`
	Provider string `help:"Provider." default:"google-calendar"`
}

type dispatchedAnswer struct {
	Syncs     int `json:"syncs"`
	WindDowns int `json:"wind_downs"`
	Held      int `json:"held,omitempty"`       // polls whose turn it isn't, since more is due than the quota allows
	Unread    int `json:"unreadable,omitempty"` // entries of the slot index
}

// telling is a queue that says how far it has come. It is safe for concurrent use.
type telling struct {
	job.Queue
	c    *call
	sent atomic.Int64
}

// tellEvery is after how many jobs something is said.
const tellEvery = 1000

// Send sends, then counts.
func (q *telling) Send(ctx context.Context, msgs ...job.Message) error {
	if err := q.Queue.Send(ctx, msgs...); err != nil {
		return err
	}
	n := int64(len(msgs))
	if now := q.sent.Add(n); now/tellEvery != (now-n)/tellEvery {
		q.c.progress("%d jobs sent …", now)
	}
	return nil
}

// Run does what the scheduler does each minute, or sends one integration's job.
// Doubled jobs are harmless: a run that started later covers them.
func (s *dispatchCommand) Run(c *call) error {
	if err := c.needQueue(); err != nil {
		return err
	}
	if s.Account == "" {
		queue := &telling{Queue: c.queue, c: c}
		tick := dispatch.Scheduler{Slots: c.db.Integrations, Queue: queue, Now: c.now, NewID: newID, Log: slog.New(slog.NewTextHandler(c.errs, nil))}
		sent, err := tick.Tick(c)
		if err != nil {
			return fmt.Errorf("dispatching, after %d jobs: %w", queue.sent.Load(), err)
		}
		return c.say(dispatchedAnswer{sent.Syncs, sent.WindDowns, sent.Held, sent.Unreadable})
	}
	rec, err := c.db.Integrations.Get(c, integration.Key{Account: s.Account, Provider: s.Provider})
	if err != nil {
		return fmt.Errorf("reading the integration: %w", err)
	}
	if !rec.Syncs(c.now()) {
		return fmt.Errorf("the integration is %s, so a worker would do nothing", rec.Status)
	}
	j := job.Job{
		Kind: job.Sync, Account: rec.Account, Provider: rec.Provider, Generation: rec.ID,
		Trigger: integration.TriggerSchedule, Due: c.now(), CorrelationID: newID(),
	}
	if err := c.queue.Send(c, job.Message{Job: j, Delay: dispatch.Delay(j, c.now())}); err != nil {
		return fmt.Errorf("sending the job: %w", err)
	}
	return c.say(dispatchedAnswer{Syncs: 1})
}

func (a dispatchedAnswer) text(w io.Writer) {
	if a == (dispatchedAnswer{}) {
		fmt.Fprintln(w, "Nothing is due that wasn't sent already this minute.")
		return
	}
	fmt.Fprintf(w, "Sent %d syncs and %d wind-downs.\n", a.Syncs, a.WindDowns)
	if a.Held > 0 {
		fmt.Fprintf(w, "%d polls wait for a later turn: more is due than the provider's quota allows.\n", a.Held)
	}
	if a.Unread > 0 {
		fmt.Fprintf(w, "%d entries of the slot index can't be read and were left out; they are named above.\n", a.Unread)
	}
}
