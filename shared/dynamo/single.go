package dynamo

import (
	"context"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Single reads and writes. Every write asks, where its condition refuses it, for
// the item as it stood: that decides what the refusal means, without a read. A
// refused condition is given as the SDK gives it: see refused.

// get reads one item, strongly consistent: half a unit more than otherwise, and
// what was written a moment ago is there. Nil where there is none.
func (t *table) get(ctx context.Context, k key, doing string) (item, error) {
	out, err := t.client.GetItem(ctx, &dynamodb.GetItemInput{TableName: &t.name, Key: k.item(), ConsistentRead: aws.Bool(true)})
	if err != nil {
		return nil, failed(doing, err)
	}
	return out.Item, nil
}

// change is one conditional UpdateItem.
func (t *table) change(ctx context.Context, k key, u *update, back types.ReturnValue) (item, error) {
	in := &dynamodb.UpdateItemInput{
		TableName: &t.name, Key: k.item(), UpdateExpression: u.expression(), ConditionExpression: u.condition(),
		ExpressionAttributeNames: u.names, ExpressionAttributeValues: u.values, ReturnValues: back,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
	var got item
	err := t.persist(ctx, func() error {
		out, err := t.client.UpdateItem(ctx, in)
		if err == nil {
			got = out.Attributes
		}
		return err
	})
	return got, err
}

// put is one conditional PutItem.
func (t *table) put(ctx context.Context, it item, u *update, back types.ReturnValue) (item, error) {
	in := &dynamodb.PutItemInput{
		TableName: &t.name, Item: it, ConditionExpression: u.condition(),
		ExpressionAttributeNames: u.names, ExpressionAttributeValues: u.values, ReturnValues: back,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
	var got item
	err := t.persist(ctx, func() error {
		out, err := t.client.PutItem(ctx, in)
		if err == nil {
			got = out.Attributes
		}
		return err
	})
	return got, err
}

// remove is one conditional DeleteItem.
func (t *table) remove(ctx context.Context, k key, u *update, back types.ReturnValue) (item, error) {
	in := &dynamodb.DeleteItemInput{
		TableName: &t.name, Key: k.item(), ConditionExpression: u.condition(),
		ExpressionAttributeNames: u.names, ExpressionAttributeValues: u.values, ReturnValues: back,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}
	var got item
	err := t.persist(ctx, func() error {
		out, err := t.client.DeleteItem(ctx, in)
		if err == nil {
			got = out.Attributes
		}
		return err
	})
	return got, err
}

// store is an unconditional PutItem, for what has one author at a time and is the
// same whoever repeats it: a run's report, a reason in the quarantine. Its port says
// why.
func (t *table) store(ctx context.Context, it item, doing string) error {
	_, err := t.put(ctx, it, &update{}, types.ReturnValueNone)
	return failed(doing, err)
}

// erase is an unconditional DeleteItem: what is gone already is no error, and what
// somebody else put there meanwhile may go (its port says why).
func (t *table) erase(ctx context.Context, k key, doing string) error {
	_, err := t.remove(ctx, k, &update{}, types.ReturnValueNone)
	return failed(doing, err)
}
