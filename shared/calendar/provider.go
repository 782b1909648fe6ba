package calendar

import (
	"context"
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
	TimeZone string // the calendar's own
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

// Insertion is an event to be made at the provider under a computed id.
type Insertion struct {
	Calendar string
	ID       string
	Content  Content
	Stamp    string
}

// Edit is a change to an event at the provider, on condition of its etag.
type Edit struct {
	Calendar string
	ID       string
	ETag     string
	Fields   []Field // what a patch carries
	Content  Content
	Stamp    string
	Notify   bool // tell the guests
}

// ProviderWriter is the push side of a provider. Like Reader, it is safe for
// concurrent use, translates every failure to a fault kind and never retries.
// Stale is a refused If-Match; Duplicate an id that exists, perhaps deleted;
// Gone an id that is not there; Item what can't be written at all.
type ProviderWriter interface {
	Insert(ctx context.Context, i Insertion) (Remote, error)
	Patch(ctx context.Context, e Edit) (Remote, error)
	// Restore puts the whole resource, status confirmed, with its current sequence.
	Restore(ctx context.Context, e Edit) (Remote, error)
	Delete(ctx context.Context, e Edit) error
}
