package calendarv3

import (
	"cmp"
	"context"
	"fmt"

	api "google.golang.org/api/calendar/v3"

	"aura.example/integrations/shared/calendar"
)

// Restore brings a deleted event back; see calendar.ProviderWriter. A PUT
// replaces everything, so the resource is read whole first, with its sequence
// and with all that isn't synced: what was left out would be erased.
//
// It goes through Google's own types, so a member that Google adds after this
// module's version doesn't survive a restoration.
func (a *account) Restore(ctx context.Context, d calendar.Edit) (calendar.Remote, error) {
	e, err := a.client.service.Events.Get(d.Calendar, d.ID).Context(a.with(ctx)).Do()
	if err != nil {
		return calendar.Remote{}, a.client.translate(opGet, err)
	}
	if e == nil || e.Id == "" || e.Etag == "" { // nil: a body of null
		return calendar.Remote{}, fmt.Errorf("%s: %w", opGet, errUnreadable("an event without an id or an etag"))
	}
	tag := cmp.Or(d.ETag, e.Etag)
	revive(e, d)
	call := a.client.service.Events.Update(d.Calendar, d.ID, e).
		Context(a.with(ctx)).
		SendUpdates(tell(d.Notify)).
		Fields(eventFields)
	condition(call.Header(), tag)
	answer, err := call.Do()
	if err != nil {
		return calendar.Remote{}, a.client.translate(opPut, err)
	}
	return written(opPut, answer)
}

// revive is the resource as it is to be.
func revive(e *api.Event, d calendar.Edit) {
	write(e, calendar.Fields(), d.Content, d.Occurrence, asWhole)
	if d.Content.Status != calendar.Tentative {
		e.Status = string(calendar.Confirmed)
	}
	leave(e, d.Stamp)
	// "No reminders at all" is made of empty values, which would be left out and
	// mean the default ones.
	if r := e.Reminders; r != nil && !r.UseDefault {
		r.ForceSendFields = append(r.ForceSendFields, "UseDefault", "Overrides")
	}
}
