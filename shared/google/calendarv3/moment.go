package calendarv3

import (
	"time"

	api "google.golang.org/api/calendar/v3"

	"aura.example/integrations/shared/calendar"
)

// moment takes over a point of an event; zero where it is missing or can't be
// read. An all-day one carries no zone: a date is the same day everywhere, and
// a zone beside it would make two equal dates differ.
func moment(t *api.EventDateTime) calendar.Time {
	switch {
	case t == nil:
		return calendar.Time{}
	case t.Date != "":
		d, err := time.Parse(time.DateOnly, t.Date)
		if err != nil {
			return calendar.Time{}
		}
		return calendar.Time{Date: d.Format(time.DateOnly)}
	case t.DateTime == "":
		return calendar.Time{}
	}
	at, err := time.Parse(time.RFC3339, t.DateTime)
	if err != nil {
		if at, err = local(t.DateTime, t.TimeZone); err != nil {
			return calendar.Time{}
		}
	}
	// In UTC: the offset says nothing that the zone's name doesn't, and a page of
	// times would otherwise hold a made-up location each.
	return calendar.Time{At: at.UTC(), Zone: t.TimeZone}
}

// local reads a time without an offset, which is allowed beside a zone
// (discovery document, EventDateTime.dateTime). Google answers with an offset;
// other servers of this API need not.
func local(value, zone string) (time.Time, error) {
	if zone == "" {
		zone = "UTC"
	}
	loc, err := time.LoadLocation(zone)
	if err != nil {
		return time.Time{}, err
	}
	return time.ParseInLocation("2006-01-02T15:04:05", value, loc)
}
