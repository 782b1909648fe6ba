package calendar

import "time"

// Unlink gives the transaction that takes an event of Aura's from the one that
// stands for it at a provider: the link goes, and the order to create it comes,
// for whichever calendar is connected next. An occurrence is never created: its
// order is the change that it is of its series.
//
// The order keeps the base: the fields at the last sync. It says that the event
// was at a provider and may be met there again, where the same calendar is
// connected next; its deletion has to wait until that is known. So what was being
// deleted stays a tombstone, which is settled by whichever calendar doesn't have it.
//
// It also keeps where the base is from, whose calendar subject says. In another
// calendar there may be a copy of an earlier time, which didn't begin from it.
//
// What only the copy had, the event forgets: its guests, and that somebody else
// organizes it. The order remembers that of the copy.
//
// It is a person's write, on condition of what was read; the marks that runs
// leave stay as they are.
func Unlink(row *Row, item *Item, subject string, now time.Time) Pair {
	p := Pair{Account: row.Account, ID: row.ID, Expect: row.Version, Stood: PlaceOf(row)}
	if item != nil {
		p.Item.Expect = item.Version
	}
	next := *row
	next.Link, next.Version = nil, row.Version+1
	next.alone()
	if next.Pending == "" {
		next.Pending = PendingEdit
	}
	p.Row = &next
	it := Item{Account: row.Account, EventID: row.ID, Op: orderOf(row), Base: baseOf(row, item), Version: next.Version, Since: now}
	if l := row.Link; l != nil {
		it.Former = &Former{Provider: l.Provider, Subject: subject, Calendar: l.Calendar, Updated: l.Updated, Mirror: row.Mirror, ReadOnly: row.ReadOnly}
		if row.Hole() {
			it.Former.Mirror.Guests = nil // they were told when it was taken out
		}
	}
	if item != nil {
		it.Under, it.NotifyGuests, it.Rest, it.Heirs = item.Under, item.NotifyGuests, item.Rest, item.Heirs // what an edit has still to do it does elsewhere too
		p.Item.Update, p.Item.ClearSent = &it, true
		return p
	}
	p.Item.Put = &it
	return p
}

// baseOf is what the provider had at the last sync; nil where it never was there,
// and for an occurrence, which has to be sent whole to a series made anew, unless
// it is being deleted with its series.
func baseOf(row *Row, item *Item) *Content {
	switch {
	case row.IsException() && row.Pending != PendingDelete:
		return nil
	case item != nil && row.Pending != "":
		return item.Base
	case row.Link == nil:
		return nil
	}
	base := row.Content
	return &base
}

// orderOf is what an event that is at no provider has to be pushed with.
func orderOf(row *Row) Operation {
	switch {
	case row.Pending == PendingDelete, row.IsException() && row.Status == Cancelled:
		return OpDelete
	case row.IsException():
		return OpChange
	}
	return OpCreate
}

// Leave gives the transaction that takes an event away which was imported, with
// whatever waited of it.
func Leave(row *Row, item *Item) Pair {
	p := Pair{Account: row.Account, ID: row.ID, Expect: row.Version, Stood: PlaceOf(row)}
	if item != nil {
		p.Item.Expect, p.Item.Delete = item.Version, true
	}
	return p
}

// ImportedAs reports whether an imported event has the identity that this very
// event of this account's calendar has. One that hasn't is another account's or
// another calendar's, and is never written to this one. An exception has its
// series' identity, which its row doesn't tell.
func ImportedAs(row *Row, provider, subject, calendar string) bool {
	if row.IsException() || row.Link == nil {
		return row.IsException()
	}
	id := row.Link.ProviderID
	return ImportedID(provider, subject, calendar, id) == row.ID || Prefix+id == row.ID // the latter was made anew there, under Aura's id
}
