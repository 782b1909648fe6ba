package calendar

// Outlive merges an edit that outlives a deletion with what the event was when it
// was deleted, and gives the base that is left: what nobody edited in Aura is as it
// was there, and what was edited here stays. Only where both sides changed how far a
// series goes, the provider's end holds unless Aura's comes earlier for certain: what
// came of a division there goes on from it. That conflict is given.
func (i *Item) Outlive(ours Content, theirs Remote) (merged, base Content, conflicts []Conflict) {
	if i.Base == nil {
		return ours, Content{}, nil
	}
	merged, base = ours, *i.Base
	for _, f := range Fields() {
		was, _ := i.baseOf(f, theirs.Stamp)
		switch {
		case f == FieldStatus || theirs.Content.same(f, was): // of its status no more is known than that it was deleted
			continue
		case f == FieldRecurrence && len(theirs.Recurrence) == 0: // a single event is nobody's half
			continue
		case ours.means(f, *i.Base), ours.means(f, theirs.Content):
			merged.Take(f, theirs.Content)
		case f == FieldRecurrence && !theirs.Content.means(f, was) && !ours.endsBefore(theirs.Content):
			merged.Take(f, theirs.Content)
			conflicts = append(conflicts, Conflict{Field: f, Ours: ours, Theirs: theirs.Content, TheirsAt: theirs.Updated})
		}
		base.Take(f, theirs.Content)
	}
	if merged.Ended() { // moved beyond its own end: its dates hold together
		for _, f := range []Field{FieldWhen, FieldRecurrence} {
			if !merged.same(f, ours) {
				conflicts = append(conflicts, Conflict{Field: f, Ours: ours, Theirs: theirs.Content, OursWon: true, TheirsAt: theirs.Updated})
			}
			merged.Take(f, ours)
		}
	}
	return merged, base, conflicts
}

// endsBefore reports that a series ends before another for certain.
func (c Content) endsBefore(d Content) bool {
	c.Start, c.End = d.Start, d.End
	return LastEnd(&c).Before(LastEnd(&d))
}

// DividedToo reports a series that Aura divided since the last sync, and that a remote
// state shows divided or ended there too: it ends no later than before, by other rules.
func (i *Item) DividedToo(theirs Remote) bool {
	if len(i.Heirs) == 0 || i.Base == nil {
		return false
	}
	was, known := i.baseOf(FieldRecurrence, theirs.Stamp)
	return known && len(theirs.Recurrence) > 0 && !was.means(FieldRecurrence, theirs.Content) && !LastEnd(&theirs.Content).After(LastEnd(i.Base))
}
