package dynamo

import (
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"aura.example/integrations/shared/calendar"
)

// dropped stores rows that an edit took away: each as it stood in its own place, but for
// what only that place needs.
func (it item) dropped(rows []*calendar.Row) {
	if len(rows) == 0 {
		return
	}
	list := make([]types.AttributeValue, len(rows))
	for i, row := range rows {
		m := rowItem(row)
		delete(m, attrPK)
		delete(m, attrTime)
		list[i] = &types.AttributeValueMemberM{Value: m}
	}
	it[oxDropped] = &types.AttributeValueMemberL{Value: list}
}

func (r *reader) dropped(account string) (rows []*calendar.Row) {
	for _, v := range r.list(oxDropped) {
		m, ok := v.(*types.AttributeValueMemberM)
		if !ok {
			r.broken(oxDropped, v)
			return nil
		}
		row, err := rowOf(account, m.Value)
		if err != nil {
			r.broken(oxDropped, v)
			return nil
		}
		rows = append(rows, row)
	}
	return rows
}
