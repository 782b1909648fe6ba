// Package awskms makes the KMS client of a function. It is apart from boot
// because merely importing the service's package costs its initialisation
// (package boot, AWS).
package awskms

import (
	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/kms"

	"aura.example/integrations/shared/boot"
)

// New makes the client. It calls nobody yet.
func New(c boot.AWS) *kms.Client {
	o := kms.Options{
		Region:      c.Region,
		Credentials: credentials.NewStaticCredentialsProvider(c.AccessKey, c.SecretKey, c.Session),
	}
	if c.KMS != "" {
		o.BaseEndpoint = aws.String(c.KMS)
	}
	return kms.New(o)
}
