package integration

import (
	"time"
)

// Key names the one place that an account has for a provider. There can be
// only one record for it: "one integration per provider" is this key.
type Key struct {
	Account  string
	Provider string
}

// Integration is one record: configuration, status, and the state of its
// syncs. It is stored whole under one key and stays under 1 KB, so that a
// write costs one unit.
//
// Two counters guard it. Version moves with every transition and every change
// of settings, and is what the API's ETag shows; a run's own commits leave it
// alone. Fence moves with every taking of the lease and with every transition;
// a run's writes are refused once it has moved on.
type Integration struct {
	Key
	ID      string // generation: a ULID, new with every create or replacement
	Status  Status
	Reason  *Reason // nil while nothing is wrong
	Version int64
	Fence   int64

	Settings Settings
	Subject  string // the provider's stable id of the user; kept while disconnected
	Email    string // as the provider last said; for people, never for identity
	Scopes   []string

	Cursor      string // opaque; good for exactly this calendar and these kinds
	LinkedCount int    // events linked to the calendar, for the tripwire
	Lease       *Lease // nil while no run is under way
	Dirty       bool   // somebody asked for another round of the running run
	VerifyAfter time.Time
	LastStarted time.Time // start of the last run that completed
	LastRun     *LastRun  // the last one that ended, well or not; see Completed
	FreshAsOf   time.Time // the provider's truth as of this moment is here

	RetryNotBefore  time.Time     // failed runs wait until then; Sync now doesn't
	RetryAt         time.Time     // next probe of a deactivated integration
	PushPausedUntil time.Time     // quotaExceeded: writes wait, reads go on; a whole minute
	PushRest        time.Duration // how long they rest, in whole hours; 0 once a write was taken again
	Failures        int           // windows in a row with a failed run
	FailureWindow   int64         // the last window that was counted

	// EditsWait is when it was last noted that nobody comes for an edit that waits: its
	// job could not be sent, or its run failed. Polls aren't held back then, however far
	// the others' are spread out; a run that has sent what waits, having begun after
	// that, clears it. In whole seconds.
	EditsWait time.Time

	// GaveUpIn is the version that the record got when what waited was given up with the
	// choice that edits only come in; 0 where nothing was. No edit from before is sent any
	// more, whatever is chosen later.
	GaveUpIn int64
	ReadOnly bool // the calendar can only be read, as the provider last said: its events are brought in, none goes out
	// Unreadable says that something may stand in the quarantine that couldn't be
	// stored: a deletion of what nothing is known of here is then looked for there.
	Unreadable bool

	DeletionsDecision DeletionsDecision
	CalendarSwitch    *CalendarSwitch
	Channel           *Channel
	WasPaused         bool // paused before it went to testing by itself

	StatusSince time.Time
	FlowExpires time.Time // an OAuth flow was opened and hasn't come back
	CreatedAt   time.Time
	Slot        string // where the dispatcher finds it; "" while nothing is due

	// Vanished is the running lease that a takeover found expired, this worker's or
	// that of the Sync now whose run it adopts: the worker reports that run as
	// failed. Set by Take, never stored.
	Vanished *Lease
}

// Settings is what the user may choose.
type Settings struct {
	CalendarID   string // PrimaryCalendar, or the provider's id; "" until verified
	CalendarName string
	Direction    Direction
	Interval     time.Duration // between polls: 1, 5, 15 or 60 minutes
	ImportKinds  []string      // kinds imported beyond the default ones
}

// PrimaryCalendar stands for the account's primary calendar, whose real id is
// the user's e-mail address and can change.
const PrimaryCalendar = "primary"

// Direction says which way edits travel.
type Direction string

// The three directions.
const (
	TwoWay       Direction = "two_way"
	FromProvider Direction = "from_provider"
	ToProvider   Direction = "to_provider"
)

// Intervals lists the polling intervals that may be chosen.
func Intervals() []time.Duration {
	return []time.Duration{time.Minute, 5 * time.Minute, 15 * time.Minute, time.Hour}
}

// DefaultInterval is what a new integration polls at.
const DefaultInterval = 5 * time.Minute

// DeletionsDecision is the user's answer to held deletions.
type DeletionsDecision string

// The answers; "" means that nothing was asked or nothing was said yet.
const (
	DeletionsConfirmed DeletionsDecision = "confirmed"
	DeletionsRejected  DeletionsDecision = "rejected"
)

// CalendarSwitch remembers what another calendar's choice left to do.
type CalendarSwitch struct {
	OldCalendar  string
	RemoveCopies bool
}

// Channel is the provider's push channel, as far as the record needs it. Without
// an ID there is none yet, or the provider refused it, and the calendar is polled.
type Channel struct {
	ID        string
	Resource  string
	Expires   time.Time // zero while the provider hasn't confirmed it
	Next      string    // being opened; stored before the provider is asked, so that none is ever unknown
	NotBefore time.Time // no other is opened before: the overlap hasn't begun, or the provider refused
}

// Live reports whether the provider has promised to tell of changes now.
func (c *Channel) Live(now time.Time) bool { return c != nil && c.ID != "" && now.Before(c.Expires) }

// Names reports whether a channel is the current one or the one being opened.
func (c *Channel) Names(id string) bool { return c != nil && id != "" && (id == c.ID || id == c.Next) }

// LastRun is the last run that ended: of one that completed with four counts
// over both directions, of one that failed without (its own item has them, and
// why it failed). A superseded run leaves no trace here.
type LastRun struct {
	ID        string
	Started   time.Time
	Ended     time.Time
	Trigger   Trigger
	Outcome   RunState
	Created   int
	Updated   int
	Deleted   int
	Conflicts int
	Completed string // of one that failed: the last run that completed before it, "" for none
}

// Failed gives what a record keeps of a run that failed just now: who asks for
// the run that completed before it must still find that one.
func (i *Integration) Failed(r Run) *LastRun {
	return &LastRun{ID: r.ID, Started: r.StartedAt, Ended: r.EndedAt, Trigger: r.Trigger, Outcome: RunFailed, Completed: i.Completed()}
}

// Completed is the id of the last run that completed, "" before the first: the
// one that covers its own job, whatever failed since.
func (i *Integration) Completed() string {
	switch l := i.LastRun; {
	case l == nil:
		return ""
	case l.Outcome == RunFailed:
		return l.Completed
	default:
		return l.ID
	}
}

// Syncs reports whether a run may take the lease now: testing (the run
// verifies), active, and a deactivated one whose probe is due.
func (i *Integration) Syncs(now time.Time) bool {
	switch i.Status {
	case Testing, Active:
		return true
	case Error:
		return i.Reason != nil && i.Reason.Code == ReasonRepeatedFailures && !i.RetryAt.IsZero() && !now.Before(i.RetryAt)
	}
	return false
}

// Clone copies the record so that neither copy sees the other's changes.
func (i *Integration) Clone() *Integration {
	c := *i
	c.Scopes = append([]string(nil), i.Scopes...)
	c.Settings.ImportKinds = append([]string(nil), i.Settings.ImportKinds...)
	c.Reason = clone(i.Reason)
	c.Lease = clone(i.Lease)
	if c.Lease != nil {
		c.Lease.Instead = clone(i.Lease.Instead)
	}
	c.Vanished = clone(i.Vanished)
	c.LastRun = clone(i.LastRun)
	c.CalendarSwitch = clone(i.CalendarSwitch)
	c.Channel = clone(i.Channel)
	return &c
}

func clone[T any](p *T) *T {
	if p == nil {
		return nil
	}
	c := *p
	return &c
}
