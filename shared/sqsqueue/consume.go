package sqsqueue

import (
	"context"
	"encoding/json"
	"fmt"
	"log/slog"
	"strconv"
	"time"

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
// any other and ends in the dead letters; what is left when ctx ends fails
// untried. Why each failed is kept under its message's id, since SQS gives a job
// up without a word; notes may be nil.
func Work(ctx context.Context, records []Record, handle job.Handler, notes job.Failures, log *slog.Logger) (failed []string) {
	for _, r := range records {
		if err := work(ctx, r, handle); err != nil {
			log.WarnContext(ctx, "job failed; it comes back", "message", r.ID, "error", err)
			note(ctx, r, err, notes, log)
			failed = append(failed, r.ID)
		}
	}
	return failed
}

// note keeps why a try failed, in time of its own: the job's may be over. Where
// that fails the log has it.
func note(ctx context.Context, r Record, why error, notes job.Failures, log *slog.Logger) {
	if notes == nil {
		return
	}
	ctx, cancel := context.WithTimeout(context.WithoutCancel(ctx), noteFor)
	defer cancel()
	if err := notes.NoteFailure(ctx, job.FailureOf(r.ID, why, time.Now())); err != nil {
		log.WarnContext(ctx, "why a job failed isn't noted", "message", r.ID, "error", err)
	}
}

const noteFor = 5 * time.Second

func work(ctx context.Context, r Record, handle job.Handler) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("no time left to begin: %w", err)
	}
	j, err := parse(r.Body)
	if err != nil {
		return err
	}
	return handle(ctx, j)
}

func parse(body string) (j job.Job, err error) {
	if err := json.Unmarshal([]byte(body), &j); err != nil {
		return job.Job{}, fmt.Errorf("a message of %d bytes is no job", len(body)) // the cause could quote it
	}
	return j, j.Check()
}

// Consumer receives from the queue itself, where no Lambda does it: with sam
// local, and in tests. It may run several times at once.
type Consumer struct {
	Client *sqs.Client
	URL    string
	Handle job.Handler
	// Retry says how long a job that failed stays hidden after so many tries; nil
	// leaves it to the queue's visibility timeout, as Lambda does.
	Retry func(tries int) time.Duration
	Notes job.Failures // where it is kept why jobs failed; nil: nowhere
	Log   *slog.Logger
}

// Run works jobs off until ctx ends. What goes wrong with the queue is logged,
// and tried again after a second.
func (c *Consumer) Run(ctx context.Context) {
	for ctx.Err() == nil {
		if _, err := c.Once(ctx, longPoll); err != nil && ctx.Err() == nil {
			c.Log.ErrorContext(ctx, "the job queue doesn't answer", "error", err)
			_ = pause(ctx, time.Second)
		}
	}
}

// longPoll is the longest that SQS lets a receiver wait, in seconds.
const longPoll = 20

// Once waits for at most ten messages, up to wait seconds, and works them off.
// Those that are done are acknowledged, even if ctx has ended meanwhile.
func (c *Consumer) Once(ctx context.Context, wait int32) (received int, err error) {
	out, err := c.Client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
		QueueUrl: aws.String(c.URL), MaxNumberOfMessages: batchSize, WaitTimeSeconds: wait,
		MessageSystemAttributeNames: []types.MessageSystemAttributeName{types.MessageSystemAttributeNameApproximateReceiveCount},
	})
	if err != nil {
		return 0, failed("receiving jobs", err)
	}
	records := make([]Record, len(out.Messages))
	for i, m := range out.Messages {
		records[i] = Record{ID: aws.ToString(m.MessageId), Body: aws.ToString(m.Body)}
	}
	bad := map[string]bool{}
	for _, id := range Work(ctx, records, c.Handle, c.Notes, c.Log) {
		bad[id] = true
	}
	ctx = context.WithoutCancel(ctx)
	var done []types.DeleteMessageBatchRequestEntry
	for i, m := range out.Messages {
		if id := strconv.Itoa(i); !bad[aws.ToString(m.MessageId)] {
			done = append(done, types.DeleteMessageBatchRequestEntry{Id: aws.String(id), ReceiptHandle: m.ReceiptHandle})
		} else if err := c.hide(ctx, m); err != nil {
			return len(records), err
		}
	}
	return len(records), remove(ctx, c.Client, c.URL, done)
}

// hide says when a message that failed may be seen again.
func (c *Consumer) hide(ctx context.Context, m types.Message) error {
	if c.Retry == nil {
		return nil
	}
	tries, _ := strconv.Atoi(m.Attributes[string(types.MessageSystemAttributeNameApproximateReceiveCount)])
	_, err := c.Client.ChangeMessageVisibility(ctx, &sqs.ChangeMessageVisibilityInput{
		QueueUrl: aws.String(c.URL), ReceiptHandle: m.ReceiptHandle, VisibilityTimeout: seconds(c.Retry(tries)),
	})
	if err != nil {
		return failed("giving a job back", err)
	}
	return nil
}

// remove deletes up to ten messages. One that SQS keeps comes again, which every
// handler has to stand; it is the error.
func remove(ctx context.Context, client *sqs.Client, url string, entries []types.DeleteMessageBatchRequestEntry) error {
	if len(entries) == 0 {
		return nil
	}
	out, err := client.DeleteMessageBatch(ctx, &sqs.DeleteMessageBatchInput{QueueUrl: aws.String(url), Entries: entries})
	if err != nil {
		return failed("acknowledging jobs", err)
	}
	if n := len(out.Failed); n > 0 {
		return fmt.Errorf("%d of %d jobs were not acknowledged: %s", n, len(entries), aws.ToString(out.Failed[0].Code))
	}
	return nil
}
