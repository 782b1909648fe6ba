package calendar

import "context"

// Alone is the mirror of an event that lives in Aura and nowhere else: nobody is
// invited to it, and nobody else organizes it.
func Alone() Mirror { return Mirror{Kind: "default", Organizer: true} }

// alone has a row forget what only its copy at the provider had. The copy's guests
// aren't this event's, and whether that one could be changed says nothing of it.
func (r *Row) alone() { r.Mirror, r.ReadOnly = Alone(), false }

// Reasons why a copy stays at the provider where Aura's copies are removed.
const (
	StaysForGuests     = "it has guests, and nobody said whether they are told that it is gone"
	StaysForOccurrence = "one of its occurrences has guests, and nobody said whether they are told that it is gone"
	StaysForOthers     = "it can only be changed at the provider"
)

// Stays says why an event's copy isn't removed with the others; "" where it may go.
// Guests are written to, or not, by decision only, and removing a copy isn't one: it
// goes where its event was deleted in Aura with that said. What only the provider lets
// its organizer change isn't removed either.
//
// It is known of a linked event, and of one that was unlinked from that very calendar
// as long as its order waits.
func Stays(row *Row, item *Item, provider, calendar string) string {
	if row == nil || Decided(row, item) != nil {
		return ""
	}
	had, readOnly, known := copyOf(row, item, provider, calendar)
	switch {
	case !known:
		return ""
	case readOnly && !row.IsException():
		return StaysForOthers
	case had.Invited() > 0 && !row.Hole():
		return StaysForGuests
	}
	return ""
}

// CopyStays is Stays, of a series also for the guests of one of its occurrences, which
// are read for that.
func CopyStays(ctx context.Context, edits Edits, row *Row, item *Item, provider, calendar string) (string, error) {
	why := Stays(row, item, provider, calendar)
	if why != "" || row == nil || !row.IsMaster() {
		return why, nil
	}
	some, err := occurrenceStays(ctx, edits, row, provider, calendar)
	if err != nil || !some {
		return "", err
	}
	return StaysForOccurrence, nil
}

// occurrenceStays reports whether one of a series' occurrences has guests for whom the
// copy of the series stays (Stays): they would go with it. Some of them may have been
// unlinked already.
func occurrenceStays(ctx context.Context, edits Edits, series *Row, provider, calendar string) (bool, error) {
	occurrences, err := edits.Exceptions(ctx, series.Account, series.ID)
	if err != nil {
		return false, err
	}
	for _, x := range occurrences {
		if x.Link != nil && x.Invited() == 0 || x.Hole() {
			continue
		}
		row, item, err := edits.Pair(ctx, x.Account, x.ID)
		if err != nil {
			return false, err
		}
		if row != nil && Stays(row, item, provider, calendar) != "" {
			return true, nil
		}
	}
	return false, nil
}

// Decided gives what was said of the guests with an event's deletion, nil where it isn't
// deleted, or nobody was asked.
func Decided(row *Row, item *Item) *bool {
	if row == nil || item == nil || item.Op != OpDelete || row.Pending == "" {
		return nil
	}
	return item.NotifyGuests
}

// copyOf gives what is known of an event's copy in one calendar.
func copyOf(row *Row, item *Item, provider, calendar string) (had Mirror, readOnly, known bool) {
	if l := row.Link; l != nil {
		return row.Mirror, row.ReadOnly, l.Provider == provider && l.Calendar == calendar
	}
	if item == nil || item.Former == nil {
		return Mirror{}, false, false
	}
	f := item.Former
	return f.Mirror, f.ReadOnly, f.Provider == provider && f.Calendar == calendar
}
