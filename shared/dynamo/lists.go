package dynamo

import (
	"context"
	"encoding/json"
	"fmt"

	"aura.example/integrations/shared/integration"
)

// What only the console shows is kept as a body: nothing queries it.

// load reads a body into v; false where there is none.
func (t *table) load(ctx context.Context, k key, v any, doing string) (bool, error) {
	it, err := t.get(ctx, k, doing)
	if err != nil || it == nil {
		return false, err
	}
	if err := json.Unmarshal([]byte(read(it).str(runBody)), v); err != nil {
		return false, fmt.Errorf("%s: decoding: %w", doing, err)
	}
	return true, nil
}

func (t *table) save(ctx context.Context, k key, v any, doing string) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("%s: encoding: %w", doing, err)
	}
	it := k.item()
	it.str(runBody, string(body))
	return t.store(ctx, it, doing)
}

// Calendars gives the calendar list; nil, nil where there is none.
func (t *Integrations) Calendars(ctx context.Context, k integration.Key) (*integration.CalendarList, error) {
	l := &integration.CalendarList{}
	ok, err := t.load(ctx, calendarsKey(k), l, "reading the calendar list")
	if !ok {
		return nil, err
	}
	return l, nil
}

// PutCalendars stores it.
func (t *Integrations) PutCalendars(ctx context.Context, l integration.CalendarList) error {
	return t.save(ctx, calendarsKey(l.Key), l, "storing the calendar list")
}

// Held gives what the tripwire held back; nil, nil where nothing is.
func (t *Integrations) Held(ctx context.Context, k integration.Key) (*integration.HeldDeletions, error) {
	h := &integration.HeldDeletions{}
	ok, err := t.load(ctx, heldKey(k), h, "reading held deletions")
	if !ok {
		return nil, err
	}
	return h, nil
}

// PutHeld stores it.
func (t *Integrations) PutHeld(ctx context.Context, h integration.HeldDeletions) error {
	return t.save(ctx, heldKey(h.Key), h, "storing held deletions")
}

// DropHeld deletes it.
func (t *Integrations) DropHeld(ctx context.Context, k integration.Key) error {
	return t.erase(ctx, heldKey(k), "deleting held deletions")
}

// Checkpoint gives a first sync's place, strongly consistent; nil, nil where
// there is none.
func (t *Integrations) Checkpoint(ctx context.Context, k integration.Key) (*integration.Checkpoint, error) {
	c := &integration.Checkpoint{}
	ok, err := t.load(ctx, checkpointKey(k), c, "reading a checkpoint")
	if !ok {
		return nil, err
	}
	return c, nil
}

// PutCheckpoint stores it.
func (t *Integrations) PutCheckpoint(ctx context.Context, c integration.Checkpoint) error {
	return t.save(ctx, checkpointKey(c.Key), c, "storing a checkpoint")
}

// DropCheckpoint deletes it.
func (t *Integrations) DropCheckpoint(ctx context.Context, k integration.Key) error {
	return t.erase(ctx, checkpointKey(k), "deleting a checkpoint")
}
