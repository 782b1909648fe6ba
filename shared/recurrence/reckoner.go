package recurrence

import (
	"time"

	"aura.example/integrations/shared/calendar"
)

// Reckoner is this package as a value, for those who take it through a port.
type Reckoner struct{}

// Check is the function of that name.
func (Reckoner) Check(row *calendar.Row, zone string) string { return Check(row, zone) }

// Step is the function of that name.
func (Reckoner) Step(row *calendar.Row) (first calendar.Time, in bool) { return Step(row) }

// Occurrences gives what a series has that begins between two moments, by start,
// as if it had no exceptions. One that can't be expanded has none: where it
// shows at all it shows at its first start only, and that is no occurrence that
// could be told from the others. complete is false where there are more than one
// expansion gives.
func (Reckoner) Occurrences(master *calendar.Row, from, to time.Time) (spans []calendar.Span, complete bool) {
	z := zones{}
	s := compile(master, "", z)
	if s.odd != "" || !to.After(from) {
		return nil, s.odd == ""
	}
	found, until := s.spans(from, from, to)
	for _, sp := range found {
		if sp.start.Before(from) || !sp.start.Before(to) {
			continue // it began before, and lasts into the range
		}
		spans = append(spans, calendar.Span{Start: s.write(sp.start, master.Start.Zone), End: s.write(sp.end, master.End.Zone)})
	}
	return spans, !until.Before(to)
}
