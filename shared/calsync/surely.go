package calsync

import (
	"context"
	"fmt"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
)

// surely reads an event, and where the provider doesn't know it asks once more,
// after the calendar itself has answered: a calendar that isn't there for a moment
// knows none of its events, and what hangs on "gone without a trace" can't be taken
// back. A change would make the event a second time, a deletion would be taken
// for done.
func (r *run) surely(ctx context.Context, read func(ctx context.Context) (calendar.Remote, error)) (calendar.Remote, error) {
	var theirs calendar.Remote
	once := func(ctx context.Context) (err error) {
		theirs, err = read(ctx)
		return err
	}
	err := r.call(ctx, once)
	if !fault.Is(err, fault.Gone) {
		return theirs, err
	}
	if err := r.calendarThere(ctx); err != nil {
		return theirs, err
	}
	return theirs, r.call(ctx, once)
}

// calendarThere fails where the chosen calendar can't be read.
func (r *run) calendarThere(ctx context.Context) error {
	q := calendar.Query{Calendar: r.rec.Settings.CalendarID, MaxResults: 1, Kinds: r.rec.Settings.ImportKinds}
	err := r.call(ctx, func(ctx context.Context) error {
		page, err := r.reader.Changes(ctx, q)
		if err == nil && page.Role == calendar.RoleFreeBusyReader {
			err = errBusyOnly
		}
		return err
	})
	if err != nil {
		return fmt.Errorf("looking whether the calendar is there: %w", err)
	}
	return nil
}

var errBusyOnly = fault.New(fault.CalendarLost, "calendar_not_found", "The calendar now shares only when you are busy.")
