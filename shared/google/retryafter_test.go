package google_test

import (
	"net/http"
	"testing"
	"time"

	"aura.example/integrations/shared/google"
)

func TestRetryAfter(t *testing.T) {
	t.Parallel()
	now := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	at := func(d time.Duration) string { return now.Add(d).Format(http.TimeFormat) }
	for _, tc := range []struct {
		name, value, date string
		want              time.Duration
	}{
		{"absent", "", "", 0},
		{"seconds", "7", "", 7 * time.Second},
		{"seconds with space", " 7 ", "", 7 * time.Second},
		{"none", "0", "", 0},
		{"negative", "-5", "", 0},
		{"more than a day", "90000", "", 24 * time.Hour},
		{"would overflow", "9223372036854775807", "", 24 * time.Hour},
		{"not even a number", "99999999999999999999", "", 0},
		{"a fraction", "1.5", "", 0},
		{"words", "soon", "", 0},
		{"a date", at(90 * time.Second), "", 90 * time.Second},
		{"a date gone by", at(-time.Hour), "", 0},
		{"a date far off", at(900 * time.Hour), "", 24 * time.Hour},
		{"a date by a clock that is an hour ahead", at(time.Hour + 30*time.Second), at(time.Hour), 30 * time.Second},
		{"a date beside a Date that isn't one", at(30 * time.Second), "yesterday", 30 * time.Second},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			h := http.Header{}
			h.Set("Retry-After", tc.value)
			h.Set("Date", tc.date)
			if got := google.RetryAfter(h, now); got != tc.want {
				t.Errorf("%q: %v, want %v", tc.value, got, tc.want)
			}
		})
	}
}
