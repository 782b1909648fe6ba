package calendarv3

import (
	"maps"
	"net/http"
)

// eventsMove needs the right to write on both sides, and both calendars in one
// account.
func (c *call) eventsMove() (out *reply, err *Error) {
	err = c.s.change(func(st *state) *Error {
		from, err := c.writable(st)
		if err != nil {
			return err
		}
		to, err := c.entryOf(st, c.q.Get("destination"))
		if err != nil {
			return err
		}
		ev, err := st.move(from, to, c.vars["eventId"])
		if err != nil {
			return err
		}
		out, err = c.eventReply(st, to, ev)
		return err
	})
	return out, err
}

// move takes an event, a series with its exceptions, to another calendar, which
// becomes its organizer. Where it was, a tombstone stays.
func (st *state) move(from, to *entry, id string) (*event, *Error) {
	ev := from.cal.find(id, st.now)
	if ev == nil || ev.is(cancelled) {
		return nil, errNotFound()
	}
	switch other := to.cal.events[id]; {
	case !to.role.writes():
		return nil, errAccess(RoleWriter)
	case ev.is(special):
		return nil, errEventType("Events of type %s cannot be moved.", ev.eventType())
	case ev.master != "":
		return nil, refuseCalendar(http.StatusBadRequest, "cannotChangeOrganizerOfInstance", "Cannot change the organizer of an instance.")
	case Event(ev.resource().object("organizer"))["self"] != true:
		return nil, errNonOrganizer()
	case from.cal == to.cal:
		return nil, errInvalid("The event is already on that calendar.").at("destination")
	case other != nil && !other.is(cancelled):
		return nil, refuse(http.StatusConflict, "duplicate", "The requested identifier already exists.")
	}
	moved, err := st.carry(ev, to)
	if err != nil {
		return nil, err
	}
	for _, x := range to.cal.children[ev.id] { // of another series, which had this id there
		if from.cal.events[x.id] == nil && !x.is(orphaned) {
			if err := st.setStatus(to.cal, x, statusCancelled, orphaned); err != nil {
				return nil, err
			}
		}
	}
	for _, x := range from.cal.children[ev.id] {
		arrived, err := st.carry(x, to)
		if err != nil {
			return nil, err
		}
		arrived.marks |= x.marks & (withMaster | orphaned)
	}
	st.notify(to.cal)
	_, err = st.cancelEvent(from, ev)
	return moved, err
}

// carry stores a copy of an event on another calendar, organized by it.
func (st *state) carry(ev *event, to *entry) (*event, *Error) {
	d := ev.resource()
	d["organizer"] = organizerOf(to.cal)
	d["creator"] = creatorOf(to.cal, Event(d.object("creator")).text("email"))
	d["htmlLink"] = htmlLink(ev.id, to.cal.meta.ID)
	d["sequence"] = d.number("sequence") + 1
	if err := to.cal.settle(d); err != nil {
		return nil, err
	}
	return st.put(to.cal, d, false, maps.Clone(ev.reminders))
}
