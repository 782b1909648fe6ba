package devstack

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

func startDynamoDB(t *testing.T, o Options) *DynamoDB {
	t.Helper()
	d, err := StartDynamoDB(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(d.Close)
	return d
}

// call is one raw DynamoDB call, so that this package's tests need no SDK.
func call(t *testing.T, url, operation, body string) string {
	t.Helper()
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, url, strings.NewReader(body))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.0")
	req.Header.Set("X-Amz-Target", "DynamoDB_20120810."+operation)
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=a/20260101/b/dynamodb/aws4_request, SignedHeaders=host, Signature=0")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	answer, err := io.ReadAll(res.Body)
	if err != nil || res.StatusCode != http.StatusOK {
		t.Fatalf("%s: %s %s %v", operation, res.Status, answer, err)
	}
	return string(answer)
}

const letters = `{"TableName": "letters", "BillingMode": "PAY_PER_REQUEST",
	"AttributeDefinitions": [{"AttributeName": "pk", "AttributeType": "S"}],
	"KeySchema": [{"AttributeName": "pk", "KeyType": "HASH"}]}`

func TestDataSurviveARestart(t *testing.T) {
	t.Parallel()
	dir := filepath.Join(t.TempDir(), "not there yet")
	d := startDynamoDB(t, Options{Dir: dir})
	call(t, d.URL(), "CreateTable", letters)

	// Meanwhile nobody else may have the folder.
	if _, err := StartDynamoDB(t.Context(), Options{Dir: dir}); err == nil || !strings.Contains(err.Error(), "in use by another run") {
		t.Errorf("a second one over the same folder: %v", err)
	}
	d.Close()
	if _, err := net.Dial("tcp", strings.TrimPrefix(d.URL(), "http://")); err == nil {
		t.Error("it still listens after Close")
	}

	d = startDynamoDB(t, Options{Dir: dir})
	if got := call(t, d.URL(), "ListTables", `{}`); !strings.Contains(got, "letters") {
		t.Errorf("after the restart: %s", got)
	}
}

func TestMemoryLeavesNothing(t *testing.T) {
	t.Parallel()
	d := startDynamoDB(t, Options{Sustained: true})
	call(t, d.URL(), "CreateTable", letters)
	if _, err := os.Stat(databaseFile); err == nil {
		t.Error("in memory, and yet it wrote a database file to the working directory")
	}
}

func TestABrokenDatabaseFileIsSaid(t *testing.T) {
	t.Parallel()
	dir := t.TempDir()
	file := filepath.Join(dir, databaseFile)
	if err := os.WriteFile(file, []byte(strings.Repeat("no database at all. ", 100)), 0o644); err != nil {
		t.Fatal(err)
	}
	_, err := StartDynamoDB(t.Context(), Options{Dir: dir})
	if err == nil || !strings.Contains(err.Error(), file) || !strings.Contains(err.Error(), "make reset") {
		t.Fatalf("not a sentence that helps: %v", err)
	}
	// It let go of the folder, which can be used once the file is gone.
	lock, err := lockDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	_ = lock.Close()
}

func TestATakenPortIsSaid(t *testing.T) {
	t.Parallel()
	taken, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer taken.Close()
	port := taken.Addr().(*net.TCPAddr).Port
	for name, start := range map[string]func(context.Context, Options) error{
		"DynamoDB": func(ctx context.Context, o Options) error { _, err := StartDynamoDB(ctx, o); return err },
		"moto":     func(ctx context.Context, o Options) error { _, err := StartMoto(ctx, o); return err },
	} {
		err := start(t.Context(), Options{Port: port})
		if !errors.Is(err, ErrPortTaken) || !strings.Contains(err.Error(), fmt.Sprint(port)) {
			t.Errorf("%s: %v", name, err)
		}
	}
}

func TestTwoLaunchersNeverShareAPort(t *testing.T) {
	t.Parallel()
	first, err := reserve(0)
	if err != nil {
		t.Fatal(err)
	}
	defer first.release()
	if _, err := reserve(first.port); !errors.Is(err, ErrPortTaken) {
		t.Errorf("reserved twice: %v", err)
	}
	first.release()
	again, err := reserve(first.port)
	if err != nil {
		t.Fatalf("a released port can't be had: %v", err)
	}
	again.release()
}

func TestAMissingToolIsSaid(t *testing.T) {
	t.Parallel()
	empty := Options{ToolsDir: t.TempDir()}
	_, err := StartDynamoDB(t.Context(), empty)
	if !errors.Is(err, ErrMissingTool) || !strings.Contains(err.Error(), "make run STORE=memory") {
		t.Errorf("no Java: %v", err)
	}
	if _, err = StartMoto(t.Context(), empty); !errors.Is(err, ErrMissingTool) || !strings.Contains(err.Error(), "make tools") {
		t.Errorf("no moto: %v", err)
	}
}

func TestMotoAnswersAsSQSDoes(t *testing.T) {
	t.Parallel()
	m, err := StartMoto(t.Context(), Options{})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(m.Close)
	req, err := http.NewRequestWithContext(t.Context(), http.MethodPost, m.URL(), strings.NewReader(`{"QueueName": "jobs"}`))
	if err != nil {
		t.Fatal(err)
	}
	req.Header.Set("Content-Type", "application/x-amz-json-1.0")
	req.Header.Set("X-Amz-Target", "AmazonSQS.CreateQueue")
	req.Header.Set("Authorization", "AWS4-HMAC-SHA256 Credential=a/20260101/eu-central-1/sqs/aws4_request, SignedHeaders=host, Signature=0")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	var made struct {
		URL string `json:"QueueUrl"`
	}
	if err := json.NewDecoder(res.Body).Decode(&made); err != nil || !strings.HasSuffix(made.URL, "/jobs") {
		t.Fatalf("%s %+v %v", res.Status, made, err)
	}
}
