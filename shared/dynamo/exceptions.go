package dynamo

import (
	"cmp"
	"context"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"aura.example/integrations/shared/calendar"
)

// Exceptions gives the exceptions of a series, cancelled ones too, by id. They
// stand in the index among series, so this reads what the account has of those,
// half a unit for 4 KB, and no single event. Only edits of a whole series ask.
func (t *Events) Exceptions(ctx context.Context, account, master string) ([]*calendar.Row, error) {
	var keys, filter update
	keys.when("%s = %s AND %s BETWEEN %s AND %s", keys.name(attrPK), keys.text(accountPK(account)), keys.name(attrTime),
		keys.text(timeBound(calendar.ClassSeries, time.Time{})), keys.text(timeBound(calendar.ClassSeries, calendar.FarEnd)))
	filter.names, filter.values = keys.names, keys.values
	filter.is(text(master), eMaster)
	pages := dynamodb.NewQueryPaginator(t.client, &dynamodb.QueryInput{
		TableName: &t.name, IndexName: aws.String(IndexTime),
		KeyConditionExpression: bare(keys.condition()), FilterExpression: filter.condition(),
		ExpressionAttributeNames: filter.names, ExpressionAttributeValues: filter.values,
	})
	var out []*calendar.Row
	for pages.HasMorePages() {
		page, err := pages.NextPage(ctx)
		if err != nil {
			return nil, failed("reading the exceptions of a series", err)
		}
		for _, it := range page.Items {
			row, err := decodeRow(account, it)
			if err != nil {
				return nil, err
			}
			out = append(out, row)
		}
	}
	slices.SortFunc(out, func(a, b *calendar.Row) int { return cmp.Compare(a.ID, b.ID) })
	return out, nil
}
