// Package console serves the page Agent > Integrations: templates, styles and
// scripts, embedded in the binary, with no build step and no request to
// anywhere else.
package console

import (
	"net/http"
)

// Config is what the page needs to know of where it runs.
type Config struct {
	// TokenURL is where the local run gives out tokens; "" when deployed, where
	// the page signs in at the issuer.
	TokenURL string
	// Issuer and ClientID are the OpenID Connect issuer and our public client there.
	Issuer   string
	ClientID string
	// GoogleURL is the simulator's page in the local run; "" otherwise.
	GoogleURL string
}

// Handler serves the pages under /agent/ and their assets.
func Handler(c Config) http.Handler {
	mux := http.NewServeMux()
	mux.HandleFunc("GET /agent/integrations", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=utf-8")
		_, _ = w.Write([]byte("<!doctype html><title>Integrations</title>"))
	})
	return mux
}
