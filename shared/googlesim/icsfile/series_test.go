package icsfile_test

import (
	"reflect"
	"strings"
	"testing"

	"aura.example/integrations/shared/googlesim/icsfile"
)

func TestLengthOfEvents(t *testing.T) {
	t.Parallel()
	madrid := "DTSTART;TZID=Europe/Madrid:20261024T120000" // the day before the clocks change
	for _, c := range []struct {
		lines []string
		end   map[string]any
	}{
		{[]string{madrid, "DURATION:P1D"}, at("2026-10-25T12:00:00+01:00", "Europe/Madrid")},   // a calendar day, 25 hours
		{[]string{madrid, "DURATION:PT24H"}, at("2026-10-25T11:00:00+01:00", "Europe/Madrid")}, // 24 hours
		{[]string{madrid, "DURATION:+P1W"}, at("2026-10-31T12:00:00+01:00", "Europe/Madrid")},
		{[]string{madrid}, at("2026-10-24T12:00:00+02:00", "Europe/Madrid")},
		{[]string{madrid, "DTEND:20261024T110000Z"}, at("2026-10-24T11:00:00Z", "UTC")},
		{[]string{"DTSTART;VALUE=DATE:20261024"}, day("2026-10-25")},
		{[]string{"DTSTART:20261024"}, day("2026-10-25")},
		{[]string{"DTSTART;VALUE=DATE:20261024", "DURATION:P2D"}, day("2026-10-26")},
		{[]string{"DTSTART;VALUE=DATE:20261024", "DURATION:PT48H"}, day("2026-10-26")},
		{[]string{"DTSTART;VALUE=DATE:20261024", "DURATION:PT0S"}, day("2026-10-25")},
	} {
		if got := one(t, c.lines...)["end"]; !reflect.DeepEqual(got, c.end) {
			t.Errorf("%v: end %v, want %v", c.lines, got, c.end)
		}
	}
	if one(t, madrid)["endTimeUnspecified"] != true {
		t.Error("an event without an end does not say so")
	}
}

func TestRecurrenceComesOutInTheSeriesOwnTerms(t *testing.T) {
	t.Parallel()
	e := one(t, "DTSTART;TZID=Europe/Madrid:20261024T120000", "rrule:freq=daily;count=9",
		"RDATE;VALUE=PERIOD;TZID=Europe/Madrid:20261201T120000/PT1H,20261202T120000/20261202T130000",
		"EXDATE:20261026T110000Z,20261027T110000Z", "EXRULE:FREQ=WEEKLY;BYDAY=SU")
	want(t, e, map[string]any{"recurrence": []any{
		"RRULE:FREQ=DAILY;COUNT=9",
		"EXRULE:FREQ=WEEKLY;BYDAY=SU",
		"RDATE;TZID=Europe/Madrid:20261201T120000,20261202T120000",
		"EXDATE;TZID=Europe/Madrid:20261026T120000,20261027T120000",
	}})
	e = one(t, "DTSTART;VALUE=DATE:20261024", "RRULE:FREQ=YEARLY;UNTIL=20301024T215959Z", "EXDATE:20271024T000000")
	want(t, e, map[string]any{"recurrence": []any{"RRULE:FREQ=YEARLY;UNTIL=20301024", "EXDATE;VALUE=DATE:20271024"}})
}

func TestExceptionsFollowTheirMasterWhereverTheyStand(t *testing.T) {
	t.Parallel()
	event := func(lines ...string) string {
		return "BEGIN:VEVENT\n" + strings.Join(lines, "\n") + "\nEND:VEVENT\n"
	}
	file := "BEGIN:VCALENDAR\n" +
		event("UID:s", "DTSTART:20261116T090000Z", "RECURRENCE-ID:20261115T090000Z", "SEQUENCE:1", "SUMMARY:second, old") +
		event("UID:other", "DTSTART:20261101T090000Z", "SUMMARY:other") +
		event("UID:s", "DTSTART:20261110T090000Z", "RECURRENCE-ID:20261108T090000Z", "SUMMARY:first") +
		event("UID:s", "DTSTART:20261101T090000Z", "RRULE:FREQ=WEEKLY", "SEQUENCE:1", "SUMMARY:old master") +
		event("UID:s", "DTSTART:20261101T090000Z", "RRULE:FREQ=WEEKLY", "SEQUENCE:2", "SUMMARY:master") +
		event("UID:s", "DTSTART:20261101T090000Z", "RRULE:FREQ=WEEKLY", "SEQUENCE:0", "SUMMARY:oldest master") +
		event("UID:s", "DTSTART:20261122T090000Z", "RECURRENCE-ID:20261122T090000Z", "STATUS:CANCELLED", "SUMMARY:third") +
		event("UID:s", "DTSTART:20261117T090000Z", "RECURRENCE-ID:20261115T090000Z", "SEQUENCE:2", "SUMMARY:second") +
		event("UID:s", "DTSTART:20261118T090000Z", "RECURRENCE-ID:20261115T090000Z", "SEQUENCE:0", "SUMMARY:second, oldest") +
		event("UID:orphan", "DTSTART:20261117T090000Z", "RECURRENCE-ID:20261115T090000Z", "SUMMARY:orphan") +
		"END:VCALENDAR\n"
	cals, err := icsfile.Parse("x.ics", strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, e := range cals[0].Events {
		got = append(got, e["summary"].(string))
	}
	if w := []string{"master", "first", "second", "third", "other", "orphan"}; !reflect.DeepEqual(got, w) {
		t.Fatalf("order %q, want %q", got, w)
	}
	if w := []int{27, 14, 48, 41, 9, 62}; !reflect.DeepEqual(cals[0].Lines, w) || cals[0].File != "x.ics" {
		t.Errorf("from lines %d of %s, want %d", cals[0].Lines, cals[0].File, w)
	}
	third, orphan := cals[0].Events[3], cals[0].Events[5]
	want(t, third, map[string]any{"status": "cancelled", "recurringEventId": cals[0].Events[0]["id"], "originalStartTime": at("2026-11-22T09:00:00Z", "UTC")})
	want(t, orphan, map[string]any{"recurringEventId": nil, "originalStartTime": nil})
}

func TestSeveralCalendarsInOneFileAndEncodings(t *testing.T) {
	t.Parallel()
	file := "\ufeff" + wrap("UID:a", "DTSTART:20261101T090000Z", "SUMMARY:Ca\n f\xc3\n \xa9") + // folded within é
		"\n\n" + wrap("UID:b", "DTSTART:20261101T090000Z", "SUMMARY:Caf\xe9") // Latin-1
	cals, err := icsfile.Parse("x.ics", strings.NewReader(file))
	if err != nil {
		t.Fatal(err)
	}
	if len(cals) != 2 {
		t.Fatalf("%d calendars", len(cals))
	}
	for i, c := range cals {
		if c.Events[0]["summary"] != "Café" {
			t.Errorf("calendar %d: %q", i, c.Events[0]["summary"])
		}
	}
}

func TestIDsAreStableAndLegal(t *testing.T) {
	t.Parallel()
	long := strings.Repeat("x", 4000)
	a, b := one(t, "UID:"+long, "DTSTART:20261101T090000Z"), one(t, "UID:"+long+"y", "DTSTART:20261101T090000Z")
	if a["id"] == b["id"] || len(a["id"].(string)) > 1000 {
		t.Errorf("ids %v %v", a["id"], b["id"])
	}
	if a["iCalUID"] != long {
		t.Error("the UID was cut")
	}
	none := one(t, "DTSTART:20261101T090000Z")
	if again := one(t, "DTSTART:20261101T090000Z"); none["id"] != again["id"] || none["id"] == nil {
		t.Errorf("without UID: %v, %v", none["id"], again["id"])
	}
}
