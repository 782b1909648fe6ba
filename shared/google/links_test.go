package google_test

import (
	"os/exec"
	"strings"
	"testing"
)

// TestRoomsLinkWhatTheySay holds the reason for having three packages: what
// every function imports must not bring Google's client libraries along.
func TestRoomsLinkWhatTheySay(t *testing.T) {
	t.Parallel()
	const calendarAPI, oauth2 = "google.golang.org/api/calendar/v3", "golang.org/x/oauth2"
	for _, tc := range []struct {
		room                   string
		calendarAPI, usesOAuth bool
	}{
		{".", false, false},
		{"./oauth", false, true},
		{"./calendarv3", true, true}, // its own transport needs no x/oauth2; Google's client brings it
	} {
		t.Run(tc.room, func(t *testing.T) {
			t.Parallel()
			out, err := exec.CommandContext(t.Context(), "go", "list", "-deps", tc.room).Output()
			if err != nil {
				t.Fatalf("go list: %v", err)
			}
			has := map[string]bool{}
			for _, p := range strings.Fields(string(out)) {
				has[p] = true
				cloud := strings.HasPrefix(p, "google.golang.org/") || strings.HasPrefix(p, "cloud.google.com/") || strings.HasPrefix(p, "go.opentelemetry.io/")
				if cloud && !tc.calendarAPI {
					t.Errorf("links %s", p)
				}
			}
			if has[calendarAPI] != tc.calendarAPI || has[oauth2] != tc.usesOAuth {
				t.Errorf("links the calendar API: %v, x/oauth2: %v", has[calendarAPI], has[oauth2])
			}
			if has["golang.org/x/oauth2/google"] && !tc.calendarAPI {
				t.Error("links x/oauth2/google, and with it the cloud SDK")
			}
		})
	}
}
