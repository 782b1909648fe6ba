package calendar

import (
	"slices"
	"time"
)

// Rest is what an edit of a series has still to do to its exceptions, where those
// are more than one transaction takes. The edit is decided with the series, and
// says there what is left: whoever finds it carries it out before doing anything
// else with the series, so that the edit is whole whatever becomes of the process
// that began it.
type Rest struct {
	// Heir is the series that the exceptions from From on go over to, as far as it
	// has their dates when each is moved from Was to Is. "" says that none does:
	// those go whose date the series has no longer, or all where it is deleted.
	Heir    string
	From    Time
	Was, Is Time
	Since   time.Time // when it was decided
	// Anew says that the series is made anew at the provider, which had lost every
	// trace of it: its exceptions stay as they are here, and are to be sent to the
	// new one as what they change of it.
	Anew   bool
	Notify *bool // as that edit said of the guests
}

// Later is what the edits made since an attempt said of the guests: an attempt
// that has settled has told them of the edits before it.
type Later struct {
	Than   int64 // version of the attempt
	Notify *bool
}

// Decide joins what one more edit says of the guests to what was said before:
// they are told if either said so.
func (i *Item) Decide(notify *bool) {
	i.NotifyGuests = Joined(i.NotifyGuests, notify)
	newest := i.newestSent()
	if newest == 0 {
		return
	}
	if i.Later == nil || i.Later.Than != newest {
		i.Later = &Later{Than: newest, Notify: notify}
		return
	}
	i.Later = &Later{Than: newest, Notify: Joined(i.Later.Notify, notify)}
}

// Told leaves of what was decided about the guests what the edits since a
// version say, once the attempt of that version has settled.
func (i *Item) Told(version int64) {
	if i.Later != nil && i.Later.Than == version {
		i.NotifyGuests = i.Later.Notify
	}
	i.Later = nil
}

func (i *Item) newestSent() int64 {
	var v int64
	for _, a := range i.Sent {
		v = max(v, a.Version)
	}
	return v
}

// Joined joins two decisions about the guests: told if either said so.
func Joined(before, now *bool) *bool {
	if before == nil || now != nil && *now {
		return now
	}
	return before
}

// Clone gives an item of its own.
func (i *Item) Clone() *Item {
	if i == nil {
		return nil
	}
	c := *i
	c.Sent, c.Heirs, c.Fresh = slices.Clone(i.Sent), slices.Clone(i.Heirs), slices.Clone(i.Fresh)
	c.Dropped = slices.Clone(i.Dropped)
	c.Base, c.Refused, c.NotifyGuests = clone(i.Base), clone(i.Refused), clone(i.NotifyGuests)
	c.Rest, c.Later, c.Former, c.Parted = clone(i.Rest), clone(i.Later), clone(i.Former), clone(i.Parted)
	c.Beside = clone(i.Beside)
	if c.Former != nil {
		c.Former.Mirror.Guests = slices.Clone(i.Former.Mirror.Guests)
	}
	if c.Parted != nil {
		c.Parted.Fields = slices.Clone(i.Parted.Fields)
	}
	if c.Base != nil {
		c.Base.Recurrence = slices.Clone(i.Base.Recurrence)
	}
	return &c
}

func clone[T any](p *T) *T {
	if p == nil {
		return nil
	}
	c := *p
	return &c
}

// OfHalves gives those of the fields that both halves of a divided series have in
// common: when each is, is its own.
func OfHalves(fields []Field) []Field {
	return slices.DeleteFunc(slices.Clone(fields), func(f Field) bool { return f == FieldWhen || f == FieldRecurrence })
}

// EditedThere gives what of a series was edited at the provider since this item's
// base, among what its halves have in common, and that base.
func (i *Item) EditedThere(theirs Remote) ([]Field, Content) {
	var out []Field
	var base Content
	for _, f := range OfHalves(Fields()) {
		was, known := i.baseOf(f, theirs.Stamp)
		if known && !theirs.Content.same(f, was) {
			base.Take(f, was)
			out = append(out, f)
		}
	}
	return out, base
}
