package dynamo_test

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"flag"
	"strings"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"aura.example/integrations/shared/devstack"
	"aura.example/integrations/shared/dynamo"
	"aura.example/integrations/shared/storetest"
)

// client is a real SDK client of a real DynamoDB Local.
func client(t *testing.T, options ...func(*dynamodb.Options)) *dynamodb.Client {
	t.Helper()
	return dynamodb.New(dynamodb.Options{
		BaseEndpoint: aws.String(devstack.ForTest(t).DynamoDB()), Region: "eu-central-1",
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	}, options...)
}

// tables makes a set of tables of this test's own, which go with it.
func tables(t *testing.T) dynamo.Names {
	t.Helper()
	var random [6]byte
	_, _ = rand.Read(random[:])
	names := dynamo.Prefixed("t" + hex.EncodeToString(random[:]) + "-")
	c := client(t)
	if err := dynamo.CreateTables(t.Context(), c, names); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
		defer cancel()
		for _, name := range []string{names.Integrations, names.Credentials, names.Events} {
			if _, err := c.DeleteTable(ctx, &dynamodb.DeleteTableInput{TableName: aws.String(name)}); err != nil {
				t.Errorf("deleting table %s: %v", name, err)
			}
		}
	})
	return names
}

// open is a bundle on tables that it may share.
func open(t *testing.T, names dynamo.Names, options ...func(*dynamodb.Options)) *storetest.Bundle {
	t.Helper()
	clock := storetest.NewClock()
	db := dynamo.Hasty(dynamo.New(client(t, options...), names, clock.Now))
	return storetest.Of(db.Integrations, db.Credentials, db.Events, clock)
}

// whole reports whether all tests run, so that a suite can be held to what it
// must have met.
func whole() bool {
	run := flag.Lookup("test.run")
	return run == nil || run.Value.String() == ""
}

func TestConformance(t *testing.T) {
	t.Parallel()
	shared := tables(t)
	check := crossCheck(t, shared)
	storetest.Run(t, func(t *testing.T) *storetest.Bundle {
		if strings.Contains(t.Name(), "/Slots/") { // a slot is everybody's
			return open(t, tables(t))
		}
		return open(t, shared, check)
	})
}
