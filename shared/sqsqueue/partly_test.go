package sqsqueue_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/job"
	"aura.example/integrations/shared/queuetest"
	"aura.example/integrations/shared/sqsqueue"
)

// partly makes half of the entries of a batch fail, as SQS may: they don't reach
// it. The first of them may be said to be the sender's fault.
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
	refused, passed := in.Entries[:cut], in.Entries[cut:]
	out := map[string]any{}
	if len(passed) > 0 {
		in.Entries = passed
		if out, err = forward(r, in); err != nil {
			return nil, err
		}
	}
	var list []any
	for i, e := range refused {
		code := "InternalError"
		if p.sender && i == 0 {
			code = "InvalidMessageContents"
		}
		list = append(list, map[string]any{"Id": e["Id"], "Code": code, "SenderFault": code != "InternalError"})
	}
	out["Failed"] = list
	if raw, err = json.Marshal(out); err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}}, Request: r,
		Body: io.NopCloser(bytes.NewReader(raw)), ContentLength: int64(len(raw)),
	}, nil
}

// forward sends another body in the request's place and reads the answer.
func forward(r *http.Request, body any) (map[string]any, error) {
	raw, err := json.Marshal(body)
	if err != nil {
		return nil, err
	}
	r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(raw)), int64(len(raw))
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		return nil, err
	}
	defer resp.Body.Close()
	var out map[string]any
	if err := json.NewDecoder(resp.Body).Decode(&out); err != nil {
		return nil, err
	}
	return out, nil
}

func TestEntriesThatABatchRefusedAreSentAgain(t *testing.T) {
	t.Parallel()
	p := &partly{times: 2}
	client := newClient(t, &http.Client{Transport: p})
	url, _ := newQueue(t, client)
	if err := sqsqueue.New(client, url).Send(t.Context(), queuetest.Jobs(25)...); err != nil {
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
	p := &partly{times: 1000}
	client := newClient(t, &http.Client{Transport: p})
	url, _ := newQueue(t, client)
	err := sqsqueue.New(client, url).Send(t.Context(), queuetest.Jobs(12)...)
	if !fault.Is(err, fault.Transient) {
		t.Errorf("%v", err)
	}
	// Halves get through each time: of ten, one is left after four tries; of two,
	// one. The later batch is tried although the first one failed.
	if n := depth(t, client, url); n != 10 || len(p.sizes) != 8 {
		t.Errorf("%d are in the queue after batches of %v", n, p.sizes)
	}
}

// One entry that SQS blames on us must not take its neighbours along: they are
// sent, or the error would be a lie.
func TestAnEntryThatNeverGetsThroughIsTheOnlyOneLost(t *testing.T) {
	t.Parallel()
	p := &partly{times: 1, sender: true}
	client := newClient(t, &http.Client{Transport: p})
	url, _ := newQueue(t, client)
	err := sqsqueue.New(client, url).Send(t.Context(), queuetest.Jobs(10)...)
	if err == nil || !strings.Contains(err.Error(), "InvalidMessageContents") || fault.Is(err, fault.Transient) {
		t.Errorf("%v", err)
	}
	if n := depth(t, client, url); n != 9 || len(p.sizes) != 2 {
		t.Errorf("%d are in the queue after batches of %v; want 9 after two", n, p.sizes)
	}
}

// An outage is Transient; a queue that isn't there, or that we may not use, is
// our own defect.
func TestWhatSQSAnswersIsAFault(t *testing.T) {
	t.Parallel()
	for code, want := range map[string]struct {
		status int
		kind   fault.Kind
	}{
		"ServiceUnavailable":                      {503, fault.Transient},
		"RequestThrottled":                        {403, fault.Transient},
		"AccessDeniedException":                   {403, fault.Internal},
		"AWS.SimpleQueueService.NonExistentQueue": {400, fault.Internal},
	} {
		t.Run(code, func(t *testing.T) {
			t.Parallel()
			srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
				w.Header().Set("Content-Type", "application/x-amz-json-1.0")
				w.WriteHeader(want.status)
				_, _ = fmt.Fprintf(w, `{"__type":%q,"message":"m"}`, code)
			}))
			defer srv.Close()
			client := sqs.New(sqs.Options{
				Region: "eu-west-1", BaseEndpoint: aws.String(srv.URL), RetryMaxAttempts: 1,
				Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""),
			})
			err := sqsqueue.New(client, srv.URL+"/q").Send(t.Context(), job.Message{Job: queuetest.Job(1)})
			if fault.KindOf(err) != want.kind {
				t.Errorf("%v", err)
			}
		})
	}
}
