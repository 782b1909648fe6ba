package calendarv3

import (
	"context"
	"fmt"
	"slices"

	api "google.golang.org/api/calendar/v3"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
)

// mostEvents is the largest page of events.list.
const mostEvents = 2500

// defaultKinds are the event types that are always imported. workingLocation
// and birthday are left out unless they are asked for: people
// complain of them cluttering their calendars.
var defaultKinds = []string{"default", "focusTime", "fromGmail", "outOfOffice"}

// Changes gives one page; see calendar.Reader. Short and empty pages are
// ordinary. Exactly one of NextPage and Cursor is set: an answer with neither
// is Transient, since it doesn't say whether the list is whole, and whoever
// compares a list that isn't would delete what is missing.
func (a *account) Changes(ctx context.Context, q calendar.Query) (calendar.Page, error) {
	call := a.client.service.Events.List(q.Calendar).
		Context(a.with(ctx)).
		SingleEvents(false). // true floods, truncates series, and gives other cursors
		EventTypes(kinds(q.Kinds)...).
		MaxResults(int64(pageSize(q.MaxResults, mostEvents))).
		Fields(changesFields)
	o := opList
	if q.Cursor != "" {
		call.SyncToken(q.Cursor)
		o = opListOn
	}
	if q.PageToken != "" {
		call.PageToken(q.PageToken)
		o = opListOn
	}
	answer, err := call.Do()
	if err != nil {
		return calendar.Page{}, a.lost(ctx, q.Calendar, a.client.translate(o, err))
	}
	if err := whole(answer, q.PageToken); err != nil {
		return calendar.Page{}, fmt.Errorf("%s: %w", o, err)
	}
	out := page(answer)
	out.Kinds = kinds(q.Kinds)
	return out, nil
}

// whole refuses answers that must not be taken for a page. Each may pass when
// the page is asked for again.
func whole(answer *api.Events, asked string) error {
	switch {
	case answer == nil || answer.AccessRole == "":
		// Every list answer has one. One without, for instance
		// {} or no body at all, would otherwise pass for an empty calendar. And a
		// body of null leaves Google's client with no answer and no error.
		return errUnreadable("a list without an access role")
	case answer.NextPageToken == "" && answer.NextSyncToken == "":
		return fault.New(fault.Transient, "list_incomplete", "Google didn't say whether the list is complete.")
	case answer.NextPageToken != "" && answer.NextPageToken == asked:
		// The same page again, or another one with the same way on: following it
		// would never end.
		return fault.New(fault.Transient, "page_repeated", "Google gave the same page twice.")
	}
	return nil
}

func page(answer *api.Events) calendar.Page {
	page := calendar.Page{
		Events:   make([]calendar.Remote, 0, len(answer.Items)),
		NextPage: answer.NextPageToken,
		Cursor:   answer.NextSyncToken,
		Role:     calendar.Role(answer.AccessRole),
		TimeZone: answer.TimeZone,
	}
	if page.NextPage != "" {
		page.Cursor = "" // a cursor before the last page would skip the rest
	}
	for i, e := range answer.Items {
		answer.Items[i] = nil // what is decoded needs its original no more
		if e == nil || e.Id == "" {
			continue // an event without an id can't be told from any other
		}
		page.Events = append(page.Events, remote(e))
	}
	return page
}

// kinds is the filter, the same for the same setting whatever its order: it is
// part of what a cursor is good for.
func kinds(more []string) []string {
	out := slices.Concat(defaultKinds, more)
	slices.Sort(out)
	return slices.Compact(out)
}

func pageSize(asked, most int) int {
	if asked <= 0 || asked > most {
		return most
	}
	return asked
}

// lost looks twice before a calendar is called lost: a 404 on a list may be a
// passing answer, and what hangs on it is a status that only the user can end.
// The account's own list of calendars decides.
func (a *account) lost(ctx context.Context, id string, err error) error {
	if !fault.Is(err, fault.CalendarLost) {
		return err
	}
	entry, listErr := a.client.service.CalendarList.Get(id).Context(a.with(ctx)).Fields(calendarFields).Do()
	switch {
	case listErr == nil && entry == nil:
		return fmt.Errorf("%s: %w", opCalendar, errUnreadable("no calendar"))
	case listErr == nil && !entry.Deleted:
		return fmt.Errorf("%s: %w", opList, fault.New(fault.Transient, "calendar_flickers",
			"Google lists the calendar, but didn't find it."))
	case listErr == nil:
		return err
	}
	listErr = a.client.translate(opCalendar, listErr)
	if fault.Is(listErr, fault.CalendarLost) {
		return err
	}
	return listErr
}
