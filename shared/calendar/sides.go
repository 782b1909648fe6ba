package calendar

// Sides reports on which sides an event was changed since what both had last. What
// an attempt of this item brought to the remote counts as had by both. Where nothing
// says what they had, both sides count as changed.
func (i *Item) Sides(ours Content, theirs Remote) (here, there bool) {
	for _, f := range Fields() {
		base, known := i.baseOf(f, theirs.Stamp)
		here = here || !known || !ours.means(f, base)
		there = there || !known || !theirs.Content.means(f, base)
	}
	return here, there
}

// Unchanged reports whether a remote says, in every synced field, what this item
// started from: then nobody but us has touched it.
func (i *Item) Unchanged(theirs Remote) bool {
	_, there := i.Sides(theirs.Content, theirs)
	return !there
}
