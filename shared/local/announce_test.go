package local

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"aura.example/integrations/shared/job"
	"aura.example/integrations/shared/memory"
)

type taking struct{ err error }

func (q taking) Send(context.Context, ...job.Message) error { return q.err }

// What an operator sends is told as well, by whose hand; what is no job isn't sent.
func TestTheLogSaysWhatAnOperatorSent(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	var mu sync.Mutex
	log := slog.New(slog.NewTextHandler(writer(func(b []byte) (int, error) {
		mu.Lock()
		defer mu.Unlock()
		return out.Write(b)
	}), nil))
	handled := make(chan struct{}, 1)
	q := memory.NewQueue(memory.QueueOptions{Handle: func(context.Context, job.Job) error { handled <- struct{}{}; return nil }, Log: log})
	t.Cleanup(func() { _ = q.Close(context.WithoutCancel(t.Context())) })
	mux := http.NewServeMux()
	operatorRoutes(mux, q, log)
	post := func(path, body string) int {
		r := httptest.NewRequest("POST", path, strings.NewReader(body))
		r.Header.Set("Content-Type", "application/json")
		w := httptest.NewRecorder()
		mux.ServeHTTP(w, r)
		return w.Code
	}
	if code := post(jobsPath, `[{"Job":{"kind":"sync","account":"acme"}}]`); code != http.StatusBadRequest {
		t.Errorf("no job: %d", code)
	}
	if code := post(jobsPath, `[{"Job":{"kind":"wind_down","account":"acme","provider":"p","generation":"g","due":"2031-05-05T12:01:00Z"}}]`); code != http.StatusOK {
		t.Errorf("a job: %d", code)
	}
	<-handled
	if code := post(deadPath+"/redrive", `{}`); code != http.StatusOK {
		t.Errorf("redrive: %d", code)
	}
	mu.Lock()
	defer mu.Unlock()
	if got := out.String(); strings.Count(got, "msg=dispatched") != 1 || !strings.Contains(got, `kind=wind_down account=acme provider=p why="an operator sent it"`) || !strings.Contains(got, "what=redrive count=0") {
		t.Errorf("the log says\n%s", got)
	}
}

type writer func([]byte) (int, error)

func (w writer) Write(b []byte) (int, error) { return w(b) }

// The log says what was dispatched and why, and nothing of what wasn't.
func TestTheLogSaysWhatWasDispatched(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, nil))
	jobs := []job.Message{
		{Job: job.Job{Kind: job.Sync, Account: "acme", Provider: "p", Due: time.Date(2031, 5, 5, 12, 1, 0, 0, time.UTC)}, Delay: 8 * time.Second},
		{Job: job.Job{Kind: job.WindDown, Account: "gone", Provider: "p"}},
	}
	if err := (announced{Queue: taking{errors.New("full")}, log: log}).Send(t.Context(), jobs...); err == nil || out.Len() > 0 {
		t.Errorf("what wasn't sent is told: %v, %s", err, &out)
	}
	if err := (announced{Queue: taking{}, log: log}).Send(t.Context(), jobs...); err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{
		`msg=dispatched kind=sync account=acme provider=p why="its minute has come" due=12:01:00 in_s=8`, `kind=wind_down account=gone provider=p why="a wind-down is not done yet"`,
	} {
		if !strings.Contains(out.String(), want) {
			t.Errorf("the log lacks %s:\n%s", want, &out)
		}
	}
}
