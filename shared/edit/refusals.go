package edit

import (
	"fmt"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// errStale is for an event that isn't as the caller saw it.
var errStale = fault.New(fault.Stale, "stale", "It has changed since you looked. Load it again.")

var errNotFound = fault.New(fault.NotFound, "not_found", "There is no such event.")

// mayEdit refuses what can only be changed at the provider.
func mayEdit(row *calendar.Row, recs []*integration.Integration) error {
	if row.ReadOnly {
		why := "Somebody else organizes this event, so it can only be changed at the provider."
		if row.Kind != "" && row.Kind != "default" {
			why = "Events of this kind can only be changed at the provider."
		}
		return fault.New(fault.Conflict, "event_read_only", why)
	}
	if row.Link == nil || row.Origin != calendar.BornAtProvider {
		return nil
	}
	for _, rec := range recs {
		if rec.Provider == row.Link.Provider && rec.ReadOnly {
			return fault.New(fault.Conflict, "direction_read_only",
				"The calendar is shared with you for reading only, so this event can only be changed at the provider.")
		}
		if rec.Provider == row.Link.Provider && rec.Settings.Direction == integration.FromProvider {
			return fault.New(fault.Conflict, "direction_read_only",
				"The integration only brings events in, so this one can only be changed at the provider.")
		}
	}
	return nil
}

// mayCreate refuses where integrations exist and none of them takes events.
func mayCreate(recs []*integration.Integration) error {
	for _, rec := range recs {
		if rec.Settings.Direction != integration.FromProvider {
			return nil
		}
	}
	if len(recs) == 0 {
		return nil
	}
	return fault.New(fault.Conflict, "direction_read_only", "The integration only brings events in. Create the event at the provider, or change the direction.")
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
