package dynamo

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Problems says what of a table isn't as its definition has it, in sentences;
// none where all is well. deployed also asks for what only AWS has: backups.
func (o *Operator) Problems(ctx context.Context, t Table, deployed bool) ([]string, error) {
	name := o.names.nameOf(t.Name)
	out, err := o.client.DescribeTable(ctx, &dynamodb.DescribeTableInput{TableName: &name})
	var missing *types.ResourceNotFoundException
	if errors.As(err, &missing) {
		return []string{"there is no table " + name}, nil
	}
	if err != nil {
		return nil, failed("describing table "+name, err)
	}
	var found []string
	say := func(format string, args ...any) { found = append(found, fmt.Sprintf(format, args...)) }
	if s := out.Table.TableStatus; s != types.TableStatusActive && s != types.TableStatusUpdating {
		say("its status is %s", s)
	}
	if !sameKeys(out.Table.KeySchema, schema(t.Partition, t.Sort)) {
		say("its keys aren't %s and %s", t.Partition, t.Sort)
	}
	for _, x := range t.Indexes {
		i := slices.IndexFunc(out.Table.GlobalSecondaryIndexes, func(d types.GlobalSecondaryIndexDescription) bool { return aws.ToString(d.IndexName) == x.Name })
		switch {
		case i < 0:
			say("index %s is missing", x.Name)
		case !sameKeys(out.Table.GlobalSecondaryIndexes[i].KeySchema, schema(x.Partition, x.Sort)):
			say("index %s has other keys", x.Name)
		default:
			if lacks := unprojected(x, out.Table.GlobalSecondaryIndexes[i].Projection); len(lacks) > 0 {
				say("index %s doesn't project %s", x.Name, strings.Join(lacks, " and "))
			}
		}
	}
	if t.TTL != "" {
		ttl, err := o.client.DescribeTimeToLive(ctx, &dynamodb.DescribeTimeToLiveInput{TableName: &name})
		if err != nil {
			return found, failed("describing the TTL of "+name, err)
		}
		d := ttl.TimeToLiveDescription
		if d == nil || d.TimeToLiveStatus != types.TimeToLiveStatusEnabled && d.TimeToLiveStatus != types.TimeToLiveStatusEnabling || aws.ToString(d.AttributeName) != t.TTL {
			say("nothing expires: TTL isn't on for %s", t.TTL)
		}
	}
	if !deployed {
		return found, nil
	}
	b, err := o.client.DescribeContinuousBackups(ctx, &dynamodb.DescribeContinuousBackupsInput{TableName: &name})
	if err != nil {
		return found, failed("describing the backups of "+name, err)
	}
	if d := b.ContinuousBackupsDescription; d == nil || d.PointInTimeRecoveryDescription == nil ||
		d.PointInTimeRecoveryDescription.PointInTimeRecoveryStatus != types.PointInTimeRecoveryStatusEnabled {
		say("point-in-time recovery is off")
	}
	return found, nil
}

// unprojected gives what an index lacks; "all" where it is to have everything.
func unprojected(x Index, p *types.Projection) (lacks []string) {
	if p == nil || p.ProjectionType == types.ProjectionTypeAll {
		return nil
	}
	if x.Include == nil {
		return []string{"all"}
	}
	for _, name := range x.Include {
		if !slices.Contains(p.NonKeyAttributes, name) {
			lacks = append(lacks, name)
		}
	}
	return lacks
}

func sameKeys(a, b []types.KeySchemaElement) bool {
	return slices.EqualFunc(a, b, func(x, y types.KeySchemaElement) bool {
		return aws.ToString(x.AttributeName) == aws.ToString(y.AttributeName) && x.KeyType == y.KeyType
	})
}
