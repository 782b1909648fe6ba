package telemetry

import (
	"fmt"
	"log/slog"
	"strings"
)

// redacted stands where a secret would have stood.
const redacted = "[redacted]"

// secretNames are names that nothing but a secret has. "code" is not among
// them: here it is an error's code, and an OAuth code is never logged at all.
var secretNames = map[string]bool{
	"authorization": true, "cookie": true, "set-cookie": true, "password": true, "secret": true,
	"client_secret": true, "token": true, "access_token": true, "refresh_token": true, "id_token": true,
	"code_verifier": true, "verifier": true, "state": true, "nonce": true, "body": true,
}

// redact replaces a value that stands under a secret's name, and cuts tokens
// out of texts. Values of other kinds are numbers, times and the like, or are
// rendered to text first: a struct must not carry past the net what a string
// could not.
func redact(a slog.Attr) slog.Attr {
	if secretNames[strings.ToLower(a.Key)] {
		return slog.String(a.Key, redacted)
	}
	switch v := a.Value.Resolve(); v.Kind() {
	case slog.KindString:
		return slog.String(a.Key, scrub(v.String()))
	case slog.KindAny:
		if v.Any() == nil {
			return a
		}
		return slog.String(a.Key, scrub(text(v.Any())))
	}
	return a
}

// text renders a value. A nil pointer under an interface makes its own method
// panic: a log line isn't worth the request that it belongs to.
func text(v any) (s string) {
	defer func() {
		if recover() != nil {
			s = fmt.Sprintf("%T that can't be printed", v)
		}
	}()
	switch x := v.(type) {
	case error:
		return x.Error()
	case fmt.Stringer:
		return x.String()
	}
	return fmt.Sprintf("%+v", v)
}

// prefixes begin the tokens that this product ever holds: JSON Web Tokens (the
// base64 of `{"`), Google's access and refresh tokens and client secrets.
var prefixes = []string{"eyJ", "ya29.", "1//", "GOCSPX-"}

// shortest is how long a run of token characters must be to be cut: "1//" also
// begins harmless texts.
const shortest = 20

// Scrub cuts whatever has the shape of a token out of a text that is kept to be
// read: an error.
func Scrub(s string) string { return scrub(s) }

// scrub cuts whatever has the shape of a token out of a text.
func scrub(s string) string {
	for _, p := range prefixes {
		for from := 0; ; {
			i := strings.Index(s[from:], p)
			if i < 0 {
				break
			}
			i += from
			end := i
			for end < len(s) && tokenChar(s[end]) {
				end++
			}
			if end-i < shortest {
				from = i + len(p)
				continue
			}
			s = s[:i] + redacted + s[end:]
			from = i + len(redacted)
		}
	}
	return s
}

func tokenChar(c byte) bool {
	switch {
	case c >= 'a' && c <= 'z', c >= 'A' && c <= 'Z', c >= '0' && c <= '9':
		return true
	}
	return strings.IndexByte("-._~+/=", c) >= 0
}
