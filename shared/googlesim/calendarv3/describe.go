package calendarv3

import (
	"maps"
	"slices"
)

// Method describes one method of the API as the simulator has it. Tables and
// tests are generated from it.
type Method struct {
	Name   string   // as in Google's discovery document: "calendar.events.list"
	Verb   string   // GET, POST, …
	Path   string   // template below /calendar/v3/
	Has    bool     // false: answers 501 with the name
	Scopes []string // short names, one of which a token needs
	Params []string // query parameters of its own, beside those that all methods take
	Body   bool     // takes a JSON body
	Writes bool     // changes events, and counts as a write
}

// Methods lists every method of the document, first those that the simulator
// has.
func Methods() []Method {
	var out []Method
	for _, m := range append(methods(), absent()...) {
		out = append(out, Method{Name: m.name, Verb: m.verb, Path: m.path, Has: m.handle != nil, Scopes: slices.Clone(m.scopes),
			Params: slices.Clone(m.params), Body: m.body != nil, Writes: m.write && m.body != channelShape})
	}
	return out
}

// OnlyValues are the parameters of which the simulator has a single value, and
// answers 501 to the others.
func OnlyValues() map[string]string {
	out := map[string]string{}
	for name, p := range paramTable {
		if p.only != "" {
			out[name] = p.only
		}
	}
	return out
}

// CommonParams are the parameters that every method takes.
func CommonParams() []string { return slices.Sorted(maps.Keys(commonParams)) }
