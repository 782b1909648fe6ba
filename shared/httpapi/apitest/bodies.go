package apitest

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"mime"
	"strings"
	"sync"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"
)

// bodies checks bodies against the document's schemas as JSON Schema 2020-12,
// which is what OpenAPI 3.1 says they are.
//
// kin-openapi would do it with the same library, and compiles a schema anew for
// every body (20 ms for a list of integrations, measured), then falls back to
// its OpenAPI 3.0 validator where a schema has references. Here the document is
// one resource, a schema is compiled once from where it stands in it, and
// references need no rewriting.
type bodies struct {
	root any

	mu       sync.Mutex // a compiler isn't safe for concurrent use; compiled schemas are
	compiler *jsonschema.Compiler
	compiled map[string]*jsonschema.Schema
}

// resource is the document's name among the compiler's resources.
const resource = "openapi.json"

func newBodies(doc []byte) (*bodies, error) {
	var parsed any
	if err := yaml.Unmarshal(doc, &parsed); err != nil {
		return nil, fmt.Errorf("reading the document: %w", err)
	}
	raw, err := json.Marshal(parsed)
	if err != nil {
		return nil, fmt.Errorf("the document as JSON: %w", err)
	}
	root, err := jsonschema.UnmarshalJSON(bytes.NewReader(raw))
	if err != nil {
		return nil, fmt.Errorf("the document as JSON: %w", err)
	}
	c := jsonschema.NewCompiler()
	c.DefaultDraft(jsonschema.Draft2020)
	c.AssertFormat()
	if err := c.AddResource(resource, root); err != nil {
		return nil, fmt.Errorf("taking the document as a schema resource: %w", err)
	}
	return &bodies{root: root, compiler: c, compiled: map[string]*jsonschema.Schema{}}, nil
}

// check validates a body against the schema for its media type in the content
// of what stands at the given keys (a response, a request body; references are
// followed). A media type without a schema accepts anything; one that isn't
// declared is an error.
func (b *bodies) check(contentType string, body []byte, keys ...string) error {
	media, _, err := mime.ParseMediaType(contentType)
	if err != nil {
		return fmt.Errorf("Content-Type %q: %w", contentType, err)
	}
	keys, node := b.follow(keys)
	content, _ := node["content"].(map[string]any)
	declared, ok := content[media].(map[string]any)
	if !ok {
		return fmt.Errorf("media type %q is not declared here", media)
	}
	if _, ok := declared["schema"]; !ok {
		return nil
	}
	if media != "application/json" && !strings.HasSuffix(media, "+json") {
		return fmt.Errorf("media type %q has a schema, and only JSON can be checked", media)
	}
	return b.validate(body, append(keys, "content", media, "schema")...)
}

// validate checks a JSON text against the schema that stands at the given keys.
func (b *bodies) validate(body []byte, keys ...string) error {
	value, err := jsonschema.UnmarshalJSON(bytes.NewReader(body))
	if err != nil {
		return fmt.Errorf("the body is not JSON: %w", err)
	}
	schema, err := b.schema(pointer(keys))
	if err != nil {
		return err
	}
	if err := schema.Validate(value); err != nil {
		var v *jsonschema.ValidationError
		if errors.As(err, &v) {
			return errors.New(explain(v))
		}
		return err
	}
	return nil
}

func (b *bodies) schema(at string) (*jsonschema.Schema, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if s := b.compiled[at]; s != nil {
		return s, nil
	}
	s, err := b.compiler.Compile(resource + "#" + at)
	if err != nil {
		return nil, fmt.Errorf("the schema at %s: %w", at, err)
	}
	b.compiled[at] = s
	return s, nil
}

// follow walks to the object at the keys and on through its reference, giving
// the keys where it really stands. A place that doesn't exist is empty.
func (b *bodies) follow(keys []string) ([]string, map[string]any) {
	node, _ := b.root.(map[string]any)
	for i, k := range keys {
		node, _ = node[k].(map[string]any)
		if ref, ok := node["$ref"].(string); ok {
			target := strings.Split(strings.TrimPrefix(ref, "#/"), "/")
			return b.follow(append(target, keys[i+1:]...))
		}
	}
	return keys, node
}

// pointer is the JSON pointer of the keys, as a URI fragment (RFC 6901).
func pointer(keys []string) string {
	var p strings.Builder
	for _, k := range keys {
		k = strings.NewReplacer("~", "~0", "/", "~1").Replace(k)
		p.WriteByte('/')
		p.WriteString(strings.NewReplacer("%", "%25", "{", "%7B", "}", "%7D").Replace(k))
	}
	return p.String()
}

// explain lists what is wrong, one line each, without the address of the
// schema, which means nothing to a reader of the document. Alternatives (anyOf,
// oneOf) are listed with what each of them would have needed, since only the
// reader knows which was meant.
func explain(v *jsonschema.ValidationError) string {
	_, lines, _ := strings.Cut(v.Error(), "\n")
	return lines
}
