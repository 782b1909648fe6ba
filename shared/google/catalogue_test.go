package google_test

import (
	"slices"
	"strings"
	"testing"

	"aura.example/integrations/shared/google"
)

func TestProviderSaysWhatEachPermissionIsFor(t *testing.T) {
	t.Parallel()
	p := google.Provider()
	var names []string
	for _, s := range p.Scopes {
		names = append(names, s.Name)
		if s.Title == "" || strings.Contains(s.Title, "http") || strings.Contains(s.Title, ".") {
			t.Errorf("%s is called %q among people", s.Name, s.Title)
		}
		if s.Purpose == "" || strings.Contains(s.Purpose, "http") || !s.Required {
			t.Errorf("%s: purpose %q, required %v", s.Name, s.Purpose, s.Required)
		}
	}
	// These and no others.
	want := "openid email https://www.googleapis.com/auth/calendar.events https://www.googleapis.com/auth/calendar.calendarlist.readonly"
	if got := strings.Join(names, " "); got != want {
		t.Errorf("asks for %s", got)
	}
	if p.Key != "google-calendar" || p.Name != "Google Calendar" || p.Auth != "oauth2" {
		t.Errorf("%+v", p)
	}
}

// TestCatalogueSpellingIsCanonical is what comparing a grant with the catalogue
// rests on: a scope spelt otherwise there would always look refused.
func TestCatalogueSpellingIsCanonical(t *testing.T) {
	t.Parallel()
	for _, s := range google.Provider().Scopes {
		if got := google.CanonicalScopes(s.Name); !slices.Equal(got, []string{s.Name}) {
			t.Errorf("%s is spelt %v", s.Name, got)
		}
	}
}

func TestCanonicalScopes(t *testing.T) {
	t.Parallel()
	const auth = "https://www.googleapis.com/auth/"
	for _, tc := range []struct {
		name, granted, want string
	}{
		{"nothing", "", ""},
		{"Google's spelling", "openid " + auth + "userinfo.email", "email openid"},
		{"ours", "openid email", "email openid"},
		{"both", "email openid " + auth + "userinfo.email openid", "email openid"},
		{"any order, any space", "\t" + auth + "calendar.events  email\n" + auth + "calendar.calendarlist.readonly", "email " + auth + "calendar.calendarlist.readonly " + auth + "calendar.events"},
		{"the name of another", auth + "userinfo.emails", auth + "userinfo.emails"},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			if got := strings.Join(google.CanonicalScopes(tc.granted), " "); got != tc.want {
				t.Errorf("%q became %q, want %q", tc.granted, got, tc.want)
			}
		})
	}
}
