package calendarv3

import (
	"maps"
	"slices"
	"strings"
)

// personalMembers of an event belong to the copy on one calendar; everything
// else is shared with the guests and only the organizer may change it. Private
// extended properties are personal as well.
var personalMembers = []string{"reminders", "colorId", "visibility", "transparency", "extendedProperties", "attendees"}

// specialMembers are what may be written to an event whose type isn't default
// (Calendar guide, "Events from Gmail" and "Status events").
var specialMembers = []string{"reminders", "colorId", "visibility", "transparency", "extendedProperties", "status"}

// mayChange holds the rules about who may change what of an event.
func mayChange(ev *event, before, after Event, changed []string) *Error {
	if ev.is(special) && len(changed) > 0 && !onlyIn(changed, specialMembers...) {
		return errEventType("Events of type %s cannot be changed in this way.", before.text("eventType"))
	}
	organizer := Event(before.object("organizer"))
	if organizer["self"] == true || before["guestsCanModify"] == true {
		return nil
	}
	if len(changed) > 0 && !onlyIn(changed, personalMembers...) {
		return errNonOrganizer()
	}
	shared := func(d Event) any { return d.object("extendedProperties")["shared"] }
	if !same(shared(before), shared(after)) || !same(othersOf(before), othersOf(after)) {
		return errNonOrganizer()
	}
	return nil
}

// othersOf are the guests but for the calendar's own entry, in which one
// answers an invitation.
func othersOf(d Event) []any {
	return slices.DeleteFunc(slices.Clone(d.list("attendees")), func(g any) bool { return asObject(g)["self"] == true })
}

// strictness orders visibilities. Unsaid is what the calendar shows by default.
func strictness(d Event) int {
	switch d.text("visibility") {
	case "public":
		return 0
	case "private", "confidential":
		return 2
	}
	return 1
}

// widerVisibility holds a rule of July 2026 (discovery document,
// Event.visibility): making one instance stricter does it to the series, making
// one less strict is ignored. It reports the first and undoes the second in
// after.
func widerVisibility(ev *event, before, after Event) bool {
	if ev.master == "" {
		return false
	}
	was, is := strictness(before), strictness(after)
	if is < was {
		after["visibility"] = before["visibility"]
		dropDefaults(after)
	}
	return is > was
}

// restrictSeries gives a master and its live exceptions a stricter visibility.
func (st *state) restrictSeries(c *calendar, masterID, visibility string) *Error {
	series := append([]*event{c.events[masterID]}, c.children[masterID]...)
	for _, e := range series {
		if e == nil || e.is(cancelled) {
			continue
		}
		d := e.resource()
		if strictness(d) >= strictness(Event{"visibility": visibility}) {
			continue
		}
		d["visibility"] = visibility
		if _, err := st.put(c, d, false, maps.Clone(e.reminders)); err != nil {
			return err
		}
	}
	return nil
}

// organizerOf is the calendar as the organizer of what is created on it.
func organizerOf(c *calendar) map[string]any {
	out := map[string]any{"email": c.meta.ID, "self": true}
	if !strings.EqualFold(c.meta.ID, c.owner) {
		out["displayName"] = c.meta.Summary
	}
	return out
}

// creatorOf is the account that creates something on a calendar.
func creatorOf(c *calendar, email string) map[string]any {
	out := map[string]any{"email": email}
	if strings.EqualFold(c.meta.ID, email) {
		out["self"] = true
	}
	return out
}
