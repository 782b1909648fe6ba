package calsync_test

import (
	"context"
	"fmt"
	"strings"
	"testing"
	"time"

	"aura.example/integrations/shared/calendar"
	"aura.example/integrations/shared/calsync"
	"aura.example/integrations/shared/fault"
	"aura.example/integrations/shared/integration"
)

// Advice to wait may be longer than the lease, and the run keeps its lease all
// the same: nobody takes it for vanished.
func TestALongWaitKeepsTheLease(t *testing.T) {
	t.Parallel()
	w := connected(t, "a")
	w.remote.put("id-b", "b")
	calls := 0
	w.remote.before = func(int, calendar.Query) error {
		if calls++; calls > 1 {
			return nil
		}
		f := fault.New(fault.Transient, "rate_limited", "")
		f.RetryAfter = time.Minute
		return f
	}
	naps, longest := 0, time.Duration(0)
	w.worker.Sleep = func(ctx context.Context, d time.Duration) error {
		if l := w.rec().Lease; l != nil && l.State == integration.RunRunning {
			naps++
			longest = max(longest, d)
			w.clock.Advance(d)
			if l.Expired(w.clock.Now()) {
				t.Error("the lease passed while the run waited")
			}
			return ctx.Err()
		}
		return w.clock.Sleep(ctx, d)
	}
	w.sync()
	if got := w.titles(); len(got) != 2 || naps < 6 || longest > integration.LeaseFor/2 {
		t.Errorf("stored %v after %d naps of at most %s", got, naps, longest)
	}
	if r := w.run(w.rec().LastRun.ID); r.Retries != 1 {
		t.Errorf("%d retries are reported, want 1", r.Retries)
	}
}

// Minutes are not waited out inside a run, and nothing beyond its deadline: the
// run fails with the advice, and the integration rests until then.
func TestAdviceBeyondTheRunsBudgetBecomesTheRecords(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		advice, budget time.Duration
	}{
		"ten minutes":             {10 * time.Minute, time.Hour},
		"longer than the run has": {40 * time.Second, 50 * time.Second},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			w := connected(t, "a")
			w.remote.before = func(int, calendar.Query) error {
				f := fault.New(fault.Transient, "rate_limited", "")
				f.RetryAfter = c.advice
				return f
			}
			calls := w.reads()
			j := w.edit()
			w.late()
			w.must(w.worker.Handle(future{context.Background(), w.clock.Now().Add(c.budget)}, j))
			rec := w.rec()
			if w.reads()-calls != 1 || !rec.RetryNotBefore.Equal(w.clock.Now().Add(c.advice)) || rec.Lease != nil {
				t.Errorf("%d calls, not before %s, lease %v", w.reads()-calls, rec.RetryNotBefore, rec.Lease)
			}
			j.Due = w.clock.Now()
			w.late()
			w.must(w.worker.Handle(context.Background(), j))
			if w.reads()-calls != 1 {
				t.Error("a job before that moment made a call")
			}
		})
	}
}

// However long the decisions' texts are, no item of them outgrows its bound.
func TestDecisionsAreStoredInBoundedChunks(t *testing.T) {
	t.Parallel()
	w := connectedInDynamoDB(t, "a")
	const n = 120
	for i := range n {
		w.remote.put(fmt.Sprintf("id-%d", i), fmt.Sprintf("%d %s", i, strings.Repeat("long ", 1000)))
	}
	p := w.process(1)
	largest := 0
	p.before = func(op, body string) {
		if op == "PutItem" && strings.Contains(body, "N#") {
			largest = max(largest, len(body))
		}
	}
	w.must(p.handle(w, w.edit()))
	got, err := w.db.Integrations.Decisions(t.Context(), key, w.rec().LastRun.ID)
	w.must(err)
	if len(got) != n || largest == 0 || largest > 110<<10 {
		t.Errorf("%d decisions in requests of up to %d bytes, want %d in at most 110 KB", len(got), largest, n)
	}
}

// What is linked is counted alike by a first sync, an incremental one and a full
// one: removed occurrences have rows, what was set aside has none.
func TestEveryModeCountsWhatIsLinkedAlike(t *testing.T) {
	t.Parallel()
	fill := func(w *world) {
		master := calendar.Remote{ProviderID: "m", Content: content("series")}
		master.Recurrence = []string{"RRULE:FREQ=DAILY"}
		w.remote.change(master)
		w.remote.change(calendar.Remote{ProviderID: "m_1", MasterID: "m", OriginalStart: content("").Start, Deleted: true})
		noTime := content("no time")
		noTime.Start, noTime.End = calendar.Time{}, calendar.Time{}
		w.remote.change(calendar.Remote{ProviderID: "no-time", Content: noTime})
		w.remote.put("id-x", "x")
	}
	first := newWorld(t)
	fill(first)
	first.sync()
	incremental := connected(t)
	fill(incremental)
	incremental.sync()
	want := len(first.rows())
	if want != 3 || first.rec().LinkedCount != want || incremental.rec().LinkedCount != want {
		t.Errorf("%d rows; first counts %d, incremental %d", want, first.rec().LinkedCount, incremental.rec().LinkedCount)
	}
	incremental.remote.expired = true
	incremental.clock.Advance(time.Minute)
	incremental.sync()
	if got := incremental.rec().LinkedCount; got != want {
		t.Errorf("a full resync counts %d, want %d", got, want)
	}
}

// A run of many processes reports what all of them did.
func TestARunThatHandsItselfOnReportsTheWhole(t *testing.T) {
	t.Parallel()
	w := connectedInDynamoDB(t, "a")
	for i := range 3 {
		w.remote.put(fmt.Sprintf("id-%d", i), fmt.Sprintf("event %d", i))
	}
	w.remote.size = 1
	w.worker.Meter = func(ctx context.Context) (context.Context, func() calsync.Usage) {
		from := w.reads()
		return ctx, func() calsync.Usage { return calsync.Usage{ProviderCalls: w.reads() - from} }
	}
	calls := w.reads()
	j := w.edit()
	w.late()
	for hands := 1; ; hands++ {
		budget := 10 * time.Minute
		if hands == 1 {
			budget = time.Second // after its first page
		}
		w.must(w.worker.Handle(future{context.Background(), w.clock.Now().Add(budget)}, j))
		if hands == 2 {
			break
		}
		so := w.run(w.rec().Lease.RunID)
		if so.State != integration.RunSuperseded || so.Pulled.Created != 1 || so.Chunks != 1 {
			t.Errorf("handed on, it is reported as %+v", so)
		}
		j = w.queue.take()[0].Job
	}
	w.wantIdle()
	r := w.run(w.rec().LastRun.ID)
	if r.State != integration.RunSucceeded || r.Pulled.Created != 3 || r.ProviderCalls != w.reads()-calls || r.Progress.Events != 3 || r.Pulled.Unchanged != 1 {
		t.Errorf("the run reports %+v after %d calls", r, w.reads()-calls)
	}
	if got, err := w.db.Integrations.Decisions(t.Context(), key, r.ID); err != nil || len(got) != 3 || r.Chunks != 2 {
		t.Errorf("%d decisions in %d chunks, %v; want all three", len(got), r.Chunks, err)
	}
	if w.rec().LastRun.Created != 3 {
		t.Errorf("last run %+v", w.rec().LastRun)
	}
}
