package console

import (
	"compress/gzip"
	"io"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
)

// get asks a handler as a browser does.
func get(t *testing.T, h http.Handler, path string, headers ...string) *http.Response {
	t.Helper()
	r := httptest.NewRequest(http.MethodGet, path, nil)
	for i := 0; i+1 < len(headers); i += 2 {
		r.Header.Set(headers[i], headers[i+1])
	}
	w := httptest.NewRecorder()
	h.ServeHTTP(w, r)
	return w.Result()
}

func text(t *testing.T, r *http.Response) string {
	t.Helper()
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(raw)
}

var linked = regexp.MustCompile(`(?:href|src)="([^"]+)"`)

func TestAPageNamesWhatItNeedsAndAllOfItIsThere(t *testing.T) {
	t.Parallel()
	h := Handler(Config{TokenURL: "/local/token"})
	for _, p := range pages {
		r := get(t, h, "/agent/"+p.Name)
		if r.StatusCode != http.StatusOK || r.Header.Get("Content-Type") != "text/html; charset=utf-8" {
			t.Fatalf("%s: %d %s", p.Name, r.StatusCode, r.Header.Get("Content-Type"))
		}
		body, files := text(t, r), 0
		for _, m := range linked.FindAllStringSubmatch(body, -1) {
			if !strings.HasPrefix(m[1], "/agent/assets/") {
				continue
			}
			files++
			a := get(t, h, m[1])
			if a.StatusCode != http.StatusOK || !strings.Contains(a.Header.Get("Cache-Control"), "immutable") {
				t.Errorf("%s: %d, Cache-Control %s", m[1], a.StatusCode, a.Header.Get("Cache-Control"))
			}
		}
		if files < 10 {
			t.Errorf("%s names %d files: the imports aren't found", p.Name, files)
		}
		if !strings.Contains(body, `aria-current="page">`+p.Title) {
			t.Errorf("%s doesn't say which page it is", p.Name)
		}
	}
}

// What a module imports, the page names: nothing waits for a script to be read
// before it is asked for.
func TestEveryModuleIsFetchedAtOnce(t *testing.T) {
	t.Parallel()
	a := newAssets("/agent/assets/", bundled)
	any := regexp.MustCompile(`import[^;]*?from\s*['"]([^'"]+)['"]|import\(`)
	for name, f := range a.files {
		if !strings.HasSuffix(name, ".js") {
			continue
		}
		for _, m := range any.FindAllStringSubmatch(string(f.body), -1) {
			if !importing.MatchString(m[0] + ";") {
				t.Errorf("%s imports in a way that isn't found: %s", name, m[0])
			}
			if _, ok := a.files[strings.TrimPrefix(m[1], "./")]; !ok {
				t.Errorf("%s imports %q, which isn't there", name, m[1])
			}
		}
	}
}

func TestThePolicyAllowsNothingMore(t *testing.T) {
	t.Parallel()
	const want = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self'; connect-src 'self'%s; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; require-trusted-types-for 'script'; trusted-types 'none'"
	for _, c := range []struct {
		config Config
		more   string
	}{
		{Config{}, ""},
		{Config{Issuer: "https://id.example.com/pool"}, " https://id.example.com"},
		{Config{Issuer: "https://id.example.com", IssuerOrigins: []string{"https://login.example.com/oauth2"}}, " https://id.example.com https://login.example.com"},
		{Config{Issuer: "javascript:alert(1)"}, ""},
		{Config{Issuer: "https://id.example.com;script-src *"}, ""},
		{Config{Issuer: "https://a b"}, ""},
	} {
		r := get(t, Handler(c.config), "/agent/integrations")
		if got := r.Header.Get("Content-Security-Policy"); got != strings.Replace(want, "%s", c.more, 1) {
			t.Errorf("issuer %q: %s", c.config.Issuer, got)
		}
		for name, value := range map[string]string{
			"X-Content-Type-Options": "nosniff", "Referrer-Policy": "no-referrer", "X-Frame-Options": "DENY", "Cross-Origin-Opener-Policy": "same-origin",
		} {
			if r.Header.Get(name) != value {
				t.Errorf("%s: %q, want %q", name, r.Header.Get(name), value)
			}
		}
	}
}

// The policy refuses these; nothing of ours may rely on what is refused.
func TestTheFilesKeepToThePolicy(t *testing.T) {
	t.Parallel()
	forbidden := regexp.MustCompile(`innerHTML|outerHTML|insertAdjacentHTML|document\.write|\beval\(|new Function|srcdoc|https?://[a-z]|\bon[a-z]+=|style="|<style|@import|url\(`)
	a := newAssets("/local/gallery/assets/", bundled, sub(galleryFiles, "gallery"))
	for name, f := range a.files {
		for _, m := range forbidden.FindAllString(string(f.body), -1) {
			if name == "icon.svg" || strings.HasPrefix(m, "http") && strings.Contains(string(f.body), "http://www.w3.org/2000/svg") {
				continue // a namespace's name is no address
			}
			t.Errorf("%s: %q", name, m)
		}
	}
	if m := regexp.MustCompile(`<script>|<style|\bon[a-z]+="|style="`).FindString(frameSource); m != "" {
		t.Errorf("the frame: %q", m)
	}
}

func TestConfigurationStaysAnAttribute(t *testing.T) {
	t.Parallel()
	body := text(t, get(t, Handler(Config{ClientID: `"><script>alert(1)</script>`, BillingURL: "javascript:alert(1)"}), "/agent/integrations"))
	if strings.Contains(body, "<script>alert") || strings.Contains(body, "javascript:") {
		t.Error(body)
	}
}

func TestWhatIsHeldIsNotSentAgain(t *testing.T) {
	t.Parallel()
	h := Handler(Config{})
	for _, path := range []string{"/agent/integrations", newAssets("/agent/assets/", bundled).base + "style.css"} {
		tag := get(t, h, path).Header.Get("ETag")
		if r := get(t, h, path, "If-None-Match", tag); r.StatusCode != http.StatusNotModified || text(t, r) != "" {
			t.Errorf("%s with its tag: %d", path, r.StatusCode)
		}
		if r := get(t, h, path, "If-None-Match", `"other"`); r.StatusCode != http.StatusOK {
			t.Errorf("%s with another tag: %d", path, r.StatusCode)
		}
	}
}

func TestNothingElseIsThere(t *testing.T) {
	t.Parallel()
	h := Handler(Config{})
	for _, path := range []string{"/agent/assets/", "/agent/assets/old/style.css", "/agent/x", "/agent/assets/gallery.js", "/local/gallery"} {
		if r := get(t, h, path); r.StatusCode != http.StatusNotFound {
			t.Errorf("%s: %d", path, r.StatusCode)
		}
	}
	if r := get(t, h, "/agent/"); r.StatusCode != http.StatusFound || r.Header.Get("Location") != "/agent/integrations" {
		t.Errorf("/agent/: %d to %s", r.StatusCode, r.Header.Get("Location"))
	}
}

// The weight is what a browser is sent on a first visit, all of it.
func TestAFirstVisitWeighsLessThan60KB(t *testing.T) {
	t.Parallel()
	const most = 60_000
	h := Handler(Config{TokenURL: "/local/token"})
	for _, p := range pages {
		paths, seen, total := []string{"/agent/" + p.Name}, map[string]bool{}, 0
		for len(paths) > 0 {
			path := paths[0]
			paths = paths[1:]
			if seen[path] {
				continue
			}
			seen[path] = true
			r := get(t, h, path, "Accept-Encoding", "gzip")
			if r.Header.Get("Content-Encoding") != "gzip" || r.Header.Get("Vary") != "Accept-Encoding" {
				t.Fatalf("%s isn't compressed", path)
			}
			raw := text(t, r)
			total += len(raw)
			z, err := gzip.NewReader(strings.NewReader(raw))
			if err != nil {
				t.Fatal(err)
			}
			plain, err := io.ReadAll(z)
			if err != nil {
				t.Fatal(err)
			}
			if path == "/agent/"+p.Name {
				for _, m := range linked.FindAllStringSubmatch(string(plain), -1) {
					if strings.HasPrefix(m[1], "/agent/assets/") {
						paths = append(paths, m[1])
					}
				}
			}
		}
		t.Logf("%s: %d files, %d bytes", p.Name, len(seen), total)
		if total > most {
			t.Errorf("%s weighs %d bytes compressed, more than %d", p.Name, total, most)
		}
	}
}
