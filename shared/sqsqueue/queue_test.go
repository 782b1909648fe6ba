package sqsqueue_test

import (
	"bytes"
	"context"
	"crypto/rand"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/aws/aws-sdk-go-v2/service/sqs/types"

	"aura.example/integrations/shared/devstack"
	"aura.example/integrations/shared/fault"
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
		"VisibilityTimeout": "1",
		"RedrivePolicy":     fmt.Sprintf(`{"deadLetterTargetArn":%q,"maxReceiveCount":"%d"}`, arn, job.MaxReceives),
	})
	return url, dead
}

func TestQueueConforms(t *testing.T) {
	t.Parallel()
	queuetest.Run(t, func(t *testing.T, handle job.Handler) queuetest.Running {
		client := newClient(t, http.DefaultClient)
		url, dead := newQueue(t, client)
		ctx, stop := context.WithCancel(context.Background())
		var wg sync.WaitGroup
		wg.Go(func() { // Lambda's event source, in a few lines
			c := &sqsqueue.Consumer{Client: client, URL: url, Handle: handle, Log: slog.New(slog.DiscardHandler)}
			for ctx.Err() == nil {
				if _, err := c.Once(ctx, 1); err != nil && ctx.Err() == nil {
					t.Error(err)
					return
				}
			}
		})
		t.Cleanup(func() { stop(); wg.Wait() })
		return queuetest.Running{Queue: sqsqueue.New(client, url), Dead: func() int { return depth(t, client, dead) }}
	})
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

// partly makes some entries of each batch fail, as SQS may: they don't reach it.
type partly struct {
	mu     sync.Mutex
	sizes  []int
	times  int // how many batches fail in part
	sender bool
}

func (p *partly) RoundTrip(r *http.Request) (*http.Response, error) {
	if !strings.HasSuffix(r.Header.Get("X-Amz-Target"), "SendMessageBatch") {
		return http.DefaultTransport.RoundTrip(r)
	}
	var in struct {
		QueueURL string `json:"QueueUrl"`
		Entries  []map[string]any
	}
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(raw, &in); err != nil {
		return nil, err
	}
	p.mu.Lock()
	p.sizes = append(p.sizes, len(in.Entries))
	cut := 0
	if p.times > 0 {
		p.times--
		cut = (len(in.Entries) + 1) / 2
	}
	p.mu.Unlock()
	failed := in.Entries[:cut]
	in.Entries = in.Entries[cut:]
	if raw, err = json.Marshal(in); err != nil {
		return nil, err
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(raw)), int64(len(raw))
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil || cut == 0 {
		return resp, err
	}
	var out map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		return nil, err
	}
	_ = resp.Body.Close()
	var list []any
	for _, e := range failed {
		list = append(list, map[string]any{"Id": e["Id"], "Code": "InternalError", "SenderFault": p.sender})
	}
	out["Failed"] = list
	if raw, err = json.Marshal(out); err != nil {
		return nil, err
	}
	resp.Header.Del("x-amz-crc32")
	resp.Body, resp.ContentLength = io.NopCloser(bytes.NewReader(raw)), int64(len(raw))
	return resp, nil
}

func TestEntriesThatABatchRefusedAreSentAgain(t *testing.T) {
	t.Parallel()
	p := &partly{times: 2}
	client := newClient(t, &http.Client{Transport: p})
	url, _ := newQueue(t, client)
	msgs := make([]job.Message, 25)
	for i := range msgs {
		msgs[i] = job.Message{Job: queuetest.Job(i)}
	}
	if err := sqsqueue.New(client, url).Send(t.Context(), msgs...); err != nil {
		t.Fatal(err)
	}
	if n := depth(t, client, url); n != 25 {
		t.Errorf("%d messages are in the queue, want 25: none lost, none doubled (batches of %v)", n, p.sizes)
	}
	for _, s := range p.sizes {
		if s > 10 {
			t.Errorf("a batch of %d", s)
		}
	}
}

func TestAQueueThatKeepsRefusingIsAnError(t *testing.T) {
	t.Parallel()
	for _, sender := range []bool{false, true} {
		p := &partly{times: 100, sender: sender}
		client := newClient(t, &http.Client{Transport: p})
		url, _ := newQueue(t, client)
		err := sqsqueue.New(client, url).Send(t.Context(), job.Message{Job: queuetest.Job(1)}, job.Message{Job: queuetest.Job(2)})
		if err == nil || !sender && !fault.Is(err, fault.Transient) {
			t.Errorf("sender's fault %v: %v", sender, err)
		}
	}
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
	}, func(context.Context, job.Job) error { worked++; return nil }, slog.New(slog.NewJSONHandler(&log, nil)))
	if fmt.Sprint(failed) != "[1 2 4]" || worked != 1 {
		t.Errorf("failed %v, worked %d", failed, worked)
	}
	if strings.Contains(log.String(), "secret-token") {
		t.Errorf("the log quotes a message: %s", &log)
	}
}
