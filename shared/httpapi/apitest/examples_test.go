package apitest

import (
	"encoding/json"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/getkin/kin-openapi/openapi3"
)

func TestExamplesAreOfTheirSchema(t *testing.T) {
	t.Parallel()
	v, checked := load(t), 0
	for route, op := range operations(v.Document()) {
		method, path, _ := strings.Cut(route, " ")
		at := []string{"paths", path, strings.ToLower(method)}
		if op.RequestBody != nil {
			checked += examples(t, v, route+" request", op.RequestBody.Value.Content, append(at, "requestBody"))
		}
		for status, r := range op.Responses.Map() {
			checked += examples(t, v, route+" "+status, r.Value.Content, append(slices.Clone(at), "responses", status))
			for media, m := range r.Value.Content {
				if media == "application/problem+json" {
					problemExamples(t, v, route+" "+status, status, m)
					problemCodes(t, v, route+" "+status, status, append(slices.Clone(at), "responses", status))
				}
			}
		}
	}
	for name, ref := range v.Document().Components.Schemas {
		for i, ex := range ref.Value.Examples {
			raw, _ := json.Marshal(ex)
			if err := v.bodies.validate(raw, "components", "schemas", name); err != nil {
				t.Errorf("schema %s, example %d: %v", name, i, err)
			}
			checked++
		}
	}
	if checked < 300 {
		t.Errorf("only %d examples were checked: the walk is broken", checked)
	}
}

func examples(t *testing.T, v *Validator, where string, content openapi3.Content, at []string) int {
	t.Helper()
	n := 0
	for media, m := range content {
		if m.Schema == nil {
			continue
		}
		if len(m.Examples) == 0 {
			t.Errorf("%s: %s has no example", where, media)
		}
		for name, ex := range m.Examples {
			raw, err := json.Marshal(ex.Value.Value)
			if err != nil {
				t.Fatal(err)
			}
			if err := v.bodies.check(media, raw, at...); err != nil {
				t.Errorf("%s, example %s: %v", where, name, err)
			}
			n++
		}
	}
	return n
}

// problemExamples holds examples to what a live problem is held to.
func problemExamples(t *testing.T, v *Validator, where, status string, m *openapi3.MediaType) {
	t.Helper()
	n, _ := strconv.Atoi(status)
	for name, ex := range m.Examples {
		raw, _ := json.Marshal(ex.Value.Value)
		var p struct {
			CorrelationID string `json:"correlation_id"`
		}
		_ = json.Unmarshal(raw, &p)
		resp := &http.Response{StatusCode: n, Header: http.Header{}}
		resp.Header.Set("Content-Type", "application/problem+json")
		resp.Header.Set("X-Request-Id", p.CorrelationID)
		if err := v.problem(resp, raw); err != nil {
			t.Errorf("%s, example %s: %v", where, name, err)
		}
	}
}

// problemCodes demands that a response closes the list of its codes, and that
// each of them belongs to its status.
func problemCodes(t *testing.T, v *Validator, where, status string, at []string) {
	t.Helper()
	_, media := v.bodies.follow(append(at, "content", "application/problem+json"))
	schema, _ := media["schema"].(map[string]any) // what stands beside its reference to Problem
	properties, _ := schema["properties"].(map[string]any)
	code, _ := properties["code"].(map[string]any)
	codes, _ := code["enum"].([]any)
	if len(codes) == 0 {
		t.Errorf("%s: any code may be answered", where)
	}
	for _, c := range codes {
		if info := v.problems[c.(string)]; strconv.Itoa(info.Status) != status {
			t.Errorf("%s: code %v belongs to status %d", where, c, info.Status)
		}
	}
	// Where codes bring members of their own, each code is in one alternative.
	alternatives, _ := schema["anyOf"].([]any)
	var listed []any
	for _, a := range alternatives {
		of := a.(map[string]any)["properties"].(map[string]any)["code"].(map[string]any)
		listed = append(listed, of["enum"].([]any)...)
	}
	if len(alternatives) > 0 && fmt.Sprint(sorted(listed)) != fmt.Sprint(sorted(codes)) {
		t.Errorf("%s: the codes are %v, the alternatives' %v", where, codes, listed)
	}
}

func sorted(values []any) []any {
	return slices.SortedFunc(slices.Values(values), func(a, b any) int { return strings.Compare(a.(string), b.(string)) })
}
