// Command clients builds the SDK client that the function status has, and
// nothing else: what that function's start is measured against.
package main

import (
	"context"
	"os"

	"github.com/aws/aws-lambda-go/lambda"

	"aura.example/integrations/shared/boot"
	"aura.example/integrations/shared/boot/awsdynamodb"
)

func main() {
	client := awsdynamodb.New(boot.AWS{Region: os.Getenv("AWS_REGION"), AccessKey: "a", SecretKey: "b"})
	lambda.Start(func(context.Context) (bool, error) { return client != nil, nil })
}
