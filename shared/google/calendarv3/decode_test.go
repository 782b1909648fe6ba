package calendarv3_test

import (
	"encoding/json"
	"reflect"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
)

// decode sends one event over the wire and gives what the reader makes of it.
func decode(t testing.TB, event string) calendar.Remote {
	t.Helper()
	got, err := serve(t, says(200, event)).Event(t.Context(), primary, "e1")
	if err != nil {
		t.Fatal(err)
	}
	return got
}

func utc(s string) time.Time {
	at, err := time.Parse(time.RFC3339, s)
	if err != nil {
		panic(err)
	}
	return at.UTC()
}

// bare is what an event without anything decodes to.
func bare(change func(*calendar.Remote)) calendar.Remote {
	r := calendar.Remote{ProviderID: "e1"}
	r.Status, r.Busy, r.Visibility, r.Kind = calendar.Confirmed, true, calendar.DefaultVisibility, "default"
	if change != nil {
		change(&r)
	}
	return r
}

func TestDecode(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name, event string
		want        calendar.Remote
	}{
		{"nothing but an id", `{"id":"e1"}`, bare(nil)},
		{"everything", `{"id":"e1","status":"tentative","etag":"\"3181161784712000\"","created":"2026-01-01T10:00:00.000Z","updated":"2026-01-02T11:30:00.123Z",
			"eventType":"default","summary":"Título","description":"<b>x</b>\n","location":"Aula 1","visibility":"confidential","transparency":"transparent",
			"start":{"dateTime":"2026-03-29T10:00:00+02:00","timeZone":"Europe/Madrid"},"end":{"dateTime":"2026-03-29T11:00:00+02:00","timeZone":"Europe/Madrid"},
			"recurrence":["EXDATE;TZID=Europe/Madrid:20260405T100000","RRULE:FREQ=WEEKLY;BYDAY=SU"],"organizer":{"self":true},
			"attendees":[{"email":"ana@example.com","self":true,"organizer":true,"responseStatus":"declined"},{"email":"ben@example.com","displayName":"Ben","optional":true,"responseStatus":"needsAction"}],
			"hangoutLink":"https://meet.google.com/abc","extendedProperties":{"private":{"aura":"5tamp","other":"x"}}}`,
			bare(func(r *calendar.Remote) {
				madrid := func(s string) calendar.Time { return calendar.Time{At: utc(s), Zone: "Europe/Madrid"} }
				r.Content = calendar.Content{
					Title: "Título", Description: "<b>x</b>\n", Location: "Aula 1",
					Start: madrid("2026-03-29T08:00:00Z"), End: madrid("2026-03-29T09:00:00Z"),
					Recurrence: []string{"EXDATE;TZID=Europe/Madrid:20260405T100000", "RRULE:FREQ=WEEKLY;BYDAY=SU"},
					Status:     calendar.Tentative, Busy: false, Visibility: calendar.Confidential,
				}
				r.Guests = []calendar.Guest{
					{Email: "ana@example.com", Response: "declined", Organizer: true, Self: true},
					{Email: "ben@example.com", Name: "Ben", Response: "needsAction", Optional: true},
				}
				r.MyResponse, r.Organizer, r.Conference = "declined", true, "https://meet.google.com/abc"
				r.ETag, r.Stamp = `"3181161784712000"`, "5tamp"
				r.Created, r.Updated = utc("2026-01-01T10:00:00Z"), utc("2026-01-02T11:30:00.123Z")
			})},
		{"all day, with a zone beside it", `{"id":"e1","start":{"date":"2026-02-28","timeZone":"UTC"},"end":{"date":"2026-03-01"}}`,
			bare(func(r *calendar.Remote) {
				r.Start, r.End = calendar.Time{Date: "2026-02-28"}, calendar.Time{Date: "2026-03-01"}
			})},
		{"an exception, whatever its id says", `{"id":"e1","recurringEventId":"base_R20260101T090000","originalStartTime":{"dateTime":"2026-05-01T09:00:00Z"},"start":{"dateTime":"2026-05-01T12:00:00Z"},"end":{"dateTime":"2026-05-01T13:00:00Z"}}`,
			bare(func(r *calendar.Remote) {
				r.MasterID, r.OriginalStart = "base_R20260101T090000", calendar.Time{At: utc("2026-05-01T09:00:00Z")}
				r.Start, r.End = calendar.Time{At: utc("2026-05-01T12:00:00Z")}, calendar.Time{At: utc("2026-05-01T13:00:00Z")}
			})},
		{"a cancelled exception", `{"id":"e1","status":"cancelled","recurringEventId":"m","originalStartTime":{"date":"2026-05-01"}}`,
			bare(func(r *calendar.Remote) {
				r.Deleted, r.Status, r.MasterID, r.OriginalStart = true, calendar.Cancelled, "m", calendar.Time{Date: "2026-05-01"}
			})},
		{"an occurrence of which only the id came", `{"id":"m_20260501T090000Z","status":"cancelled"}`,
			bare(func(r *calendar.Remote) {
				r.ProviderID, r.Deleted, r.MaybeOccurrence, r.Status = "m_20260501T090000Z", true, true, calendar.Cancelled
			})},
		{"of days", `{"id":"m_20260501","status":"cancelled"}`,
			bare(func(r *calendar.Remote) {
				r.ProviderID, r.Deleted, r.MaybeOccurrence, r.Status = "m_20260501", true, true, calendar.Cancelled
			})},
		{"a series that began by a division", `{"id":"m_R20260501T090000","status":"cancelled"}`,
			bare(func(r *calendar.Remote) {
				r.ProviderID, r.Deleted, r.Status = "m_R20260501T090000", true, calendar.Cancelled
			})},
		{"a deleted event", `{"id":"e1","status":"cancelled"}`,
			bare(func(r *calendar.Remote) { r.Deleted, r.Status = true, calendar.Cancelled })},
		{"a zone that nobody knows", `{"id":"e1","start":{"dateTime":"2026-05-01T09:00:00-03:00","timeZone":"Mars/Olympus"},"end":{"dateTime":"2026-05-01T10:00:00-03:00"}}`,
			bare(func(r *calendar.Remote) {
				r.Start, r.End = calendar.Time{At: utc("2026-05-01T12:00:00Z"), Zone: "Mars/Olympus"}, calendar.Time{At: utc("2026-05-01T13:00:00Z")}
			})},
		{"times without an offset", `{"id":"e1","start":{"dateTime":"2026-07-01T09:00:00","timeZone":"Europe/Madrid"},"end":{"dateTime":"2026-07-01T10:00:00"}}`,
			bare(func(r *calendar.Remote) {
				r.Start, r.End = calendar.Time{At: utc("2026-07-01T07:00:00Z"), Zone: "Europe/Madrid"}, calendar.Time{At: utc("2026-07-01T10:00:00Z")}
			})},
		{"times that can't be read", `{"id":"e1","start":{"dateTime":"tomorrow"},"end":{"date":"2026-02-30"},"originalStartTime":{},"updated":"now","created":""}`, bare(nil)},
		{"a time without an offset in a zone that nobody knows", `{"id":"e1","start":{"dateTime":"2026-07-01T09:00:00","timeZone":"Mars/Olympus"}}`, bare(nil)},
		{"busy said outright", `{"id":"e1","transparency":"opaque"}`, bare(nil)},
		{"visible to all", `{"id":"e1","visibility":"public"}`, bare(func(r *calendar.Remote) { r.Visibility = calendar.Public })},
		{"private", `{"id":"e1","visibility":"private"}`, bare(func(r *calendar.Remote) { r.Visibility = calendar.Private })},
		{"a visibility of tomorrow", `{"id":"e1","visibility":"friends"}`, bare(func(r *calendar.Remote) { r.Visibility = calendar.Private })},
		{"a kind of tomorrow", `{"id":"e1","eventType":"siesta"}`, bare(func(r *calendar.Remote) { r.Kind = "siesta" })},
		{"somebody else's event", `{"id":"e1","organizer":{"email":"ben@example.com"}}`, bare(nil)},
		{"a video link before others", `{"id":"e1","hangoutLink":"https://meet.google.com/h","conferenceData":{"entryPoints":[{"entryPointType":"phone","uri":"tel:+34-1"},{"entryPointType":"more","uri":"https://tel.meet/x"},{"entryPointType":"video","uri":"https://zoom.us/j/1"}]}}`,
			bare(func(r *calendar.Remote) { r.Conference = "https://zoom.us/j/1" })},
		{"a link, but none for video", `{"id":"e1","conferenceData":{"entryPoints":[{"entryPointType":"phone","uri":"tel:+34-1"},{"entryPointType":"more","uri":"https://tel.meet/x"}]}}`,
			bare(func(r *calendar.Remote) { r.Conference = "https://tel.meet/x" })},
		{"links that aren't for clicking", `{"id":"e1","hangoutLink":"javascript:alert(1)","conferenceData":{"entryPoints":[{"entryPointType":"video","uri":"javascript:alert(2)"},{"entryPointType":"video","uri":"https:///x"},{"entryPointType":"video","uri":"data:text/html,x"},{"entryPointType":"video","uri":"javascript://example.com/%0aalert(3)"}]}}`, bare(nil)},
		{"no guests", `{"id":"e1","attendees":[]}`, bare(nil)},
		{"shared properties only", `{"id":"e1","extendedProperties":{"shared":{"aura":"x"}}}`, bare(nil)},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := decode(t, tc.event); !reflect.DeepEqual(got, tc.want) {
				t.Errorf("got\n%s, want\n%s", show(got), show(tc.want))
			}
		})
	}
}

func show(r calendar.Remote) string {
	b, err := json.MarshalIndent(r, "", " ")
	if err != nil {
		return err.Error()
	}
	return string(b)
}

// TestOneOddEventStopsNoOther: a null among the items, and one without an id.
func TestOneOddEventStopsNoOther(t *testing.T) {
	t.Parallel()
	p, err := serve(t, says(200, `{"accessRole":"reader","timeZone":"Europe/Madrid","nextSyncToken":"s",
		"items":[null,{"summary":"nobody"},{"id":"odd","start":{"dateTime":"?"},"attendees":[null],"conferenceData":{"entryPoints":[null]}},{"id":"good"}]}`)).
		Changes(t.Context(), calendar.Query{Calendar: primary})
	if err != nil {
		t.Fatal(err)
	}
	if len(p.Events) != 2 || p.Events[0].ProviderID != "odd" || p.Events[1].ProviderID != "good" || !p.Events[0].Start.IsZero() {
		t.Errorf("%+v", p.Events)
	}
	if p.Role != calendar.RoleReader || p.TimeZone != "Europe/Madrid" || p.Cursor != "s" || p.NextPage != "" {
		t.Errorf("%+v", p)
	}
}

// TestFreeBusyCalendar: complaint 9. Its events have neither titles nor guests,
// and its role says that it can't be chosen.
func TestFreeBusyCalendar(t *testing.T) {
	t.Parallel()
	p, err := serve(t, says(200, `{"accessRole":"freeBusyReader","nextSyncToken":"s","items":[{"id":"e1","status":"confirmed","visibility":"private",
		"start":{"dateTime":"2026-05-01T09:00:00Z"},"end":{"dateTime":"2026-05-01T10:00:00Z"}}]}`)).
		Changes(t.Context(), calendar.Query{Calendar: primary})
	if err != nil || p.Role.CanRead() || len(p.Events) != 1 || p.Events[0].Title != "" {
		t.Errorf("%+v %v", p, err)
	}
}

func TestCalendars(t *testing.T) {
	t.Parallel()
	got, err := serve(t, says(200, `{"items":[null,{"id":""},
		{"id":"ana@example.com","summary":"ana@example.com","summaryOverride":"Mine","accessRole":"owner","primary":true,"timeZone":"Europe/Madrid"},
		{"id":"team@group.calendar.google.com","summary":"Team","accessRole":"writer","timeZone":"UTC"},
		{"id":"gone@group.calendar.google.com","summary":"Gone","accessRole":"reader","deleted":true},
		{"id":"busy@example.com","summary":"Busy","accessRole":"freeBusyReader"}]}`)).Calendars(t.Context())
	want := []calendar.Calendar{
		{ID: "primary", Name: "Mine", Role: calendar.RoleOwner, Primary: true, TimeZone: "Europe/Madrid"},
		{ID: "team@group.calendar.google.com", Name: "Team", Role: calendar.RoleWriter, TimeZone: "UTC"},
		{ID: "busy@example.com", Name: "Busy", Role: calendar.RoleFreeBusyReader},
	}
	if err != nil || !reflect.DeepEqual(got, want) {
		t.Errorf("%+v %v", got, err)
	}
}
