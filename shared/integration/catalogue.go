package integration

import (
	"fmt"
	"strings"

	"aura.example/integrations/shared/fault"
)

// Scope is one permission that a provider is asked for.
type Scope struct {
	Name     string // as the provider spells it
	Title    string // what it is called among people: "your list of calendars"
	Purpose  string // what Aura needs it for, for people: "list your calendars, …"
	Required bool
}

// Provider is one line of the catalogue.
type Provider struct {
	Key    string // stable, in URLs
	Name   string // for people
	Auth   string // oauth2; a provider with entered credentials would say so
	Scopes []Scope
	Kinds  []Kind // event kinds that a user may import besides the default ones
}

// Kind is a sort of event that is not imported unless the user asks for it.
type Kind struct {
	Key  string
	Name string
}

// Catalogue is all providers that this deployment knows, in the order shown.
type Catalogue []Provider

// Find gives a provider by its key; Invalid unknown_provider otherwise.
func (c Catalogue) Find(key string) (Provider, error) {
	for _, p := range c {
		if p.Key == key {
			return p, nil
		}
	}
	return Provider{}, fault.Newf(fault.Invalid, "unknown_provider", "There is no provider %q.", key)
}

// MissingMessage names each missing permission in plain words, and what it is for.
func MissingMessage(missing ...Scope) string {
	parts := make([]string, len(missing))
	for i, s := range missing {
		parts[i] = fmt.Sprintf("%s (to %s)", s.Title, s.Purpose)
	}
	return "A permission that Aura needs was not granted: " + strings.Join(parts, "; ") + ". Re-authorize and leave every box ticked."
}
