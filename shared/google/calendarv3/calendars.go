package calendarv3

import (
	"context"
	"fmt"

	api "google.golang.org/api/calendar/v3"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

const (
	// mostCalendars is the largest page of calendarList.list.
	mostCalendars = 250
	// mostPages ends a list that doesn't end by itself: nobody has 25,000 calendars.
	mostPages = 100
)

// Calendars lists all calendars of the account; see calendar.Reader. Hidden
// ones are among them: hiding a calendar in Google's own page must not make it
// look lost here.
func (a *account) Calendars(ctx context.Context) ([]calendar.Calendar, error) {
	var out []calendar.Calendar
	token := ""
	for range mostPages {
		call := a.client.service.CalendarList.List().
			Context(a.with(ctx)).
			ShowHidden(true).
			MaxResults(mostCalendars).
			Fields(calendarsFields)
		if token != "" {
			call.PageToken(token)
		}
		answer, err := call.Do()
		if err != nil {
			return nil, a.client.translate(opCalendars, err)
		}
		if answer == nil { // a body of null
			break
		}
		for _, e := range answer.Items {
			if e != nil && e.Id != "" && !e.Deleted {
				out = append(out, listed(e))
			}
		}
		if answer.NextPageToken == "" {
			if len(out) == 0 { // every account has at least its primary calendar
				return nil, fmt.Errorf("%s: %w", opCalendars, errUnreadable("a list of no calendars"))
			}
			return out, nil
		}
		if answer.NextPageToken == token {
			break
		}
		token = answer.NextPageToken
	}
	return nil, fmt.Errorf("%s: %w", opCalendars,
		fault.New(fault.Transient, "list_incomplete", "Google's list of calendars has no end."))
}

// listed takes over one entry. The primary calendar is named as such and not by
// its real id, which is the person's e-mail and can change.
func listed(e *api.CalendarListEntry) calendar.Calendar {
	c := calendar.Calendar{
		ID:       e.Id,
		Name:     e.SummaryOverride, // what the person calls it
		Role:     calendar.Role(e.AccessRole),
		Primary:  e.Primary,
		TimeZone: e.TimeZone,
	}
	if c.Name == "" {
		c.Name = e.Summary
	}
	if c.Primary {
		c.ID = integration.PrimaryCalendar
	}
	return c
}
