package calendarv3

import (
	"encoding/json"
	"fmt"
	"strings"
	"time"
)

// event is a stored event. The resource itself is kept as the JSON that the
// calendar's owner gets, so that a listing copies bytes; beside it stand only
// the fields that are searched. 10,000 events must stay under 2 KB each.
type event struct {
	id       string
	raw      []byte
	ord      uint32 // place in the calendar's order
	changed  uint64 // calendar.seq of the last change
	stamp    int64  // etag
	updated  int64  // milliseconds: changing reminders doesn't move it
	start    int64  // Unix seconds; of a master: of its first instance
	end      int64
	master   string // of an exception: recurringEventId
	original int64  // of an exception: originalStartTime, Unix seconds
	uid      string // iCalUID where it isn't <id>@google.com
	marks    mark
	// reminders of accounts other than the calendar's owner: they are a matter
	// between an event and each of its readers.
	reminders map[string]json.RawMessage
}

type mark uint16

const (
	cancelled  mark = 1 << iota // status
	recurring                   // has recurrence lines
	allDay                      // start has a date
	hidden                      // visibility private or confidential: readers see no details
	special                     // eventType other than default
	withMaster                  // cancelled because its whole series was, and to come back with it
	orphaned                    // an exception whose series no longer has that occurrence: listed as {id, status} only
	split                       // master <base>_R<time>
)

// is says whether a mark is set.
func (e *event) is(m mark) bool { return e.marks&m != 0 }

// set changes a mark.
func (e *event) set(m mark, on bool) {
	if on {
		e.marks |= m
	} else {
		e.marks &^= m
	}
}

// resource decodes the stored JSON, to be changed and stored again.
func (e *event) resource() Event {
	doc, err := decodeObject(e.raw)
	if err != nil { // only ever written by index
		return Event{"id": e.id}
	}
	return doc
}

// index builds the searched fields from a resource that is about to be stored.
// Times that can't be read are zero: a seed may be as broken as the test wants
// it.
func index(doc Event, zone *time.Location) (*event, error) {
	raw, err := json.Marshal(map[string]any(doc))
	if err != nil {
		return nil, fmt.Errorf("event does not encode: %w", err)
	}
	e := &event{id: doc.text("id"), raw: raw, master: doc.text("recurringEventId")}
	if uid := doc.text("iCalUID"); uid != e.id+uidSuffix {
		e.uid = uid
	}
	e.start, _ = doc.instant("start", zone)
	e.end, _ = doc.instant("end", zone)
	e.original, _ = doc.instant("originalStartTime", zone)
	_, dated := doc.object("start")["date"]
	e.set(allDay, dated)
	e.set(cancelled, doc.text("status") == statusCancelled)
	e.set(recurring, len(doc.list("recurrence")) > 0)
	v := doc.text("visibility")
	e.set(hidden, v == "private" || v == "confidential")
	t := doc.text("eventType")
	e.set(special, t != "" && t != eventTypeDefault)
	e.set(split, e.is(recurring) && splitBase(e.id) != "")
	return e, nil
}

const (
	statusCancelled  = "cancelled"
	statusConfirmed  = "confirmed"
	eventTypeDefault = "default"
	uidSuffix        = "@google.com"
)

// eventTypes are all that the API knows.
var eventTypes = []string{"birthday", "default", "focusTime", "fromGmail", "outOfOffice", "workingLocation"}

// eventType reads the type of a stored event without decoding it, unless it is
// a special one.
func (e *event) eventType() string {
	if !e.is(special) {
		return eventTypeDefault
	}
	return e.resource().text("eventType")
}

// iCalUID is the stored one, or the one derived from the id.
func (e *event) iCalUID() string {
	if e.uid != "" {
		return e.uid
	}
	return e.id + uidSuffix
}

// base is what the ids of a master's instances begin with: its own id, but for
// the second half of a split series the id of the series that it was split
// from. Nobody outside may draw conclusions from it.
func (e *event) base() string {
	if e.is(split) {
		return splitBase(e.id)
	}
	return e.id
}

// splitBase is <base> of an id <base>_R<time>, or "".
func splitBase(id string) string {
	i := strings.LastIndex(id, "_R")
	if i <= 0 {
		return ""
	}
	if _, ok := parseStamp(id[i+2:]); !ok {
		return ""
	}
	return id[:i]
}

// The accessors of an Event answer the zero value for what is missing or of
// another type.

func (d Event) text(name string) string { s, _ := d[name].(string); return s }

func (d Event) list(name string) []any { l, _ := d[name].([]any); return l }

func (d Event) object(name string) map[string]any { return asObject(d[name]) }

func (d Event) number(name string) int64 { n, _ := wholeNumber(d[name], false); return n }

func asObject(v any) map[string]any { m, _ := v.(map[string]any); return m }

// instant reads a start, end or originalStartTime as Unix seconds. A date
// begins at midnight of the calendar's zone.
func (d Event) instant(name string, zone *time.Location) (int64, bool) {
	m, err := readMoment(d.object(name), zone)
	if err != nil {
		return 0, false
	}
	return m.at.Unix(), true
}
