package sqsqueue

import (
	"context"
	"encoding/json"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
)

// Problems says what of a queue's settings would lose or double work, in
// sentences; none where all is well. waiting is about how many messages are in
// it.
func Problems(ctx context.Context, client *sqs.Client, url string) (found []string, waiting int, err error) {
	out, err := client.GetQueueAttributes(ctx, &sqs.GetQueueAttributesInput{
		QueueUrl: aws.String(url), AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll},
	})
	if err != nil {
		return nil, 0, failed("describing the queue", err)
	}
	number := func(name types.QueueAttributeName) int {
		n, _ := strconv.Atoi(out.Attributes[string(name)])
		return n
	}
	visible := time.Duration(number(types.QueueAttributeNameVisibilityTimeout)) * time.Second
	if visible < integration.Visibility {
		found = append(found, fmt.Sprintf("its visibility timeout is %s: below %s a message comes back while its dead holder still seems alive", visible, integration.Visibility))
	}
	var policy struct {
		Target string `json:"deadLetterTargetArn"`
		Max    any    `json:"maxReceiveCount"`
	}
	switch raw := out.Attributes[string(types.QueueAttributeNameRedrivePolicy)]; {
	case raw == "":
		found = append(found, "it has no dead-letter queue: a job that always fails would come back for ever")
	case json.Unmarshal([]byte(raw), &policy) != nil || fmt.Sprint(policy.Max) != strconv.Itoa(job.MaxReceives):
		found = append(found, fmt.Sprintf("it gives jobs up after %v tries, not %d", policy.Max, job.MaxReceives))
	}
	return found, number(types.QueueAttributeNameApproximateNumberOfMessages), nil
}
