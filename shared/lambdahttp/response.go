package lambdahttp

import (
	"bytes"
	"encoding/base64"
	"mime"
	"net/http"
	"strings"
	"unicode/utf8"
)

// recorder takes a handler's answer.
type recorder struct {
	header http.Header
	sent   http.Header // as it was when the status was sent
	status int
	body   bytes.Buffer
}

// Header implements http.ResponseWriter.
func (w *recorder) Header() http.Header { return w.header }

// WriteHeader implements http.ResponseWriter. Informational answers can't be
// sent through API Gateway and are dropped, as their meaning allows.
func (w *recorder) WriteHeader(status int) {
	if w.status != 0 || status < 200 {
		return
	}
	w.status, w.sent = status, w.header.Clone()
}

// Write implements http.ResponseWriter.
func (w *recorder) Write(p []byte) (int, error) {
	if w.status == 0 {
		if w.header.Get("Content-Type") == "" {
			w.header.Set("Content-Type", http.DetectContentType(p))
		}
		w.WriteHeader(http.StatusOK)
	}
	return w.body.Write(p)
}

// reply renders the answer.
func (w *recorder) reply(method string) reply {
	if w.status == 0 {
		w.WriteHeader(http.StatusOK)
	}
	out := reply{StatusCode: w.status, Headers: make(map[string]string, len(w.sent)), Cookies: w.sent["Set-Cookie"]}
	for name, values := range w.sent {
		if name != "Set-Cookie" && name != "Content-Length" { // cookies go apart; the length is API Gateway's to say
			out.Headers[strings.ToLower(name)] = strings.Join(values, ", ")
		}
	}
	if method == http.MethodHead || w.status == http.StatusNoContent || w.status == http.StatusNotModified {
		return out
	}
	raw := w.body.Bytes()
	if textual(w.sent) && utf8.Valid(raw) {
		out.Body = string(raw)
		return out
	}
	out.Body, out.IsBase64Encoded = base64.StdEncoding.EncodeToString(raw), true
	return out
}

// textual reports whether a body may travel as it is: a text type, and not
// compressed.
func textual(h http.Header) bool {
	if h.Get("Content-Encoding") != "" {
		return false
	}
	t, _, err := mime.ParseMediaType(h.Get("Content-Type"))
	if err != nil {
		return h.Get("Content-Type") == ""
	}
	switch t {
	case "application/json", "application/yaml", "application/javascript", "application/xml":
		return true
	}
	return strings.HasPrefix(t, "text/") || strings.HasSuffix(t, "+json") || strings.HasSuffix(t, "+xml")
}
