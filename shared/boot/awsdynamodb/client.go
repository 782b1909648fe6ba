// Package awsdynamodb makes the DynamoDB client of a function. It is apart from boot
// because merely importing the service's package costs its initialisation
// (package boot, AWS).
package awsdynamodb

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"

	"aura.example/integrations/shared/boot"
)

// New makes the client; options may add a recorder. It calls nobody yet.
func New(c boot.AWS, options ...func(*dynamodb.Options)) *dynamodb.Client {
	o := dynamodb.Options{
		Region:      c.Region,
		Credentials: credentials.NewStaticCredentialsProvider(c.AccessKey, c.SecretKey, c.Session),
	}
	if c.DynamoDB != "" {
		o.BaseEndpoint = aws.String(c.DynamoDB)
	}
	return dynamodb.New(o, options...)
}
