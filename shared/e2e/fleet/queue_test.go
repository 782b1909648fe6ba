package fleet_test

import (
	"context"
	"crypto/rand"
	"encoding/hex"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"aura.example/integrations/shared/devstack"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
	"aura.example/integrations/shared/memory"
	"aura.example/integrations/shared/sqsqueue"
)

// emulated makes a queue with its dead letters in an emulated SQS, as
// template.yaml does.
func emulated(t *testing.T) (client *sqs.Client, url, dead string) {
	t.Helper()
	client = sqs.New(sqs.Options{
		Region: "us-east-1", BaseEndpoint: aws.String(devstack.ForTest(t).Moto()), HTTPClient: http.DefaultClient,
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
	})
	var raw [6]byte
	_, _ = rand.Read(raw[:])
	name := "fleet-" + hex.EncodeToString(raw[:])
	queue := func(name string, attributes map[string]string) string {
		out, err := client.CreateQueue(t.Context(), &sqs.CreateQueueInput{QueueName: &name, Attributes: attributes})
		if err != nil {
			t.Fatal(err)
		}
		return *out.QueueUrl
	}
	dead = queue(name+"-dead", nil)
	return client, queue(name, map[string]string{
		"VisibilityTimeout": "400",
		"RedrivePolicy":     fmt.Sprintf(`{"deadLetterTargetArn":"arn:aws:sqs:us-east-1:123456789012:%s-dead","maxReceiveCount":"%d"}`, name, job.MaxReceives),
	}), dead
}

// twice is a queue that everything is sent to twice, as by two dispatchers.
type twice struct{ job.Queue }

func (q twice) Send(ctx context.Context, msgs ...job.Message) error {
	return errors.Join(q.Queue.Send(ctx, msgs...), q.Queue.Send(ctx, msgs...))
}

// R6 and fairness over an emulated SQS: everything is sent twice, and of every
// other delivery of an account the acknowledgement is lost, while one
// account's first sync, whose every call takes for ever, holds one worker of
// three. Everybody else is synced by one run and one call, and nothing becomes a
// dead letter.
func TestAnEmulatedQueueAtItsWorst(t *testing.T) {
	t.Parallel()
	const n, workers = 30, 3
	client, url, dead := emulated(t)
	var clock atomic.Int64
	clock.Store(time.Date(2031, 5, 5, 12, 0, 30, 0, time.UTC).UnixMilli()) // no burst to wait for
	now := func() time.Time { return time.UnixMilli(clock.Load()).UTC() }
	db := memory.New(now)
	ctx, stop := context.WithCancel(context.Background())
	f := newFleet(t, stores{db.Integrations, db.Events}, now, func(ctx context.Context, _ time.Duration) error {
		<-ctx.Done() // for ever
		return ctx.Err()
	})
	first := &kept{}
	f.worker.Queue, f.scheduler.Queue = first, first
	f.authorize(0, n, time.Minute)
	_, err := f.scheduler.Tick(ctx)
	f.must(err)
	for _, m := range first.take() {
		f.must(f.worker.Handle(ctx, m.Job))
	}
	clock.Add(time.Minute.Milliseconds())
	huge := keyOf(n).Account
	slow := func(account string) time.Duration {
		if account == huge {
			return time.Hour
		}
		return 0
	}
	f.slow.Store(&slow)
	f.authorize(n, n+1, time.Minute)
	f.runs.Store(0)
	f.calls.Store(0)
	queue := sqsqueue.New(client, url)
	f.worker.Queue, f.scheduler.Queue = queue, twice{queue}

	var mu sync.Mutex
	tries, hanging, ended := map[string]int{}, make(chan struct{}), make(chan struct{}, 1000)
	var once sync.Once
	handle := func(ctx context.Context, j job.Job) error {
		if j.Account == huge {
			once.Do(func() { close(hanging) })
			return f.worker.Handle(ctx, j)
		}
		mu.Lock()
		k := tries[j.Account]
		tries[j.Account]++
		mu.Unlock()
		err := f.worker.Handle(ctx, j)
		ended <- struct{}{}
		if err == nil && k%2 == 0 {
			return errors.New("done, but the acknowledgement is lost")
		}
		return err
	}
	// The huge one is sent first, so that a worker hangs on it all the while.
	rec := f.get(n)
	f.must(queue.Send(ctx, job.Message{Job: job.Job{Kind: job.Sync, Account: huge, Provider: provider, Generation: rec.ID, Trigger: integration.TriggerConnected, Due: now().Add(-time.Minute)}}))
	c := &sqsqueue.Consumer{Client: client, URL: url, Handle: handle, Log: slog.New(slog.DiscardHandler), Retry: func(int) time.Duration { return 0 }}
	var all sync.WaitGroup
	t.Cleanup(func() { stop(); all.Wait() })
	for range workers {
		all.Go(func() {
			for ctx.Err() == nil {
				if _, err := c.Once(ctx, 1); err != nil && ctx.Err() == nil {
					t.Error(err)
					return
				}
			}
		})
	}
	patience := time.After(time.Minute)
	wait := func(until <-chan struct{}, what string) {
		select {
		case <-until:
		case <-patience:
			t.Fatalf("%s never came about", what)
		}
	}
	wait(hanging, "the huge sync")
	sent, err := f.scheduler.Tick(ctx)
	f.must(err)
	if sent.Syncs != n+1 {
		t.Errorf("%d were sent for", sent.Syncs)
	}
	const deliveries = 4 * n // two each, and again after each acknowledgement that is lost
	for range deliveries {
		wait(ended, "the last delivery")
	}
	for i := range n {
		if rec := f.get(i); rec.FreshAsOf.Before(now()) {
			t.Errorf("beside a huge first sync %d is fresh as of %s", i, rec.FreshAsOf)
		}
	}
	if runs, calls := f.runs.Load(), f.calls.Load(); runs != n || calls != n+1 {
		t.Errorf("%d runs and %d calls for %d integrations and one that hangs", runs, calls, n)
	}
	a, err := client.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: &dead, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll}})
	if err != nil || a.Attributes["ApproximateNumberOfMessages"] != "0" {
		t.Errorf("%s dead letters, %v", a.Attributes["ApproximateNumberOfMessages"], err)
	}
	t.Logf("R6 on an emulated SQS: %d deliveries for %d integrations beside a first sync that hangs, %d workers: %d runs, %d calls", deliveries, n, workers, f.runs.Load(), f.calls.Load()-1)
}
