package calendarv3

import (
	"encoding/json"
	"maps"
	"net/http"
	"slices"
	"time"
)

// put stores a finished resource as a new state of its calendar. quiet keeps
// `updated`, which changes of reminders do not move.
func (st *state) put(c *calendar, d Event, quiet bool, reminders map[string]json.RawMessage) (*event, *Error) {
	stamp := st.tick()
	d["kind"], d["etag"] = "calendar#event", etagOf(stamp)
	if !quiet || d.text("updated") == "" {
		d["updated"] = updatedOf(stamp)
	}
	e, err := index(d, c.zone)
	if err != nil {
		return nil, refuse(http.StatusInternalServerError, "backendError", "Backend Error")
	}
	e.stamp, e.reminders = stamp, reminders
	if t, err := time.Parse(time.RFC3339, d.text("updated")); err == nil {
		e.updated = t.UnixMilli()
	}
	missing := c.vanishing(c.events[e.id], e, st.now)
	c.store(e)
	for id, v := range missing {
		v.changed = e.changed
		c.vanished[id] = v
	}
	c.stamp = stamp
	return e, nil
}

// amend writes a changed resource in place of ev, which may be a virtual
// instance that becomes an exception by it. It holds the rules about who may
// change what; after is the whole resource as the caller wants it, from the
// caller's point of view (the reminders in it are the caller's).
func (st *state) amend(e *entry, ev *event, after Event) (*event, *Error) {
	before := ev.resource()
	mine := (&viewer{e: e, own: e.owns()}).remindersOf(ev, before)
	if t := after.text("eventType"); t != "" && t != before.text("eventType") {
		return nil, errEventType("The event type cannot be changed.")
	}
	for _, name := range append([]string{"id", "iCalUID", "eventType"}, readOnly...) {
		if v, ok := before[name]; ok {
			after[name] = v
		} else {
			delete(after, name)
		}
	}
	if err := e.cal.settle(after); err != nil {
		return nil, err
	}
	wanted := after["reminders"]
	before["reminders"] = mine
	changed := differences(e.cal.settled(before), after)
	if err := mayChange(ev, before, after, changed); err != nil {
		return nil, err
	}
	reminders := maps.Clone(ev.reminders)
	if !e.owns() {
		raw, err := json.Marshal(wanted)
		if err != nil {
			return nil, errInvalid("Invalid reminders.")
		}
		if reminders == nil {
			reminders = map[string]json.RawMessage{}
		}
		reminders[e.acct.email] = raw
		after["reminders"] = ev.resource()["reminders"]
	}
	advance(before, after, changed)
	wide := widerVisibility(ev, before, after)
	stored, err := st.put(e.cal, after, onlyIn(changed, "reminders"), reminders)
	if err != nil {
		return nil, err
	}
	if err := st.followUp(e.cal, stored, before, changed); err != nil {
		return nil, err
	}
	if wide {
		err = st.restrictSeries(e.cal, stored.master, after.text("visibility"))
	}
	st.notify(e.cal)
	return stored, err
}

// settled is a copy in the form that a write would give it: what a seed stored
// as it was must not count as a change.
func (c *calendar) settled(d Event) Event {
	out := copyDoc(d)
	if c.settle(out) != nil {
		return d
	}
	return out
}

// remindersOf are the caller's own.
func (v *viewer) remindersOf(ev *event, d Event) any {
	if v.own {
		return d["reminders"]
	}
	shown := Event{}
	v.personal(ev, shown)
	return shown["reminders"]
}

// bookkeeping are members that change without anybody having changed them.
var bookkeeping = []string{"etag", "updated", "sequence", "kind"}

// differences names the members in which two resources differ.
func differences(a, b Event) []string {
	var out []string
	for name := range a {
		if _, ok := b[name]; !ok || !same(a[name], b[name]) {
			out = append(out, name)
		}
	}
	for name := range b {
		if _, ok := a[name]; !ok {
			out = append(out, name)
		}
	}
	return slices.DeleteFunc(out, func(n string) bool { return slices.Contains(bookkeeping, n) })
}

// same compares by JSON, in which 1 and 1 are equal whatever Go type they came
// in.
func same(a, b any) bool {
	x, errX := json.Marshal(a)
	y, errY := json.Marshal(b)
	return errX == nil && errY == nil && string(x) == string(y)
}

// onlyIn says whether something differs and nothing outside the list does.
func onlyIn(changed []string, list ...string) bool {
	return len(changed) > 0 && !slices.ContainsFunc(changed, func(n string) bool { return !slices.Contains(list, n) })
}

// advance raises the sequence number when what it counts has changed: when the
// event is, or whether.
func advance(before, after Event, changed []string) {
	seq := max(before.number("sequence"), after.number("sequence"))
	significant := slices.ContainsFunc(changed, func(n string) bool {
		return slices.Contains([]string{"start", "end", "recurrence", "status"}, n)
	})
	if significant && seq == before.number("sequence") {
		seq++
	}
	after["sequence"] = seq
}

// cancelEvent deletes softly. A series takes its exceptions along, which come
// back with it.
func (st *state) cancelEvent(e *entry, ev *event) (*event, *Error) {
	d := ev.resource()
	d["status"] = statusCancelled
	d["sequence"] = d.number("sequence") + 1
	stored, err := st.put(e.cal, d, false, maps.Clone(ev.reminders))
	if err != nil {
		return nil, err
	}
	if stored.is(recurring) {
		err = st.cancelChildren(e.cal, stored.id, withMaster)
	}
	st.notify(e.cal)
	return stored, err
}

// ifMatch holds a write to the state that the client has seen.
func (c *call) ifMatch(ev *event) *Error {
	header := c.r.Header.Get("If-Match")
	if header == "" || matches(header, etagOf(ev.stamp)) {
		return nil
	}
	e := refuse(http.StatusPreconditionFailed, "conditionNotMet", "Precondition Failed")
	e.LocationType, e.Location = "header", "If-Match"
	return e
}
