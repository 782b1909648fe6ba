package dynamo

import (
	"context"
	"encoding/json"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"aura.example/integrations/shared/integration"
)

// Due gives what stands in one slot, page by page. The index is eventually
// consistent: what was given its slot a moment ago is found a minute later, what
// lost it is refused when its job is worked off.
func (t *Integrations) Due(ctx context.Context, slot string, p integration.Page) ([]integration.DueItem, string, error) {
	start, err := slotCursor(slot, p.Cursor)
	if err != nil {
		return nil, "", err
	}
	var u update
	u.is(text(slot), attrSlot)
	in := &dynamodb.QueryInput{
		TableName: &t.name, IndexName: aws.String(IndexSlot), KeyConditionExpression: bare(u.condition()),
		ExpressionAttributeNames: u.names, ExpressionAttributeValues: u.values, ExclusiveStartKey: start,
	}
	if p.Limit > 0 {
		in.Limit = aws.Int32(int32(p.Limit))
	}
	out, err := t.client.Query(ctx, in)
	if err != nil {
		return nil, "", failed("reading a slot", err)
	}
	due := make([]integration.DueItem, len(out.Items))
	for i, it := range out.Items {
		due[i] = dueOf(it)
	}
	if out.LastEvaluatedKey == nil {
		return due, "", nil
	}
	r := read(out.LastEvaluatedKey)
	next, err := json.Marshal([2]string{r.str(attrPK), r.str(attrSK)})
	if err != nil {
		return nil, "", fmt.Errorf("making a cursor: %w", err)
	}
	return due, string(next), r.err
}

func slotCursor(slot, cursor string) (item, error) {
	if cursor == "" {
		return nil, nil
	}
	var at [2]string
	if err := json.Unmarshal([]byte(cursor), &at); err != nil {
		return nil, fmt.Errorf("reading a slot's cursor: %w", err)
	}
	it := key{at[0], at[1]}.item()
	it.str(attrSlot, slot)
	return it, nil
}

// SetWatermark moves a shard's watermark on, on condition that it stands where
// it was read.
func (t *Integrations) SetWatermark(ctx context.Context, shard int, from time.Time, to integration.Mark) error {
	try := newTry()
	was := item{}
	was.at(wMinute, from)
	var u update
	u.equals(was, wMinute)
	u.set(moment(to.Minute), wMinute)
	u.set(number(to.Window), wWindow)
	u.set(number(to.Due), wDue)
	u.set(number(to.DueBefore), wBefore)
	u.set(number(to.Polls), wPolls)
	u.set(number(to.Ticks), wTicks)
	u.set(number(to.Clock), wClock)
	u.set(text(factorsText(to.Factors)), wFactors)
	u.set(try, attrTry)
	_, err := t.change(ctx, watermarkKey(shard), &u, types.ReturnValueNone)
	if stood, no := refused(err); no {
		if sameTry(stood, try) {
			return nil
		}
		return integration.ErrStale()
	}
	return failed("moving a watermark", err)
}
