package dynamo

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"slices"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/service/dynamodb/types"
	"github.com/aws/smithy-go"

	"aura.example/integrations/shared/fault"
)

// AWS errors end here. Refused conditions are answers, which each method turns
// into what its port says; everything else becomes a fault kind.

const (
	tries     = 6                     // of a write that met a conflict, of what was left unprocessed
	firstWait = 20 * time.Millisecond // doubling, with full jitter
	lastWait  = time.Second
)

// throttled are the codes of "too fast", as errors and as cancellation reasons.
var throttled = []string{
	"ThrottlingException", "ThrottlingError", "ProvisionedThroughputExceededException", "ProvisionedThroughputExceeded",
	"RequestLimitExceeded", "LimitExceededException", "TransactionConflict", "TransactionConflictException",
	"TransactionInProgressException", "ReplicatedWriteConflictException",
}

// failed gives an error its kind: Transient where trying again may help, an
// error without a kind (Internal) where our request or permissions are wrong.
func failed(doing string, err error) error {
	if err == nil {
		return nil
	}
	if transient(err) {
		return fault.Wrap(fault.Transient, "store_unavailable", "The store doesn't answer right now.", fmt.Errorf("%s: %w", doing, err))
	}
	return fmt.Errorf("%s: %w", doing, err)
}

func transient(err error) bool {
	var canceled *types.TransactionCanceledException
	if errors.As(err, &canceled) {
		return contended(canceled.CancellationReasons)
	}
	var api smithy.APIError
	var answer *http.ResponseError
	if errors.As(err, &api) {
		return slices.Contains(throttled, api.ErrorCode()) || errors.As(err, &answer) && answer.HTTPStatusCode() >= 500
	}
	// No answer, or not a whole one: the network, or the caller's own deadline;
	// unless the request never left because it is wrong.
	var wrong *smithy.InvalidParamsError
	return !errors.As(err, &wrong)
}

// contended reports whether a transaction was cancelled by its neighbours or by
// the table's pace rather than by a condition. Where it was both, the condition
// was looked at beside somebody's unfinished write, so it counts as contended.
func contended(reasons []types.CancellationReason) bool {
	return slices.ContainsFunc(reasons, func(r types.CancellationReason) bool {
		return r.Code != nil && slices.Contains(throttled, *r.Code)
	})
}

// persist repeats a write that was refused for contention alone: it has not
// taken effect, so repeating is safe. What stays refused is the error.
func (t *table) persist(ctx context.Context, write func() error) error {
	for try := 0; ; try++ {
		err := write()
		var conflict *types.TransactionConflictException
		var canceled *types.TransactionCanceledException
		again := errors.As(err, &conflict) || errors.As(err, &canceled) && contended(canceled.CancellationReasons)
		if !again || try == tries-1 {
			return err
		}
		if t.pause(ctx, backoff(try)) != nil {
			return err
		}
	}
}

// backoff is full jitter: anywhere up to a doubling bound.
func backoff(try int) time.Duration {
	bound := min(firstWait<<try, lastWait)
	return time.Duration(rand.Int64N(int64(bound)))
}

// refused gives what a refused condition found: the item as it stood (nil where
// there was none), and whether it was a refused condition at all.
func refused(err error) (item, bool) {
	var c *types.ConditionalCheckFailedException
	if errors.As(err, &c) {
		return c.Item, true
	}
	return nil, false
}
