package calsync_test

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"net/http"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/devstack"
	"aura.example/integrations/shared/dynamo"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/memory"
)

// tables is where a world keeps its data.
type tables struct {
	Integrations interface {
		integration.Store
		integration.Leases
		integration.Checkpoints
		integration.Lists
		integration.Journal
		integration.Slots
		integration.Fleet
	}
	Events interface {
		calendar.Store
		calendar.Edits
		calendar.Quarantines
	}
	open     func(c *http.Client, tries int) tables
	recorded func(c *http.Client) tables
}

func inMemory(_ testing.TB, now func() time.Time) tables {
	db := memory.New(now)
	return tables{Integrations: db.Integrations, Events: db.Events}
}

// inDynamoDB makes tables of their own in the DynamoDB Local that all tests share.
func inDynamoDB(t testing.TB, now func() time.Time) tables {
	t.Helper()
	var raw [8]byte
	_, _ = rand.Read(raw[:])
	names := dynamo.Prefixed("calsync-" + hex.EncodeToString(raw[:]) + "-")
	url := devstack.ForTest(t).DynamoDB()
	open := func(c *http.Client, retries int) tables {
		db := dynamo.New(client(url, c, retries), names, now)
		return tables{Integrations: db.Integrations, Events: db.Events}
	}
	if err := dynamo.CreateTables(context.Background(), client(url, http.DefaultClient, 3), names); err != nil {
		t.Fatal(err)
	}
	db := open(http.DefaultClient, 3)
	db.open = open
	db.recorded = func(c *http.Client) tables {
		r := dynamo.New(client(url, c, 3, dynamo.WithRecorder(dynamo.NewRecorder(names, nil))), names, now)
		return tables{Integrations: r.Integrations, Events: r.Events}
	}
	return db
}

func client(url string, c *http.Client, tries int, options ...func(*dynamodb.Options)) *dynamodb.Client {
	return dynamodb.New(dynamodb.Options{
		Region: "local", BaseEndpoint: aws.String(url), HTTPClient: c, Retryer: quickly(tries),
		Credentials: credentials.NewStaticCredentialsProvider("local", "local", ""),
	}, options...)
}

// reopen gives the same tables through another client.
func (w *world) reopen(c *http.Client, tries int) tables {
	w.t.Helper()
	if w.db.open == nil {
		w.t.Fatal("only a world in DynamoDB has boundaries")
	}
	return w.db.open(c, tries)
}
