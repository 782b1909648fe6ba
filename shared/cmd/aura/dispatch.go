package main

import (
	"crypto/rand"
	"fmt"
	"io"
	"log/slog"

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
}

// Run does what the scheduler does each minute, or sends one integration's job.
// Doubled jobs are harmless: a run that started later covers them.
func (s *dispatchCommand) Run(c *call) error {
	if err := c.needQueue(); err != nil {
		return err
	}
	if s.Account == "" {
		tick := dispatch.Scheduler{Slots: c.db.Integrations, Queue: c.queue, Now: c.now, NewID: newID, Log: slog.New(slog.DiscardHandler)}
		sent, err := tick.Tick(c)
		if err != nil {
			return fmt.Errorf("dispatching: %w", err)
		}
		return c.say(dispatchedAnswer{sent.Syncs, sent.WindDowns})
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
}
