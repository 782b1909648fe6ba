package calendarv3

import (
	"bufio"
	"bytes"
	"fmt"
	"io"
	"mime"
	"mime/multipart"
	"net/http"
	"net/textproto"
	"net/url"
	"strings"
)

// Limits of a batch: calls (Calendar guide, "Send batch requests") and bytes.
const (
	maxBatchCalls = 1000
	maxBatchBody  = 16 << 20
)

// serveBatch takes a multipart body of whole HTTP requests apart and runs them
// one by one. Each is a call like any other: it is authenticated, counted and
// refused by itself, and the batch as a whole succeeds whatever its calls do.
func (s *Server) serveBatch(w http.ResponseWriter, r *http.Request) {
	parts, err := readBatch(r)
	if err != nil {
		fail(w, r, err)
		return
	}
	var b bytes.Buffer
	out := multipart.NewWriter(&b)
	for _, p := range parts {
		head := textproto.MIMEHeader{"Content-Type": {"application/http"}}
		if id := strings.TrimPrefix(p.id, "<"); id != "" {
			head.Set("Content-ID", "<response-"+id)
		}
		part, perr := out.CreatePart(head)
		if perr != nil { // a bytes.Buffer doesn't fail
			fail(w, r, refuse(http.StatusInternalServerError, "backendError", "Backend Error"))
			return
		}
		s.serveInner(r, p).writeTo(part)
	}
	if err := out.Close(); err != nil {
		fail(w, r, refuse(http.StatusInternalServerError, "backendError", "Backend Error"))
		return
	}
	w.Header().Set("Content-Type", "multipart/mixed; boundary="+out.Boundary())
	w.WriteHeader(http.StatusOK)
	if _, err := w.Write(b.Bytes()); err != nil {
		return // the client has gone
	}
}

// batchPart is one inner call as it came.
type batchPart struct {
	id  string // Content-ID of the part
	raw []byte
}

// readBatch takes the multipart body apart without looking into the calls: a
// call that is broken is that call's own failure, while a broken envelope fails
// the batch.
func readBatch(r *http.Request) ([]batchPart, *Error) {
	bad := func(why string) *Error {
		return refuse(http.StatusBadRequest, "badRequest", "Bad batch request: %s", why)
	}
	if r.Method != http.MethodPost {
		return nil, errNotFound()
	}
	kind, args, err := mime.ParseMediaType(r.Header.Get("Content-Type"))
	if err != nil || kind != "multipart/mixed" || args["boundary"] == "" {
		return nil, bad("the content type has to be multipart/mixed with a boundary")
	}
	var parts []batchPart
	in := multipart.NewReader(io.LimitReader(r.Body, maxBatchBody+1), args["boundary"])
	total := 0
	for {
		p, err := in.NextRawPart()
		if err == io.EOF {
			break
		}
		if err != nil {
			return nil, bad("the multipart body does not parse")
		}
		raw, err := io.ReadAll(p)
		if total += len(raw); err != nil || total > maxBatchBody {
			return nil, bad("the multipart body does not parse")
		}
		if inner, _, _ := mime.ParseMediaType(p.Header.Get("Content-Type")); inner != "application/http" {
			return nil, bad("each part has to be application/http")
		}
		if parts = append(parts, batchPart{p.Header.Get("Content-Id"), raw}); len(parts) > maxBatchCalls {
			return nil, bad(fmt.Sprintf("more than %d calls", maxBatchCalls))
		}
	}
	if len(parts) == 0 {
		return nil, bad("no calls")
	}
	return parts, nil
}

// serveInner runs one call. Headers of the batch apply to it, except Content-
// ones, unless it has its own.
func (s *Server) serveInner(outer *http.Request, p batchPart) *innerReply {
	w := &innerReply{head: http.Header{}}
	r, err := innerRequest(outer, p.raw)
	if err != nil || !strings.HasPrefix(r.URL.Path, basePath) {
		fail(w, outer, refuse(http.StatusBadRequest, "badRequest", "Bad Request"))
		return w
	}
	s.ServeHTTP(w, r)
	return w
}

// innerRequest reads one call. It is written by hand rather than with
// http.ReadRequest because the guide's own example has no HTTP version in the
// request line, and clients leave out Content-Length and use bare line feeds.
func innerRequest(outer *http.Request, raw []byte) (*http.Request, error) {
	in := textproto.NewReader(bufio.NewReader(bytes.NewReader(raw)))
	line, err := in.ReadLine()
	if err != nil {
		return nil, fmt.Errorf("request line: %w", err)
	}
	f := strings.Fields(line) // METHOD target [HTTP/1.1]
	if len(f) < 2 || len(f) > 3 || !strings.HasPrefix(f[1], "/") {
		return nil, fmt.Errorf("request line %q", clip(line))
	}
	head, err := in.ReadMIMEHeader()
	if err != nil && err != io.EOF {
		return nil, fmt.Errorf("headers: %w", err)
	}
	body, err := io.ReadAll(in.R)
	if err != nil {
		return nil, fmt.Errorf("body: %w", err)
	}
	target, err := url.ParseRequestURI(f[1])
	if err != nil {
		return nil, fmt.Errorf("target: %w", err)
	}
	r, err := http.NewRequestWithContext(outer.Context(), strings.ToUpper(f[0]), target.String(), bytes.NewReader(bytes.TrimSpace(body)))
	if err != nil {
		return nil, fmt.Errorf("request: %w", err)
	}
	r.Host, r.TLS, r.RequestURI = outer.Host, outer.TLS, target.String()
	for name, values := range outer.Header {
		if !strings.HasPrefix(name, "Content-") && name != "Accept-Encoding" && !strings.HasPrefix(name, "If-") {
			r.Header[name] = values
		}
	}
	for name, values := range head {
		r.Header[name] = values
	}
	r.Header.Del("Accept-Encoding") // a part isn't compressed by itself
	if q := outer.URL.RawQuery; q != "" {
		r.URL.RawQuery = strings.Trim(r.URL.RawQuery+"&"+q, "&")
	}
	return r, nil
}

// innerReply collects an answer to be written as a part.
type innerReply struct {
	head   http.Header
	status int
	body   bytes.Buffer
}

func (w *innerReply) Header() http.Header { return w.head }

func (w *innerReply) WriteHeader(status int) {
	if w.status == 0 {
		w.status = status
	}
}

func (w *innerReply) Write(p []byte) (int, error) {
	w.WriteHeader(http.StatusOK)
	return w.body.Write(p)
}

// writeTo renders the answer as the HTTP message that a part carries.
func (w *innerReply) writeTo(out io.Writer) {
	w.WriteHeader(http.StatusOK)
	w.head.Set("Content-Length", fmt.Sprint(w.body.Len()))
	var b bytes.Buffer
	fmt.Fprintf(&b, "HTTP/1.1 %d %s\r\n", w.status, http.StatusText(w.status))
	if err := w.head.Write(&b); err != nil {
		return // a bytes.Buffer doesn't fail
	}
	b.WriteString("\r\n")
	b.Write(w.body.Bytes())
	if _, err := out.Write(b.Bytes()); err != nil {
		return
	}
}
