package lambdahttp

import (
	"bytes"
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"strings"
	"testing"

	"github.com/aws/aws-lambda-go/events"
)

var quiet = slog.New(slog.DiscardHandler)

// invoke answers an event with a handler.
func invoke(t *testing.T, payload []byte, h http.HandlerFunc) reply {
	t.Helper()
	raw, err := New(h, quiet).Invoke(context.Background(), payload)
	if err != nil {
		t.Fatalf("an error is Lambda's to answer, with nothing: %v", err)
	}
	var out reply
	if err := json.Unmarshal(raw, &out); err != nil {
		t.Fatalf("the answer is %s: %v", raw, err)
	}
	return out
}

func captured(t *testing.T, name string) []byte {
	t.Helper()
	raw, err := os.ReadFile("testdata/" + name)
	if err != nil {
		t.Fatal(err)
	}
	return raw
}

func TestACapturedGet(t *testing.T) {
	t.Parallel()
	called := false
	out := invoke(t, captured(t, "get.json"), func(w http.ResponseWriter, r *http.Request) {
		called = true
		for name, c := range map[string]struct{ got, want string }{
			"method": {r.Method, "GET"}, "path": {r.URL.Path, "/v1/events"}, "from": {r.URL.Query().Get("from"), "2026-11-23T00:00:00+01:00"},
			"tags": {strings.Join(r.URL.Query()["tag"], " "), "a b"}, "host": {r.Host, "a1b2c3d4e5.execute-api.eu-central-1.amazonaws.com"},
			"from where": {r.RemoteAddr, "203.0.113.7:0"}, "header": {r.Header.Get("X-Two"), "one,two"}, "length": {r.Header.Get("Content-Length"), ""},
			"uri": {r.RequestURI, "/v1/events?from=2026-11-23T00%3A00%3A00%2B01%3A00&to=2026-11-30T00%3A00%3A00%2B01%3A00&tag=a&tag=b"},
		} {
			if c.got != c.want {
				t.Errorf("%s is %q, want %q", name, c.got, c.want)
			}
		}
		if c, err := r.Cookie("lang"); err != nil || c.Value != "en" {
			t.Errorf("cookie is %v, %v", c, err)
		}
		if claims, ok := Claims(r.Context()); !ok || claims["account"] != "acme" || claims["scope"] != "events:read" {
			t.Errorf("claims are %v, %v", claims, ok)
		}
		w.Header().Set("Content-Type", "application/json")
		http.SetCookie(w, &http.Cookie{Name: "a", Value: "1"})
		http.SetCookie(w, &http.Cookie{Name: "b", Value: "2"})
		w.Header().Add("Vary", "Origin")
		w.Header().Add("Vary", "Accept")
		w.WriteHeader(http.StatusOK)
		w.Header().Set("Too-Late", "x")
		w.WriteHeader(http.StatusTeapot)
		fmt.Fprint(w, `{"items":[]}`)
	})
	if !called || out.StatusCode != 200 || out.Body != `{"items":[]}` || out.IsBase64Encoded {
		t.Errorf("answered %+v", out)
	}
	if strings.Join(out.Cookies, " ") != "a=1 b=2" || out.Headers["vary"] != "Origin, Accept" || out.Headers["content-type"] != "application/json" || out.Headers["too-late"] != "" {
		t.Errorf("headers %v, cookies %v", out.Headers, out.Cookies)
	}
	if _, doubled := out.Headers["set-cookie"]; doubled {
		t.Error("cookies leave twice")
	}
}

// A stage other than the default one stands before the path, and a body that
// isn't text is base64.
func TestACapturedPost(t *testing.T) {
	t.Parallel()
	invoke(t, captured(t, "post.json"), func(_ http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		if err != nil || string(body) != `{"full":true}` || r.ContentLength != 13 {
			t.Errorf("body %q of %d, %v", body, r.ContentLength, err)
		}
		if r.URL.Path != "/v1/integrations/google-calendar/sync" || r.RemoteAddr != "[2001:db8::7]:0" {
			t.Errorf("path %q from %q", r.URL.Path, r.RemoteAddr)
		}
		if claims, ok := Claims(r.Context()); ok {
			t.Errorf("claims out of nowhere: %v", claims)
		}
	})
}

// What aws-lambda-go knows of an event is read as it reads it.
func TestAWSsOwnTypeAgrees(t *testing.T) {
	t.Parallel()
	for _, name := range []string{"get.json", "post.json"} {
		var theirs events.APIGatewayV2HTTPRequest
		if err := json.Unmarshal(captured(t, name), &theirs); err != nil {
			t.Fatalf("%s is no event: %v", name, err)
		}
		raw, err := json.Marshal(theirs)
		if err != nil {
			t.Fatal(err)
		}
		invoke(t, raw, func(_ http.ResponseWriter, r *http.Request) {
			if r.Method != theirs.RequestContext.HTTP.Method || r.URL.RawQuery != theirs.RawQueryString {
				t.Errorf("%s: %s %s", name, r.Method, r.URL)
			}
		})
	}
	out, err := New(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(204) }), quiet).Invoke(context.Background(), captured(t, "get.json"))
	var answer events.APIGatewayV2HTTPResponse
	if err != nil || json.Unmarshal(out, &answer) != nil || answer.StatusCode != 204 {
		t.Errorf("%s: %v", out, err)
	}
}

// event gives a minimal event with something changed.
func minimal(change string) []byte {
	var e map[string]any
	if err := json.Unmarshal([]byte(`{"version":"2.0","rawPath":"/x","headers":{},"requestContext":{"requestId":"gw-1","stage":"$default","http":{"method":"GET","sourceIp":"203.0.113.7"}}}`), &e); err != nil {
		panic(err)
	}
	if err := json.Unmarshal([]byte(change), &e); err != nil {
		panic(err)
	}
	raw, err := json.Marshal(e)
	if err != nil {
		panic(err)
	}
	return raw
}

func TestEventsThatCannotBeRequests(t *testing.T) {
	t.Parallel()
	for name, payload := range map[string][]byte{
		"nothing":              nil,
		"not JSON":             []byte(`{"version":`),
		"a list":               []byte(`[]`),
		"a text":               []byte(`"hello"`),
		"null":                 []byte(`null`),
		"an SQS event":         []byte(`{"Records":[{"messageId":"1","body":"{}"}]}`),
		"payload 1.0":          minimal(`{"version":"1.0"}`),
		"no method":            minimal(`{"requestContext":{"http":{}}}`),
		"a method with blanks": minimal(`{"requestContext":{"http":{"method":"GET /"}}}`),
		"a path without slash": minimal(`{"rawPath":"x"}`),
		"a body not base64":    minimal(`{"isBase64Encoded":true,"body":"%%%"}`),
		"a split header":       minimal(`{"headers":{"x-a":"1\r\nx-b: 2"}}`),
		"a header with blanks": minimal(`{"headers":{"x a":"1"}}`),
		"a split cookie":       minimal(`{"cookies":["a=1\nb=2"]}`),
		"a query with blanks":  minimal(`{"rawQueryString":"a= b"}`),
		"other types":          minimal(`{"headers":["a"]}`),
	} {
		out := invoke(t, payload, func(http.ResponseWriter, *http.Request) { t.Errorf("%s: the handler was called", name) })
		if out.StatusCode != 400 || out.Headers["content-type"] != "application/problem+json" || !strings.Contains(out.Body, `"code":"malformed_request"`) || out.Headers["x-request-id"] == "" {
			t.Errorf("%s: %+v", name, out)
		}
	}
}

func TestPathsAsTheyCome(t *testing.T) {
	t.Parallel()
	for raw, want := range map[string]string{
		`{"rawPath":""}`: "/", `{"rawPath":"/a%2Fb"}`: "/a/b", `{"rawPath":"/a b"}`: "/a b", `{"rawPath":"/100%"}`: "/100%", `{"rawPath":"//evil.example/x"}`: "//evil.example/x",
		`{"rawPath":"/dev/x","requestContext":{"stage":"dev","http":{"method":"GET"}}}`:       "/x",
		`{"rawPath":"/dev","requestContext":{"stage":"dev","http":{"method":"GET"}}}`:         "/",
		`{"rawPath":"/development","requestContext":{"stage":"dev","http":{"method":"GET"}}}`: "/development",
		`{"rawPath":"/$default/x"}`: "/$default/x",
	} {
		invoke(t, minimal(raw), func(_ http.ResponseWriter, r *http.Request) {
			if r.URL.Path != want {
				t.Errorf("%s is path %q, want %q", raw, r.URL.Path, want)
			}
		})
	}
}

// Only an authorizer's claims are claims; what a client sends as one isn't.
func TestClaimsComeFromTheAuthorizerOnly(t *testing.T) {
	t.Parallel()
	for name, change := range map[string]string{
		"none":               `{}`,
		"empty":              `{"requestContext":{"http":{"method":"GET"},"authorizer":{"jwt":{"claims":{}}}}}`,
		"another authorizer": `{"requestContext":{"http":{"method":"GET"},"authorizer":{"lambda":{"account":"acme"}}}}`,
		"a client's header":  `{"headers":{"x-amzn-claims":"account=acme"},"claims":{"account":"acme"}}`,
	} {
		invoke(t, minimal(change), func(_ http.ResponseWriter, r *http.Request) {
			if claims, ok := Claims(r.Context()); ok {
				t.Errorf("%s: claims %v", name, claims)
			}
		})
	}
}

func TestAnswersAsTheyLeave(t *testing.T) {
	t.Parallel()
	png := []byte{0x89, 'P', 'N', 'G', 0xff}
	for name, c := range map[string]struct {
		method string
		handle http.HandlerFunc
		status int
		body   string
		base64 bool
	}{
		"nothing":         {"GET", func(http.ResponseWriter, *http.Request) {}, 200, "", false},
		"text by itself":  {"GET", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "plain") }, 200, "plain", false},
		"problem":         {"GET", typed("application/problem+json", 404, `{}`), 404, `{}`, false},
		"yaml":            {"GET", typed("application/yaml", 200, `a: b`), 200, `a: b`, false},
		"image":           {"GET", typed("image/png", 200, string(png)), 200, base64.StdEncoding.EncodeToString(png), true},
		"text that isn't": {"GET", typed("text/plain", 200, "\xff"), 200, base64.StdEncoding.EncodeToString([]byte{0xff}), true},
		"of unknown type": {"GET", typed("application/octet-stream", 200, "a"), 200, "YQ==", true},
		"head":            {"HEAD", typed("text/plain", 200, "body"), 200, "", false},
		"no content":      {"GET", typed("text/plain", 204, "body"), 204, "", false},
		"not modified":    {"GET", typed("text/plain", 304, "body"), 304, "", false},
		"informed before": {"GET", func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(103); w.WriteHeader(201) }, 201, "", false},
		"too long":        {"GET", typed("text/plain", 200, strings.Repeat("a", 6<<20)), 500, "", false},
		"panics":          {"GET", func(http.ResponseWriter, *http.Request) { panic("canary") }, 500, "", false},
		"panics half-way": {"GET", func(w http.ResponseWriter, _ *http.Request) { fmt.Fprint(w, "half"); panic("canary") }, 500, "", false},
		"compressed": {"GET", func(w http.ResponseWriter, r *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			typed("text/css", 200, "a")(w, r)
		}, 200, "YQ==", true},
	} {
		out := invoke(t, minimal(`{"requestContext":{"http":{"method":"`+c.method+`"}}}`), c.handle)
		if out.StatusCode != c.status || out.IsBase64Encoded != c.base64 || c.status != 500 && out.Body != c.body || strings.Contains(out.Body, "canary") {
			t.Errorf("%s: %d, base64 %v, %.80q", name, out.StatusCode, out.IsBase64Encoded, out.Body)
		}
	}
}

func typed(kind string, status int, body string) http.HandlerFunc {
	return func(w http.ResponseWriter, _ *http.Request) {
		w.Header().Set("Content-Type", kind)
		w.WriteHeader(status)
		_, _ = w.Write([]byte(body))
	}
}

// Whatever an event is, it is answered; and a handler never sees what could
// split a header.
func FuzzInvoke(f *testing.F) {
	for _, name := range []string{"get.json", "post.json"} {
		raw, err := os.ReadFile("testdata/" + name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(raw)
	}
	f.Add(minimal(`{"rawPath":"/%zz","headers":{"a":"\u0000"}}`))
	h := New(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		for name, values := range r.Header {
			if strings.ContainsAny(name+strings.Join(values, ""), "\r\n\x00") {
				panic("a header that splits")
			}
		}
		if r.URL.Path == "" || r.Method == "" {
			panic("half a request")
		}
		_, _ = io.Copy(w, r.Body)
	}), quiet)
	f.Fuzz(func(t *testing.T, payload []byte) {
		out, err := h.Invoke(context.Background(), payload)
		if err != nil {
			t.Fatal(err)
		}
		var a reply
		if err := json.Unmarshal(out, &a); err != nil || a.StatusCode < 200 || a.StatusCode > 599 {
			t.Fatalf("%s: %v", out, err)
		}
		if a.StatusCode == 500 && !bytes.Contains(payload, []byte("body")) {
			t.Fatalf("the handler saw what it must not: %s", payload)
		}
	})
}
