package calendarv3

// What is asked for of each answer. A partial response is about a third of a
// whole one; what isn't named here doesn't arrive. A test holds every name to
// Google's discovery document, which would otherwise be found out by an event
// that lacks something.
const (
	eventFields = "id,status,etag,created,updated,eventType," +
		"summary,description,location,visibility,transparency," +
		"start,end,recurrence,recurringEventId,originalStartTime," +
		"organizer(self),attendees(email,displayName,responseStatus,optional,organizer,self)," +
		"hangoutLink,conferenceData(entryPoints(entryPointType,uri))," +
		"extendedProperties(private)"

	instancesFields = "nextPageToken,accessRole,items(" + eventFields + ")"

	changesFields = "nextPageToken,nextSyncToken,accessRole,timeZone,items(" + eventFields + ")"

	calendarFields = "id,summary,summaryOverride,accessRole,primary,timeZone,deleted"

	calendarsFields = "nextPageToken,items(" + calendarFields + ")"
)
