package calendarv3

import "net/http"

// eventsUpdate is PUT: what the body doesn't have is gone. A missing sequence
// number counts as 0. Of a deleted event it is the way back, unless the body
// still says cancelled.
func (c *call) eventsUpdate() (*reply, *Error) {
	return c.rewrite(func(e *entry, ev *event) (Event, *Error) {
		after := Event{}
		for name, v := range c.body {
			after[name] = v
		}
		if after.number("sequence") < ev.resource().number("sequence") {
			return nil, errSequence()
		}
		return after, nil
	})
}

// eventsPatch merges, inside objects as well; null removes, arrays are
// replaced. A sequence number in the body is checked, none is fine.
func (c *call) eventsPatch() (*reply, *Error) {
	return c.rewrite(func(e *entry, ev *event) (Event, *Error) {
		status := Event(c.body).text("status")
		if ev.is(cancelled) && (status == "" || status == statusCancelled) {
			// Deleted: there is nothing to patch, but a status can bring it
			// back.
			return nil, errNotFound()
		}
		after := (&viewer{e: e, own: e.owns()}).document(ev)
		if _, said := c.body["sequence"]; said && Event(c.body).number("sequence") < after.number("sequence") {
			return nil, errSequence()
		}
		merge(after, c.body)
		return after, nil
	})
}

// rewrite is what PUT and PATCH have in common.
func (c *call) rewrite(change func(*entry, *event) (Event, *Error)) (out *reply, err *Error) {
	err = c.s.change(func(st *state) *Error {
		e, err := c.writable(st)
		if err != nil {
			return err
		}
		ev := e.cal.find(c.vars["eventId"], st.now)
		if ev == nil {
			return errNotFound()
		}
		if err := c.ifMatch(ev); err != nil {
			return err
		}
		after, err := change(e, ev)
		if err != nil {
			return err
		}
		for _, name := range ignored {
			delete(after, name)
		}
		if after.text("status") == statusCancelled && !ev.is(cancelled) {
			if ev, err = st.cancelEvent(e, ev); err != nil {
				return err
			}
		} else if ev, err = st.amend(e, ev, after); err != nil {
			return err
		}
		out, err = c.eventReply(st, e, ev)
		return err
	})
	return out, err
}

// merge applies a patch to a document in place.
func merge(into, patch map[string]any) {
	for name, v := range patch {
		switch inner := v.(type) {
		case nil:
			delete(into, name)
		case map[string]any:
			old, ok := into[name].(map[string]any)
			if !ok {
				old = map[string]any{}
			}
			merge(old, inner)
			into[name] = old
		default:
			into[name] = v
		}
	}
}

// eventsDelete deletes softly, once.
func (c *call) eventsDelete() (out *reply, err *Error) {
	err = c.s.change(func(st *state) *Error {
		e, err := c.writable(st)
		if err != nil {
			return err
		}
		ev := e.cal.find(c.vars["eventId"], st.now)
		if ev == nil {
			return errNotFound()
		}
		if ev.is(cancelled) {
			return errDeleted()
		}
		if err := c.ifMatch(ev); err != nil {
			return err
		}
		out = &reply{}
		_, err = st.cancelEvent(e, ev)
		return err
	})
	return out, err
}

// errDeleted is what a second deletion gets; for a client that is as good as
// success.
func errDeleted() *Error { return refuse(http.StatusGone, "deleted", "Resource has been deleted") }
