package calendarv3

import (
	"net/http"
	"net/url"
	"slices"
	"strconv"
	"strings"
	"time"
)

// param says what values a query parameter takes.
type param struct {
	is       paramKind
	repeated bool
	required bool
	enum     []string
	max      int    // of a number; 0: none
	only     string // the one value (beside leaving it out) that the simulator has; others answer 501
}

type paramKind uint8

const (
	paramText paramKind = iota
	paramFlag
	paramNumber // from 1
	paramVersion
	paramTime
	paramEnum
)

// paramTable has the parameters of all methods; a name means the same wherever
// the document has it.
var paramTable = map[string]param{
	"alwaysIncludeEmail":      {is: paramFlag}, // deprecated at Google and ignored
	"conferenceDataVersion":   {is: paramVersion, max: 1, only: "0"},
	"destination":             {required: true},
	"eventLabelVersion":       {is: paramVersion, max: 1, only: "0"},
	"eventTypes":              {is: paramEnum, repeated: true, enum: eventTypes},
	"iCalUID":                 {},
	"maxAttendees":            {is: paramNumber},
	"maxResults":              {is: paramNumber},
	"minAccessRole":           {is: paramEnum, enum: []string{"freeBusyReader", "owner", "reader", "writer", "writerWithoutPrivateAccess"}},
	"orderBy":                 {is: paramEnum, enum: []string{"startTime", "updated"}},
	"originalStart":           {},
	"pageToken":               {},
	"privateExtendedProperty": {repeated: true},
	"q":                       {},
	"sendNotifications":       {is: paramFlag}, // nobody is mailed
	"sendUpdates":             {is: paramEnum, enum: []string{"all", "externalOnly", "none"}},
	"sharedExtendedProperty":  {repeated: true},
	"showDeleted":             {is: paramFlag},
	"showHidden":              {is: paramFlag},
	"showHiddenInvitations":   {is: paramFlag}, // there are none
	"showOwnOrganizationOnly": {is: paramFlag, only: "false"},
	"singleEvents":            {is: paramFlag},
	"supportsAttachments":     {is: paramFlag, only: "false"},
	"syncToken":               {},
	"timeMax":                 {is: paramTime},
	"timeMin":                 {is: paramTime},
	"timeZone":                {},
	"updatedMin":              {is: paramTime},
}

// commonParams belong to every method.
var commonParams = map[string]param{
	"alt":         {is: paramEnum, enum: []string{"json"}},
	"fields":      {},
	"key":         {},
	"oauth_token": {},
	"prettyPrint": {is: paramFlag},
	"quotaUser":   {},
	"userIp":      {},
}

// params are a request's query parameters after checking, so that reading them
// can't fail.
type params struct{ url.Values }

// checkParams refuses what the method doesn't take, and values that it can't
// read.
func (m *method) checkParams(q url.Values) (params, *Error) {
	for name, values := range q {
		p, ok := commonParams[name]
		if !ok {
			if p, ok = paramTable[name]; !ok || !slices.Contains(m.params, name) {
				return params{}, refuse(http.StatusBadRequest, "badRequest",
					"Invalid JSON payload received. Unknown name %q: Cannot bind query parameter.", clip(name)).at(clip(name))
			}
		}
		if len(values) > 1 && !p.repeated {
			return params{}, errParam(name, "given more than once")
		}
		for _, v := range values {
			if err := p.check(m, name, v); err != nil {
				return params{}, err
			}
		}
	}
	for _, name := range m.params {
		if paramTable[name].required && q.Get(name) == "" {
			return params{}, errRequired("Required parameter: %s", name).at(name)
		}
	}
	return params{q}, nil
}

// check reads one value for its form. Numbers begin at 1, versions at 0; what
// is too high is cut later, not refused, unless the document gives a maximum.
func (p param) check(m *method, name, v string) *Error {
	switch p.is {
	case paramFlag:
		if v != "true" && v != "false" {
			return errParam(name, v)
		}
	case paramNumber, paramVersion:
		n, err := strconv.ParseInt(v, 10, 32)
		if low := int64(1 - p.max); err != nil || n < low || p.max > 0 && n > int64(p.max) {
			return errParam(name, v)
		}
	case paramEnum:
		if !slices.Contains(p.enum, v) {
			return errParam(name, v)
		}
	case paramTime:
		if _, err := parseInstant(v); err != nil {
			return errParam(name, v)
		}
	}
	if p.only != "" && v != p.only {
		return errNotHere("%s with %s=%s", m.name, name, v)
	}
	return nil
}

// errParam blames a parameter by name, as a client's log wants it.
func errParam(name, value string) *Error {
	return refuse(http.StatusBadRequest, "invalidParameter", "Invalid value for: %s is not a valid value of %s", clip(value), name).at(name)
}

// errNotHere is the simulator's own answer, and none of Google's: the request
// may be right, but this can't show it.
func errNotHere(format string, args ...any) *Error {
	e := refuse(http.StatusNotImplemented, "notImplemented", "The simulator does not have "+format, args...)
	e.rpcStatus = "UNIMPLEMENTED"
	return e
}

// parseInstant reads an RFC 3339 time with an offset. Google ignores fractions
// of a second.
func parseInstant(v string) (time.Time, error) {
	t, err := time.Parse(time.RFC3339, strings.ToUpper(v))
	return t.Truncate(time.Second), err
}

// flag is a checked flag; leaving it out is false for all of them.
func (p params) flag(name string) bool { return p.Get(name) == "true" }

// number is a checked number, or its default, cut off at the API's cap rather
// than refused: maxResults=9999 is legal.
func (p params) number(name string, normal, most int) int {
	n, err := strconv.Atoi(p.Get(name))
	if err != nil {
		return normal
	}
	return min(n, most)
}

// time is a checked time; ok says whether it was given.
func (p params) time(name string) (t time.Time, ok bool) {
	if !p.Has(name) {
		return t, false
	}
	t, err := parseInstant(p.Get(name))
	return t, err == nil
}
