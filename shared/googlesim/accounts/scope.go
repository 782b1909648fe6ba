package accounts

import (
	"slices"
	"strings"
)

const (
	scopePrefix  = "https://www.googleapis.com/auth/"
	scopeOpenID  = "openid"
	scopeEmail   = scopePrefix + "userinfo.email"
	scopeProfile = scopePrefix + "userinfo.profile"
)

// signIn are the scopes that Google's consent page never offers a tick box
// for: allowing anything at all allows these.
var signIn = map[string]string{
	scopeOpenID:  "Associate you with your personal info on Google",
	scopeEmail:   "See your primary Google Account email address",
	scopeProfile: "See your personal info, including any personal info you've made publicly available",
}

// calendarScopes are those of Calendar v3 with the sentence that the consent
// page shows. A test holds the set to Google's discovery document.
var calendarScopes = map[string]string{
	"calendar":                        "See, edit, share, and permanently delete all the calendars you can access using Google Calendar",
	"calendar.acls":                   "See and change the sharing permissions of Google calendars you own",
	"calendar.acls.readonly":          "See the sharing permissions of Google calendars you own",
	"calendar.app.created":            "Make secondary Google calendars, and see, create, change, and delete events on them",
	"calendar.calendarlist":           "See, add, and remove Google calendars you're subscribed to",
	"calendar.calendarlist.readonly":  "See the list of Google calendars you're subscribed to",
	"calendar.calendars":              "See and change the properties of Google calendars you have access to, and create secondary calendars",
	"calendar.calendars.readonly":     "See the title, description, default time zone, and other properties of Google calendars you have access to",
	"calendar.events":                 "View and edit events on all your calendars",
	"calendar.events.freebusy":        "See the availability on Google calendars you have access to",
	"calendar.events.owned":           "See, create, change, and delete events on Google calendars you own",
	"calendar.events.owned.readonly":  "See the events on Google calendars you own",
	"calendar.events.public.readonly": "See the events on public calendars",
	"calendar.events.readonly":        "View events on all your calendars",
	"calendar.freebusy":               "View your availability in your calendars",
	"calendar.readonly":               "See and download any calendar you can access using your Google Calendar",
	"calendar.settings":               "View and edit your Calendar settings",
	"calendar.settings.readonly":      "View your Calendar settings",
}

// CanonicalScope is the form in which Google returns a scope: the OpenID
// short names become URLs, everything else stays. A client that compares what
// it asked for with what it got by string sees "email" refused for ever.
func CanonicalScope(scope string) string {
	switch scope {
	case "email":
		return scopeEmail
	case "profile":
		return scopeProfile
	}
	return scope
}

// scopeText is the consent page's sentence for a canonical scope; false for a
// scope that no API here knows.
func scopeText(scope string) (string, bool) {
	if text, ok := signIn[scope]; ok {
		return text, true
	}
	text, ok := calendarScopes[strings.TrimPrefix(scope, scopePrefix)]
	return text, ok && strings.HasPrefix(scope, scopePrefix)
}

func isSignIn(scope string) bool { _, ok := signIn[scope]; return ok }

// parseScopes splits a scope parameter into canonical scopes, sorted, each
// once. Google promises no order either; sorting is just one that is unlikely
// to be the client's.
func parseScopes(param string) []string {
	var out []string
	for _, s := range strings.Fields(param) {
		out = append(out, CanonicalScope(s))
	}
	slices.Sort(out)
	return slices.Compact(out)
}

func union(a, b []string) []string {
	out := append(slices.Clone(a), b...)
	slices.Sort(out)
	return slices.Compact(out)
}

func subset(a, of []string) bool {
	return !slices.ContainsFunc(a, func(s string) bool { return !slices.Contains(of, s) })
}
