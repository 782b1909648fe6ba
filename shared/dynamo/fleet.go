package dynamo

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"

	"aura.example/integrations/shared/integration"
)

// failed windows' attributes.
const fCount = "n"

// failuresKept is how long a window's count stands after the window: the next
// one is compared with it, and clocks differ.
const failuresKept = 3 * integration.FailureWindow

// CountFailure counts an integration that failed in a window, and gives what
// that window and the one before it amount to: one write and two short queries,
// which only a run that failed pays, once a window.
//
// The count is conditional on not being this very try, so that a reply that was
// lost counts once as long as nobody else counts in between.
func (t *Integrations) CountFailure(ctx context.Context, key integration.Key, window int64) (integration.FleetTally, error) {
	try := newTry()
	var u update
	u.when("attribute_not_exists(%s) OR %s <> %s", u.name(attrTry), u.name(attrTry), u.value(try))
	u.add(1, fCount)
	u.set(try, attrTry)
	ends := time.Unix(window*int64(integration.FailureWindow/time.Second), 0).Add(failuresKept)
	u.set(number(ends.Unix()), attrTTL)
	_, err := t.change(ctx, failuresKey(window, integration.FailureShard(key)), &u, types.ReturnValueNone)
	if _, ours := refused(err); !ours && err != nil {
		return integration.FleetTally{}, failed("counting a failed run", err)
	}
	return t.Tally(ctx, window)
}

// Tally adds all shards up, and counts nobody.
func (t *Integrations) Tally(ctx context.Context, window int64) (integration.FleetTally, error) {
	var out integration.FleetTally
	failures, err := t.system(ctx, failuresKey(window-1, 0).sk, failuresKey(window, integration.Shards-1).sk)
	if err != nil {
		return out, failed("reading the fleet's failures", err)
	}
	for _, it := range failures {
		r := read(it)
		if n := r.count(fCount); r.str(attrSK) < failuresKey(window, 0).sk {
			out.FailedBefore += n
		} else {
			out.Failed += n
		}
		if r.err != nil {
			return out, r.err
		}
	}
	marks, err := t.system(ctx, watermarkKey(0).sk, watermarkKey(integration.Shards-1).sk)
	if err != nil {
		return out, failed("reading the watermarks", err)
	}
	var due, before int64
	for _, it := range marks {
		m, err := markOf(it)
		if err != nil {
			return out, err
		}
		d, b := m.In(window)
		due, before = due+d, before+b
	}
	out.Due, out.DueBefore = int(due/integration.DueScale), int(before/integration.DueScale)
	return out, nil
}

// system reads a short range of what belongs to no account, eventually
// consistent. There are as many items as shards, twice at most.
func (t *Integrations) system(ctx context.Context, from, to string) ([]item, error) {
	var u update
	u.when("%s = %s AND %s BETWEEN %s AND %s", u.name(attrPK), u.text(systemPK), u.name(attrSK), u.text(from), u.text(to))
	out, err := t.client.Query(ctx, &dynamodb.QueryInput{
		TableName: &t.name, KeyConditionExpression: bare(u.condition()), ExpressionAttributeNames: u.names, ExpressionAttributeValues: u.values,
	})
	if err != nil {
		return nil, err
	}
	items := make([]item, len(out.Items))
	for i, it := range out.Items {
		items[i] = it
	}
	return items, nil
}
