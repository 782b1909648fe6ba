package calendarv3

import (
	"context"
	"fmt"

	"aura.example/integrations/shared/calendar"
)

// Event gives one event; see calendar.Reader. A deleted one comes back with
// Deleted set. Gone covers an unknown calendar as well: Google answers 404
// for either, and a caller who needs to know lists the calendar.
func (a *account) Event(ctx context.Context, calendarID, id string) (calendar.Remote, error) {
	e, err := a.client.service.Events.Get(calendarID, id).
		Context(a.with(ctx)).
		Fields(eventFields).
		Do()
	if err != nil {
		return calendar.Remote{}, a.client.translate(opGet, err)
	}
	if e == nil || e.Id == "" { // nil: a body of null
		return calendar.Remote{}, fmt.Errorf("%s: %w", opGet, errUnreadable("an event without an id"))
	}
	return remote(e), nil
}
