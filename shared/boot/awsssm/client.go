// Package awsssm makes the SSM client of a function: the one call that package
// ssmsecrets makes, since merely importing the SDK's package for SSM costs more
// than all else of a start (package boot, AWS).
package awsssm

import (
	"net/http"

	"github.com/aws/aws-sdk-go-v2/aws"

	"aura.example/integrations/shared/boot"
	"aura.example/integrations/shared/ssmsecrets"
)

// New makes the client. It calls nobody yet.
func New(c boot.AWS) *ssmsecrets.Client {
	// A transport of its own: the connection rests for minutes between two calls,
	// and nobody else's settings bear on it.
	transport, _ := http.DefaultTransport.(*http.Transport)
	return &ssmsecrets.Client{
		Region: c.Region, Endpoint: c.SSM,
		Credentials: aws.Credentials{AccessKeyID: c.AccessKey, SecretAccessKey: c.SecretKey, SessionToken: c.Session},
		HTTP:        &http.Client{Transport: transport.Clone(), CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}
}
