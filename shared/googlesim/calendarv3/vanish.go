package calendarv3

import "time"

// A client that gets series expanded (singleEvents, or a caller who may only
// see free and busy) knows instances, not rules. When a series is moved or
// shortened, its incremental listing has to say which instances are no more;
// nothing is stored for those, so their names are kept here.

// vanished is an instance that a changed series no longer has.
type vanished struct {
	ord     uint32 // of its master: its place in a listing
	changed uint64
	start   int64
}

// vanishing lists the instances that old has and e, in its place, doesn't. Of a
// series that is deleted as a whole the expansion itself says so; one that
// comes back otherwise than it went is compared like any other.
func (c *calendar) vanishing(old, e *event, now time.Time) map[string]vanished {
	switch {
	case old == nil || e.is(cancelled):
		return nil
	case !old.is(recurring) && e.is(recurring): // a single event that became a series isn't shown as itself any more
		return map[string]vanished{old.id: {ord: old.ord, start: old.start}}
	case !old.is(recurring):
		return nil
	}
	was, is := c.series(old), c.series(e)
	if same(was.doc["recurrence"], is.doc["recurrence"]) && same(was.doc["start"], is.doc["start"]) {
		return nil
	}
	out := map[string]vanished{}
	for _, t := range was.starts(time.Time{}, now) {
		out[was.instanceID(t)] = vanished{ord: old.ord, start: t.Unix()}
	}
	if e.is(recurring) {
		for _, t := range is.starts(time.Time{}, now) {
			delete(out, is.instanceID(t))
		}
	}
	return out
}

// gone makes rows of the instances that vanished in (after, upto] and haven't
// come back, here or in another part of a split series. What is an
// exception now has a row of its own.
func (c *calendar) gone(after, upto uint64, now time.Time) []*event {
	var out []*event
	for id, v := range c.vanished {
		if v.changed <= after || v.changed > upto {
			continue
		}
		if e := c.find(id, now); e == nil || e.is(recurring) || c.ghost(e) && e.changed < v.changed {
			out = append(out, &event{id: id, ord: v.ord, changed: v.changed, start: v.start, marks: cancelled})
		}
	}
	return out
}
