package apispec

import (
	"bytes"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"golang.org/x/net/html"
)

type handler func(http.ResponseWriter, *http.Request) error

func get(t *testing.T, h handler, header ...string) *httptest.ResponseRecorder {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, "/", nil)
	for i := 0; i+1 < len(header); i += 2 {
		r.Header.Set(header[i], header[i+1])
	}
	w := httptest.NewRecorder()
	if err := h(w, r); err != nil {
		t.Fatal(err)
	}
	return w
}

func TestFilesAreServedAndNotTwice(t *testing.T) {
	t.Parallel()
	s := NewSite()
	for name, c := range map[string]struct {
		serve handler
		kind  string
		body  []byte // nil: not compared
	}{
		"document": {s.Document, "application/yaml", YAML},
		"page":     {s.Page, "text/html; charset=utf-8", nil},
		"style":    {s.Style, "text/css; charset=utf-8", style},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := get(t, c.serve)
			tag := w.Header().Get("ETag")
			if w.Code != http.StatusOK || w.Header().Get("Content-Type") != c.kind || len(tag) < 10 || w.Body.Len() == 0 {
				t.Errorf("answered %d as %q with ETag %s and %d bytes", w.Code, w.Header().Get("Content-Type"), tag, w.Body.Len())
			}
			if c.body != nil && !bytes.Equal(w.Body.Bytes(), c.body) {
				t.Error("not byte for byte what was built in")
			}
			for sent, want := range map[string]int{
				tag: 304, "W/" + tag: 304, `"other", ` + tag: 304, "*": 304, `"other"`: 200, strings.Trim(tag, `"`): 200,
			} {
				w := get(t, c.serve, "If-None-Match", sent)
				if w.Code != want || want == 304 && (w.Body.Len() > 0 || w.Header().Get("ETag") != tag) {
					t.Errorf("If-None-Match %s: %d with %d bytes, want %d", sent, w.Code, w.Body.Len(), want)
				}
			}
			if w := get(t, c.serve, "Range", "bytes=0-9"); w.Code != http.StatusOK {
				t.Errorf("a range was answered with %d, which the contract doesn't have", w.Code)
			}
		})
	}
}

func TestPageIsRenderedOnceForManyAtOnce(t *testing.T) {
	t.Parallel()
	s := NewSite()
	var wg sync.WaitGroup
	tags := make([]string, 8)
	for i := range tags {
		wg.Go(func() { tags[i] = get(t, s.Page).Header().Get("ETag") })
	}
	wg.Wait()
	for _, tag := range tags {
		if tag == "" || tag != tags[0] {
			t.Errorf("tags differ: %v", tags)
		}
	}
}

// elements gives every element of a page.
func elements(t *testing.T, page string) []*html.Node {
	t.Helper()
	root, err := html.Parse(strings.NewReader(page))
	if err != nil {
		t.Fatal(err)
	}
	var out []*html.Node
	for n := range root.Descendants() {
		if n.Type == html.ElementNode {
			out = append(out, n)
		}
	}
	return out
}

func attr(n *html.Node, key string) string {
	for _, a := range n.Attr {
		if a.Key == key {
			return a.Val
		}
	}
	return ""
}

func TestPageNeedsNothingThatItsPolicyForbids(t *testing.T) {
	t.Parallel()
	w := get(t, NewSite().Page)
	csp := w.Header().Get("Content-Security-Policy")
	for _, d := range []string{"default-src 'none'", "style-src 'self'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'none'"} {
		if !strings.Contains(csp, d) {
			t.Errorf("the policy lacks %s: %s", d, csp)
		}
	}
	if strings.Contains(csp, "unsafe") || strings.Contains(csp, "script-src") {
		t.Errorf("the policy allows scripts or inline styles: %s", csp)
	}
	for _, n := range elements(t, w.Body.String()) {
		switch n.Data {
		case "script", "style", "iframe", "object", "embed", "form", "img", "base":
			t.Errorf("the page has <%s>", n.Data)
		}
		for _, a := range n.Attr {
			if a.Key == "style" || strings.HasPrefix(a.Key, "on") {
				t.Errorf("<%s %s=%q> is inline", n.Data, a.Key, a.Val)
			}
			if (a.Key == "src" || a.Key == "href") && !strings.HasPrefix(a.Val, "#") && !strings.HasPrefix(a.Val, "/v1/") && a.Val != "data:," {
				t.Errorf("<%s> leads out of the API: %q", n.Data, a.Val)
			}
		}
	}
}

func TestPageShowsTheWholeDocument(t *testing.T) {
	t.Parallel()
	page := get(t, NewSite().Page).Body.String()
	ids := map[string]bool{}
	var hrefs []string
	for _, n := range elements(t, page) {
		if id := attr(n, "id"); id != "" {
			if ids[id] {
				t.Errorf("id %s is there twice", id)
			}
			ids[id] = true
		}
		if h, ok := strings.CutPrefix(attr(n, "href"), "#"); ok {
			hrefs = append(hrefs, h)
		}
	}
	root, err := parse(YAML)
	if err != nil {
		t.Fatal(err)
	}
	var want []string
	root.get("paths").each(func(path string, item node) {
		for _, m := range methods {
			if op := item.get(m); !op.empty() {
				want = append(want, "op-"+op.get("operationId").text())
			}
		}
	})
	operations := len(want)
	root.get("components", "schemas").each(func(name string, _ node) { want = append(want, "schema-"+name) })
	for _, c := range root.get("components", "schemas", "ProblemCode", "enum").texts() {
		want = append(want, "problem-"+c)
	}
	if operations < 30 || len(want) < 120 {
		t.Errorf("the document has %d operations and %d anchors: the walk is broken", operations, len(want))
	}
	for _, id := range want {
		if !ids[id] {
			t.Errorf("there is no #%s", id)
		}
	}
	for _, h := range hrefs {
		if !ids[h] {
			t.Errorf("#%s leads nowhere", h)
		}
	}
	if n := strings.Count(page, `class="curl"`); n != operations {
		t.Errorf("%d curl lines for %d operations", n, operations)
	}
}

func TestRenderingABrokenDocumentIsAnError(t *testing.T) {
	t.Parallel()
	for _, broken := range []string{"", "a: [", "- a", "a: {b"} {
		var b bytes.Buffer
		if err := render(&b, []byte(broken)); err == nil {
			t.Errorf("%q was rendered", broken)
		}
	}
}
