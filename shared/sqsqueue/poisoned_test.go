package sqsqueue_test

import (
	"context"
	"errors"
	"log/slog"
	"net/http"
	"strconv"
	"testing"
	"time"

	"aura.example/integrations/shared/job"
	"aura.example/integrations/shared/memory"
	"aura.example/integrations/shared/queuetest"
	"aura.example/integrations/shared/sqsqueue"
)

// A poisoned job is tried so often, goes to the dead letters, and its reason is
// found there by the id that it keeps; the others of its batch aren't tried again.
func TestAPoisonedJobIsDeadWithItsReason(t *testing.T) {
	t.Parallel()
	client := newClient(t, http.DefaultClient)
	url, dead := newQueue(t, client)
	notes := memory.New(time.Now).Integrations
	jobs := queuetest.Jobs(3)
	for i := range jobs {
		jobs[i].Job.CorrelationID = strconv.Itoa(i)
	}
	const poisoned = "1"
	tries := map[string]int{}
	c := &sqsqueue.Consumer{
		Client: client, URL: url, Log: slog.New(slog.DiscardHandler), Notes: notes, Retry: func(int) time.Duration { return 0 },
		Handle: func(_ context.Context, j job.Job) error {
			tries[j.CorrelationID]++
			if j.CorrelationID == poisoned {
				return errors.New("the row holds what nobody can read")
			}
			return nil
		},
	}
	q := sqsqueue.New(client, url)
	if err := q.Send(t.Context(), jobs...); err != nil {
		t.Fatal(err)
	}
	letters := &sqsqueue.DeadLetters{Client: client, URL: dead, Queue: q}
	var found []sqsqueue.DeadLetter
	for range 4 * job.MaxReceives {
		if _, err := c.Once(t.Context(), 1); err != nil {
			t.Fatal(err)
		}
		var err error
		if found, err = letters.List(t.Context(), 10, 0); err != nil {
			t.Fatal(err)
		}
		if len(found) > 0 {
			break
		}
	}
	if len(found) != 1 || found[0].Job.CorrelationID != poisoned {
		t.Fatalf("the dead letters are %+v", found)
	}
	why, err := notes.Failure(t.Context(), found[0].ID)
	if err != nil || why.Reason != "the row holds what nobody can read" || why.Message != found[0].ID {
		t.Errorf("its reason is %+v, %v", why, err)
	}
	if tries[poisoned] != job.MaxReceives || tries[jobs[0].Job.CorrelationID] != 1 || tries[jobs[2].Job.CorrelationID] != 1 {
		t.Errorf("tries: %v", tries)
	}
}
