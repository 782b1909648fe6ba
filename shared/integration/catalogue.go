package integration

import "aura.example/integrations/shared/fault"

// Scope is one permission that a provider is asked for.
type Scope struct {
	Name     string // as the provider spells it
	Purpose  string // what Aura needs it for, for people
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
