package console

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"embed"
	"encoding/base64"
	"io/fs"
	"maps"
	"mime"
	"net/http"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"
)

//go:embed assets
var embedded embed.FS

// bundled are the files that the pages are made of.
var bundled = sub(embedded, "assets")

func sub(f fs.FS, dir string) fs.FS {
	s, err := fs.Sub(f, dir)
	if err != nil {
		panic(err) // the folder is in the binary
	}
	return s
}

// assets serves files under an address that names their contents: a browser may
// keep each for a year, and a deployment is seen at once, whole or not at all.
// Modules find each other by relative addresses, which this leaves alone.
type assets struct {
	base  string // with the contents' hash and a trailing slash
	files map[string]*file
}

// newAssets takes all files of the folders; a later folder's file replaces an
// earlier one's of the same name.
func newAssets(prefix string, folders ...fs.FS) *assets {
	a := &assets{files: map[string]*file{}}
	for _, folder := range folders {
		names, err := fs.Glob(folder, "*")
		if err != nil {
			panic(err) // the pattern is constant
		}
		for _, name := range names {
			raw, err := fs.ReadFile(folder, name)
			if err != nil {
				panic(err) // the file is in the binary
			}
			a.files[name] = newFile(kindOf(name), raw)
		}
	}
	sum := sha256.New()
	for _, name := range slices.Sorted(maps.Keys(a.files)) {
		sum.Write([]byte(name + a.files[name].etag))
	}
	a.base = prefix + base64.RawURLEncoding.EncodeToString(sum.Sum(nil)[:9]) + "/"
	return a
}

func kindOf(name string) string {
	switch ext := path.Ext(name); ext {
	case ".js": // mime.TypeByExtension asks the operating system, which may not know
		return "text/javascript; charset=utf-8"
	case ".css":
		return "text/css; charset=utf-8"
	case ".svg":
		return "image/svg+xml"
	default:
		return mime.TypeByExtension(ext)
	}
}

// ServeHTTP implements http.Handler. An address of an earlier deployment is not
// found: the page that it belonged to is asked for anew by a reload.
func (a *assets) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	f, ok := a.files[strings.TrimPrefix(r.URL.Path, a.base)]
	if !ok {
		w.Header().Set("Cache-Control", "no-store")
		http.NotFound(w, r)
		return
	}
	w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
	f.serve(w, r)
}

// importing finds a module's imports; all are of the form that it reads.
var importing = regexp.MustCompile(`(?m)^import .*from '\./([a-z]+\.js)';$`)

// imports gives a module and all that it needs, itself first, so that a page
// can have them fetched at once instead of one behind the other.
func (a *assets) imports(name string) []string {
	found := []string{name}
	for i := 0; i < len(found); i++ {
		f, ok := a.files[found[i]]
		if !ok {
			continue
		}
		for _, m := range importing.FindAllSubmatch(f.body, -1) {
			if next := string(m[1]); !slices.Contains(found, next) {
				found = append(found, next)
			}
		}
	}
	return found
}

// file is an answer that never changes.
type file struct {
	body   []byte
	kind   string
	etag   string
	zipped func() []byte // made when first asked for: a cold start has better to do
}

func newFile(kind string, body []byte) *file {
	sum := sha256.Sum256(body)
	return &file{
		body: body, kind: kind, etag: `"` + base64.RawURLEncoding.EncodeToString(sum[:12]) + `"`,
		zipped: sync.OnceValue(func() []byte { return compress(body) }),
	}
}

func compress(body []byte) []byte {
	var b bytes.Buffer
	w, err := gzip.NewWriterLevel(&b, gzip.BestCompression)
	if err != nil {
		panic(err) // the level is constant
	}
	_, _ = w.Write(body) // a buffer takes everything
	_ = w.Close()
	return b.Bytes()
}

// serve sends the file, compressed where that is understood, or 304.
func (f *file) serve(w http.ResponseWriter, r *http.Request) {
	h := w.Header()
	h.Set("Content-Type", f.kind)
	h.Set("ETag", f.etag)
	h.Set("Vary", "Accept-Encoding")
	h.Set("X-Content-Type-Options", "nosniff")
	h.Set("Referrer-Policy", "no-referrer")
	h.Set("Cross-Origin-Resource-Policy", "same-origin")
	h.Set("Strict-Transport-Security", "max-age=63072000; includeSubDomains") // browsers heed it over https only
	if strings.Contains(r.Header.Get("If-None-Match"), f.etag) {
		w.WriteHeader(http.StatusNotModified)
		return
	}
	body := f.body
	if strings.Contains(r.Header.Get("Accept-Encoding"), "gzip") {
		h.Set("Content-Encoding", "gzip")
		body = f.zipped()
	}
	_, _ = w.Write(body) // who has gone needs no answer
}
