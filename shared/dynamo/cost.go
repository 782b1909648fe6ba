package dynamo

import (
	"errors"
	"math"
	"reflect"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
)

// What a call costs, by AWS's published rules (Developer Guide, "DynamoDB read
// and write operations", "Capacity management for transactions", "Provisioned
// throughput considerations for Global Secondary Indexes"):
//
//   - A read costs a unit for 4 KB, half of it where it may be stale, for each
//     item of a batch, once for the sum of a query's items. What isn't there
//     costs as much as the smallest item.
//   - A write costs a unit for each KB of the larger of the item before and after.
//     A refused condition costs what the write would have.
//   - A transaction costs double for each item, checks included, refused or not.
//   - An index entry costs a write to make or delete, both where its key changes,
//     one where only what it projects does. Transactions don't double it: "once a
//     transaction has completed, its changes start propagating to global secondary
//     indexes". (That this costs as outside of transactions is our reading; AWS
//     doesn't print a figure.)
//
// Where the item before isn't known: puts and deletes of indexed items ask for
// it (ALL_OLD). An update's answer holds the item after; before is taken to be
// no larger. An update without an answer (Commit, End, SetDirty) is of the
// record, which has its 1 KB. In a transaction the new size is estimated from
// the request, a deleted item counts one KB, and the index is what the adapter
// says (withIndexWrites): exact for records, and for rows where the caller says
// where the row stood, else as though it had moved, which is too much by one.
// A reply that never came is counted as though the write had taken effect.
//
// A query with a filter or projection reads more than it gives. There, and only
// there, the reported figure counts where it is the larger.

// cost gives what one call consumed; false for calls that touch no item.
func (r *Recorder) cost(in, out any, err error, hint indexHint) (Call, bool) {
	c := Call{Operation: strings.TrimSuffix(reflect.TypeOf(in).Elem().Name(), "Input"), Err: err}
	if rejected(err) {
		return c, true
	}
	switch in := in.(type) {
	case *dynamodb.GetItemInput:
		o, _ := out.(*dynamodb.GetItemOutput)
		if o == nil {
			o = &dynamodb.GetItemOutput{}
		}
		c.Units.Read, c.Reported = readUnits(itemSize(o.Item), truth(in.ConsistentRead)), reported(o.ConsumedCapacity)
	case *dynamodb.BatchGetItemInput:
		c.Units.Read, c.Reported = batchCost(in, out)
	case *dynamodb.QueryInput:
		c.Units.Read, c.Reported = queryCost(in, out)
	case *dynamodb.PutItemInput:
		o, _ := out.(*dynamodb.PutItemOutput)
		if o == nil {
			o = &dynamodb.PutItemOutput{}
		}
		stood, _ := refused(err)
		c.Units.Write = writeUnits(max(itemSize(in.Item), itemSize(o.Attributes), itemSize(stood)))
		if err == nil {
			c.Units.Write += r.index(*in.TableName, o.Attributes, in.Item, hint)
		}
		c.Reported = reported(o.ConsumedCapacity)
	case *dynamodb.UpdateItemInput:
		o, _ := out.(*dynamodb.UpdateItemOutput)
		if o == nil {
			o = &dynamodb.UpdateItemOutput{}
		}
		stood, _ := refused(err)
		c.Units.Write = writeUnits(max(itemSize(o.Attributes), itemSize(stood)))
		if err == nil {
			c.Units.Write += hint.writes
		}
		c.Reported = reported(o.ConsumedCapacity)
	case *dynamodb.DeleteItemInput:
		o, _ := out.(*dynamodb.DeleteItemOutput)
		if o == nil {
			o = &dynamodb.DeleteItemOutput{}
		}
		stood, _ := refused(err)
		c.Units.Write = writeUnits(max(itemSize(o.Attributes), itemSize(stood)))
		if err == nil {
			c.Units.Write += r.index(*in.TableName, o.Attributes, nil, hint)
		}
		c.Reported = reported(o.ConsumedCapacity)
	case *dynamodb.TransactWriteItemsInput:
		for _, x := range in.TransactItems {
			c.Units.Write += 2 * writeUnits(transactedSize(x))
		}
		if err == nil {
			c.Units.Write += hint.writes
		}
		if o, ok := out.(*dynamodb.TransactWriteItemsOutput); ok && o != nil {
			for _, x := range o.ConsumedCapacity {
				c.Reported += reported(&x)
			}
		}
	default:
		return Call{}, false
	}
	return c, true
}

// rejected reports errors that come before any item is touched: throttling,
// validation, permissions. A refused condition is no such error.
func rejected(err error) bool {
	var condition *types.ConditionalCheckFailedException
	var canceled *types.TransactionCanceledException
	var api smithy.APIError
	switch {
	case errors.As(err, &condition):
		return false
	case errors.As(err, &canceled):
		return !slices.ContainsFunc(canceled.CancellationReasons, func(r types.CancellationReason) bool {
			return r.Code != nil && (*r.Code == "ConditionalCheckFailed" || *r.Code == "TransactionConflict")
		})
	}
	return errors.As(err, &api)
}

func batchCost(in *dynamodb.BatchGetItemInput, out any) (units, said float64) {
	o, _ := out.(*dynamodb.BatchGetItemOutput)
	if o == nil {
		o = &dynamodb.BatchGetItemOutput{}
	}
	for name, asked := range in.RequestItems {
		consistent := truth(asked.ConsistentRead)
		missing := len(asked.Keys) - len(o.UnprocessedKeys[name].Keys) - len(o.Responses[name])
		units += float64(missing) * readUnits(0, consistent)
		for _, it := range o.Responses[name] {
			units += readUnits(itemSize(it), consistent)
		}
	}
	for _, x := range o.ConsumedCapacity {
		said += reported(&x)
	}
	return units, said
}

func queryCost(in *dynamodb.QueryInput, out any) (units, said float64) {
	o, _ := out.(*dynamodb.QueryOutput)
	if o == nil {
		o = &dynamodb.QueryOutput{}
	}
	size := 0
	for _, it := range o.Items {
		size += itemSize(it)
	}
	units, said = readUnits(size, truth(in.ConsistentRead)), reported(o.ConsumedCapacity)
	if in.FilterExpression != nil || in.ProjectionExpression != nil {
		units = math.Max(units, said)
	}
	return units, said
}

// index gives the index writes of a put or delete, from the item before and
// after, unless the adapter said so.
func (r *Recorder) index(name string, before, after item, hint indexHint) float64 {
	if hint.known {
		return hint.writes
	}
	units := 0.0
	for _, x := range r.tables[name].Indexes {
		was, is := x.entry(before), x.entry(after)
		moved := was != nil && is != nil && !(sameValue(was, is, x.Partition) && sameValue(was, is, x.Sort))
		switch {
		case moved:
			units += writeUnits(itemSize(was)) + writeUnits(itemSize(is))
		case was != nil && is != nil && sameItem(was, is):
		case was != nil || is != nil:
			units += writeUnits(max(itemSize(was), itemSize(is)))
		}
	}
	return units
}

// entry is an item as the index holds it; nil where it isn't in it.
func (x Index) entry(it item) item {
	if it[x.Partition] == nil || x.Sort != "" && it[x.Sort] == nil {
		return nil
	}
	if x.Include == nil {
		return it
	}
	out := item{}
	for _, name := range append([]string{attrPK, attrSK, x.Partition, x.Sort}, x.Include...) {
		if v := it[name]; v != nil {
			out[name] = v
		}
	}
	return out
}

func sameValue(a, b item, name string) bool { return reflect.DeepEqual(a[name], b[name]) }

// transactedSize estimates what a transaction writes: an update's new values
// stand in its request.
func transactedSize(x types.TransactWriteItem) int {
	switch {
	case x.Put != nil:
		return itemSize(x.Put.Item)
	case x.Update != nil:
		n := itemSize(x.Update.Key)
		for _, v := range x.Update.ExpressionAttributeValues {
			n += valueSize(v)
		}
		for _, name := range x.Update.ExpressionAttributeNames {
			n += len(name)
		}
		return n
	}
	return 0
}

func reported(c *types.ConsumedCapacity) float64 {
	if c == nil || c.CapacityUnits == nil {
		return 0
	}
	return *c.CapacityUnits
}

func truth(b *bool) bool { return b != nil && *b }
