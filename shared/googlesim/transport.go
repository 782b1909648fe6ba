package googlesim

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
)

// Transport reaches the simulator without a network: for virtual time, and for
// tests that need no ports. A cut connection is an error, a truncated body ends
// in io.ErrUnexpectedEOF. The answer is whole before RoundTrip returns, so a
// drip is one long wait.
func (s *Sim) Transport() http.RoundTripper { return transport{s} }

type transport struct{ to http.Handler }

// RoundTrip implements http.RoundTripper.
func (t transport) RoundTrip(out *http.Request) (*http.Response, error) {
	if err := out.Context().Err(); err != nil {
		return nil, err
	}
	in := out.Clone(out.Context())
	in.RequestURI = out.URL.RequestURI()
	if in.Host == "" {
		in.Host = out.URL.Host
	}
	if in.Body == nil {
		in.Body = http.NoBody
	}
	kept := newKept()
	aborted := serveCaught(t.to, kept, in)
	if out.Body != nil {
		_ = out.Body.Close() // a RoundTripper closes the body; what it says about that helps nobody
	}
	if err := out.Context().Err(); err != nil {
		return nil, err
	}
	if aborted && kept.status == 0 {
		return nil, fmt.Errorf("connection to the simulator: %w", io.ErrUnexpectedEOF)
	}
	kept.WriteHeader(http.StatusOK)
	var body io.Reader = bytes.NewReader(kept.body.Bytes())
	if aborted {
		body = io.MultiReader(body, brokenEnd{})
	}
	return &http.Response{
		Status: fmt.Sprintf("%d %s", kept.status, http.StatusText(kept.status)), StatusCode: kept.status,
		Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		Header: kept.header, Body: io.NopCloser(body), ContentLength: -1, Request: out,
	}, nil
}

// serveCaught runs a handler and says whether it cut the connection.
func serveCaught(h http.Handler, w http.ResponseWriter, r *http.Request) (aborted bool) {
	defer func() {
		if v := recover(); v != nil {
			if v != http.ErrAbortHandler {
				panic(v)
			}
			aborted = true
		}
	}()
	h.ServeHTTP(w, r)
	return false
}

type brokenEnd struct{}

func (brokenEnd) Read([]byte) (int, error) { return 0, io.ErrUnexpectedEOF }
