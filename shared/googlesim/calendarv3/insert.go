package calendarv3

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/binary"
	"encoding/json"
	"net/http"
	"strings"
)

// goodID says whether a client may choose an id: 5 to 1024 characters of
// base32hex (discovery document, Event.id).
func goodID(id string) bool {
	return len(id) >= 5 && len(id) <= 1024 && strings.Trim(id, "abcdefghijklmnopqrstuv0123456789") == ""
}

// eventsInsert ignores If-Match: there is nothing yet that could match.
func (c *call) eventsInsert() (out *reply, err *Error) {
	err = c.s.change(func(st *state) *Error {
		e, err := c.writable(st)
		if err != nil {
			return err
		}
		ev, err := st.insert(e, c.body, asked(c.r.Context(), blindInsert))
		if err != nil {
			return err
		}
		out, err = c.eventReply(st, e, ev)
		return err
	})
	return out, err
}

// insert creates an event. blind overlooks that the id is taken.
func (st *state) insert(e *entry, body Event, blind bool) (*event, *Error) {
	id, uid := body.text("id"), body.text("iCalUID")
	switch {
	case id != "" && uid != "":
		return nil, errInvalid("The id and the iCalUID cannot both be specified.")
	case id != "" && !goodID(id):
		return nil, errInvalid("Invalid resource id value.")
	case id != "" && e.cal.events[id] != nil && !blind:
		// A deleted event keeps its id.
		return nil, refuse(http.StatusConflict, "duplicate", "The requested identifier already exists.")
	}
	if t := body.text("eventType"); t != "" && t != eventTypeDefault {
		return nil, errEventType("Events of type %s cannot be created here.", clip(t))
	}
	d := st.newEvent(e, body)
	d["organizer"] = organizerOf(e.cal)
	return st.create(e, d)
}

// newEvent is the body without what only the server sets, and with what it does
// set.
func (st *state) newEvent(e *entry, body Event) Event {
	d := Event{}
	for name, v := range body {
		d[name] = v
	}
	for _, name := range append(readOnly, ignored...) {
		delete(d, name)
	}
	if d.text("id") == "" {
		d["id"] = st.newID()
	}
	if d.text("iCalUID") == "" {
		d["iCalUID"] = d.text("id") + uidSuffix
	}
	d["eventType"] = eventTypeDefault
	d["sequence"] = max(0, d.number("sequence"))
	d["creator"] = creatorOf(e.cal, e.acct.email)
	d["created"] = st.now.UTC().Format("2006-01-02T15:04:05.000Z")
	d["htmlLink"] = htmlLink(d.text("id"), e.cal.meta.ID)
	return d
}

// create settles and stores a new event.
func (st *state) create(e *entry, d Event) (*event, *Error) {
	if err := e.cal.settle(d); err != nil {
		return nil, err
	}
	var reminders map[string]json.RawMessage
	if !e.owns() { // the creator's reminders, not the owner's
		if raw, err := json.Marshal(d["reminders"]); err == nil {
			reminders = map[string]json.RawMessage{e.acct.email: raw}
		}
		d["reminders"] = map[string]any{"useDefault": true}
	}
	old := e.cal.events[d.text("id")] // an import's, or one that was overlooked
	ev, err := st.put(e.cal, d, false, reminders)
	if err != nil {
		return nil, err
	}
	if old != nil { // its exceptions are the new one's now, as far as it has those occurrences
		before := old.resource()
		err = st.followUp(e.cal, ev, before, differences(before, d))
	}
	st.notify(e.cal)
	return ev, err
}

// eventsImport adds a private copy of somebody's event: its organizer stays who
// it was. An event with that iCalUID that is there already is brought up to
// date.
func (c *call) eventsImport() (out *reply, err *Error) {
	err = c.s.change(func(st *state) *Error {
		e, err := c.writable(st)
		if err != nil {
			return err
		}
		body := Event(c.body)
		if body.text("iCalUID") == "" {
			return errRequired("Missing iCalUID.")
		}
		// "If a non-default event is imported, its type will be changed to
		// default" (discovery document).
		delete(body, "eventType")
		for _, name := range []string{"birthdayProperties", "focusTimeProperties", "outOfOfficeProperties", "workingLocationProperties", "id"} {
			delete(body, name)
		}
		d := st.newEvent(e, body)
		d["organizer"] = organizerOf(e.cal)
		if email := Event(body.object("organizer")).text("email"); email != "" && !strings.EqualFold(email, e.cal.meta.ID) {
			d["organizer"] = pick(body.object("organizer"), "email", "displayName")
		}
		if old := e.cal.byUID(body.text("iCalUID")); old != nil {
			was := old.resource()
			d["id"], d["created"], d["htmlLink"], d["creator"] = old.id, was["created"], was["htmlLink"], was["creator"]
			if d.number("sequence") < was.number("sequence") {
				return errSequence()
			}
		}
		ev, err := st.create(e, d)
		if err != nil {
			return err
		}
		out, err = c.eventReply(st, e, ev)
		return err
	})
	return out, err
}

// byUID finds a single event or master by its iCalUID.
func (c *calendar) byUID(uid string) *event {
	for _, e := range c.order {
		if e.master == "" && e.iCalUID() == uid {
			return e
		}
	}
	return nil
}

// newID makes an id of the form that Google makes: 26 characters of base32hex.
func (st *state) newID() string {
	st.made++
	h := hmac.New(sha256.New, st.key[:])
	h.Write(binary.BigEndian.AppendUint64([]byte("id"), st.made))
	return strings.ToLower(base32.HexEncoding.WithPadding(base32.NoPadding).EncodeToString(h.Sum(nil)[:16]))
}

// htmlLink is where the event would be shown at Google.
func htmlLink(id, calendarID string) string {
	return "https://www.google.com/calendar/event?eid=" + base64.RawURLEncoding.EncodeToString([]byte(id+" "+calendarID))
}

// errSequence is worded as Google's own refusal, which clients have been seen
// to search for.
func errSequence() *Error {
	return errInvalid("Invalid sequence value. The specified sequence number is below the current sequence number of the resource. " +
		"Re-fetch the resource and use its sequence number on the following request.")
}
