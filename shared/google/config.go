package google

import (
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"strings"
)

// Config says where Google is and who we are to it. Every endpoint is
// configuration, so that the simulator, another emulator, a proxy or a private
// endpoint can stand in.
//
// There is no address of Google's signing keys: the one id token that is read
// here comes straight from the token endpoint, and such a one needs no
// signature check (OpenID Connect Core 1.0, section 3.1.3.7, item 6).
type Config struct {
	ClientID     string // of the OAuth client; not secret
	ClientSecret string // needed by the OAuth half only

	AuthURL     string   // where browsers are sent for consent
	TokenURL    string   // codes and refresh tokens become access tokens
	RevokeURL   string   // grants end
	Issuers     []string // that an id token may name; Google has used two spellings
	CalendarURL string   // base of Calendar v3, with or without the final slash

	// HTTPClient is what calls go through: its transport and its timeout are
	// kept, its redirect policy is not. nil means a transport of our own; no
	// timeout means DefaultTimeout.
	HTTPClient *http.Client
	// MaxAnswer bounds an answer's body in bytes, after decompression. 0 means
	// DefaultMaxAnswer.
	MaxAnswer int64
}

// Defaults are Google's own endpoints, as its discovery documents name them
// (accounts.google.com/.well-known/openid-configuration and calendar-api.json).
func Defaults() Config {
	return Config{
		AuthURL:     "https://accounts.google.com/o/oauth2/v2/auth",
		TokenURL:    "https://oauth2.googleapis.com/token",
		RevokeURL:   "https://oauth2.googleapis.com/revoke",
		Issuers:     []string{"https://accounts.google.com", "accounts.google.com"},
		CalendarURL: "https://www.googleapis.com/calendar/v3/",
	}
}

// Check refuses a configuration that would send secrets in the clear or to
// nowhere: every endpoint must be an https address, or http to this very
// machine. All findings are reported at once, each naming its field.
func (c Config) Check() error {
	var found []error
	if c.ClientID == "" {
		found = append(found, errors.New("no ClientID"))
	}
	for _, e := range []struct{ field, value string }{
		{"AuthURL", c.AuthURL},
		{"TokenURL", c.TokenURL},
		{"RevokeURL", c.RevokeURL},
		{"CalendarURL", c.CalendarURL},
	} {
		if err := checkEndpoint(e.value); err != nil {
			found = append(found, fmt.Errorf("%s: %w", e.field, err))
		}
	}
	if len(c.Issuers) == 0 {
		found = append(found, errors.New("no Issuers, so no id token could be accepted"))
	}
	if err := errors.Join(found...); err != nil {
		return fmt.Errorf("configuration of google: %w", err)
	}
	return nil
}

func checkEndpoint(raw string) error {
	u, err := url.Parse(raw)
	switch {
	case err != nil:
		return errors.New("not a URL") // the parser's own error repeats the value, which may hold a password
	case u.Host == "":
		return errors.New("not an absolute URL")
	case u.User != nil:
		return errors.New("must not carry a user or password")
	case u.RawQuery != "" || u.Fragment != "":
		return errors.New("must not carry a query or fragment")
	case u.Scheme == "https":
		return nil
	case u.Scheme == "http" && isLoopback(u.Hostname()):
		return nil
	case u.Scheme == "http":
		return fmt.Errorf("plain http is allowed to this machine only, not to %s", u.Hostname())
	}
	return fmt.Errorf("scheme %q is neither https nor http", u.Scheme)
}

// isLoopback takes names literally: "localhost" and addresses, nothing that
// would have to be looked up and could be answered by somebody else.
func isLoopback(host string) bool {
	if strings.EqualFold(host, "localhost") {
		return true
	}
	ip := net.ParseIP(host)
	return ip != nil && ip.IsLoopback()
}

// CalendarBase is CalendarURL with the one final slash that
// google.golang.org/api needs: without it the last path segment is lost.
func (c Config) CalendarBase() string { return strings.TrimRight(c.CalendarURL, "/") + "/" }

// String leaves the client secret out, so that a configuration that ends up in
// a log line by accident tells nothing.
func (c Config) String() string {
	return fmt.Sprintf("google client %s at %s and %s", c.ClientID, c.TokenURL, c.CalendarURL)
}

// GoString is String: %#v must not tell the secret either.
func (c Config) GoString() string { return c.String() }

// LogValue is String for slog, which would otherwise reflect over the fields.
func (c Config) LogValue() slog.Value { return slog.StringValue(c.String()) }
