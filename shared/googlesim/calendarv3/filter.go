package calendarv3

import (
	"slices"
	"strings"
	"time"
)

// filter is what a listing shows, as its parameters say.
type filter struct {
	single      bool // series expanded
	deleted     bool // showDeleted, or implied by syncToken and updatedMin
	from, to    time.Time
	updatedMin  int64 // milliseconds; 0: none
	types       []string
	uid         string
	words       []string
	private     []string // name=value
	shared      []string
	orderBy     string
	incremental bool
}

// filter reads the parameters; they were checked before. A sync token implies
// showDeleted: a client that isn't told of deletions can't stay in step.
func (p params) filter() filter {
	f := filter{
		single: p.flag("singleEvents"), deleted: p.flag("showDeleted"), orderBy: p.Get("orderBy"), uid: p.Get("iCalUID"),
		types: p.Values["eventTypes"], private: p.Values["privateExtendedProperty"], shared: p.Values["sharedExtendedProperty"],
		words: strings.Fields(strings.ToLower(p.Get("q"))),
	}
	f.from, _ = p.time("timeMin")
	f.to, _ = p.time("timeMax")
	if t, ok := p.time("updatedMin"); ok {
		f.updatedMin = t.UnixMilli()
	}
	if p.Has("syncToken") {
		f.incremental, f.deleted = true, true
	}
	return f
}

// shows decides about one row: a stored event, or an instance if series are
// expanded.
func (f *filter) shows(c *calendar, e *event, now time.Time) bool {
	if e.is(cancelled) && !f.deleted && f.updatedMin == 0 && !c.standsForHole(e, f.single) {
		return false
	}
	if e.updated < f.updatedMin {
		return false
	}
	if len(f.types) > 0 && !slices.Contains(f.types, e.eventType()) {
		return false
	}
	if f.uid != "" && e.iCalUID() != f.uid {
		return false
	}
	return f.inTime(c, e, now) && f.inContent(e)
}

// standsForHole: a cancelled exception of a live series is shown even without
// showDeleted, since without it a client would go on showing the instance.
// Expanded, the hole shows by itself.
func (c *calendar) standsForHole(e *event, expanded bool) bool {
	m := c.events[e.master]
	return !expanded && m != nil && !m.is(cancelled) && !e.is(orphaned)
}

// inTime: end after timeMin, start before timeMax, both exclusive; a series if
// any of its occurrences is.
func (f *filter) inTime(c *calendar, e *event, now time.Time) bool {
	if f.from.IsZero() && f.to.IsZero() {
		return true
	}
	if e.is(recurring) && !f.single {
		s := c.series(e)
		if s.bad { // unreadable: by its first occurrence
			return (f.from.IsZero() || e.end > f.from.Unix()) && (f.to.IsZero() || e.start < f.to.Unix())
		}
		return s.overlaps(f.from, f.to, now)
	}
	end := e.end
	if end == e.start { // without duration it still is somewhere
		end++
	}
	return (f.from.IsZero() || end > f.from.Unix()) && (f.to.IsZero() || e.start < f.to.Unix())
}

// inContent looks into the resource, which has to be decoded for it. It comes
// last for that reason.
func (f *filter) inContent(e *event) bool {
	if len(f.words)+len(f.private)+len(f.shared) == 0 {
		return true
	}
	d := e.resource()
	props := Event(d.object("extendedProperties"))
	return hasAll(props.object("private"), f.private) && hasAll(props.object("shared"), f.shared) && f.inText(d)
}

// hasAll: every constraint name=value must hold.
func hasAll(props map[string]any, constraints []string) bool {
	for _, c := range constraints {
		name, value, _ := strings.Cut(c, "=")
		if have, ok := props[name].(string); !ok || have != value {
			return false
		}
	}
	return true
}

// inText: every word of q occurs somewhere in what the document lists as
// searched.
func (f *filter) inText(d Event) bool {
	if len(f.words) == 0 {
		return true
	}
	var b strings.Builder
	add := func(s string) { b.WriteString(strings.ToLower(s) + "\n") }
	for _, name := range []string{"summary", "description", "location"} {
		add(d.text(name))
	}
	for _, p := range append(slices.Clone(d.list("attendees")), any(d.object("organizer"))) {
		add(Event(asObject(p)).text("displayName"))
		add(Event(asObject(p)).text("email"))
	}
	for _, w := range f.words {
		if !strings.Contains(b.String(), w) {
			return false
		}
	}
	return true
}
