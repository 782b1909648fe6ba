package sqsqueue_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"aura.example/integrations/shared/devstack"
	"aura.example/integrations/shared/job"
	"aura.example/integrations/shared/queuetest"
	"aura.example/integrations/shared/sqsqueue"
)

func newClient(t *testing.T, c *http.Client) *sqs.Client {
	t.Helper()
	return sqs.New(sqs.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String(devstack.ForTest(t).Moto()), HTTPClient: c,
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
}

// newQueue makes a queue with its dead letters, as template.yaml does.
func newQueue(t *testing.T, client *sqs.Client) (url, dead string) {
	t.Helper()
	var raw [8]byte
	_, _ = rand.Read(raw[:])
	name := "jobs-" + hex.EncodeToString(raw[:])
	make := func(name string, attrs map[string]string) (string, string) {
		out, err := client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: aws.String(name), Attributes: attrs})
		if err != nil {
			t.Fatal(err)
		}
		a, err := client.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{
			QueueUrl: out.QueueUrl, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameQueueArn},
		})
		if err != nil {
			t.Fatal(err)
		}
		return *out.QueueUrl, a.Attributes["QueueArn"]
	}
	dead, arn := make(name+"-dead", nil)
	url, _ = make(name, map[string]string{
		"VisibilityTimeout": "300", // long: nothing may come back by being slow
		"RedrivePolicy":     fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":"%d"}`, arn, job.MaxReceives),
	})
	return url, dead
}

func TestQueueConforms(t *testing.T) {
	t.Parallel()
	queuetest.Run(t, func(t *testing.T, handle job.Handler) queuetest.Running {
		client := newClient(t, http.DefaultClient)
		url, dead := newQueue(t, client)
		consume(t, client, url, handle)
		q := sqsqueue.New(client, url)
		letters := &sqsqueue.DeadLetters{Client: client, URL: dead, Queue: q}
		var found []sqsqueue.DeadLetter
		return queuetest.Running{
			Queue: q,
			DeadLetters: func(ctx context.Context) (jobs []job.Job, err error) {
				for len(found) == 0 && err == nil {
					found, err = letters.List(ctx, 100, 1)
				}
				for _, l := range found {
					jobs = append(jobs, l.Job)
				}
				return jobs, err
			},
			Redrive: func(ctx context.Context) error { return letters.Redrive(ctx, found...) },
		}
	})
}

// consume works a queue off until the test ends: Lambda's event source, in one
// process. What fails comes back at once.
func consume(t *testing.T, client *sqs.Client, url string, handle job.Handler) {
	t.Helper()
	c := &sqsqueue.Consumer{
		Client: client, URL: url, Handle: handle, Log: slog.New(slog.DiscardHandler),
		Retry: func(int) time.Duration { return 0 },
	}
	ctx, stop := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() {
		for ctx.Err() == nil {
			if _, err := c.Once(ctx, 1); err != nil && ctx.Err() == nil {
				t.Error(err)
				return
			}
		}
	})
	t.Cleanup(func() { stop(); wg.Wait() })
}

func depth(t *testing.T, client *sqs.Client, url string) int {
	t.Helper()
	a, err := client.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{
		QueueUrl: aws.String(url), AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameApproximateNumberOfMessages},
	})
	if err != nil {
		t.Fatal(err)
	}
	n, _ := strconv.Atoi(a.Attributes["ApproximateNumberOfMessages"])
	return n
}

func TestABodyThatIsNoJobFailsAloneAndSaysNothingOfItself(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	good, err := json.Marshal(queuetest.Job(1))
	if err != nil {
		t.Fatal(err)
	}
	worked := 0
	failed := sqsqueue.Work(t.Context(), []sqsqueue.Record{
		{ID: "1", Body: "not JSON: secret-token"}, {ID: "2", Body: `{"kind":"unknown"}`}, {ID: "3", Body: string(good)}, {ID: "4", Body: ""},
	}, func(context.Context, job.Job) error { worked++; return nil }, nil, slog.New(slog.NewJSONHandler(&log, nil)))
	if fmt.Sprint(failed) != "[1 2 4]" || worked != 1 {
		t.Errorf("failed %v, worked %d", failed, worked)
	}
	if strings.Contains(log.String(), "secret-token") {
		t.Errorf("the log quotes a message: %s", &log)
	}
}

// A batch that runs out of time gives back what it hasn't begun.
func TestWhatIsLeftWhenTimeIsUpFailsUntried(t *testing.T) {
	t.Parallel()
	body, err := json.Marshal(queuetest.Job(1))
	if err != nil {
		t.Fatal(err)
	}
	ctx, cancel := context.WithCancel(t.Context())
	worked := 0
	failed := sqsqueue.Work(ctx, []sqsqueue.Record{{ID: "1", Body: string(body)}, {ID: "2", Body: string(body)}},
		func(context.Context, job.Job) error { worked++; cancel(); return nil }, nil, slog.New(slog.DiscardHandler))
	if fmt.Sprint(failed) != "[2]" || worked != 1 {
		t.Errorf("failed %v, worked %d", failed, worked)
	}
}

// A person who looks into the queue finds a job by its correlation id.
func TestAMessageSaysWhatItBelongsTo(t *testing.T) {
	t.Parallel()
	client := newClient(t, http.DefaultClient)
	url, _ := newQueue(t, client)
	plain, odd := queuetest.Job(1), queuetest.Job(2)
	plain.CorrelationID, odd.CorrelationID = "req-1", "line\nbreak"
	if err := sqsqueue.New(client, url).Send(t.Context(), job.Message{Job: plain}, job.Message{Job: odd}); err != nil {
		t.Fatal(err)
	}
	out, err := client.ReceiveMessage(t.Context(), &sqs.ReceiveMessageInput{
		QueueUrl: aws.String(url), MaxNumberOfMessages: 10, MessageAttributeNames: []string{"All"},
	})
	if err != nil {
		t.Fatal(err)
	}
	got := map[string]string{}
	for _, m := range out.Messages {
		for name, a := range m.MessageAttributes {
			got[name] += aws.ToString(a.StringValue) + " "
		}
	}
	if got["correlation_id"] != "req-1 " || got["kind"] != "sync sync " {
		t.Errorf("attributes %v", got)
	}
}

// Whoever looks after the dead letters sees each once, sends the good ones again
// and drops the others.
func TestDeadLettersAreListedRedrivenAndDropped(t *testing.T) {
	t.Parallel()
	client := newClient(t, http.DefaultClient)
	url, dead := newQueue(t, client)
	if err := sqsqueue.New(client, dead).Send(t.Context(), queuetest.Jobs(12)...); err != nil {
		t.Fatal(err)
	}
	if _, err := client.SendMessage(t.Context(), &sqs.SendMessageInput{QueueUrl: aws.String(dead), MessageBody: aws.String("no job")}); err != nil {
		t.Fatal(err)
	}
	d := &sqsqueue.DeadLetters{Client: client, URL: dead, Queue: sqsqueue.New(client, url)}
	letters, err := d.List(t.Context(), 100, 1)
	if err != nil || len(letters) != 13 {
		t.Fatalf("%d letters, %v; want 13", len(letters), err)
	}
	if again, err := d.List(t.Context(), 100, 0); err != nil || len(again) != 0 {
		t.Errorf("a second look gives %d, %v: they are the first one's for a minute", len(again), err)
	}
	var good, bad []sqsqueue.DeadLetter
	for _, l := range letters {
		if l.Sent.IsZero() || l.Tries < 1 {
			t.Errorf("letter %+v says nothing of when and how often", l)
		}
		if l.Err != nil {
			bad = append(bad, l)
		} else {
			good = append(good, l)
		}
	}
	if err := d.Redrive(t.Context(), bad...); err == nil || len(bad) != 1 {
		t.Errorf("what is no job was sent again: %d of them", len(bad))
	}
	if err := d.Redrive(t.Context(), good...); err != nil {
		t.Fatal(err)
	}
	if err := d.Drop(t.Context(), bad...); err != nil {
		t.Fatal(err)
	}
	if sent, left := depth(t, client, url), hiddenDepth(t, client, dead); sent != 12 || left != 0 {
		t.Errorf("%d were sent again and %d are left; want 12 and none", sent, left)
	}
}

// hiddenDepth counts what is in a queue and was given to somebody.
func hiddenDepth(t *testing.T, client *sqs.Client, url string) int {
	t.Helper()
	a, err := client.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{
		QueueUrl: aws.String(url), AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameApproximateNumberOfMessagesNotVisible},
	})
	if err != nil {
		t.Fatal(err)
	}
	n, _ := strconv.Atoi(a.Attributes["ApproximateNumberOfMessagesNotVisible"])
	return n
}

// Run ends with its context, and outlives a queue that doesn't answer.
func TestAConsumerRunsUntilItIsStopped(t *testing.T) {
	t.Parallel()
	client := newClient(t, http.DefaultClient)
	url, _ := newQueue(t, client)
	ctx, stop := context.WithCancel(t.Context())
	c := &sqsqueue.Consumer{
		Client: client, URL: url, Log: slog.New(slog.DiscardHandler),
		Handle: func(context.Context, job.Job) error { stop(); return nil },
	}
	if err := sqsqueue.New(client, url).Send(t.Context(), queuetest.Jobs(1)...); err != nil {
		t.Fatal(err)
	}
	c.Run(ctx) // returns, or the test never ends
	if n := hiddenDepth(t, client, url); n != 0 {
		t.Errorf("the job that was done when it ended is still there, %d", n)
	}
}
