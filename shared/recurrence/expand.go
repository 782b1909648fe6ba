package recurrence

import (
	"cmp"
	"slices"
	"strings"
	"time"

	"aura.example/integrations/shared/calendar"
)

// Range is what to show: everything that overlaps [From, To).
type Range struct {
	From, To time.Time
	Since    time.Time      // what begins before it is left out: a page before had it
	Zone     string         // the calendar's own, for events that have none or an unknown one
	Days     *time.Location // where a date begins and ends; nil is UTC
}

// At gives the instant at which a time is, as the range takes it.
func (r Range) At(t calendar.Time) time.Time {
	at := t.Instant()
	if r.Days == nil || !t.IsDate() || at.IsZero() {
		return at
	}
	return time.Date(at.Year(), at.Month(), at.Day(), 0, 0, 0, 0, r.Days)
}

// shows reports whether what begins and ends then is in the range up to a moment.
func (r Range) shows(start, end calendar.Time, to time.Time) bool {
	sp := span{r.At(start), r.At(end)}
	return sp.shows(r.From, to) && !sp.start.Before(r.Since)
}

// margin is more than the day of any zone is away from UTC's.
const margin = 24 * time.Hour

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
	// Stuck says that none of it is found from the range's Since on: what comes
	// after can't be had by going on from there.
	Stuck bool
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
	e := expander{r: r, to: r.To, zones: zones{}, replaced: map[string]bool{}, hidden: map[string]bool{}}
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
	r        Range
	zones    zones
	to       time.Time
	replaced map[string]bool // addresses that an exception stands for
	hidden   map[string]bool // masters that are being deleted
	out      []Occurrence
	cuts     []Cut
}

func (e *expander) single(row *calendar.Row, r Range) {
	own := calendar.Span{Start: row.Start, End: row.End}
	if sp := firstSpan(row); row.Start.IsDate() {
		own.End = calendar.Time{Date: sp.end.Format(time.DateOnly)}
	} else {
		own.End = calendar.Time{At: sp.end}
	}
	if !r.shows(own.Start, own.End, e.to) || firstSpan(row).start.IsZero() {
		return
	}
	e.out = append(e.out, Occurrence{
		ID: row.ID, Row: row, OriginalStart: row.OriginalStart, Start: row.Start, End: row.End,
		Odd: check(row, r.Zone, e.zones),
	})
}

func (e *expander) series(row *calendar.Row, r Range) {
	s := compile(row, r.Zone, e.zones)
	from, since, to := r.From, r.Since, e.to
	if s.allDay && r.Days != nil {
		from, to = from.Add(-margin), to.Add(margin)
		if !since.IsZero() {
			since = since.Add(-margin)
		}
	}
	begin := from
	if since.After(begin) {
		begin = since
	}
	spans, complete := s.spans(from, since, to)
	odd := s.mark()
	if complete.Before(to) {
		stuck := len(spans) == 0 && !complete.After(begin)
		if s.allDay && r.Days != nil {
			complete = complete.Add(-margin)
		}
		cut := Cut{EventID: row.ID, Since: complete, Stuck: stuck, Reason: "it repeats too often to show all of it"}
		e.cuts = append(e.cuts, cut)
		odd = and(odd, cut.Reason)
	}
	for _, sp := range spans {
		start, end := s.write(sp.start, row.Start.Zone), s.write(sp.end, row.End.Zone)
		id := Address(row.ID, start)
		if e.replaced[id] || s.allDay && !r.shows(start, end, e.to) {
			continue
		}
		note := odd
		if sp.start.Equal(s.first.start) {
			note = and(odd, s.stray())
		}
		e.out = append(e.out, Occurrence{
			ID: id, Row: row, OriginalStart: start, Start: start, End: end, Odd: note,
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
		return cmp.Or(e.r.At(a.Start).Compare(e.r.At(b.Start)),
			e.r.At(a.End).Compare(e.r.At(b.End)), cmp.Compare(a.ID, b.ID))
	})
	if len(e.out) <= maxTotal {
		return
	}
	e.to = e.r.At(e.out[maxTotal].Start)
	e.out = slices.DeleteFunc(e.out[:maxTotal], func(o Occurrence) bool { return !e.r.At(o.Start).Before(e.to) })
}
