package sqsqueue

import (
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"

	"aura.example/integrations/shared/fault"
)

// throttled are SQS's codes of "too fast", which it answers with status 400 or
// 403.
var throttled = []string{
	"ThrottlingException", "Throttling", "RequestThrottled", "OverLimit", "KmsThrottled", "TooManyRequestsException",
}

// failed gives an error its kind: Transient where trying again may help, none
// where our request, the queue's name or our permissions are wrong. The SDK has
// tried three times by then.
func failed(doing string, err error) error {
	cause := fmt.Errorf("%s: %w", doing, err)
	var api smithy.APIError
	var answer *http.ResponseError
	if errors.As(err, &api) && !slices.Contains(throttled, api.ErrorCode()) &&
		!(errors.As(err, &answer) && answer.HTTPStatusCode() >= 500) {
		return cause
	}
	return fault.Wrap(fault.Transient, "queue_unavailable", "The job queue can't be reached.", cause)
}
