// Package calendarv3 reads and writes events at Google: it implements
// calendar.Reader and calendar.ProviderWriter on Google Calendar's API,
// version 3.
//
// It links google.golang.org/api and with it grpc and OpenTelemetry; only the
// sync worker may import it. What doesn't need the API is in package google.
//
// # Listing
//
// Every list asks for the same things, since a sync token is good only for the
// request that it came from: masters and exceptions (singleEvents=false), a
// filter on eventTypes, a fixed mask of fields, pages of 2500. Neither of the
// parameters that Google forbids beside a sync token is ever sent. showDeleted
// is left out: a first list then gives living events and the cancelled
// exceptions of living series, and an incremental one gives deletions anyway.
//
// One page is held at a time. Its body is read as a whole by Google's client
// before it is decoded, so a page costs a few MB for as long as it is decoded.
//
// # Decoding
//
// Nothing that a calendar may hold makes a page fail: one odd event must not
// stop the others. What can't be understood is left out of the event, and the
// rules are safe ones: an unknown visibility is private, a time that can't be
// read is zero. A live event whose start or end is zero is one that the engine
// should set aside. Ids are never parsed.
//
// # Writing
//
// A write carries the fields that it is to change, its stamp among the private
// properties, and nothing else: never reminders, colour, label, conference or
// guests, and of one occurrence neither recurrence nor visibility. It says in
// every call whether guests are written to, and it is conditional on an etag
// wherever there is one to present. What comes back is decoded as a list's
// events are, since it is what is stored from then on.
//
// An occurrence is found by series and original start before it is written to
// (occurrence.go); no id is ever built from another.
//
// # Failure
//
// One table (answers) says what each refusal means, by status and reason,
// never by message. Nothing is retried here, with one exception that needs no
// budget: a call refused with 401 asks for a renewed token and is sent again,
// once. The cause of an error names the call, the status and the reasons, never
// a body or an address, which would carry tokens and e-mails into logs.
package calendarv3
