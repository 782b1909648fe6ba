package calendar

import "time"

// Where in time a row is looked up. A store keeps three kinds apart, so that a
// range reads only what it shows: short events lie near their start, long ones
// may have begun any time before, and a series shows as long as it lasts.

// Class is how a row is found by time.
type Class string

// The classes.
const (
	ClassNone   Class = ""       // not found by time at all
	ClassShort  Class = "short"  // single and at most a day long: found by its start
	ClassLong   Class = "long"   // single and longer: found by its end
	ClassSeries Class = "series" // masters and exceptions: found by the last moment they may matter at
)

const (
	// ShortFor is how long a short event may last.
	ShortFor = 24 * time.Hour
	// DayDrift is how far a date's local midnight may be from the UTC one that it
	// is stored as: zones reach from UTC-12 to UTC+14.
	DayDrift = 14 * time.Hour
)

// FarEnd is the end of what never ends.
var FarEnd = time.Date(9999, 12, 31, 23, 59, 59, 0, time.UTC)

// Place is a class and the moment that a row is sorted by within it.
type Place struct {
	Class Class
	At    time.Time
}

// PlaceOf says where a row is looked up: nowhere for tombstones and for
// cancelled rows, except for exceptions. Those take an occurrence out of a
// series, which would show again if they weren't found.
func PlaceOf(r *Row) Place {
	start, end := r.span()
	switch {
	case r.Hidden() && !r.IsException():
		return Place{}
	case r.IsException():
		at := r.OriginalStart.Instant()
		if end.After(at) {
			at = end
		}
		return Place{ClassSeries, at}
	case r.IsMaster():
		return Place{ClassSeries, LastEnd(&r.Content)}
	case end.Sub(start) > ShortFor:
		return Place{ClassLong, end}
	}
	return Place{ClassShort, start}
}

// span gives start and end as moments; what has no end, or one before its
// start, is a point.
func (r *Row) span() (start, end time.Time) {
	start, end = r.Start.Instant(), r.End.Instant()
	if end.Before(start) {
		end = start
	}
	return start, end
}

// Lasts is how long one occurrence of a row is.
func (r *Row) Lasts() time.Duration {
	start, end := r.span()
	return end.Sub(start)
}

// MayShow reports whether a row may show between two moments: more than those
// that do, never less. Longest is the longest occurrence of the series at hand:
// an exception matters from its original start for as long, since it takes away
// an occurrence that may have begun before the range.
func (r *Row) MayShow(from, to time.Time, longest time.Duration) bool {
	place := PlaceOf(r)
	if place.Class == ClassNone {
		return false
	}
	start, end := r.span()
	if r.IsMaster() {
		end = place.At
	}
	if r.IsException() {
		original := r.OriginalStart
		if overlaps(original.Instant(), original.Instant().Add(longest), from, to, original.IsDate()) {
			return true
		}
		if r.Start.IsZero() { // cancelled: it has no time of its own
			return false
		}
	}
	return overlaps(start, end, from, to, r.Start.IsDate())
}

func overlaps(start, end, from, to time.Time, date bool) bool {
	if date {
		from, to = from.Add(-DayDrift), to.Add(DayDrift)
	}
	return start.Before(to) && (end.After(from) || !start.Before(from))
}
