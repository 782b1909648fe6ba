package calendarv3

import (
	"encoding/json"
	"net/http"
	"strings"
)

// selection is a parsed `fields` parameter: the members to keep, each with its
// own selection; nil keeps all.
type selection map[string]selection

// selectFields cuts a document down to a partial response: a,b  a/b  a(b,c)
// a/*  (Calendar guide, "Partial response"). A name that the resource doesn't
// have is an error, as at Google.
func selectFields(sel string, of *shape, body []byte) ([]byte, *Error) {
	p := &fieldParser{rest: sel}
	tree, ok := p.list(of, 0)
	if !ok || p.rest != "" {
		return nil, refuse(http.StatusBadRequest, "invalidParameter", "Invalid field selection %s", clip(sel)).at("fields")
	}
	doc, err := decodeObject(body)
	if err != nil { // our own document
		return nil, refuse(http.StatusInternalServerError, "internalError", "Internal Error")
	}
	cut, err := json.Marshal(tree.keep(doc))
	if err != nil {
		return nil, refuse(http.StatusInternalServerError, "internalError", "Internal Error")
	}
	return cut, nil
}

// keep copies what is selected. Lists are passed through: a selector speaks of
// their items.
func (sel selection) keep(v any) any {
	if sel == nil {
		return v
	}
	switch v := v.(type) {
	case []any:
		out := make([]any, len(v))
		for i, item := range v {
			out[i] = sel.keep(item)
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for name, member := range v {
			sub, ok := sel[name]
			if !ok {
				if sub, ok = sel["*"]; !ok {
					continue
				}
			}
			out[name] = sub.keep(member)
		}
		return out
	}
	return v
}

// fieldParser reads the selector by recursive descent. Depth is bounded, since
// the selector comes from outside.
type fieldParser struct{ rest string }

const maxFieldDepth = 20

// list reads paths separated by commas, up to a parenthesis or the end.
func (p *fieldParser) list(of *shape, depth int) (selection, bool) {
	out := selection{}
	for {
		if !p.one(out, of, depth) {
			return nil, false
		}
		if !p.take(",") {
			return out, true
		}
	}
}

// one reads a path with an optional parenthesis at its end into out.
func (p *fieldParser) one(out selection, of *shape, depth int) bool {
	name := p.name()
	inner, known := of.member(name)
	if !known || depth > maxFieldDepth {
		return false
	}
	var sub selection
	switch {
	case p.take("("):
		var ok bool
		if sub, ok = p.list(inner, depth+1); !ok || !p.take(")") {
			return false
		}
	case p.take("/"):
		sub = selection{}
		if !p.one(sub, inner, depth+1) {
			return false
		}
	}
	before, had := out[name]
	if had && (before == nil || sub == nil) {
		out[name] = nil
		return true
	}
	if had {
		for k, v := range sub {
			before[k] = v
		}
		return true
	}
	out[name] = sub
	return true
}

// name reads up to the next delimiter. It may be empty, which no resource has
// as a member.
func (p *fieldParser) name() string {
	n := strings.IndexAny(p.rest, ",/()")
	if n < 0 {
		n = len(p.rest)
	}
	name := p.rest[:n]
	p.rest = p.rest[n:]
	return name
}

// take consumes a delimiter if it comes next.
func (p *fieldParser) take(s string) bool {
	rest, ok := strings.CutPrefix(p.rest, s)
	p.rest = rest
	return ok
}

// member is the shape of a member of an object, or of the objects in a list.
func (s *shape) member(name string) (*shape, bool) {
	if s == nil || name == "" {
		return nil, false
	}
	switch s.is {
	case isList:
		return s.of.member(name)
	case isObject:
		if name == "*" {
			return anything, true
		}
		inner, ok := s.fields[name]
		return inner, ok
	case isTexts, isAnything: // any name may occur
		return anything, true
	}
	return nil, false
}
