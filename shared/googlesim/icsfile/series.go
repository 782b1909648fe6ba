package icsfile

import (
	"cmp"
	"slices"
)

// series gathers the events of one calendar by UID.
type series struct {
	order []string // UIDs as they first appear
	byUID map[string]*group
}

// group is a master (or single event) and its exceptions.
type group struct {
	master     *vevent
	exceptions []*vevent
}

func newSeries() *series { return &series{byUID: map[string]*group{}} }

// add files an event. A UID that comes twice is one event saved twice, and the
// later version wins: RFC 5545 section 3.8.7.4.
func (s *series) add(e *vevent) {
	g, ok := s.byUID[e.uid]
	if !ok {
		g = &group{}
		s.byUID[e.uid] = g
		s.order = append(s.order, e.uid)
	}
	switch {
	case e.original != nil:
		g.exceptions = append(g.exceptions, e)
	case g.master == nil || e.sequence >= g.master.sequence:
		g.master = e
	}
}

// link gives every event its id and its place behind its master, and returns
// them with the lines that they begin on.
func (s *series) link() (out []Event, lines []int, bad *flaw) {
	out = []Event{}
	for _, uid := range s.order {
		g := s.byUID[uid]
		id := eventID(uid)
		if g.master != nil {
			g.master.body["id"] = id
			g.master.body["iCalUID"] = uid
			out = append(out, g.master.body)
			lines = append(lines, g.master.line)
		}
		seen := map[string]int{}
		var found []exception
		for _, e := range g.exceptions {
			x, bad := g.exception(e)
			if bad != nil {
				return nil, nil, bad
			}
			x.body["id"] = id + "_" + x.original.suffix()
			x.body["iCalUID"] = uid
			if g.recurring() {
				x.body["recurringEventId"] = id
				x.body["originalStartTime"] = x.original.resource()
			}
			if i, ok := seen[x.original.suffix()]; ok { // saved twice, see add
				if e.sequence >= found[i].sequence {
					found[i] = x
				}
				continue
			}
			seen[x.original.suffix()] = len(found)
			found = append(found, x)
		}
		slices.SortStableFunc(found, func(a, b exception) int {
			return cmp.Compare(a.original.at.UnixNano(), b.original.at.UnixNano())
		})
		for _, x := range found {
			out = append(out, x.body)
			lines = append(lines, x.line)
		}
	}
	return out, lines, nil
}

type exception struct {
	*vevent
	original moment
}

func (g *group) recurring() bool { return g.master != nil && g.master.body["recurrence"] != nil }

// exception reads the original start, in the master's terms where there is
// one: the same kind (date or time) and the same zone.
func (g *group) exception(e *vevent) (exception, *flaw) {
	m, bad := e.zones.moment(*e.original, e.original.value)
	if bad != nil {
		return exception{}, bad
	}
	delete(e.body, "recurrence") // an occurrence does not recur
	if g.recurring() {
		m = g.master.likeStart(m)
	}
	return exception{e, m}, nil
}
