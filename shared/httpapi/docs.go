package httpapi

import "net/http"

// Docs serves the contract: as it was written, and to read.
type Docs struct {
	Site Site
}

// Site is where the contract comes from; *apispec.Site is the one. It is not
// named here, so that a function that doesn't serve the contract doesn't link
// it.
type Site interface {
	Document(w http.ResponseWriter, r *http.Request) error // openapi.yaml
	Page(w http.ResponseWriter, r *http.Request) error     // the page made from it
	Style(w http.ResponseWriter, r *http.Request) error    // the page's stylesheet
}

func (h *Docs) document(w http.ResponseWriter, r *http.Request) error { return h.Site.Document(w, r) }
func (h *Docs) page(w http.ResponseWriter, r *http.Request) error     { return h.Site.Page(w, r) }
func (h *Docs) style(w http.ResponseWriter, r *http.Request) error    { return h.Site.Style(w, r) }
