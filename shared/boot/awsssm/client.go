// Package awsssm makes the SSM client of a function. It is apart from boot
// because merely importing the service's package costs its initialisation
// (package boot, AWS).
package awsssm

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/ssm"

	"aura.example/integrations/shared/boot"
)

// New makes the client. It calls nobody yet.
func New(c boot.AWS) *ssm.Client {
	o := ssm.Options{
		Region:      c.Region,
		Credentials: credentials.NewStaticCredentialsProvider(c.AccessKey, c.SecretKey, c.Session),
	}
	if c.SSM != "" {
		o.BaseEndpoint = aws.String(c.SSM)
	}
	return ssm.New(o)
}
