package edit

import (
	"context"
	"fmt"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// errStale is for an event that isn't as the caller saw it.
var errStale = fault.New(fault.Stale, "stale", "It has changed since you looked. Load it again.")

var errNotFound = fault.New(fault.NotFound, "not_found", "There is no such event.")

// mayEdit refuses what can only be changed at the provider. What lives there is
// linked, or an occurrence of what is.
func mayEdit(a *aimed, recs []*integration.Integration) error {
	row, link := a.subject(), a.link()
	if row.ReadOnly {
		why := "Somebody else organizes this event, so it can only be changed at the provider."
		if row.Kind != "" && row.Kind != "default" {
			why = "Events of this kind can only be changed at the provider."
		}
		return fault.New(fault.Conflict, "event_read_only", why)
	}
	for _, rec := range recs {
		if link == nil || rec.Provider != link.Provider || rec.SendsEdits() {
			continue
		}
		if row.Origin == calendar.BornInAura && link.Calendar != rec.Settings.CalendarID {
			continue // it is about to leave a calendar that was left, and lives in Aura then
		}
		return rec.OnlyIn(", so this event can only be changed at the provider.")
	}
	return nil
}

// SendsNothing reports whether the account has integrations and none takes what is
// created or changed in Aura.
func (e *Editor) SendsNothing(ctx context.Context, account string) (bool, error) {
	recs, err := e.records(ctx, account)
	return err == nil && mayCreate(recs) != nil, err
}

// mayCreate refuses where integrations exist and none of them takes events.
func mayCreate(recs []*integration.Integration) error {
	for _, rec := range recs {
		if rec.SendsEdits() {
			return nil
		}
	}
	if len(recs) == 0 {
		return nil
	}
	if recs[0].ReadOnly {
		return recs[0].OnlyIn(". Create the event at the provider.")
	}
	return recs[0].OnlyIn(". Create the event at the provider, or change the direction.")
}

// askGuests refuses to touch an event with guests before somebody decided
// whether they are told: storms of mail and silence are both complained of.
func askGuests(row *calendar.Row, decided *bool) error {
	n := row.Invited()
	if n == 0 || decided != nil {
		return nil
	}
	guests := "1 guest"
	if n > 1 {
		guests = fmt.Sprintf("%d guests", n)
	}
	return fault.Newf(fault.Invalid, "guests_decision_required", "This event has %s. Say with notify_guests whether they are written to.", guests).
		WithFix("Decide about the guests", "decide_guests")
}

// askOccurrences asks the same about the occurrences that go with what is done to
// their series: their guests may be others than its own.
func askOccurrences(going []stored, decided *bool) error {
	for _, x := range going {
		n := x.row.Invited()
		if n == 0 || decided != nil || x.row.Hidden() {
			continue
		}
		return fault.Newf(fault.Invalid, "guests_decision_required",
			"The occurrence of %s, which goes with this, has guests of its own: %d. Say with notify_guests whether they are written to.", x.row.OriginalStart.Text(), n).
			WithFix("Decide about the guests", "decide_guests")
	}
	return nil
}

// concernsGuests reports whether a change of these fields is one that guests
// need to know of: when, where, whether.
func concernsGuests(fields []calendar.Field) bool {
	for _, f := range fields {
		switch f {
		case calendar.FieldWhen, calendar.FieldRecurrence, calendar.FieldLocation:
			return true
		}
	}
	return false
}

func errScope(why string) error {
	return fault.Fields(fault.Field{Field: "scope", Message: why})
}
