// Package discovery holds the simulator, and every client that is tested
// against it, to Google's own description of Calendar v3: the discovery
// document calendar-api.json inside the Go module google.golang.org/api.
// Nothing is embedded or copied; the document is read from the module that the
// build pins, so it moves when the pin does.
//
// It is for tests. Guard wraps a handler and reports every request and every
// answer that Google's document does not describe: unknown members, wrong
// types, wrong enumerations, unknown parameters, undocumented answers.
package discovery

import (
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"sync"
)

// Document is the part of a discovery document that says what is allowed.
type Document struct {
	BasePath   string               `json:"basePath"`
	BatchPath  string               `json:"batchPath"`
	Parameters map[string]Schema    `json:"parameters"`
	Resources  map[string]resources `json:"resources"`
	Schemas    map[string]Schema    `json:"schemas"`

	methods []*Method
}

type resources struct {
	Methods map[string]*Method `json:"methods"`
}

// Method is one call of the API.
type Method struct {
	ID         string            `json:"id"` // "calendar.events.list"
	HTTPMethod string            `json:"httpMethod"`
	Path       string            `json:"path"` // template below BasePath
	Parameters map[string]Schema `json:"parameters"`
	Request    *Schema           `json:"request"`
	Response   *Schema           `json:"response"`
	Scopes     []string          `json:"scopes"` // full URLs
}

// Schema describes a value: of a parameter, or of JSON.
type Schema struct {
	Ref                  string            `json:"$ref"`
	Type                 string            `json:"type"`
	Format               string            `json:"format"`
	Description          string            `json:"description"`
	Enum                 []string          `json:"enum"`
	Location             string            `json:"location"`
	Required             bool              `json:"required"`
	Repeated             bool              `json:"repeated"`
	Minimum              string            `json:"minimum"`
	Maximum              string            `json:"maximum"`
	Properties           map[string]Schema `json:"properties"`
	Items                *Schema           `json:"items"`
	AdditionalProperties *Schema           `json:"additionalProperties"`
}

var load = sync.OnceValues(func() (*Document, error) {
	out, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "google.golang.org/api").Output()
	if err != nil {
		return nil, fmt.Errorf("find module google.golang.org/api: %w", err)
	}
	raw, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(out)), "calendar", "v3", "calendar-api.json"))
	if err != nil {
		return nil, fmt.Errorf("read Google's discovery document: %w", err)
	}
	return parse(raw)
})

// Load reads the document, once per process. It needs the go command and the
// module cache, as tests have them.
func Load() (*Document, error) { return load() }

// parse reads the document and refuses one that describes nothing: a guard that
// has nothing to compare with would find nothing wrong.
func parse(raw []byte) (*Document, error) {
	var d Document
	if err := json.Unmarshal(raw, &d); err != nil {
		return nil, fmt.Errorf("parse Google's discovery document: %w", err)
	}
	for _, r := range d.Resources {
		for _, m := range r.Methods {
			d.methods = append(d.methods, m)
		}
	}
	if len(d.methods) == 0 || len(d.Schemas) == 0 {
		return nil, fmt.Errorf("parse Google's discovery document: no methods or no schemas in it")
	}
	return &d, nil
}

// Methods lists all methods, by id.
func (d *Document) Methods() []*Method {
	out := append([]*Method(nil), d.methods...)
	sortMethods(out)
	return out
}

// Find is the method that a request addresses, nil if there is none. Literal
// segments win over variables.
func (d *Document) Find(verb, escapedPath string) *Method {
	below, ok := strings.CutPrefix(escapedPath, d.BasePath)
	if !ok {
		return nil
	}
	var best *Method
	for _, m := range d.methods {
		if m.HTTPMethod == verb && fits(m.Path, below) && (best == nil || variables(m.Path) < variables(best.Path)) {
			best = m
		}
	}
	return best
}

// variables counts the open segments of a template.
func variables(path string) int { return strings.Count(path, "{") }

// fits compares segment by segment; a variable takes any segment but an empty
// one.
func fits(template, path string) bool {
	want, have := strings.Split(template, "/"), strings.Split(path, "/")
	if len(want) != len(have) {
		return false
	}
	for i := range want {
		if !strings.HasPrefix(want[i], "{") && want[i] != have[i] || have[i] == "" {
			return false
		}
	}
	return true
}
