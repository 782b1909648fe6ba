// Package sqsqueue keeps the job queue in Amazon SQS.
//
// Delivery is at least once and in any order. Visibility timeout, dead-letter
// queue and concurrency are the queue's and the event source's settings
// (template.yaml), not this package's.
package sqsqueue

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"math/rand/v2"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/job"
)

const (
	batchSize = 10 // SQS's limit for one SendMessageBatch
	sendTries = 4  // of the entries that a batch refused
	firstWait = 50 * time.Millisecond
)

// Queue sends jobs to one SQS queue. It is safe for concurrent use.
type Queue struct {
	client *sqs.Client
	url    string
	wait   func(ctx context.Context, d time.Duration) error // between tries; a test makes it short
}

var _ job.Queue = (*Queue)(nil)

// New makes a Queue over the queue at a URL. It calls nobody yet.
func New(client *sqs.Client, url string) *Queue {
	return &Queue{client: client, url: url, wait: pause}
}

// Send sends jobs in batches of ten. Entries that a batch refused by SQS's own
// fault are tried again; what could not be sent in the end is the error, and the
// others were sent.
func (q *Queue) Send(ctx context.Context, msgs ...job.Message) error {
	var errs []error
	for len(msgs) > 0 {
		n := min(batchSize, len(msgs))
		if err := q.batch(ctx, msgs[:n]); err != nil {
			errs = append(errs, err)
		}
		msgs = msgs[n:]
	}
	return errors.Join(errs...)
}

func (q *Queue) batch(ctx context.Context, msgs []job.Message) error {
	entries := make([]types.SendMessageBatchRequestEntry, len(msgs))
	for i, m := range msgs {
		body, err := json.Marshal(m.Job)
		if err != nil {
			return fmt.Errorf("encoding a job: %w", err)
		}
		entries[i] = types.SendMessageBatchRequestEntry{
			Id: aws.String(strconv.Itoa(i)), MessageBody: aws.String(string(body)), DelaySeconds: seconds(m.Delay),
		}
	}
	wait := firstWait
	for try := 1; ; try++ {
		out, err := q.client.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: aws.String(q.url), Entries: entries})
		if err != nil {
			return fault.Wrap(fault.Transient, "queue_unavailable", "The job queue can't be reached.", err)
		}
		entries, err = refused(entries, out.Failed)
		if err != nil {
			return err
		}
		if len(entries) == 0 {
			return nil
		}
		if try == sendTries {
			return fault.Newf(fault.Transient, "queue_unavailable", "The job queue refused %d jobs.", len(entries))
		}
		if err := q.wait(ctx, time.Duration(rand.Float64()*float64(wait))); err != nil {
			return fmt.Errorf("sending %d jobs again: %w", len(entries), err)
		}
		wait *= 2
	}
}

// refused gives the entries that are worth another try. One that SQS blames on
// us never gets through.
func refused(entries []types.SendMessageBatchRequestEntry, failed []types.BatchResultErrorEntry) ([]types.SendMessageBatchRequestEntry, error) {
	var again []types.SendMessageBatchRequestEntry
	for _, f := range failed {
		if f.SenderFault {
			return nil, fmt.Errorf("the queue refuses a job: %s", aws.ToString(f.Code))
		}
		for _, e := range entries {
			if aws.ToString(e.Id) == aws.ToString(f.Id) {
				again = append(again, e)
			}
		}
	}
	return again, nil
}

// seconds rounds a delay up to SQS's grain: a job must not come early.
func seconds(d time.Duration) int32 {
	d = min(max(d, 0), job.MaxDelay)
	return int32((d + time.Second - 1) / time.Second)
}

func pause(ctx context.Context, d time.Duration) error {
	t := time.NewTimer(d)
	defer t.Stop()
	select {
	case <-t.C:
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}
