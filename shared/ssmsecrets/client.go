package ssmsecrets

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	v4 "github.com/aws/aws-sdk-go-v2/aws/signer/v4"
)

// Client asks SSM for parameters: one call, signed by the SDK's own signer. The
// SDK's package for SSM knows 140 calls, and their tables alone took a third of
// the worker's start (shared/docs/benchmarks.md).
type Client struct {
	// Region is where the parameters are; Endpoint is another SSM, "" AWS's own.
	Region, Endpoint string
	Credentials      aws.Credentials
	// HTTP is what calls are made with; nil is a client of its own.
	HTTP *http.Client
	// Now and Pause are the clock; nil is the machine's.
	Now   func() time.Time
	Pause func(ctx context.Context, d time.Duration) error
}

const (
	tries   = 3
	patient = 5 * time.Second // for one try
	most    = 1 << 20         // ten parameters have 8 KiB each, at most
)

// Parameters gives the decrypted values of those that exist, by name. What may
// pass (no answer, 5xx, throttled) is tried again, three times in all. The error
// says what SSM refused and never a value.
func (c *Client) Parameters(ctx context.Context, names []string) (map[string]string, error) {
	body, err := json.Marshal(map[string]any{"Names": names, "WithDecryption": true})
	if err != nil {
		return nil, fmt.Errorf("asking SSM: %w", err)
	}
	for try := 1; ; try++ {
		values, passing, err := c.ask(ctx, body)
		if err == nil || !passing || try == tries {
			return values, err
		}
		pause := c.Pause
		if pause == nil {
			pause = wait
		}
		if err := pause(ctx, time.Duration(try*try)*100*time.Millisecond); err != nil {
			return nil, err
		}
	}
}

func wait(ctx context.Context, d time.Duration) error {
	select {
	case <-time.After(d):
		return nil
	case <-ctx.Done():
		return ctx.Err()
	}
}

// ask makes one call; passing says whether another may go better.
func (c *Client) ask(ctx context.Context, body []byte) (values map[string]string, passing bool, err error) {
	ctx, cancel := context.WithTimeout(ctx, patient)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, http.MethodPost, c.address(), bytes.NewReader(body))
	if err != nil {
		return nil, false, fmt.Errorf("asking SSM: %w", err)
	}
	r.Header.Set("Content-Type", "application/x-amz-json-1.1")
	r.Header.Set("X-Amz-Target", "AmazonSSM.GetParameters")
	if trace, _ := ctx.Value("x-amzn-trace-id").(string); trace != "" { // by which aws-lambda-go keeps it
		r.Header.Set("X-Amzn-Trace-Id", trace)
	}
	now, sum := time.Now, sha256.Sum256(body)
	if c.Now != nil {
		now = c.Now
	}
	if err := v4.NewSigner().SignHTTP(ctx, c.Credentials, r, hex.EncodeToString(sum[:]), "ssm", c.Region, now()); err != nil {
		return nil, false, fmt.Errorf("signing a call to SSM: %w", err)
	}
	client := c.HTTP
	if client == nil {
		client = http.DefaultClient
	}
	resp, err := client.Do(r)
	if err != nil {
		return nil, true, fmt.Errorf("asking SSM: %w", err)
	}
	defer resp.Body.Close()
	raw, err := io.ReadAll(io.LimitReader(resp.Body, most))
	if err != nil {
		return nil, true, fmt.Errorf("reading SSM's answer: %w", err)
	}
	if resp.StatusCode != http.StatusOK {
		return refused(resp.StatusCode, raw)
	}
	var out struct {
		Parameters []struct{ Name, Value string }
	}
	if json.Unmarshal(raw, &out) != nil { // its error may quote what it read
		return nil, true, errors.New("SSM's answer isn't JSON")
	}
	values = map[string]string{}
	for _, p := range out.Parameters {
		values[p.Name] = p.Value
	}
	return values, false, nil
}

// refused names what SSM says, by the type of its error alone.
func refused(status int, raw []byte) (map[string]string, bool, error) {
	var e struct {
		Type string `json:"__type"`
	}
	_ = json.Unmarshal(raw, &e)
	_, kind, found := strings.Cut(e.Type, "#")
	if !found {
		kind = e.Type
	}
	passing := status >= http.StatusInternalServerError || status == http.StatusTooManyRequests || strings.Contains(kind, "Throttl")
	return nil, passing, fmt.Errorf("SSM answered %d %.80q", status, kind)
}

// address is where SSM is, in a region of AWS or of AWS in China.
func (c *Client) address() string {
	switch {
	case c.Endpoint != "":
		return strings.TrimRight(c.Endpoint, "/") + "/"
	case strings.HasPrefix(c.Region, "cn-"):
		return "https://ssm." + c.Region + ".amazonaws.com.cn/"
	}
	return "https://ssm." + c.Region + ".amazonaws.com/"
}
