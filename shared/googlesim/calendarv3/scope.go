package calendarv3

import (
	"slices"
	"strings"
)

// narrow are scopes that open a method but not every calendar to it (discovery
// document, auth.oauth2.scopes).
var narrow = []string{"calendar.app.created", "calendar.events.owned", "calendar.events.owned.readonly", "calendar.events.freebusy",
	"calendar.events.public.readonly"}

// scoped is the entry as the token's scopes show it: where only narrow ones
// were granted, owned calendars, or just free and busy. No calendar here was
// made by an app or is public, so the scopes for those show none.
func (c *call) scoped(e *entry) (*entry, *Error) {
	granted := func(short string) bool {
		return slices.Contains(c.m.scopes, short) && slices.Contains(c.id.Scopes, scopePrefix+short)
	}
	for _, s := range c.m.scopes {
		if !slices.Contains(narrow, s) && granted(s) {
			return e, nil
		}
	}
	owned := slices.ContainsFunc(narrow, func(s string) bool { return strings.Contains(s, ".owned") && granted(s) })
	switch {
	case owned && e.role == RoleOwner:
		return e, nil
	case granted("calendar.events.freebusy"):
		bare := *e
		bare.role = RoleFreeBusy
		return &bare, nil
	case owned:
		return nil, errScope(c.m)
	}
	return nil, errNotFound()
}
