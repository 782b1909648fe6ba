package sqsqueue_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"aura.example/integrations/shared/job"
	"aura.example/integrations/shared/queuetest"
	"aura.example/integrations/shared/sqsqueue"
)

// SQS counts in whole seconds, up to 900. What is asked of it is looked at here,
// because a server that is a little late hides a delay that is a little short.
func TestADelayIsRoundedUpAndCut(t *testing.T) {
	t.Parallel()
	asked := make(chan []int, 1)
	srv := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		var in struct{ Entries []struct{ DelaySeconds int } }
		if err := json.NewDecoder(r.Body).Decode(&in); err != nil {
			t.Error(err)
		}
		var delays []int
		for _, e := range in.Entries {
			delays = append(delays, e.DelaySeconds)
		}
		asked <- delays
		w.Header().Set("Content-Type", "application/x-amz-json-1.0")
		_, _ = fmt.Fprint(w, `{"Successful":[],"Failed":[]}`)
	}))
	defer srv.Close()
	client := sqs.New(sqs.Options{
		Region: "eu-west-1", BaseEndpoint: aws.String(srv.URL), RetryMaxAttempts: 1,
		Credentials: credentials.NewStaticCredentialsProvider("test", "test", ""), DisableMessageChecksumValidation: true,
	})
	var msgs []job.Message
	for _, d := range []time.Duration{0, -time.Minute, 1, time.Second, 1100 * time.Millisecond, job.MaxDelay, 24 * time.Hour} {
		msgs = append(msgs, job.Message{Job: queuetest.Job(len(msgs)), Delay: d})
	}
	if err := sqsqueue.New(client, srv.URL+"/q").Send(t.Context(), msgs...); err != nil {
		t.Fatal(err)
	}
	if got, want := <-asked, []int{0, 0, 1, 1, 2, 900, 900}; !slices.Equal(got, want) {
		t.Errorf("asked for %v seconds, want %v", got, want)
	}
}
