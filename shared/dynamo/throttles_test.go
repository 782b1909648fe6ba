package dynamo_test

import (
	"context"
	"errors"
	"fmt"
	"sync/atomic"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"

	"aura.example/integrations/shared/dynamo"
)

// Every try that was refused for its pace is told, and nothing else is.
func TestThrottlesAreTold(t *testing.T) {
	t.Parallel()
	cancelled := func(code string) error {
		return &types.TransactionCanceledException{CancellationReasons: []types.CancellationReason{{Code: aws.String("None")}, {Code: aws.String(code)}}}
	}
	for name, c := range map[string]struct {
		err  error
		want int64 // of four tries at most
	}{
		"throttled":                {&smithy.GenericAPIError{Code: "ThrottlingException"}, 4},
		"partition":                {&types.ProvisionedThroughputExceededException{}, 4},
		"transaction by its pace":  {cancelled("ThrottlingError"), 1},
		"transaction by neighbour": {cancelled("TransactionConflict"), 0},
		"condition":                {&types.ConditionalCheckFailedException{}, 0},
		"network":                  {errors.New("cut"), 0},
	} {
		var told atomic.Int64
		fail := func(o *dynamodb.Options) {
			o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
				return stack.Deserialize.Add(middleware.DeserializeMiddlewareFunc("Fail", func(context.Context, middleware.DeserializeInput, middleware.DeserializeHandler) (middleware.DeserializeOutput, middleware.Metadata, error) {
					return middleware.DeserializeOutput{}, middleware.Metadata{}, fmt.Errorf("refused: %w", c.err)
				}), middleware.Before)
			})
		}
		client := dynamodb.New(dynamodb.Options{Region: "local", BaseEndpoint: aws.String("http://127.0.0.1:9"), Credentials: aws.AnonymousCredentials{}},
			eager, dynamo.WithThrottles(func(context.Context) { told.Add(1) }), fail)
		_, err := client.GetItem(t.Context(), &dynamodb.GetItemInput{TableName: aws.String("t"), Key: map[string]types.AttributeValue{"pk": &types.AttributeValueMemberS{Value: "A#a"}}})
		if err == nil || told.Load() != c.want {
			t.Errorf("%s: told %d times, want %d (%v)", name, told.Load(), c.want, err)
		}
	}
}
