package calendarv3

// The resources of the API, written down from the discovery document by hand:
// the client under test has its own structs, and a mistake shared with it would
// hide in both. TestShapesAreGoogles compares them with the document.
var (
	momentShape = object(map[string]*shape{}, "text: date dateTime timeZone")

	reminderShape = object(map[string]*shape{}, "text: method", "whole: minutes")

	personShape = object(map[string]*shape{}, "text: displayName email id", "flag: self")

	attendeeShape = object(map[string]*shape{},
		"text: asyncOperation comment displayName email id responseStatus",
		"flag: optional organizer resource self",
		"whole: additionalGuests")

	attachmentShape = object(map[string]*shape{}, "text: fileId fileUrl iconLink mimeType title")

	eventShape = object(map[string]*shape{
		"attachments":               list(attachmentShape),
		"attendees":                 list(attendeeShape),
		"birthdayProperties":        anything,
		"conferenceData":            anything,
		"creator":                   personShape,
		"end":                       momentShape,
		"extendedProperties":        object(map[string]*shape{"private": texts, "shared": texts}),
		"focusTimeProperties":       anything,
		"gadget":                    anything,
		"organizer":                 personShape,
		"originalStartTime":         momentShape,
		"outOfOfficeProperties":     anything,
		"recurrence":                list(text),
		"reminders":                 object(map[string]*shape{"overrides": list(reminderShape)}, "flag: useDefault"),
		"source":                    object(map[string]*shape{}, "text: title url"),
		"start":                     momentShape,
		"workingLocationProperties": anything,
	},
		"text: colorId created description etag eventLabelId eventType hangoutLink htmlLink iCalUID id kind location",
		"text: recurringEventId status summary transparency updated visibility",
		"flag: anyoneCanAddSelf attendeesOmitted endTimeUnspecified guestsCanInviteOthers guestsCanModify",
		"flag: guestsCanSeeOtherGuests locked privateCopy",
		"whole: sequence")

	eventsShape = object(map[string]*shape{
		"defaultReminders": list(reminderShape),
		"items":            list(eventShape),
	}, "text: accessRole description etag kind nextPageToken nextSyncToken summary timeZone updated")

	conferencePropertiesShape = object(map[string]*shape{"allowedConferenceSolutionTypes": list(text)})

	calendarShape = object(map[string]*shape{
		"conferenceProperties": conferencePropertiesShape,
		"labelProperties":      anything,
	}, "text: dataOwner description etag id kind location summary timeZone", "flag: autoAcceptInvitations")

	entryShape = object(map[string]*shape{
		"conferenceProperties": conferencePropertiesShape,
		"defaultReminders":     list(reminderShape),
		"notificationSettings": object(map[string]*shape{
			"notifications": list(object(map[string]*shape{}, "text: method type")),
		}),
	},
		"text: accessRole backgroundColor colorId dataOwner description etag foregroundColor id kind location summary",
		"text: summaryOverride timeZone",
		"flag: autoAcceptInvitations deleted hidden primary selected")

	calendarListShape = object(map[string]*shape{"items": list(entryShape)},
		"text: etag kind nextPageToken nextSyncToken")

	channelShape = object(map[string]*shape{"params": texts},
		"text: address id kind resourceId resourceUri token type", "long: expiration", "flag: payload")
)

// readOnly are the members of an event that a body may carry (clients send back
// what they got) and that only the server sets. eventType, iCalUID and id are
// not among them: those are checked, not ignored.
var readOnly = []string{
	"kind", "etag", "htmlLink", "created", "updated", "creator", "organizer", "recurringEventId", "originalStartTime",
	"hangoutLink", "locked", "privateCopy", "endTimeUnspecified", "attendeesOmitted",
}

// ignored are members that Calendar overlooks unless a parameter asks for them
// (conferenceDataVersion, supportsAttachments, eventLabelVersion), which this
// simulator refuses, and those that it no longer honours.
var ignored = []string{"conferenceData", "attachments", "eventLabelId", "gadget", "anyoneCanAddSelf"}
