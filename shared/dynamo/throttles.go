package dynamo

import (
	"context"
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/service/dynamodb"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"
	"github.com/aws/smithy-go/middleware"
)

// paced are the codes of throttled that speak of the table's pace; the others
// speak of neighbours in a transaction.
var paced = []string{
	"ThrottlingException", "ThrottlingError", "ProvisionedThroughputExceededException", "ProvisionedThroughputExceeded",
	"RequestLimitExceeded",
}

// WithThrottles tells of every try that DynamoDB refused for its pace, those that
// the SDK repeats by itself included. told must be safe for concurrent use.
func WithThrottles(told func(ctx context.Context)) func(*dynamodb.Options) {
	see := middleware.FinalizeMiddlewareFunc("SeeThrottles", func(ctx context.Context, in middleware.FinalizeInput, next middleware.FinalizeHandler) (middleware.FinalizeOutput, middleware.Metadata, error) {
		out, md, err := next.HandleFinalize(ctx, in)
		if tooFast(err) {
			told(ctx)
		}
		return out, md, err
	})
	return func(o *dynamodb.Options) {
		o.APIOptions = append(o.APIOptions, func(stack *middleware.Stack) error {
			if err := stack.Finalize.Insert(see, "Retry", middleware.After); err != nil {
				return fmt.Errorf("watching for throttles: %w", err)
			}
			return nil
		})
	}
}

// tooFast reports whether the table, or a partition of it, was asked for more
// than it gives.
func tooFast(err error) bool {
	var canceled *types.TransactionCanceledException
	if errors.As(err, &canceled) {
		return slices.ContainsFunc(canceled.CancellationReasons, func(r types.CancellationReason) bool {
			return r.Code != nil && slices.Contains(paced, *r.Code)
		})
	}
	var api smithy.APIError
	return errors.As(err, &api) && slices.Contains(paced, api.ErrorCode())
}
