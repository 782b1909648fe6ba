package calendar

import (
	"context"
	"time"
)

// Role is what the account may do with a calendar.
type Role string

// The roles, from most to least.
const (
	RoleOwner          Role = "owner"
	RoleWriter         Role = "writer"
	RoleReader         Role = "reader"
	RoleFreeBusyReader Role = "freeBusyReader" // times without titles: can't be chosen
)

// CanRead reports whether events can be brought in from such a calendar.
func (r Role) CanRead() bool { return r == RoleOwner || r == RoleWriter || r == RoleReader }

// CanWrite reports whether events can be written to such a calendar.
func (r Role) CanWrite() bool { return r == RoleOwner || r == RoleWriter }

// Calendar is one of the account's calendars.
type Calendar struct {
	ID       string
	Name     string
	Role     Role
	Primary  bool
	TimeZone string
}

// Query asks for one page of a calendar's changes.
type Query struct {
	Calendar   string
	Cursor     string // "" lists everything
	PageToken  string // "" starts
	MaxResults int
	Kinds      []string // kinds beyond the default ones; part of what a cursor is good for
}

// Page is one page of changes: masters, single events and exceptions, never
// expanded. NextPage and Cursor are never both set; Cursor comes with the last
// page only.
type Page struct {
	Events   []Remote
	NextPage string
	Cursor   string
	Role     Role
	TimeZone string   // the calendar's own
	Kinds    []string // which kinds of events were listed; nil for all
}

// Access gives a valid access token. A caller that was refused (401) passes the
// token that was refused, and gets a renewed one; "" asks for any that works.
// Errors are fault kinds: CredentialGone, Operator, Transient …
type Access func(ctx context.Context, refused string) (string, error)

// Reader is the pull side of a provider. Implementations are safe for
// concurrent use, translate every failure to a provider-side fault kind and
// never retry; an Unauthorized answer has been tried again with a renewed token
// once before it is given back.
type Reader interface {
	// Calendars lists all calendars of the account.
	Calendars(ctx context.Context) ([]Calendar, error)
	// Changes gives one page. Resync when the cursor is no longer good,
	// CalendarLost when the calendar isn't there.
	Changes(ctx context.Context, q Query) (Page, error)
	// Event gives one event, deleted ones too (Deleted set); Gone where the
	// provider knows no such id.
	Event(ctx context.Context, calendar, id string) (Remote, error)
}

// Open makes a provider's reader for one account.
type Open func(access Access) Reader

// Watch asks a provider to tell of a calendar's changes.
type Watch struct {
	Calendar string
	Channel  string // our name for the channel, unique
	Address  string // where notifications go
	Token    string // comes back with each of them; at most 256 bytes
}

// Watched is an open channel.
type Watched struct {
	Resource string    // what the provider calls the thing that is watched; needed to stop
	Expires  time.Time // there is no renewal: another channel is opened
}

// Watcher is the side of a provider that tells of changes. Like Reader it
// translates every failure to a fault kind and never retries: a Watch that failed
// as Transient may have taken effect.
type Watcher interface {
	// Watch opens a channel. Refused where this calendar can't be watched, or the
	// address isn't accepted: then it is polled. CalendarLost as for Changes.
	Watch(ctx context.Context, w Watch) (Watched, error)
	// StopWatch ends a channel; one that is gone or expired is no error.
	StopWatch(ctx context.Context, channel, resource string) error
}

// Insertion is an event to be made at the provider under a computed id.
type Insertion struct {
	Calendar string
	ID       string
	Content  Content
	Stamp    string
	Notify   bool // tell the guests; nobody is told unless it is set
}

// Edit is a change to an event at the provider, on condition of its etag.
type Edit struct {
	Calendar   string
	ID         string // as a Remote gave it: an occurrence's too is looked up, never made
	ETag       string
	Occurrence bool    // one occurrence of a series: its recurrence and visibility are never written
	Fields     []Field // what a patch carries
	Content    Content
	Stamp      string
	Notify     bool // tell the guests; nobody is told unless it is set
}

// ProviderWriter is the push side of a provider. Like Reader, it is safe for
// concurrent use, translates every failure to a fault kind and never retries: a
// write that failed as Transient may have taken effect. Stale is a refused
// If-Match; Duplicate an id that exists, perhaps deleted; Gone an id that is not
// there; QuotaExceeded that no write is taken for hours; Item what can't be
// written at all, whoever tries. A write answers with what is stored then, which
// need not be what was sent.
type ProviderWriter interface {
	// Insert makes an event under the id that it is given.
	Insert(ctx context.Context, i Insertion) (Remote, error)
	// Patch changes the fields that are named and leaves everything else alone.
	Patch(ctx context.Context, e Edit) (Remote, error)
	// Restore brings a deleted event back: it puts the whole resource, alive, with
	// its current sequence. Without an etag that of the state it read is the
	// condition.
	Restore(ctx context.Context, e Edit) (Remote, error)
	// Delete deletes an event, or one occurrence of its series.
	Delete(ctx context.Context, e Edit) error
	// Occurrence gives one occurrence of a series by its original start, whether
	// it differs from the series or not, a deleted one too (Deleted set). Gone
	// where the series has none there, or is deleted itself.
	Occurrence(ctx context.Context, calendar, series string, original Time) (Remote, error)
	// Divided reports whether ids suggest that two series came of one that was
	// divided. It is evidence only: who an occurrence is, Occurrence says.
	Divided(series, other string) bool
}
