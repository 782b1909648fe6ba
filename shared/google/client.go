package google

import (
	"errors"
	"fmt"
	"io"
	"net/http"
	"time"
)

const (
	// DefaultTimeout bounds one call, its body and a renewed token included. It
	// stays under the 30 seconds of a run's lease, which is extended between
	// calls and not during one.
	DefaultTimeout = 20 * time.Second
	// DefaultMaxAnswer is far above any page that Google sends (2500 events of
	// a few KB) and far below what would end the process.
	DefaultMaxAnswer = 64 << 20
	// maxRefusal bounds a body that isn't a success: only a reason is read there.
	maxRefusal = 1 << 20
	// userAgent carries "gzip" because Google compresses only for those who say
	// so there as well as in Accept-Encoding, which Go's transport sends.
	userAgent = "aura-integrations/1 (gzip)"
)

// ErrTooLarge is a body that goes on beyond the limit. Asking again would
// bring the same, so it is not a passing failure.
var ErrTooLarge = errors.New("the answer is larger than is accepted")

// Client makes the http.Client that both halves call Google with; see the
// package comment for what it adds. The caller may wrap its Transport.
func (c Config) Client() *http.Client {
	out := &http.Client{Timeout: DefaultTimeout, CheckRedirect: keepRedirect}
	if c.HTTPClient != nil {
		out.Transport = c.HTTPClient.Transport
		if c.HTTPClient.Timeout > 0 {
			out.Timeout = c.HTTPClient.Timeout
		}
	}
	base := out.Transport
	if base == nil {
		base = newTransport()
	}
	limit := c.MaxAnswer
	if limit <= 0 {
		limit = DefaultMaxAnswer
	}
	out.Transport = &courier{base: base, limit: limit}
	return out
}

// keepRedirect hands a redirect back as the answer that it is.
func keepRedirect(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }

// newTransport is Go's default transport with connections kept for one host:
// a worker talks to one, page after page.
func newTransport() http.RoundTripper {
	t, ok := http.DefaultTransport.(*http.Transport)
	if !ok { // somebody replaced it; theirs is as good
		return http.DefaultTransport
	}
	t = t.Clone()
	t.MaxIdleConnsPerHost = 8
	t.ResponseHeaderTimeout = DefaultTimeout
	return t
}

// courier carries one request: counted, named, and with a bounded answer.
type courier struct {
	base  http.RoundTripper
	limit int64
}

// RoundTrip implements http.RoundTripper.
func (c *courier) RoundTrip(r *http.Request) (*http.Response, error) {
	countCall(r.Context())
	r = r.Clone(r.Context()) // a RoundTripper may not change the request it was given
	r.Header.Set("User-Agent", userAgent)
	resp, err := c.base.RoundTrip(r)
	countAnswer(r.Context(), resp)
	if err != nil {
		return nil, err
	}
	limit := c.limit
	if resp.StatusCode >= http.StatusMultipleChoices {
		limit = min(limit, maxRefusal)
	}
	if resp.ContentLength > limit {
		resp.Body.Close()
		return nil, fmt.Errorf("%d bytes announced: %w", resp.ContentLength, ErrTooLarge)
	}
	resp.Body = &bounded{body: resp.Body, left: limit}
	return resp, nil
}

// bounded is a body that fails, rather than ends, where it is too long: an
// answer that was silently cut could pass for a whole one.
type bounded struct {
	body io.ReadCloser
	left int64
}

// Read reads on while something is left, and asks for one byte more to tell a
// body that is just long enough from one that is too long.
func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		var one [1]byte
		n, err := b.body.Read(one[:])
		if n > 0 {
			return 0, ErrTooLarge
		}
		return 0, err
	}
	if int64(len(p)) > b.left {
		p = p[:b.left]
	}
	n, err := b.body.Read(p)
	b.left -= int64(n)
	return n, err
}

// Close closes the body underneath.
func (b *bounded) Close() error { return b.body.Close() }
