package calendarv3

import (
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// method is one entry of the API: what the discovery document says about it,
// and what answers it.
type method struct {
	name   string // as in the document: "calendar.events.list"
	verb   string
	path   string // template below /calendar/v3/
	scopes []string
	params []string // names in paramTable
	body   *shape   // nil: takes none
	write  bool     // changes state; counts against the write quotas
	handle func(*call) (*reply, *Error)
}

// Scopes by the short names that the table uses.
const scopePrefix = "https://www.googleapis.com/auth/"

var (
	// Who may read the calendar list, calendars, events; who may write events.
	// Each as the document lists it.
	readList     = strings.Fields("calendar calendar.calendarlist calendar.calendarlist.readonly calendar.readonly")
	readEntry    = append([]string{"calendar.app.created"}, readList...)
	readCalendar = strings.Fields("calendar calendar.app.created calendar.calendars calendar.calendars.readonly calendar.readonly")
	readEvents   = strings.Fields("calendar calendar.app.created calendar.events calendar.events.freebusy calendar.events.owned " +
		"calendar.events.owned.readonly calendar.events.public.readonly calendar.events.readonly calendar.readonly")
	writeEvents = strings.Fields("calendar calendar.app.created calendar.events calendar.events.owned")
	moveEvents  = strings.Fields("calendar calendar.events calendar.events.owned")
	anyWatch    = strings.Fields("calendar calendar.acls calendar.acls.readonly calendar.app.created calendar.calendarlist " +
		"calendar.calendarlist.readonly calendar.events calendar.events.freebusy calendar.events.owned calendar.events.owned.readonly " +
		"calendar.events.public.readonly calendar.events.readonly calendar.readonly calendar.settings calendar.settings.readonly")

	listParams = strings.Fields("alwaysIncludeEmail eventTypes iCalUID maxAttendees maxResults orderBy pageToken " +
		"privateExtendedProperty q sharedExtendedProperty showDeleted showHiddenInvitations singleEvents syncToken timeMax timeMin " +
		"timeZone updatedMin")
	entryParams  = strings.Fields("maxResults minAccessRole pageToken showDeleted showHidden showOwnOrganizationOnly syncToken")
	writeParams  = strings.Fields("alwaysIncludeEmail conferenceDataVersion eventLabelVersion maxAttendees sendNotifications sendUpdates supportsAttachments")
	insertParams = writeParams[1:]
)

// methods is the contents page: what the simulator has.
func methods() []*method {
	const (
		get, post, put, patch, del = http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete

		list   = "users/me/calendarList"
		events = "calendars/{calendarId}/events"
		event  = events + "/{eventId}"
	)
	params := func(s string) []string { return strings.Fields(s) }
	return []*method{
		{"calendar.calendarList.list", get, list, readList, entryParams, nil, false, (*call).calendarListList},
		{"calendar.calendarList.get", get, list + "/{calendarId}", readEntry, nil, nil, false, (*call).calendarListGet},
		{"calendar.calendarList.watch", post, list + "/watch", readList, entryParams, channelShape, true, (*call).calendarListWatch},
		{"calendar.calendars.get", get, "calendars/{calendarId}", readCalendar, nil, nil, false, (*call).calendarsGet},
		{"calendar.events.list", get, events, readEvents, listParams, nil, false, (*call).eventsList},
		{"calendar.events.get", get, event, readEvents, params("alwaysIncludeEmail maxAttendees timeZone"), nil, false, (*call).eventsGet},
		{"calendar.events.instances", get, event + "/instances", readEvents,
			params("alwaysIncludeEmail maxAttendees maxResults originalStart pageToken showDeleted timeMax timeMin timeZone"), nil, false, (*call).eventsInstances},
		{"calendar.events.insert", post, events, writeEvents, insertParams, eventShape, true, (*call).eventsInsert},
		{"calendar.events.import", post, events + "/import", writeEvents,
			params("conferenceDataVersion eventLabelVersion supportsAttachments"), eventShape, true, (*call).eventsImport},
		{"calendar.events.update", put, event, writeEvents, writeParams, eventShape, true, (*call).eventsUpdate},
		{"calendar.events.patch", patch, event, writeEvents, writeParams, eventShape, true, (*call).eventsPatch},
		{"calendar.events.delete", del, event, writeEvents, params("sendNotifications sendUpdates"), nil, true, (*call).eventsDelete},
		{"calendar.events.move", post, event + "/move", moveEvents, params("destination sendNotifications sendUpdates"), nil, true, (*call).eventsMove},
		{"calendar.events.watch", post, events + "/watch", readEvents, listParams, channelShape, true, (*call).eventsWatch},
		{"calendar.channels.stop", post, "channels/stop", anyWatch, nil, channelShape, true, (*call).channelsStop},
	}
}

// absent are the methods of the document that the simulator refuses with 501
// and the name.
func absent() []*method {
	var out []*method
	for line := range strings.Lines(`
		acl.delete DELETE calendars/{calendarId}/acl/{ruleId}
		acl.get GET calendars/{calendarId}/acl/{ruleId}
		acl.insert POST calendars/{calendarId}/acl
		acl.list GET calendars/{calendarId}/acl
		acl.patch PATCH calendars/{calendarId}/acl/{ruleId}
		acl.update PUT calendars/{calendarId}/acl/{ruleId}
		acl.watch POST calendars/{calendarId}/acl/watch
		calendarList.delete DELETE users/me/calendarList/{calendarId}
		calendarList.insert POST users/me/calendarList
		calendarList.patch PATCH users/me/calendarList/{calendarId}
		calendarList.update PUT users/me/calendarList/{calendarId}
		calendars.clear POST calendars/{calendarId}/clear
		calendars.delete DELETE calendars/{calendarId}
		calendars.insert POST calendars
		calendars.patch PATCH calendars/{calendarId}
		calendars.transferOwnership POST calendars/{calendarId}/transferOwnership
		calendars.update PUT calendars/{calendarId}
		colors.get GET colors
		events.quickAdd POST calendars/{calendarId}/events/quickAdd
		freebusy.query POST freeBusy
		settings.get GET users/me/settings/{setting}
		settings.list GET users/me/settings
		settings.watch POST users/me/settings/watch`) {
		if f := strings.Fields(line); len(f) == 3 {
			out = append(out, &method{name: "calendar." + f[0], verb: f[1], path: f[2]})
		}
	}
	return out
}

// match compares an escaped path below /calendar/v3/ with the template.
// Segments are unescaped one by one, so that an id may contain a slash.
func (m *method) match(verb, escaped string) (map[string]string, bool) {
	if verb != m.verb {
		return nil, false
	}
	want, have := strings.Split(m.path, "/"), strings.Split(escaped, "/")
	if len(want) != len(have) {
		return nil, false
	}
	vars := map[string]string{}
	for i, w := range want {
		h, err := url.PathUnescape(have[i])
		if err != nil || h == "" {
			return nil, false
		}
		if name, ok := strings.CutPrefix(w, "{"); ok {
			vars[strings.TrimSuffix(name, "}")] = h
		} else if h != w {
			return nil, false
		}
	}
	return vars, true
}

// allows says whether one of the granted scopes is among those that the
// document lists for the method.
func (m *method) allows(granted []string) bool {
	return slices.ContainsFunc(granted, func(g string) bool {
		short, ok := strings.CutPrefix(g, scopePrefix)
		return ok && slices.Contains(m.scopes, short)
	})
}
