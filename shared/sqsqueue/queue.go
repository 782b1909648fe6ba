// Package sqsqueue keeps the job queue in Amazon SQS: sending (Queue), working
// off what was received (Work for a Lambda, Consumer where there is none), and
// looking after what was given up (DeadLetters).
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
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/job"
)

const (
	batchSize = 10 // SQS's limit for one batch of any kind
	sendTries = 4  // of the entries that a batch refused
	firstWait = 50 * time.Millisecond
)

// Queue sends jobs to one SQS queue. It is safe for concurrent use.
type Queue struct {
	client *sqs.Client
	url    string
	wait   func(ctx context.Context, d time.Duration) error // between tries
}

var _ job.Queue = (*Queue)(nil)

// New makes a Queue over the queue at a URL. It calls nobody yet.
func New(client *sqs.Client, url string) *Queue {
	return &Queue{client: client, url: url, wait: pause}
}

// Send sends jobs in batches of ten. Nothing is sent if one of them is a job
// that no worker could work off. Entries that a batch refused by SQS's own fault
// are tried again, with full jitter; what could not be sent in the end is the
// error, and the others were sent. A send whose answer was lost counts as not
// sent, though it may have been.
//
// Errors are Transient where trying again may help, else of no kind: our
// defect. A delay beyond job.MaxDelay is cut to that.
func (q *Queue) Send(ctx context.Context, msgs ...job.Message) error {
	if err := ctx.Err(); err != nil {
		return fmt.Errorf("sending %d jobs: %w", len(msgs), err)
	}
	entries := make([]types.SendMessageBatchRequestEntry, len(msgs))
	for i, m := range msgs {
		var err error
		if entries[i], err = entry(i, m); err != nil {
			return fmt.Errorf("sending %d jobs: %w", len(msgs), err)
		}
	}
	var errs []error
	for len(entries) > 0 {
		n := min(batchSize, len(entries))
		errs = append(errs, q.batch(ctx, entries[:n]))
		entries = entries[n:]
	}
	return errors.Join(errs...)
}

// entry puts a job into a message. What a person searches the queue for stands
// beside the body, too: attributes can be filtered by and read without it.
func entry(i int, m job.Message) (types.SendMessageBatchRequestEntry, error) {
	if err := m.Job.Check(); err != nil {
		return types.SendMessageBatchRequestEntry{}, err
	}
	body, err := json.Marshal(m.Job)
	if err != nil {
		return types.SendMessageBatchRequestEntry{}, fmt.Errorf("encoding a job: %w", err)
	}
	attributes := map[string]types.MessageAttributeValue{"kind": text(string(m.Job.Kind))}
	if id := m.Job.CorrelationID; id != "" && !strings.ContainsFunc(id, unprintable) { // SQS refuses others
		attributes["correlation_id"] = text(id)
	}
	return types.SendMessageBatchRequestEntry{
		Id: aws.String(strconv.Itoa(i)), MessageBody: aws.String(string(body)), DelaySeconds: seconds(m.Delay),
		MessageAttributes: attributes,
	}, nil
}

// batch sends up to ten entries until none is left, none is worth another try,
// or the tries are used up.
func (q *Queue) batch(ctx context.Context, entries []types.SendMessageBatchRequestEntry) error {
	var hopeless []error
	wait := firstWait
	for try := 1; ; try++ {
		out, err := q.client.SendMessageBatch(ctx, &sqs.SendMessageBatchInput{QueueUrl: aws.String(q.url), Entries: entries})
		if err != nil {
			return errors.Join(append(hopeless, failed(fmt.Sprintf("sending %d jobs", len(entries)), err))...)
		}
		again, refused := part(entries, out.Failed)
		entries, hopeless = again, append(hopeless, refused...)
		if len(entries) == 0 {
			return errors.Join(hopeless...)
		}
		if try == sendTries {
			err := fault.Newf(fault.Transient, "queue_unavailable", "The job queue refused %d jobs.", len(entries))
			return errors.Join(append(hopeless, err)...)
		}
		if err := q.wait(ctx, time.Duration(rand.Float64()*float64(wait))); err != nil {
			return errors.Join(append(hopeless, fmt.Errorf("sending %d jobs again: %w", len(entries), err))...)
		}
		wait *= 2
	}
}

// part tells the entries that are worth another try from those that SQS blames
// on us: these never get through.
func part(entries []types.SendMessageBatchRequestEntry, failed []types.BatchResultErrorEntry) (again []types.SendMessageBatchRequestEntry, hopeless []error) {
	for _, f := range failed {
		if f.SenderFault {
			hopeless = append(hopeless, fmt.Errorf("the queue refuses a job: %s", aws.ToString(f.Code)))
			continue
		}
		for _, e := range entries {
			if aws.ToString(e.Id) == aws.ToString(f.Id) {
				again = append(again, e)
			}
		}
	}
	return again, hopeless
}

func unprintable(r rune) bool { return r < ' ' || r > '~' }

func text(s string) types.MessageAttributeValue {
	return types.MessageAttributeValue{DataType: aws.String("String"), StringValue: aws.String(s)}
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
