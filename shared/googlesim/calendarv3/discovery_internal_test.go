package calendarv3

import (
	"maps"
	"slices"
	"strings"
	"testing"

	"aura.example/integrations/shared/googlesim/discovery"
)

func google(t *testing.T) *discovery.Document {
	t.Helper()
	doc, err := discovery.Load()
	if err != nil {
		t.Fatal(err)
	}
	return doc
}

// TestMethodsAreGoogles: every method of the document is there, with its verb, path, scopes and parameters, or refused by
// name; and there is nothing that Google doesn't have.
func TestMethodsAreGoogles(t *testing.T) {
	t.Parallel()
	theirs := map[string]*discovery.Method{}
	for _, m := range google(t).Methods() {
		theirs[m.ID] = m
	}
	for _, m := range Methods() {
		g := theirs[m.Name]
		delete(theirs, m.Name)
		if g == nil {
			t.Errorf("%s: not in Google's document", m.Name)
			continue
		}
		if m.Verb != g.HTTPMethod || m.Path != g.Path {
			t.Errorf("%s: %s %s, at Google %s %s", m.Name, m.Verb, m.Path, g.HTTPMethod, g.Path)
		}
		if !m.Has {
			continue
		}
		var params, scopes []string
		for name, p := range g.Parameters {
			if p.Location == "query" {
				params = append(params, name)
			}
		}
		for _, s := range g.Scopes {
			scopes = append(scopes, strings.TrimPrefix(s, scopePrefix))
		}
		same := func(what string, ours, theirs []string) {
			slices.Sort(ours)
			slices.Sort(theirs)
			if !slices.Equal(ours, theirs) {
				t.Errorf("%s: %s\nours   %v\ntheirs %v", m.Name, what, ours, theirs)
			}
		}
		same("parameters", m.Params, params)
		same("scopes", m.Scopes, scopes)
		if m.Body != (g.Request != nil) {
			t.Errorf("%s: takes a body: %v", m.Name, m.Body)
		}
	}
	if len(theirs) > 0 {
		t.Errorf("neither there nor refused by name: %v", slices.Sorted(maps.Keys(theirs)))
	}
}

// TestParametersAreGoogles compares type, repetition and enumeration.
func TestParametersAreGoogles(t *testing.T) {
	t.Parallel()
	doc := google(t)
	check := func(name string, p param, g discovery.Schema) {
		want := map[paramKind]string{paramText: "string", paramFlag: "boolean", paramNumber: "integer", paramVersion: "integer", paramTime: "string", paramEnum: "string"}[p.is]
		enum := slices.Clone(p.enum)
		slices.Sort(enum)
		theirs := slices.Clone(g.Enum)
		slices.Sort(theirs)
		if g.Type != want || g.Repeated != p.repeated || g.Required != p.required || !slices.Equal(enum, theirs) || (g.Format == "date-time") != (p.is == paramTime) {
			t.Errorf("%s: ours %+v, theirs %+v", name, p, g)
		}
	}
	for _, m := range doc.Methods() {
		for name, g := range m.Parameters {
			if p, ok := paramTable[name]; ok && g.Location == "query" {
				check(name, p, g)
			}
		}
	}
	for name, g := range doc.Parameters {
		p, ok := commonParams[name]
		if !ok {
			t.Errorf("%s: missing among the common parameters", name)
			continue
		}
		check(name, p, g)
	}
	if len(commonParams) != len(doc.Parameters) {
		t.Errorf("common parameters: ours %v", CommonParams())
	}
}

// TestShapesAreGoogles compares the resources, member by member.
func TestShapesAreGoogles(t *testing.T) {
	t.Parallel()
	doc := google(t)
	var compare func(at string, s *shape, g discovery.Schema)
	compare = func(at string, s *shape, g discovery.Schema) {
		if g.Ref != "" {
			g = doc.Schemas[g.Ref]
		}
		kinds := map[string][]kindOf{"string": {isText, isLong}, "boolean": {isFlag}, "integer": {isWhole}, "array": {isList}, "object": {isObject, isTexts, isAnything}}
		if !slices.Contains(kinds[g.Type], s.is) || (s.is == isLong) != (g.Format == "int64") {
			t.Errorf("%s: ours %v, theirs %s %s", at, s.is, g.Type, g.Format)
			return
		}
		switch s.is {
		case isList:
			compare(at+"[]", s.of, *g.Items)
		case isTexts:
			if g.AdditionalProperties == nil || g.AdditionalProperties.Type != "string" {
				t.Errorf("%s: theirs has named members", at)
			}
		case isObject:
			ours, theirs := slices.Sorted(maps.Keys(s.fields)), slices.Sorted(maps.Keys(g.Properties))
			if !slices.Equal(ours, theirs) {
				t.Errorf("%s\nours   %v\ntheirs %v", at, ours, theirs)
				return
			}
			for _, name := range ours {
				compare(at+"."+name, s.fields[name], g.Properties[name])
			}
		}
	}
	for name, s := range map[string]*shape{"Event": eventShape, "Events": eventsShape, "Calendar": calendarShape,
		"CalendarListEntry": entryShape, "CalendarList": calendarListShape, "Channel": channelShape} {
		compare(name, s, doc.Schemas[name])
	}
}

// TestEventTypesAreGoogles: the list stands twice in the document, once as an enumeration.
func TestEventTypesAreGoogles(t *testing.T) {
	t.Parallel()
	for _, m := range google(t).Methods() {
		if p, ok := m.Parameters["eventTypes"]; ok && !slices.Equal(p.Enum, eventTypes) {
			t.Errorf("%s: %v", m.ID, p.Enum)
		}
	}
}
