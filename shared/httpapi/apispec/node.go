package apispec

import (
	"errors"
	"fmt"
	"strings"

	"gopkg.in/yaml.v3"
)

// node is a place in the document. Unlike a map it keeps the order in which
// things were written, which is the order in which to read them. Asking a node
// for what it doesn't have gives the empty node, so that walks need no checks.
type node struct{ y *yaml.Node }

// parse reads a document.
func parse(doc []byte) (node, error) {
	var y yaml.Node
	if err := yaml.Unmarshal(doc, &y); err != nil {
		return node{}, fmt.Errorf("reading the document: %w", err)
	}
	if len(y.Content) != 1 || y.Content[0].Kind != yaml.MappingNode {
		return node{}, errors.New("the document is not one mapping")
	}
	return node{y.Content[0]}, nil
}

// empty reports whether there is nothing here.
func (n node) empty() bool { return n.y == nil }

// get walks down by keys.
func (n node) get(keys ...string) node {
	for _, key := range keys {
		n = n.member(key)
	}
	return n
}

func (n node) member(key string) node {
	if n.y == nil || n.y.Kind != yaml.MappingNode {
		return node{}
	}
	for i := 0; i+1 < len(n.y.Content); i += 2 {
		if n.y.Content[i].Value == key {
			return node{n.y.Content[i+1]}
		}
	}
	return node{}
}

// each visits a mapping's members in their order; anything else has none.
func (n node) each(visit func(key string, value node)) {
	if n.y == nil || n.y.Kind != yaml.MappingNode {
		return
	}
	for i := 0; i+1 < len(n.y.Content); i += 2 {
		visit(n.y.Content[i].Value, node{n.y.Content[i+1]})
	}
}

// items gives a sequence's items; anything else has none.
func (n node) items() []node {
	if n.y == nil || n.y.Kind != yaml.SequenceNode {
		return nil
	}
	out := make([]node, len(n.y.Content))
	for i, c := range n.y.Content {
		out[i] = node{c}
	}
	return out
}

// text gives a scalar as it was written; anything else is "".
func (n node) text() string {
	if n.y == nil || n.y.Kind != yaml.ScalarNode {
		return ""
	}
	return n.y.Value
}

// texts gives a sequence's scalars, or a lone scalar as the only one.
func (n node) texts() []string {
	if s := n.text(); s != "" {
		return []string{s}
	}
	var out []string
	for _, i := range n.items() {
		out = append(out, i.text())
	}
	return out
}

// tag is the scalar's YAML type: !!str, !!int, !!bool, !!null …
func (n node) tag() string {
	if n.y == nil {
		return ""
	}
	return n.y.ShortTag()
}

// ref gives what a reference within the document names: components/KIND/NAME.
func (n node) ref() (kind, name string, ok bool) {
	parts := strings.Split(n.get("$ref").text(), "/")
	if len(parts) != 4 || parts[0] != "#" || parts[1] != "components" {
		return "", "", false
	}
	return parts[2], parts[3], true
}

// resolve follows a reference from the document's root; what isn't one is
// itself.
func (n node) resolve(root node) node {
	for range 8 { // references to references end somewhere
		kind, name, ok := n.ref()
		if !ok {
			return n
		}
		n = root.get("components", kind, name)
	}
	return n
}
