package icsfile_test

import (
	"bytes"
	"reflect"
	"strings"
	"testing"
	"unicode/utf8"

	"aura.example/integrations/shared/googlesim/icsfile"
)

func TestExportReadsBackTheSame(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"google.ics", "apple.ics", "outlook.ics"} {
		first := load(t, name)
		first[0].Account, first[0].ID, first[0].Role = "ana@example.com", "c1", "reader"
		first[0].Description = "With, commas; and\nlines"
		var b bytes.Buffer
		if err := icsfile.Export(&b, append(first, icsfile.Calendar{Name: "Empty"})); err != nil {
			t.Fatal(err)
		}
		for i, l := range strings.Split(b.String(), "\r\n") {
			if len(l) > 75 || strings.ContainsAny(l, "\r\n") {
				t.Errorf("%s: line %d is not folded: %q", name, i+1, l)
			}
		}
		second, err := icsfile.Parse("exported.ics", &b)
		if err != nil {
			t.Fatal(err)
		}
		if len(second) != 2 || second[1].Name != "Empty" || len(second[1].Events) != 0 {
			t.Fatalf("%s: %d calendars", name, len(second))
		}
		for _, e := range first[0].Events {
			if e["updated"] == nil { // the file had no stamp, an export must
				e["updated"] = nil
			}
		}
		for i, e := range second[0].Events {
			for k, v := range first[0].Events[i] {
				if v != nil && !reflect.DeepEqual(e[k], v) {
					t.Errorf("%s: %s of event %d\n got %#v\nwant %#v", name, k, i, e[k], v)
				}
			}
		}
		second[0].Events, first[0].Events = nil, nil
		second[0].File, second[0].Lines = first[0].File, first[0].Lines
		if !reflect.DeepEqual(first[0], second[0]) {
			t.Errorf("%s: %+v became %+v", name, first[0], second[0])
		}
	}
}

func TestCancelledOccurrencesAreExportedAsEXDATE(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		start, original map[string]any
		want            string
	}{
		{at("2026-10-19T09:30:00+02:00", "Europe/Madrid"), at("2026-10-26T09:30:00+01:00", "Europe/Madrid"), "EXDATE;TZID=Europe/Madrid:20261026T093000"},
		{at("2026-10-19T09:30:00Z", "UTC"), at("2026-10-26T09:30:00Z", "UTC"), "EXDATE:20261026T093000Z"},
		{day("2026-10-19"), day("2026-10-26"), "EXDATE;VALUE=DATE:20261026"},
	} {
		var b bytes.Buffer
		err := icsfile.Export(&b, []icsfile.Calendar{{Events: []icsfile.Event{
			{"id": "m", "start": c.start, "end": c.start, "recurrence": []any{"RRULE:FREQ=WEEKLY"}},
			{"id": "m_x", "status": "cancelled", "recurringEventId": "m", "originalStartTime": c.original},
			{"id": "gone", "status": "cancelled"},
		}}})
		if err != nil {
			t.Fatal(err)
		}
		if text := b.String(); !strings.Contains(text, c.want+"\r\n") || strings.Count(text, "BEGIN:VEVENT") != 1 {
			t.Errorf("want %s in\n%s", c.want, text)
		}
	}
}

func TestExportedZonesAreUnderstoodWithoutTheirName(t *testing.T) {
	t.Parallel()
	for _, zone := range []string{"Europe/Madrid", "America/New_York", "Asia/Tokyo", "Australia/Sydney", "America/Sao_Paulo"} {
		c := one(t, "UID:1", "DTSTART;TZID="+zone+":20260101T090000")
		var b bytes.Buffer
		if err := icsfile.Export(&b, []icsfile.Calendar{{Events: []icsfile.Event{c}}}); err != nil {
			t.Fatal(err)
		}
		if zone == "Europe/Madrid" { // by the clock that was valid until then
			for _, onset := range []string{"DTSTART:20250330T020000\r\n", "DTSTART:20251026T030000\r\n"} {
				if !strings.Contains(b.String(), onset) {
					t.Errorf("%s is missing in\n%s", onset, b.String())
				}
			}
		}
		// A reader that knows no names has the offsets only.
		text := strings.ReplaceAll(strings.ReplaceAll(b.String(), "X-LIC-LOCATION:"+zone+"\r\n", ""), zone, "Private")
		cals, err := icsfile.Parse("private.ics", strings.NewReader(text))
		if err != nil {
			t.Fatal(err)
		}
		start := cals[0].Events[0]["start"].(map[string]any)
		if start["dateTime"] != c["start"].(map[string]any)["dateTime"] {
			t.Errorf("%s: %v became %v", zone, c["start"], start)
		}
	}
}

// Readers that unfold text and not bytes exist.
func TestFoldingSplitsNoCharacter(t *testing.T) {
	t.Parallel()
	for shift := range 4 {
		title := strings.Repeat("x", shift) + strings.Repeat("é東🛋", 60)
		var b bytes.Buffer
		err := icsfile.Export(&b, []icsfile.Calendar{{Events: []icsfile.Event{{"id": "x", "summary": title, "start": day("2026-01-01"), "end": day("2026-01-02")}}}})
		if err != nil {
			t.Fatal(err)
		}
		for l := range strings.SplitSeq(b.String(), "\r\n") {
			if !utf8.ValidString(l) || len(l) > 75 {
				t.Errorf("shifted by %d: %q", shift, l)
			}
		}
	}
}

func TestNamesSurviveQuoting(t *testing.T) {
	t.Parallel()
	for in, out := range map[string]string{
		`O'Neill, Pat; "the" painter: x`: `O'Neill, Pat; 'the' painter: x`,
		"Zoë 北京":                         "Zoë 北京",
		"a\\b\r\nc":                      "ab  c",
	} {
		e := icsfile.Event{"id": "x", "start": day("2026-01-01"), "end": day("2026-01-02"),
			"attendees": []any{map[string]any{"email": "p@example.com", "displayName": in}}}
		var b bytes.Buffer
		if err := icsfile.Export(&b, []icsfile.Calendar{{Events: []icsfile.Event{e}}}); err != nil {
			t.Fatal(err)
		}
		cals, err := icsfile.Parse("x.ics", &b)
		if err != nil {
			t.Fatal(err)
		}
		if got := cals[0].Events[0]["attendees"].([]any)[0].(map[string]any)["displayName"]; got != out {
			t.Errorf("%q became %q, want %q", in, got, out)
		}
	}
}
