package samtemplate

import (
	"fmt"
	"maps"
	"os"
	"slices"
	"strings"

	"gopkg.in/yaml.v3"
)

// Template is a parsed template.
type Template struct {
	parameters map[string]*yaml.Node // their defaults
	patterns   map[string]string
	conditions map[string]*yaml.Node
	resources  map[string]*resource
	outputs    map[string]*yaml.Node
	shared     *yaml.Node // Globals' environment of functions
}

type resource struct {
	Type       string
	Properties *yaml.Node
}

// Load reads a template.
func Load(path string) (*Template, error) {
	raw, err := os.ReadFile(path)
	if err != nil {
		return nil, fmt.Errorf("reading the template: %w", err)
	}
	var doc struct {
		Parameters map[string]yaml.Node `yaml:"Parameters"`
		Conditions map[string]yaml.Node `yaml:"Conditions"`
		Resources  map[string]struct {
			Type       string    `yaml:"Type"`
			Properties yaml.Node `yaml:"Properties"`
		} `yaml:"Resources"`
		Globals yaml.Node            `yaml:"Globals"`
		Outputs map[string]yaml.Node `yaml:"Outputs"`
	}
	if err := yaml.Unmarshal(raw, &doc); err != nil {
		return nil, fmt.Errorf("parsing the template: %w", err)
	}
	t := &Template{parameters: map[string]*yaml.Node{}, patterns: map[string]string{}, conditions: map[string]*yaml.Node{}, resources: map[string]*resource{}, outputs: map[string]*yaml.Node{}}
	for name, p := range doc.Parameters {
		t.parameters[name] = member(&p, "Default")
		t.patterns[name] = text(member(&p, "AllowedPattern"))
	}
	for name, c := range doc.Conditions {
		t.conditions[name] = &c
	}
	for name, r := range doc.Resources {
		t.resources[name] = &resource{r.Type, &r.Properties}
	}
	for name, o := range doc.Outputs {
		t.outputs[name] = member(&o, "Value")
	}
	t.shared = member(&doc.Globals, "Function", "Environment", "Variables")
	return t, nil
}

// member follows names of mappings; nil where one isn't there.
func member(n *yaml.Node, path ...string) *yaml.Node {
	for _, name := range path {
		if n == nil || n.Kind != yaml.MappingNode {
			return nil
		}
		var found *yaml.Node
		for i := 0; i+1 < len(n.Content); i += 2 {
			if n.Content[i].Value == name {
				found = n.Content[i+1]
			}
		}
		n = found
	}
	return n
}

func text(n *yaml.Node) string {
	if n == nil {
		return ""
	}
	return n.Value
}

// Function is one function of the template.
type Function struct {
	Name   string // the logical name
	Folder string // below functions/
	role   string
	env    *yaml.Node
}

// Functions lists the functions by their folders.
func (t *Template) Functions() map[string]Function {
	out := map[string]Function{}
	for name, r := range t.resources {
		if r.Type != "AWS::Serverless::Function" {
			continue
		}
		folder := strings.TrimPrefix(text(member(r.Properties, "CodeUri")), "functions/")
		role := strings.TrimSuffix(text(member(r.Properties, "Role")), ".Arn")
		out[folder] = Function{name, folder, role, member(r.Properties, "Environment", "Variables")}
	}
	return out
}

// Pattern is what a parameter's value must match, each of its values where it is
// a list; "" where anything may be said.
func (t *Template) Pattern(parameter string) string { return t.patterns[parameter] }

// Outputs lists the names of the outputs.
func (t *Template) Outputs() []string { return slices.Sorted(maps.Keys(t.outputs)) }

// Output gives an output's value.
func (t *Template) Output(name string, v Values) (any, error) { return t.resolve(t.outputs[name], v) }

// Property gives a property of a resource; nil where it isn't there.
func (t *Template) Property(resource string, v Values, path ...string) (any, error) {
	r, ok := t.resources[resource]
	if !ok {
		return nil, fmt.Errorf("there is no resource %s", resource)
	}
	return t.resolve(member(r.Properties, path...), v)
}

// Environment gives a function's variables, as NAME=value.
func (t *Template) Environment(f Function, v Values) ([]string, error) {
	var out []string
	for _, vars := range []*yaml.Node{t.shared, f.env} {
		if vars == nil {
			continue
		}
		for i := 0; i+1 < len(vars.Content); i += 2 {
			value, err := t.resolve(vars.Content[i+1], v)
			if err != nil {
				return nil, fmt.Errorf("%s of %s: %w", vars.Content[i].Value, f.Folder, err)
			}
			out = append(out, fmt.Sprintf("%s=%v", vars.Content[i].Value, value))
		}
	}
	return out, nil
}

// Route is one route of the API.
type Route struct {
	Method, Path string // {page+} is a path's rest
	Folder       string // of the function
	Authorized   bool   // an authorizer stands in front
}

// Routes lists them.
func (t *Template) Routes() []Route {
	folders := map[string]string{}
	for folder, f := range t.Functions() {
		folders[f.Name] = folder
	}
	between := func(s, before, after string) string {
		_, s, _ = strings.Cut(s, before)
		s, _, _ = strings.Cut(s, after)
		return s
	}
	var out []Route
	for _, r := range t.resources {
		if r.Type != "AWS::ApiGatewayV2::Route" {
			continue
		}
		method, path, _ := strings.Cut(text(member(r.Properties, "RouteKey")), " ")
		integration := between(text(member(r.Properties, "Target")), "${", "}")
		uri := text(member(t.resources[integration].Properties, "IntegrationUri"))
		out = append(out, Route{method, path, folders[between(uri, "/functions/${", ".Arn}")], text(member(r.Properties, "AuthorizationType")) == "JWT"})
	}
	return out
}
