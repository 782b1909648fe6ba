package calendarv3

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"time"
)

// series is a master, understood: where its instances lie.
type series struct {
	cal    *calendar
	master *event
	doc    Event
	start  moment
	length time.Duration // of an all-day series: whole days
	rec    recurrence
	bad    bool // a line can't be read, or the start: the series has no instances that could be shown
}

// openEnd is how far a series without an end is followed beyond now (or its
// start): Google's own expansion ends somewhere, and so singleEvents=true shows
// less than there is.
const openEnd = 2 * 365 * 24 * time.Hour

// series reads a master's start, length and lines. A zone that can't be loaded
// falls back to the calendar's, as a display would.
func (c *calendar) series(e *event) *series {
	s := &series{cal: c, master: e, doc: e.resource()}
	var err error
	if s.start, err = readMoment(s.doc.object("start"), c.zone); err != nil {
		s.bad = true
		return s
	}
	if s.start.dated {
		t := s.start.at
		s.start.at = time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, time.UTC)
	} else if zone, err := loadZone(s.start.zone); err == nil {
		s.start.at = s.start.at.In(zone)
	} else {
		s.start.at = s.start.at.In(c.zone)
	}
	if end, err := readMoment(s.doc.object("end"), c.zone); err == nil {
		s.length = end.at.Sub(s.start.at)
		if s.start.dated {
			s.length = time.Duration(dayOf(end.at)-dayOf(s.start.at)) * 24 * time.Hour
		}
	}
	var bad int
	s.rec, bad = readRecurrence(s.doc.list("recurrence"), s.start.at.Location())
	s.bad = bad > 0
	return s
}

// starts lists the original starts up to bound, those of exceptions included,
// in order.
func (s *series) starts(bound, now time.Time) []time.Time {
	if s.bad {
		return nil
	}
	horizon := s.start.at
	if now.After(horizon) {
		horizon = now
	}
	if horizon = horizon.Add(openEnd); bound.IsZero() || bound.After(horizon) {
		bound = horizon
	}
	gone := map[int64]bool{}
	for _, r := range s.rec.exrules {
		for _, t := range r.occurrences(s.start.at, bound, s.start.dated) {
			gone[t.Unix()] = true
		}
	}
	for _, d := range s.rec.exdates {
		gone[s.fit(d).Unix()] = true
	}
	return slices.DeleteFunc(s.given(bound), func(t time.Time) bool { return gone[t.Unix()] })
}

// fit reads a date in a timed series as the occurrence of that day, and a time
// in a dated series as its day.
func (s *series) fit(d stamp) time.Time {
	switch at := s.start.at; {
	case s.start.dated:
		return time.Date(d.at.Year(), d.at.Month(), d.at.Day(), 0, 0, 0, 0, time.UTC)
	case d.dated:
		return time.Date(d.at.Year(), d.at.Month(), d.at.Day(), at.Hour(), at.Minute(), at.Second(), 0, at.Location())
	}
	return d.at
}

// has says whether the series has an occurrence at exactly t.
func (s *series) has(t, now time.Time) bool {
	all := s.starts(t, now)
	return len(all) > 0 && all[len(all)-1].Equal(t)
}

// overlaps says whether any occurrence touches the range; zero times are open
// ends.
func (s *series) overlaps(from, to, now time.Time) bool {
	for _, t := range s.starts(to, now) {
		if s.inRange(t, from, to) {
			return true
		}
	}
	return false
}

// inRange is the rule of timeMin and timeMax for one occurrence.
func (s *series) inRange(t, from, to time.Time) bool {
	begin := s.moment(t).at
	return (from.IsZero() || begin.Add(s.length).After(from)) && (to.IsZero() || begin.Before(to))
}

// moment is an occurrence as an EventDateTime. A day begins in the calendar's
// zone.
func (s *series) moment(t time.Time) moment {
	if s.start.dated {
		return moment{at: time.Date(t.Year(), t.Month(), t.Day(), 0, 0, 0, 0, s.cal.zone), dated: true}
	}
	return moment{at: t, zone: s.start.zone}
}

// instance makes the virtual instance at t: what the master says, at that time,
// under an id of its own.
func (s *series) instance(t time.Time) *event {
	d := maps.Clone(s.doc)
	delete(d, "recurrence")
	begin := s.moment(t)
	d["id"] = s.instanceID(t)
	d["recurringEventId"] = s.master.id
	d["originalStartTime"] = begin.write(s.cal.zone, s.cal.meta.TimeZone)
	d["start"] = d["originalStartTime"]
	d["end"] = begin.add(s.length).write(s.cal.zone, s.cal.meta.TimeZone)
	d["htmlLink"] = htmlLink(d.text("id"), s.cal.meta.ID)
	e, err := index(d, s.cal.zone)
	if err != nil { // the master encoded, so does this
		return s.master
	}
	e.ord, e.changed, e.stamp, e.updated = s.master.ord, s.master.changed, s.master.stamp, s.master.updated
	e.uid, e.reminders = s.master.iCalUID(), maps.Clone(s.master.reminders)
	return e
}

// instanceID is <base>_<original start in UTC>, or <base>_<day>. Where another
// part of a split series has that occurrence too, the later part's is called
// after its own master.
func (s *series) instanceID(t time.Time) string {
	name := "_" + t.UTC().Format(stampTime) + "Z"
	if s.start.dated {
		name = "_" + t.Format(stampDate)
	}
	if base := s.master.base(); base == s.master.id || !s.rivalled(base, base+name, t) {
		return base + name
	}
	return s.master.id + name
}

// rivalled says whether an occurrence of a split-off series would bear an id
// that belongs to another part of what it was split from.
func (s *series) rivalled(base, id string, t time.Time) bool {
	if x := s.cal.events[id]; x != nil && x.master != s.master.id && !s.cal.ghost(x) {
		return true
	}
	parts := append([]*event{s.cal.events[base]}, s.cal.splits[base]...)
	return slices.ContainsFunc(parts, func(m *event) bool {
		return m != nil && m.ord < s.master.ord && m.is(recurring) && !m.is(cancelled) && s.cal.series(m).has(t, t)
	})
}

// overridden are the original starts for which the calendar stores an
// exception, live or cancelled. Orphans are none: if the series has their
// occurrence again, it is as the master says.
func (c *calendar) overridden(master string) map[int64]bool {
	out := map[int64]bool{}
	for _, x := range c.children[master] {
		if !x.is(orphaned) {
			out[x.original] = true
		}
	}
	return out
}

// ghost says whether e is a cancelled exception that stands for no hole: its
// series is gone, or has no such occurrence any more. An instance of the same
// id may live again, of this series or of another half of it.
func (c *calendar) ghost(e *event) bool {
	return e.master != "" && e.is(cancelled) && !c.standsForHole(e, false)
}

// instances makes the virtual instances of a master in a range, without those
// that an exception stands for.
func (c *calendar) instances(master *event, from, to, now time.Time) []*event {
	s := c.series(master)
	taken := c.overridden(master.id)
	var out []*event
	for _, t := range s.starts(to, now) {
		if !taken[s.moment(t).at.Unix()] && s.inRange(t, from, to) {
			out = append(out, s.instance(t))
		}
	}
	return out
}

// find resolves an id to a stored event or to a virtual instance, which isn't
// in c.events. nil: there is none.
func (c *calendar) find(id string, now time.Time) *event {
	e, stored := c.events[id]
	if stored && !c.ghost(e) {
		return e
	}
	if i := c.findInstance(id, now); i != nil {
		return i
	}
	return e // a ghost, or nil
}

// findInstance resolves an id to the virtual instance of a living series.
func (c *calendar) findInstance(id string, now time.Time) *event {
	cut := strings.LastIndex(id, "_")
	if cut <= 0 {
		return nil
	}
	t, ok := parseStamp(id[cut+1:])
	if !ok || (len(id)-cut-1 > len(stampDate)) != strings.HasSuffix(id, "Z") {
		return nil
	}
	masters := c.splits[id[:cut]]
	if e, ok := c.events[id[:cut]]; ok && e.is(recurring) {
		masters = append([]*event{e}, masters...)
	}
	for _, m := range masters {
		if s := c.series(m); !m.is(cancelled) && s.instanceID(t) == id && s.has(t, now) {
			return s.instance(t)
		}
	}
	return nil
}

// copyDoc copies a resource deeply, so that a change can be compared with what
// was there.
func copyDoc(d Event) Event {
	raw, err := json.Marshal(map[string]any(d))
	if err != nil {
		return Event{}
	}
	out, err := decodeObject(raw)
	if err != nil {
		return Event{}
	}
	return out
}
