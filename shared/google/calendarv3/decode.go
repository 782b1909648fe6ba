package calendarv3

import (
	"net/url"
	"regexp"
	"time"

	api "google.golang.org/api/calendar/v3"

	"aura.example/integrations/shared/calendar"
)

// stampKey is the private extended property in which Aura's writes leave their
// stamp.
const stampKey = "aura"

// instance is how the ids of occurrences end: every one of them does, and what
// ends otherwise is none. Which one it would be is never read from it.
var instance = regexp.MustCompile(`_\d{8}(T\d{6}Z)?$`)

// remote takes over one event. Of a cancelled one Google promises little more
// than the id: what is missing stays empty.
func remote(e *api.Event) calendar.Remote {
	return calendar.Remote{
		ProviderID:      e.Id,
		MasterID:        e.RecurringEventId,
		OriginalStart:   moment(e.OriginalStartTime),
		Deleted:         e.Status == "cancelled",
		MaybeOccurrence: e.Status == "cancelled" && e.RecurringEventId == "" && instance.MatchString(e.Id),
		Content: calendar.Content{
			Title:       e.Summary,
			Description: e.Description,
			Location:    e.Location,
			Start:       moment(e.Start),
			End:         moment(e.End),
			Recurrence:  e.Recurrence,
			Status:      status(e.Status),
			Busy:        e.Transparency != "transparent", // opaque is left out, being the default
			Visibility:  visibility(e.Visibility),
		},
		Mirror:  mirror(e),
		ETag:    e.Etag,
		Updated: timestamp(e.Updated),
		Created: timestamp(e.Created),
		Stamp:   stamp(e),
	}
}

func mirror(e *api.Event) calendar.Mirror {
	m := calendar.Mirror{
		Kind:       e.EventType,
		Conference: conference(e),
		Organizer:  e.Organizer != nil && e.Organizer.Self,
	}
	if m.Kind == "" {
		m.Kind = "default"
	}
	if len(e.Attendees) == 0 {
		return m
	}
	m.Guests = make([]calendar.Guest, 0, len(e.Attendees))
	for _, a := range e.Attendees {
		if a == nil {
			continue
		}
		m.Guests = append(m.Guests, calendar.Guest{
			Email:     a.Email,
			Name:      a.DisplayName,
			Response:  a.ResponseStatus,
			Optional:  a.Optional,
			Organizer: a.Organizer,
			Self:      a.Self,
		})
		if a.Self {
			m.MyResponse = a.ResponseStatus
		}
	}
	return m
}

func status(s string) calendar.EventStatus {
	switch s {
	case "tentative":
		return calendar.Tentative
	case "cancelled":
		return calendar.Cancelled
	}
	return calendar.Confirmed
}

// visibility takes over what may be seen. One that isn't known yet hides: the
// mistake that can be mended is to show too little.
func visibility(v string) calendar.Visibility {
	switch v {
	case "", "default":
		return calendar.DefaultVisibility
	case "public":
		return calendar.Public
	case "confidential":
		return calendar.Confidential
	}
	return calendar.Private
}

// conference is the link to join by video, or the next best that a browser can
// open. The address comes from whoever made the event and ends up as a link on
// a page, so nothing but http and https passes.
func conference(e *api.Event) string {
	var other string
	if e.ConferenceData != nil {
		for _, p := range e.ConferenceData.EntryPoints {
			if p == nil || !isWeb(p.Uri) {
				continue
			}
			if p.EntryPointType == "video" {
				return p.Uri
			}
			if other == "" {
				other = p.Uri
			}
		}
	}
	if isWeb(e.HangoutLink) {
		return e.HangoutLink
	}
	return other
}

func isWeb(address string) bool {
	if address == "" {
		return false
	}
	u, err := url.Parse(address)
	return err == nil && (u.Scheme == "https" || u.Scheme == "http") && u.Host != ""
}

func stamp(e *api.Event) string {
	if e.ExtendedProperties == nil {
		return ""
	}
	return e.ExtendedProperties.Private[stampKey]
}

// timestamp reads Google's own clock readings; zero where there is none.
func timestamp(s string) time.Time {
	t, err := time.Parse(time.RFC3339, s)
	if err != nil {
		return time.Time{}
	}
	return t.UTC()
}
