package calendar

// Inherited is an occurrence as its series has it: what it is while it isn't an
// exception. Its times are written as another state of it has them, where that
// one stands at the same moment for as long, since zones may be spelled apart.
func Inherited(series Content, original Time, like Content) Content {
	c := series
	c.Recurrence = nil
	lasts := series.End.Instant().Sub(series.Start.Instant())
	c.Start, c.End = original, Time{At: original.Instant().Add(lasts), Zone: series.End.Zone}
	if original.IsDate() {
		c.End = Time{Date: original.Instant().Add(lasts).Format("2006-01-02")}
	}
	if like.Start.SameMoment(original) && like.End.Instant().Sub(like.Start.Instant()) == lasts {
		c.Start, c.End = like.Start, like.End
	}
	return c
}

// OnOccurrence gives the item of an exception with the base that a merge with
// what its series shows there needs. Such an occurrence moves with its series,
// so a field that is as the series has it was edited by nobody there, whatever
// it was when the edit was made here; and what wasn't edited here follows the
// series. What the occurrence has of its own there is compared with the base
// that the edit began from.
func (i *Item) OnOccurrence(ours Content, inherited Content, theirs Remote) *Item {
	old := inherited
	if i.Base != nil {
		old = *i.Base
	}
	base := old
	for _, f := range Fields() {
		if i.Op != OpDelete && ours.same(f, old) {
			continue // not edited here: theirs is taken
		}
		if theirs.Content.same(f, inherited) {
			base.Take(f, theirs.Content) // not edited there: ours goes there
		}
	}
	it := *i
	it.Base = &base
	return &it
}

// AsSeries reports whether an occurrence is in everything as its series has it.
func AsSeries(c, inherited Content) bool {
	for _, f := range Fields() {
		if f != FieldRecurrence && !c.same(f, inherited) {
			return false
		}
	}
	return true
}
