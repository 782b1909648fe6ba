package edit

import (
	"context"
	"fmt"
	"log/slog"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
)

// Store is the part of calendar.Edits that edits need.
type Store interface {
	Pair(ctx context.Context, account, id string) (*calendar.Row, *calendar.Item, error)
	WritePair(ctx context.Context, pairs ...calendar.Pair) error
	Exceptions(ctx context.Context, account, master string) ([]*calendar.Row, error)
}

// Integrations is the part of integration.Store that edits need: one record at a
// time, since that is all that the function events may read.
type Integrations interface {
	Get(ctx context.Context, key integration.Key) (*integration.Integration, error)
	// EditsWait notes that nobody comes for an edit, since its job couldn't be sent.
	EditsWait(ctx context.Context, key integration.Key, generation string, at time.Time) error
}

// Series works out recurrences; package recurrence does.
type Series interface {
	// Check says why a row can't be expanded, which zone is unknown, or that its
	// start is out of step; "" when all is well.
	Check(row *calendar.Row, zone string) string
	// Step reports whether a series' start is a date that its recurrence gives, and
	// the first date that it does give, zero for none. What can't be expanded is in
	// step.
	Step(row *calendar.Row) (first calendar.Time, in bool)
	// Occurrences gives what a series has between two moments, by start, whatever
	// its exceptions say. complete is false where there is more than can be shown.
	Occurrences(master *calendar.Row, from, to time.Time) (spans []calendar.Span, complete bool)
}

// Editor carries out edits. It is safe for concurrent use.
type Editor struct {
	Store        Store
	Integrations Integrations
	Providers    []string // keys of those that there are
	Series       Series
	Queue        job.Queue
	Now          func() time.Time
	Random       func() [16]byte // for ids
	Log          *slog.Logger
}

// Author is on whose behalf an edit is made.
type Author struct {
	Account       string
	CorrelationID string
}

// tries bounds how often an edit is decided anew because somebody else (most
// often a sync) wrote the event between its reading and its writing.
const tries = 5

// again carries out an edit, once more while it is overtaken. What the caller
// saw is compared anew each time, so an edit never passes over another.
func (e *Editor) again(ctx context.Context, do func() error) error {
	for range tries {
		err := do()
		if !fault.Is(err, fault.Stale) || fault.Of(err) == errStale {
			return err
		}
		if ctx.Err() != nil {
			return fmt.Errorf("editing: %w", ctx.Err())
		}
	}
	return errBusy
}

var errBusy = fault.New(fault.Unavailable, "busy", "The event keeps changing. Try again in a moment.")

// announce sends a job to every integration that would push now: to the one
// that the event is linked with, or to all.
func (e *Editor) announce(ctx context.Context, by Author, recs []*integration.Integration, row *calendar.Row) {
	now := e.Now()
	var msgs []job.Message
	var told []*integration.Integration
	for _, rec := range recs {
		linked := row.Link == nil || row.Link.Provider == rec.Provider
		if !linked || !rec.Syncs(now) || !rec.SendsEdits() {
			continue
		}
		msgs = append(msgs, job.Message{Delay: job.Settle, Job: job.Job{
			Kind: job.Sync, Account: rec.Account, Provider: rec.Provider, Generation: rec.ID,
			Trigger: integration.TriggerAuraEdit, Due: now, CorrelationID: by.CorrelationID,
		}})
		told = append(told, rec)
	}
	if len(msgs) == 0 {
		return
	}
	if err := e.Queue.Send(ctx, msgs...); err != nil {
		e.Log.WarnContext(ctx, "job of an edit not sent; the next scheduled run finds the outbox", "error", err)
		e.untold(ctx, told)
	}
}

// noteFor bounds how long it is tried to note that nobody comes for an edit: its
// person waits for the answer.
const noteFor = 2 * time.Second

// untold has the schedule come for an edit at the integration's own interval,
// however far polls are spread out. The request's own time may be what is over.
func (e *Editor) untold(ctx context.Context, recs []*integration.Integration) {
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteFor)
	defer cancel()
	for _, rec := range recs {
		if err := e.Integrations.EditsWait(ctx, rec.Key, rec.ID, e.Now()); err != nil {
			e.Log.WarnContext(ctx, "not noted that an edit waits; it goes with the next poll", "error", err)
		}
	}
}

// records reads the account's integrations.
func (e *Editor) records(ctx context.Context, account string) ([]*integration.Integration, error) {
	var recs []*integration.Integration
	for _, p := range e.Providers {
		rec, err := e.Integrations.Get(ctx, integration.Key{Account: account, Provider: p})
		if fault.Is(err, fault.NotFound) {
			continue
		}
		if err != nil {
			return nil, fmt.Errorf("reading an integration: %w", err)
		}
		recs = append(recs, rec)
	}
	return recs, nil
}

// firstVersion is the version that a row begins with. It never repeats, also
// where a row of the same id was there before and is gone: an outbox item of that
// one, in the hands of a late run, must not be taken for this one's.
func firstVersion(now time.Time) int64 { return now.UnixMilli() }
