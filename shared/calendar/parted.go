package calendar

import (
	"slices"
	"strings"
	"time"
)

// Parted is what of an edit of a whole series has still to reach the series that
// were divided off it at the provider while the edit waited: its author meant what
// both halves show. It is noted with the state that shows the division, so that it
// is known to whichever run comes to send the edit.
type Parted struct {
	Fields []Field   // that were edited before the division was known here
	Until  time.Time // no half begins after it: then the whole would have ended
}

// PartedBy gives what is to be handed on of this item's edit, once the series is
// met in a state that may be what a division left of it: it ends no later than
// before, by other rules. Else it gives what was noted before.
func (i *Item) PartedBy(ours Content, theirs Remote) *Parted {
	var whole Content
	for _, f := range []Field{FieldWhen, FieldRecurrence} {
		was, known := i.baseOf(f, theirs.Stamp)
		if !known {
			return i.Parted
		}
		whole.Take(f, was)
	}
	if len(whole.Recurrence) == 0 || len(theirs.Recurrence) == 0 || whole.means(FieldRecurrence, theirs.Content) {
		return i.Parted
	}
	if LastEnd(&theirs.Content).After(LastEnd(&whole)) {
		return i.Parted
	}
	p := Parted{Until: whole.until()}
	if i.Parted != nil {
		p = Parted{Fields: slices.Clone(i.Parted.Fields), Until: i.Parted.Until}
	}
	for _, f := range Fields() {
		was, known := i.baseOf(f, theirs.Stamp)
		if known && f != FieldRecurrence && !ours.same(f, was) && !slices.Contains(p.Fields, f) {
			p.Fields = append(p.Fields, f)
		}
	}
	if len(p.Fields) == 0 {
		return nil
	}
	return &p
}

// until is when a series has ended for certain: to the second where a division
// ended it, since another half may begin right after it.
func (c Content) until() time.Time {
	var last time.Time
	for _, line := range singly(c.Recurrence) {
		name, value, _ := strings.Cut(line, ":")
		if name, _, _ = strings.Cut(strings.ToUpper(name), ";"); name != "RRULE" {
			continue
		}
		until, ok := untilOf(value)
		if !ok {
			return LastEnd(&c)
		}
		if until.After(last) {
			last = until
		}
	}
	if last.IsZero() {
		return LastEnd(&c)
	}
	return last
}
