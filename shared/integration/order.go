package integration

import (
	"context"
	"time"
)

// Order is a wind-down: what is left to do for a generation that was
// disconnected, replaced or deleted. It is found through its slot until it is
// done.
type Order struct {
	Key        Key
	Generation string
	Subject    string
	CalendarID string
	Channel    *Channel
	Cause      Name  // Disconnect, Replace or Delete
	Remove     bool  // also remove at the provider what Aura created there
	Look       *Look // where what was edited there before is looked for; nil: edits there don't come in
	Step       OrderStep
	Noted      []Copy    // what is being removed at the provider, at most MaxNoted
	Cursor     string    // where the listing of the step goes on; opaque
	PurgeAfter time.Time // purge and removal wait for a late holder's time limit
	NotBefore  time.Time // back-off after a failed step
	ClaimedTo  time.Time // the revoking claim, 60 s at most
	Since      time.Time
	Slot       string
	Version    int64
}

// Look is how far the changes of a calendar are known whose copies are removed.
type Look struct {
	Calendar string
	Cursor   string   // the provider's; "" lists everything
	Kinds    []string // which kinds of events the cursor is good for
}

// MaxNoted is how many copies an order notes at once.
const MaxNoted = 100

// Copy is an event of Aura's at the provider.
type Copy struct {
	Event    string // Aura's id
	Calendar string
	ID       string // the provider's
	ETag     string // as Aura knows it: another one was edited since
}

// OrderStep is how far a wind-down has come.
type OrderStep string

// The steps, in order; each is idempotent.
const (
	StepChannel    OrderStep = "channel"
	StepRemove     OrderStep = "remove"
	StepRevoke     OrderStep = "revoke"
	StepCredential OrderStep = "credential"
	StepPurge      OrderStep = "purge"
	StepDone       OrderStep = "done"
)

// Orders keeps wind-downs.
type Orders interface {
	Order(ctx context.Context, key Key, generation string) (*Order, error) // nil, nil where there is none
	// OrdersOf gives the orders of all generations at one place, oldest first.
	OrdersOf(ctx context.Context, key Key) ([]Order, error)
	// PutOrder stores progress on condition that the version is the one read;
	// Stale otherwise (also when it has been deleted).
	PutOrder(ctx context.Context, o Order) (Order, error)
	DropOrder(ctx context.Context, o Order) error
}
