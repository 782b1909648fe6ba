package calendarv3

import (
	"bytes"
	"net/http"
	"slices"
	"time"
)

// Page sizes of events.list and events.instances.
const (
	pageNormal = 250
	pageMost   = 2500
)

// notWithSync are the parameters that events.list refuses together with
// syncToken.
var notWithSync = []string{"iCalUID", "orderBy", "privateExtendedProperty", "q", "sharedExtendedProperty", "timeMax", "timeMin", "updatedMin"}

// withoutSync are those after which a listing ends without a sync token: it has
// an order of its own, or shows a search result rather than a calendar.
var withoutSync = []string{"orderBy", "q", "iCalUID", "privateExtendedProperty", "sharedExtendedProperty", "updatedMin"}

// updatedMinReach is how far back updatedMin may lie: tombstones are only
// promised for so long.
const updatedMinReach = 28 * 24 * time.Hour

// eventsList is a read for all its tokens: nothing is remembered between pages
// but what the tokens carry.
func (c *call) eventsList() (out *reply, err *Error) {
	now := c.s.o.Now()
	err = c.s.view(func(st *state) *Error {
		e, err := c.entry(st)
		if err != nil {
			return err
		}
		if err := c.checkList(now); err != nil {
			return err
		}
		b, err := c.bookmark(st, e, now)
		if err != nil {
			return err
		}
		out, err = c.listPage(st, e, b, now)
		return err
	})
	return out, err
}

// checkList holds the rules about which parameters go together.
func (c *call) checkList(now time.Time) *Error {
	if c.q.Has("syncToken") {
		for _, name := range notWithSync {
			if c.q.Has(name) {
				return errInvalid("The parameter %s cannot be used together with a sync token.", name).at(name)
			}
		}
		if c.q.Get("showDeleted") == "false" {
			return errInvalid("showDeleted cannot be false together with a sync token.").at("showDeleted")
		}
	}
	if c.q.Get("orderBy") == "startTime" && !c.q.flag("singleEvents") {
		return refuse(http.StatusBadRequest, "badRequest", "The requested ordering is not available for the particular query.").at("orderBy")
	}
	from, hasFrom := c.q.time("timeMin")
	to, hasTo := c.q.time("timeMax")
	if hasFrom && hasTo && !from.Before(to) {
		return refuseCalendar(http.StatusBadRequest, "timeRangeEmpty", "The specified time range is empty.").at("timeMax")
	}
	if t, ok := c.q.time("updatedMin"); ok && now.Sub(t) > updatedMinReach {
		return refuseCalendar(http.StatusGone, "updatedMinTooLongAgo", "The requested minimum modification time lies too far in the past.").at("updatedMin")
	}
	_, err := c.zone(nil)
	return err
}

// zone is the timeZone parameter, or the given default.
func (c *call) zone(normal *time.Location) (*time.Location, *Error) {
	name := c.q.Get("timeZone")
	if name == "" {
		return normal, nil
	}
	loc, err := loadZone(name)
	if err != nil {
		return nil, errParam("timeZone", name)
	}
	return loc, nil
}

// bookmark says where this call's page begins and what its listing covers.
func (c *call) bookmark(st *state, e *entry, now time.Time) (bookmark, *Error) {
	start := bookmark{
		what: e.cal.num, who: e.acct.num, query: queryHash(c.q.Values, "syncToken"), epoch: e.cal.epoch, rights: e.epoch,
		issued: now.Unix(), upto: e.cal.seq,
	}
	if token := c.q.Get("syncToken"); c.q.Has("syncToken") {
		b, ok := st.open(syncKind, token)
		// "All other query parameters should be the same as for the initial
		// synchronization to avoid undefined behavior": what is undefined at
		// Google is refused here. The filters that syncToken forbids were taken
		// out of what the token remembers.
		if !ok || b.what != start.what || b.who != start.who || b.query != queryHash(c.q.Values, syncUnbound...) {
			return b, errSyncToken()
		}
		if b.epoch != start.epoch || b.rights != start.rights || b.expired(now, c.s.quota.limits.SyncTokenLife) {
			return b, errFullSync()
		}
		start.after = b.after
	}
	token := c.q.Get("pageToken")
	if token == "" {
		return start, nil
	}
	b, ok := st.open(pageKind, token)
	// A page belongs to the request that it continues, its sync token included.
	if !ok || b.what != start.what || b.who != start.who || b.query != c.pageQuery(start) || b.rights != start.rights {
		return b, errPageToken()
	}
	b.query, b.epoch = start.query, start.epoch
	if asked(c.r.Context(), repeatPage) {
		b.at, b.sub = b.before, b.bsub
	}
	return b, nil
}

// syncUnbound are parameters that a sync token doesn't remember: the filters
// that must not come again with it, and showDeleted, which it implies.
var syncUnbound = append([]string{"syncToken", "showDeleted"}, notWithSync...)

// pageQuery is what a page token is bound to: the method, what it is about, and
// the parameters that matter.
func (c *call) pageQuery(b bookmark) uint64 {
	return queryHash(map[string][]string{
		"method": {c.m.name}, "event": {c.vars["eventId"]}, "query": {etagOf(int64(b.query))}, "sync": {c.q.Get("syncToken")},
	})
}

// listPage makes one page and the token after it.
func (c *call) listPage(st *state, e *entry, b bookmark, now time.Time) (*reply, *Error) {
	f := c.q.filter()
	f.single = f.single || e.role == RoleFreeBusy
	scan := e.cal.plain
	if f.single || f.orderBy != "" {
		scan = e.cal.expanded
	}
	rows := max(0, min(c.s.o.PageRows(c.q.number("maxResults", pageNormal, pageMost)), pageMost))
	p := scan(&f, b, rows, now)
	doc := e.listHead()
	switch {
	case p.more:
		next := b
		next.at, next.sub, next.before, next.bsub = p.at, p.sub, b.at, b.sub
		next.query = c.pageQuery(b)
		doc["nextPageToken"] = st.seal(next.as(pageKind))
	case !slices.ContainsFunc(withoutSync, c.q.Has):
		next := b
		next.after, next.upto, next.at, next.sub, next.before, next.bsub = b.upto, 0, 0, 0, 0, 0
		next.query, next.issued = queryHash(c.q.Values, syncUnbound...), now.Unix()
		doc["nextSyncToken"] = st.seal(next.as(syncKind))
	}
	return c.listReply(st, e, doc, p.events)
}

// as is the bookmark as a token of a kind.
func (b bookmark) as(kind byte) bookmark { b.kind = kind; return b }

// listReply writes the document by hand around the items, which are copied as
// they are stored.
func (c *call) listReply(st *state, e *entry, doc Event, events []*event) (*reply, *Error) {
	v, err := c.viewer(st, e)
	if err != nil {
		return nil, err
	}
	head, merr := marshal(doc)
	if merr != nil {
		return nil, merr
	}
	size := len(head) + 16
	for _, ev := range events {
		size += len(ev.raw) + 1
	}
	var b bytes.Buffer
	b.Grow(size)
	b.Write(head[:len(head)-1])
	b.WriteString(`,"items":[`)
	for i, ev := range events {
		if i > 0 {
			b.WriteByte(',')
		}
		b.Write(v.listed(ev))
	}
	b.WriteString("]}")
	return &reply{body: b.Bytes(), etag: doc.text("etag"), of: eventsShape}, nil
}

// listHead is what every listing of a calendar's events says about the
// calendar.
func (e *entry) listHead() Event {
	doc := Event{
		"kind": "calendar#events", "etag": etagOf(e.cal.stamp), "summary": e.cal.meta.Summary,
		"updated": updatedOf(e.cal.stamp), "timeZone": e.cal.meta.TimeZone, "accessRole": string(e.role),
		"defaultReminders": e.defaultReminders(),
	}
	if e.cal.meta.Description != "" {
		doc["description"] = e.cal.meta.Description
	}
	return doc
}
