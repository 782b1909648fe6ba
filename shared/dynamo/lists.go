package dynamo

import (
	"context"
	"encoding/json"
	"fmt"
	"maps"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"aura.example/integrations/shared/fault"
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

// Beside the body stands what a write's condition compares with.
const (
	listAt         = "at" // when it was seen, in ms
	listGeneration = "g"
	listFence      = "f"
)

// save writes a body on a condition, with what the next condition compares with.
func (t *table) save(ctx context.Context, k key, v any, u *update, beside item, doing string) error {
	body, err := json.Marshal(v)
	if err != nil {
		return fmt.Errorf("%s: encoding: %w", doing, err)
	}
	it := k.item()
	it.str(runBody, string(body))
	maps.Copy(it, beside)
	_, err = t.put(ctx, it, u, types.ReturnValueNone)
	return err
}

// saveYoungest writes a body unless a younger one is there.
func (t *table) saveYoungest(ctx context.Context, k key, v any, at time.Time, doing string) error {
	var u update
	n := u.name(listAt)
	u.when("attribute_not_exists(%s) OR %s <= %s", n, n, u.value(moment(at)))
	err := t.save(ctx, k, v, &u, item{listAt: moment(at)}, doing)
	if _, no := refused(err); no {
		return nil
	}
	return failed(doing, err)
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

// PutCalendars stores it unless a younger one is there.
func (t *Integrations) PutCalendars(ctx context.Context, l integration.CalendarList) error {
	return t.saveYoungest(ctx, calendarsKey(l.Key), l, l.FetchedAt, "storing the calendar list")
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

// PutHeld stores it unless something younger is there.
func (t *Integrations) PutHeld(ctx context.Context, h integration.HeldDeletions) error {
	return t.saveYoungest(ctx, heldKey(h.Key), h, h.At, "storing held deletions")
}

// DropHeld deletes it, whoever stored it (integration.Lists).
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

// PutCheckpoint stores it, refused to an earlier generation and to a lower fence.
func (t *Integrations) PutCheckpoint(ctx context.Context, c integration.Checkpoint) error {
	const doing = "storing a checkpoint"
	var u update
	g, f, gen := u.name(listGeneration), u.name(listFence), u.text(c.Generation)
	u.when("attribute_not_exists(%s) OR %s < %s OR (%s = %s AND %s <= %s)", g, g, gen, g, gen, f, u.number(c.Fence))
	err := t.save(ctx, checkpointKey(c.Key), c, &u, item{listGeneration: text(c.Generation), listFence: number(c.Fence)}, doing)
	if _, no := refused(err); no {
		return fault.New(fault.Stale, "stale", "Another sync has taken over.")
	}
	return failed(doing, err)
}

// DropCheckpoint deletes it, whoever stored it (integration.Checkpoints).
func (t *Integrations) DropCheckpoint(ctx context.Context, k integration.Key) error {
	return t.erase(ctx, checkpointKey(k), "deleting a checkpoint")
}
