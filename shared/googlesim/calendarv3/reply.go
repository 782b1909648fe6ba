package calendarv3

import (
	"bytes"
	"compress/gzip"
	"net/http"
	"strings"
)

// write sends a method's reply: cut down to `fields`, indented unless
// prettyPrint=false, 304 where the client's copy is current, compressed where
// the client asked for it.
func (c *call) write(w http.ResponseWriter, out *reply) {
	if out.body == nil {
		w.WriteHeader(http.StatusNoContent)
		return
	}
	body := out.body
	if sel := c.q.Get("fields"); sel != "" {
		cut, err := selectFields(sel, out.of, body)
		if err != nil {
			fail(w, c.r, err)
			return
		}
		body = cut
	}
	if out.etag != "" {
		w.Header().Set("ETag", out.etag)
		if c.r.Method == http.MethodGet && matches(c.r.Header.Get("If-None-Match"), out.etag) {
			w.WriteHeader(http.StatusNotModified)
			return
		}
	}
	send(w, c.r, http.StatusOK, body, c.q.Get("prettyPrint") != "false")
}

// fail sends an error document.
func fail(w http.ResponseWriter, r *http.Request, err *Error) {
	for name, values := range err.header {
		w.Header()[name] = values
	}
	send(w, r, err.Status, err.body(), true)
}

// send lays out, compresses and writes. The headers keep caches away, as
// Google's do: a listing that a proxy repeats would be a lost change.
func send(w http.ResponseWriter, r *http.Request, status int, body []byte, pretty bool) {
	if pretty {
		body = indent(body)
	}
	h := w.Header()
	h.Set("Content-Type", "application/json; charset=UTF-8")
	h.Set("Cache-Control", "no-cache, no-store, max-age=0, must-revalidate")
	h.Add("Vary", "Origin")
	if wantsGzip(r) {
		var b bytes.Buffer
		z := gzip.NewWriter(&b)
		if _, err := z.Write(body); err == nil && z.Close() == nil {
			h.Set("Content-Encoding", "gzip")
			body = b.Bytes()
		}
	}
	w.WriteHeader(status)
	if _, err := w.Write(body); err != nil {
		return // the client has gone; there is nobody to tell
	}
}

// wantsGzip follows Google's rule: Accept-Encoding alone is not enough, the
// user agent must say gzip as well (Calendar guide, "Use gzip").
func wantsGzip(r *http.Request) bool {
	return strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") && strings.Contains(r.Header.Get("User-Agent"), "gzip")
}

// matches says whether an If-Match or If-None-Match header names the etag.
func matches(header, etag string) bool {
	if strings.TrimSpace(header) == "*" {
		return true
	}
	for part := range strings.SplitSeq(header, ",") {
		if strings.TrimPrefix(strings.TrimSpace(part), "W/") == etag {
			return true
		}
	}
	return false
}
