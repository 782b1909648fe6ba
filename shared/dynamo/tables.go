package dynamo

import (
	"context"
	"errors"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
)

// Names are the three tables' names in a deployment.
type Names struct {
	Integrations string
	Credentials  string
	Events       string
}

// Prefixed names the tables after their logical names.
func Prefixed(prefix string) Names {
	return Names{prefix + TableIntegrations, prefix + TableCredentials, prefix + TableEvents}
}

// The tables' logical names.
const (
	TableIntegrations = "integrations"
	TableCredentials  = "credentials"
	TableEvents       = "events"
)

// Table is one table's definition. Every key is a string, and every table is on
// demand with point-in-time recovery where that exists.
type Table struct {
	Name      string // logical
	Partition string
	Sort      string
	Indexes   []Index
	TTL       string // attribute; "" where nothing expires
}

// Index is one global secondary index.
type Index struct {
	Name      string
	Partition string
	Sort      string   // "" where there is none
	Include   []string // projected besides the keys; nil projects everything
}

// Index names.
const (
	IndexSlot = "slot"
	IndexTime = "by_time"
)

// Tables is the one definition that the tables are made from; template.yaml is
// held equal to it.
//
// The index slot projects little, so that nothing but the slot itself, the
// generation, and by what the dispatcher tells a poll from what can't wait and from what
// isn't due (status, whether edits wait, the moment of the next probe) costs a write
// there: never a run that goes well. The index by_time projects everything, since
// a range shows whole events.
func Tables() []Table {
	return []Table{
		{Name: TableIntegrations, Partition: attrPK, Sort: attrSK, TTL: attrTTL,
			Indexes: []Index{{Name: IndexSlot, Partition: attrSlot, Include: []string{rID, rStatus, rEditsWait, rRetryAt}}}},
		{Name: TableCredentials, Partition: attrPK, Sort: attrSK},
		{Name: TableEvents, Partition: attrPK, Sort: attrSK,
			Indexes: []Index{{Name: IndexTime, Partition: attrPK, Sort: attrTime}}},
	}
}

// nameOf gives a table's name in a deployment.
func (n Names) nameOf(logical string) string {
	switch logical {
	case TableIntegrations:
		return n.Integrations
	case TableCredentials:
		return n.Credentials
	}
	return n.Events
}

// CreateTables makes the tables where they don't exist yet, and returns once
// they can be used. For local runs and tests; a deployment's come from
// template.yaml.
func CreateTables(ctx context.Context, client *dynamodb.Client, names Names) error {
	for _, t := range Tables() {
		name := names.nameOf(t.Name)
		_, err := client.CreateTable(ctx, t.create(name))
		var exists *types.ResourceInUseException
		if err != nil && !errors.As(err, &exists) {
			return fmt.Errorf("creating table %s: %w", name, err)
		}
		waiter := dynamodb.NewTableExistsWaiter(client, func(o *dynamodb.TableExistsWaiterOptions) {
			o.MinDelay, o.MaxDelay = 10*time.Millisecond, 5*time.Second
		})
		if err := waiter.Wait(ctx, &dynamodb.DescribeTableInput{TableName: &name}, time.Minute); err != nil {
			return fmt.Errorf("waiting for table %s: %w", name, err)
		}
		if t.TTL == "" || exists != nil {
			continue
		}
		_, err = client.UpdateTimeToLive(ctx, &dynamodb.UpdateTimeToLiveInput{
			TableName:               &name,
			TimeToLiveSpecification: &types.TimeToLiveSpecification{AttributeName: aws.String(t.TTL), Enabled: aws.Bool(true)},
		})
		if err != nil {
			return fmt.Errorf("turning on TTL of table %s: %w", name, err)
		}
	}
	return nil
}

func (t Table) create(name string) *dynamodb.CreateTableInput {
	in := &dynamodb.CreateTableInput{TableName: &name, BillingMode: types.BillingModePayPerRequest, KeySchema: schema(t.Partition, t.Sort)}
	attrs := map[string]bool{t.Partition: true, t.Sort: true}
	for _, x := range t.Indexes {
		attrs[x.Partition], attrs[x.Sort] = true, true
		projection := &types.Projection{ProjectionType: types.ProjectionTypeAll}
		if x.Include != nil {
			projection = &types.Projection{ProjectionType: types.ProjectionTypeInclude, NonKeyAttributes: x.Include}
		}
		in.GlobalSecondaryIndexes = append(in.GlobalSecondaryIndexes, types.GlobalSecondaryIndex{
			IndexName: aws.String(x.Name), KeySchema: schema(x.Partition, x.Sort), Projection: projection,
		})
	}
	for name := range attrs {
		if name != "" {
			in.AttributeDefinitions = append(in.AttributeDefinitions, types.AttributeDefinition{
				AttributeName: aws.String(name), AttributeType: types.ScalarAttributeTypeS,
			})
		}
	}
	return in
}

func schema(partition, sort string) []types.KeySchemaElement {
	out := []types.KeySchemaElement{{AttributeName: aws.String(partition), KeyType: types.KeyTypeHash}}
	if sort != "" {
		out = append(out, types.KeySchemaElement{AttributeName: aws.String(sort), KeyType: types.KeyTypeRange})
	}
	return out
}
