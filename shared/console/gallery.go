package console

import (
	"embed"
	"encoding/json"
	"net/http"
	"time"
)

//go:embed gallery
var galleryFiles embed.FS

// Gallery serves every state of the page at once, at /local/gallery: the real
// views over made-up answers, for whoever designs them and for the tests that
// look at all of them. It belongs to the local run; what is deployed doesn't
// refer to it, so the linker leaves it and its files out.
func Gallery(c Config, now func() time.Time) http.Handler {
	a := newAssets("/local/gallery/assets/", bundled, sub(galleryFiles, "gallery"))
	mux := http.NewServeMux()
	mux.Handle("GET /local/gallery", c.show(page{Name: "gallery", Title: "Every state"}, a))
	mux.Handle("GET /local/gallery/assets/", a)
	mux.HandleFunc("GET /local/gallery/fixtures.json", func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Cache-Control", "no-store")
		_ = json.NewEncoder(w).Encode(fixtures(now())) // plain values; who has gone needs no answer
	})
	return mux
}
