package icsfile_test

import (
	"errors"
	"os"
	"path/filepath"
	"reflect"
	"strings"
	"testing"

	"aura.example/integrations/shared/googlesim/icsfile"
)

func load(t *testing.T, name string) []icsfile.Calendar {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name))
	if err != nil {
		t.Fatal(err)
	}
	// Real exports end their lines with CRLF; the repository's copies don't.
	cals, err := icsfile.Parse(name, strings.NewReader(strings.ReplaceAll(string(data), "\n", "\r\n")))
	if err != nil {
		t.Fatal(err)
	}
	return cals
}

// wrap makes a calendar of event lines.
func wrap(lines ...string) string {
	return "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\n" + strings.Join(lines, "\n") + "\nEND:VEVENT\nEND:VCALENDAR\n"
}

func one(t *testing.T, lines ...string) icsfile.Event {
	t.Helper()
	cals, err := icsfile.Parse("test.ics", strings.NewReader(wrap(lines...)))
	if err != nil {
		t.Fatal(err)
	}
	return cals[0].Events[0]
}

func at(dateTime, zone string) map[string]any {
	return map[string]any{"dateTime": dateTime, "timeZone": zone}
}

func day(d string) map[string]any { return map[string]any{"date": d} }

func want(t *testing.T, e icsfile.Event, fields map[string]any) {
	t.Helper()
	for k, v := range fields {
		if !reflect.DeepEqual(e[k], v) {
			t.Errorf("%s of %v:\n got %#v\nwant %#v", k, e["summary"], e[k], v)
		}
	}
}

func TestGoogleExport(t *testing.T) {
	t.Parallel()
	c := load(t, "google.ics")[0]
	if c.Name != "owner@example.com" || c.TimeZone != "Europe/Madrid" || len(c.Events) != 4 {
		t.Fatalf("%+v", c)
	}
	want(t, c.Events[0], map[string]any{
		"id":          "6kp3ae9n74q30b9m60p3ib9k",
		"iCalUID":     "6kp3ae9n74q30b9m60p3ib9k@google.com",
		"start":       at("2026-10-19T09:30:00+02:00", "Europe/Madrid"),
		"end":         at("2026-10-19T10:00:00+02:00", "Europe/Madrid"),
		"recurrence":  []any{"RRULE:FREQ=WEEKLY;WKST=MO;UNTIL=20261214T225959Z;BYDAY=MO", "EXDATE;TZID=Europe/Madrid:20261109T093000"},
		"summary":     "Team meeting",
		"description": "Numbers of the week, <b>please</b>\nBring coffee; or tea. A backslash: \\n",
		"location":    "Office",
		"sequence":    3.0,
		"status":      "confirmed",
		"created":     "2026-09-01T10:11:12.000Z",
		"updated":     "2026-10-01T10:11:12.000Z",
		"organizer":   map[string]any{"email": "owner@example.com", "displayName": "Owner Example"},
		"attendees": []any{
			map[string]any{"email": "owner@example.com", "displayName": "Owner Example", "responseStatus": "accepted"},
			map[string]any{"email": "buyer@example.org", "responseStatus": "declined", "optional": true, "additionalGuests": 2.0},
			map[string]any{"email": "room@example.com", "displayName": "Room, the big one", "responseStatus": "tentative", "resource": true},
		},
		"reminders": map[string]any{"useDefault": false, "overrides": []any{
			map[string]any{"method": "popup", "minutes": 10.0},
			map[string]any{"method": "email", "minutes": 1440.0},
		}},
		"transparency": nil,
	})
	want(t, c.Events[1], map[string]any{
		"id":                "6kp3ae9n74q30b9m60p3ib9k_20261026T083000Z", // after the clock change
		"recurringEventId":  "6kp3ae9n74q30b9m60p3ib9k",
		"originalStartTime": at("2026-10-26T09:30:00+01:00", "Europe/Madrid"),
		"start":             at("2026-10-26T11:00:00+01:00", "Europe/Madrid"),
		"status":            "tentative",
		"recurrence":        nil,
	})
	want(t, c.Events[2], map[string]any{
		"start": day("2026-12-24"), "end": day("2026-12-28"), "visibility": "private", "transparency": "transparent", "created": nil,
	})
	want(t, c.Events[3], map[string]any{"status": "cancelled", "start": at("2026-11-05T17:00:00Z", "UTC")})
}

func TestAppleExport(t *testing.T) {
	t.Parallel()
	c := load(t, "apple.ics")[0]
	if c.Name != "Viewings" || len(c.Events) != 3 {
		t.Fatalf("%+v", c)
	}
	want(t, c.Events[0], map[string]any{
		"id":        "_6l234gpj84o4ab9m8oo4ab9k8cpjib9p88pk4b9n84ok6c24752jghhn6s",
		"start":     at("2026-10-31T15:30:00-04:00", "America/New_York"),
		"end":       at("2026-10-31T16:30:00-04:00", "America/New_York"),
		"attendees": []any{map[string]any{"email": "seller@example.org", "displayName": "Seller", "responseStatus": "needsAction"}},
		"location":  "12 Example Street\nSpringfield",
		"reminders": map[string]any{"useDefault": false, "overrides": []any{map[string]any{"method": "popup", "minutes": 15.0}}},
	})
	want(t, c.Events[1], map[string]any{"start": day("2026-11-11"), "end": day("2026-11-12")})
	want(t, c.Events[2], map[string]any{"start": at("2026-11-12T09:00:00Z", "UTC"), "end": at("2026-11-12T10:30:00Z", "UTC")})
}

func TestOutlookExport(t *testing.T) {
	t.Parallel()
	c := load(t, "outlook.ics")[0]
	if len(c.Events) != 5 {
		t.Fatalf("%d events", len(c.Events))
	}
	want(t, c.Events[0], map[string]any{
		"start": at("2026-11-02T09:00:00+01:00", "Europe/Paris"),
		// A local UNTIL becomes UTC, an excluded day the occurrence of that day.
		"recurrence": []any{"RRULE:FREQ=WEEKLY;UNTIL=20261207T080000Z;BYDAY=MO", "EXDATE;TZID=Europe/Paris:20261116T090000"},
		"visibility": "public",
		"summary":    "Weekly",
	})
	want(t, c.Events[1], map[string]any{
		"recurringEventId":  c.Events[0]["id"],
		"originalStartTime": at("2026-11-23T09:00:00+01:00", "Europe/Paris"),
		"start":             at("2026-11-24T09:00:00+01:00", "Europe/Paris"),
		"summary":           "Weekly, a day later",
	})
	want(t, c.Events[2], map[string]any{"start": at("2026-12-01T09:00:00-06:00", "America/Chicago"), "transparency": "transparent"})
	want(t, c.Events[3], map[string]any{"start": at("2026-12-01T09:00:00+07:00", "Asia/Bangkok")})
	want(t, c.Events[4], map[string]any{"start": at("2026-12-01T09:00:00+09:00", "Asia/Tokyo"), "end": at("2026-12-02T10:00:00+09:00", "Asia/Tokyo")})
}

func TestBrokenFilesNameTheLineAndTheReason(t *testing.T) {
	t.Parallel()
	const head = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\n" // DTSTART comes on line 4
	const tail = "\nEND:VEVENT\nEND:VCALENDAR\n"
	for name, c := range map[string]struct{ file, want string }{
		"empty":            {"", "b.ics:1: not an iCalendar file"},
		"html":             {"\n<html>\n", "b.ics:2: “<html>” is neither a property"},
		"another thing":    {"\nVERSION:2.0\n", "b.ics:2: BEGIN:VCALENDAR expected"},
		"cut off":          {"BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:1\n", "b.ics:2: BEGIN:VEVENT is never ended"},
		"crossed":          {"BEGIN:VCALENDAR\nBEGIN:VEVENT\nEND:VCALENDAR\n", "b.ics:3: END:VEVENT expected, for BEGIN:VEVENT on line 2"},
		"junk behind":      {head + "DTSTART:20261101T090000Z" + tail + "HELLO:1\n", "b.ics:7: BEGIN:VCALENDAR expected"},
		"no start":         {head + "SUMMARY:x" + tail, "b.ics:2: the VEVENT has no DTSTART"},
		"no such month":    {head + "DTSTART:20261301T090000Z" + tail, "b.ics:4: DTSTART: “20261301T090000Z” is not a date or a date-time"},
		"no such day":      {head + "DTSTART;VALUE=DATE:20260230" + tail, "b.ics:4: DTSTART: “20260230” is not a date"},
		"a time as a date": {head + "DTSTART;VALUE=DATE:20260228T090000" + tail, "b.ics:4: DTSTART: “20260228T090000” is not a date"},
		"unknown zone":     {head + "DTSTART;TZID=Mars/Olympus:20261101T090000" + tail, "b.ics:4: DTSTART: time zone “Mars/Olympus” is unknown and the file does not define it"},
		"end first":        {head + "DTSTART:20261101T090000Z\nDTEND:20261101T080000Z" + tail, "b.ics:5: DTEND is before DTSTART"},
		"mixed kinds":      {head + "DTSTART:20261101T090000Z\nDTEND;VALUE=DATE:20261102" + tail, "b.ics:5: DTSTART and DTEND are not both"},
		"bad duration":     {head + "DTSTART:20261101T090000Z\nDURATION:1 hour" + tail, "b.ics:5: DURATION: “1 hour” is not a duration"},
		"back in time":     {head + "DTSTART:20261101T090000Z\nDURATION:-PT1H" + tail, "b.ics:5: DURATION"},
		"bad rule":         {head + "DTSTART:20261101T090000Z\nRRULE:FREQ=SOMETIMES" + tail, "b.ics:5: RRULE: undefined frequency: SOMETIMES"},
		"half a rule":      {head + "DTSTART:20261101T090000Z\nRRULE:FREQ=DAILY;COUNT" + tail, "b.ics:5: RRULE: “COUNT” is not a part of a rule"},
		"rule's end":       {head + "DTSTART:20261101T090000Z\nRRULE:FREQ=DAILY;UNTIL=soon" + tail, "b.ics:5: RRULE UNTIL"},
		"bad exception":    {head + "DTSTART:20261101T090000Z\nEXDATE:never" + tail, "b.ics:5: EXDATE: “never”"},
		"bad sequence":     {head + "DTSTART:20261101T090000Z\nSEQUENCE:-1" + tail, "b.ics:5: SEQUENCE"},
		"a range":          {head + "DTSTART:20261101T090000Z\nRECURRENCE-ID;RANGE=THISANDFUTURE:20261101T090000Z" + tail, "b.ics:5: RECURRENCE-ID with RANGE"},
		"unfolded text":    {head + "DTSTART:20261101T090000Z\nDESCRIPTION:first\nsecond line" + tail, "b.ics:6: “second line” is neither"},
		"after folding":    {head + "SUMMARY:a\n b\n\tc\nDTSTART:x" + tail, "b.ics:7: DTSTART"},
		"calendar's zone":  {"BEGIN:VCALENDAR\nX-WR-TIMEZONE:Nowhere\nEND:VCALENDAR\n", "b.ics:2: X-WR-TIMEZONE: time zone “Nowhere”"},
		"second calendar":  {wrap("UID:1", "DTSTART:20261101T090000Z") + wrap("UID:2", "DTSTART:?"), "b.ics:12: DTSTART"},
	} {
		for _, ends := range []string{"\n", "\r\n", "\r"} {
			cals, err := icsfile.Parse("b.ics", strings.NewReader(strings.ReplaceAll(c.file, "\n", ends)))
			var bad *icsfile.Error
			if !errors.As(err, &bad) || !strings.HasPrefix(err.Error(), c.want) {
				t.Errorf("%s: got %v, want %s", name, err, c.want)
			}
			if cals != nil {
				t.Errorf("%s: something was loaded", name)
			}
		}
	}
}
