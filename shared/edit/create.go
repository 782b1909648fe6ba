package edit

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// Create makes an event and orders it to be pushed. With a key, the id is
// computed from account and key, so that one key makes one event however often
// it is sent: the repeat gives the event as it is now, and made is false.
//
// Invalid, naming each field; Invalid idempotency_key_reused where the key made
// an event from another content, Conflict idempotency_key_spent where that event
// has been deleted; Conflict direction_read_only.
func (e *Editor) Create(ctx context.Context, by Author, c calendar.Content, key string) (row *calendar.Row, made bool, err error) {
	c = settled(c)
	if err := e.check(c, nil); err != nil {
		return nil, false, err
	}
	recs, err := e.records(ctx, by.Account)
	if err != nil {
		return nil, false, err
	}
	next := e.born(by.Account, c)
	if key == "" {
		next.ID, _ = calendar.BornID(e.Random())
	} else {
		next.ID, next.CreateHash = calendar.DerivedID("idempotency key", by.Account, key), hashOf(c)
		if row, err := e.replayed(ctx, next); row != nil || err != nil {
			return e.repeat(ctx, by, recs, row, err)
		}
	}
	if err := mayCreate(recs); err != nil {
		return nil, false, err
	}
	order := e.ordered(next, calendar.OpCreate, nil)
	order.Under = underOf(nil, recs)
	err = e.Store.WritePair(ctx, calendar.Pair{
		Account: by.Account, ID: next.ID, Row: next, Item: calendar.ItemWrite{Put: order},
	})
	if fault.Is(err, fault.Stale) && key != "" { // somebody sent the same at the same moment
		row, err := e.replayed(ctx, next)
		return e.repeat(ctx, by, recs, row, err)
	}
	if err != nil {
		return nil, false, fmt.Errorf("creating an event: %w", err)
	}
	e.announce(ctx, by, recs, next)
	return next, true, nil
}

// repeat answers a key's second time. The job is sent again: the first time's
// may be what was lost.
func (e *Editor) repeat(ctx context.Context, by Author, recs []*integration.Integration, row *calendar.Row, err error) (*calendar.Row, bool, error) {
	if err == nil && row == nil { // made and removed again within this very call
		err = errSpent
	}
	if err != nil {
		return nil, false, err
	}
	if row.Pending != "" {
		e.announce(ctx, by, recs, row)
	}
	return row, false, nil
}

var errSpent = fault.New(fault.Conflict, "idempotency_key_spent", "The event that this key made has been deleted. Use a new key for a new event.")

// replayed gives the event that a key has made already, nil where it hasn't.
func (e *Editor) replayed(ctx context.Context, next *calendar.Row) (*calendar.Row, error) {
	row, _, err := e.Store.Pair(ctx, next.Account, next.ID)
	switch {
	case err != nil:
		return nil, fmt.Errorf("reading what the key made: %w", err)
	case row == nil:
		return nil, nil
	case row.CreateHash != next.CreateHash:
		return nil, fault.New(fault.Invalid, "idempotency_key_reused", "This key made an event from another request. Use a new key for a new event.")
	case row.Hidden():
		return nil, errSpent
	}
	return row, nil
}

// born is a row of an event that is born here and now.
func (e *Editor) born(account string, c calendar.Content) *calendar.Row {
	now := e.Now().UTC()
	row := &calendar.Row{
		Account: account, Content: c, Mirror: calendar.Alone(), Origin: calendar.BornInAura,
		Pending: calendar.PendingEdit, Version: firstVersion(now), CreatedAt: now, UpdatedAt: now,
	}
	row.Odd = e.Series.Check(row, "")
	return row
}

// ordered is a new item for a row.
func (e *Editor) ordered(row *calendar.Row, op calendar.Operation, base *calendar.Content) *calendar.Item {
	return &calendar.Item{Account: row.Account, EventID: row.ID, Op: op, Base: base, Version: row.Version, Since: e.Now().UTC()}
}

// settled brings a content into the form in which it is kept: whole seconds in
// UTC, since that is what comes back from a provider, and the defaults said.
func settled(c calendar.Content) calendar.Content {
	c.Start, c.End = second(c.Start), second(c.End)
	if c.Status == "" {
		c.Status = calendar.Confirmed
	}
	if c.Visibility == "" {
		c.Visibility = calendar.DefaultVisibility
	}
	if len(c.Recurrence) == 0 {
		c.Recurrence = nil
	}
	return c
}

func second(t calendar.Time) calendar.Time {
	if !t.At.IsZero() {
		t.At = t.At.UTC().Truncate(time.Second)
	}
	return t
}

// hashOf tells two requests under one key apart.
func hashOf(c calendar.Content) string {
	raw, err := json.Marshal(c)
	if err != nil { // strings, times and slices of them always marshal
		raw = fmt.Append(nil, c)
	}
	sum := sha256.Sum256(raw)
	return hex.EncodeToString(sum[:16])
}
