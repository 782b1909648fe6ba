package samtemplate

import (
	"fmt"
	"regexp"
	"strings"

	"gopkg.in/yaml.v3"
)

// Values are what names stand for: parameters, pseudo parameters (AWS::Region),
// resources (what !Ref gives) and their attributes ("Jobs.Arn"). A parameter
// that isn't here has its default.
type Values map[string]any

func (t *Template) name(name string, v Values) (any, error) {
	if x, ok := v[name]; ok {
		return x, nil
	}
	if d, ok := t.parameters[name]; ok {
		if d == nil {
			return nil, fmt.Errorf("parameter %s has no default and was given no value", name)
		}
		return d.Value, nil
	}
	return nil, fmt.Errorf("nothing was said about %s", name)
}

var hole = regexp.MustCompile(`\$\{([A-Za-z0-9:.]+)\}`)

// resolve gives a node's value: a string, a list or a map; nil for none.
func (t *Template) resolve(n *yaml.Node, v Values) (any, error) {
	if n == nil || n.Tag == "!Ref" && n.Value == "AWS::NoValue" {
		return nil, nil // as if the property weren't there
	}
	switch n.Tag {
	case "!Ref", "!GetAtt":
		return t.name(n.Value, v)
	case "!Sub":
		var failed error
		s := hole.ReplaceAllStringFunc(n.Value, func(m string) string {
			x, err := t.name(m[2:len(m)-1], v)
			if err != nil {
				failed = err
			}
			return fmt.Sprint(x)
		})
		return s, failed
	case "!Join":
		list, err := t.resolve(n.Content[1], v)
		if err != nil {
			return nil, err
		}
		return strings.Join(Texts(list), n.Content[0].Value), nil
	case "!If":
		yes, err := t.holds(n.Content[0].Value, v)
		if err != nil {
			return nil, err
		}
		if yes {
			return t.resolve(n.Content[1], v)
		}
		return t.resolve(n.Content[2], v)
	}
	if strings.HasPrefix(n.Tag, "!") && !strings.HasPrefix(n.Tag, "!!") {
		return nil, fmt.Errorf("%s isn't known here", n.Tag)
	}
	switch n.Kind {
	case yaml.SequenceNode:
		list := make([]any, len(n.Content))
		for i, c := range n.Content {
			x, err := t.resolve(c, v)
			if err != nil {
				return nil, err
			}
			list[i] = x
		}
		return list, nil
	case yaml.MappingNode:
		m := map[string]any{}
		for i := 0; i+1 < len(n.Content); i += 2 {
			x, err := t.resolve(n.Content[i+1], v)
			if err != nil {
				return nil, err
			}
			m[n.Content[i].Value] = x
		}
		return m, nil
	}
	return n.Value, nil
}

// holds reckons a condition.
func (t *Template) holds(name string, v Values) (bool, error) {
	n, ok := t.conditions[name]
	if !ok {
		return false, fmt.Errorf("there is no condition %s", name)
	}
	return t.reckon(n, v)
}

func (t *Template) reckon(n *yaml.Node, v Values) (bool, error) {
	switch n.Tag {
	case "!Condition":
		return t.holds(n.Value, v)
	case "!Not":
		x, err := t.reckon(n.Content[0], v)
		return !x, err
	case "!And":
		for _, c := range n.Content {
			if x, err := t.reckon(c, v); err != nil || !x {
				return false, err
			}
		}
		return true, nil
	case "!Equals":
		a, err := t.resolve(n.Content[0], v)
		if err != nil {
			return false, err
		}
		b, err := t.resolve(n.Content[1], v)
		return fmt.Sprint(a) == fmt.Sprint(b), err
	}
	return false, fmt.Errorf("condition %s isn't known here", n.Tag)
}

// Texts gives one text, or a list of them.
func Texts(v any) []string {
	switch x := v.(type) {
	case nil:
		return nil
	case []any:
		out := make([]string, len(x))
		for i, y := range x {
			out[i] = fmt.Sprint(y)
		}
		return out
	}
	return []string{fmt.Sprint(v)}
}
