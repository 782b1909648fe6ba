package google_test

import (
	"bytes"
	"fmt"
	"log/slog"
	"strings"
	"testing"

	"aura.example/integrations/shared/google"
)

func config(change func(*google.Config)) google.Config {
	c := google.Defaults()
	c.ClientID, c.ClientSecret = "client", "s3cret-canary"
	if change != nil {
		change(&c)
	}
	return c
}

func TestCheck(t *testing.T) {
	t.Parallel()
	for _, tc := range []struct {
		name   string
		change func(*google.Config)
		want   string // part of the error; "" where there is none
	}{
		{"Google's own", nil, ""},
		{"everything on localhost", func(c *google.Config) {
			c.AuthURL, c.TokenURL, c.RevokeURL, c.CalendarURL = "http://localhost:1/a", "http://127.0.0.1:1/t", "http://[::1]:1/r", "http://127.9.9.9/calendar/v3"
		}, ""},
		{"no client", func(c *google.Config) { c.ClientID = "" }, "ClientID"},
		{"no issuer", func(c *google.Config) { c.Issuers = nil }, "Issuers"},
		{"consent in the clear", func(c *google.Config) { c.AuthURL = "http://example.com/a" }, "AuthURL: plain http"},
		{"tokens in the clear", func(c *google.Config) { c.TokenURL = "http://example.com/t" }, "TokenURL: plain http"},
		{"a name that only looks local", func(c *google.Config) { c.RevokeURL = "http://localhost.example.com/r" }, "RevokeURL: plain http"},
		{"an address that only looks local", func(c *google.Config) { c.RevokeURL = "http://128.0.0.1/r" }, "RevokeURL: plain http"},
		{"relative", func(c *google.Config) { c.CalendarURL = "/calendar/v3/" }, "CalendarURL: not an absolute URL"},
		{"empty", func(c *google.Config) { c.CalendarURL = "" }, "CalendarURL: not an absolute URL"},
		{"with a password", func(c *google.Config) { c.TokenURL = "https://u:p4ssword@example.com/t" }, "TokenURL: must not carry a user"},
		{"unparsable, with a password", func(c *google.Config) { c.TokenURL = "https://u:p4ssword@exa mple.com/%zz" }, "TokenURL: not a URL"},
		{"with a query", func(c *google.Config) { c.TokenURL = "https://example.com/t?a=b" }, "TokenURL: must not carry a query"},
		{"another scheme", func(c *google.Config) { c.TokenURL = "ftp://example.com/t" }, `scheme "ftp"`},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			err := config(tc.change).Check()
			switch {
			case tc.want == "" && err != nil:
				t.Fatalf("refused: %v", err)
			case tc.want != "" && (err == nil || !strings.Contains(err.Error(), tc.want)):
				t.Fatalf("got %v, want an error with %q", err, tc.want)
			case err != nil && strings.Contains(err.Error(), "p4ssword"):
				t.Fatalf("the error tells the password: %v", err)
			}
		})
	}
}

func TestCheckReportsAllFindings(t *testing.T) {
	t.Parallel()
	err := google.Config{}.Check()
	for _, field := range []string{"ClientID", "AuthURL", "TokenURL", "RevokeURL", "CalendarURL", "Issuers"} {
		if err == nil || !strings.Contains(err.Error(), field) {
			t.Errorf("%s is not named in %v", field, err)
		}
	}
}

func TestConfigNeverPrintsItsSecret(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	c := config(nil)
	slog.New(slog.NewJSONHandler(&log, nil)).Info("started", "google", c)
	for _, s := range []string{fmt.Sprint(c), fmt.Sprintf("%+v", c), fmt.Sprintf("%#v", c), log.String()} {
		if strings.Contains(s, "canary") {
			t.Errorf("the secret is in %s", s)
		}
		if !strings.Contains(s, "client") {
			t.Errorf("the client is not in %s, so this says nothing", s)
		}
	}
}

func TestCalendarBaseEndsInOneSlash(t *testing.T) {
	t.Parallel()
	for _, given := range []string{"https://example.com/calendar/v3", "https://example.com/calendar/v3/", "https://example.com/calendar/v3//"} {
		c := config(func(c *google.Config) { c.CalendarURL = given })
		if got := c.CalendarBase(); got != "https://example.com/calendar/v3/" {
			t.Errorf("%s became %s", given, got)
		}
	}
}
