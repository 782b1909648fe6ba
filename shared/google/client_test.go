package google_test

import (
	"context"
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/google"
)

// get calls a handler through a configured client and reads the answer's body.
func get(t *testing.T, ctx context.Context, c google.Config, h http.HandlerFunc) (*http.Response, []byte, error) {
	t.Helper()
	srv := httptest.NewServer(h)
	t.Cleanup(srv.Close)
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, srv.URL, nil)
	if err != nil {
		t.Fatal(err)
	}
	resp, err := c.Client().Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	body, err := io.ReadAll(resp.Body)
	return resp, body, err
}

func TestClientBoundsAnswers(t *testing.T) {
	t.Parallel()
	const limit = 1000
	for _, tc := range []struct {
		name      string
		size      int
		announced bool
		tooLarge  bool
	}{
		{"just small enough", limit, true, false},
		{"just small enough, not announced", limit, false, false},
		{"a byte too many", limit + 1, true, true},
		{"a byte too many, not announced", limit + 1, false, true},
		{"far too many, not announced", 50 * limit, false, true},
	} {
		t.Run(tc.name, func(t *testing.T) {
			t.Parallel()
			_, body, err := get(t, t.Context(), google.Config{MaxAnswer: limit}, func(w http.ResponseWriter, _ *http.Request) {
				if !tc.announced {
					w.(http.Flusher).Flush() // sends the headers before the length is known
				}
				_, _ = io.WriteString(w, strings.Repeat("x", tc.size))
			})
			if got := errors.Is(err, google.ErrTooLarge); got != tc.tooLarge {
				t.Fatalf("%d bytes: %v", tc.size, err)
			}
			if !tc.tooLarge && len(body) != tc.size {
				t.Fatalf("%d of %d bytes arrived: %v", len(body), tc.size, err)
			}
		})
	}
}

func TestClientBoundsWhatUnpacks(t *testing.T) {
	t.Parallel()
	_, _, err := get(t, t.Context(), google.Config{MaxAnswer: 10_000}, zipped(strings.Repeat("0", 10_001)))
	if !errors.Is(err, google.ErrTooLarge) {
		t.Fatalf("a compressed body of 10,001 bytes passed a limit of 10,000: %v", err)
	}
}

func TestClientAsksForCompression(t *testing.T) {
	t.Parallel()
	var encoding, agent string
	_, body, err := get(t, t.Context(), google.Config{}, func(w http.ResponseWriter, r *http.Request) {
		encoding, agent = r.Header.Get("Accept-Encoding"), r.Header.Get("User-Agent")
		zipped("hello")(w, r)
	})
	if err != nil || string(body) != "hello" {
		t.Fatalf("%q %v", body, err)
	}
	if encoding != "gzip" || !strings.Contains(agent, "aura-integrations") || !strings.Contains(agent, "gzip") {
		t.Errorf("Accept-Encoding %q, User-Agent %q", encoding, agent)
	}
}

func TestClientFollowsNoRedirect(t *testing.T) {
	t.Parallel()
	elsewhere := false
	other := httptest.NewServer(http.HandlerFunc(func(http.ResponseWriter, *http.Request) { elsewhere = true }))
	defer other.Close()
	resp, _, err := get(t, t.Context(), google.Config{HTTPClient: &http.Client{}}, func(w http.ResponseWriter, r *http.Request) {
		http.Redirect(w, r, other.URL, http.StatusTemporaryRedirect)
	})
	if err != nil || resp.StatusCode != http.StatusTemporaryRedirect || elsewhere {
		t.Fatalf("followed: %v, error %v", elsewhere, err)
	}
}

func TestClientCountsCalls(t *testing.T) {
	t.Parallel()
	ok := func(http.ResponseWriter, *http.Request) {}
	ctx, calls := google.CountCalls(t.Context())
	other, others := google.CountCalls(t.Context())
	for range 3 {
		if _, _, err := get(t, ctx, google.Config{}, ok); err != nil {
			t.Fatal(err)
		}
	}
	if _, _, err := get(t, other, google.Config{}, ok); err != nil {
		t.Fatal(err)
	}
	if _, _, err := get(t, t.Context(), google.Config{}, ok); err != nil { // counts nowhere
		t.Fatal(err)
	}
	if calls() != 3 || others() != 1 {
		t.Errorf("counted %d and %d, want 3 and 1", calls(), others())
	}
}

func TestClientHasATimeout(t *testing.T) {
	t.Parallel()
	if got := (google.Config{}).Client().Timeout; got != google.DefaultTimeout {
		t.Errorf("timeout %v", got)
	}
	if got := (google.Config{HTTPClient: &http.Client{}}).Client().Timeout; got != google.DefaultTimeout {
		t.Errorf("a client without a timeout keeps %v", got)
	}
	if got := (google.Config{HTTPClient: &http.Client{Timeout: time.Second}}).Client().Timeout; got != time.Second {
		t.Errorf("a client's own timeout became %v", got)
	}
	release := make(chan struct{})
	defer close(release)
	_, _, err := get(t, t.Context(), google.Config{HTTPClient: &http.Client{Timeout: 50 * time.Millisecond}}, func(w http.ResponseWriter, _ *http.Request) {
		w.(http.Flusher).Flush() // the headers come at once, the body never
		<-release
	})
	var timeout interface{ Timeout() bool }
	if !errors.As(err, &timeout) || !timeout.Timeout() {
		t.Errorf("a body that never comes: %v", err)
	}
}
