package dynamo

import (
	"context"
	"fmt"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"aura.example/integrations/shared/integration"
)

// Get gives one record, strongly consistent; NotFound where there is none.
func (t *Integrations) Get(ctx context.Context, k integration.Key) (*integration.Integration, error) {
	it, err := t.get(ctx, recordKey(k), "reading an integration")
	if err != nil {
		return nil, err
	}
	if it == nil {
		return nil, integration.ErrNotFound()
	}
	return decodeRecord(k, it)
}

// List gives all records of an account, strongly consistent, by provider.
func (t *Integrations) List(ctx context.Context, account string) ([]*integration.Integration, error) {
	var out []*integration.Integration
	err := t.each(ctx, accountPK(account), recordPrefix, func(it item) error {
		r := read(it)
		k := integration.Key{Account: account, Provider: strings.TrimPrefix(r.str(attrSK), recordPrefix)}
		rec, err := decodeRecord(k, it)
		out = append(out, rec)
		return err
	})
	if err != nil {
		return nil, fmt.Errorf("listing integrations: %w", err)
	}
	return out, nil
}

func decodeRecord(k integration.Key, it item) (*integration.Integration, error) {
	rec, err := recordOf(k, it)
	if err != nil {
		return nil, fmt.Errorf("decoding the integration with %s: %w", k.Provider, err)
	}
	return rec, nil
}

// each gives every item of a partition whose sort key begins so, in its order,
// strongly consistent.
func (t *table) each(ctx context.Context, pk, prefix string, visit func(item) error) error {
	var u update
	in := &dynamodb.QueryInput{TableName: &t.name, ConsistentRead: aws.Bool(true)}
	u.when("%s = %s AND begins_with(%s, %s)", u.name(attrPK), u.text(pk), u.name(attrSK), u.text(prefix))
	in.KeyConditionExpression = bare(u.condition())
	in.ExpressionAttributeNames, in.ExpressionAttributeValues = u.names, u.values
	pages := dynamodb.NewQueryPaginator(t.client, in)
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return failed("reading "+prefix, err)
		}
		for _, it := range page.Items {
			if err := visit(it); err != nil {
				return err
			}
		}
	}
	return nil
}

// bare takes the brackets off a single condition: key conditions allow none.
func bare(cond *string) *string {
	return aws.String(strings.TrimSuffix(strings.TrimPrefix(*cond, "("), ")"))
}
