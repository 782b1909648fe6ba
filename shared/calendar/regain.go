package calendar

// Keep has an order that Unlink gave note which copy stays at the provider, so that
// whoever connects the same calendar again goes on from it: what is there no longer
// was deleted there since, and what is there is known.
//
// It notes nothing where the event is being deleted, nor of an occurrence with an
// edit that waits, whose order says nothing of what it was. was is the order before:
// of what was to be put back no state is noted, since the one that is known is its
// deletion's.
func (p Pair) Keep(row *Row, was *Item) Pair {
	it := p.Item.Put
	if it == nil {
		it = p.Item.Update
	}
	if row.Link == nil || it == nil || it.Former == nil || row.Pending == PendingDelete || row.IsException() && row.Pending != "" {
		return p
	}
	it.Former.ProviderID, it.Former.ETag, it.Former.Version = row.Link.ProviderID, row.Link.ETag, it.Version
	if was != nil && was.Op == OpRestore {
		it.Former.ETag = ""
	}
	return p
}

// KeptIn reports whether a copy was left in this very calendar.
func (i *Item) KeptIn(provider, subject, calendar string) bool {
	f := i.Former
	return f != nil && f.ProviderID != "" && i.At(provider, subject, calendar).Former == nil
}

// Regain gives the transaction that links an event with the copy that was left in
// this very calendar: what Unlink did is taken back, and what was edited since is a
// change of that copy. false where there is no such copy, or nothing but a look at it
// can tell what became of it.
func Regain(row *Row, item *Item, provider, subject, calendar string) (Pair, bool) {
	if row == nil || item == nil || row.Link != nil || row.Pending != PendingEdit || !item.KeptIn(provider, subject, calendar) {
		return Pair{}, false
	}
	f := item.Former
	next := *row
	next.Link = &Link{Provider: f.Provider, Calendar: f.Calendar, ProviderID: f.ProviderID, ETag: f.ETag, Updated: f.Updated}
	next.Mirror, next.ReadOnly = f.Mirror, f.ReadOnly
	next.Version++
	p := Pair{Account: row.Account, ID: row.ID, Row: &next, Expect: row.Version, Stood: PlaceOf(row), Item: ItemWrite{Expect: item.Version}}
	switch untouched := item.Version == f.Version && len(item.Sent) == 0 && item.Rest == nil; {
	case row.IsException() && !untouched:
		return Pair{}, false
	case row.IsException(), untouched && item.Base != nil && len(Differing(row.Content, *item.Base)) == 0:
		next.Pending, p.Item.Delete = "", true
	case item.Base == nil || item.Op != OpCreate:
		return Pair{}, false
	default:
		it := *item
		it.Op, it.Former = OpChange, nil
		p.Item.Update = &it
	}
	return p, true
}
