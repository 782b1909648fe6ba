package calendar

import (
	"fmt"
	"slices"
	"strings"
	"time"
)

// Field is one of the synced fields, the grain of a merge.
type Field string

// The synced fields. Start and end are one: merging them apart could end an
// event before it starts, or make it half a day and half an hour.
const (
	FieldTitle       Field = "title"
	FieldDescription Field = "description"
	FieldLocation    Field = "location"
	FieldWhen        Field = "when"
	FieldRecurrence  Field = "recurrence"
	FieldStatus      Field = "status"
	FieldBusy        Field = "busy"
	FieldVisibility  Field = "visibility"
)

// Fields lists them all, in the order in which conflicts are reported.
func Fields() []Field {
	return []Field{FieldTitle, FieldDescription, FieldLocation, FieldWhen, FieldRecurrence, FieldStatus, FieldBusy, FieldVisibility}
}

// value gives a field for hashing and for a report.
func (c Content) value(f Field) any {
	switch f {
	case FieldTitle:
		return c.Title
	case FieldDescription:
		return c.Description
	case FieldLocation:
		return c.Location
	case FieldWhen:
		return [2]Time{c.Start, c.End}
	case FieldRecurrence:
		return c.Recurrence
	case FieldStatus:
		return c.Status
	case FieldBusy:
		return c.Busy
	}
	return c.Visibility
}

// Text gives a field's value for a report.
func (c Content) Text(f Field) string {
	switch f {
	case FieldWhen:
		return c.Start.Text() + " – " + c.End.Text()
	case FieldRecurrence:
		return strings.Join(c.Recurrence, "; ")
	}
	return fmt.Sprint(c.value(f))
}

// Text gives a time for a report.
func (t Time) Text() string {
	if t.IsDate() {
		return t.Date
	}
	return strings.TrimSpace(t.At.UTC().Format(time.RFC3339) + " " + t.Zone)
}

// same compares one field of two contents.
func (c Content) same(f Field, d Content) bool {
	switch f {
	case FieldWhen:
		return c.Start.Equal(d.Start) && c.End.Equal(d.End)
	case FieldRecurrence:
		return slices.Equal(c.Recurrence, d.Recurrence)
	}
	return c.value(f) == d.value(f)
}

// Take sets one field to another content's.
func (c *Content) Take(f Field, from Content) {
	switch f {
	case FieldTitle:
		c.Title = from.Title
	case FieldDescription:
		c.Description = from.Description
	case FieldLocation:
		c.Location = from.Location
	case FieldWhen:
		c.Start, c.End = from.Start, from.End
	case FieldRecurrence:
		c.Recurrence = slices.Clone(from.Recurrence)
	case FieldStatus:
		c.Status = from.Status
	case FieldBusy:
		c.Busy = from.Busy
	case FieldVisibility:
		c.Visibility = from.Visibility
	}
}

// Only gives a content that holds the fields named, and nothing of the others.
func (c Content) Only(fields []Field) Content {
	var out Content
	for _, f := range fields {
		out.Take(f, c)
	}
	return out
}

// Conflict is one field that both sides changed to different values.
type Conflict struct {
	Field    Field
	Ours     Content // holds the field's value in Aura
	Theirs   Content // and at the provider
	OursWon  bool
	OursAt   time.Time // when the user edited it in Aura
	Bound    bool      // OursAt is of another calendar, which the event comes from: an upper bound
	TheirsAt time.Time // when the provider last changed anything of the event: an upper bound
}

// Merge merges Aura's content with a remote state, three ways and per field:
// only one side changed it → that side; both, differently → the newer, by the
// time of the user's own edit against the provider's time of the event; a tie
// goes to the provider.
//
// The base is the item's, except where the remote bears the stamp of an attempt
// that the item made: what that attempt carried is what the remote started
// from. So our own write is never taken for the provider's edit, nor the
// provider's revert for our base. Nor is it where the provider has written a rule in
// its own way.
//
// Where the base is another calendar's, a field that differs from the remote may
// have been changed on either side, whether ours is as it was there or not: the
// newer wins, and an edit that was made there counts by its time there.
func Merge(ours Content, edited map[string]time.Time, item *Item, theirs Remote) (Content, []Conflict) {
	out := ours
	out.Recurrence = slices.Clone(ours.Recurrence)
	var conflicts []Conflict
	for _, f := range Fields() {
		base, known := item.baseOf(f, theirs.Stamp)
		oursChanged := !known || item.Former != nil || !ours.same(f, base)
		theirsChanged := !known || !theirs.Content.same(f, base)
		switch {
		case ours.same(f, theirs.Content) || !theirsChanged:
		case !oursChanged, ours.means(f, theirs.Content):
			out.Take(f, theirs.Content)
		case known && theirs.Content.means(f, base): // written there in another way, and changed by nobody
		default:
			at, bound := item.lastEdit(edited, f)
			c := Conflict{Field: f, Ours: ours, Theirs: theirs.Content, OursWon: at.After(theirs.Updated), OursAt: at, Bound: bound, TheirsAt: theirs.Updated}
			if !c.OursWon {
				out.Take(f, theirs.Content)
			}
			conflicts = append(conflicts, c)
		}
	}
	return whole(out, conflicts, ours, edited, item, theirs)
}

// whole keeps a merge from leaving a series that ends before it begins, where one
// side moved it and the other ended it earlier: nothing of it would be left on
// either. Its dates are the newer's then, both fields together.
func whole(out Content, conflicts []Conflict, ours Content, edited map[string]time.Time, item *Item, theirs Remote) (Content, []Conflict) {
	if !out.Ended() || ours.Ended() || theirs.Content.Ended() {
		return out, conflicts
	}
	return Together(out, conflicts, ours, edited, item, theirs)
}

// Together gives a merge the dates of one side, the newer: when the series begins and
// its recurrence go together. What of the other's the merge had is one conflict more.
func Together(out Content, conflicts []Conflict, ours Content, edited map[string]time.Time, item *Item, theirs Remote) (Content, []Conflict) {
	dates := []Field{FieldWhen, FieldRecurrence}
	at, bound := item.lastEdit(edited, FieldWhen)
	if r, b := item.lastEdit(edited, FieldRecurrence); r.After(at) {
		at, bound = r, b
	}
	win, lose, oursWon := theirs.Content, ours, at.After(theirs.Updated)
	if oursWon {
		win, lose = ours, theirs.Content
	}
	for _, f := range dates {
		if out.same(f, lose) && !out.same(f, win) {
			conflicts = slices.DeleteFunc(conflicts, func(c Conflict) bool { return c.Field == f })
			conflicts = append(conflicts, Conflict{Field: f, Ours: ours, Theirs: theirs.Content, OursWon: oursWon, OursAt: at, Bound: bound, TheirsAt: theirs.Updated})
		}
		out.Take(f, win)
	}
	return out, conflicts
}

// Ended reports a series whose rules all end before it begins: it has no
// occurrence, or its start alone, depending on who expands it.
func (c Content) Ended() bool {
	rules := 0
	for _, line := range singly(c.Recurrence) {
		name, value, _ := strings.Cut(line, ":")
		name, _, _ = strings.Cut(strings.ToUpper(name), ";")
		switch name {
		case "RRULE":
			until, ok := untilOf(value)
			if !ok || !until.Before(c.Start.Instant()) {
				return false
			}
			rules++
		case "RDATE":
			return false
		}
	}
	return rules > 0
}

// untilOf gives the last moment of a rule's UNTIL, a whole day for a date.
func untilOf(rule string) (time.Time, bool) {
	for _, part := range strings.Split(rule, ";") {
		key, v, _ := strings.Cut(part, "=")
		if !strings.EqualFold(strings.TrimSpace(key), "UNTIL") {
			continue
		}
		if day, err := time.Parse("20060102", v); err == nil {
			return day.AddDate(0, 0, 1).Add(-time.Second), true
		}
		at, err := time.Parse("20060102T150405", strings.TrimSuffix(v, "Z"))
		return at, err == nil
	}
	return time.Time{}, false
}

// baseOf gives a content that holds the base of one field, and whether there is
// any base at all.
func (i *Item) baseOf(f Field, stamp string) (Content, bool) {
	if stamp != "" {
		for _, a := range i.Sent {
			if a.Stamp == stamp && a.carries(f) {
				return a.Content, true
			}
		}
	}
	if i.Base != nil {
		return *i.Base, true
	}
	return Content{}, false
}
