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
	if _, err := s.quarantined(ctx, rec, event); err != nil {
		return err
	}
	return s.ask(ctx, c, rec, job.RetryEvent, event)
}

// DiscardEvent asks the worker to take the edit of a quarantined event back: the
// event is as the provider has it then. NotFound where it isn't in quarantine,
// Conflict not_discardable where no edit of what is at the provider waits;
// Unavailable where the job could not be sent: then nothing was asked for.
func (s *Service) DiscardEvent(ctx context.Context, c Caller, rec *integration.Integration, event string) error {
	q, err := s.quarantined(ctx, rec, event)
	if err != nil {
		return err
	}
	if q.Code == calendar.CodeUnreadable {
		return fault.New(fault.Conflict, "not_discardable", "This event couldn't be read from the provider. There is no change of Aura's to take back.")
	}
	rows, err := s.Waiting.Rows(ctx, rec.Account, []string{event})
	if err != nil {
		return fmt.Errorf("reading an event: %w", err)
	}
	if row := rows[event]; row != nil && row.Link == nil && !row.IsException() {
		return fault.New(fault.Conflict, "not_discardable", "This event was never at the provider. Delete it in Aura if it is to go.")
	}
	if row := rows[event]; row != nil && row.IsException() {
		if rows, err = s.Waiting.Rows(ctx, rec.Account, []string{row.MasterID}); err != nil {
			return fmt.Errorf("reading the series of an event: %w", err)
		}
		if series := rows[row.MasterID]; series != nil && calendar.HereOnly(row, series) {
			return fault.New(fault.Conflict, "not_discardable", "The series of this event was never at the provider. Change or delete the event in Aura.")
		}
	}
	return s.ask(ctx, c, rec, job.DiscardEvent, event)
}

// quarantined gives why an event of an integration is set aside.
func (s *Service) quarantined(ctx context.Context, rec *integration.Integration, event string) (calendar.Quarantine, error) {
	list, err := s.Quarantine.Quarantined(ctx, rec.Account)
	if err != nil {
		return calendar.Quarantine{}, fmt.Errorf("reading the quarantine: %w", err)
	}
	i := slices.IndexFunc(list, func(q calendar.Quarantine) bool { return q.EventID == event && q.Provider == rec.Provider })
	if i < 0 {
		return calendar.Quarantine{}, fault.New(fault.NotFound, "not_found", "There is no such event in quarantine.")
	}
	return list[i], nil
}

// ask sends the worker a job about one event.
func (s *Service) ask(ctx context.Context, c Caller, rec *integration.Integration, kind job.Kind, event string) error {
	j := job.Job{
		Kind: kind, Account: rec.Account, Provider: rec.Provider, Generation: rec.ID, Event: event,
		Due: s.Now(), CorrelationID: c.CorrelationID,
	}
	if err := s.Queue.Send(ctx, job.Message{Job: j}); err != nil {
		return fault.Wrap(fault.Unavailable, "unavailable", "It could not be asked for. Try again in a moment.", err).After(5 * time.Second)
	}
	return nil
}
