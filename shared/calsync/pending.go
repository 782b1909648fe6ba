package calsync

import (
	"cmp"
	"strings"

	"aura.example/integrations/shared/calendar"
)

// met is what a remote state does to an event that waits to be pushed.
type met struct {
	nothing   bool           // the state says nothing new
	wait      bool           // an attempt may still land: the verifying resync decides
	row       *calendar.Row  // as it is to be; nil or hidden, without an item: gone on both sides
	item      *calendar.Item // nil: nothing of Aura's is left to push
	what, why string         // what was decided, and why
	conflicts []calendar.Conflict
	outlived  *outlived // the edit that won over a deletion
	halves    *halves   // of a series that both sides divided
}

// outlived is an edit on one side that won over the other side's deletion.
type outlived struct {
	was, is calendar.Content
	here    bool // edited in Aura, deleted at the provider
}

// halves is a series that Aura's person divided, and somebody at the provider too, or
// ended: what each made of the rest is put together (both.go).
type halves struct{ ours, theirs calendar.Content }

// values gives both sides for a report: what was edited, field by field.
func (o *outlived) values() (ours, theirs string) {
	var edits []string
	for _, f := range calendar.Differing(o.is, o.was) {
		edits = append(edits, string(f)+": "+o.is.Text(f))
	}
	ours, theirs = strings.Join(edits, "; "), "deleted"
	if !o.here {
		ours, theirs = theirs, ours
	}
	return ours, theirs
}

// meet decides what a remote state does to a pending edit, in the way that was
// model-checked (model/edits.py, decide): a new etag is never stored under an
// edit without merging, and a state older than what the row has seen is ignored.
//
// waiting says that the record waits for its verifying resync, and this isn't it.
func meet(row *calendar.Row, item *calendar.Item, theirs calendar.Remote, waiting bool) met {
	l := row.Link
	switch {
	case l != nil && theirs.ETag != "" && l.ETag == theirs.ETag,
		l != nil && !theirs.Updated.IsZero() && theirs.Updated.Before(l.Updated):
		return met{nothing: true}
	case theirs.Deleted && item.Op == calendar.OpDelete:
		if waiting && len(item.Sent) > 0 {
			return met{wait: true}
		}
		return gone(row, theirs, nil, whyGoneToo)
	case theirs.Deleted:
		return meetDeleted(row, item, theirs)
	case item.Op == calendar.OpDelete && (item.Unchanged(theirs) || olderCopy(row, item, theirs)) && !unasked(row, item, theirs):
		next := relink(row, theirs)
		next.Mirror = theirs.Mirror
		return met{row: next, item: item.Based(theirs.Content), what: "rebased", why: whyStillDeleted}
	case item.Op == calendar.OpDelete && endedThere(row, item, theirs):
		next := relink(row, theirs)
		next.Mirror = theirs.Mirror
		return met{row: next, item: item.Based(theirs.Content), halves: &halves{ours: row.Content, theirs: theirs.Content}, what: "rebased", why: whyEndedToo}
	case item.Op == calendar.OpDelete && len(item.Heirs) > 0 && item.Base != nil:
		return comesBackDivided(row, item, theirs, waiting)
	case item.Op == calendar.OpDelete: // the edit there wins: the event comes back
		next := relink(row, theirs)
		next.Content, next.Mirror, next.Pending = theirs.Content, theirs.Mirror, ""
		return met{row: next, what: "restored", why: whyBack, outlived: &outlived{was: *cmp.Or(item.Base, &row.Content), is: theirs.Content}}
	}
	merged, conflicts := calendar.Merge(row.Content, row.Edited, item, theirs)
	var both *halves
	if item.DividedToo(theirs) {
		merged, conflicts = item.EndEarlier(merged, row.Content, theirs, conflicts)
		both = &halves{ours: row.Content, theirs: theirs.Content}
	}
	next := relink(row, theirs)
	next.Content, next.Mirror = merged, theirs.Mirror
	what, why := merging(row.Content, item, theirs)
	if len(calendar.Differing(merged, theirs.Content)) == 0 && item.Beside == nil {
		next.Pending = ""
		return met{row: next, conflicts: conflicts, halves: both, what: what, why: why}
	}
	it := item.Based(theirs.Content)
	it.Op = calendar.OpChange
	if row.IsMaster() {
		it.Parted = item.PartedBy(row.Content, theirs)
	}
	return met{row: next, item: it, conflicts: conflicts, halves: both, what: what, why: why}
}

// endedThere reports a series that Aura divided and then deleted the first half of, and
// of which the provider says no more than that it is divided there too, or ended: that
// is nobody's edit of the first half.
func endedThere(row *calendar.Row, item *calendar.Item, theirs calendar.Remote) bool {
	there, _ := item.EditedThere(theirs)
	return len(there) == 0 && item.DividedToo(theirs) && !unasked(row, item, theirs) &&
		theirs.Start.SameMoment(item.Base.Start) && theirs.End.SameMoment(item.Base.End)
}

// comesBackDivided is a series that was divided in Aura and then deleted, and that
// somebody edited at the provider who had heard of neither. The edit outlives the
// deletion, and not the division: the rest of its dates are the second half's.
func comesBackDivided(row *calendar.Row, item *calendar.Item, theirs calendar.Remote, waiting bool) met {
	whole, it := *row, *item
	whole.Content, whole.Pending = withoutEdits(row, item), calendar.PendingEdit
	it.Op = calendar.OpChange
	m := meet(&whole, &it, theirs, waiting)
	m.what, m.why, m.outlived = "restored", whyBack, &outlived{was: *item.Base, is: theirs.Content}
	return m
}

// withoutEdits is what comes back of a series that was deleted in Aura: what it was
// before Aura's edits, which went with it, but for where it was divided.
func withoutEdits(row *calendar.Row, item *calendar.Item) calendar.Content {
	c := *item.Base
	if len(item.Heirs) > 0 {
		c.Take(calendar.FieldRecurrence, row.Content)
	}
	return c
}

// olderCopy reports a copy of an earlier time, in another calendar than the one
// that the event was deleted in, which nobody has touched since then.
func olderCopy(row *calendar.Row, item *calendar.Item, theirs calendar.Remote) bool {
	return item.Former != nil && row.UpdatedAt.After(theirs.Updated)
}

// unasked reports that guests were invited to what is to be deleted, since it was
// deleted in Aura: nobody could say whether they are told. So the event comes back,
// and who deletes it again is asked.
func unasked(row *calendar.Row, item *calendar.Item, theirs calendar.Remote) bool {
	return item.NotifyGuests == nil && theirs.Invited() > 0 && row.Invited() == 0
}

// meetDeleted is a deletion there under an edit here. If what we sent had
// reached it, its author had seen the edit, and where nothing more of Aura's is
// left the deletion wins; only otherwise is the event restored.
//
// What is to be created may have lived there before, under the same id: its
// calendar was left, or its copies were taken away. The deletion of that earlier
// life, which doesn't bear a stamp of this item's (somebody may have erased the one
// that it bore), says nothing about this one.
func meetDeleted(row *calendar.Row, item *calendar.Item, theirs calendar.Remote) met {
	earlier := item.Op == calendar.OpCreate && !item.Bears(theirs.Stamp)
	if len(item.Sent) > 0 && !earlier {
		merged, conflicts := calendar.Merge(row.Content, row.Edited, item, theirs)
		if len(calendar.Differing(merged, theirs.Content)) == 0 {
			return gone(row, theirs, conflicts, "deleted at the provider, where all that was edited in Aura had got before")
		}
	}
	it := *item
	it.Op = calendar.OpRestore
	m := met{row: relink(row, theirs), item: &it, what: "to_be_restored", why: whyPutBack}
	switch {
	case item.Op == calendar.OpRestore: // which was named when it became one
		m.why = "it is to be put back, and is still deleted at the provider"
	case earlier:
		m.why = "created in Aura: what was deleted at the provider is an earlier copy of it"
	default:
		m.outlived = &outlived{was: *cmp.Or(item.Base, &calendar.Content{}), is: row.Content, here: true}
	}
	return m
}

// gone is an event that is deleted on both sides; of an occurrence the hole
// stays, and of what an Idempotency-Key made, that the key is spent.
func gone(row *calendar.Row, theirs calendar.Remote, conflicts []calendar.Conflict, why string) met {
	m := met{conflicts: conflicts, what: "deleted", why: why, row: row.Remains()}
	if row.IsException() {
		m.row = hole(relink(row, theirs))
	}
	return m
}

// relink gives the row with its link at a newer state, and whether it may be
// written there is that state's to say: its organizer may be another by now.
func relink(row *calendar.Row, theirs calendar.Remote) *calendar.Row {
	next := *row
	l := calendar.Link{}
	if row.Link != nil {
		l = *row.Link
	}
	l.ETag, l.Updated = theirs.ETag, theirs.Updated
	if theirs.ProviderID != "" {
		l.ProviderID = theirs.ProviderID
	}
	next.Link = &l
	if !theirs.Deleted { // of what was deleted little is known
		next.ReadOnly = theirs.OnlyThere()
	}
	next.Version++
	return &next
}
