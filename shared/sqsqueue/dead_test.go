package sqsqueue_test

import (
	"bytes"
	"crypto/md5"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"testing"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/credentials"
	"github.com/aws/aws-sdk-go-v2/service/sqs"

	"aura.example/integrations/shared/sqsqueue"
)

// ring is a queue that was listed for so long that what it gave is seen again: it
// gives its messages in turn, each time under another receipt.
type ring struct{ messages, given int }

func (q *ring) RoundTrip(r *http.Request) (*http.Response, error) {
	var in struct{ MaxNumberOfMessages int }
	raw, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	if err := json.Unmarshal(raw, &in); err != nil {
		return nil, err
	}
	var out struct{ Messages []map[string]any }
	for range in.MaxNumberOfMessages {
		body := "no job"
		sum := md5.Sum([]byte(body))
		out.Messages = append(out.Messages, map[string]any{
			"MessageId": fmt.Sprintf("m-%d", q.given%q.messages), "ReceiptHandle": fmt.Sprintf("r-%d", q.given), "Body": body, "MD5OfBody": hex.EncodeToString(sum[:]),
		})
		q.given++
	}
	if raw, err = json.Marshal(out); err != nil {
		return nil, err
	}
	return &http.Response{
		StatusCode: http.StatusOK, Header: http.Header{"Content-Type": {"application/x-amz-json-1.0"}}, Body: io.NopCloser(bytes.NewReader(raw)), Request: r,
	}, nil
}

// Listing that takes longer than what it gave stays hidden gives each letter once,
// and ends.
func TestNoLetterIsListedTwice(t *testing.T) {
	t.Parallel()
	q := &ring{messages: 25}
	d := &sqsqueue.DeadLetters{Client: sqs.New(sqs.Options{
		Region: "us-east-1", BaseEndpoint: aws.String("http://sqs.example"), HTTPClient: &http.Client{Transport: q},
		Credentials: credentials.NewStaticCredentialsProvider("a", "b", ""),
	}), URL: "http://sqs.example/dead"}
	found, err := d.List(t.Context(), 10_000, 1)
	if err != nil {
		t.Fatal(err)
	}
	seen := map[string]bool{}
	for _, l := range found {
		seen[l.ID] = true
	}
	if len(found) != 25 || len(seen) != 25 || q.given > 100 {
		t.Errorf("%d letters, %d of them different, after %d receives", len(found), len(seen), q.given)
	}
}
