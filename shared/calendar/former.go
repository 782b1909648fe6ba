package calendar

import "time"

// Former is where an event was that is linked to nothing now: its order's base is
// the last sync with that calendar. A copy that lies in any other calendar, from an
// earlier time there, began from something else.
type Former struct {
	Provider string
	Subject  string // whose calendar; "" where that isn't known any more
	Calendar string
	Updated  time.Time // the provider's time of the last state there
	Mirror   Mirror    // of the copy there, as it was last: its guests are none of the event's that left it
	ReadOnly bool      // that copy could only be changed there

	// The copy that stays there; "" where it is taken away, or may be (Keep).
	ProviderID string
	ETag       string
	Version    int64 // of the order: another one was edited since
}

// At gives the item as it is met in one account's calendar: without its former
// place where that is the very same, so that the base is this calendar's.
func (i *Item) At(provider, subject, calendar string) *Item {
	f := i.Former
	if f == nil || f.Subject == "" || f.Provider != provider || f.Subject != subject || f.Calendar != calendar {
		return i
	}
	c := *i
	c.Former = nil
	return &c
}

// Based gives the item with the state that it goes on from, which is the linked
// event's from now on.
func (i *Item) Based(on Content) *Item {
	c := *i
	c.Base, c.Former = &on, nil
	return &c
}

// lastEdit is when a field was last edited in Aura. Of what comes from another
// calendar an edit that was made there counts too: then it is an upper bound.
func (i *Item) lastEdit(edited map[string]time.Time, f Field) (at time.Time, bound bool) {
	at = edited[string(f)]
	if i.Former != nil && i.Former.Updated.After(at) {
		return i.Former.Updated, true
	}
	return at, false
}
