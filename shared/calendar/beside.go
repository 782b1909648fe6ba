package calendar

import (
	"slices"
	"time"
)

// Beside is what is noted in the order of a second half that was divided off a series
// in Aura, sent or not, once the series turns out to be divided at the provider too: both
// have a second half then, and each date is to be in one of them. It is noted with
// the state that shows it, for afterwards nothing says any more what the series was.
type Beside struct {
	Series      string   // its id at the provider
	Was         Content  // the series before either side divided it
	Here, There []string // the recurrence that either side left of it
	Heirs       []string // the second halves that were made in Aura and aren't sent
}

// Cut is a series cut in two at a moment.
type Cut struct {
	Head, Tail bool     // it has dates before that, and from it on
	Lines      []string // its recurrence up to there; nil unless it has both
	After      []string // that of a series which begins with Next; nil where there is none
	Next       Span     // the first of the dates from there on
}

// Until is when the series that was divided has ended for certain.
func (b *Beside) Until() time.Time { return b.Was.until() }

// BesideTheirs gives what is to be noted in the orders of a series' second halves
// where a remote state shows it divided or ended there too; nil where it doesn't.
func (i *Item) BesideTheirs(series string, ours Content, theirs Remote, heirs []string) *Beside {
	if !i.DividedToo(theirs) {
		return nil
	}
	return &Beside{
		Series: series, Was: *i.Base, Here: slices.Clone(ours.Recurrence), There: slices.Clone(theirs.Recurrence), Heirs: slices.Clone(heirs),
	}
}

// EndEarlier gives a merge of a series that both sides divided: it ends where the
// earlier of the two ended it, for the other's second half has the dates from there on,
// or nobody wanted them.
func (i *Item) EndEarlier(merged, ours Content, theirs Remote, conflicts []Conflict) (Content, []Conflict) {
	if ours.same(FieldRecurrence, theirs.Content) || ours.same(FieldRecurrence, *i.Base) {
		return merged, conflicts
	}
	out, first, oursWon := merged, theirs.Content, false
	switch a, b := ours.until(), theirs.Content.until(); {
	case a.Equal(b):
		return merged, conflicts
	case a.Before(b):
		first, oursWon = ours, true
	}
	if out.Take(FieldRecurrence, first); out.Ended() {
		return merged, conflicts
	}
	for n, c := range conflicts {
		if c.Field == FieldRecurrence {
			conflicts[n].OursWon = oursWon
		}
	}
	return out, conflicts
}
