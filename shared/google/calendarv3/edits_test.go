package calendarv3_test

import (
	"cmp"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/calendartest"
	sim "aura.example/integrations/shared/googlesim/calendarv3"
)

// resource is content in Google's terms. It shares nothing with the reader
// under test, or one mistake would hide in both.
func resource(c calendar.Content) sim.Event {
	e := sim.Event{
		"summary": c.Title, "description": c.Description, "location": c.Location,
		"start": point(c.Start), "end": point(c.End),
		"status": string(c.Status), "visibility": string(c.Visibility), "transparency": "opaque",
	}
	if !c.Busy {
		e["transparency"] = "transparent"
	}
	if len(c.Recurrence) > 0 {
		lines := make([]any, len(c.Recurrence))
		for i, l := range c.Recurrence {
			lines[i] = l
		}
		e["recurrence"] = lines
	}
	return e
}

func point(t calendar.Time) map[string]any {
	if t.IsDate() {
		return map[string]any{"date": t.Date}
	}
	return map[string]any{"dateTime": t.At.Format(time.RFC3339), "timeZone": t.Zone}
}

// Create implements calendartest.World. What no client could make itself is put
// there, as it would have come from somebody else or from before.
func (w *world) Create(id string, g calendartest.Given) string {
	w.Helper()
	e := resource(g.Content)
	if g.Stamp != "" {
		e["extendedProperties"] = map[string]any{"private": map[string]any{"aura": g.Stamp}}
	}
	var guests []any
	for _, guest := range g.Guests {
		a := map[string]any{"email": guest.Email, "responseStatus": cmp.Or(string(guest.Response), "needsAction")}
		if guest.Self {
			a["email"], a["self"] = me, true
		}
		if guest.Name != "" {
			a["displayName"] = guest.Name
		}
		if guest.Optional {
			a["optional"] = true
		}
		guests = append(guests, a)
	}
	if guests != nil {
		e["attendees"] = guests
	}
	var made sim.Event
	var err error
	switch {
	case g.Kind != "":
		e["eventType"] = g.Kind
		if g.Kind == "workingLocation" {
			e["workingLocationProperties"] = map[string]any{"type": "homeOffice", "homeOffice": map[string]any{}}
		}
		made, err = w.google.Calendar.PutEvent(realID(id), e)
	case g.Foreign:
		e["organizer"] = map[string]any{"email": "host@example.com"}
		made, err = w.google.Calendar.PutEvent(realID(id), e)
	default:
		made, err = w.google.Calendar.Insert(me, realID(id), e)
	}
	w.must(err)
	return made["id"].(string)
}

// Change implements calendartest.World.
func (w *world) Change(id, event string, c calendar.Content) {
	w.Helper()
	_, err := w.google.Calendar.Patch(me, realID(id), event, resource(c), sim.SpanAll)
	w.must(err)
}

// Delete implements calendartest.World.
func (w *world) Delete(id, event string) {
	w.Helper()
	w.must(w.google.Calendar.Delete(me, realID(id), event, sim.SpanAll))
}

// ChangeOne implements calendartest.World.
func (w *world) ChangeOne(id, master string, original calendar.Time, c calendar.Content) {
	w.Helper()
	_, err := w.google.Calendar.Patch(me, realID(id), w.occurrence(id, master, original), resource(c), sim.SpanThis)
	w.must(err)
}

// DeleteOne implements calendartest.World.
func (w *world) DeleteOne(id, master string, original calendar.Time) {
	w.Helper()
	w.must(w.google.Calendar.Delete(me, realID(id), w.occurrence(id, master, original), sim.SpanThis))
}

// Split implements calendartest.World.
func (w *world) Split(id, master string, from calendar.Time, title string) {
	w.Helper()
	_, err := w.google.Calendar.Patch(me, realID(id), w.occurrence(id, master, from), sim.Event{"summary": title}, sim.SpanFollowing)
	w.must(err)
}

// occurrence finds what Google calls an occurrence, by looking at the calendar.
func (w *world) occurrence(id, master string, original calendar.Time) string {
	w.Helper()
	at := original.Instant()
	shown, err := w.google.Calendar.Events(me, realID(id), at.Add(-time.Hour), at.Add(time.Hour))
	w.must(err)
	for _, e := range shown {
		start, _ := e["originalStartTime"].(map[string]any)
		when, _ := start["dateTime"].(string)
		got, err := time.Parse(time.RFC3339, when)
		if e["recurringEventId"] == master && err == nil && got.Equal(at) {
			return e["id"].(string)
		}
	}
	w.Fatalf("%s has no occurrence at %s", master, at)
	return ""
}
