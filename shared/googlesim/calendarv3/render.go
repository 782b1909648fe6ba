package calendarv3

import (
	"encoding/json"
	"hash/fnv"
	"net/http"
	"strings"
	"time"
)

// viewer is how one caller sees a calendar's events. For the owner who asks for
// nothing special, that is the stored bytes; every other case decodes and
// rewrites.
type viewer struct {
	e            *entry
	zone         *time.Location // nil: as stored, in the calendar's
	maxAttendees int            // 0: all
	own          bool           // the caller is the calendar's data owner, whose reminders the resource has
}

// viewer reads from the parameters how the caller wants to see events.
func (c *call) viewer(_ *state, e *entry) (*viewer, *Error) {
	zone, err := c.zone(nil)
	if err != nil {
		return nil, err
	}
	return &viewer{e: e, zone: zone, maxAttendees: c.q.number("maxAttendees", 0, 1<<30), own: e.owns()}, nil
}

// owns says whether the entry's account is the calendar's data owner.
func (e *entry) owns() bool { return strings.EqualFold(e.cal.owner, e.acct.email) }

// listed renders a row of a listing. What was deleted is only hinted at.
func (v *viewer) listed(e *event) []byte {
	if e.is(cancelled) {
		return v.tombstone(e)
	}
	return v.whole(e)
}

// tombstone: of a deleted event only the id is certain, of a cancelled
// exception also what it is an exception to. Google's listings show both, and
// some rows as bare as {id, status}; here that is decided by the id, so that
// every client meets all of them and a test meets the same one every time.
func (v *viewer) tombstone(e *event) []byte {
	d := Event{"id": e.id, "status": statusCancelled}
	exception := e.master != "" && !e.is(orphaned) && !e.is(withMaster)
	if exception && v.e.role != RoleFreeBusy {
		full := e.resource()
		d["recurringEventId"], d["originalStartTime"] = e.master, full["originalStartTime"]
	}
	if exception || e.master == "" && !bareTombstone(e.id) {
		d["kind"], d["etag"] = "calendar#event", etagOf(e.stamp)
	}
	return mustMarshal(d)
}

// bareTombstone picks half of all ids.
func bareTombstone(id string) bool {
	h := fnv.New32a()
	h.Write([]byte(id))
	return h.Sum32()%2 == 1
}

// whole renders an event as far as the caller's role shows it.
func (v *viewer) whole(e *event) []byte {
	if v.own && v.zone == nil && v.maxAttendees == 0 && v.e.role.writes() {
		return e.raw
	}
	return mustMarshal(v.document(e))
}

// document is the resource as the caller gets it, decoded.
func (v *viewer) document(e *event) Event {
	d := e.resource()
	switch {
	case v.e.role == RoleFreeBusy:
		d = bareEvent(d)
	case v.e.role == RoleReader && e.is(hidden):
		d = withoutDetails(d)
	default:
		v.personal(e, d)
	}
	if v.zone != nil {
		inViewersZone(d, v.zone)
	}
	return d
}

// personal puts in what differs from reader to reader: reminders, and how many
// guests were asked for.
func (v *viewer) personal(e *event, d Event) {
	if !v.own {
		d["reminders"] = map[string]any{"useDefault": true}
		if own, ok := e.reminders[v.e.acct.email]; ok {
			d["reminders"] = own
		}
	}
	guests := d.list("attendees")
	if v.maxAttendees == 0 || len(guests) <= v.maxAttendees {
		return
	}
	// "If there are more than the specified number of attendees, only the
	// participant is returned."
	var self []any
	for _, g := range guests {
		if asObject(g)["self"] == true {
			self = append(self, g)
		}
	}
	d["attendees"], d["attendeesOmitted"] = self, true
	if self == nil {
		delete(d, "attendees")
	}
}

// bareEvent is what freeBusyReader sees: that somebody is busy, and when.
// Series come expanded and don't say that they are any.
func bareEvent(d Event) Event {
	return pick(d, "kind", "etag", "id", "status", "start", "end", "transparency", "eventType")
}

// withoutDetails is what a reader sees of a private event.
func withoutDetails(d Event) Event {
	return pick(d, "kind", "etag", "id", "status", "htmlLink", "updated", "created", "start", "end", "visibility",
		"recurrence", "recurringEventId", "originalStartTime", "iCalUID", "sequence", "transparency", "eventType")
}

// pick copies the named members that are there.
func pick(d Event, names ...string) Event {
	out := Event{}
	for _, name := range names {
		if v, ok := d[name]; ok {
			out[name] = v
		}
	}
	return out
}

// inViewersZone writes the times with the offset of another zone; the zone that
// the event names stays.
func inViewersZone(d Event, zone *time.Location) {
	for _, name := range []string{"start", "end", "originalStartTime"} {
		m := Event(d.object(name))
		if t, err := time.Parse(time.RFC3339, m.text("dateTime")); err == nil {
			d[name] = map[string]any{"dateTime": t.In(zone).Format(time.RFC3339), "timeZone": m["timeZone"]}
		}
	}
}

// marshal encodes a document; what can't be encoded was never decoded from
// JSON.
func marshal(d Event) ([]byte, *Error) {
	raw, err := json.Marshal(map[string]any(d))
	if err != nil {
		return nil, refuse(http.StatusInternalServerError, "backendError", "Backend Error")
	}
	return raw, nil
}

// mustMarshal is for documents made of what was decoded from JSON.
func mustMarshal(d Event) []byte {
	raw, err := marshal(d)
	if err != nil {
		return []byte("{}")
	}
	return raw
}

// eventReply answers with one event.
func (c *call) eventReply(st *state, e *entry, ev *event) (*reply, *Error) {
	v, err := c.viewer(st, e)
	if err != nil {
		return nil, err
	}
	return &reply{body: v.whole(ev), etag: etagOf(ev.stamp), of: eventShape}, nil
}
