package calsync_test

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/dispatch"
	"aura.example/integrations/shared/dynamo"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
	"aura.example/integrations/shared/job"
)

// cost works a job off and gives what it consumed, by AWS's published rules
// (dynamo.Recorder), and how often the provider was called. The credential's
// read isn't in it: these worlds have none.
func (w *world) cost(j job.Job) (integration.Units, int) {
	w.t.Helper()
	calls := w.reads()
	ctx, units := dynamo.Record(context.Background())
	w.must(w.metered().Handle(ctx, j))
	return units.Total(), w.reads() - calls
}

// What pull may cost.
func TestCostsOfAPullAreWithinTheirBounds(t *testing.T) {
	t.Parallel()
	want := func(what string, got integration.Units, calls int, write, read float64, wantCalls int) {
		t.Helper()
		if got.Write != write || got.Read > read || calls != wantCalls {
			t.Errorf("%s: %v write units, %v read units, %d calls; want %v, at most %v, %d", what, got.Write, got.Read, calls, write, read, wantCalls)
		}
	}
	const outbox = 1 // read strongly: an edit of the last moment is not missed
	const aside = 1  // a run that stored something looks into the quarantine

	w := connectedInDynamoDB(t, "a", "b", "c")
	u, calls := w.cost(w.edit())
	want("a quiet sync", u, calls, 2, outbox, 1)

	again := w.edit()
	again.Due = w.rec().LastStarted.Add(-time.Hour)
	u, calls = w.cost(again)
	want("a job that is covered", u, calls, 1, 0, 0)

	const n = 10
	for i := range n {
		w.remote.put(fmt.Sprintf("id-new%d", i), "new")
	}
	w.clock.Advance(time.Minute)
	u, _ = w.cost(w.edit())
	// A new event is looked for under both ids that it may have: half a unit each.
	want("ten new events, and the run that is kept", u, 1, 2+1+decisions(n)+2*n, outbox+aside+1*n, 1)

	for i := range n {
		w.remote.put(fmt.Sprintf("id-new%d", i), "renamed")
	}
	w.clock.Advance(time.Minute)
	u, _ = w.cost(w.edit())
	want("ten changed events", u, 1, 2+1+decisions(n)+2*n, outbox+aside+0.5*n, 1)

	for i := range n {
		c := content("renamed")
		c.Start.At, c.End.At = c.Start.At.Add(48*time.Hour), c.End.At.Add(48*time.Hour)
		w.remote.change(calendar.Remote{ProviderID: fmt.Sprintf("id-new%d", i), Content: c})
	}
	w.clock.Advance(time.Minute)
	u, _ = w.cost(w.edit())
	want("ten events moved in time", u, 1, 2+1+decisions(n)+3*n, outbox+aside+0.5*n, 1)

	w.remote.expired = true
	w.clock.Advance(time.Minute)
	u, _ = w.cost(w.edit())
	if u.Write > 2+1+decisions(1) {
		t.Errorf("a full resync of unchanged events wrote %v units", u.Write)
	}

	ten, twenty := firstSync(t, n), firstSync(t, 2*n)
	if d := twenty.Write - ten.Write; d != 2*n || twenty.Read != ten.Read {
		t.Errorf("%d more events in a first sync cost %v write and %v read units more, want %d and 0", n, d, twenty.Read-ten.Read, 2*n)
	}
}

// firstSync gives what connecting a calendar of so many events costs.
func firstSync(t *testing.T, events int) integration.Units {
	t.Helper()
	w := newWorldIn(t, inDynamoDB)
	for i := range events {
		w.remote.put(fmt.Sprintf("id-%d", i), fmt.Sprintf("event %d", i))
	}
	u, _ := w.cost(w.job(integration.TriggerConnected))
	if got := len(w.rows()); got != events {
		t.Fatalf("%d rows of %d", got, events)
	}
	return u
}

// decisions is what a run's decisions cost: one item of so many lines.
func decisions(n int) float64 { return float64((n*160 + 1023) / 1024) }

// metered is the world's worker with a recorder on its client.
func (w *world) metered() interface {
	Handle(ctx context.Context, j job.Job) error
} {
	w.t.Helper()
	if w.recorded == nil {
		db := w.db.recorded(http.DefaultClient)
		c := *w.worker
		c.Leases, c.Store, c.Checkpoints, c.Lists, c.Journal = db.Integrations, db.Integrations, db.Integrations, db.Integrations, db.Integrations
		c.Events, c.Edits, c.Quarantines = db.Events, db.Events, db.Events
		w.recorded = &c
	}
	return w.recorded
}

func TestSyncNowReadsNothing(t *testing.T) {
	t.Parallel()
	w := connectedInDynamoDB(t, "a")
	db := w.db.recorded(http.DefaultClient)
	now := &dispatch.SyncNow{Leases: db.Integrations, Queue: w.queue, Now: w.clock.Now, NewID: w.worker.NewID, Log: w.worker.Log}
	for _, c := range []struct {
		what, code string
		key        integration.Key
		write      float64
	}{
		{"the first", "", key, 1},
		{"a second while one runs", "sync_in_progress", key, 1},
		{"one of nothing", "not_found", integration.Key{Account: "nobody", Provider: key.Provider}, 1},
	} {
		ctx, units := dynamo.Record(t.Context())
		_, err := now.Start(ctx, c.key, false, "")
		if got := fault.CodeOf(err); got != c.code {
			t.Errorf("%s: %v, want %q", c.what, err, c.code)
		}
		if got, want := units.Total(), (integration.Units{Write: c.write}); got != want {
			t.Errorf("%s costs %+v, want %+v", c.what, got, want)
		}
	}
	sent := w.queue.take()
	if len(sent) != 1 || sent[0].Job.Generation != w.gen {
		t.Fatalf("sent %+v, want one job of generation %s", sent, w.gen)
	}
	w.queue.fail = errors.New("down") // what can't be sent is given back, of whichever generation it was
	w.must(w.worker.Handle(t.Context(), sent[0].Job))
	if _, err := now.Start(t.Context(), key, false, ""); fault.CodeOf(err) != "queue_unavailable" {
		t.Errorf("unsent: %v", err)
	}
	if l := w.rec().Lease; l != nil {
		t.Errorf("an unsent run's lease was left: %+v", l)
	}
}
