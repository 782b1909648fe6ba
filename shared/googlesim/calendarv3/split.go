package calendarv3

import (
	"maps"
	"slices"
	"strings"
	"time"
)

// "This and following", as Google's own page does it: the series ends before
// the instance, and a new master begins with it, called <base>_R<time>, with
// copies of everything that the old one had, private extended properties
// included. Instances of the new master are called <base>_<time>, after the
// first series; exceptions that lie after the cut keep their ids and change
// their recurringEventId. No client can tell from an id what belongs together.

// splitAt ends the series of an instance before it and returns the new master
// with the patch applied. For the first instance that is the whole series.
func (st *state) splitAt(e *entry, ev *event, patch Event) (*event, *Error) {
	c := e.cal
	master := c.events[ev.master]
	if master == nil {
		return nil, errNotFound()
	}
	s := c.series(master)
	at, ok := s.cutAt(ev)
	if !ok || !at.After(s.start.at) {
		after := master.resource()
		merge(after, s.shift(ev, patch))
		return st.amend(e, master, after)
	}
	tail := master.resource()
	begin := s.moment(at)
	tail["id"] = strings.TrimSuffix(master.base()+"_R"+s.instanceID(at)[len(master.base())+1:], "Z")
	if c.events[tail.text("id")] != nil { // split at this very place before, and what came of it was deleted or has moved on
		tail["id"] = st.newID()
	}
	tail["iCalUID"] = tail.text("id") + uidSuffix
	tail["htmlLink"] = htmlLink(tail.text("id"), c.meta.ID)
	tail["created"], tail["sequence"] = updatedOf(st.now.UnixMicro()), int64(0)
	tail["start"], tail["end"] = begin.write(c.zone, c.meta.TimeZone), begin.add(s.length).write(c.zone, c.meta.TimeZone)
	tail["recurrence"] = s.linesFrom(at)
	merge(tail, patch)
	if err := c.settle(tail); err != nil {
		return nil, err
	}
	if err := mayChange(master, s.doc, tail, differences(s.doc, tail)); err != nil {
		return nil, err
	}
	if err := st.endBefore(c, s, at); err != nil {
		return nil, err
	}
	stored, err := st.put(c, tail, false, maps.Clone(master.reminders))
	if err != nil {
		return nil, err
	}
	st.notify(c)
	return stored, st.adopt(c, master, stored, at)
}

// cutAt is the occurrence that an instance or exception stands for.
func (s *series) cutAt(ev *event) (time.Time, bool) {
	m, err := readMoment(ev.resource().object("originalStartTime"), s.cal.zone)
	if err != nil || s.bad || m.dated != s.start.dated {
		return time.Time{}, false
	}
	if m.dated {
		return time.Date(m.at.Year(), m.at.Month(), m.at.Day(), 0, 0, 0, 0, time.UTC), true
	}
	return m.at.In(s.start.at.Location()), true
}

// endBefore cuts the old series off. Its exceptions stay where they are for
// now.
func (st *state) endBefore(c *calendar, s *series, at time.Time) *Error {
	head := s.master.resource()
	head["recurrence"] = s.linesBefore(at)
	head["sequence"] = head.number("sequence") + 1
	_, err := st.put(c, head, false, maps.Clone(s.master.reminders))
	return err
}

// adopt gives the exceptions after the cut to the new master, or cancels those
// that it has no occurrence for.
func (st *state) adopt(c *calendar, old, master *event, at time.Time) *Error {
	s, was := c.series(master), c.series(old)
	for _, x := range c.children[old.id] {
		if t, ok := was.cutAt(x); !ok || t.Before(at) || x.is(orphaned) {
			continue
		}
		d := x.resource()
		d["recurringEventId"], d["sequence"] = master.id, d.number("sequence")+1
		d["iCalUID"] = master.iCalUID() // all occurrences of a series share one
		keeps := s.keeps(x, st.now)
		if !keeps {
			d["status"] = statusCancelled
		}
		moved, err := st.put(c, d, false, maps.Clone(x.reminders))
		if err != nil {
			return err
		}
		moved.set(orphaned, !keeps)
	}
	return nil
}

// linesBefore are the recurrence lines of what is left of a series that ends
// before at.
func (s *series) linesBefore(at time.Time) []any {
	return s.cutLines(func(r *rule) *rule {
		head := *r
		head.count, head.untilDay, head.untilUTC = 0, s.start.dated, true
		head.until = at.UTC().Add(-time.Second)
		if s.start.dated {
			head.until = at.AddDate(0, 0, -1)
		}
		if last, ok := r.lastInstant(s.start.at.Location(), s.start.dated); ok && last.Before(at) {
			return r
		}
		return &head
	}, func(t time.Time) bool { return t.Before(at) })
}

// linesFrom are those of a series that begins at at: a COUNT is reduced by what
// has been.
func (s *series) linesFrom(at time.Time) []any {
	return s.cutLines(func(r *rule) *rule {
		tail := *r
		if r.count > 0 {
			tail.count = r.count - len(r.occurrences(s.start.at, at.Add(-time.Second), s.start.dated))
			if s.cal.stray == StrayCounted && s.stray() {
				tail.count--
			}
			if tail.count <= 0 {
				return nil
			}
		}
		return &tail
	}, func(t time.Time) bool { return !t.Before(at) })
}

// cutLines rewrites every line: rules by one function, the dates of RDATE and
// EXDATE lines kept by the other.
func (s *series) cutLines(cutRule func(*rule) *rule, keep func(time.Time) bool) []any {
	var out []any
	for _, l := range s.doc.list("recurrence") {
		line, _ := l.(string)
		name, args, value := cutLine(line)
		if r, err := parseRule(value); err == nil && name == "RRULE" {
			if r = cutRule(r); r != nil {
				out = append(out, "RRULE:"+r.String())
			}
			continue
		}
		if name != "RDATE" && name != "EXDATE" {
			out = append(out, line)
			continue
		}
		kept := slices.DeleteFunc(strings.Split(value, ","), func(item string) bool {
			stamps, err := parseDates(args, item, s.start.at.Location())
			return err != nil || !keep(s.fit(stamps[0]))
		})
		if len(kept) > 0 {
			head, _, _ := strings.Cut(line, ":")
			out = append(out, head+":"+strings.Join(kept, ","))
		}
	}
	return out
}

// shift turns a patch of one instance's times into one of the master's: moved
// by as much, and as long.
func (s *series) shift(ev *event, patch Event) Event {
	out := maps.Clone(patch)
	if patch.object("start") == nil && patch.object("end") == nil {
		return out
	}
	before, after := ev.resource(), ev.resource()
	merge(after, copyDoc(patch))
	was, errWas := readMoment(before.object("start"), s.cal.zone)
	begin, errBegin := readMoment(after.object("start"), s.cal.zone)
	end, errEnd := readMoment(after.object("end"), s.cal.zone)
	if errWas != nil || errBegin != nil || errEnd != nil {
		return out // let the write refuse it
	}
	first := s.moment(s.start.at)
	if was.dated == begin.dated {
		if begin.zone != "" {
			first.zone = begin.zone
		}
		first = first.add(begin.at.Sub(was.at))
	} else { // from days to times or back: by as many days, at the new time of day
		day := (dayOf(first.at) + dayOf(begin.at) - dayOf(was.at)).date()
		first = begin
		first.at = time.Date(day.Year(), day.Month(), day.Day(), begin.at.Hour(), begin.at.Minute(), begin.at.Second(), 0, begin.at.Location())
	}
	out["start"] = nulled(first.write(s.cal.zone, s.cal.meta.TimeZone))
	out["end"] = nulled(first.add(end.at.Sub(begin.at)).write(s.cal.zone, s.cal.meta.TimeZone))
	return out
}

// nulled makes an EventDateTime into a patch that removes what it doesn't say.
func nulled(m map[string]any) map[string]any {
	for _, name := range []string{"date", "dateTime", "timeZone"} {
		if _, ok := m[name]; !ok {
			m[name] = nil
		}
	}
	return m
}
