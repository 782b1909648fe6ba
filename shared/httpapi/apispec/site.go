package apispec

import (
	"bytes"
	"crypto/sha256"
	_ "embed"
	"encoding/base64"
	"fmt"
	"net/http"
	"strings"
	"sync"
)

//go:embed style.css
var style []byte

// policy lets the page load its stylesheet and nothing else, from nowhere else.
// The one data: image is the empty icon, without which browsers ask for
// /favicon.ico.
const policy = "default-src 'none'; style-src 'self'; img-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"

// Site serves the contract. Its methods have the form of the API's handlers:
// they write nothing once they return an error. A Site is safe for concurrent
// use; its zero value is not ready, use NewSite.
type Site struct {
	document, style file
	page            func() (file, error)
}

// file is an answer that never changes, with its entity tag.
type file struct {
	body []byte
	kind string
	etag string
}

func newFile(kind string, body []byte) file {
	sum := sha256.Sum256(body)
	return file{body: body, kind: kind, etag: `"` + base64.RawURLEncoding.EncodeToString(sum[:16]) + `"`}
}

// NewSite makes a Site. The page is rendered when it is first asked for.
func NewSite() *Site {
	return &Site{
		document: newFile("application/yaml", YAML),
		style:    newFile("text/css; charset=utf-8", style),
		page: sync.OnceValues(func() (file, error) {
			var b bytes.Buffer
			if err := render(&b, YAML); err != nil {
				return file{}, fmt.Errorf("rendering the documentation: %w", err)
			}
			return newFile("text/html; charset=utf-8", b.Bytes()), nil
		}),
	}
}

// Document answers GET /v1/openapi.yaml with the contract, byte for byte.
func (s *Site) Document(w http.ResponseWriter, r *http.Request) error {
	s.document.serve(w, r)
	return nil
}

// Page answers GET /v1/docs with the contract to read. It fails only if the
// document that was built in can't be rendered, which a test rules out.
func (s *Site) Page(w http.ResponseWriter, r *http.Request) error {
	f, err := s.page()
	if err != nil {
		return err
	}
	w.Header().Set("Content-Security-Policy", policy)
	f.serve(w, r)
	return nil
}

// Style answers GET /v1/docs/style.css.
func (s *Site) Style(w http.ResponseWriter, r *http.Request) error {
	s.style.serve(w, r)
	return nil
}

// serve sends the file, or 304 where the caller has it. The answer may be kept
// and is asked for again each time: a deployment changes it at once.
//
// Not http.ServeContent: it would answer ranges, which the contract doesn't have.
func (f file) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("ETag", f.etag)
	h.Set("Cache-Control", "public, no-cache")
	h.Set("X-Content-Type-Options", "nosniff")
	if held(r.Header.Values("If-None-Match"), f.etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	h.Set("Content-Type", f.kind)
	_, _ = w.Write(f.body) // a caller that went away needs no answer
}

// held reports whether one of the tags that were sent is this one; weak ones
// count, as RFC 9110 (13.1.2) says.
func held(sent []string, etag string) bool {
	for _, tag := range strings.Split(strings.Join(sent, ","), ",") {
		tag = strings.TrimPrefix(strings.TrimSpace(tag), "W/")
		if tag == etag || tag == "*" {
			return true
		}
	}
	return false
}
