package httpapi

import (
	"bytes"
	"crypto/sha256"
	"encoding/hex"
	"net/http"
	"time"
)

// Docs serves the contract: as it was written, and to read.
type Docs struct {
	Contract Document // openapi.yaml
	Page     Document // the page made from it
	Style    Document // the page's stylesheet
}

// Document is a file that changes with a deployment only.
type Document struct {
	Type string // Content-Type
	Body []byte
	Tag  string
}

// NewDocument makes a document with a tag of its content.
func NewDocument(contentType string, body []byte) Document {
	sum := sha256.Sum256(body)
	return Document{Type: contentType, Body: body, Tag: `"` + hex.EncodeToString(sum[:12]) + `"`}
}

func (h *Docs) contract(w http.ResponseWriter, r *http.Request) error {
	return h.Contract.serve(w, r)
}

func (h *Docs) page(w http.ResponseWriter, r *http.Request) error {
	// The page's own stylesheet and its own anchors, and still nothing else.
	w.Header().Set("Content-Security-Policy", "default-src 'none'; style-src 'self'; frame-ancestors 'none'; base-uri 'none'; form-action 'none'")
	return h.Page.serve(w, r)
}

func (h *Docs) style(w http.ResponseWriter, r *http.Request) error { return h.Style.serve(w, r) }

// serve sends the document, or 304 to who has it. no-cache means "ask again",
// which a deployment needs, not "don't keep".
func (d Document) serve(w http.ResponseWriter, r *http.Request) error {
	w.Header().Set("Content-Type", d.Type)
	w.Header().Set("ETag", d.Tag)
	w.Header().Set("Cache-Control", "no-cache")
	http.ServeContent(w, r, "", time.Time{}, bytes.NewReader(d.Body))
	return nil
}
