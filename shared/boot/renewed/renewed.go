// Package renewed serves HTTP with what was built from secrets. It is apart from
// web because it brings SSM's client, whose tables cost more to initialise than
// all else in a function that has no secrets.
package renewed

import (
	"context"
	"log/slog"
	"net/http"

	"aura.example/integrations/shared/ssmsecrets"
)

// Handler is a handler that is built from secrets, and anew when they change.
// It is built once before it is returned, so that a function whose secrets are
// missing doesn't start.
func Handler(b *ssmsecrets.Built[http.Handler], log *slog.Logger) (http.Handler, error) {
	if _, err := b.Get(context.Background()); err != nil {
		return nil, err
	}
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		h, err := b.Get(r.Context())
		if err != nil { // can't be: what was built before goes on serving
			log.ErrorContext(r.Context(), "no handler", "error", err)
			http.Error(w, "unavailable", http.StatusServiceUnavailable)
			return
		}
		h.ServeHTTP(w, r)
	}), nil
}
