package awscalls

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"net/http/httputil"
	"net/url"
	"strings"
)

// HTTPClient is what SDK clients send their requests with.
type HTTPClient interface {
	Do(r *http.Request) (*http.Response, error)
}

// Watch wraps a client: see is told of every request's target and body before it
// is sent, each try for itself.
func Watch(inner HTTPClient, see func(r *http.Request, target string, body []byte)) HTTPClient {
	return watched{inner, see}
}

type watched struct {
	inner HTTPClient
	see   func(*http.Request, string, []byte)
}

// Do implements HTTPClient.
func (w watched) Do(r *http.Request) (*http.Response, error) {
	var body []byte
	if r.Body != nil {
		var err error
		if body, err = io.ReadAll(r.Body); err != nil {
			return nil, fmt.Errorf("reading a request to AWS: %w", err)
		}
		_ = r.Body.Close()
		r.Body = io.NopCloser(bytes.NewReader(body))
	}
	w.see(r, r.Header.Get("X-Amz-Target"), body)
	return w.inner.Do(r)
}

// Proxy stands before the stand-ins for AWS and passes every request on to the
// one that its target names: DynamoDB's to dynamodb, the rest to others. It
// tells see what it passes on.
func Proxy(dynamodb, others *url.URL, see func(r *http.Request, target string, body []byte)) http.Handler {
	to := func(u *url.URL) *httputil.ReverseProxy {
		return &httputil.ReverseProxy{Rewrite: func(p *httputil.ProxyRequest) { p.SetURL(u) }}
	}
	first, second := to(dynamodb), to(others)
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil {
			w.WriteHeader(http.StatusBadRequest)
			return
		}
		r.Body = io.NopCloser(bytes.NewReader(body))
		target := r.Header.Get("X-Amz-Target")
		see(r, target, body)
		if strings.HasPrefix(target, "DynamoDB_") {
			first.ServeHTTP(w, r)
			return
		}
		second.ServeHTTP(w, r)
	})
}
