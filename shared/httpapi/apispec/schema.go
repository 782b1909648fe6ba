package apispec

import (
	"html/template"
	"slices"
	"strings"
)

// part is a piece of a type's name; those with an address are links.
type part struct{ Text, Href string }

// value is one value of an enum, with its meaning where it has one.
type value struct {
	Text    string
	Meaning template.HTML
}

// field is a row of a schema's table. Members of members follow their parent,
// one level deeper.
type field struct {
	Name     string
	Depth    int
	Required bool
	Type     []part
	Rules    []string
	Values   []value
	About    template.HTML
}

// schema is a named schema as the page shows it.
type schema struct {
	Name   string
	Type   []part
	Rules  []string
	Values []value
	About  template.HTML
	Fields []field
	Sample string
}

// schemas gives all named schemas, in the document's order.
func (d *doc) schemas() []schema {
	var out []schema
	d.root.get("components", "schemas").each(func(name string, s node) {
		v := schema{Name: name, Type: d.typeOf(s), Rules: rules(s), Values: d.values(s), About: d.prose(s.get("description"))}
		v.Fields = d.fields(s, 0)
		if ex := s.get("examples").items(); len(ex) > 0 {
			v.Sample = pretty(ex[0])
		}
		out = append(out, v)
	})
	return out
}

// fields lists an object's members. The alternatives of a oneOf are listed one
// after the other, each under its title.
func (d *doc) fields(s node, depth int) []field {
	var out []field
	required := s.get("required").texts()
	s.get("properties").each(func(name string, p node) {
		f := field{
			Name: name, Depth: depth, Required: slices.Contains(required, name),
			Type: d.typeOf(p), Rules: rules(p), Values: d.values(p), About: d.prose(p.get("description")),
		}
		out = append(out, f)
		out = append(out, d.fields(inner(p), depth+1)...)
	})
	for _, alternative := range s.get("oneOf").items() {
		members := d.fields(alternative, depth)
		if title := alternative.get("title").text(); title != "" && len(members) > 0 {
			out = append(out, field{Depth: depth, About: inlineHTML("Either: "+title, d.links)})
		}
		out = append(out, members...)
	}
	return out
}

// inner is the unnamed object whose members are a field's members: its own, its
// items', or that of the one alternative that isn't null.
func inner(p node) node {
	if items := p.get("items"); !items.empty() {
		return inner(items)
	}
	for _, alternative := range p.get("oneOf").items() {
		if !alternative.get("properties").empty() {
			return alternative
		}
	}
	if p.get("properties").empty() {
		return node{}
	}
	return p
}

// typeOf names a type, with links to those that have a name.
func (d *doc) typeOf(s node) []part {
	if _, name, ok := s.ref(); ok {
		return []part{{Text: name, Href: "#schema-" + name}}
	}
	if alternatives := s.get("oneOf").items(); len(alternatives) > 0 {
		var out []part
		for i, a := range alternatives {
			if i > 0 {
				out = append(out, part{Text: " or "})
			}
			out = append(out, d.typeOf(a)...)
		}
		return out
	}
	if s.get("type").text() == "array" {
		return append([]part{{Text: "list of "}}, d.typeOf(s.get("items"))...)
	}
	types := s.get("type").texts()
	if len(types) == 0 {
		return []part{{Text: "any"}}
	}
	name := strings.Join(types, " or ")
	if format := s.get("format").text(); format != "" {
		name = strings.Replace(name, "string", format, 1)
	}
	return []part{{Text: name}}
}

// rules are the constraints of a schema, in words.
func rules(s node) []string {
	var out []string
	for _, r := range []struct{ key, before, after string }{
		{"minimum", "at least ", ""}, {"maximum", "at most ", ""},
		{"minLength", "at least ", " characters"}, {"maxLength", "at most ", " characters"},
		{"minItems", "at least ", " items"}, {"maxItems", "at most ", " items"}, {"minProperties", "at least ", " members"},
		{"pattern", "matches ", ""}, {"default", "default ", ""},
	} {
		v := s.get(r.key)
		switch text := v.text(); {
		case v.empty(), r.key == "minLength" && text == "1":
		case text == "":
			out = append(out, r.before+`""`)
		default:
			out = append(out, r.before+text+r.after)
		}
	}
	if s.get("minLength").text() == "1" {
		out = append(out, "not empty")
	}
	if s.get("uniqueItems").text() == "true" {
		out = append(out, "no item twice")
	}
	return out
}

// values lists an enum's values, also that of a list's items.
func (d *doc) values(s node) []value {
	if items := s.get("items"); !items.empty() {
		return d.values(items)
	}
	meanings := s.get("x-enum-descriptions")
	var out []value
	for _, v := range s.get("enum").items() {
		out = append(out, value{Text: v.text(), Meaning: inlineHTML(meanings.get(v.text()).text(), d.links)})
	}
	if !s.get("x-problems").empty() { // they have a table of their own
		return nil
	}
	return out
}
