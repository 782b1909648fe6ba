package recurrence

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"aura.example/integrations/shared/calendar"
)

// Range is what to show: everything that overlaps [From, To). Dates count as
// days in UTC.
type Range struct {
	From, To time.Time
	Zone     string // the calendar's own, for events that have none or an unknown one
}

// Occurrence is one thing to show: an instance of a series, an exception, or a
// single event.
type Occurrence struct {
	// ID is the occurrence's address, <event id>_<original start>, for an
	// instance as the series has it; exceptions and single events have their own.
	ID            string
	Row           *calendar.Row // where everything else stands; shared, not to be changed
	OriginalStart calendar.Time // zero for a single event
	Start, End    calendar.Time // instants in UTC with the row's zone name, or dates
	Odd           string        // why it may not be the whole truth; "" when it is
}

// Cut says that the rest of a series was left out of a range.
type Cut struct {
	EventID string
	Since   time.Time // complete up to here
	Reason  string
}

// Result is what shows in a range, ordered by start.
type Result struct {
	Occurrences []Occurrence
	// Complete is the range's end, or the moment from which on the range was cut
	// off altogether, because it holds too much.
	Complete time.Time
	Cuts     []Cut // single series that were cut off before
}

// Expand gives what shows in a range, from the rows that calendar.Store.Range
// gives for it: masters, their exceptions, single events, in any order.
//
// An exception takes the place of the occurrence with its original start,
// wherever it was moved to; a cancelled one, or one that is being deleted,
// leaves that place empty. An exception shows at its own time also when its
// series is not among the rows, or no longer has such an occurrence.
func Expand(rows []*calendar.Row, r Range) Result {
	e := expander{to: r.To, zones: zones{}, replaced: map[string]bool{}, hidden: map[string]bool{}}
	for _, row := range rows {
		switch {
		case row.IsException():
			e.replaced[Address(row.MasterID, row.OriginalStart)] = true
		case row.Pending == calendar.PendingDelete:
			e.hidden[row.ID] = true
		}
	}
	for _, row := range rows {
		switch {
		case row.Status == calendar.Cancelled || row.Pending == calendar.PendingDelete || e.hidden[row.MasterID]:
		case row.IsMaster():
			e.series(row, r)
		default:
			e.single(row, r)
		}
		if len(e.out) >= 2*maxTotal { // not at each: sorting is the dear part
			e.trim()
		}
	}
	e.trim()
	return Result{Occurrences: e.out, Complete: e.to, Cuts: e.cuts}
}

type expander struct {
	zones    zones
	to       time.Time
	replaced map[string]bool // addresses that an exception stands for
	hidden   map[string]bool // masters that are being deleted
	out      []Occurrence
	cuts     []Cut
}

func (e *expander) single(row *calendar.Row, r Range) {
	if !firstSpan(row).shows(r.From, e.to) {
		return
	}
	e.out = append(e.out, Occurrence{
		ID: row.ID, Row: row, OriginalStart: row.OriginalStart, Start: row.Start, End: row.End,
		Odd: check(row, r.Zone, e.zones),
	})
}

func (e *expander) series(row *calendar.Row, r Range) {
	s := compile(row, r.Zone, e.zones)
	spans, complete := s.spans(r.From, e.to)
	odd := s.mark()
	if complete.Before(e.to) {
		cut := Cut{EventID: row.ID, Since: complete, Reason: "it repeats too often to show all of it"}
		e.cuts = append(e.cuts, cut)
		odd = and(odd, cut.Reason)
	}
	for _, sp := range spans {
		start := s.write(sp.start, row.Start.Zone)
		id := Address(row.ID, start)
		if e.replaced[id] {
			continue
		}
		note := odd
		if sp.start.Equal(s.first.start) {
			note = and(odd, s.stray())
		}
		e.out = append(e.out, Occurrence{
			ID: id, Row: row, OriginalStart: start, Start: start, End: s.write(sp.end, row.End.Zone), Odd: note,
		})
	}
}

// and joins two marks, either of which may be missing.
func and(a, b string) string {
	return strings.Join(slices.DeleteFunc([]string{a, b}, func(s string) bool { return s == "" }), "; ")
}

// write puts an instant down as the series' own times are.
func (s *series) write(at time.Time, zone string) calendar.Time {
	if s.allDay {
		return calendar.Time{Date: at.Format(time.DateOnly)}
	}
	return calendar.Time{At: at, Zone: zone}
}

// trim orders what there is and keeps the earliest maxTotal; from the first that
// falls off, the range ends.
func (e *expander) trim() {
	slices.SortFunc(e.out, func(a, b Occurrence) int {
		return cmp.Or(a.Start.Instant().Compare(b.Start.Instant()),
			a.End.Instant().Compare(b.End.Instant()), cmp.Compare(a.ID, b.ID))
	})
	if len(e.out) <= maxTotal {
		return
	}
	e.to = e.out[maxTotal].Start.Instant()
	e.out = slices.DeleteFunc(e.out[:maxTotal], func(o Occurrence) bool { return !o.Start.Instant().Before(e.to) })
}
