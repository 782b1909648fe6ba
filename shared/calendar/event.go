// Package calendar is the domain of events: what an event is on both sides,
// what links the two, and the ports of the provider and of Aura's own store.
//
// Nothing here is any provider's shape. Masters and exceptions are kept as
// such, never expanded in storage; an exception is found by its master and its
// original start, never by parsing an id.
package calendar

import (
	"slices"
	"time"
)

// Time is a point of an event: a date for an all-day one, else an instant with
// the zone it was meant in.
type Time struct {
	Date string    // 2006-01-02; "" for a timed one
	At   time.Time // zero for an all-day one
	Zone string    // IANA name as given, kept even where this runtime doesn't know it; "" if none was given
}

// IsDate reports whether the time is a date.
func (t Time) IsDate() bool { return t.Date != "" }

// IsZero reports whether nothing is set.
func (t Time) IsZero() bool { return t.Date == "" && t.At.IsZero() }

// Equal compares two times: dates by their day, instants by moment and zone.
func (t Time) Equal(u Time) bool {
	return t.Date == u.Date && t.At.Equal(u.At) && t.Zone == u.Zone
}

// SameMoment compares two times regardless of the zone they are written in;
// original starts are compared so.
func (t Time) SameMoment(u Time) bool { return t.Date == u.Date && t.At.Equal(u.At) }

// Instant gives the moment in UTC; a date counts as its midnight in UTC.
func (t Time) Instant() time.Time {
	if t.IsDate() {
		d, err := time.Parse(time.DateOnly, t.Date)
		if err != nil {
			return time.Time{}
		}
		return d
	}
	return t.At.UTC()
}

// Content is what travels both ways.
type Content struct {
	Title       string
	Description string
	Location    string
	Start, End  Time
	Recurrence  []string // RRULE, EXDATE, RDATE, EXRULE lines, verbatim and in order
	Status      EventStatus
	Busy        bool
	Visibility  Visibility
}

// EventStatus is an event's own status.
type EventStatus string

// The statuses; a cancelled one is kept only as an exception that removes an
// occurrence from its series.
const (
	Confirmed EventStatus = "confirmed"
	Tentative EventStatus = "tentative"
	Cancelled EventStatus = "cancelled"
)

// Visibility says who may see the details.
type Visibility string

// The visibilities.
const (
	DefaultVisibility Visibility = "default"
	Public            Visibility = "public"
	Private           Visibility = "private"
	Confidential      Visibility = "confidential"
)

// Guest is somebody who was invited; mirrored, never written.
type Guest struct {
	Email     string
	Name      string
	Response  string // needsAction, accepted, declined, tentative
	Optional  bool
	Organizer bool
	Self      bool
}

// Mirror is what is shown of the provider's side and never written back.
type Mirror struct {
	Kind       string // default, outOfOffice, focusTime, workingLocation, birthday, fromGmail
	Guests     []Guest
	MyResponse string
	Conference string // a link to join
	Organizer  bool   // whether we organize it
}

// Invited counts the guests besides the account itself: those who could be
// written to.
func (m *Mirror) Invited() int {
	n := 0
	for _, g := range m.Guests {
		if !g.Self {
			n++
		}
	}
	return n
}

// Remote is one event as the provider answers it.
type Remote struct {
	ProviderID    string
	MasterID      string // provider's id of the master; "" for masters and single events
	OriginalStart Time   // of an exception
	Deleted       bool   // cancelled; everything but the ids may be missing then
	// MaybeOccurrence: deleted, and nothing but its id was given, which may be an
	// occurrence's.
	MaybeOccurrence bool
	Content
	Mirror
	ETag    string
	Updated time.Time // the provider's clock; zero where it wasn't given
	Stamp   string    // what our last write left in it; evidence of a write, never of identity
	Created time.Time
}

// writableKinds are the kinds that may be written back; any other is shown and left
// alone.
var writableKinds = []string{"", "default"}

// OnlyThere says that Aura may not change the event: not its kind, or not its
// organizer.
func (e *Remote) OnlyThere() bool { return !slices.Contains(writableKinds, e.Kind) || !e.Organizer }

// Origin is where an event was born.
type Origin string

// The origins.
const (
	BornInAura     Origin = "aura"
	BornAtProvider Origin = "provider"
)

// Link ties a row to its event at the provider.
type Link struct {
	Provider   string
	Calendar   string
	ProviderID string
	ETag       string
	Updated    time.Time
	Under      int64 // of what a push linked, a series or single event: version of the integration's record then; 0: not known, or pulled
	Generation string
	Fence      int64 // of the run that wrote it last; a lower fence is refused
}

// Pending says that an edit of Aura's waits to be pushed.
type Pending string

// The marks; "" means that nothing waits.
const (
	PendingEdit   Pending = "edit"
	PendingDelete Pending = "deleted" // the row is a hidden tombstone until it settles
)

// Row is an event as Aura stores it.
type Row struct {
	Account       string
	ID            string
	MasterID      string // Aura id of the master; "" for masters and single events
	OriginalStart Time
	Content
	Mirror
	Origin     Origin
	Edited     map[string]time.Time // field → time of the user's own edit
	Link       *Link                // nil: at no provider yet
	Pending    Pending
	Odd        string // why it can't be expanded, or which zone is unknown; "" when all is well
	ReadOnly   bool
	Version    int64
	CreatedAt  time.Time
	UpdatedAt  time.Time
	CreateHash string // of the request that created it, for Idempotency-Key
}

// IsMaster reports whether the row is a series.
func (r *Row) IsMaster() bool { return r.MasterID == "" && len(r.Recurrence) > 0 }

// IsException reports whether the row stands for one occurrence of a series.
func (r *Row) IsException() bool { return r.MasterID != "" }

// Hidden reports a row that stands for nothing that could be shown: one that is
// being deleted, or was cancelled.
func (r *Row) Hidden() bool { return r.Pending == PendingDelete || r.Status == Cancelled }

// Hole reports an occurrence that was taken out of its series, on both sides.
func (r *Row) Hole() bool { return r.IsException() && r.Status == Cancelled && r.Pending == "" }

// Remains is what stays of a row once its event is deleted: nothing, unless an
// Idempotency-Key made it.
func (r *Row) Remains() *Row {
	if r.CreateHash == "" {
		return nil
	}
	return r.Spent()
}

// Spent is what stays of an event that an Idempotency-Key made, once it is
// deleted: enough to know that the key was used, and for what.
func (r *Row) Spent() *Row {
	return &Row{
		Account: r.Account, ID: r.ID, Content: Content{Status: Cancelled}, Origin: r.Origin,
		Version: r.Version + 1, CreatedAt: r.CreatedAt, UpdatedAt: r.UpdatedAt, CreateHash: r.CreateHash,
	}
}

// IsSpent reports a row of which only that its Idempotency-Key was used is left: the
// event, or series, is gone as one without a row is.
func (r *Row) IsSpent() bool {
	return r.MasterID == "" && r.Link == nil && r.Pending == "" && r.Status == Cancelled
}

// TakesAlong reports a series that hides what is stored of its occurrences, since it
// is being deleted itself. One that is gone for good takes nothing along: what is left
// of it stands alone.
func (r *Row) TakesAlong() bool { return r != nil && r.Hidden() && !r.IsSpent() }

// Span is when one occurrence of a series begins and ends.
type Span struct{ Start, End Time }
