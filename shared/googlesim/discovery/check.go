package discovery

import (
	"cmp"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"
)

// sortMethods orders by id, for tables and for messages that can be compared.
func sortMethods(m []*Method) {
	slices.SortFunc(m, func(a, b *Method) int { return cmp.Compare(a.ID, b.ID) })
}

// enums are values that the document only lists in prose ("Possible values are:
// - "confirmed" - …").
var prose = regexp.MustCompile(`(?m)^\s*- "([^"]+)"`)

// values are what a string may be; nil: anything.
func (s Schema) values() []string {
	if s.Enum != nil {
		return s.Enum
	}
	if s.Type != "string" || !strings.Contains(s.Description, "Possible values are:") {
		return nil
	}
	var out []string
	for _, m := range prose.FindAllStringSubmatch(s.Description, -1) {
		out = append(out, m[1])
	}
	return out
}

// CheckQuery reports what is wrong with a request's parameters.
func (d *Document) CheckQuery(m *Method, q url.Values) (problems []string) {
	bad := func(format string, args ...any) { problems = append(problems, fmt.Sprintf(m.ID+": "+format, args...)) }
	for name, values := range q {
		s, ok := m.Parameters[name]
		if !ok || s.Location == "path" {
			if s, ok = d.Parameters[name]; !ok {
				bad("unknown parameter %s", name)
				continue
			}
		}
		if len(values) > 1 && !s.Repeated {
			bad("parameter %s is repeated", name)
		}
		for _, v := range values {
			if why := s.checkParameter(v); why != "" {
				bad("parameter %s=%q: %s", name, v, why)
			}
		}
	}
	for name, s := range m.Parameters {
		if s.Required && s.Location == "query" && q.Get(name) == "" {
			bad("parameter %s is missing", name)
		}
	}
	slices.Sort(problems)
	return problems
}

// checkParameter says what is wrong with one value of a parameter, or nothing.
func (s Schema) checkParameter(v string) string {
	if s.Enum != nil && !slices.Contains(s.Enum, v) {
		return "not one of " + strings.Join(s.Enum, ", ")
	}
	switch s.Type {
	case "boolean":
		if v != "true" && v != "false" {
			return "not a boolean"
		}
	case "integer":
		n, err := strconv.ParseInt(v, 10, 64)
		low, errLow := strconv.ParseInt(s.Minimum, 10, 64)
		high, errHigh := strconv.ParseInt(s.Maximum, 10, 64)
		if err != nil || errLow == nil && n < low || errHigh == nil && n > high {
			return "not an integer in range"
		}
	}
	return checkFormat(s.Format, v)
}

// checkFormat looks at text whose form the document names.
func checkFormat(format, v string) string {
	var err error
	switch format {
	case "date-time":
		_, err = time.Parse(time.RFC3339, v)
	case "date":
		_, err = time.Parse(time.DateOnly, v)
	case "int64", "uint64":
		_, err = strconv.ParseInt(v, 10, 64)
	case "byte":
		_, err = base64.URLEncoding.DecodeString(v)
	}
	if err != nil {
		return "not a " + format
	}
	return ""
}

// CheckAnswer reports where a JSON answer departs from a schema.
func (d *Document) CheckAnswer(s *Schema, body []byte) []string {
	return (&checker{doc: d}).check(s, body)
}

// CheckBody reports where a request's JSON body departs from a schema. patch
// allows null, by which PATCH removes a member.
func (d *Document) CheckBody(s *Schema, body []byte, patch bool) []string {
	return (&checker{doc: d, request: true, patch: patch}).check(s, body)
}

type checker struct {
	doc      *Document
	request  bool
	patch    bool
	problems []string
}

// check decodes a body and walks it beside its schema. Numbers are kept as
// text, so that their size and form can be judged.
func (c *checker) check(s *Schema, body []byte) []string {
	dec := json.NewDecoder(strings.NewReader(string(body)))
	dec.UseNumber()
	var v any
	if err := dec.Decode(&v); err != nil {
		return []string{"not JSON: " + err.Error()}
	}
	c.value("$", *s, v)
	slices.Sort(c.problems)
	return c.problems
}

// bad notes a problem at a place, written as a path from the root.
func (c *checker) bad(at, format string, args ...any) {
	c.problems = append(c.problems, at+": "+fmt.Sprintf(format, args...))
}

// value is the walk. A $ref is followed where it stands; the document has no
// circles that an actual body could follow for ever.
func (c *checker) value(at string, s Schema, v any) {
	if s.Ref != "" {
		named, ok := c.doc.Schemas[s.Ref]
		if !ok {
			c.bad(at, "schema %s is not in the document", s.Ref)
			return
		}
		s = named
	}
	switch v := v.(type) {
	case nil:
		if !c.patch {
			c.bad(at, "is null")
		}
	case map[string]any:
		if s.Type != "object" {
			c.bad(at, "is an object, not %s", s.Type)
			return
		}
		for name, member := range v {
			inner, ok := s.Properties[name]
			if !ok && s.AdditionalProperties != nil {
				inner, ok = *s.AdditionalProperties, true
			}
			if !ok {
				c.bad(at, "unknown member %s", name)
				continue
			}
			if c.local(name, member, v["timeZone"]) {
				inner.Format = ""
			}
			c.value(at+"."+name, inner, member)
		}
	case []any:
		if s.Type != "array" {
			c.bad(at, "is an array, not %s", s.Type)
			return
		}
		for i, item := range v {
			c.value(fmt.Sprintf("%s[%d]", at, i), *s.Items, item)
		}
	case string:
		c.text(at, s, v)
	case bool:
		if s.Type != "boolean" {
			c.bad(at, "is a boolean, not %s", s.Type)
		}
	case json.Number:
		c.number(at, s, v)
	}
}

// local is a dateTime without an offset beside a time zone, which a request may
// have: "A time zone offset is required unless a time zone is explicitly
// specified in timeZone."
func (c *checker) local(name string, v, zone any) bool {
	text, _ := v.(string)
	_, zoned := zone.(string)
	_, err := time.Parse("2006-01-02T15:04:05", text)
	return c.request && name == "dateTime" && zoned && err == nil
}

// text holds a string to its enumeration and format. Google lists many
// enumerations in prose only, which is read as well.
func (c *checker) text(at string, s Schema, v string) {
	if s.Type != "string" {
		c.bad(at, "is a string, not %s", s.Type)
		return
	}
	if allowed := s.values(); len(allowed) > 0 && !slices.Contains(allowed, v) {
		c.bad(at, "%q is not one of %s", v, strings.Join(allowed, ", "))
	}
	if why := checkFormat(s.Format, v); why != "" {
		c.bad(at, "%q: %s", v, why)
	}
}

// number holds a number to its format. An int64 is a string in Google's JSON,
// and a bare number there is a mistake that JavaScript clients would lose
// digits over.
func (c *checker) number(at string, s Schema, v json.Number) {
	switch s.Type {
	case "number":
	case "integer":
		bits := 32
		if s.Format == "" {
			bits = 64
		}
		if _, err := strconv.ParseInt(v.String(), 10, bits); err != nil {
			c.bad(at, "%s is not an integer of %d bits", v, bits)
		}
	default: // an int64 is a string in JSON
		c.bad(at, "is a number, not %s", s.Type)
	}
}
