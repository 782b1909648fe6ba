package ssmsecrets

import (
	"context"
	"encoding/json"
	"errors"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
)

// asking makes a client of a stand-in for SSM that answers each call in turn,
// the last for good; it gives how often it was asked.
func asking(t *testing.T, answers ...http.HandlerFunc) (*Client, *atomic.Int32) {
	t.Helper()
	var calls atomic.Int32
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		n := int(calls.Add(1))
		answers[min(n, len(answers))-1](w, r)
	}))
	t.Cleanup(srv.Close)
	return &Client{
		Region: "eu-central-1", Endpoint: srv.URL, Credentials: aws.Credentials{AccessKeyID: "AKID", SecretAccessKey: "s", SessionToken: "session"},
		Now: func() time.Time { return time.Date(2026, 11, 23, 9, 0, 0, 0, time.UTC) }, Pause: func(ctx context.Context, _ time.Duration) error { return ctx.Err() },
	}, &calls
}

func answer(status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.WriteHeader(status)
		_, _ = io.WriteString(w, body)
	}
}

const good = `{"InvalidParameters":["/c"],"Parameters":[{"Name":"/a","Type":"SecureString","Value":"one"},{"Name":"/b","Value":"two"}]}`

// A call is what SSM takes: its target, decryption, a signature of this day,
// region and service, with the session's token, in the trace of its invocation.
func TestACallIsSigned(t *testing.T) {
	t.Parallel()
	c, _ := asking(t, func(w http.ResponseWriter, r *http.Request) {
		var in struct {
			Names          []string
			WithDecryption bool
		}
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil || !in.WithDecryption || strings.Join(in.Names, " ") != "/a /b /c" {
			t.Errorf("asked for %+v, %v", in, err)
		}
		for name, want := range map[string]string{
			"X-Amz-Target": "^AmazonSSM\\.GetParameters$", "Content-Type": "^application/x-amz-json-1\\.1$", "X-Amz-Date": "^20261123T090000Z$", "X-Amz-Security-Token": "^session$",
			"Authorization":   "^AWS4-HMAC-SHA256 Credential=AKID/20261123/eu-central-1/ssm/aws4_request, SignedHeaders=content-length;content-type;host;x-amz-date;x-amz-security-token;x-amz-target, Signature=[0-9a-f]{64}$",
			"X-Amzn-Trace-Id": "^Root=1-2;Sampled=1$",
		} {
			if !regexp.MustCompile(want).MatchString(r.Header.Get(name)) {
				t.Errorf("%s: %s", name, r.Header.Get(name))
			}
		}
		answer(200, good)(w, r)
	})
	//lint:ignore SA1029 the key is aws-lambda-go's
	got, err := c.Parameters(context.WithValue(t.Context(), "x-amzn-trace-id", "Root=1-2;Sampled=1"), []string{"/a", "/b", "/c"})
	if err != nil || !maps.Equal(got, map[string]string{"/a": "one", "/b": "two"}) {
		t.Errorf("%v, %v", got, err)
	}
}

// What may pass is tried again, what won't isn't; and no error has a value in it.
func TestWhatMayPassIsTriedAgain(t *testing.T) {
	t.Parallel()
	dropped := http.HandlerFunc(func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) })
	throttled := answer(400, `{"__type":"com.amazonaws.ssm#ThrottlingException","message":"canary"}`)
	for name, c := range map[string]struct {
		answers []http.HandlerFunc
		calls   int32
		says    string // "" for success
	}{
		"at once":            {[]http.HandlerFunc{answer(200, good)}, 1, ""},
		"throttled once":     {[]http.HandlerFunc{throttled, answer(200, good)}, 2, ""},
		"too many requests":  {[]http.HandlerFunc{answer(429, ""), answer(200, good)}, 2, ""},
		"dropped, then down": {[]http.HandlerFunc{dropped, answer(503, "canary"), answer(200, good)}, 3, ""},
		"half an answer":     {[]http.HandlerFunc{answer(200, `{"Parameters":[{"Name":"/a","Value":"canary`), answer(200, good)}, 2, ""},
		"down for good":      {[]http.HandlerFunc{answer(500, `{"__type":"InternalServerError","message":"canary"}`)}, 3, `SSM answered 500 "InternalServerError"`},
		"throttled for good": {[]http.HandlerFunc{throttled}, 3, `SSM answered 400 "ThrottlingException"`},
		"not allowed":        {[]http.HandlerFunc{answer(400, `{"__type":"AccessDeniedException","Message":"canary"}`)}, 1, `SSM answered 400 "AccessDeniedException"`},
		"a page of HTML":     {[]http.HandlerFunc{answer(403, "<html>canary")}, 1, `SSM answered 403 ""`},
		"no JSON for good":   {[]http.HandlerFunc{answer(200, "canary")}, 3, "isn't JSON"},
	} {
		client, calls := asking(t, c.answers...)
		got, err := client.Parameters(t.Context(), []string{"/a", "/b"})
		if calls.Load() != c.calls {
			t.Errorf("%s: asked %d times, want %d", name, calls.Load(), c.calls)
		}
		switch {
		case c.says == "" && (err != nil || got["/a"] != "one"):
			t.Errorf("%s: %v, %v", name, got, err)
		case c.says != "" && (err == nil || !strings.Contains(err.Error(), c.says) || strings.Contains(err.Error(), "canary")):
			t.Errorf("%s: %v, want %s", name, err, c.says)
		}
	}
}

func TestNobodyWaitsLongerThanTheCaller(t *testing.T) {
	t.Parallel()
	ctx, cancel := context.WithCancel(t.Context())
	c, calls := asking(t, func(w http.ResponseWriter, _ *http.Request) { cancel(); w.WriteHeader(500) })
	if _, err := c.Parameters(ctx, []string{"/a"}); !errors.Is(err, context.Canceled) || calls.Load() != 1 {
		t.Errorf("%v after %d calls", err, calls.Load())
	}
}

func TestWhereSSMIs(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ region, endpoint, want string }{
		{"eu-central-1", "", "https://ssm.eu-central-1.amazonaws.com/"},
		{"us-gov-west-1", "", "https://ssm.us-gov-west-1.amazonaws.com/"},
		{"cn-north-1", "", "https://ssm.cn-north-1.amazonaws.com.cn/"},
		{"eu-central-1", "http://localhost:4566/", "http://localhost:4566/"},
	} {
		if got := (&Client{Region: c.region, Endpoint: c.endpoint}).address(); got != c.want {
			t.Errorf("%s: %s", c.region, got)
		}
	}
}
