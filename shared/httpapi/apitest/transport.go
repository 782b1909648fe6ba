package apitest

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
)

// T is what a Transport needs of a test; testing.TB has it.
type T interface {
	Helper()
	Errorf(format string, args ...any)
}

// Transport is an http.RoundTripper that passes every request on and checks
// it and its response, reporting what is wrong as a failure of its test. The
// response reaches the caller all the same, its body unread.
//
// By default requests whose path begins with /v1/ are the API's; everything
// else (the pages, the local run's own routes, a simulator) passes unchecked.
// Name the API's host with On where other hosts use /v1/ too. It may be used
// concurrently, not after its test has ended.
type Transport struct {
	t    T
	v    *Validator
	base http.RoundTripper
	host string
}

// Transport makes a Transport for a test. A nil base is http.DefaultTransport.
func (v *Validator) Transport(t T, base http.RoundTripper) *Transport {
	if base == nil {
		base = http.DefaultTransport
	}
	return &Transport{t: t, v: v, base: base}
}

// Client is an http.Client over a Transport that doesn't follow redirects, so
// that a 303 is seen by the test rather than by whatever it leads to.
func (v *Validator) Client(t T, base http.RoundTripper) *http.Client {
	return &http.Client{
		Transport:     v.Transport(t, base),
		CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}
}

// On limits the checks to one host, "127.0.0.1:8080", and gives the Transport back.
func (tr *Transport) On(host string) *Transport {
	tr.host = host
	return tr
}

type deliberateKey struct{}

// Deliberate marks a request that is meant to be refused: it is sent without
// being checked, while its response is checked as ever.
func Deliberate(r *http.Request) *http.Request {
	return r.WithContext(context.WithValue(r.Context(), deliberateKey{}, true))
}

// RoundTrip sends a request and checks both ways.
func (tr *Transport) RoundTrip(r *http.Request) (*http.Response, error) {
	tr.t.Helper()
	if !strings.HasPrefix(r.URL.Path, "/v1/") || tr.host != "" && tr.host != r.URL.Host {
		return tr.base.RoundTrip(r)
	}
	name := r.Method + " " + r.URL.Path
	deliberate := r.Context().Value(deliberateKey{}) != nil
	r = r.Clone(r.Context()) // a RoundTripper must leave its caller's request alone
	in, err := tr.v.find(r)
	if err != nil && !deliberate {
		tr.t.Errorf("%s: the request is not of the contract: %v", name, err)
		return tr.base.RoundTrip(r)
	}
	sent, rerr := drain(&r.Body)
	if rerr != nil {
		return nil, fmt.Errorf("reading the request of %s: %w", name, rerr)
	}
	if err == nil && !deliberate {
		if err := tr.v.request(r.Context(), in, sent); err != nil {
			tr.t.Errorf("%s: the request is not of the contract: %v\nbody: %s", name, err, short(sent))
		}
	}
	resp, rerr := tr.base.RoundTrip(r)
	if rerr != nil {
		return nil, rerr
	}
	got, rerr := drain(&resp.Body)
	if rerr != nil {
		return nil, fmt.Errorf("reading the response of %s: %w", name, rerr)
	}
	if errors.Is(err, errOutside) {
		err = tr.v.outside(resp, got)
	} else if err = tr.v.response(r.Context(), in, resp, got); err == nil {
		tr.v.coverage.saw(in.Route.Operation.OperationID, resp.StatusCode)
	}
	if err != nil {
		tr.t.Errorf("%s: the response (%d) is not of the contract: %v\nbody: %s", name, resp.StatusCode, err, short(got))
	}
	return resp, nil
}

// drain reads a body whole, closes it and puts an unread copy in its place.
func drain(body *io.ReadCloser) ([]byte, error) {
	if *body == nil || *body == http.NoBody {
		return nil, nil
	}
	data, err := io.ReadAll(*body)
	if cerr := (*body).Close(); err == nil {
		err = cerr
	}
	*body = io.NopCloser(bytes.NewReader(data))
	return data, err
}

// short is as much of a body as helps in a message.
func short(body []byte) []byte {
	if len(body) > 600 {
		return append(body[:600:600], "…"...)
	}
	return body
}
