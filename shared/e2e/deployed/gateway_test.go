package deployed_test

import (
	"encoding/base64"
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"strconv"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/aws/aws-sdk-go-v2/aws"
	"github.com/aws/aws-sdk-go-v2/service/sqs"
	"github.com/golang-jwt/jwt/v5"

	"aura.example/integrations/shared/samtemplate"
)

// route is API Gateway for one route: the authorizer where the template has
// one, then the function with a payload 2.0 event. Whether a signature is good
// is the authorizer's business, not ours: package jwtauth's tests are about our
// own verifier.
func (w *world) route(rt samtemplate.Route, rw http.ResponseWriter, r *http.Request) {
	event, err := eventOf(rt, r)
	if errors.Is(err, errUnauthorized) {
		rw.WriteHeader(http.StatusUnauthorized)
		return
	}
	var reply struct {
		StatusCode      int
		Headers         map[string]string
		Body            string
		IsBase64Encoded bool
	}
	if err == nil {
		var raw []byte
		raw, err = w.sandboxes[rt.Folder].Invoke(r.Context(), event)
		if err == nil {
			err = json.Unmarshal(raw, &reply)
			w.keep(string(raw))
		}
	}
	if err != nil {
		w.Errorf("%s %s: %v", rt.Method, rt.Path, err)
		rw.WriteHeader(http.StatusInternalServerError)
		return
	}
	body := []byte(reply.Body)
	if reply.IsBase64Encoded {
		if body, err = base64.StdEncoding.DecodeString(reply.Body); err != nil {
			w.Errorf("%s %s answers what isn't base64", rt.Method, rt.Path)
		}
	}
	for k, v := range reply.Headers {
		rw.Header().Set(k, v)
	}
	rw.WriteHeader(reply.StatusCode)
	_, _ = rw.Write(body)
}

func (w *world) keep(answer string) {
	w.mu.Lock()
	defer w.mu.Unlock()
	w.answers = append(w.answers, answer)
}

var errUnauthorized = errors.New("unauthorized")

// eventOf makes the event that API Gateway would send.
func eventOf(rt samtemplate.Route, r *http.Request) ([]byte, error) {
	context := map[string]any{
		"accountId": "123456789012", "apiId": "api", "domainName": r.Host, "stage": "$default", "requestId": "request-" + strconv.FormatInt(time.Now().UnixNano(), 36),
		"routeKey": rt.Method + " " + rt.Path, "timeEpoch": time.Now().UnixMilli(),
		"http": map[string]any{"method": r.Method, "path": r.URL.EscapedPath(), "protocol": r.Proto, "sourceIp": "127.0.0.1", "userAgent": r.UserAgent()},
	}
	if rt.Authorized {
		claims := jwt.MapClaims{}
		raw, _ := strings.CutPrefix(r.Header.Get("Authorization"), "Bearer ")
		if _, _, err := jwt.NewParser().ParseUnverified(raw, claims); err != nil {
			return nil, errUnauthorized
		}
		context["authorizer"] = map[string]any{"jwt": map[string]any{"claims": claims, "scopes": nil}}
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return nil, err
	}
	headers := map[string]string{"host": r.Host}
	for name, values := range r.Header {
		headers[strings.ToLower(name)] = strings.Join(values, ",")
	}
	event := map[string]any{
		"version": "2.0", "routeKey": rt.Method + " " + rt.Path, "rawPath": r.URL.EscapedPath(), "rawQueryString": r.URL.RawQuery,
		"headers": headers, "requestContext": context, "isBase64Encoded": !utf8.Valid(body), "body": string(body),
	}
	if !utf8.Valid(body) {
		event["body"] = base64.StdEncoding.EncodeToString(body)
	}
	return json.Marshal(event)
}

// tick is EventBridge Scheduler.
func (w *world) tick() {
	w.Helper()
	if _, err := w.sandboxes["scheduled-sync"].Invoke(w.Context(), read(w.T, root+"/functions/scheduled-sync/event.json")); err != nil {
		w.Errorf("the scheduler: %v", err)
	}
}

// work is the event source of the queue: it hands what is there to the worker
// and acknowledges what is done, until nothing is left.
func (w *world) work() {
	w.Helper()
	for {
		out, err := w.Queue.ReceiveMessage(w.Context(), &sqs.ReceiveMessageInput{QueueUrl: &w.QueueURL, MaxNumberOfMessages: 1, WaitTimeSeconds: 0, VisibilityTimeout: 30})
		w.must(err)
		if len(out.Messages) == 0 {
			return
		}
		m := out.Messages[0]
		w.mu.Lock()
		w.messages = append(w.messages, aws.ToString(m.Body))
		w.mu.Unlock()
		event, err := json.Marshal(map[string]any{"Records": []any{map[string]any{
			"messageId": m.MessageId, "receiptHandle": m.ReceiptHandle, "body": m.Body, "eventSource": "aws:sqs", "awsRegion": "eu-central-1",
			"attributes": map[string]string{"ApproximateReceiveCount": "1"}, "messageAttributes": map[string]any{}, "eventSourceARN": w.Values["Jobs.Arn"],
		}}})
		w.must(err)
		raw, err := w.sandboxes["sync-worker"].Invoke(w.Context(), event)
		w.must(err)
		var reply struct{ BatchItemFailures []any }
		w.must(json.Unmarshal(raw, &reply))
		if len(reply.BatchItemFailures) == 0 {
			_, err := w.Queue.DeleteMessage(w.Context(), &sqs.DeleteMessageInput{QueueUrl: &w.QueueURL, ReceiptHandle: m.ReceiptHandle})
			w.must(err)
		}
	}
}
