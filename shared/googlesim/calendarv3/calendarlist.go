package calendarv3

import (
	"time"
)

// Page sizes of calendarList.list.
const (
	entriesNormal = 100
	entriesMost   = 250
)

// calendarListGet is how a client with the narrow scope for the calendar list
// learns about one calendar; "primary" answers under its real id.
func (c *call) calendarListGet() (out *reply, err *Error) {
	err = c.s.view(func(st *state) *Error {
		e, err := c.entry(st)
		if err != nil {
			return err
		}
		raw, err := marshal(e.document())
		out = &reply{body: raw, etag: etagOf(e.stamp), of: entryShape}
		return err
	})
	return out, err
}

// calendarsGet is apart from the calendar list: it needs other scopes and says
// nothing about the caller.
func (c *call) calendarsGet() (out *reply, err *Error) {
	err = c.s.view(func(st *state) *Error {
		e, err := c.entry(st)
		if err != nil {
			return err
		}
		d := e.cal.metadata()
		d["kind"], d["etag"] = "calendar#calendar", etagOf(e.cal.stamp)
		raw, err := marshal(d)
		out = &reply{body: raw, etag: d.text("etag"), of: calendarShape}
		return err
	})
	return out, err
}

// calendarListList pages and syncs as events.list does, over the account's own
// list of calendars.
func (c *call) calendarListList() (out *reply, err *Error) {
	now := c.s.o.Now()
	err = c.s.view(func(st *state) *Error {
		a, err := c.account(st)
		if err != nil {
			return err
		}
		b, err := c.listBookmark(st, a, now)
		if err != nil {
			return err
		}
		out, err = c.entriesPage(st, a, b, now)
		return err
	})
	return out, err
}

// listBookmark is bookmark for the calendar list, with its own rules about what
// goes with syncToken.
func (c *call) listBookmark(st *state, a *account, now time.Time) (bookmark, *Error) {
	start := bookmark{what: a.num, who: a.num, query: queryHash(c.q.Values, "syncToken"), epoch: a.epoch, issued: now.Unix(), upto: a.seq}
	if c.q.Has("syncToken") {
		for _, name := range []string{"minAccessRole", "showOwnOrganizationOnly"} {
			if c.q.Has(name) {
				return start, errInvalid("The parameter %s cannot be used together with a sync token.", name).at(name)
			}
		}
		for _, name := range []string{"showDeleted", "showHidden"} {
			if c.q.Get(name) == "false" {
				return start, errInvalid("%s cannot be false together with a sync token.", name).at(name)
			}
		}
		b, ok := st.open(syncKind, c.q.Get("syncToken"))
		if !ok || b.what != a.num {
			return b, errSyncToken()
		}
		if b.epoch != a.epoch || b.expired(now, c.s.quota.limits.SyncTokenLife) {
			return b, errFullSync()
		}
		start.after = b.after
	}
	token := c.q.Get("pageToken")
	if token == "" {
		return start, nil
	}
	b, ok := st.open(pageKind, token)
	if !ok || b.what != a.num || b.query != c.pageQuery(start) {
		return b, errPageToken()
	}
	b.query = start.query
	if asked(c.r.Context(), repeatPage) {
		b.at = b.before
	}
	return b, nil
}

// entriesPage looks at so many entries and shows those that pass, so its pages
// may be short as well.
func (c *call) entriesPage(st *state, a *account, b bookmark, now time.Time) (*reply, *Error) {
	rows := max(0, min(c.s.o.PageRows(c.q.number("maxResults", entriesNormal, entriesMost)), entriesMost))
	begin := min(int(b.at), len(a.entries))
	end := min(begin+rows, len(a.entries))
	items := []any{}
	for _, e := range a.entries[begin:end] {
		if c.showsEntry(e, b) {
			items = append(items, e.document())
		}
	}
	doc := Event{"kind": "calendar#calendarList", "etag": etagOf(int64(a.seq)), "items": items}
	next := b
	if end < len(a.entries) {
		next.at, next.before, next.query = int64(end), b.at, c.pageQuery(b)
		doc["nextPageToken"] = st.seal(next.as(pageKind))
	} else if !c.q.Has("minAccessRole") {
		next.after, next.upto, next.at, next.before, next.issued = b.upto, 0, 0, 0, now.Unix()
		doc["nextSyncToken"] = st.seal(next.as(syncKind))
	}
	raw, err := marshal(doc)
	return &reply{body: raw, etag: doc.text("etag"), of: calendarListShape}, err
}

// showsEntry: an incremental listing shows what is deleted or hidden unasked.
func (c *call) showsEntry(e *entry, b bookmark) bool {
	incremental := c.q.Has("syncToken")
	if incremental && (e.changed <= b.after || e.changed > b.upto) {
		return false
	}
	if e.deleted && !incremental && !c.q.flag("showDeleted") || e.hidden && !incremental && !c.q.flag("showHidden") {
		return false
	}
	least := Role(c.q.Get("minAccessRole"))
	if least == "writerWithoutPrivateAccess" { // nobody has it here: the next stronger one
		least = RoleWriter
	}
	return e.role.atLeast(least)
}

// document is the entry as the API shows it.
func (e *entry) document() Event {
	if e.deleted {
		return Event{"kind": "calendar#calendarListEntry", "etag": etagOf(e.stamp), "id": e.cal.meta.ID, "deleted": true}
	}
	d := e.cal.metadata()
	d["kind"], d["etag"], d["accessRole"] = "calendar#calendarListEntry", etagOf(e.stamp), string(e.role)
	d["colorId"], d["backgroundColor"], d["foregroundColor"] = "14", "#9fe1e7", "#000000"
	d["defaultReminders"] = e.defaultReminders()
	switch {
	case e.primary:
		d["primary"], d["selected"] = true, true
	case e.hidden:
		d["hidden"] = true
	default:
		d["selected"] = true
	}
	return d
}

// metadata is what a calendar is for everybody.
func (c *calendar) metadata() Event {
	d := Event{
		"id": c.meta.ID, "summary": c.meta.Summary, "timeZone": c.meta.TimeZone,
		"conferenceProperties": map[string]any{"allowedConferenceSolutionTypes": []any{"hangoutsMeet"}},
	}
	for name, v := range map[string]string{"description": c.meta.Description, "location": c.meta.Location} {
		if v != "" {
			d[name] = v
		}
	}
	if c.meta.ID != c.owner {
		d["dataOwner"] = c.owner
	}
	return d
}

// defaultReminders: ten minutes on the primary calendar, none elsewhere, as a
// new Google account has it.
func (e *entry) defaultReminders() []any {
	if !e.primary {
		return []any{}
	}
	return []any{map[string]any{"method": "popup", "minutes": 10}}
}
