package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"golang.org/x/net/html"
)

// check does the main job over HTTP (connect, first sync, status), with the
// queue's and the scheduler's functions run by event, and says of each step how
// long it took.
func check(ctx context.Context, p *place) error {
	c := &checker{place: p, ctx: ctx, client: &http.Client{
		Timeout: time.Minute, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
	}}
	for _, step := range []struct {
		name string
		do   func() error
	}{
		{"the page is served", func() error { _, err := c.ask(200, "GET", "/agent/integrations", nil); return err }},
		{"without a token nobody gets in", c.locked},
		{"connect", c.connect},
		{"first sync, by the queue's function", c.work},
		{"status", c.active},
		{"the calendar", c.events},
		{"the scheduler's function", c.tick},
		{"Sync now, and its run by event", c.syncNow},
	} {
		began := time.Now()
		if err := step.do(); err != nil {
			return fmt.Errorf("%s: %w\n%s", step.name, err, p.said())
		}
		fmt.Printf("%-38s %5d ms\n", step.name, time.Since(began).Milliseconds())
	}
	return nil
}

type checker struct {
	*place
	ctx    context.Context
	client *http.Client
}

const (
	ana    = "ana@example.com"
	google = "/v1/integrations/google-calendar"
)

type body map[string]any

// ask sends a request with a token, and wants a status.
func (c *checker) ask(status int, method, path string, in any) (body, error) {
	raw, err := json.Marshal(in)
	if err != nil {
		return nil, err
	}
	token, err := c.program.Token("demo", "me", "")
	if err != nil {
		return nil, err
	}
	out, _, err := c.send(status, method, c.url+path, bytes.NewReader(raw), "application/json", "Bearer "+token)
	var doc body
	_ = json.Unmarshal(out, &doc)
	return doc, err
}

func (c *checker) send(status int, method, address string, in io.Reader, kind, token string) ([]byte, http.Header, error) {
	req, err := http.NewRequestWithContext(c.ctx, method, address, in)
	if err != nil {
		return nil, nil, err
	}
	req.Header.Set("Content-Type", kind)
	if token != "" {
		req.Header.Set("Authorization", token)
	}
	resp, err := c.client.Do(req)
	if err != nil {
		return nil, nil, err
	}
	defer resp.Body.Close()
	out, err := io.ReadAll(resp.Body)
	if err == nil && resp.StatusCode != status {
		err = fmt.Errorf("%s %s answered %d, want %d: %s", method, req.URL.Path, resp.StatusCode, status, out)
	}
	return out, resp.Header, err
}

// locked is S16: without claims, and without a token that the function can
// verify itself, the answer is 401.
func (c *checker) locked() error {
	for _, token := range []string{"", "Bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiJtZSJ9."} {
		if _, _, err := c.send(401, "GET", c.url+google, nil, "", token); err != nil {
			return err
		}
	}
	return nil
}

// connect goes through the consent page as a browser does.
func (c *checker) connect() error {
	if _, err := c.ask(201, "POST", "/v1/integrations", body{"provider": "google-calendar"}); err != nil {
		return err
	}
	begun, err := c.ask(201, "POST", google+"/authorization", body{"return_to": "integrations"})
	if err != nil {
		return err
	}
	consent, _ := begun["authorization_url"].(string)
	page, _, err := c.send(200, "GET", consent, nil, "", "")
	if err != nil {
		return err
	}
	form, err := readForm(page)
	if err != nil {
		return err
	}
	form.Set("account", ana)
	form.Set("decision", "allow")
	u, err := url.Parse(consent)
	if err != nil {
		return err
	}
	u.RawQuery = ""
	_, h, err := c.send(302, "POST", u.String(), strings.NewReader(form.Encode()), "application/x-www-form-urlencoded", "")
	if err != nil && h.Get("Location") == "" {
		return err
	}
	_, h, err = c.send(303, "GET", h.Get("Location"), nil, "", "")
	if err != nil {
		return err
	}
	home, err := url.Parse(h.Get("Location"))
	if err != nil {
		return err
	}
	v, err := url.ParseQuery(home.Fragment)
	if err != nil {
		return err
	}
	_, err = c.ask(200, "POST", "/v1/oauth/complete", body{"code": v.Get("code"), "state": v.Get("state")})
	return err
}

// work hands what is in the queue to the worker, message by message.
func (c *checker) work() error {
	for n := 0; ; n++ {
		out, err := c.stack.Queue.ReceiveMessage(c.ctx, &sqs.ReceiveMessageInput{QueueUrl: &c.stack.QueueURL, WaitTimeSeconds: 1})
		if err != nil {
			return err
		}
		if len(out.Messages) == 0 {
			if n == 0 {
				return fmt.Errorf("nothing is in the queue")
			}
			return nil
		}
		m := out.Messages[0]
		answer, err := c.invoke(c.ctx, "SyncWorkerFunction", body{"Records": []body{{
			"messageId": aws.ToString(m.MessageId), "receiptHandle": aws.ToString(m.ReceiptHandle), "body": aws.ToString(m.Body), "eventSource": "aws:sqs",
			"attributes": body{"ApproximateReceiveCount": "1"}, "messageAttributes": body{}, "awsRegion": "eu-central-1",
		}}})
		if err != nil {
			return err
		}
		var reply struct{ BatchItemFailures []any }
		if err := json.Unmarshal(answer, &reply); err != nil || len(reply.BatchItemFailures) > 0 {
			return fmt.Errorf("the worker answered %s", answer)
		}
		if _, err := c.stack.Queue.DeleteMessage(c.ctx, &sqs.DeleteMessageInput{QueueUrl: &c.stack.QueueURL, ReceiptHandle: m.ReceiptHandle}); err != nil {
			return err
		}
	}
}

func (c *checker) active() error {
	doc, err := c.ask(200, "GET", google, nil)
	if err == nil && (doc["status"] != "active" || doc["account_email"] != ana || doc["last_run"] == nil) {
		err = fmt.Errorf("the integration is %v", doc)
	}
	return err
}

func (c *checker) events() error {
	doc, err := c.ask(200, "GET", "/v1/events?from=2026-11-01T00:00:00Z&to=2026-12-01T00:00:00Z", nil)
	if items, _ := doc["items"].([]any); err == nil && len(items) < 40 {
		err = fmt.Errorf("only %d events are shown in November", len(items))
	}
	return err
}

func (c *checker) tick() error {
	answer, err := c.invoke(c.ctx, "ScheduledSyncFunction", body{})
	if err == nil && strings.Contains(string(answer), "errorMessage") {
		err = fmt.Errorf("the dispatcher answered %s", answer)
	}
	return err
}

func (c *checker) syncNow() error {
	accepted, err := c.ask(202, "POST", google+"/sync", body{})
	if err != nil {
		return err
	}
	if err := c.work(); err != nil {
		return err
	}
	id, _ := accepted["id"].(string)
	if id == "" {
		if run, ok := accepted["run"].(map[string]any); ok {
			id, _ = run["id"].(string)
		}
	}
	run, err := c.ask(200, "GET", google+"/runs/"+id, nil)
	if err == nil && run["state"] != "succeeded" {
		err = fmt.Errorf("the run is %v", run)
	}
	return err
}

// readForm reads a page's inputs as a browser would submit them.
func readForm(page []byte) (url.Values, error) {
	doc, err := html.Parse(bytes.NewReader(page))
	if err != nil {
		return nil, err
	}
	form := url.Values{}
	for n := range doc.Descendants() {
		if n.Type != html.ElementNode || n.Data != "input" {
			continue
		}
		attr := map[string]string{}
		for _, a := range n.Attr {
			attr[a.Key] = a.Val
		}
		if _, checked := attr["checked"]; attr["type"] == "hidden" || checked {
			form.Add(attr["name"], attr["value"])
		}
	}
	return form, nil
}
