package sqsqueue

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"aura.example/integrations/shared/job"
)

// Record is one message as it was received, by Lambda or by a Consumer.
type Record struct {
	ID   string
	Body string
}

// Work hands a batch's jobs to a handler, one after the other, and gives the
// ids of those that failed: Lambda's partial batch response, so that one bad job
// doesn't bring the others of its batch back. A body that is no job fails like
// any other and ends in the dead letters.
func Work(ctx context.Context, records []Record, handle job.Handler, log *slog.Logger) (failed []string) {
	for _, r := range records {
		if err := work(ctx, r, handle); err != nil {
			log.WarnContext(ctx, "job failed; it comes back", "message", r.ID, "error", err)
			failed = append(failed, r.ID)
		}
	}
	return failed
}

func work(ctx context.Context, r Record, handle job.Handler) error {
	var j job.Job
	if err := json.Unmarshal([]byte(r.Body), &j); err != nil {
		return fmt.Errorf("a message of %d bytes is no job", len(r.Body)) // the cause could quote it
	}
	if err := j.Check(); err != nil {
		return err
	}
	return handle(ctx, j)
}

// Consumer receives from the queue itself, where no Lambda does it: with sam
// local, and in tests.
type Consumer struct {
	Client *sqs.Client
	URL    string
	Handle job.Handler
	Log    *slog.Logger
}

// Once waits for at most ten messages, up to wait seconds, and works them off.
// What failed becomes visible again when its time has passed.
func (c *Consumer) Once(ctx context.Context, wait int32) (received int, err error) {
	out, err := c.Client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl: aws.String(c.URL), MaxNumberOfMessages: batchSize, WaitTimeSeconds: wait,
	})
	if err != nil {
		return 0, fmt.Errorf("receiving: %w", err)
	}
	records := make([]Record, len(out.Messages))
	for i, m := range out.Messages {
		records[i] = Record{ID: aws.ToString(m.MessageId), Body: aws.ToString(m.Body)}
	}
	failed := map[string]bool{}
	for _, id := range Work(ctx, records, c.Handle, c.Log) {
		failed[id] = true
	}
	var done []types.DeleteMessageBatchRequestEntry
	for _, m := range out.Messages {
		if !failed[aws.ToString(m.MessageId)] {
			done = append(done, types.DeleteMessageBatchRequestEntry{Id: m.MessageId, ReceiptHandle: m.ReceiptHandle})
		}
	}
	if len(done) > 0 {
		if _, err := c.Client.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: aws.String(c.URL), Entries: done}); err != nil {
			return len(records), fmt.Errorf("acknowledging: %w", err)
		}
	}
	return len(records), nil
}
