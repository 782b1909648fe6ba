package calendarv3

import (
	"maps"
	"slices"
	"time"
)

// followUp carries a written master's change over to its exceptions.
func (st *state) followUp(c *calendar, e *event, before Event, changed []string) *Error {
	wasSeries, wasCancelled := len(before.list("recurrence")) > 0, before.text("status") == statusCancelled
	switch {
	case e.master != "" || !wasSeries && !e.is(recurring):
		return nil
	case wasCancelled && !e.is(cancelled):
		if err := st.reviveChildren(c, e.id); err != nil {
			return err
		}
	case !wasCancelled && e.is(cancelled):
		return st.cancelChildren(c, e.id, withMaster)
	}
	if slices.Contains(changed, "start") || slices.Contains(changed, "recurrence") {
		return st.orphanChildren(c, e)
	}
	return nil
}

// cancelChildren cancels the live exceptions of a series for a reason that is
// remembered.
func (st *state) cancelChildren(c *calendar, master string, why mark) *Error {
	for _, x := range c.children[master] {
		if x.is(cancelled) {
			continue
		}
		if err := st.setStatus(c, x, statusCancelled, why); err != nil {
			return err
		}
	}
	return nil
}

// reviveChildren brings back what only went because the series did. Holes stay
// holes, but count as changed: while the series was gone no listing showed them,
// and a client that began in that time would never hear of them.
func (st *state) reviveChildren(c *calendar, master string) *Error {
	for _, x := range c.children[master] {
		status := statusCancelled
		switch {
		case x.is(orphaned):
			continue
		case x.is(withMaster):
			status = statusConfirmed
		}
		if err := st.setStatus(c, x, status, 0); err != nil {
			return err
		}
	}
	return nil
}

// orphanChildren cancels exceptions to occurrences that the series no longer
// has. Those that were cancelled before change as well: a hole in what isn't
// there any more is no longer one.
func (st *state) orphanChildren(c *calendar, master *event) *Error {
	s := c.series(master)
	for _, x := range c.children[master.id] {
		if master.is(recurring) && !s.bad && s.keeps(x, st.now) {
			continue
		}
		if x.is(orphaned) {
			continue
		}
		if err := st.setStatus(c, x, statusCancelled, orphaned); err != nil {
			return err
		}
	}
	return nil
}

// keeps says whether the occurrence that x is an exception to is still one.
func (s *series) keeps(x *event, now time.Time) bool {
	m, err := readMoment(x.resource().object("originalStartTime"), s.cal.zone)
	if err != nil || m.dated != s.start.dated {
		return false
	}
	if m.dated {
		return s.has(time.Date(m.at.Year(), m.at.Month(), m.at.Day(), 0, 0, 0, 0, time.UTC), now)
	}
	return s.has(m.at, now)
}

// setStatus writes an exception's new status for a reason. The reason is not
// part of the resource, so it is put on after storing.
func (st *state) setStatus(c *calendar, x *event, status string, why mark) *Error {
	d := x.resource()
	d["status"] = status
	d["sequence"] = d.number("sequence") + 1
	stored, err := st.put(c, d, false, maps.Clone(x.reminders))
	if err == nil {
		stored.set(withMaster, why == withMaster)
		stored.set(orphaned, why == orphaned)
	}
	return err
}
