package dynamo

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// transaction collects writes that happen together or not at all, each with
// what its refusal means.
//
// A transaction carries a token of its own, so that one whose acknowledgement
// was lost is recognised when it is sent again instead of refusing itself.
type transaction struct {
	t     *table
	items []types.TransactWriteItem
	why   []func(stood item) error // by item; the first one that was refused decides
	index float64                  // index writes, for the recorder: see units.go
}

func (t *table) begin() *transaction { return &transaction{t: t} }

// update changes an item; one that changes nothing is a check.
func (x *transaction) update(table string, k key, u *update, why func(stood item) error) {
	if u.expression() == nil {
		x.check(table, k, u, why)
		return
	}
	x.items = append(x.items, types.TransactWriteItem{Update: &types.Update{
		TableName: &table, Key: k.item(), UpdateExpression: u.expression(), ConditionExpression: u.condition(),
		ExpressionAttributeNames: u.names, ExpressionAttributeValues: u.values,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}})
	x.why = append(x.why, why)
}

// put writes an item on the conditions of u; nil writes it whatever is there.
func (x *transaction) put(table string, it item, u *update, why func(stood item) error) {
	p := &types.Put{TableName: &table, Item: it, ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld}
	if u != nil {
		p.ConditionExpression, p.ExpressionAttributeNames, p.ExpressionAttributeValues = u.condition(), u.names, u.values
	}
	x.items = append(x.items, types.TransactWriteItem{Put: p})
	x.why = append(x.why, why)
}

func (x *transaction) delete(table string, k key, u *update, why func(stood item) error) {
	d := &types.Delete{TableName: &table, Key: k.item(), ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld}
	if u != nil {
		d.ConditionExpression, d.ExpressionAttributeNames, d.ExpressionAttributeValues = u.condition(), u.names, u.values
	}
	x.items = append(x.items, types.TransactWriteItem{Delete: d})
	x.why = append(x.why, why)
}

// check only requires conditions of an item that isn't written.
func (x *transaction) check(table string, k key, u *update, why func(stood item) error) {
	x.items = append(x.items, types.TransactWriteItem{ConditionCheck: &types.ConditionCheck{
		TableName: &table, Key: k.item(), ConditionExpression: u.condition(),
		ExpressionAttributeNames: u.names, ExpressionAttributeValues: u.values,
		ReturnValuesOnConditionCheckFailure: types.ReturnValuesOnConditionCheckFailureAllOld,
	}})
	x.why = append(x.why, why)
}

// commit carries it out. Where conditions refused it, the first item's refusal
// in the order in which they were added is the error.
func (x *transaction) commit(ctx context.Context, doing string) error {
	var token [16]byte
	_, _ = rand.Read(token[:]) // never fails since Go 1.24
	tokenText := hex.EncodeToString(token[:])
	in := &dynamodb.TransactWriteItemsInput{TransactItems: x.items, ClientRequestToken: &tokenText}
	ctx = withIndexWrites(ctx, x.index)
	err := x.t.persist(ctx, func() error {
		_, err := x.t.client.TransactWriteItems(ctx, in)
		return err
	})
	var canceled *types.TransactionCanceledException
	if !errors.As(err, &canceled) || contended(canceled.CancellationReasons) {
		return failed(doing, err)
	}
	for i, reason := range canceled.CancellationReasons {
		if i < len(x.why) && reason.Code != nil && *reason.Code == "ConditionalCheckFailed" && x.why[i] != nil {
			return x.why[i](reason.Item)
		}
	}
	return fmt.Errorf("%s: %w", doing, err)
}
