package connect

import (
	"context"
	"fmt"
	"slices"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
)

// Quarantined gives the events that can't be synced; part of calendar.Store.
type Quarantined interface {
	Quarantined(ctx context.Context, account string) ([]calendar.Quarantine, error)
}

// RetryEvent asks the worker to try one quarantined event again. NotFound where
// it isn't in quarantine; Unavailable where the job could not be sent: then nothing was asked for.
func (s *Service) RetryEvent(ctx context.Context, c Caller, rec *integration.Integration, event string) error {
	list, err := s.Quarantine.Quarantined(ctx, c.Account)
	if err != nil {
		return fmt.Errorf("reading the quarantine: %w", err)
	}
	if !slices.ContainsFunc(list, func(q calendar.Quarantine) bool { return q.EventID == event && q.Provider == rec.Provider }) {
		return fault.New(fault.NotFound, "not_found", "There is no such event in quarantine.")
	}
	j := job.Job{
		Kind: job.RetryEvent, Account: rec.Account, Provider: rec.Provider, Generation: rec.ID, Event: event,
		Due: s.Now(), CorrelationID: c.CorrelationID,
	}
	if err := s.Queue.Send(ctx, job.Message{Job: j}); err != nil {
		return fault.Wrap(fault.Unavailable, "unavailable", "It could not be asked for. Try again in a moment.", err).After(5 * time.Second)
	}
	return nil
}
