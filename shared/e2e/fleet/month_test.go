package fleet_test

import (
	"context"
	"fmt"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/dynamo"
	"aura.example/integrations/shared/integration"
)

// What an integration takes in a month of 30 days in which nothing changes,
// polled at each interval or with a live push channel, for 1 to 1,000,000 of
// them. Two things are measured on DynamoDB Local: a minute of the dispatcher
// that finds nothing, and a poll that finds nothing. The rest is multiplication,
// and is printed in what is counted: units, requests, invocations. What these
// cost is AWS's to say.
func TestAnIntegrationMonth(t *testing.T) {
	t.Parallel()
	const n, watched = 6, 10 // integrations, and minutes that are looked at
	client, names := tables(t)
	var clock atomic.Int64
	now := func() time.Time { return time.UnixMilli(clock.Load()).UTC() }
	clock.Store(time.Date(2031, 5, 5, 12, 0, 10, 0, time.UTC).UnixMilli())
	db := dynamo.New(client, names, now)
	f := newFleet(t, stores{db.Integrations, db.Events}, now, func(context.Context, time.Duration) error { return nil })
	f.worker.Access = func(k integration.Key, generation string) calendar.Access {
		return func(ctx context.Context, _ string) (string, error) { // a read of the price that a credential's has
			_, _ = db.Credentials.Credential(ctx, k, generation)
			return k.Account, nil
		}
	}
	q := &kept{}
	f.worker.Queue, f.scheduler.Queue = q, q
	ctx, units := dynamo.Record(t.Context())
	polls := 0
	pass := func(minutes int) integration.Units {
		before := units.Total()
		for range minutes {
			clock.Add(time.Minute.Milliseconds() - 20_000)
			if _, err := f.scheduler.Tick(ctx); err != nil {
				t.Fatal(err)
			}
			clock.Add(20_000)
			for _, m := range q.take() {
				polls++
				if err := f.worker.Handle(ctx, m.Job); err != nil {
					t.Fatal(err)
				}
			}
		}
		after := units.Total()
		return integration.Units{Read: after.Read - before.Read, Write: after.Write - before.Write}
	}
	pass(1) // the watermarks are there
	idle := pass(watched)
	f.authorize(0, n, 5*time.Minute)
	pass(6) // verified, first sync
	polls = 0
	whole := pass(watched)
	if polls != n*watched/5 {
		t.Fatalf("%d polls of %d", polls, n*watched/5)
	}
	poll := integration.Units{Read: (whole.Read - idle.Read) / float64(polls), Write: (whole.Write - idle.Write) / float64(polls)}
	// A poll is a quiet sync, and its share of the minute that found it due.
	if poll.Read < 1.5 || poll.Read > 2.5 || poll.Write < 2 || poll.Write > 3 {
		t.Errorf("a poll takes %.3f read and %.3f write units, a quiet sync 1.5 and 2", poll.Read, poll.Write)
	}
	tick := integration.Units{Read: idle.Read / watched, Write: idle.Write / watched}
	t.Logf("the dispatcher's minute that finds nothing: %.2f read and %.2f write units; a poll that finds nothing, being found due included: %.3f and %.3f, one request to the provider", tick.Read, tick.Write, poll.Read, poll.Write)

	const minutes = 30 * 24 * 60
	var b strings.Builder
	fmt.Fprintf(&b, "\n%-22s %9s %14s %14s %14s %14s\n", "an integration-month", "of", "read units", "write units", "provider calls", "invocations")
	for _, c := range []struct {
		name  string
		every time.Duration
	}{{"polled each minute", time.Minute}, {"polled each 5 minutes", 5 * time.Minute}, {"polled each 15 minutes", 15 * time.Minute}, {"polled each hour", time.Hour}, {"with a live channel", integration.SafetyInterval}} {
		runs := float64(minutes) / c.every.Minutes()
		calls := runs
		if c.every == integration.SafetyInterval && strings.Contains(c.name, "channel") {
			calls += 2 * 30 / 6 // opened anew a day before a week is over, and the old one stopped: TestR14WithChannels counts them
		}
		for _, of := range []float64{1, 1000, 1_000_000} {
			fmt.Fprintf(&b, "%-22s %9.0f %14.0f %14.0f %14.0f %14.0f\n", c.name, of,
				runs*poll.Read+minutes*tick.Read/of, runs*poll.Write+minutes*tick.Write/of, calls, runs+minutes/of)
		}
	}
	t.Log(b.String())
}
