package sqsqueue

import (
	"context"
	"fmt"
	"strconv"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"aura.example/integrations/shared/job"
)

// DeadLetters looks after a dead-letter queue: what is in it, and once its cause
// is mended, sending it again or dropping it.
type DeadLetters struct {
	Client *sqs.Client
	URL    string // of the dead-letter queue
	Queue  *Queue // where they came from
}

// DeadLetter is a message that was given up.
type DeadLetter struct {
	ID    string
	Job   job.Job
	Err   error // why it is no job; then Job is empty
	Tries int   // receives in both queues
	Sent  time.Time

	receipt *string
}

// hidden is for how long what List gave is kept from other callers of List, in
// seconds: long enough to decide, short enough to look again.
const hidden = 60

// List gives up to most dead letters, waiting up to wait seconds for the first.
// They stay where they are, and for a minute are given to nobody else, so that
// two who look after the queue don't send the same ones again. Listing that takes
// longer than that meets its first ones again: each is given once, as it was met
// last. SQS may give fewer than there are: an empty list with wait > 0 is the end.
func (d *DeadLetters) List(ctx context.Context, most int, wait int32) ([]DeadLetter, error) {
	var letters []DeadLetter
	at := map[string]int{} // in letters, by id
	for len(letters) < most {
		out, err := d.Client.ReceiveMessage(ctx, &sqs.ReceiveMessageInput{
			QueueUrl: aws.String(d.URL), MaxNumberOfMessages: int32(min(batchSize, most-len(letters))),
			WaitTimeSeconds: wait, VisibilityTimeout: hidden,
			MessageSystemAttributeNames: []types.MessageSystemAttributeName{
				types.MessageSystemAttributeNameApproximateReceiveCount, types.MessageSystemAttributeNameSentTimestamp,
			},
		})
		if err != nil {
			return letters, failed("reading the dead letters", err)
		}
		if len(out.Messages) == 0 {
			break
		}
		fresh := 0
		for _, m := range out.Messages {
			l := letter(m)
			if i, again := at[l.ID]; again {
				letters[i] = l // its new receipt is the one that counts
				continue
			}
			fresh++
			at[l.ID] = len(letters)
			letters = append(letters, l)
		}
		if fresh == 0 {
			break
		}
		wait = 0 // there were some: the rest is there or not
	}
	return letters, nil
}

func letter(m types.Message) DeadLetter {
	l := DeadLetter{ID: aws.ToString(m.MessageId), receipt: m.ReceiptHandle}
	l.Job, l.Err = parse(aws.ToString(m.Body))
	if l.Err != nil {
		l.Job = job.Job{}
	}
	l.Tries, _ = strconv.Atoi(m.Attributes[string(types.MessageSystemAttributeNameApproximateReceiveCount)])
	if ms, err := strconv.ParseInt(m.Attributes[string(types.MessageSystemAttributeNameSentTimestamp)], 10, 64); err == nil {
		l.Sent = time.UnixMilli(ms).UTC()
	}
	return l
}

// Redrive sends dead letters to their queue once more and then takes them out
// of the dead ones, in that order: whoever dies between doubles a job, which
// every handler stands, and loses none. Letters that are no job are refused,
// since they would only come back; Drop is for those.
func (d *DeadLetters) Redrive(ctx context.Context, letters ...DeadLetter) error {
	msgs := make([]job.Message, len(letters))
	for i, l := range letters {
		if l.Err != nil {
			return fmt.Errorf("dead letter %s: %w", l.ID, l.Err)
		}
		msgs[i] = job.Message{Job: l.Job}
	}
	if err := d.Queue.Send(ctx, msgs...); err != nil {
		return fmt.Errorf("sending dead letters again: %w", err)
	}
	return d.Drop(ctx, letters...)
}

// Drop takes dead letters out for good.
func (d *DeadLetters) Drop(ctx context.Context, letters ...DeadLetter) error {
	for len(letters) > 0 {
		n := min(batchSize, len(letters))
		entries := make([]types.DeleteMessageBatchRequestEntry, n)
		for i, l := range letters[:n] {
			entries[i] = types.DeleteMessageBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: l.receipt}
		}
		if err := remove(ctx, d.Client, d.URL, entries); err != nil {
			return err
		}
		letters = letters[n:]
	}
	return nil
}

// Release lets everybody see letters again that List gave, at once: whoever only
// looked doesn't keep them from whoever acts.
func (d *DeadLetters) Release(ctx context.Context, letters ...DeadLetter) error {
	for len(letters) > 0 {
		n := min(batchSize, len(letters))
		entries := make([]types.ChangeMessageVisibilityBatchRequestEntry, n)
		for i, l := range letters[:n] {
			entries[i] = types.ChangeMessageVisibilityBatchRequestEntry{Id: aws.String(strconv.Itoa(i)), ReceiptHandle: l.receipt}
		}
		_, err := d.Client.ChangeMessageVisibilityBatch(ctx, &sqs.ChangeMessageVisibilityBatchInput{QueueUrl: aws.String(d.URL), Entries: entries})
		if err != nil {
			return failed("giving dead letters back", err)
		}
		letters = letters[n:]
	}
	return nil
}
