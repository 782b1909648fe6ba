package integration

import (
	"context"
	"time"

	"aura.example/integrations/shared/seal"
)

// Account is the plan side of a customer account.
type Account struct {
	ID      string
	Plan    string
	Limit   int // integrations that the plan allows
	Used    int // integrations that exist; equals the number of records, always
	Version int64
}

// DefaultPlan is what an account has that nobody has set a plan for.
const DefaultPlan = "free"

// Entry is one line of the history: a transition that happened.
type Entry struct {
	ID            string // ULID: sorts by time
	Key           Key
	Generation    string
	At            time.Time
	Transition    Name
	From, To      Status
	Actor         Actor
	Reason        string
	CorrelationID string
}

// Retention is how long history, runs and decisions are kept.
const Retention = 90 * 24 * time.Hour

// Flow is an OAuth flow that was opened. Nothing in it is secret: the state is
// kept as a hash; PKCE verifier and nonce are derived from the state itself.
type Flow struct {
	StateHash  string
	Key        Key
	User       string
	Generation string
	ReturnTo   string
	Expires    time.Time
}

// Credential is a sealed credential as stored.
type Credential struct {
	Key        Key
	Generation string
	Subject    string // HMAC of provider and subject: the registry's key, not the subject itself
	Sealed     seal.Envelope
	Scopes     []string
	Version    int64
}

// Change is one transition (or change of settings) as a transaction: all of it
// or nothing.
//
// Before and After are the record as read and as it is to be; nil Before
// creates, nil After deletes. The store writes the attributes that differ, on
// condition that id, version and fence are those of Before. The run's own
// attributes that don't differ are left alone, so that a commit of a run made
// between the read and this write isn't undone.
type Change struct {
	Before, After *Integration
	Entry         *Entry // history; nil for a change of settings that isn't a transition
	Limit         int    // for create: the limit of an account that has no record yet
	Flow          *Flow  // put
	// Credential is put whatever is stored, raising its stored version, with
	// its subject registration: the condition on the record is guard enough, and
	// whoever completes a flow may not read credentials.
	Credential *Credential
	// Order is put above the version of one that is there, and keeps what that one
	// still owes: its removal, the copies that it noted, and its claim.
	Order *Order
	// Ended is the report of a run that a person was promised and whose lease this
	// change clears: its address never becomes a 404.
	Ended     *Run
	DropOrder string // generation whose order is deleted, unless it is just revoking
}

// Store keeps integrations. Implementations are safe for concurrent use; reads
// are strongly consistent. Nobody below retries a refused condition: the
// caller re-reads and decides.
//
// Errors (fault kinds): NotFound; Conflict provider_exists and
// plan_limit_reached from creates (both: provider_exists); Stale when id,
// version or fence moved on; Unavailable revoking when DropOrder's order is
// claimed.
type Store interface {
	// Get gives one record; NotFound where there is none.
	Get(ctx context.Context, key Key) (*Integration, error)
	// List gives all records of an account, by provider.
	List(ctx context.Context, account string) ([]*Integration, error)
	// Apply carries out a change. Create raises the account's count, delete
	// lowers it, both in the same transaction.
	Apply(ctx context.Context, ch Change) error
	// EditsWait notes that nobody comes for an edit that waits, as of a moment (see
	// Integration), on condition of the generation; Stale otherwise. Version, fence and
	// lease stay.
	EditsWait(ctx context.Context, key Key, generation string, at time.Time) error
	// Note stores rec.FlowExpires and nothing else of the record, on condition
	// that the generation is there; with a flow and a history entry where they are
	// given. Version, fence and lease stay: an abandoned consent page disturbs
	// nothing.
	Note(ctx context.Context, rec *Integration, flow *Flow, entry *Entry) error
}

// Accounts keeps plans.
type Accounts interface {
	// Account gives plan and usage; an account without a record has the default
	// plan, limit 0 (the caller's configuration says) and nothing used.
	Account(ctx context.Context, account string) (Account, error)
	// SetPlan stores plan and limit on condition that the version is the one
	// read; Stale otherwise. Existing integrations are kept whatever the limit.
	SetPlan(ctx context.Context, a Account) (Account, error)
}

// Flows keeps OAuth flows.
type Flows interface {
	// Flow gives an open flow by the hash of its state; NotFound when unknown,
	// consumed or expired (TTL deletion is lazy, so the time is checked).
	Flow(ctx context.Context, stateHash string, now time.Time) (Flow, error)
	// Consume deletes the flow on condition that it is there; NotFound for
	// whoever comes second.
	Consume(ctx context.Context, stateHash string) error
}

// Leases keeps the single in-flight sync. Every method is one conditional
// write; its errors are those of the caller's protocol: Stale means superseded.
type Leases interface {
	// Take takes the lease for a claim, as Judge says. It returns the record as
	// written when Taken, else as it stands (nil where there is none).
	Take(ctx context.Context, c Claim) (*Integration, Verdict, error)
	// SetDirty asks the holder for another round, on condition that the holder
	// is still this attempt and running; Stale otherwise (then acquire).
	SetDirty(ctx context.Context, key Key, generation, attempt string) error
	// Commit extends the lease and stores what the run has reached, on
	// condition of generation and fence.
	Commit(ctx context.Context, h Hold, c Commit) error
	// End gives the lease up, on condition of generation, fence and, unless Next
	// or ClearDirty is set, of dirty being unset: Conflict "dirty" otherwise. With Next it raises
	// the fence, as every taking does. An end that took effect already is no error.
	End(ctx context.Context, h Hold, e Ending) error
	// Drop removes a queued lease that is still this attempt's (Sync now's send
	// failed); Stale when a worker has adopted it.
	Drop(ctx context.Context, key Key, generation, attempt string) error
}

// Hold is a run's claim to write: refused once generation or fence moved on.
type Hold struct {
	Key
	Generation string
	Fence      int64
}

// Commit is what a run stores on its way. Zero fields are left alone.
type Commit struct {
	Until   time.Time // new end of the lease
	State   RunState  // RunQueued: a checkpoint; any job may adopt it
	Started time.Time // a new round: clears Dirty and moves the start
	Phase   Phase
	Pages   int
	Events  int
	Email   string
	Channel *Channel // the push channel from now on; one of no fields removes it
	Slot    *string  // with Channel: a live one is polled less
	// ForgetCursor drops the cursor: a run that ends well after this, and hasn't listed
	// everything since, leaves none either, so that the next one does.
	ForgetCursor bool
}

// Ending is the write that ends a run. Nil pointers keep what is stored; a
// pointer to a zero value clears it.
type Ending struct {
	Outcome         RunState
	LastRun         *LastRun  // nil keeps the last one that ended
	Started         time.Time // of the last round: becomes LastStarted when it succeeded
	Cursor          *string   // nil keeps it
	LinkedCount     *int
	FreshAsOf       time.Time
	ClearVerify     bool // the run was the verifying resync
	ClearDecision   bool
	ClearDirty      bool // whoever asked for another round waits for the slot: a failed run that mustn't go on soon
	ClearSwitch     bool // what another calendar's choice left to do is done
	Failures        *int
	FailureWindow   *int64
	RetryNotBefore  *time.Time
	RetryAt         *time.Time // of the next probe, after one that failed
	PushPausedUntil *time.Time
	PushRest        *time.Duration
	ReadOnly        *bool     // the calendar's role has changed
	EditsWait       time.Time // nobody comes for what waits, as of then; zero keeps what is noted
	EditsSent       time.Time // clears the note of that moment; another stays, since it was made meanwhile
	Unreadable      *bool     // something was set aside, or nothing is any more
	Next            *Lease    // handover after the last round: a queued lease for a new run; dirty is cleared
	Slot            *string
}

// Checkpoint is where a killed first sync resumes.
type Checkpoint struct {
	Key        Key
	Generation string
	Fence      int64 // of the run that stored it
	CalendarID string
	Filter     string // what was listed: a page token goes on from the pages of this list and of no other
	PageToken  string
	Pages      int
	Events     int
	At         time.Time
}

// Checkpoints keeps the first sync's place; it exists only while a first sync
// has more than one page.
type Checkpoints interface {
	Checkpoint(ctx context.Context, key Key) (*Checkpoint, error) // nil, nil where there is none
	// PutCheckpoint is refused (Stale) where a newer generation's place is stored,
	// or one of the same that a higher fence stored: a late holder must not send
	// whoever took over back.
	PutCheckpoint(ctx context.Context, c Checkpoint) error
	// DropCheckpoint has no condition: whoever comes too late with it costs the next
	// first sync the pages that it lists again, and no event.
	DropCheckpoint(ctx context.Context, key Key) error
}

// CalendarList is the account's calendars as the worker last saw them.
type CalendarList struct {
	Key       Key
	FetchedAt time.Time
	Calendars []ListedCalendar
}

// ListedCalendar is one calendar of the list.
type ListedCalendar struct {
	ID       string
	Name     string
	Role     string // owner, writer, reader, freeBusyReader
	Primary  bool
	TimeZone string
}

// HeldDeletions is what the tripwire held back, for the console.
type HeldDeletions struct {
	Key    Key
	Count  int
	Of     int
	Titles []string // the first 500
	At     time.Time
}

// Lists keeps what only the console shows.
type Lists interface {
	Calendars(ctx context.Context, key Key) (*CalendarList, error) // nil, nil where there is none
	// PutCalendars stores a list unless a younger one is there, which is no error: of
	// two that were asked for at once, the older may arrive later.
	PutCalendars(ctx context.Context, l CalendarList) error
	Held(ctx context.Context, key Key) (*HeldDeletions, error)
	// PutHeld stores what was held unless something younger is there, which is no
	// error: whoever was that late can't ask about it any more either.
	PutHeld(ctx context.Context, h HeldDeletions) error
	// DropHeld has no condition: it follows the end of the run that carried the
	// decision out, and nobody is asked about what is held before a run holds again.
	DropHeld(ctx context.Context, key Key) error
}

// Page is a request for part of a list, newest first.
type Page struct {
	Limit  int
	Cursor string // opaque; "" starts
}

// Journal keeps history, runs and decisions. Expired items are never given
// back, whether or not they were deleted yet.
type Journal interface {
	Entries(ctx context.Context, key Key, p Page, now time.Time) ([]Entry, string, error)
	// PutRun stores a report in place of an earlier one of the same run, without a
	// condition: its authors are the run's own processes, one after the other, and
	// whoever took over from one that vanished. Where the vanished one comes back it
	// knows more of what it did, and where it doesn't, the other's word is the last.
	PutRun(ctx context.Context, r Run) error
	Run(ctx context.Context, key Key, id string, now time.Time) (*Run, error) // NotFound
	Runs(ctx context.Context, key Key, p Page, now time.Time) ([]Run, string, error)
	// PutDecisions stores one chunk, once: the same again is no error, and other
	// decisions under its number are refused (Stale), since what a decision says of a
	// value that lost is nowhere else.
	PutDecisions(ctx context.Context, key Key, run string, chunk int, d []Decision, expires time.Time) error
	Decisions(ctx context.Context, key Key, run string) ([]Decision, error)
}

// Slots is the dispatcher's side of the sparse index.
type Slots interface {
	// Due gives what stands in one slot, page by page: keys, generation, status,
	// whether edits wait and how long it rests only. What can't be read is given as Unreadable, so that it stops nothing.
	Due(ctx context.Context, slot string, p Page) ([]DueItem, string, error)
	// Watermark gives how far a shard was dispatched; the zero Mark where it never
	// was.
	Watermark(ctx context.Context, shard int) (Mark, error)
	// SetWatermark moves it on, on condition that it stands at the minute at which
	// it was read; Stale otherwise.
	SetWatermark(ctx context.Context, shard int, from time.Time, to Mark) error
}

// Pacings tells how polls are spread out, for those who show when the next comes.
type Pacings interface {
	// Pacing gives a shard's; the zero Pacing where nothing was dispatched yet. It
	// may be a moment old.
	Pacing(ctx context.Context, shard int) (Pacing, error)
}

// DueItem is what a slot holds: an integration, or a wind-down order.
type DueItem struct {
	Key        Key
	Generation string
	Status     Status    // the integration's, as of a moment ago
	EditsWait  bool      // its polls aren't held back
	RetryAt    time.Time // of one that rests: nothing is due before
	WindDown   bool
	// Unreadable names an entry of the index that isn't any of that, as far as it
	// has a name; nothing else is set then.
	Unreadable string
}

// Credentials keeps sealed tokens, in their own table.
type Credentials interface {
	// Credential gives one, strongly consistent; NotFound.
	Credential(ctx context.Context, key Key, generation string) (*Credential, error)
	// Refresh stores a renewed token on condition that the version is the one
	// read; Stale for the loser, who adopts the winner's.
	Refresh(ctx context.Context, c Credential) (Credential, error)
	// DropCredential deletes one and its subject registration, on condition that
	// the version is the one read; Stale otherwise. One that is gone is no error.
	DropCredential(ctx context.Context, c Credential) error
	// Retire takes a credential out of the count of its subject's live ones and
	// leaves it stored, on condition that the version is the one read; Stale
	// otherwise. Twice is no error; a credential that is stored anew counts again.
	Retire(ctx context.Context, c Credential) error
	// OthersOf counts the live credentials of a subject besides this one.
	OthersOf(ctx context.Context, subject string, key Key, generation string) (int, error)
}
