package calendarv3_test

import (
	"encoding/json"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/google"
	"aura.example/integrations/shared/integration"
)

// discovery is Google's own description of the API, as far as it is used here.
type discovery struct {
	Parameters map[string]any
	Schemas    map[string]schema
	Resources  map[string]struct {
		Methods map[string]struct {
			Parameters map[string]struct{ Enum []string }
			Scopes     []string
			Response   struct {
				Ref string `json:"$ref"`
			}
		}
	}
}

type schema struct {
	Ref                  string `json:"$ref"`
	Properties           map[string]schema
	Items                *schema
	AdditionalProperties *schema
}

// document reads the discovery document that ships inside Google's Go module.
func document(t *testing.T) discovery {
	t.Helper()
	dir, err := exec.CommandContext(t.Context(), "go", "list", "-m", "-f", "{{.Dir}}", "google.golang.org/api").Output()
	if err != nil {
		t.Fatalf("go list: %v", err)
	}
	raw, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "calendar", "v3", "calendar-api.json"))
	if err != nil {
		t.Fatal(err)
	}
	var d discovery
	if err := json.Unmarshal(raw, &d); err != nil {
		t.Fatal(err)
	}
	return d
}

// calls makes every call that a reader can, and gives the requests by method.
func calls(t *testing.T) map[string]*http.Request {
	t.Helper()
	out := map[string]*http.Request{}
	rec := &recorder{answer: says(200, `{"id":"x","accessRole":"owner","nextSyncToken":"s","items":[{"id":"ana@example.com"}]}`)}
	r := serve(t, rec)
	if _, err := r.Calendars(t.Context()); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Changes(t.Context(), calendar.Query{Calendar: primary, Cursor: "s", PageToken: "p", Kinds: []string{google.KindBirthday, google.KindWorkingLocation}}); err != nil {
		t.Fatal(err)
	}
	if _, err := r.Event(t.Context(), primary, "x"); err != nil {
		t.Fatal(err)
	}
	for i, method := range []string{"calendarList.list", "events.list", "events.get"} {
		out[method] = rec.requests[i]
	}
	p := r.(calendar.ProviderWriter)
	e := calendar.Edit{Calendar: primary, ID: "x", ETag: "t", Fields: calendar.Fields(), Content: content, Stamp: "s"}
	rec.answer, rec.requests = says(200, stored), nil
	if _, err := p.Insert(t.Context(), calendar.Insertion{Calendar: primary, ID: "x", Content: content, Stamp: "s", Notify: true}); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Patch(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Restore(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	if err := p.Delete(t.Context(), e); err != nil {
		t.Fatal(err)
	}
	if _, err := p.Occurrence(t.Context(), primary, "x", content.Start); err == nil {
		t.Fatal("an occurrence was found that isn't there")
	}
	for i, method := range []string{"events.insert", "events.patch", "whole", "events.update", "events.delete", "events.instances"} {
		out[method] = rec.requests[i]
	}
	delete(out, "whole") // a get without a mask: a PUT needs all of it
	// The look at one calendar follows a list that found nothing.
	rec = &recorder{answer: says(404, refusal(404, "notFound"))}
	if _, err := serve(t, rec).Changes(t.Context(), calendar.Query{Calendar: primary}); err == nil {
		t.Fatal("a calendar was listed that isn't there")
	}
	out["calendarList.get"] = rec.requests[1]
	return out
}

// TestRequestsAreWhatGoogleDocuments: every parameter, every value of a closed
// list, every name in a field mask, and a granted scope for every method.
func TestRequestsAreWhatGoogleDocuments(t *testing.T) {
	t.Parallel()
	d := document(t)
	for name, r := range calls(t) {
		resource, method, _ := strings.Cut(name, ".")
		m, ok := d.Resources[resource].Methods[method]
		if !ok {
			t.Fatalf("Google has no %s", name)
		}
		for param, values := range r.URL.Query() {
			p, own := m.Parameters[param]
			if _, common := d.Parameters[param]; !own && !common {
				t.Errorf("%s has no parameter %s", name, param)
			}
			for _, v := range values {
				if p.Enum != nil && !slices.Contains(p.Enum, v) {
					t.Errorf("%s: %s may not be %s", name, param, v)
				}
			}
		}
		granted := slices.ContainsFunc(google.Provider().Scopes, func(s integration.Scope) bool {
			return slices.Contains(m.Scopes, s.Name)
		})
		if !granted {
			t.Errorf("%s needs one of %v", name, m.Scopes)
		}
		mask := r.URL.Query().Get("fields")
		if m.Response.Ref == "" && mask == "" {
			continue // it answers with nothing
		}
		if rest := d.check(t, name, schema{Ref: m.Response.Ref}, mask); rest != "" {
			t.Errorf("%s: the mask goes on with %q", name, rest)
		}
	}
}

// check follows one level of a field mask, name(inner),name, down the schemas,
// and gives what it didn't read.
func (d discovery) check(t *testing.T, where string, s schema, mask string) string {
	t.Helper()
	for {
		end := strings.IndexAny(mask, "(),")
		if end < 0 {
			end = len(mask)
		}
		name := mask[:end]
		inner, ok := d.resolve(s).Properties[name]
		if !ok {
			t.Errorf("%s has no field %q", where, name)
		}
		mask = mask[end:]
		if strings.HasPrefix(mask, "(") {
			mask = strings.TrimPrefix(d.check(t, where+"."+name, inner, mask[1:]), ")")
		}
		if !strings.HasPrefix(mask, ",") {
			return mask
		}
		mask = mask[1:]
	}
}

func (d discovery) resolve(s schema) schema {
	for {
		switch {
		case s.Ref != "":
			s = d.Schemas[s.Ref]
		case s.Items != nil:
			s = *s.Items
		default:
			return s
		}
	}
}
