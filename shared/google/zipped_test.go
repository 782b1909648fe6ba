package google_test

import (
	"compress/gzip"
	"io"
	"net/http"
)

// zipped answers a compressed body, as Google does for those who ask.
func zipped(body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Encoding", "gzip")
		z := gzip.NewWriter(w)
		_, _ = io.WriteString(z, body)
		_ = z.Close()
	}
}
