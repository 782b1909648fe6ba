// Package awssqs makes the SQS client of a function. It is apart from boot
// because merely importing the service's package costs its initialisation
// (package boot, AWS).
package awssqs

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"aura.example/integrations/shared/boot"
)

// New makes the client. It calls nobody yet.
func New(c boot.AWS) *sqs.Client {
	o := sqs.Options{
		Region:      c.Region,
		Credentials: credentials.NewStaticCredentialsProvider(c.AccessKey, c.SecretKey, c.Session),
	}
	if c.SQS != "" {
		o.BaseEndpoint = aws.String(c.SQS)
	}
	return sqs.New(o)
}
