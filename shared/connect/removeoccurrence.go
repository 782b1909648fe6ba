package connect

import (
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/integration"
)

// occurrence works out what an occurrence becomes that somebody may have edited at
// the provider, and how a run names it; nil and nothing where it is known so. One
// whose series was unlinked before is unlinked as well: its order is from that very
// state, and tells by its time whether this is a newer one.
//
// Where both sides edited it, the rules are a run's: field by field the newer, and
// an edit outlives a deletion that hadn't seen it.
func (w *WindDown) occurrence(o *integration.Order, series, row *calendar.Row, item *calendar.Item, theirs calendar.Remote) (*calendar.Pair, []integration.Decision) {
	switch {
	case row == nil:
		return w.newOccurrence(o, series, theirs)
	case row.Link != nil && (!letGo(row, o) || row.Link.ETag == theirs.ETag):
		return nil, nil
	case row.Link == nil && (item == nil || item.Former != nil && !theirs.Deleted && !theirs.Updated.After(item.Former.Updated)):
		return nil, nil // what is listed as deleted need not say when
	case theirs.Deleted && row.Hidden():
		return nil, nil
	}
	next := *row
	next.Version++
	var it *calendar.Item
	if item != nil {
		c := *item.At(o.Key.Provider, o.Subject, o.Look.Calendar)
		it = &c
	}
	edited := it != nil && row.Pending != "" && anyAfter(row.Edited, formerly(item))
	var met []integration.Decision
	switch {
	case theirs.Deleted && edited:
		return nil, []integration.Decision{{
			Event: row.ID, Title: row.Title, What: "conflict", Why: "edited on one side, deleted on the other", Field: "existence",
			Ours: row.Title, Their: "deleted", Won: "aura", Rule: "an edit outlives a deletion that hadn't seen it",
		}}
	case theirs.Deleted:
		next.Status, next.Guests = calendar.Cancelled, nil
		met = broughtIn(series, &next, "occurrence_removed")
	case row.Hidden() && it != nil && it.Unchanged(theirs): // its person deleted this very state
		return nil, nil
	case row.Hidden() && it != nil:
		next.Content, next.Mirror = theirs.Content, theirs.Mirror
		met = outlived(row, theirs)
	case it == nil || row.Pending == "":
		next.Content, next.Mirror = theirs.Content, theirs.Mirror
		met = broughtIn(series, &next, "updated")
	default:
		from := it
		if row.Link == nil && item.Former == nil && it.Base != nil { // never sent
			from = it.OnOccurrence(row.Content, calendar.Inherited(series.Content, row.OriginalStart, theirs.Content), theirs)
		}
		var conflicts []calendar.Conflict
		next.Content, conflicts = calendar.Merge(row.Content, row.Edited, from, theirs)
		next.Mirror = theirs.Mirror
		for _, c := range conflicts {
			if row.Edited[string(c.Field)].After(formerly(item)) {
				met = append(met, fought(row, []calendar.Conflict{c})...)
			}
		}
		if what := "merged"; len(met) == 0 {
			if !edited {
				what = "updated"
			}
			met = broughtIn(series, &next, what)
		}
	}
	if row.Link == nil { // its copy's guests are in its order
		next.Mirror = calendar.Alone()
	} else {
		l := *row.Link
		l.ETag = theirs.ETag
		if !theirs.Updated.IsZero() {
			l.Updated = theirs.Updated
		}
		next.Link = &l
	}
	pair := calendar.Pair{Account: row.Account, ID: row.ID, Row: &next, Expect: row.Version, Stood: calendar.PlaceOf(row)}
	if it == nil {
		return &pair, met
	}
	if next.Pending != "" {
		next.Pending = calendar.PendingEdit
	}
	it.Version, it.Op = next.Version, calendar.OpChange
	if next.Status == calendar.Cancelled {
		it.Op = calendar.OpDelete
	}
	if row.Link != nil {
		base := theirs.Content
		it.Base = &base
	} else { // it is sent whole to the series that is made anew
		it.Base, it.Former = nil, formerOf(o, theirs)
		if theirs.Updated.IsZero() {
			it.Former.Updated = formerly(item)
		}
	}
	pair.Item = calendar.ItemWrite{Expect: item.Version, Update: it}
	return &pair, met
}

// newOccurrence is one that was as its series has it until somebody edited it there.
func (w *WindDown) newOccurrence(o *integration.Order, series *calendar.Row, theirs calendar.Remote) (*calendar.Pair, []integration.Decision) {
	if theirs.Deleted && series.Pending == calendar.PendingDelete {
		return nil, nil
	}
	now := w.Now().UTC()
	row := &calendar.Row{
		Account: series.Account, ID: calendar.ExceptionID(series.ID, theirs.OriginalStart), MasterID: series.ID, OriginalStart: theirs.OriginalStart,
		Content: theirs.Content, Mirror: calendar.Alone(), Origin: series.Origin, Pending: calendar.PendingEdit,
		Version: now.UnixMilli(), CreatedAt: now, UpdatedAt: now, // as an edit's first version, which never repeats
	}
	it := &calendar.Item{
		Account: row.Account, EventID: row.ID, Op: calendar.OpChange, Version: row.Version, Since: now, Former: formerOf(o, theirs),
	}
	what := "updated"
	if theirs.Deleted {
		row.Status, it.Op, what = calendar.Cancelled, calendar.OpDelete, "occurrence_removed"
		if row.Start.IsZero() {
			row.Start, row.End = theirs.OriginalStart, theirs.OriginalStart
		}
	}
	return &calendar.Pair{Account: row.Account, ID: row.ID, Row: row, Item: calendar.ItemWrite{Put: it}}, broughtIn(series, row, what)
}

// formerOf is where an occurrence was when it was brought in.
func formerOf(o *integration.Order, theirs calendar.Remote) *calendar.Former {
	return formerAt(o, o.Look.Calendar, theirs)
}

// formerAt is where an event was whose copy was read in one calendar.
func formerAt(o *integration.Order, cal string, theirs calendar.Remote) *calendar.Former {
	f := &calendar.Former{Provider: o.Key.Provider, Subject: o.Subject, Calendar: cal, Updated: theirs.Updated}
	if !theirs.Deleted {
		f.Mirror, f.ReadOnly = theirs.Mirror, theirs.OnlyThere()
	}
	return f
}

// formerly is the provider's time of the state that an order without a link goes on
// from; zero for any other.
func formerly(item *calendar.Item) time.Time {
	if item == nil || item.Former == nil {
		return time.Time{}
	}
	return item.Former.Updated
}

func anyAfter(edited map[string]time.Time, at time.Time) bool {
	for _, t := range edited {
		if t.After(at) {
			return true
		}
	}
	return false
}

// broughtIn names what came in of an occurrence before its series' copy goes.
func broughtIn(series, row *calendar.Row, what string) []integration.Decision {
	title := row.Title
	if title == "" {
		title = series.Title
	}
	return []integration.Decision{{
		Event: row.ID, Title: title, What: what,
		Why: "edited at the provider on " + row.OriginalStart.Text() + " before the copy of its series was removed",
	}}
}
