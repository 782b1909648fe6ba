package calendarv3

import (
	"cmp"
	"slices"
	"time"
)

// eventsGet answers deleted events too: with everything they had, and status
// cancelled.
func (c *call) eventsGet() (out *reply, err *Error) {
	now := c.s.o.Now()
	err = c.s.view(func(st *state) *Error {
		e, err := c.entry(st)
		if err != nil {
			return err
		}
		ev := e.cal.find(c.vars["eventId"], now)
		if ev == nil {
			return errNotFound()
		}
		out, err = c.eventReply(st, e, ev)
		return err
	})
	return out, err
}

// eventsInstances lists the occurrences of one series, exceptions among them.
func (c *call) eventsInstances() (out *reply, err *Error) {
	now := c.s.o.Now()
	err = c.s.view(func(st *state) *Error {
		e, err := c.entry(st)
		if err != nil {
			return err
		}
		master := e.cal.events[c.vars["eventId"]]
		if master == nil || master.is(cancelled) || e.role == RoleFreeBusy {
			return errNotFound()
		}
		if !master.is(recurring) {
			return errInvalid("The event is not recurring.")
		}
		if err := c.checkList(now); err != nil {
			return err
		}
		b, err := c.bookmark(st, e, now)
		if err != nil {
			return err
		}
		f := c.q.filter()
		p := e.cal.instancePage(master, &f, c, b, now)
		doc := e.listHead()
		if p.more {
			next := b
			next.at, next.sub, next.before, next.bsub = p.at, p.sub, b.at, b.sub
			next.query = c.pageQuery(b)
			doc["nextPageToken"] = st.seal(next.as(pageKind))
		}
		out, err = c.listReply(st, e, doc, p.events)
		return err
	})
	return out, err
}

// instancePage lines up a series' instances and exceptions by their original
// start.
func (c *calendar) instancePage(master *event, f *filter, call *call, b bookmark, now time.Time) page {
	f.single = true
	all := c.instances(master, f.from, f.to, now)
	for _, x := range c.children[master.id] {
		if f.shows(c, x, now) && !(c.ghost(x) && c.findInstance(x.id, now) != nil) {
			all = append(all, x)
		}
	}
	if want := call.q.Get("originalStart"); want != "" {
		all = onlyOriginal(all, want)
	}
	sortByOriginal(all)
	begin := min(int(b.at), len(all))
	end := min(begin+call.q.number("maxResults", pageNormal, pageMost), len(all))
	return page{events: all[begin:end], at: int64(end), more: end < len(all)}
}

// onlyOriginal keeps the occurrence whose original start was asked for: a date,
// or an RFC 3339 time.
func onlyOriginal(all []*event, want string) []*event {
	var out []*event
	for _, e := range all {
		m := Event(e.resource().object("originalStartTime"))
		t, err := parseInstant(want)
		if m.text("date") == want || err == nil && e.original == t.Unix() {
			out = append(out, e)
		}
	}
	return out
}

// sortByOriginal lines exceptions up where their occurrence was, not where they
// have been moved to.
func sortByOriginal(all []*event) {
	slices.SortFunc(all, func(a, b *event) int { return cmp.Compare(a.original, b.original) })
}
