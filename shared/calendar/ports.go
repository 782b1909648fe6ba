package calendar

import (
	"context"
	"time"
)

// Write is one conditional write of a run to one row. It is refused (Stale)
// unless the stored row is the one that was read: same version (0: no row), and
// no newer generation's, nor a higher fence's of the same generation.
type Write struct {
	Row    *Row
	Expect int64 // version read; 0 when the row must not exist
	// Generation and Fence are the run's. A row that another generation wrote
	// may be overwritten only by a newer one (generations are ULIDs and sort).
	Generation string
	Fence      int64
}

// LinkRow is what a diff needs of a stored event: a projection, so that reading
// a calendar of 50,000 costs neither memory nor units beyond need.
type LinkRow struct {
	ID         string
	MasterID   string
	Calendar   string
	Series     bool // has a recurrence of its own
	Title      string
	Kind       string // of the provider's
	ProviderID string
	ETag       string
	Origin     Origin
	Pending    Pending
	Generation string
	Fence      int64
	Version    int64
}

// Store keeps Aura's events. Implementations are safe for concurrent use.
// Quarantined is strongly consistent; Rows, Range and Links are eventually
// consistent on AWS: the writes that follow carry the condition and give what is
// stored. Nobody below retries a refused condition.
type Store interface {
	// Rows reads many rows at once, half a read unit for each 4 KB; what doesn't
	// exist is missing in the map.
	Rows(ctx context.Context, account string, ids []string) (map[string]*Row, error)
	// Put writes a row. When the condition refuses (Stale), the row that is
	// stored comes back, so that the caller can decide without another read.
	Put(ctx context.Context, w Write) (stored *Row, err error)
	// Delete removes a row under the same condition, and only while no edit is
	// pending; the row that is stored comes back with Stale. One that is gone
	// already is no error.
	Delete(ctx context.Context, w Write) (stored *Row, err error)
	// Range gives what may show between two moments: single events that overlap,
	// series that have not ended, and exceptions whose original start or own time
	// falls there. Tombstones are left out. The caller expands.
	Range(ctx context.Context, account string, from, to time.Time) ([]*Row, error)
	// Links gives the projection of the events linked to one calendar ("": to any
	// of the provider's), page by page; next is "" at the end.
	Links(ctx context.Context, account, provider, calendar, cursor string) (rows []LinkRow, next string, err error)
	// Quarantined gives the events that can't be synced, with reasons.
	Quarantined(ctx context.Context, account string) ([]Quarantine, error)
}

// Quarantine is one event that can't be synced.
type Quarantine struct {
	Account    string
	EventID    string
	Provider   string
	ProviderID string
	Title      string
	Op         Operation // of the edit that can't be sent; "" for what couldn't be read
	Code       string
	Reason     string
	ETag       string // of the state that failed: another state is tried again
	Since      time.Time
}

// Quarantines is the worker's side of the quarantine.
type Quarantines interface {
	PutQuarantine(ctx context.Context, q Quarantine) error
	DropQuarantine(ctx context.Context, account, eventID string) error
}
