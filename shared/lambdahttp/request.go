package lambdahttp

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
)

type claimsKey struct{}

// Claims gives the claims that API Gateway's JWT authorizer verified; false
// where no authorizer stood in front of the function, or it said nothing.
func Claims(ctx context.Context) (map[string]any, bool) {
	c, ok := ctx.Value(claimsKey{}).(map[string]any)
	return c, ok && len(c) > 0
}

// request makes the request that an event stands for.
func (e *event) request(ctx context.Context) (*http.Request, error) {
	if e.Version != "2.0" {
		return nil, fmt.Errorf("payload version %q isn't 2.0", e.Version)
	}
	body, err := e.body()
	if err != nil {
		return nil, err
	}
	u, err := e.url()
	if err != nil {
		return nil, err
	}
	if a := e.RequestContext.Authorizer; a != nil && a.JWT != nil {
		ctx = context.WithValue(ctx, claimsKey{}, a.JWT.Claims)
	}
	r, err := http.NewRequestWithContext(ctx, e.RequestContext.HTTP.Method, "/", strings.NewReader(body))
	if err != nil || e.RequestContext.HTTP.Method == "" { // "" would be GET
		return nil, errors.New("the event has no usable method")
	}
	r.URL, r.RequestURI = u, u.RequestURI()
	if err := e.header(r.Header); err != nil {
		return nil, err
	}
	r.Host = r.Header.Get("Host")
	r.Header.Del("Host")
	if r.Host == "" {
		r.Host = e.RequestContext.DomainName
	}
	if r.ContentLength == 0 {
		r.Body = http.NoBody
	}
	r.Header.Del("Content-Length") // what the client said; what arrived is counted above
	if ip := net.ParseIP(e.RequestContext.HTTP.SourceIP); ip != nil {
		r.RemoteAddr = net.JoinHostPort(ip.String(), "0")
	}
	r.Proto, r.ProtoMajor, r.ProtoMinor = "HTTP/1.1", 1, 1
	return r, nil
}

func (e *event) body() (string, error) {
	if !e.IsBase64Encoded {
		return e.Body, nil
	}
	raw, err := base64.StdEncoding.DecodeString(e.Body)
	if err != nil {
		return "", errors.New("the event's body isn't base64")
	}
	return string(raw), nil
}

// url reads path and query. The path is taken as escaped where it can be, and
// as it is where it can't: API Gateway has decoded some of it already.
func (e *event) url() (*url.URL, error) {
	raw := e.RawPath
	if stage := e.RequestContext.Stage; stage != "" && stage != "$default" {
		if rest, ok := strings.CutPrefix(raw, "/"+stage); ok && (rest == "" || rest[0] == '/') {
			raw = rest
		}
	}
	if raw == "" {
		raw = "/"
	}
	if raw[0] != '/' {
		return nil, errors.New("the event's path doesn't begin with a slash")
	}
	u := &url.URL{Path: raw, RawQuery: e.RawQueryString}
	if plain, err := url.PathUnescape(raw); err == nil {
		u.Path, u.RawPath = plain, raw
	}
	if strings.ContainsFunc(e.RawQueryString, func(c rune) bool { return c <= ' ' || c == 0x7f || c == '#' }) {
		return nil, errors.New("the event's query can't be one")
	}
	return u, nil
}

// header copies what may be a header: a name or value that may not could split
// an answer or a log line further on.
func (e *event) header(h http.Header) error {
	for name, value := range e.Headers {
		if !validName(name) || !validValue(value) {
			return errors.New("the event has a header that can't be one")
		}
		h.Set(name, value)
	}
	for _, c := range e.Cookies {
		if !validValue(c) {
			return errors.New("the event has a cookie that can't be one")
		}
	}
	if len(e.Cookies) > 0 {
		h.Set("Cookie", strings.Join(e.Cookies, "; "))
	}
	return nil
}

// validName accepts a token (RFC 9110, 5.6.2).
func validName(s string) bool {
	for _, c := range []byte(s) {
		letter := c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' || c >= '0' && c <= '9'
		if !letter && strings.IndexByte("!#$%&'*+-.^_`|~", c) < 0 {
			return false
		}
	}
	return s != ""
}

// validValue accepts what has no control character but the tab (RFC 9110, 5.5).
func validValue(s string) bool {
	for _, c := range []byte(s) {
		if c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}
