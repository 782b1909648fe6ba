package calendarv3

import (
	"cmp"
	"slices"
	"time"
)

// A listing walks rows. There are two ways.
//
// Plain: stored events as they are, in the order of the calendar or of its
// changes. A page looks at so many rows and shows those that pass the filter,
// so it may be short or empty, as Google's pages are; nothing is sorted or
// copied.
//
// Expanded: instances instead of series (singleEvents, or a caller who may only
// see free and busy), or another order. Everything that passes is collected and
// sorted; a page is a piece of that, found by the key of its first row.

// page is a piece of a listing.
type page struct {
	events []*event
	// at and sub are where the next page begins, if more is true.
	at, sub int64
	more    bool
}

// plain scans up to n rows beginning at the one that b says.
func (c *calendar) plain(f *filter, b bookmark, n int, now time.Time) page {
	var p page
	if f.incremental {
		rows := c.since(max(b.after, uint64(b.at)), b.upto)
		if len(rows) > n {
			rows, p.more = rows[:n], true
			p.at = b.at
			if n > 0 {
				p.at = int64(rows[n-1].changed)
			}
		}
		p.events = f.keep(c, rows, now)
		return p
	}
	begin := min(int(b.at), len(c.order))
	end := min(begin+n, len(c.order))
	p.events = f.keep(c, c.order[begin:end], now)
	p.at, p.more = int64(end), end < len(c.order)
	return p
}

// keep is what remains of a page's rows.
func (f *filter) keep(c *calendar, rows []*event, now time.Time) []*event {
	out := make([]*event, 0, len(rows))
	for _, e := range rows {
		if f.shows(c, e, now) {
			out = append(out, e)
		}
	}
	return out
}

// key is where an expanded row stands.
type key struct{ at, sub int64 }

func (k key) compare(o key) int {
	return cmp.Or(cmp.Compare(k.at, o.at), cmp.Compare(k.sub, o.sub))
}

// keyOf is unique among the rows of an expanded listing: two instances of one
// series never begin together, and stored events differ in ord.
func (f *filter) keyOf(e *event) key {
	within := int64(e.ord)<<34 + e.start + 1<<33
	switch f.orderBy {
	case "startTime":
		return key{e.start, within}
	case "updated":
		return key{e.updated, within}
	}
	if f.incremental {
		return key{int64(e.changed), within}
	}
	return key{int64(e.ord), within}
}

// expanded collects, sorts, and cuts out the page of n rows that begins at b.
func (c *calendar) expanded(f *filter, b bookmark, n int, now time.Time) page {
	rows := c.order
	if f.incremental {
		rows = c.since(b.after, b.upto)
	}
	var all []*event
	for _, e := range rows {
		if !f.single || !e.is(recurring) {
			if f.shows(c, e, now) && !(f.single && c.ghost(e) && c.findInstance(e.id, now) != nil) {
				all = append(all, e)
			}
			continue
		}
		for _, i := range c.instances(e, f.from, f.to, now) {
			if f.shows(c, i, now) {
				all = append(all, i)
			}
		}
	}
	if f.single && f.incremental {
		all = append(all, c.gone(b.after, b.upto, now)...)
	}
	slices.SortFunc(all, func(x, y *event) int { return f.keyOf(x).compare(f.keyOf(y)) })
	begin, _ := slices.BinarySearchFunc(all, key{b.at, b.sub}, func(e *event, k key) int { return f.keyOf(e).compare(k) })
	end := min(begin+n, len(all))
	p := page{events: all[begin:end]}
	if end < len(all) {
		next := f.keyOf(all[end])
		p.at, p.sub, p.more = next.at, next.sub, true
	}
	return p
}
