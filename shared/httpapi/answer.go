package httpapi

import (
	"encoding/json"
	"fmt"
	"net/http"
	"time"
)

// answer sends a document. It is encoded before anything is sent, so that what
// can't be encoded is an error and not half an answer.
func answer(w http.ResponseWriter, status int, doc any) error {
	raw, err := json.Marshal(doc)
	if err != nil {
		return fmt.Errorf("encoding the answer: %w", err)
	}
	w.Header().Set("Content-Type", "application/json")
	w.WriteHeader(status)
	_, _ = w.Write(append(raw, '\n')) // the client is gone, or nothing is left to be said
	return nil
}

// stamp renders a time as RFC 3339 in UTC, to the millisecond at most; nil for
// the zero time, which is how "never" is stored.
func stamp(t time.Time) *string {
	if t.IsZero() {
		return nil
	}
	s := t.UTC().Truncate(time.Millisecond).Format(time.RFC3339Nano)
	return &s
}

// text gives nil for "", so that what isn't known is null.
func text(s string) *string {
	if s == "" {
		return nil
	}
	return &s
}
