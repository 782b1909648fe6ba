package calendarv3

import (
	"context"
	"fmt"
	"net/http"

	api "google.golang.org/api/calendar/v3"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
)

// Insert makes an event under a computed id; see calendar.ProviderWriter. Google
// doesn't promise to detect that an id is taken (discovery document, Event.id):
// whoever lost the answer of an insert has to look before inserting again.
func (a *account) Insert(ctx context.Context, i calendar.Insertion) (calendar.Remote, error) {
	e := &api.Event{Id: i.ID}
	write(e, calendar.Fields(), i.Content, false, asWhole)
	leave(e, i.Stamp)
	answer, err := a.client.service.Events.Insert(i.Calendar, e).
		Context(a.with(ctx)).
		SendUpdates(tell(i.Notify)).
		Fields(eventFields).
		Do()
	if err != nil {
		return calendar.Remote{}, a.lost(ctx, i.Calendar, a.client.translate(opInsert, err))
	}
	return written(opInsert, answer)
}

// Patch changes the named fields and leaves the stamp; see
// calendar.ProviderWriter.
func (a *account) Patch(ctx context.Context, d calendar.Edit) (calendar.Remote, error) {
	e := &api.Event{}
	write(e, d.Fields, d.Content, d.Occurrence, asPatch)
	leave(e, d.Stamp)
	call := a.client.service.Events.Patch(d.Calendar, d.ID, e).
		Context(a.with(ctx)).
		SendUpdates(tell(d.Notify)).
		Fields(eventFields)
	condition(call.Header(), d.ETag)
	answer, err := call.Do()
	if err != nil {
		return calendar.Remote{}, a.client.translate(opPatch, err)
	}
	return written(opPatch, answer)
}

// Delete deletes an event or one occurrence; see calendar.ProviderWriter.
func (a *account) Delete(ctx context.Context, d calendar.Edit) error {
	call := a.client.service.Events.Delete(d.Calendar, d.ID).
		Context(a.with(ctx)).
		SendUpdates(tell(d.Notify))
	condition(call.Header(), d.ETag)
	if err := call.Do(); err != nil {
		return a.client.translate(opDelete, err)
	}
	return nil
}

// condition makes a write conditional on the state that was read.
func condition(h http.Header, etag string) {
	if etag != "" {
		h.Set("If-Match", etag)
	}
}

// written takes over what a write answers with, by the reader's own decoding:
// what is stored is the base of whatever comes next. A success without an event
// is Transient, and has taken effect.
func written(o op, answer *api.Event) (calendar.Remote, error) {
	if answer == nil || answer.Id == "" || answer.Etag == "" {
		return calendar.Remote{}, fmt.Errorf("%s: %w", o, errUnreadable("an event without an id or an etag"))
	}
	return remote(answer), nil
}

// errNoOccurrence is what a series without the occurrence gives.
func errNoOccurrence() error {
	return fmt.Errorf("%s: %w", opOccurrence, fault.New(fault.Gone, "occurrence_not_found", "The series has no such occurrence at Google."))
}
