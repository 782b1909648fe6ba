package dynamo

import (
	"context"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/fault"
)

// batchGet is how many keys one BatchGetItem may ask for.
const batchGet = 100

// Rows reads many rows at once, eventually consistent: half a unit for 4 KB. A
// row that was written a moment ago may be missing or old here; the condition of
// the write that follows refuses then and gives the row.
func (t *Events) Rows(ctx context.Context, account string, ids []string) (map[string]*calendar.Row, error) {
	out := make(map[string]*calendar.Row, len(ids))
	asked := make(map[string]bool, len(ids))
	var keys []map[string]types.AttributeValue
	for _, id := range ids {
		if !asked[id] { // the same key twice in a batch is an error
			asked[id] = true
			keys = append(keys, eventKey(account, id).item())
		}
	}
	for len(keys) > 0 {
		n := min(batchGet, len(keys))
		items, err := t.batch(ctx, keys[:n], false)
		if err != nil {
			return nil, err
		}
		for _, it := range items {
			row, err := decodeRow(account, it)
			if err != nil {
				return nil, err
			}
			out[row.ID] = row
		}
		keys = keys[n:]
	}
	return out, nil
}

// batch reads one batch to its end: what DynamoDB leaves unprocessed is asked
// for again, with backoff, as long as it gets on.
func (t *Events) batch(ctx context.Context, keys []map[string]types.AttributeValue, consistent bool) ([]item, error) {
	var items []item
	for idle := 0; idle < tries; idle++ {
		out, err := t.client.BatchGetItem(ctx, &dynamodb.BatchGetItemInput{
			RequestItems: map[string]types.KeysAndAttributes{t.name: {Keys: keys, ConsistentRead: &consistent}},
		})
		if err != nil {
			return nil, failed("reading events", err)
		}
		for _, it := range out.Responses[t.name] {
			items = append(items, it)
		}
		left := out.UnprocessedKeys[t.name].Keys
		if len(left) == 0 {
			return items, nil
		}
		if len(left) < len(keys) {
			idle = 0
		}
		keys = left
		if err := t.pause(ctx, backoff(idle)); err != nil {
			return nil, failed("reading events", err)
		}
	}
	return nil, fault.New(fault.Transient, "store_unavailable", "The store doesn't answer right now.")
}

func decodeRow(account string, it item) (*calendar.Row, error) {
	row, err := rowOf(account, it)
	if err != nil {
		return nil, fmt.Errorf("decoding event %s: %w", row.ID, err)
	}
	return row, nil
}

// guard is the condition of a run's write to a row: the version read, and no
// newer generation's or higher fence's hand since.
func guard(w calendar.Write) *update {
	u := &update{}
	if w.Expect == 0 {
		u.absent(attrPK)
		return u
	}
	g, f := u.name(eGeneration), u.name(eFence)
	u.is(number(w.Expect), eVersion)
	gen := u.text(w.Generation)
	u.when("attribute_not_exists(%s) OR %s < %s OR (%s = %s AND %s <= %s)", g, g, gen, g, gen, f, u.number(w.Fence))
	return u
}

// Put writes a row whole. Refused, it gives the row that is stored; a repeated
// write whose acknowledgement was lost finds its own and is no error.
func (t *Events) Put(ctx context.Context, w calendar.Write) (*calendar.Row, error) {
	it := rowItem(w.Row)
	it.str(eGeneration, w.Generation)
	it.num(eFence, w.Fence)
	// The old row says what the write cost in the index; where there is none
	// nothing comes back.
	back := types.ReturnValueAllOld
	if w.Expect == 0 {
		back = types.ReturnValueNone
	}
	_, err := t.put(ctx, it, guard(w), back)
	if stood, no := refused(err); no {
		if stood != nil && sameItem(stood, it) {
			return nil, nil
		}
		return t.stale(w.Row.Account, stood)
	}
	return nil, failed("writing an event", err)
}

// Delete removes a row while no edit is pending; one that is gone already is no
// error.
func (t *Events) Delete(ctx context.Context, w calendar.Write) (*calendar.Row, error) {
	u := guard(w)
	u.absent(ePending)
	_, err := t.remove(ctx, eventKey(w.Row.Account, w.Row.ID), u, types.ReturnValueAllOld)
	stood, no := refused(err)
	switch {
	case no && stood == nil:
		return nil, nil
	case no:
		return t.stale(w.Row.Account, stood)
	}
	return nil, failed("deleting an event", err)
}

// stale refuses a write and gives what is stored.
func (t *Events) stale(account string, stood item) (*calendar.Row, error) {
	if stood == nil {
		return nil, errStaleRow(nil)
	}
	row, err := decodeRow(account, stood)
	if err != nil {
		return nil, err
	}
	return row, errStaleRow(nil)
}
