package calsync

import (
	"context"
	"fmt"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/connect"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
)

// verifyFor is how long transient failures are tried again before the
// verification counts as failed.
const verifyFor = 15 * time.Minute

// verifyAgain is how long after a transient failure the next try comes.
const verifyAgain = time.Minute

// verify looks at the account's calendars: that is what "the connection works"
// means. The calendar is chosen where none was: the account's primary. The
// first sync follows at once, as the same run, promised in the same write.
func (r *run) verify(ctx context.Context) (again bool, err error) {
	r.phase(integration.PhaseVerifying)
	list, err := r.listCalendars(ctx)
	if err != nil {
		return r.failed(ctx, err)
	}
	m := r.moving()
	if !r.rec.WasPaused {
		m.Run = integration.QueuedRun(r.report.ID, r.w.NewID(), r.report.Trigger, r.w.Now())
	}
	after, entry, err := integration.Move(r.rec, integration.Verified, m)
	if err != nil {
		return false, fmt.Errorf("verified: %w", err)
	}
	after.VerifyAfter = r.rec.VerifyAfter // the run ends itself: nobody writes late
	choose(after, list)
	err = r.w.Store.Apply(ctx, integration.Change{Before: r.rec, After: after, Entry: &entry})
	if err != nil {
		return false, r.refused(err)
	}
	if m.Run == nil {
		r.report.State, r.report.EndedAt = integration.RunSucceeded, r.w.Now()
		return false, r.keep(ctx)
	}
	r.job.Run = m.Run.RunID
	return true, nil
}

// choose settles which calendar is synced and what it is called.
func choose(rec *integration.Integration, list []calendar.Calendar) {
	want := rec.Settings.CalendarID
	for _, c := range list {
		if c.Primary && (want == "" || want == integration.PrimaryCalendar) {
			rec.Settings.CalendarID, rec.Settings.CalendarName = integration.PrimaryCalendar, c.Name
			return
		}
		if c.ID == want {
			rec.Settings.CalendarName = c.Name
			return
		}
	}
}

// listCalendars asks for the account's calendars and keeps what the console shows.
func (r *run) listCalendars(ctx context.Context) ([]calendar.Calendar, error) {
	var list []calendar.Calendar
	err := r.call(ctx, func(ctx context.Context) (err error) {
		list, err = r.reader.Calendars(ctx)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("listing the calendars: %w", err)
	}
	kept := integration.CalendarList{Key: r.rec.Key, FetchedAt: r.w.Now()}
	for _, c := range list {
		kept.Calendars = append(kept.Calendars, integration.ListedCalendar{
			ID: c.ID, Name: c.Name, Role: string(c.Role), Primary: c.Primary, TimeZone: c.TimeZone,
		})
	}
	if err := r.w.Lists.PutCalendars(ctx, kept); err != nil {
		return nil, fmt.Errorf("storing the calendar list: %w", err)
	}
	return list, nil
}

// verificationFailed handles a transient failure while testing: tried again for
// 15 minutes, then it is the verification's failure.
//
// Each failure is followed by one try, not before the advice or a minute has
// passed; until then the record turns away whatever else comes (its slot's jobs,
// notifications), or every one of those would begin a chain of its own.
func (r *run) verificationFailed(ctx context.Context, cause error, message string) error {
	if r.w.Now().Sub(r.rec.StatusSince) < verifyFor {
		if err := r.giveUp(ctx, cause); err != nil {
			return err
		}
		wait := verifyWait(cause) + integration.Skew // by any clock
		if r.followed || wait > job.MaxDelay {       // by whoever asked meanwhile, or by the slot
			return nil
		}
		j := r.job
		j.Run, j.Due = "", r.w.Now()
		if err := r.w.Queue.Send(ctx, job.Message{Job: j, Delay: wait}); err != nil {
			r.w.Log.WarnContext(ctx, "verification's next try not sent; the slot brings it", "error", err)
		}
		return nil
	}
	return r.move(ctx, integration.VerificationFailed, message, time.Time{})
}

// verifyWait is how long after a failure a verification isn't tried again.
func verifyWait(cause error) time.Duration { return max(verifyAgain, retryAfter(cause)) }

func (r *run) moving() integration.Moving {
	return integration.Moving{Now: r.w.Now(), EntryID: r.w.NewID(), CorrelationID: r.job.CorrelationID}
}

// move is a transition that a failed run found reason for; it also ends the run.
func (r *run) move(ctx context.Context, name integration.Name, message string, retryAt time.Time) error {
	m := r.moving()
	m.Message, m.RetryAt = message, retryAt
	after, entry, err := integration.Move(r.rec, name, m)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	after.VerifyAfter = r.rec.VerifyAfter // the run ends itself: nobody writes late
	after.LastRun, after.ReadOnly = r.rec.Failed(r.report), r.readOnly()
	ch := integration.Change{Before: r.rec, After: after, Entry: &entry}
	if name == integration.AccessRevoked { // what is left of the credential goes, as after a disconnect
		before := r.rec.Clone()
		before.Lease = nil
		ch.Order = connect.Order(before, name, false, r.w.Now())
	}
	if err := r.w.Store.Apply(ctx, ch); err != nil {
		return r.refused(err)
	}
	return nil
}

// recovered brings a deactivated integration back after its probe succeeded.
func (r *run) recovered(ctx context.Context) error {
	rec, err := r.w.Store.Get(ctx, r.rec.Key)
	if err != nil {
		return fmt.Errorf("reading the integration: %w", err)
	}
	if rec.ID != r.rec.ID || rec.Status != integration.Error {
		return nil
	}
	after, entry, err := integration.Move(rec, integration.Recovered, r.moving())
	if err != nil {
		return fmt.Errorf("recovered: %w", err)
	}
	err = r.w.Store.Apply(ctx, integration.Change{Before: rec, After: after, Entry: &entry})
	if fault.Is(err, fault.Stale) {
		return nil // somebody moved it meanwhile; the next probe tells
	}
	return err
}
