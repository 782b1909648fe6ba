package kmskey

import (
	"errors"
	"fmt"
	"slices"

	"github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/smithy-go"

	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/seal"
)

// KMS's errors end here. The codes are those of GenerateDataKey's and Decrypt's
// API references; whoever consumes the faults tries again, raises an alarm, or
// knows that what was wrapped is lost.

// broken are the codes of a wrapped key that was altered, wrapped under another
// key or for another purpose: KMS tells these apart no further, on purpose.
var broken = []string{"InvalidCiphertextException", "IncorrectKeyException"}

// passing are the codes of what may be better in a moment, beside every 5xx and
// whatever brought no answer at all.
var passing = []string{
	"ThrottlingException", "LimitExceededException", "RequestLimitExceeded", "KMSInternalException",
	"DependencyTimeoutException", "KeyUnavailableException", "ServiceUnavailableException",
}

// failed gives an error its kind. Whatever is neither broken nor passing is our
// configuration: no such key, a disabled one, no permission.
func failed(doing string, err error) error {
	cause := fmt.Errorf("%s: %w", doing, err)
	var api smithy.APIError
	var answer *http.ResponseError
	switch {
	case !errors.As(err, &api),
		slices.Contains(passing, api.ErrorCode()),
		errors.As(err, &answer) && answer.HTTPStatusCode() >= 500:
		return fault.Wrap(fault.Transient, "key_unavailable", "The key service doesn't answer right now.", cause)
	case slices.Contains(broken, api.ErrorCode()):
		return fault.Wrap(fault.Operator, "key_broken", "A data key does not unwrap.", errors.Join(seal.ErrBroken, cause))
	default:
		return fault.Wrap(fault.Operator, "key_refused", "The key service refuses us.", cause)
	}
}
