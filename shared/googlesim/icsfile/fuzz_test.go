package icsfile_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"aura.example/integrations/shared/googlesim/icsfile"
)

// FuzzParse: any input is read or refused with a line within the file, and
// what was read is JSON, can be exported, and reads back as many events.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/*.ics")
	if err != nil || len(files) == 0 {
		f.Fatalf("no samples: %v", err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
	}
	f.Add([]byte(wrap("DTSTART:00010101T000000Z", "DURATION:P999999W", "RRULE:FREQ=SECONDLY")))
	f.Add([]byte(wrap("DTSTART;TZID=\"a:b\":20260101T000000", "ATTENDEE;CN=\"\\\":mailto:a@b")))
	f.Fuzz(func(t *testing.T, data []byte) {
		cals, err := icsfile.Parse("f.ics", bytes.NewReader(data))
		if err != nil {
			var bad *icsfile.Error
			lines := bytes.Count(data, []byte("\n")) + bytes.Count(data, []byte("\r")) + 1
			if !errors.As(err, &bad) || bad.Line < 1 || bad.Line > lines || bad.Reason == "" {
				t.Fatalf("%v (of %d lines)", err, lines)
			}
			return
		}
		if _, err := json.Marshal(cals); err != nil {
			t.Fatal(err)
		}
		var b strings.Builder
		if err := icsfile.Export(&b, cals); err != nil {
			t.Fatal(err)
		}
		again, err := icsfile.Parse("again.ics", strings.NewReader(b.String()))
		if err != nil {
			t.Fatalf("%v in\n%s", err, b.String())
		}
		if len(again) != len(cals) {
			t.Fatalf("%d calendars became %d", len(cals), len(again))
		}
	})
}
