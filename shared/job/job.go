// Package job is what travels from those who notice that something is due to
// the worker that does it: the job, and the queue's port.
package job

import (
	"context"
	"fmt"
	"time"

	"aura.example/integrations/shared/integration"
)

// Kind says what the worker is to do.
type Kind string

// The kinds of job.
const (
	Sync             Kind = "sync"              // take the lease, run
	WindDown         Kind = "wind_down"         // carry a wind-down order on
	RefreshCalendars Kind = "refresh_calendars" // look at the calendar list again
	RetryEvent       Kind = "retry_event"       // try one quarantined event again
	DiscardEvent     Kind = "discard_event"     // take a quarantined event's edit back
	StopChannel      Kind = "stop_channel"      // stop a stray push channel, once
)

// Job is one piece of work. It holds names only, nothing secret and nothing
// that could be stale: the worker reads everything else.
type Job struct {
	Kind          Kind                `json:"kind"`
	Account       string              `json:"account"`
	Provider      string              `json:"provider"`
	Generation    string              `json:"generation"`
	Run           string              `json:"run,omitempty"`   // the run that it belongs to
	Event         string              `json:"event,omitempty"` // RetryEvent, DiscardEvent
	Channel       string              `json:"channel,omitempty"`
	Resource      string              `json:"resource,omitempty"`
	Trigger       integration.Trigger `json:"trigger,omitempty"`
	Full          bool                `json:"full,omitempty"` // list everything and compare
	Due           time.Time           `json:"due"`            // the moment that it stands for, or just after
	CorrelationID string              `json:"correlation_id,omitempty"`
}

// Key gives the integration that the job is for.
func (j Job) Key() integration.Key {
	return integration.Key{Account: j.Account, Provider: j.Provider}
}

// Settle is how long after Due a job without a run waits: then a run that
// starts for it covers everything of the same burst.
const Settle = integration.Skew + integration.Burst

// Ready is the moment after which a worker may work the job off.
func (j Job) Ready() time.Time {
	if j.Run != "" || j.Kind != Sync {
		return time.Time{}
	}
	return j.Due.Add(Settle)
}

// Check refuses a job that no worker could work off.
func (j Job) Check() error {
	switch j.Kind {
	case Sync, WindDown, RefreshCalendars, RetryEvent, DiscardEvent, StopChannel:
	default:
		return fmt.Errorf("job of unknown kind %q", j.Kind)
	}
	if j.Account == "" || j.Provider == "" || j.Generation == "" {
		return fmt.Errorf("job %s without account, provider or generation", j.Kind)
	}
	if j.Kind == Sync && j.Due.IsZero() {
		return fmt.Errorf("sync job without due")
	}
	return nil
}

// Message is a job on its way, with how long the queue holds it back (at most
// 15 minutes, SQS's limit).
type Message struct {
	Job   Job
	Delay time.Duration
}

// MaxDelay is the longest delay that a queue can hold a message back.
const MaxDelay = 15 * time.Minute

// MaxReceives is how often a message is tried before it is dead-lettered.
const MaxReceives = 5

// Queue sends jobs. Delivery is at least once, in any order. Implementations
// are safe for concurrent use, send in batches of ten and retry the entries of
// a batch that were refused; what could not be sent in the end is the error,
// and the caller may assume that the others were.
type Queue interface {
	Send(ctx context.Context, msgs ...Message) error
}

// Handler works one job off. An error sends it back to the queue; after
// MaxReceives tries the queue moves it to the dead letters.
type Handler func(ctx context.Context, j Job) error
