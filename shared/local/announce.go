package local

import (
	"context"
	"log/slog"
	"time"

	"aura.example/integrations/shared/job"
)

// hindered is a queue that doesn't take everything, where a test wants that.
type hindered struct {
	job.Queue
	sends func() error
}

// Send sends, or gives the test's error.
func (q hindered) Send(ctx context.Context, msgs ...job.Message) error {
	if q.sends != nil {
		if err := q.sends(); err != nil {
			return err
		}
	}
	return q.Queue.Send(ctx, msgs...)
}

// announced says of every job that the dispatcher or an operator sends what it
// is and why it is sent: on one machine a person watches.
type announced struct {
	job.Queue
	log *slog.Logger
	why string // "": the dispatcher's own reasons
}

// Send sends, then tells.
func (q announced) Send(ctx context.Context, msgs ...job.Message) error {
	if err := q.Queue.Send(ctx, msgs...); err != nil {
		return err
	}
	for _, m := range msgs {
		why := q.why
		switch {
		case why != "":
		case m.Job.Kind == job.WindDown:
			why = "a wind-down is not done yet"
		default:
			why = "its minute has come"
		}
		q.log.InfoContext(ctx, "dispatched", "kind", m.Job.Kind, "account", m.Job.Account, "provider", m.Job.Provider, "why", why,
			"due", m.Job.Due.Format(time.TimeOnly), "in_s", int(m.Delay.Seconds()))
	}
	return nil
}
