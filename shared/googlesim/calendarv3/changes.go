package calendarv3

import "sort"

// logged is one entry of a calendar's change log: event e changed as number
// seq. It is stale once e has changed again.
type logged struct {
	seq uint64
	e   *event
}

// store puts an event in its place, new or changed, under a new change number.
// This is the only way in, so that the order, the log and the indexes agree.
// What the caller built with index replaces the old event of that id wholly.
func (c *calendar) store(e *event) {
	if old, ok := c.events[e.id]; ok {
		c.unlink(old)
		e.ord = old.ord
		c.order[e.ord] = e
		if e.reminders == nil {
			e.reminders = old.reminders
		}
	} else {
		e.ord = uint32(len(c.order))
		c.order = append(c.order, e)
	}
	c.events[e.id] = e
	c.link(e)
	c.seq++
	e.changed = c.seq
	c.log = append(c.log, logged{c.seq, e})
	c.compact()
}

// link and unlink keep the two indexes that spare a walk over all events:
// exceptions by master, and split series by what they were split from.
func (c *calendar) link(e *event) {
	if e.master != "" {
		c.children[e.master] = append(c.children[e.master], e)
	}
	if e.is(split) {
		base := splitBase(e.id)
		c.splits[base] = append(c.splits[base], e)
	}
}

func (c *calendar) unlink(e *event) {
	if e.master != "" {
		c.children[e.master] = without(c.children[e.master], e)
	}
	if e.is(split) {
		base := splitBase(e.id)
		c.splits[base] = without(c.splits[base], e)
	}
}

// without copies, so that a caller that is walking the old slice isn't
// disturbed.
func without(from []*event, e *event) []*event {
	var out []*event
	for _, x := range from {
		if x != e {
			out = append(out, x)
		}
	}
	return out
}

// since returns the events whose last change has a number in (after, upto], by
// that number.
func (c *calendar) since(after, upto uint64) []*event {
	from := sort.Search(len(c.log), func(i int) bool { return c.log[i].seq > after })
	var out []*event
	for _, l := range c.log[from:] {
		if l.seq > upto {
			break
		}
		if l.e.changed == l.seq && c.events[l.e.id] == l.e {
			out = append(out, l.e)
		}
	}
	return out
}

// compact drops stale entries once they are the majority, so that the log stays
// of the order of the events.
func (c *calendar) compact() {
	if len(c.log) < 64 || len(c.log) < 2*len(c.events) {
		return
	}
	kept := make([]logged, 0, len(c.events))
	for _, l := range c.log {
		if l.e.changed == l.seq && c.events[l.e.id] == l.e {
			kept = append(kept, l)
		}
	}
	c.log = kept
}
