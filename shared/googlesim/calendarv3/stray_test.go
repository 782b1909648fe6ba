package calendarv3_test

import (
	"slices"
	"testing"
	"time"

	"aura.example/integrations/shared/googlesim/calendarv3"
)

// A series that starts on a Tuesday and is held on Fridays, as each reading of
// such a start has it: shown, after a division too, and found by its id or not.
func TestAStartThatNoLineGives(t *testing.T) {
	t.Parallel()
	for stray, want := range map[calendarv3.Stray][]string{
		"":                      {"2026-12-01", "2026-12-04", "2026-12-11", "2026-12-18", "2026-12-25"},
		calendarv3.StrayShown:   {"2026-12-01", "2026-12-04", "2026-12-11", "2026-12-18", "2026-12-25"},
		calendarv3.StrayCounted: {"2026-12-01", "2026-12-04", "2026-12-11", "2026-12-18"},
		calendarv3.StrayLeftOut: {"2026-12-04", "2026-12-11", "2026-12-18", "2026-12-25"},
	} {
		t.Run(string(stray), func(t *testing.T) {
			t.Parallel()
			now := time.Date(2026, 11, 25, 9, 0, 0, 0, time.UTC)
			s := calendarv3.New(calendarv3.Options{Now: func() time.Time { return now }})
			s.TreatStrays(stray)
			must := func(err error) {
				t.Helper()
				if err != nil {
					t.Fatal(err)
				}
			}
			must(s.AddAccount(owner, "Europe/Madrid"))
			shown := func() (out []string) {
				t.Helper()
				events, err := s.Events(owner, owner, now, now.AddDate(0, 3, 0))
				must(err)
				for _, e := range events {
					out = append(out, e["start"].(map[string]any)["date"].(string))
				}
				return out
			}
			_, err := s.Insert(owner, owner, calendarv3.Event{"id": "frid7", "summary": "Fridays", "recurrence": []any{"RRULE:FREQ=WEEKLY;BYDAY=FR;COUNT=4"},
				"start": map[string]any{"date": "2026-12-01"}, "end": map[string]any{"date": "2026-12-02"}})
			must(err)
			if got := shown(); !slices.Equal(got, want) {
				t.Errorf("shown %q, want %q", got, want)
			}
			_, err = s.Event(owner, owner, "frid7_20261201")
			if has := err == nil; has != (stray != calendarv3.StrayLeftOut) {
				t.Errorf("its start can be read: %v", err)
			}
			must(s.Restore(s.Snapshot()))
			_, err = s.Patch(owner, owner, "frid7_20261211", calendarv3.Event{"summary": "Later"}, calendarv3.SpanFollowing)
			must(err)
			if got := shown(); !slices.Equal(got, want) {
				t.Errorf("divided: shown %q, want %q", got, want)
			}
			must(s.Delete(owner, owner, "frid7_20261204", calendarv3.SpanFollowing)) // leaves an UNTIL before every Friday
			want := slices.DeleteFunc(slices.Clone(want), func(d string) bool { return d == "2026-12-04" })
			if got := shown(); !slices.Equal(got, want) {
				t.Errorf("ended before its Fridays: shown %q, want %q", got, want)
			}
		})
	}
}
