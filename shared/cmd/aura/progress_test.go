package main

import (
	"bytes"
	"context"
	"fmt"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"aura.example/integrations/shared/job"
)

type sink struct{}

func (sink) Send(context.Context, ...job.Message) error { return nil }

// A long dispatch says how far it has come, every thousand jobs, on standard error.
func TestALongDispatchSaysHowFarItHasCome(t *testing.T) {
	t.Parallel()
	var out, errs bytes.Buffer
	q := &telling{Queue: sink{}, c: &call{Context: t.Context(), out: &out, errs: &errs}}
	var shards sync.WaitGroup
	for range 8 {
		shards.Go(func() {
			for range 50 {
				_ = q.Send(t.Context(), make([]job.Message, 10)...)
			}
		})
	}
	shards.Wait()
	if n := strings.Count(errs.String(), "000 jobs sent …\n"); n != 4 || out.Len() > 0 || q.sent.Load() != 4000 {
		t.Errorf("4,000 jobs: said %q, output %q", &errs, &out)
	}
}

// More dead letters than are dealt with at once are all sent again, each once, and
// what is no job stays and is seen by everybody.
func TestManyDeadLettersAreSentAgainOnceEach(t *testing.T) {
	t.Parallel()
	w := newWorld(t)
	const n = 2*actBatch + 30
	for i := 0; i < n; i += 10 {
		var batch []types.SendMessageBatchRequestEntry
		for k := i; k < i+10; k++ {
			body := fmt.Sprintf(`{"kind":"sync","account":"a-%03d","provider":"google-calendar","generation":"g","due":"2026-11-22T10:00:00Z"}`, k)
			if k == 7 {
				body = "no job"
			}
			batch = append(batch, types.SendMessageBatchRequestEntry{Id: aws.String(fmt.Sprint(k)), MessageBody: &body})
		}
		if _, err := w.sqs.SendMessageBatch(t.Context(), &sqs.SendMessageBatchInput{QueueUrl: &w.dead, Entries: batch}); err != nil {
			t.Fatal(err)
		}
	}
	code, out, errs := w.aura("dead-letters", "redrive", "--all")
	if code != 0 || out != fmt.Sprintf("Sent %d jobs again.\n", n-1) || !strings.Contains(errs, "99 jobs done …\n") || !strings.Contains(errs, "199 jobs done …\n") {
		t.Errorf("redrive: exit %d, %q, %q, want %d", code, out, errs, n-1)
	}
	if list, _ := w.doc("dead-letters", "list")["dead_letters"].([]any); len(list) != 1 || list[0].(map[string]any)["broken"] != true {
		t.Errorf("left: %v", list)
	}
	queue, err := w.sqs.GetQueueAttributes(t.Context(), &sqs.GetQueueAttributesInput{QueueUrl: &w.queue, AttributeNames: []types.QueueAttributeName{types.QueueAttributeNameAll}})
	if err != nil || queue.Attributes["ApproximateNumberOfMessages"] != fmt.Sprint(n-1) {
		t.Errorf("the queue has %v, %v", queue.Attributes["ApproximateNumberOfMessages"], err)
	}
}
