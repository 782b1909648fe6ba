package google

import (
	"slices"
	"strings"

	"aura.example/integrations/shared/integration"
)

// Key is the provider's key in URLs, records and jobs. It never changes.
const Key = "google-calendar"

// The scopes that Aura asks for. Narrower ones don't do: events can't be
// written with a readonly scope, and calendar.events alone does not allow
// calendarList.list.
const (
	ScopeOpenID       = "openid"
	ScopeEmail        = "email"
	ScopeEvents       = "https://www.googleapis.com/auth/calendar.events"
	ScopeCalendarList = "https://www.googleapis.com/auth/calendar.calendarlist.readonly"
)

// Event kinds that are imported only where the user asks for them.
const (
	KindWorkingLocation = "workingLocation"
	KindBirthday        = "birthday"
)

// Provider is Google Calendar's line of the catalogue.
func Provider() integration.Provider {
	return integration.Provider{
		Key:  Key,
		Name: "Google Calendar",
		Auth: "oauth2",
		Scopes: []integration.Scope{
			{Name: ScopeOpenID, Title: "who you are at Google", Purpose: "recognize your Google account when you reconnect", Required: true},
			{Name: ScopeEmail, Title: "your e-mail address", Purpose: "show which Google account is connected", Required: true},
			{Name: ScopeEvents, Title: "the events of your calendars", Purpose: "read the events of your calendar, and create, change and delete them for you", Required: true},
			{Name: ScopeCalendarList, Title: "the list of your calendars", Purpose: "list your calendars, so that you can choose one", Required: true},
		},
		Kinds: []integration.Kind{
			{Key: KindWorkingLocation, Name: "Working locations"},
			{Key: KindBirthday, Name: "Birthdays"},
		},
	}
}

// spellings are the scopes that Google answers otherwise than they were asked
// for: the OpenID short names come back as URLs.
var spellings = map[string]string{
	"https://www.googleapis.com/auth/userinfo.email":   ScopeEmail,
	"https://www.googleapis.com/auth/userinfo.profile": "profile",
}

// CanonicalScopes splits a token response's scope member into the catalogue's
// spelling, sorted, each scope once. Two sets of scopes are to be compared in
// this form only: by string, "email" would look refused for ever.
func CanonicalScopes(granted string) []string {
	out := strings.Fields(granted)
	for i, s := range out {
		if short, ok := spellings[s]; ok {
			out[i] = short
		}
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// Scope gives the catalogue's line of a scope.
func Scope(name string) integration.Scope {
	for _, s := range Provider().Scopes {
		if s.Name == name {
			return s
		}
	}
	return integration.Scope{Name: name, Title: name}
}
