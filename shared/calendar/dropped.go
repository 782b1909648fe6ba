package calendar

import "slices"

// HeaviestItem is what the contents of one line of the outbox may weigh, in bytes: more
// than the largest event, which must stay editable, and under DynamoDB's 400 KB an item.
const HeaviestItem = 370 << 10

// mostDropped bounds, in bytes, what an order keeps of the exceptions that its edit took
// away: every write of the order pays for it.
const mostDropped = 64 << 10

// Drop gives an item that also keeps, as the provider had them, exceptions which its
// edit takes away. What is kept already was so before any of the item's edits, and
// stays. Beyond a bound nothing more is kept. Nothing is kept of what was never there,
// or isn't any more.
func (i *Item) Drop(row *Row, waits *Item) {
	was := row.asThere(waits)
	if was == nil || slices.ContainsFunc(i.Dropped, func(x *Row) bool { return x.ID == row.ID }) {
		return
	}
	size, base := was.Weight(), 0
	for _, x := range i.Dropped {
		size += x.Weight()
	}
	if i.Base != nil {
		base = (&Row{Content: *i.Base}).Weight()
	}
	if size <= mostDropped && base+size <= HeaviestItem {
		i.Dropped = append(i.Dropped, was)
	}
}

// asThere is a row without the edit that waits of it; nil where its event isn't at the
// provider.
func (r *Row) asThere(waits *Item) *Row {
	if r.Link == nil || waits != nil && waits.Op == OpRestore {
		return nil
	}
	was, link := *r, *r.Link
	link.Generation, link.Fence = "", 0 // whose write puts it back isn't known yet
	was.Pending, was.Link = "", &link
	if waits != nil && r.Pending != "" {
		if waits.Base == nil {
			return nil
		}
		was.Content = *waits.Base
	}
	return &was
}

// Weight estimates what a row weighs when stored, in bytes.
func (r *Row) Weight() int {
	size := 600 + len(r.Title) + len(r.Description) + len(r.Location) + len(r.Conference)
	for _, g := range r.Guests {
		size += 40 + len(g.Email) + len(g.Name)
	}
	for _, l := range r.Recurrence {
		size += len(l)
	}
	return size
}
