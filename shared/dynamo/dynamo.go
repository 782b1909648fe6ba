package dynamo

import (
	"context"
	"time"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
)

// DB is the three tables. Each type implements the ports of what its table
// keeps; a function that may touch one table only makes that one.
type DB struct {
	Integrations *Integrations
	Credentials  *Credentials
	Events       *Events
}

// New makes all three. The clock decides what has expired, since TTL deletes
// late.
func New(client *dynamodb.Client, names Names, now func() time.Time) *DB {
	return &DB{
		Integrations: NewIntegrations(client, names, now),
		Credentials:  NewCredentials(client, names.Credentials, now),
		Events:       NewEvents(client, names.Events, now),
	}
}

// Integrations implements integration.Store, Accounts, Flows, Leases,
// Checkpoints, Lists, Journal, Slots, Fleet and Orders. It needs the credentials
// table's name too: completing an authorization writes both in one transaction.
type Integrations struct {
	table
	credentials string
}

// NewIntegrations makes the integrations table's side.
func NewIntegrations(client *dynamodb.Client, names Names, now func() time.Time) *Integrations {
	return &Integrations{newTable(client, names.Integrations, now), names.Credentials}
}

// Credentials implements integration.Credentials and seal.KeyStore.
type Credentials struct{ table }

// NewCredentials makes the credentials table's side.
func NewCredentials(client *dynamodb.Client, name string, now func() time.Time) *Credentials {
	return &Credentials{newTable(client, name, now)}
}

// Events implements calendar.Store, Edits and Quarantines.
type Events struct{ table }

// NewEvents makes the events table's side.
func NewEvents(client *dynamodb.Client, name string, now func() time.Time) *Events {
	return &Events{newTable(client, name, now)}
}

// table is one table's client.
type table struct {
	client *dynamodb.Client
	name   string
	now    func() time.Time
	pause  func(ctx context.Context, d time.Duration) error // between tries; a test makes it short
}

func newTable(client *dynamodb.Client, name string, now func() time.Time) table {
	return table{client: client, name: name, now: now, pause: pause}
}

// pause waits, or gives up with the context.
func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
