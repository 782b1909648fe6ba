package local

import (
	"bytes"
	"context"
	"errors"
	"log/slog"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/job"
)

type taking struct{ err error }

func (q taking) Send(context.Context, ...job.Message) error { return q.err }

// The log says what was dispatched and why, and nothing of what wasn't.
func TestTheLogSaysWhatWasDispatched(t *testing.T) {
	t.Parallel()
	var out bytes.Buffer
	log := slog.New(slog.NewTextHandler(&out, nil))
	jobs := []job.Message{
		{Job: job.Job{Kind: job.Sync, Account: "acme", Provider: "p", Due: time.Date(2031, 5, 5, 12, 1, 0, 0, time.UTC)}, Delay: 8 * time.Second},
		{Job: job.Job{Kind: job.WindDown, Account: "gone", Provider: "p"}},
	}
	if err := (announced{taking{errors.New("full")}, log}).Send(t.Context(), jobs...); err == nil || out.Len() > 0 {
		t.Errorf("what wasn't sent is told: %v, %s", err, &out)
	}
	if err := (announced{taking{}, log}).Send(t.Context(), jobs...); err != nil {
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
