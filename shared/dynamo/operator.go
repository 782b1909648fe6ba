package dynamo

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"aura.example/integrations/shared/integration"
)

// Operator is what a person with the keys to a deployment may do across its
// tables: no function has it, and no function's role allows it.
type Operator struct {
	client *dynamodb.Client
	names  Names
	pause  func(ctx context.Context, d time.Duration) error
}

// NewOperator makes one.
func NewOperator(client *dynamodb.Client, names Names) *Operator {
	return &Operator{client: client, names: names, pause: pause}
}

// Credentials walks over all sealed credentials of the deployment, as far as
// each says yes: a scan, half a read unit for each 4 KB.
func (o *Operator) Credentials(ctx context.Context, each func(integration.Credential) error) error {
	pages := dynamodb.NewScanPaginator(o.client, &dynamodb.ScanInput{TableName: &o.names.Credentials})
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return failed("walking over the credentials", err)
		}
		for _, it := range page.Items {
			key, generation, ok := credentialAt(it)
			if !ok {
				continue // a data key, or a subject's registration
			}
			c, err := credentialOf(key, generation, it)
			if err != nil {
				return fmt.Errorf("decoding a credential of account %s: %w", key.Account, err)
			}
			if err := each(*c); err != nil {
				return err
			}
		}
	}
	return nil
}

// Export gives everything that is stored of an account, table by table, as
// documents that JSON can hold. Sealed tokens are left out: they are of no use
// to the account, and an export travels.
func (o *Operator) Export(ctx context.Context, account string, each func(table string, doc map[string]any) error) error {
	return o.walk(ctx, account, true, func(logical string, it item) error {
		delete(it, cData)
		doc := map[string]any{}
		for name, v := range it {
			doc[name] = plain(v)
		}
		return each(logical, doc)
	})
}

// plain is an attribute as JSON has it: numbers as they are written, bytes and
// sets as lists are. The SDK's package for this would be linked into every
// function, and cost each of their starts what its own tables take.
func plain(v types.AttributeValue) any {
	switch x := v.(type) {
	case *types.AttributeValueMemberS:
		return x.Value
	case *types.AttributeValueMemberN:
		return json.Number(x.Value)
	case *types.AttributeValueMemberBOOL:
		return x.Value
	case *types.AttributeValueMemberB:
		return x.Value
	case *types.AttributeValueMemberSS:
		return x.Value
	case *types.AttributeValueMemberNS:
		return numbers(x.Value)
	case *types.AttributeValueMemberBS:
		return x.Value
	case *types.AttributeValueMemberL:
		list := make([]any, len(x.Value))
		for i, e := range x.Value {
			list[i] = plain(e)
		}
		return list
	case *types.AttributeValueMemberM:
		m := make(map[string]any, len(x.Value))
		for name, e := range x.Value {
			m[name] = plain(e)
		}
		return m
	}
	return nil // NULL, and kinds that no version of this wrote
}

func numbers(written []string) []json.Number {
	out := make([]json.Number, len(written))
	for i, n := range written {
		out[i] = json.Number(n)
	}
	return out
}

// walk reads an account's partition in every table.
func (o *Operator) walk(ctx context.Context, account string, whole bool, each func(logical string, it item) error) error {
	for _, t := range Tables() {
		name := o.names.nameOf(t.Name)
		var u update
		u.is(text(accountPK(account)), attrPK)
		in := &dynamodb.QueryInput{
			TableName: &name, KeyConditionExpression: bare(u.condition()), ConsistentRead: aws.Bool(true),
			ExpressionAttributeNames: u.names, ExpressionAttributeValues: u.values,
		}
		if !whole {
			in.ExpressionAttributeNames["#pk"], in.ExpressionAttributeNames["#sk"] = attrPK, attrSK
			in.ProjectionExpression = aws.String("#pk, #sk")
		}
		for pages := dynamodb.NewQueryPaginator(o.client, in); pages.HasMorePages(); {
			page, err := pages.NextPage(ctx)
			if err != nil {
				return failed("reading an account's "+t.Name, err)
			}
			for _, it := range page.Items {
				if err := each(t.Name, it); err != nil {
					return err
				}
			}
		}
	}
	return nil
}

// ErrStillThere is an account that still has integrations or wind-downs.
var ErrStillThere = errors.New("the account still has integrations or wind-downs")

// Erase deletes what is left of an account in every table and says how much
// that was; deleted is told the count as it grows. It refuses (ErrStillThere)
// while an integration or a wind-down is there: those go first, by themselves,
// or their grant would never be revoked. Killed half way, it is called again.
// Nothing new may be made for the account meanwhile.
func (o *Operator) Erase(ctx context.Context, account string, deleted func(n int)) (int, error) {
	n := 0
	err := o.walk(ctx, account, false, func(logical string, it item) error {
		sk := read(it).str(attrSK)
		if logical == TableIntegrations && (strings.HasPrefix(sk, recordPrefix) || strings.HasPrefix(sk, orderPrefix)) {
			return ErrStillThere
		}
		return nil
	})
	if err != nil {
		return 0, err
	}
	if err := o.orphans(ctx, account, &n); err != nil {
		return n, err
	}
	for _, t := range Tables() {
		var batch []types.WriteRequest
		flush := func() error {
			if err := o.remove(ctx, o.names.nameOf(t.Name), batch); err != nil {
				return err
			}
			n += len(batch)
			batch = nil
			deleted(n)
			return nil
		}
		err := o.walk(ctx, account, false, func(logical string, it item) error {
			if logical != t.Name {
				return nil
			}
			batch = append(batch, types.WriteRequest{DeleteRequest: &types.DeleteRequest{Key: it}})
			if len(batch) == mostDeletes {
				return flush()
			}
			return nil
		})
		if err == nil && len(batch) > 0 {
			err = flush()
		}
		if err != nil {
			return n, err
		}
	}
	return n, nil
}

// orphans deletes credentials that no integration and no wind-down stands for,
// each with its subject's registration, which lies outside of the account.
func (o *Operator) orphans(ctx context.Context, account string, n *int) error {
	store := NewCredentials(o.client, o.names.Credentials, nil)
	return o.walk(ctx, account, true, func(logical string, it item) error {
		key, generation, ok := credentialAt(it)
		if logical != TableCredentials || !ok {
			return nil
		}
		c, err := credentialOf(key, generation, it)
		if err == nil {
			err = store.DropCredential(ctx, *c)
		}
		if err != nil {
			return fmt.Errorf("deleting a credential that was left: %w", err)
		}
		*n++
		return nil
	})
}

// mostDeletes is BatchWriteItem's limit.
const mostDeletes = 25

// remove deletes a batch, again what DynamoDB had no room for.
func (o *Operator) remove(ctx context.Context, table string, batch []types.WriteRequest) error {
	for wait := 50 * time.Millisecond; len(batch) > 0; wait = min(2*wait, 5*time.Second) {
		out, err := o.client.BatchWriteItem(ctx, &dynamodb.BatchWriteItemInput{RequestItems: map[string][]types.WriteRequest{table: batch}})
		if err != nil {
			return failed("erasing an account's items", err)
		}
		if batch = out.UnprocessedItems[table]; len(batch) > 0 {
			if err := o.pause(ctx, wait); err != nil {
				return fmt.Errorf("erasing an account's items: %w", err)
			}
		}
	}
	return nil
}
