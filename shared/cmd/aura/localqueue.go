package main

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"strings"
	"time"

	"aura.example/integrations/shared/job"
)

// The local run's queue is in its own process and is reached over its operator
// routes (shared/local).

// localQueue sends jobs to it.
type localQueue struct{ url string }

func (q localQueue) Send(ctx context.Context, msgs ...job.Message) error {
	return ask(ctx, http.MethodPost, q.url+"/local/jobs", msgs, nil)
}

// localDead is what it gave up.
type localDead struct{ url string }

func (d localDead) list(ctx context.Context, most int) ([]letter, error) {
	var found []struct {
		ID     string
		Job    job.Job
		Reason string
		At     time.Time
	}
	if err := ask(ctx, http.MethodGet, d.url+"/local/dead-letters", nil, &found); err != nil {
		return nil, err
	}
	var out []letter
	for _, l := range found[:min(max(most, 0), len(found))] {
		out = append(out, letter{ID: l.ID, Job: l.Job, Reason: l.Reason, Tries: job.MaxReceives, At: l.At})
	}
	return out, nil
}

func (d localDead) act(ctx context.Context, ids []string, again bool, _ func(int)) (int, error) {
	verb := "drop"
	if again {
		verb = "redrive"
	}
	var done struct{ Count int }
	err := ask(ctx, http.MethodPost, d.url+"/local/dead-letters/"+verb, map[string][]string{"ids": ids}, &done)
	return done.Count, err
}

// ask calls the local run.
func ask(ctx context.Context, method, url string, in, out any) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	raw, err := json.Marshal(in)
	if err != nil {
		return fmt.Errorf("encoding a request: %w", err)
	}
	req, err := http.NewRequestWithContext(ctx, method, url, bytes.NewReader(raw))
	if err != nil {
		return fmt.Errorf("making a request: %w", err)
	}
	req.Header.Set("Content-Type", "application/json")
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return fmt.Errorf("the local run doesn't answer: %w", err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(io.LimitReader(res.Body, 16<<20))
	if err != nil {
		return fmt.Errorf("reading the local run's answer: %w", err)
	}
	if res.StatusCode != http.StatusOK {
		return fmt.Errorf("the local run answers %s: %s", res.Status, strings.TrimSpace(string(body)))
	}
	if out == nil {
		return nil
	}
	if err := json.Unmarshal(body, out); err != nil {
		return fmt.Errorf("the local run's answer can't be read: %w", err)
	}
	return nil
}
