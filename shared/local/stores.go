package local

import (
	"context"
	"fmt"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/dynamo"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/memory"
	"aura.example/integrations/shared/seal"
)

// integrations is everything that the integrations table keeps.
type integrations interface {
	integration.Store
	integration.Accounts
	integration.Flows
	integration.Leases
	integration.Checkpoints
	integration.Lists
	integration.Journal
	integration.Slots
	integration.Pacings
	integration.Fleet
	integration.Orders
}

// credentialStore is everything that the credentials table keeps.
type credentialStore interface {
	integration.Credentials
	seal.KeyStore
}

// eventStore is everything that the events table keeps.
type eventStore interface {
	calendar.Store
	calendar.Edits
	calendar.Quarantines
}

// stores are the three tables, in DynamoDB or in memory.
type stores struct {
	integrations integrations
	credentials  credentialStore
	events       eventStore
}

func memoryStores(now func() time.Time) stores {
	db := memory.New(now)
	return stores{db.Integrations, db.Credentials, db.Events}
}

// dynamoStores makes the tables where they aren't there yet. options lets a
// test put its recorder and its faults into the client.
func dynamoStores(ctx context.Context, url, prefix string, now func() time.Time, options ...func(*dynamodb.Options)) (stores, error) {
	names := dynamo.Prefixed(prefix)
	options = append(options, dynamo.WithRecorder(dynamo.NewRecorder(names, nil)))
	client := dynamodb.New(dynamodb.Options{
		Region: "local", BaseEndpoint: aws.String(url),
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	}, options...)
	if err := dynamo.CreateTables(ctx, client, names); err != nil {
		return stores{}, fmt.Errorf("creating the tables: %w", err)
	}
	db := dynamo.New(client, names, now)
	return stores{db.Integrations, db.Credentials, db.Events}, nil
}
